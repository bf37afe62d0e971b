#include "wasm/text/print_numbers.h"

#include <fmt/format.h>

#include <bit>
#include <cstdlib>
#include <string_view>

#include "wasm/text/numbers.h"

namespace tenon::wasm::text {

namespace {

// The shortest digits that give the value back, without an exponent.
template <typename Float>
void append_decimal(std::string& out, Float value) {
  char buffer[64];
  auto [end, error] =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  std::string_view text(buffer, static_cast<size_t>(end - buffer));
  if (text.starts_with('-')) {
    out += '-';
    text.remove_prefix(1);
  }
  size_t mark = text.find('e');
  std::string digits;
  for (char c : text.substr(0, mark)) {
    if (c != '.') digits += c;
  }
  int exponent = 0;
  std::string_view written = text.substr(mark + 1);
  if (written.starts_with('+')) written.remove_prefix(1);
  std::from_chars(written.data(), written.data() + written.size(), exponent);
  if (exponent < 0) {
    out += "0.";
    out.append(static_cast<size_t>(-exponent - 1), '0');
    out += digits;
    return;
  }
  size_t whole = static_cast<size_t>(exponent) + 1;
  if (digits.size() <= whole) {
    out += digits;
    out.append(whole - digits.size(), '0');
  } else {
    out.append(digits, 0, whole);
    out += '.';
    out.append(digits, whole, std::string::npos);
  }
}

void append_hex(std::string& out, uint64_t magnitude, FloatFormat format) {
  uint64_t fraction = magnitude & format.fraction_mask();
  int exponent = static_cast<int>(magnitude >> format.fraction_bits);
  if (magnitude == 0) {
    out += "0x0p+0";
    return;
  }
  bool is_subnormal = exponent == 0;
  exponent -= format.bias();
  // The fraction in the upper bits, its first bit left out.
  fraction <<= 64 - format.fraction_bits;
  if (is_subnormal) {
    int zeros = std::countl_zero(fraction);
    exponent -= zeros;
    fraction = zeros == 63 ? 0 : fraction << (zeros + 1);
  }
  out += "0x1";
  if (fraction != 0 || is_subnormal) out += '.';
  for (; fraction != 0; fraction <<= 4) out += "0123456789abcdef"[fraction >> 60];
  out += fmt::format("p{:+}", exponent);
}

template <typename Float, typename Bits>
void append_float(std::string& out, Bits bits, FloatFormat format) {
  bool is_negative = (bits >> format.sign_shift() & 1) != 0;
  uint64_t magnitude = bits & ~(Bits{1} << format.sign_shift());
  if (is_negative) out += '-';
  if (magnitude > format.infinity()) {
    out += "nan";
    uint64_t payload = magnitude & format.fraction_mask();
    if (payload != format.quiet_bit()) out += fmt::format(":0x{:x}", payload);
    out += " (;=NaN;)";
  } else if (magnitude == format.infinity()) {
    out += is_negative ? "inf (;=-inf;)" : "inf (;=inf;)";
  } else {
    append_hex(out, magnitude, format);
    out += " (;=";
    append_decimal(out, std::bit_cast<Float>(bits));
    out += ";)";
  }
}

}  // namespace

void append_f32(std::string& out, uint32_t bits) {
  append_float<float>(out, bits, f32_format);
}
void append_f64(std::string& out, uint64_t bits) {
  append_float<double>(out, bits, f64_format);
}

}  // namespace tenon::wasm::text
