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
}

TEST_CASE("what does not fit is named") {
  CHECK(parse({"i32"}, {"4294967295"}).error().to_string() ==
        "argument 1: `4294967295` is not a signed 32-bit integer");
  for (const char* text : {"0xffffffff", "-0x1", "0x-1", "1_000", "", "x", "1.0"}) {
    CHECK_FALSE(parse({"i32"}, {text}));
  }
  CHECK(parse({"i32", "i32"}, {"1"}).error().message() ==
        "the function takes 2 arguments, 1 given");
  CHECK(parse({"externref"}, {"1"}).error().code() == ErrorCode::unsupported);
}

TEST_CASE("results as text") {
  CHECK(to_text(int32_t{-5}) == "-5");
  CHECK(to_text(3.14f) == "3.14");
  CHECK(to_text(1000.0) == "1000");
  CHECK(to_text(std::numeric_limits<double>::quiet_NaN()) == "NaN");
  CHECK(to_text(-std::numeric_limits<double>::infinity()) == "-inf");
  CHECK(to_text(V128{0, 1}) == "18446744073709551616");
  CHECK(to_text(Reference{0, "externref"}) == "<null externref>");
}
