#include "cli/core_values.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "base/result.h"

namespace tenon::cli {
namespace {

template <typename T>
Result<CoreValue> parse_integer(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  bool hexadecimal = digits.starts_with("0x");
  if (hexadecimal) digits.remove_prefix(2);
  T value = 0;
  auto [end, status] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, hexadecimal ? 16 : 10);
  bool signed_hexadecimal = hexadecimal && digits.starts_with('-');
  if (status != std::errc{} || end != digits.data() + digits.size() || signed_hexadecimal) {
    return fail(ErrorCode::usage,
                fmt::format("`{}` is not a signed {}-bit integer", text, sizeof(T) * 8));
  }
  return CoreValue(value);
}

template <typename T>
Result<CoreValue> parse_float(std::string_view text) {
  T value = 0;
  auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size()) {
    return fail(ErrorCode::usage, fmt::format("`{}` is not a number", text));
  }
  return CoreValue(value);
}

Result<CoreValue> parse_value(std::string_view type, std::string_view text) {
  if (type == "i32") return parse_integer<int32_t>(text);
  if (type == "i64") return parse_integer<int64_t>(text);
  if (type == "f32") return parse_float<float>(text);
  if (type == "f64") return parse_float<double>(text);
  return fail(ErrorCode::unsupported,
              fmt::format("a {} cannot be given on the command line", type));
}

template <typename T>
std::string float_text(T value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char buffer[512];
  auto [end, status] =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed);
  (void)status;
  return std::string(buffer, end);
}

// All of 128 bits in decimal.
std::string decimal(const V128& value) {
  auto number = static_cast<unsigned __int128>(value.high) << 64 | value.low;
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(number % 10)));
    number /= 10;
  } while (number != 0);
  return digits;
}

struct ToText {
  std::string operator()(int32_t value) const { return std::to_string(value); }
  std::string operator()(int64_t value) const { return std::to_string(value); }
  std::string operator()(float value) const { return float_text(value); }
  std::string operator()(double value) const { return float_text(value); }
  std::string operator()(const V128& value) const { return decimal(value); }
  std::string operator()(const Reference& value) const {
    return (value.bits == 0 ? "<null " : "<") + value.type_name + ">";
  }
};

}  // namespace

Result<std::vector<CoreValue>> parse_core_values(std::span<const std::string> params,
                                                 std::span<const std::string> arguments) {
  if (arguments.size() < params.size()) {
    return fail(ErrorCode::usage, fmt::format("the function takes {} arguments, {} given",
                                              params.size(), arguments.size()));
  }
  std::vector<CoreValue> values;
  for (size_t i = 0; i < params.size(); ++i) {
    auto value = parse_value(params[i], arguments[i]);
    if (!value)
      return std::unexpected(std::move(value).error().in(fmt::format("argument {}", i + 1)));
    values.push_back(std::move(*value));
  }
  return values;
}

std::string to_text(const CoreValue& value) {
  return std::visit(ToText(), value);
}

}  // namespace tenon::cli
