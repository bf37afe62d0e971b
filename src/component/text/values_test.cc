#include "component/binary/decode.h"
#include "component/text/parse_component.h"
#include "component/text/print_component.h"

// Last: it takes the name CHECK over.
#include <doctest/doctest.h>

// Values that components define, as text.
namespace tenon::component::text {
namespace {

std::string printed(std::string_view text, const wasm::text::PrintOptions& options = {}) {
  auto bytes = parse_component({"t.wat", text});
  if (!bytes) return bytes.error().message();
  auto out = print_component(*bytes, options);
  return out ? *out : out.error().message();
}

std::string printed_value(std::string_view value) {
  std::string text = printed("(component (value " + std::string(value) + "))");
  std::string_view before = "(component\n  (value (;0;) ", after = ")\n)";
  if (!text.starts_with(before) || !text.ends_with(after)) return text;
  return text.substr(before.size(), text.size() - before.size() - after.size());
}

constexpr std::string_view every_type = R"((component
  (type $r (;0;) (record (field "a" bool) (field "b" u8)))
  (type (;1;) (variant (case "a" bool) (case "b")))
  (type (;2;) (flags "a" "b" "c"))
  (type (;3;) (enum "x" "y"))
  (type (;4;) (option $r))
  (type (;5;) (result (error string)))
  (type (;6;) (result u8))
  (type (;7;) (result))
  (type (;8;) (tuple u16 4))
  (type (;9;) (list 8))
  (type (;10;) s64)
  (type (;11;) (flags "f0" "f1" "f2" "f3" "f4" "f5" "f6" "f7" "f8"))
  (value $v (;0;) $r (record true 255))
  (value (;1;) 1 (variant "a" false))
  (value (;2;) 1 (variant "b"))
  (value (;3;) 2 (flags "a" "c"))
  (value (;4;) 2 (flags))
  (value (;5;) 3 (enum "y"))
  (value (;6;) 4 none)
  (value (;7;) 4 (some (record false 0)))
  (value (;8;) 5 ok)
  (value (;9;) 5 (error "no"))
  (value (;10;) 6 (ok 1))
  (value (;11;) 6 error)
  (value (;12;) 7 error)
  (value (;13;) 9 (list (tuple 1 none) (tuple 65535 (some (record true 7)))))
  (value (;14;) 9 (list))
  (value (;15;) 10 -9223372036854775808)
  (value (;16;) 11 (flags "f0" "f8"))
  (import "t" (type (;12;) (eq $r)))
  (value (;17;) 12 (record true 1))
  (export (;13;) "u" (type $r))
  (value (;18;) 13 (record true 2))
  (component (;0;)
    (value (;0;) string "abc")
    (export (;1;) "v" (value 0))
  )
))";

TEST_CASE("values of every type go out as they came in") {
  CHECK(printed(every_type) == every_type);
}

TEST_CASE("numbers, characters and strings") {
  for (const char* value : {"bool true",
                            "s8 -128",
                            "u8 255",
                            "s16 -32768",
                            "u16 65535",
                            "s32 -2147483648",
                            "u32 4294967295",
                            "s64 9223372036854775807",
                            "u64 18446744073709551615",
                            "char 'a'",
                            R"(char '\'')",
                            R"(char '\\')",
                            R"(char '\"')",
                            R"(char '\u{a}')",
                            "char '('",
                            "char ')'",
                            "char ';'",
                            "char ' '",
                            "char '\xe2\x82\xac'",
                            R"(string "(a\u{a}")"})
    CHECK(printed_value(value) == value);
  CHECK(printed_value("f32 nan") == "f32 nan (;=NaN;)");
  CHECK(printed_value("f64 nan") == "f64 nan (;=NaN;)");
  CHECK(printed_value("f32 -inf") == "f32 -inf (;=-inf;)");
  CHECK(printed_value("f32 1.5") == "f32 0x1.8p+0 (;=1.5;)");
  CHECK(printed_value("f64 -0") == "f64 -0x0p+0 (;=-0;)");
  CHECK(printed_value("u8 0x10") == "u8 16");
  CHECK(printed_value(R"(char '\n')") == R"(char '\u{a}')");
  CHECK(printed_value("bool (binary \"\\01\")") == "bool true");
}

TEST_CASE("a value has to be of its type") {
  CHECK(printed_value("u8 256").contains("out of range"));
  CHECK(printed_value("u8 -1").contains("out of range"));
  CHECK(printed_value("s8 128").contains("out of range"));
  CHECK(printed_value("s8 -129").contains("out of range"));
  CHECK(printed_value("s64 9223372036854775808").contains("out of range"));
  CHECK(printed_value("f32 nan:0x1") == "a NaN has no payload here");
  CHECK(printed_value("f32 -nan") == "a NaN has no sign here");
  CHECK(printed_value("bool 1").contains("expected `false` or `true`"));
  CHECK(printed_value("char \"a\"").contains("expected a character in single quotes"));
  CHECK(printed_value("(enum \"a\") (enum \"b\")") == "the type of the value has no `b`");
  CHECK(printed_value("(tuple u8 u8) (tuple 1)").contains("unexpected token `)`"));
  CHECK(printed_value("(tuple u8) (tuple 1 2)").contains("expected `)`"));
  CHECK(printed_value("(option u8) some").contains("expected `none` or `(some ...)`"));
  CHECK(printed_value("(list u8 2) (list 1 2)") == "there are no value definitions of type list");
}

TEST_CASE("bytes stand for values whose types are not spelled out") {
  constexpr std::string_view text = R"((component
  (type (;0;)
    (instance
      (type (;0;) (record (field "a" u8)))
      (export (;1;) "r" (type (eq 0)))
    )
  )
  (import "i" (instance (;0;) (type 0)))
  (alias export 0 "r" (type (;1;)))
  (value (;0;) 1 (binary "\07"))
))";
  CHECK(printed(text) == text);
  CHECK(printed(R"((component
    (import "i" (instance $i (export "r" (type (sub resource)))))
    (alias export $i "r" (type $r)) (value $v $r 7)))")
            .starts_with("the type of this value is not defined in this component"));
  // What is not as its type says stays what it is.
  CHECK(printed_value("bool (binary \"\\02\")") == "bool (binary \"\\02\")");
}

TEST_CASE("types from around a component are known in it") {
  CHECK(printed(R"((component $C (type $t (list u8))
    (component (value $v $t (list 1 2)))))")
            .contains("(value $v (;0;) $t (list 1 2))"));
}

TEST_CASE("start functions and values of imports") {
  constexpr std::string_view text = R"((component
  (type (;0;) (func (param "a" string) (result string)))
  (import "f" (func $f (;0;) (type 0)))
  (import "v" (value $v (;0;) string))
  (start $f (value $v) (result (value (;1;))))
  (start $f (value 1) (result (value $w (;2;))))
  (export (;3;) "w" (value $w))
))";
  CHECK(printed(text) == text);
}

TEST_CASE("a skeleton leaves values out") {
  CHECK(printed("(component (value u8 1))", {.skeleton = true}) ==
        "(component\n  (value (;0;) u8 ...)\n)");
}

TEST_CASE("values need their feature") {
  for (std::string_view text :
       {"(value u8 1)", "(import \"v\" (value u8))", "(export \"v\" (value 0))",
        "(alias export 0 \"v\" (value))", "(instance (export \"v\" (value 0)))"}) {
    auto bytes = parse_component({"t.wat", "(component " + std::string(text) + ")"});
    REQUIRE(bytes.has_value());
    auto decoded = decode(*bytes);
    REQUIRE(!decoded.has_value());
    CHECK(decoded.error().code() == ErrorCode::unsupported);
    CHECK(decoded.error().message() ==
          "a component value needs the cm-values feature, which is switched off");
  }
}

}  // namespace
}  // namespace tenon::component::text
