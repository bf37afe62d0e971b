#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

// Numeric literals of the text format, to the last bit. Pure functions of a token's text.
namespace tenon::wasm::text {

enum class NumberFault : uint8_t {
  not_a_number,  // no literal of any type
  wrong_kind,    // a literal of another type: a float where an integer is due, a sign too many
  out_of_range,
};

template <typename T>
using Number = std::expected<T, NumberFault>;

// wasm: text-uint
Number<uint64_t> parse_unsigned(std::string_view text, int bits);
// wasm: text-int. Signed or unsigned, as the low `bits` of the result; the rest is zero.
Number<uint64_t> parse_integer(std::string_view text, int bits);
// wasm: text-float. The bits of the nearest value, ties to even.
Number<uint32_t> parse_f32(std::string_view text);
Number<uint64_t> parse_f64(std::string_view text);

// The layout of an IEEE 754 binary format, as bits.
struct FloatFormat {
  int fraction_bits;
  int exponent_bits;
  constexpr int bias() const { return (1 << (exponent_bits - 1)) - 1; }
  constexpr int sign_shift() const { return fraction_bits + exponent_bits; }
  constexpr uint64_t fraction_mask() const { return (uint64_t{1} << fraction_bits) - 1; }
  constexpr uint64_t infinity() const {
    return ((uint64_t{1} << exponent_bits) - 1) << fraction_bits;
  }
  constexpr uint64_t quiet_bit() const { return uint64_t{1} << (fraction_bits - 1); }
};
constexpr FloatFormat f32_format = {23, 8};
constexpr FloatFormat f64_format = {52, 11};

}  // namespace tenon::wasm::text
