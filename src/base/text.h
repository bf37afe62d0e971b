#pragma once

#include <string>
#include <string_view>

namespace tenon {

// The text with control characters, and what is no UTF-8, as \xNN, and what is invisible or turns
// the direction of text as \u{N}. Names come from inputs: one must neither break the line of a
// message, nor reach a terminal as a command, nor make the rest of a line read as something else.
std::string printable(std::string_view text);

}  // namespace tenon
