#include "base/text.h"

#include <fmt/format.h>

#include <cstdint>

#include "base/utf8.h"

namespace tenon {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};
// What shows nothing by itself, changes the direction of its surroundings, or ends a line.
constexpr Range hidden[] = {
    {0x80, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},   {0x180e, 0x180e}, {0x200b, 0x200f},
    {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff},
};

bool is_hidden(char32_t scalar) {
  for (Range range : hidden) {
    if (scalar >= range.first && scalar <= range.last) return true;
  }
  return false;
}

// `text` is well-formed.
void append_visible(std::string& result, std::string_view text) {
  for (size_t position = 0; position < text.size();) {
    size_t start = position;
    char32_t scalar = utf8_next(text, position);
    if (scalar < 0x20 || scalar == 0x7f) {
      result += fmt::format("\\x{:02x}", static_cast<uint32_t>(scalar));
    } else if (is_hidden(scalar)) {
      result += fmt::format("\\u{{{:x}}}", static_cast<uint32_t>(scalar));
    } else {
      result += text.substr(start, position - start);
    }
  }
}

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    size_t valid = utf8_valid_prefix(text);
    append_visible(result, text.substr(0, valid));
    text.remove_prefix(valid);
    if (text.empty()) break;
    result += fmt::format("\\x{:02x}", static_cast<uint8_t>(text[0]));
    text.remove_prefix(1);
  }
  return result;
}

}  // namespace tenon
