#pragma once

#include <string>
#include <string_view>

namespace tenon {

// The text with control characters as \xNN. Names come from inputs: a control character in one must
// neither break the line of a message nor reach a terminal.
std::string printable(std::string_view text);

}  // namespace tenon
