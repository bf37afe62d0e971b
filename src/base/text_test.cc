#include "base/text.h"

#include "tenon/error.h"

#include <doctest/doctest.h>

TEST_CASE("control characters become visible, other text stays") {
  CHECK(tenon::printable("caf\xc3\xa9 \x1b[31m\n") == "caf\xc3\xa9 \\x1b[31m\\x0a");
}

TEST_CASE("an error is one line, whatever names are in it") {
  tenon::Error error(tenon::ErrorCode::link, "no export named `a\nb`");
  CHECK(error.to_string() == "no export named `a\\x0ab`");
}
