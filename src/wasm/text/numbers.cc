#include "wasm/text/numbers.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <optional>
#include <string>

namespace tenon::wasm::text {

namespace {

constexpr uint32_t no_digit = 16;
// Exponents beyond this change nothing any more: no literal has as many digits.
constexpr int64_t huge_exponent = int64_t{1} << 40;

uint32_t digit_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<uint32_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<uint32_t>(c - 'A' + 10);
  return no_digit;
}

// Takes a sign off; whether it was a minus.
struct Signed {
  bool has_sign = false;
  bool is_negative = false;
  std::string_view magnitude;
};
Signed split_sign(std::string_view text) {
  Signed parts{false, false, text};
  if (text.starts_with('+') || text.starts_with('-')) {
    parts.has_sign = true;
    parts.is_negative = text[0] == '-';
    parts.magnitude.remove_prefix(1);
  }
  return parts;
}

// wasm: text-num, text-hexnum. The length of the digits that `text` starts with, with single
// underscores between them.
size_t digits_length(std::string_view text, uint32_t base) {
  size_t length = 0;
  while (length < text.size()) {
    size_t at = length;
    if (text[at] == '_' && length > 0) ++at;
    if (at == text.size() || digit_value(text[at]) >= base) break;
    length = at + 1;
  }
  return length;
}

// A magnitude cut into its parts.
struct Literal {
  enum class Kind : uint8_t { integer, finite, infinity, nan, payload };
  Kind kind = Kind::integer;
  bool is_hex = false;
  std::string_view whole;
  std::string_view fraction;
  std::string_view exponent;  // with its sign
};

std::optional<Literal> split(std::string_view text) {
  Literal literal;
  if (text == "inf" || text == "nan") {
    literal.kind = text == "inf" ? Literal::Kind::infinity : Literal::Kind::nan;
    return literal;
  }
  bool is_payload = text.starts_with("nan:0x");
  if (is_payload) {
    literal.kind = Literal::Kind::payload;
    text.remove_prefix(4);
  }
  literal.is_hex = text.starts_with("0x");
  if (literal.is_hex) text.remove_prefix(2);
  uint32_t base = literal.is_hex ? 16 : 10;
  auto digits = [&](uint32_t digit_base) {
    std::string_view found = text.substr(0, digits_length(text, digit_base));
    text.remove_prefix(found.size());
    return found;
  };
  literal.whole = digits(base);
  if (literal.whole.empty()) return std::nullopt;
  if (is_payload) return text.empty() ? std::optional(literal) : std::nullopt;
  if (text.starts_with('.')) {
    literal.kind = Literal::Kind::finite;
    text.remove_prefix(1);
    literal.fraction = digits(base);
  }
  char mark = literal.is_hex ? 'p' : 'e';
  if (!text.empty() && (text[0] | 0x20) == mark) {
    literal.kind = Literal::Kind::finite;
    text.remove_prefix(1);
    size_t sign = text.starts_with('+') || text.starts_with('-') ? 1 : 0;
    size_t length = digits_length(text.substr(sign), 10);
    if (length == 0) return std::nullopt;
    literal.exponent = text.substr(0, sign + length);
    text.remove_prefix(sign + length);
  }
  return text.empty() ? std::optional(literal) : std::nullopt;
}

// The value of digits, unless it is 2^64 or more.
std::optional<uint64_t> value_of(std::string_view digits, uint32_t base) {
  uint64_t value = 0;
  for (char c : digits) {
    if (c == '_') continue;
    if (__builtin_mul_overflow(value, uint64_t{base}, &value) ||
        __builtin_add_overflow(value, uint64_t{digit_value(c)}, &value))
      return std::nullopt;
  }
  return value;
}

int64_t exponent_value(std::string_view text) {
  Signed parts = split_sign(text);
  int64_t value = 0;
  for (char c : parts.magnitude) {
    if (c != '_') value = std::min(value * 10 + digit_value(c), huge_exponent);
  }
  return parts.is_negative ? -value : value;
}

// mantissa * 2^exponent, where `sticky` says that the mantissa goes on below its last bit; rounded
// to nearest, ties to even. Out of range when that is infinity.
Number<uint64_t> round(uint64_t mantissa, bool sticky, int64_t exponent, FloatFormat format) {
  if (mantissa == 0) return 0;
  int shift = std::countl_zero(mantissa);
  mantissa <<= shift;
  exponent += 63 - shift;  // of the first bit, which is now bit 63
  if (exponent > format.bias()) return std::unexpected(NumberFault::out_of_range);
  // Bits that are kept: fewer for subnormal numbers.
  int64_t least = 1 - format.bias();
  int64_t kept = format.fraction_bits + 1 - std::max<int64_t>(least - exponent, 0);
  if (kept < 0) return 0;
  uint64_t fraction = kept == 0 ? 0 : mantissa >> (64 - kept);
  uint64_t rest = kept == 0 ? mantissa : mantissa << kept;
  constexpr uint64_t half = uint64_t{1} << 63;
  bool is_above = rest > half || (rest == half && sticky);
  if (is_above || (rest == half && (fraction & 1) != 0)) ++fraction;
  // A carry moves on into the exponent by itself.
  uint64_t bits = exponent < least ? fraction
                                   : fraction + (static_cast<uint64_t>(exponent - least)
                                                 << format.fraction_bits);
  if (bits >= format.infinity()) return std::unexpected(NumberFault::out_of_range);
  return bits;
}

Number<uint64_t> hex_float(const Literal& literal, FloatFormat format) {
  uint64_t mantissa = 0;
  int64_t exponent = exponent_value(literal.exponent);
  bool sticky = false;
  auto add = [&](std::string_view digits, bool is_fraction) {
    for (char c : digits) {
      if (c == '_') continue;
      if (mantissa >> 60 == 0) {
        mantissa = mantissa << 4 | digit_value(c);
        if (is_fraction) exponent -= 4;
      } else {
        sticky = sticky || c != '0';
        if (!is_fraction) exponent += 4;
      }
    }
  };
  add(literal.whole, false);
  add(literal.fraction, true);
  return round(mantissa, sticky, exponent, format);
}

// The decimal exponent of the first digit that is not zero: d.ddd * 10^result.
int64_t magnitude(const Literal& literal) {
  int64_t place = -1;
  bool found = false;
  for (char c : literal.whole) {
    if (c == '_') continue;
    found = found || c != '0';
    if (found) ++place;
  }
  for (char c : found ? std::string_view() : literal.fraction) {
    if (c == '_') continue;
    if (c != '0') break;
    --place;
  }
  return place + exponent_value(literal.exponent);
}

template <typename Float, typename Bits>
Number<uint64_t> decimal_float(const Literal& literal) {
  std::string text;
  auto add = [&](std::string_view digits) {
    for (char c : digits) {
      if (c != '_') text += c;
    }
  };
  add(literal.whole);
  if (!literal.fraction.empty()) {
    text += '.';
    add(literal.fraction);
  }
  if (!literal.exponent.empty()) {
    text += 'e';
    add(literal.exponent.starts_with('+') ? literal.exponent.substr(1) : literal.exponent);
  }
  Float value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) {
    if (magnitude(literal) > 0) return std::unexpected(NumberFault::out_of_range);
    return 0;
  }
  if (error != std::errc()) return std::unexpected(NumberFault::not_a_number);
  auto bits = std::bit_cast<Bits>(value);
  constexpr FloatFormat format = sizeof(Float) == 4 ? f32_format : f64_format;
  if (bits >= format.infinity()) return std::unexpected(NumberFault::out_of_range);
  return bits;
}

template <typename Float, typename Bits>
Number<uint64_t> magnitude_bits(const Literal& literal, FloatFormat format) {
  switch (literal.kind) {
    case Literal::Kind::infinity: return format.infinity();
    case Literal::Kind::nan: return format.infinity() | format.quiet_bit();
    case Literal::Kind::payload: {
      auto payload = value_of(literal.whole, 16);
      if (!payload || *payload == 0 || *payload > format.fraction_mask())
        return std::unexpected(NumberFault::out_of_range);
      return format.infinity() | *payload;
    }
    default:
      if (literal.is_hex) return hex_float(literal, format);
      return decimal_float<Float, Bits>(literal);
  }
}

template <typename Float, typename Bits>
Number<Bits> parse_float(std::string_view text, FloatFormat format) {
  Signed parts = split_sign(text);
  auto literal = split(parts.magnitude);
  if (!literal) return std::unexpected(NumberFault::not_a_number);
  auto bits = magnitude_bits<Float, Bits>(*literal, format);
  if (!bits) return std::unexpected(bits.error());
  return static_cast<Bits>(*bits | uint64_t{parts.is_negative} << format.sign_shift());
}

// The digits of an integer literal.
Number<uint64_t> integer_magnitude(std::string_view text) {
  // The common case: few decimal digits.
  if (!text.empty() && text.size() < 10) {
    uint64_t value = 0;
    size_t i = 0;
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i)
      value = value * 10 + static_cast<uint64_t>(text[i] - '0');
    if (i == text.size()) return value;
  }
  auto literal = split(text);
  if (!literal) return std::unexpected(NumberFault::not_a_number);
  if (literal->kind != Literal::Kind::integer) return std::unexpected(NumberFault::wrong_kind);
  auto value = value_of(literal->whole, literal->is_hex ? 16 : 10);
  if (!value) return std::unexpected(NumberFault::out_of_range);
  return *value;
}

constexpr uint64_t largest(int bits) {
  return ~uint64_t{0} >> (64 - bits);
}

}  // namespace

Number<uint64_t> parse_unsigned(std::string_view text, int bits) {
  Signed parts = split_sign(text);
  auto value = integer_magnitude(parts.magnitude);
  if (!value) return value;
  if (parts.has_sign) return std::unexpected(NumberFault::wrong_kind);
  if (*value > largest(bits)) return std::unexpected(NumberFault::out_of_range);
  return value;
}

Number<uint64_t> parse_integer(std::string_view text, int bits) {
  Signed parts = split_sign(text);
  auto value = integer_magnitude(parts.magnitude);
  if (!value) return value;
  uint64_t limit = parts.is_negative ? uint64_t{1} << (bits - 1) : largest(bits);
  if (*value > limit) return std::unexpected(NumberFault::out_of_range);
  return (parts.is_negative ? 0 - *value : *value) & largest(bits);
}

Number<uint32_t> parse_f32(std::string_view text) {
  return parse_float<float, uint32_t>(text, f32_format);
}
Number<uint64_t> parse_f64(std::string_view text) {
  return parse_float<double, uint64_t>(text, f64_format);
}

}  // namespace tenon::wasm::text
