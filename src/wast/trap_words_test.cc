#include "wast/trap_words.h"

#include <doctest/doctest.h>

namespace tenon::wast {

TEST_CASE("a trap is expected in our words or in those of another runtime") {
  CHECK(is_expected_trap("unreachable", "unreachable"));
  CHECK(is_expected_trap("unreachable", "wasm trap: wasm `unreachable` instruction executed"));
  CHECK(is_expected_trap("integer divide by zero", "divide by zero"));
  CHECK(is_expected_trap("invalid variant discriminant", "discriminant 2 out of range [0..2)"));
  CHECK(is_expected_trap("null array reference", "null reference"));
  CHECK_FALSE(is_expected_trap("unreachable", "integer overflow"));
  CHECK_FALSE(is_expected_trap("null reference", "null array reference"));
  CHECK_FALSE(is_expected_trap("undefined element", "out of reach"));
}

}  // namespace tenon::wast
