#include "component/validate/core_type_set.h"

#include "base/limits.h"
#include "component/binary/decode.h"
#include "component/text/parse_component.h"
#include "component/validate/validate.h"

// Last: it takes the name CHECK over.
#include <doctest/doctest.h>

namespace tenon::component {
namespace {

using wasm::SubType;
using wasm::TypeIndex;
using wasm::ValType;

Result<CoreTypeId> unknown(uint32_t index) {
  return fail(ErrorCode::invalid, "unknown type " + std::to_string(index));
}

// "" when valid, else the message.
std::string check(std::string_view definitions) {
  std::string text = "(component " + std::string(definitions) + ")";
  auto bytes = text::parse_component({"t.wat", text});
  REQUIRE(bytes);
  auto decoded = decode(*bytes);
  REQUIRE(decoded);
  auto validated = validate(*decoded, wasm::Features::defaults());
  return validated ? "" : validated.error().message();
}

SubType struct_of(std::initializer_list<ValType> types) {
  SubType made;
  made.kind = SubType::Kind::struct_;
  for (ValType type : types) made.fields.push_back({.type = type});
  return made;
}

ValType ref(uint32_t type) {
  return ValType::reference(wasm::HeapType(TypeIndex(type)), true);
}

TEST_CASE("equal groups have one id, wherever their indices begin") {
  CoreTypeSet set;
  auto id = [](uint32_t index) -> Result<CoreTypeId> { return CoreTypeId(index); };
  std::vector<SubType> group = {struct_of({ref(0), ref(1)}), struct_of({ValType::i32})};
  auto first = set.add(group, 0, unknown);
  REQUIRE(first);
  std::vector<SubType> later = {struct_of({ref(7), ref(8)}), struct_of({ValType::i32})};
  CHECK(*set.add(later, 7, unknown) == *first);
  // One that mentions it, by the index that it has elsewhere.
  std::vector<SubType> user = {struct_of({ref(0)})};
  auto used = set.add(user, 2, id);
  REQUIRE(used);
  CHECK(used->index == 2);
  std::vector<SubType> same = {struct_of({ref(30)})};
  CHECK(*set.add(same, 40, [&](uint32_t) -> Result<CoreTypeId> { return *first; }) == *used);
  // The same types in a smaller group are others.
  CHECK(*set.add(std::span(group).last(1), 9, id) != CoreTypeId(first->index + 1));
}

TEST_CASE("what fails leaves nothing behind") {
  CoreTypeSet set;
  std::vector<SubType> wrong = {struct_of({}), struct_of({ref(5)})};
  CHECK(set.add(wrong, 0, unknown).error().message() == "unknown type 5");
  std::vector<SubType> forward = {struct_of({}), struct_of({})};
  forward[0].supertypes = {TypeIndex(1u)};
  CHECK(set.add(forward, 0, unknown).error().message() == "unknown type 1");
  CHECK(set.as_module().types.size() == 0);
  CHECK(set.add(wasm::FuncType{{ValType::i32}, {}}) == CoreTypeId(0u));
  CHECK(set.add(wasm::FuncType{{ValType::i32}, {}}) == CoreTypeId(0u));
  CHECK(set.is_plain(CoreTypeId(0u)));
}

TEST_CASE("chains of supertypes have a limit") {
  CoreTypeSet set;
  auto id = [](uint32_t index) -> Result<CoreTypeId> { return CoreTypeId(index); };
  SubType type = struct_of({});
  type.is_final = false;
  REQUIRE(set.add(std::span(&type, 1), 0, id));
  uint32_t depth = 0;
  for (;; depth++) {
    type.supertypes = {TypeIndex(depth)};
    auto added = set.add(std::span(&type, 1), depth + 1, id);
    if (added) continue;
    CHECK(added.error().code() == ErrorCode::limit);
    break;
  }
  CHECK(depth == limits::max_subtype_depth);
}

TEST_CASE("core types of a component") {
  CHECK(check("(core rec) (core type $a (struct (field (ref null $a))))").empty());
  CHECK(check("(core rec (type $a (struct (field (ref $b)))) (type $b (array (mut (ref $a)))))")
            .empty());
  CHECK(check("(core type $a (sub (func))) (core type (sub final $a (func)))").empty());
  CHECK(check("(core type $a (func)) (core type (sub $a (func)))") ==
        "sub type does not match its super type");
  CHECK(check("(core type $a (sub (func))) (core type (sub $a (func (param i32))))") ==
        "sub type does not match its super type");
  CHECK(check("(core type (func (param (ref 1))))") == "unknown type 1: type index out of bounds");
  CHECK(check("(core type $m (module)) (core type (func (param (ref $m))))") ==
        "core type index 0 is a module type");
  CHECK(
      check("(type (instance (core rec (type (sub (struct))) (type (sub 0 (struct))))))").empty());
}

TEST_CASE("core types of module types") {
  auto module = [](std::string decls) { return check("(core type (module " + decls + "))"); };
  CHECK(module(R"((rec (type $a (struct (field (ref null $b)))) (type $b (array i8)))
                  (import "" "g" (global (ref $b))) (export "t" (table 1 (ref null $a))))")
            .empty());
  CHECK(module(R"((type (struct)) (import "" "f" (func (type 0))))") ==
        "type 0 is not a function type");
  CHECK(module(R"((import "" "g" (global (ref null 0))))") ==
        "unknown type 0: type index out of bounds");
  CHECK(module(R"((type (func (result i32))) (import "" "e" (tag (type 0))))") ==
        "non-empty tag result type");
  CHECK(module("(type (func)) (alias outer 0 0 (type)) (export \"f\" (func (type 1)))").empty());
  CHECK(
      check("(core type $t (struct)) (core type (module (type (func (param (ref $t))))))").empty());
}

// Two modules, of which the second is given all that the first exports.
std::string linked(std::string_view exporter, std::string_view importer) {
  return check("(core module $a " + std::string(exporter) +
               ") (core instance $i (instantiate $a))" + "(core module $b " +
               std::string(importer) +
               ") (core instance (instantiate $b (with \"i\" (instance $i))))");
}

TEST_CASE("modules are linked by what their types are, not by indices") {
  CHECK(linked(R"((type (struct)) (func (export "f") (param (ref 0))))",
               R"((type (func)) (type (struct)) (import "i" "f" (func (param (ref 1)))))")
            .empty());
  CHECK(linked(R"((type (struct)) (func (export "f") (param (ref 0))))",
               R"((type (array i32)) (import "i" "f" (func (param (ref 0)))))") ==
        "expected: (func (param (ref (array ...)))), found: (func (param (ref (struct ...))))");
  CHECK(linked(R"((rec (type $f (func)) (type (struct))) (func (export "f") (type $f)))",
               R"((type $f (func)) (import "i" "f" (func (type $f))))") ==
        "the types (func) are not the same");
  CHECK(linked(R"((type (struct)) (table (export "t") 1 (ref null 0)))",
               R"((type (func)) (type (struct)) (import "i" "t" (table 1 (ref null 1))))")
            .empty());
}

TEST_CASE("what a module is given may be of a subtype") {
  std::string types = "(type $s (sub (func))) (type $t (sub $s (func))) ";
  CHECK(linked(types + R"((func (export "f") (type $t)))",
               types + R"((import "i" "f" (func (type $s))))")
            .empty());
  CHECK(linked(types + R"((func (export "f") (type $s)))",
               types + R"((import "i" "f" (func (type $t))))") ==
        "expected: (sub (func ...) (func)), found: (sub (func))");
  std::string global = R"((global (export "g") (ref i31) (ref.i31 (i32.const 1))))";
  CHECK(linked(global, R"((import "i" "g" (global anyref)))").empty());
  CHECK(linked(R"((global (export "g") (mut i31ref) (ref.null i31)))",
               R"((import "i" "g" (global (mut anyref))))") ==
        "expected global type anyref, found (ref null i31)");
  CHECK(linked(types + R"((tag (export "e") (type $t)))",
               types + R"((import "i" "e" (tag (type $s))))") ==
        "expected: (sub (func)), found: (sub (func ...) (func))");
}

TEST_CASE("lifted functions and options are of plain types") {
  auto lift = [](std::string type) {
    return check("(core module $m (type $t " + type + R"()
      (func (export "f") (type $t) (i32.const 0))) (core instance $i (instantiate $m))
      (func (result u32) (canon lift (core func $i "f"))))");
  };
  CHECK(lift("(func (result i32))").empty());
  CHECK(lift("(sub (func (result i32)))") ==
        "lowered function type does not match the declared type of the core function");
  CHECK(check(R"((core module $m (type $t (sub (func (param i32)))) (func (export "f") (type $t)))
    (core instance $i (instantiate $m)) (type (resource (rep i32) (dtor (core func $i "f")))))") ==
        "core function has a wrong signature for a destructor");
}

}  // namespace
}  // namespace tenon::component
