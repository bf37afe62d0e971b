#include "cli/core_values.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/decimal.h"
#include "base/result.h"

namespace tenon::cli {
namespace {

template <typename T>
Result<CoreValue> parse_integer(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('+') && !digits.starts_with("+-")) digits.remove_prefix(1);
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

// What is too large for the type is infinite, and what is too small is zero.
template <typename T>
Result<CoreValue> parse_float(const std::string& text) {
  std::string_view digits = text;
  if (digits.starts_with('+') && !digits.starts_with("+-")) digits.remove_prefix(1);
  T value = 0;
  auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  bool out_of_range = status == std::errc::result_out_of_range;
  if ((status != std::errc{} && !out_of_range) || end != digits.data() + digits.size()) {
    return fail(ErrorCode::usage, fmt::format("`{}` is not a decimal number", text));
  }
  if (out_of_range) value = static_cast<T>(std::strtold(text.c_str(), nullptr));
  return CoreValue(value);
}

Result<CoreValue> parse_value(std::string_view type, const std::string& text) {
  if (type == "i32") return parse_integer<int32_t>(text);
  if (type == "i64") return parse_integer<int64_t>(text);
  if (type == "f32") return parse_float<float>(text);
  if (type == "f64") return parse_float<double>(text);
  return fail(ErrorCode::unsupported,
              fmt::format("a {} cannot be given on the command line", type));
}

template <typename T>
std::string float_text(T value) {
  return std::isnan(value) ? "NaN" : decimal_text(value);
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
    return fail(
        ErrorCode::usage,
        fmt::format("the function takes ({}), and {} {} given", fmt::join(params, ", "),
                    arguments.size(), arguments.size() == 1 ? "argument is" : "arguments are"));
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
