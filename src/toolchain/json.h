#pragma once

#include <string>
#include <string_view>

namespace tenon::toolchain {

// `text`, which is UTF-8, as a JSON string, in quotes.
void append_json_string(std::string& out, std::string_view text);

}  // namespace tenon::toolchain
