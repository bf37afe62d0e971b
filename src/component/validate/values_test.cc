#include "component/binary/decode.h"
#include "component/text/parse_component.h"
#include "component/validate/validate.h"

// Last: it takes the name CHECK over.
#include <doctest/doctest.h>

// Values of components, and that each of them is used once.
namespace tenon::component {
namespace {

constexpr auto features = wasm::Features::defaults().with(wasm::Feature::component_values);

// "" when valid, else the message.
std::string check(std::string_view fields) {
  std::string text = "(component " + std::string(fields) + ")";
  auto bytes = text::parse_component({"t.wat", text});
  if (!bytes) return "text: " + bytes.error().message();
  auto decoded = decode(*bytes, features);
  if (!decoded) return decoded.error().message();
  auto valid = validate(*decoded, features);
  if (valid) return "";
  return valid.error().context() + (valid.error().context().empty() ? "" : ": ") +
         valid.error().message();
}

TEST_CASE("each value is used exactly once") {
  constexpr const char* unused =
      "value index 0 was not used as part of an instantiation, start function, or export";
  CHECK(check(R"((import "a" (value $v string)) (export "b" (value $v)))") == "");
  CHECK(check(R"((value $v u8 1) (export "b" (value $v)))") == "");
  CHECK(check(R"((import "a" (value string)))") == unused);
  CHECK(check("(value u8 1)") == unused);
  CHECK(check(R"((import "f" (func $f (result u8))) (start $f (result (value))))") == unused);
  CHECK(
      check(R"((import "a" (value $v string)) (export "b" (value $v)) (export "c" (value $v)))") ==
      "value 0 cannot be used more than once");
  CHECK(check(R"((import "a" (value $v string)) (export $w "b" (value $v))
                 (export "c" (value $w)))") == "value 1 cannot be used more than once");
  CHECK(check(R"((import "a" (value $v string))
                 (instance (export "x" (value $v)) (export "y" (value $v))))") ==
        "value 0 cannot be used more than once");
  CHECK(
      check(R"((import "a" (instance $i (export "v" (value s32)))) (alias export $i "v" (value)))")
          .contains("was not used"));
  CHECK(
      check(R"((import "a" (instance $i (export "v" (value s32)))) (export "v" (value $i "v")))") ==
      "");
  CHECK(check(R"((export "a" (value 0)))") == "unknown value 0: value index out of bounds");
  CHECK(check(R"((component $c) (instance (instantiate $c (with "" (value 0)))))") ==
        "unknown value 0: value index out of bounds");
}

TEST_CASE("values in types are used by nobody") {
  CHECK(check(R"((type (component (import "a" (value string)) (export "b" (value u8)))))") == "");
  CHECK(check(R"((type (instance (export "b" (value u8)))))") == "");
}

TEST_CASE("start functions take what their types say") {
  constexpr std::string_view func = R"((import "f" (func $f (param "a" string) (result u8))))"
                                    R"((import "s" (value $s string)) (import "n" (value $n u8)))";
  auto with = [&](std::string_view rest) { return check(std::string(func) + std::string(rest)); };
  CHECK(with(R"((start $f (value $s) (result (value $r)))
                (export "r" (value $r)) (export "m" (value $n)))") == "");
  CHECK(with("(start $f (result (value)))") ==
        "component start function requires 1 arguments but was given 0");
  CHECK(with("(start $f (value $s) (value $n) (result (value)))") ==
        "component start function requires 1 arguments but was given 2");
  CHECK(with("(start $f (value $s))") == "component start function has 0 results, its type has 1");
  CHECK(with("(start $f (value $n) (result (value)))") ==
        "value type mismatch for component start function argument 0: "
        "expected primitive `string` found primitive `u8`");
  CHECK(with("(start 7)") == "unknown func 7: func index out of bounds");
  CHECK(check(R"((import "f" (func $f (param "a" u8) (param "b" u8))) (value $v u8 1)
                 (start $f (value $v) (value $v)))") == "value 0 cannot be used more than once");
}

TEST_CASE("values are supplied by type") {
  auto instantiated = [](std::string_view wanted, std::string_view given) {
    return check(R"((component $c (import "a" (value $v )" + std::string(wanted) +
                 R"()) (export "b" (value $v))) (value $v )" + std::string(given) +
                 R"() (instance (instantiate $c (with "a" (value $v)))))");
  };
  CHECK(instantiated("u8", "u8 1") == "");
  CHECK(instantiated("(list u8)", "(list u8) (list)") == "");
  CHECK(instantiated("u8", "u16 1") ==
        "type mismatch for import `a`: expected primitive `u8` found primitive `u16`");
  CHECK(check(R"((import "f" (func $f)) (component $c (import "a" (value $v u8))
                 (export "v" (value $v))) (instance (instantiate $c (with "a" (func $f)))))") ==
        "type mismatch for import `a`: expected value, found func");
  CHECK(check(R"((value $v u8 1) (export "v" (value $v) (value u8)))") == "");
  CHECK(check(R"((value $v u8 1) (export "v" (value $v) (value u16)))")
            .starts_with("ascribed type of export is not compatible"));
  CHECK(check(R"((component $c (export "v" (value 0)) ))").contains("unknown value 0"));
  CHECK(check(R"((component $d (import "i" (instance $i (export "v" (value u8))))
                   (export "w" (value $i "v")))
                 (value $v u8 1) (instance $i (export "v" (value $v)))
                 (instance (instantiate $d (with "i" (instance $i)))))") == "");
}

TEST_CASE("exported values have named types, and no borrows") {
  CHECK(check(R"((type $t (record (field "a" u8))) (value $v $t (record 1))
                 (export "v" (value $v)))") == "value not valid to be used as export");
  CHECK(check(R"((type $t (record (field "a" u8))) (export $u "t" (type $t))
                 (value $v $u (record 1)) (export "v" (value $v)))") == "");
  CHECK(check(R"((import "t" (type $t (sub resource))) (import "v" (value $v (own $t)))
                 (export "w" (value $v)))") == "");
  CHECK(check(R"((import "t" (type $t (sub resource))) (import "v" (value $v (borrow $t)))
                 (export "w" (value $v)))") == "an exported value cannot contain a `borrow` type");
}

TEST_CASE("values are what their types say") {
  CHECK(check(R"((value $v bool (binary "\02")) (export "v" (value $v)))") == "invalid `bool`");
  CHECK(check(R"((value $v char (binary "\c0\80")) (export "v" (value $v)))") ==
        "malformed UTF-8 encoding");
  CHECK(check(R"((value $v u16 (binary "\80\80\04")) (export "v" (value $v)))") ==
        "integer too large");
  CHECK(check(R"((value $v u16 (binary "\81\80\80\00")) (export "v" (value $v)))") ==
        "integer representation too long");
  CHECK(check(R"((value $v f32 (binary "\00\00\a0\7f")) (export "v" (value $v)))") ==
        "a NaN that is not canonical");
  CHECK(check(R"((value $v u8 (binary "\00\00")) (export "v" (value $v)))") ==
        "bytes behind the end of a value");
  CHECK(check(R"((value $v (enum "a") (binary "\01")) (export "v" (value $v)))") ==
        "invalid index of a case");
  CHECK(check(R"((value $v (list u8) (binary "\ff\ff\03")) (export "v" (value $v)))") ==
        "length out of bounds");
  CHECK(check(R"((type $r (resource (rep i32))) (value $v (own $r) (binary "\00")))") ==
        "there are no value definitions of type own");
}

// A list of u8 takes one byte for each, and its Value much more.
TEST_CASE("what values take is limited") {
  std::string items;
  for (int i = 0; i < 500'000; ++i) items += "\\00";
  std::string value = R"((list u8) (binary "\a0\c2\1e)" + items + "\")";
  CHECK(check("(value $v " + value + ") (export \"v\" (value $v))")
            .starts_with("the component's values take more than"));
}

}  // namespace
}  // namespace tenon::component
