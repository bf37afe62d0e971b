#include "toolchain/binary.h"

// Last: it takes the name CHECK over.
#include <doctest/doctest.h>

namespace tenon::toolchain {
namespace {

Bytes bytes(std::string_view text) {
  return Bytes(text.begin(), text.end());
}

constexpr wasm::Features standard = wasm::Features::standard();

}  // namespace

TEST_CASE("a text stands for its binary, and comes back") {
  auto binary = to_binary("m.wat", bytes("(module $m (func (result i32) i32.const 1))"));
  REQUIRE(binary.has_value());
  CHECK(validate(*binary, standard).has_value());
  CHECK(to_binary("m.wasm", *binary).value() == *binary);
  auto text = print(*binary, {});
  REQUIRE(text.has_value());
  CHECK(text->starts_with("(module $m"));
  CHECK(to_binary("again.wat", bytes(*text)).value() == *binary);
}

TEST_CASE("what is wrong is said with its place") {
  auto malformed = to_binary("m.wat", bytes("(module (fun))"));
  REQUIRE(!malformed.has_value());
  CHECK(malformed.error().snippet().find("m.wat:1:10") != std::string::npos);
  auto binary = to_binary("m.wat", bytes("(module (func (result i32)))"));
  REQUIRE(binary.has_value());
  auto invalid = validate(*binary, standard);
  REQUIRE(!invalid.has_value());
  CHECK(invalid.error().code() == ErrorCode::invalid);
  CHECK(invalid.error().offset().has_value());
}

TEST_CASE("the place of what is invalid is shown, in text and in bytes") {
  Bytes text = bytes("(module\n  (func (result i32)\n    (i64.const 1)))");
  auto of_text = validate_file("m.wat", text, standard);
  REQUIRE(!of_text.has_value());
  CHECK(of_text.error().snippet().find("m.wat:3:18") != std::string::npos);
  auto of_binary = validate_file("m.wasm", to_binary("m.wat", text).value(), standard);
  REQUIRE(!of_binary.has_value());
  CHECK(of_binary.error().snippet().find("> 0x1a | 0b") != std::string::npos);
  // In what a text quotes nothing can be shown.
  auto quoted =
      validate_file("m.wat", bytes(R"((module binary "\00asm\01\00\00\00\08\01\00"))"), standard);
  REQUIRE(!quoted.has_value());
  CHECK(quoted.error().snippet().empty());
}

TEST_CASE("features decide what is valid") {
  auto binary = to_binary("m.wat", bytes("(module (memory i64 1))"));
  REQUIRE(binary.has_value());
  CHECK(validate(*binary, standard).has_value());
  CHECK(!validate(*binary, standard.without(wasm::Feature::memory64)).has_value());
}

}  // namespace tenon::toolchain
