#include "component/text/parse_component.h"

#include "base/limits.h"
#include "component/binary/decode.h"
#include "component/validate/validate.h"
#include "wasm/text/parse_module.h"

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

// Without names, which differ between a text and the same written out.
Bytes nameless(std::string_view text) {
  auto bytes = parse_component({"t.wat", text}, {.with_names = false});
  if (!bytes) FAIL_CHECK(bytes.error().to_string());
  return bytes ? *bytes : Bytes{};
}

std::string fault(std::string_view text, bool lenient = false) {
  auto bytes = parse_component({"t.wat", text}, {.lenient_indices = lenient});
  return bytes ? "" : bytes.error().message();
}

std::string repeated(size_t count, std::string_view text) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += text;
  return all;
}

TEST_CASE("primitive types have the names that they once had, too") {
  CHECK(parsed("(component (type float32) (type (list float64)))") ==
        parsed("(component (type f32) (type (list f64)))"));
}

TEST_CASE("identifiers of cases differ") {
  CHECK(fault(R"((component (type (variant (case $x "x") (case $y "y")))))").empty());
  CHECK(fault(R"((component (type (variant (case $x "x") (case $x "y")))))") ==
        "duplicate variant case identifier");
}

TEST_CASE("definitions are written in their order, neighbours of a kind in one section") {
  CHECK(parsed("(component)") == Bytes{0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0});
  CHECK(nameless(R"((component (type u8) (type (list 0)) (import "f" (func)) (type $t string)))") ==
        Bytes{0,    0x61, 0x73, 0x6d, 0x0d, 0,    1,    0,                 // preamble
              0x07, 0x08, 0x03, 0x7d, 0x70, 0x00, 0x40, 0x00, 0x01, 0x00,  // types
              0x0a, 0x06, 0x01, 0x00, 0x01, 'f',  0x01, 0x02,              // import
              0x07, 0x02, 0x01, 0x73});
  CHECK(parsed(R"((component binary "\00asm" "\0d\00\01\00"))") == parsed("(component)"));
}

TEST_CASE("what is short in the text is written out") {
  struct Pair {
    std::string_view text, written_out;
  };
  const Pair pairs[] = {
      {R"((component (func (import "f") (param "x" (list u8)) (result (list u8)))))",
       R"((component (type (list u8)) (type (list u8)) (type (func (param "x" 0) (result 1)))
            (import "f" (func (type 2)))))"},
      {R"((component (import "i" (instance $i (export "f" (func))))
            (core func (canon lower (func $i "f")))))",
       R"((component (type (instance (type (func)) (export "f" (func (type 0)))))
            (import "i" (instance (type 0)))
            (alias export 0 "f" (func)) (canon lower (func 0) (core func))))"},
      {R"((component (core module $m (export "m")) (component $c (core instance (instantiate $m)))
            (type (export "t") u8)))",
       R"((component (core module) (component (alias outer 1 0 (core module))
              (core instance (instantiate 0)))
            (type u8) (export "m" (core module 0)) (export "t" (type 0))))"},
      {R"((component (core module $m (import "a" "f" (func)) (func (export "f")))
            (core instance $i (instantiate $m (with "a" (instance))))
            (core instance (instantiate $m (with "a" (instance (export "f" (func $i "f"))))))))",
       R"((component (core module (import "a" "f" (func)) (func (export "f")))
            (core instance) (core instance (instantiate 0 (with "a" (instance 0))))
            (alias core export 1 "f" (core func)) (core instance (export "f" (func 0)))
            (core instance (instantiate 0 (with "a" (instance 2))))))"},
      {R"((component (core type $t (func)) (import "m" (core module (import "a" "b" (func (type $t)))
            (export "c" (func (param i32)))))))",
       R"((component (core type (func)) (core type (module (alias outer 1 0 (type))
            (import "a" "b" (func (type 0))) (type (func (param i32)))
            (export "c" (func (type 1)))))
            (import "m" (core module (type 1)))))"},
      {R"((component (core type $t (struct)) (component
            (core rec (type $a (sub (struct (field (ref $b))))) (type $b (array (ref null $t)))))
            (core type $s (sub $t (struct (field (ref null $s)))))))",
       R"((component (core type (struct)) (component (alias outer 1 0 (core type))
            (core rec (type (sub (struct (field (ref 2))))) (type (array (ref null 0)))))
            (core type (sub 0 (struct (field (ref null 1)))))))"},
  };
  for (const Pair& pair : pairs) {
    CAPTURE(pair.text);
    CHECK(nameless(pair.text) == nameless(pair.written_out));
  }
}

TEST_CASE("identifiers and annotations become names") {
  Bytes bytes = parsed(R"((component $c (type $t u8) (type (@name "two words") u8)
                                        (core module $m)))");
  auto decoded = decode(bytes);
  REQUIRE(decoded);
  const Component& root = decoded->components[decoded->root];
  REQUIRE(root.customs.size() == 1);
  CHECK(root.customs[0].name == "component-name");
  std::span<const uint8_t> names = root.customs[0].bytes;
  CHECK(Bytes(names.begin(), names.end()) ==
        Bytes{0, 2, 1, 'c', 1, 6, 0,   0x11, 1,   0,   1,   'm', 1,   16,  3,
              2, 0, 1, 't', 1, 9, 't', 'w',  'o', ' ', 'w', 'o', 'r', 'd', 's'});
  REQUIRE(decoded->modules[ModuleId(0u)].customs.size() == 1);
}

TEST_CASE("custom sections stay where they are written") {
  Bytes bytes = parsed(R"((component (@custom "a" "1") (type u8) (@custom "b" "2\00")))");
  auto decoded = decode(bytes);
  REQUIRE(decoded);
  const Component& root = decoded->components[decoded->root];
  REQUIRE(root.customs.size() == 2);
  CHECK(root.customs[0].name == "a");
  CHECK(root.customs[0].offset < root.definitions[0].offset);
  CHECK(root.customs[1].bytes.size() == 2);
}

TEST_CASE("a core module keeps its own annotations") {
  Bytes bytes = parsed(R"((component (core module $m (export "e") (@custom "a" "1")
    (export "f" (func 0)) (func) (@custom "b" "2"))))");
  auto decoded = decode(bytes);
  REQUIRE(decoded);
  CHECK(decoded->modules[ModuleId(0u)].customs.size() == 3);
  CHECK(decoded->modules[ModuleId(0u)].exports.size() == 1);
  CHECK(decoded->components[decoded->root].definitions.size() == 2);
}

TEST_CASE("what a real component needs is there") {
  Bytes bytes = parsed(R"((component
    (import "i" (instance $i (export "r" (type $r (sub resource)))
                             (export "f" (func (param "x" (borrow $r)) (result string)))))
    (core module $libc (memory (export "mem") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
    (core instance $libc (instantiate $libc))
    (core func $f (canon lower (func $i "f") (memory (core memory $libc "mem"))
                    (realloc (core func $libc "realloc")) string-encoding=utf16))
    (core module $m (import "" "f" (func (param i32 i32))) (func (export "g") (result i32) i32.const 0))
    (core instance $m (instantiate $m (with "" (instance (export "f" (func $f))))))
    (func (export "g") (result u32) (canon lift (core func $m "g")))))");
  auto decoded = decode(bytes);
  REQUIRE(decoded);
  auto validated = validate(*decoded, wasm::Features::standard());
  if (!validated) FAIL(validated.error().to_string());
}

TEST_CASE("errors name the place and what would do") {
  struct Case {
    std::string_view text, message;
  };
  const Case cases[] = {
      {"(component (func $f (import \"f\") (type $t)) (type $t (func)))", "unknown type $t"},
      {"(component (type $t u8) (type $t u8))", "duplicate type $t"},
      {"(component (import \"f\" (func $f)) (component (export \"f\" (func $f))))",
       "outer item $f is not a module, type, or component"},
      {"(component (type (list)))", "unexpected token `)`, expected a type of values"},
      {"(component (nonsense))", "unexpected token `nonsense`, expected the word of a definition"},
      {"(component (alias outer $x 0 (type)))", "unknown outer component $x"},
      {"(component (alias outer 2 $x (type)))", "there are fewer than 2 components around"},
      {"(component (import \"a\" (implements \"a:b/c\") (implements \"a:b/c\") (instance)))",
       "duplicate attribute `implements`"},
      {"(component (core module (func (call $x))))", "unknown func $x"},
      {"(component (core module $m $n (func)))",
       "unexpected token `$n`, expected a field of a module in parentheses"},
      {"(component (core module (export \"m\") $n (func)))",
       "unexpected token `$n`, expected a field of a module in parentheses"},
      {"(component) (component)", "unexpected token `(`, expected the end of the text"},
      {"(component (type u8)", "unexpected end of text, expected `)`"},
      {"(component (canon lift $f (func)))", "unexpected token `$f`, expected `(core func`"},
      {"(component (type (@name) u8))", "@name annotation: expected one string, in UTF-8"},
      {"(component (canon thread.nonsense (core func)))",
       "unexpected token `thread.nonsense`, expected `lift`, `lower` or a canonical built-in"},
      {"(component (core type (module (alias outer 0 0 (func)))))",
       "only types are aliased in the type of a core module"},
  };
  for (const Case& c : cases) CHECK(fault(c.text) == c.message);
}

TEST_CASE("the older syntax of core references is an option") {
  std::string_view text = R"((component (core module $m (memory (export "m") 1))
      (core instance $i (instantiate $m)) (canon waitable-set.wait (memory $i "m") (core func))))";
  CHECK(fault(text) == "an export stands within its own parentheses: `(core memory ...)`");
  CHECK(fault(text, true).empty());
}

TEST_CASE("nesting is bounded") {
  uint32_t depth = limits::max_component_depth;
  CHECK(fault(repeated(depth + 1, "(component ") + repeated(depth + 1, ")")).empty());
  CHECK(fault(repeated(depth + 2, "(component ") + repeated(depth + 2, ")")) ==
        "components are nested deeper than 100");
  for (std::string_view form : {"(list ", "(instance (type "}) {
    size_t close = form == "(list " ? 1 : 2;
    std::string text = "(component (type " + repeated(100'000, form) + "u8" +
                       repeated(100'000 * close, ")") + "))";
    CHECK(fault(text) == "types are nested deeper than 100");
  }
}

TEST_CASE("marks lead from the binary to the text") {
  std::string_view text = R"((component
    (type (list u8))
    (component (core module (func) (func unreachable)))
    (import "f" (func (type 0)))))";
  std::vector<wasm::text::SourceMark> marks;
  auto bytes = parse_component({"t.wat", text}, {.marks = &marks});
  REQUIRE(bytes);
  auto decoded = decode(*bytes);
  REQUIRE(decoded);
  auto source = [&](uint64_t offset) {
    auto at = wasm::text::source_of(marks, offset);
    return at ? text.substr(*at) : std::string_view();
  };
  const Component& root = decoded->components[decoded->root];
  CHECK(source(root.definitions[0].offset).starts_with("(type"));
  CHECK(source(root.definitions[2].offset).starts_with("(import"));
  CHECK(source(decoded->modules[ModuleId(0u)].bodies[1].offset + 1).starts_with("unreachable"));
}

TEST_CASE("every prefix of a text is an error, and none does harm") {
  std::string_view text =
      R"((component $c (@custom "n" "b") (type $t (record (field "a" (list u8))))
    (core type (module (import "a" "b" (func (param i32))))) (import "x" (implements "a:b/c")
    (instance $i (export "f" (func (type $t)))))
    (core module $m (func $"f" (export "f"))) (core instance $j (instantiate $m (with "" (instance))))
    (func (export "g") async (param "p" (stream u8)) (canon lift (core func $j "f") async
    (callback (core func $j "f")))) (component (alias outer $c $t (type)))))";
  CHECK(fault(text).empty());
  for (size_t size = 0; size < text.size(); ++size)
    CHECK_FALSE(fault(text.substr(0, size)).empty());
}

}  // namespace
}  // namespace tenon::component::text
