#include "base/decimal.h"

#include <charconv>
#include <cmath>
#include <string_view>

namespace tenon {
namespace {

template <typename Float>
std::string text_of(Float value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char buffer[64];
  auto [end, error] =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  std::string_view text(buffer, static_cast<size_t>(end - buffer));
  size_t e = text.find('e');
  int exponent = 0;
  std::string_view exponent_text = text.substr(e + 1);
  if (exponent_text.starts_with('+')) exponent_text.remove_prefix(1);
  std::from_chars(exponent_text.data(), exponent_text.data() + exponent_text.size(), exponent);
  std::string digits;
  for (char c : text.substr(0, e)) {
    if (c >= '0' && c <= '9') digits += c;
  }
  int count = static_cast<int>(digits.size());
  if (exponent < 0) {
    digits.insert(0, "0." + std::string(static_cast<size_t>(-exponent - 1), '0'));
  } else if (exponent + 1 < count) {
    digits.insert(static_cast<size_t>(exponent) + 1, 1, '.');
  } else {
    digits.append(static_cast<size_t>(exponent + 1 - count), '0');
  }
  return text.starts_with('-') ? "-" + digits : digits;
}

}  // namespace

std::string decimal_text(float value) {
  return text_of(value);
}

std::string decimal_text(double value) {
  return text_of(value);
}

}  // namespace tenon
