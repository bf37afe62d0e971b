#include "base/decimal.h"

#include <doctest/doctest.h>

#include <limits>

using tenon::decimal_text;

TEST_CASE("numbers are spelled out, with the fewest digits") {
  CHECK(decimal_text(0.0) == "0");
  CHECK(decimal_text(-0.0) == "-0");
  CHECK(decimal_text(3.14f) == "3.14");
  CHECK(decimal_text(1000.0) == "1000");
  CHECK(decimal_text(1234.5) == "1234.5");
  CHECK(decimal_text(1e-7) == "0.0000001");
  CHECK(decimal_text(-2.5e-3) == "-0.0025");
  CHECK(decimal_text(1e21) == "1000000000000000000000");
  CHECK(decimal_text(std::numeric_limits<double>::quiet_NaN()) == "nan");
  CHECK(decimal_text(-std::numeric_limits<float>::infinity()) == "-inf");
}
