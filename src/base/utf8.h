#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// UTF-8 as the Unicode standard defines it: no surrogates, no overlong forms, nothing above
// U+10FFFF.
namespace tenon {

// The number of leading bytes that are well-formed.
size_t utf8_valid_prefix(std::string_view text);
inline bool is_utf8(std::string_view text) {
  return utf8_valid_prefix(text) == text.size();
}

// Decodes the scalar value at `position`, which must lie within well-formed text, and moves behind
// it.
char32_t utf8_next(std::string_view text, size_t& position);

// `scalar` must be a Unicode scalar value.
void utf8_append(std::string& text, char32_t scalar);

inline bool is_unicode_scalar(uint32_t value) {
  return value < 0xd800 || (value > 0xdfff && value < 0x110000);
}

}  // namespace tenon
