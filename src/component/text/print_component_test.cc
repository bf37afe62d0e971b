#include "component/text/print_component.h"

#include "component/text/parse_component.h"

// Last: it takes the name CHECK over.
#include <doctest/doctest.h>

namespace tenon::component::text {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes parsed(std::string_view text) {
  auto bytes = parse_component({"t.wat", text});
  if (!bytes) FAIL_CHECK(bytes.error().to_string());
  return bytes ? *bytes : Bytes{};
}

std::string printed(std::string_view text, const wasm::text::PrintOptions& options = {}) {
  auto out = print_component(parsed(text), options);
  return out ? *out : out.error().to_string();
}

// Has every kind of definition.
constexpr std::string_view everything = R"((component $C
  (@custom "x" "hi\00")
  (core module $L (;0;)
    (type (;0;) (func (param i32)))
    (memory (;0;) 1)
    (export "m" (memory 0))
    (export "d" (func 0))
    (func (;0;) (type 0) (param i32))
  )
  (core instance $l (;0;) (instantiate $L))
  (alias core export $l "d" (core func $d (;0;)))
  (alias core export $l "m" (core memory (;0;)))
  (type $r (;0;) (resource (rep i32) (dtor $d)))
  (type (;1;) (list u8 4))
  (type (;2;) (record (field "a" u8) (field "b" 1)))
  (type (;3;) (variant (case "a" u8) (case "b")))
  (type (;4;) (flags "a" "b"))
  (type (;5;) (result (error string)))
  (type (;6;) (own $r))
  (type (;7;) (stream u8))
  (type (;8;) (future))
  (type (;9;) (map u32 string))
  (type (;10;) (func async (param "x" u8) (result 6)))
  (type (;11;)
    (component
      (type (;0;) (func))
      (import "a" (func (;0;) (type 0)))
      (export (;1;) "b" (type (sub resource)))
      (alias outer $C $r (type (;2;)))
      (core type (;0;) (func))
      (export (;3;) "c" (type (eq 2)))
    )
  )
  (type (;12;)
    (instance)
  )
  (core type (;0;) (func (param i32)))
  (core type (;1;)
    (module
      (alias outer $C 0 (type (;0;)))
      (type (;1;) (func (result i64)))
      (import "a" "b" (func (type 1) (result i64)))
      (import "a" "c" (memory 1 2 shared))
      (export "t" (table 1 funcref))
      (export "g" (global (mut i32)))
      (export "e" (tag (type 0)))
      (rec
        (type (;2;) (sub (struct (field (ref null 3)))))
        (type (;3;) (array (mut i8)))
      )
      (export "s" (global (ref 2)))
    )
  )
  (core type (;2;) (sub (func (param (ref null 0)))))
  (core rec
    (type (;3;) (sub final 2 (func (param (ref null 0)))))
    (type (;4;) (struct (field i32) (field (ref 4))))
  )
  (core rec)
  (import "i" (implements "a:b/c") (external-id "z") (instance $i (;0;) (type 12)))
  (import "m" (core module (;1;) (type 1)))
  (import "f" (func $f (;0;) (type 10)))
  (core func $low (;1;) (canon lower (func $f) (memory 0) async string-encoding=latin1+utf16))
  (core func (;2;) (canon task.return (result u8) (memory 0)))
  (core func (;3;) (canon waitable-set.wait (memory 0)))
  (core func (;4;) (canon context.get i32 1))
  (func $up (;1;) (type 10) (canon lift (core func $low) async (callback $low)))
  (component $N (;0;)
    (component (;0;))
  )
  (instance $n (;1;) (instantiate $N
      (with "a" (instance $i))
      (with "b" (core module $L))
    )
  )
  (instance (;2;)
    (export "f" (func $up))
  )
  (core instance (;1;)
    (export "f" (func $low))
  )
  (export $e (;2;) "q" (func $up) (func (type 10)))
))";

TEST_CASE("a component is printed as it is written, line by line") {
  CHECK(printed(everything) == everything);
  CHECK(printed("(component)") == "(component)");
}

TEST_CASE("what is printed parses to the same bytes, with every option that leaves all in") {
  Bytes bytes = parsed(everything);
  wasm::text::PrintOptions options;
  for (bool offsets : {false, true}) {
    options.offsets = offsets;
    options.folded = offsets;
    auto text = print_component(bytes, options);
    REQUIRE(text);
    CHECK(parsed(*text) == bytes);
  }
  options.names_all = true;
  auto named = print_component(bytes, options);
  REQUIRE(named);
  auto nameless = parse_component({"t.wat", *named}, {.with_names = false});
  REQUIRE(nameless);
  CHECK(*nameless == *parse_component({"t.wat", everything}, {.with_names = false}));
}

TEST_CASE("names that cannot be identifiers are annotations") {
  CHECK(printed(R"((component (type $a u8) (type (@name "a") u8) (type (@name "b c") u8)))") ==
        "(component\n"
        "  (type $a (;0;) u8)\n"
        "  (type $\"#type1 a\" (@name \"a\") (;1;) u8)\n"
        "  (type $\"b c\" (;2;) u8)\n"
        ")");
}

TEST_CASE("a name section that is nonsense is passed over") {
  CHECK(printed(R"((component (@custom "component-name" "\01\05\03\02\09") (type u8)))") ==
        "(component\n  (type (;0;) u8)\n)");
}

TEST_CASE("an index that is defined only later has no identifier") {
  std::string text = printed("(component (type (list 1)) (type $t u8))");
  CHECK(text == "(component\n  (type (;0;) (list 1))\n  (type $t (;1;) u8)\n)");
}

TEST_CASE("a skeleton leaves contents out") {
  wasm::text::PrintOptions options;
  options.skeleton = true;
  std::string text = printed(R"((component (@custom "a" "b") (core module (func nop))))", options);
  CHECK(text.find("(@custom \"a\" ...)") != std::string::npos);
  CHECK(text.find("nop") == std::string::npos);
}

TEST_CASE("what does not decode is an error") {
  Bytes bytes = parsed("(component (type u8))");
  bytes.back() = 0x01;
  auto text = print_component(bytes);
  REQUIRE_FALSE(text);
  CHECK(text.error().code() == ErrorCode::malformed);
}

}  // namespace
}  // namespace tenon::component::text
