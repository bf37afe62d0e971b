#include "cli/core_values.h"

#include <doctest/doctest.h>

#include <limits>

using namespace tenon;
using tenon::cli::parse_core_values;
using tenon::cli::to_text;

static Result<std::vector<CoreValue>> parse(std::vector<std::string> params,
                                            std::vector<std::string> arguments) {
  return parse_core_values(params, arguments);
}

TEST_CASE("numbers of every type") {
  auto values = parse({"i32", "i64", "f32", "f64"}, {"-1", "0x10", "1.5", "1e3"});
  REQUIRE(values);
  CHECK(*values == std::vector<CoreValue>{int32_t{-1}, int64_t{16}, 1.5f, 1000.0});
  auto rounded = parse({"f32", "f32", "f64", "f64"}, {"1e300", "-1e-300", "-1e999", "+1.5"});
  REQUIRE(rounded);
  constexpr float infinity = std::numeric_limits<float>::infinity();
  CHECK(*rounded == std::vector<CoreValue>{infinity, -0.0f, -double{infinity}, 1.5});
}

TEST_CASE("what does not fit is named") {
  CHECK(parse({"i32"}, {"4294967295"}).error().to_string() ==
        "argument 1: `4294967295` is not a signed 32-bit integer");
  for (const char* text : {"0xffffffff", "-0x1", "0x-1", "1_000", "", "x", "1.0", "+-1", "++1"}) {
    CHECK_FALSE(parse({"i32"}, {text}));
  }
  for (const char* text : {"", "x", "0x1p3", " 1", "1 ", "+-1", "1e"}) {
    CHECK_FALSE(parse({"f64"}, {text}));
  }
  CHECK(parse({"i32", "i32"}, {"1"}).error().message() ==
        "the function takes (i32, i32), and 1 argument is given");
  CHECK(parse({"externref"}, {"1"}).error().code() == ErrorCode::unsupported);
}

TEST_CASE("results as text") {
  CHECK(to_text(int32_t{-5}) == "-5");
  CHECK(to_text(3.14f) == "3.14");
  CHECK(to_text(1000.0) == "1000");
  CHECK(to_text(1e23) == "100000000000000000000000");
  CHECK(to_text(std::numeric_limits<double>::quiet_NaN()) == "NaN");
  CHECK(to_text(-std::numeric_limits<double>::infinity()) == "-inf");
  CHECK(to_text(V128{0, 1}) == "18446744073709551616");
  CHECK(to_text(Reference{0, "externref"}) == "<null externref>");
}
