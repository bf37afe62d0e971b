#include "wasm/text/numbers.h"

#include <bit>
#include <string>

#include "wasm/text/print_numbers.h"

#include <doctest/doctest.h>

namespace tenon::wasm::text {
namespace {

uint64_t f64_bits(double value) {
  return std::bit_cast<uint64_t>(value);
}

TEST_CASE("integers have digits, underscores between them, and a range") {
  CHECK(parse_unsigned("0", 8) == 0);
  CHECK(parse_unsigned("1_000_000", 32) == 1'000'000);
  CHECK(parse_unsigned("0xFF_ff", 16) == 0xffff);
  CHECK(parse_unsigned("18446744073709551615", 64) == ~uint64_t{0});
  CHECK(parse_unsigned("256", 8).error() == NumberFault::out_of_range);
  CHECK(parse_unsigned("18446744073709551616", 64).error() == NumberFault::out_of_range);
  CHECK(parse_unsigned("+1", 8).error() == NumberFault::wrong_kind);
  CHECK(parse_unsigned("1.0", 8).error() == NumberFault::wrong_kind);
  for (const char* text : {"", "_1", "1_", "1__0", "0x", "0x_1", "1a", "0b1", "-", "0xg", "1 "})
    CHECK(parse_unsigned(text, 64).error() == NumberFault::not_a_number);
}

TEST_CASE("integers may be signed or not") {
  CHECK(parse_integer("-1", 32) == 0xffff'ffff);
  CHECK(parse_integer("4294967295", 32) == 0xffff'ffff);
  CHECK(parse_integer("-0x80000000", 32) == 0x8000'0000);
  CHECK(parse_integer("-128", 8) == 0x80);
  CHECK(parse_integer("-9223372036854775808", 64) == uint64_t{1} << 63);
  CHECK(parse_integer("-129", 8).error() == NumberFault::out_of_range);
  CHECK(parse_integer("4294967296", 32).error() == NumberFault::out_of_range);
  CHECK(parse_integer("-9223372036854775809", 64).error() == NumberFault::out_of_range);
}

TEST_CASE("decimal floats are rounded once, to nearest, ties to even") {
  CHECK(parse_f64("0.1") == f64_bits(0.1));
  CHECK(parse_f64("-1_0.2_5e-1") == f64_bits(-1.025));
  CHECK(parse_f64("1.") == f64_bits(1));
  CHECK(parse_f64("4.9406564584124654e-324") == 1);
  CHECK(parse_f64("2.4703282292062327e-324") == 0);
  CHECK(parse_f64("1e-400") == 0);
  CHECK(parse_f64("0e99999999999999999999") == 0);
  CHECK(parse_f64("1.7976931348623157e308") == f64_format.infinity() - 1);
  CHECK(parse_f64("1.7976931348623159e308").error() == NumberFault::out_of_range);
  CHECK(parse_f64("1e99999999999999999999").error() == NumberFault::out_of_range);
  // Halfway between two f32, a little above in f64: to f64 and then to f32 would be another.
  CHECK(parse_f32("1.00000005960464477540") == 0x3f80'0001);
  CHECK(parse_f32("1.000000059604644775390625") == 0x3f80'0000);
  CHECK(parse_f32("3.4028235677973367e38").error() == NumberFault::out_of_range);
  for (const char* text : {"1e", "1e+", "1.e_1", ".5", "1._5", "0x1.p", "1p1", "0x1e+"})
    CHECK(parse_f64(text).error() == NumberFault::not_a_number);
}

TEST_CASE("hexadecimal floats are exact, or rounded once") {
  CHECK(parse_f64("0x1.8p+1") == f64_bits(3));
  CHECK(parse_f64("0x10") == f64_bits(16));
  CHECK(parse_f64("0x0.0000_0000_0001p-1026") == 1);
  CHECK(parse_f64("0x1p-1075") == 0);
  CHECK(parse_f64("0x1.8p-1075") == 1);
  CHECK(parse_f64("0x1.00000000000001p-1075") == 1);
  CHECK(parse_f64("0x1.fffffffffffffp1023") == f64_format.infinity() - 1);
  CHECK(parse_f64("0x1.fffffffffffff8p1023").error() == NumberFault::out_of_range);
  CHECK(parse_f32("0x1.000001p0") == 0x3f80'0000);
  CHECK(parse_f32("0x1.000003p0") == 0x3f80'0002);
  CHECK(parse_f32("0x1.0000010000000000000000000001p0") == 0x3f80'0001);
  CHECK(parse_f32("0x1.fffffep-127") == 0x0080'0000);
  CHECK(parse_f32("-0x0p0") == 0x8000'0000);
  CHECK(parse_f64("0x" + std::string(1000, '0') + "1p-3") == f64_bits(0.125));
}

TEST_CASE("infinities and NaNs") {
  CHECK(parse_f32("inf") == 0x7f80'0000);
  CHECK(parse_f32("-nan") == 0xffc0'0000);
  CHECK(parse_f32("nan:0x1") == 0x7f80'0001);
  CHECK(parse_f64("+nan:0xf_ffff_ffff_ffff") == 0x7fff'ffff'ffff'ffff);
  CHECK(parse_f32("nan:0x80_0000").error() == NumberFault::out_of_range);
  CHECK(parse_f32("nan:0x0").error() == NumberFault::out_of_range);
  for (const char* text : {"nan:1", "nan:", "nan:0x", "nan:canonical", "infinity", "NaN"})
    CHECK(parse_f32(text).error() == NumberFault::not_a_number);
}

TEST_CASE("what is printed of a float gives the float back") {
  auto as_f64 = [](uint64_t bits) {
    std::string text;
    append_f64(text, bits);
    return text;
  };
  CHECK(as_f64(f64_bits(1.5)) == "0x1.8p+0 (;=1.5;)");
  CHECK(as_f64(f64_bits(-0.0)) == "-0x0p+0 (;=-0;)");
  CHECK(as_f64(f64_bits(1e22)) == "0x1.0f0cf064dd592p+73 (;=10000000000000000000000;)");
  CHECK(as_f64(f64_bits(0.001)) == "0x1.0624dd2f1a9fcp-10 (;=0.001;)");
  CHECK(as_f64(0x7ff8'0000'0000'0000) == "nan (;=NaN;)");
  CHECK(as_f64(0xfff0'0000'0000'0004) == "-nan:0x4 (;=NaN;)");
  uint64_t state = 1;
  for (int i = 0; i < 20'000; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    uint64_t bits = state ^ state >> 29;
    std::string text = as_f64(bits);
    CHECK(parse_f64(text.substr(0, text.find(' '))) == bits);
    text.clear();
    auto half = static_cast<uint32_t>(bits);
    append_f32(text, half);
    CHECK(parse_f32(text.substr(0, text.find(' '))) == half);
  }
}

}  // namespace
}  // namespace tenon::wasm::text
