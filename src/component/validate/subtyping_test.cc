#include "component/validate/subtyping.h"

#include "component/binary/decode.h"
#include "component/text/parse_component.h"
#include "component/validate/validate.h"

// Last: it takes the name CHECK over.
#include <doctest/doctest.h>

// Resources that stand for what is supplied, and those that have to be a certain one.
namespace tenon::component {
namespace {

// "" when valid, else the message.
std::string check(std::string_view fields) {
  std::string text = "(component " + std::string(fields) + ")";
  auto bytes = text::parse_component({"t.wat", text});
  if (!bytes) return "text: " + bytes.error().message();
  auto decoded = decode(*bytes);
  if (!decoded) return decoded.error().message();
  auto valid = validate(*decoded);
  return valid ? "" : valid.error().message();
}

constexpr const char* not_same = "resource types are not the same";
constexpr std::string_view two =
    R"((import "r" (type $r (sub resource))) (import "s" (type $s (sub resource))))";

TEST_CASE("the type ascribed to an export says which resource it is") {
  auto with = [](std::string_view more) { return check(std::string(two) + std::string(more)); };
  CHECK(with(R"((export "x" (type $r) (type (eq $r))))") == "");
  CHECK(with(R"((export "x" (type $s) (type (eq $r))))") == not_same);
  CHECK(with(R"((export "x" (type $s) (type (sub resource))))") == "");
}

TEST_CASE("a component that exports another resource than it should is of another type") {
  auto supplied = [](std::string_view exported) {
    return check("(component $c " + std::string(two) + std::string(exported) + R"()
      (component $d (import "c" (component
        (import "r" (type $r (sub resource))) (import "s" (type $s (sub resource)))
        (export "x" (type (eq $r))))))
      (instance (instantiate $d (with "c" (component $c)))))");
  };
  CHECK(supplied(R"((export "x" (type $r)))") == "");
  CHECK(supplied(R"((export "x" (type $s)))") == not_same);
}

TEST_CASE("an instance has the resource that its type mentions") {
  auto supplied = [](std::string_view exported) {
    return check(std::string(two) + R"((component $d (import "r" (type $r (sub resource)))
        (import "i" (instance (export "a" (type $a (sub resource))) (export "b" (type (eq $a)))
          (export "c" (type (eq $r))))))
      (instance $i )" +
                 std::string(exported) + R"()
      (instance (instantiate $d (with "r" (type $r)) (with "i" (instance $i)))))");
  };
  CHECK(supplied(R"((export "a" (type $s)) (export "b" (type $s)) (export "c" (type $r)))") == "");
  CHECK(supplied(R"((export "a" (type $s)) (export "b" (type $r)) (export "c" (type $r)))") ==
        not_same);
  CHECK(supplied(R"((export "a" (type $s)) (export "b" (type $s)) (export "c" (type $s)))") ==
        not_same);
}

}  // namespace
}  // namespace tenon::component
