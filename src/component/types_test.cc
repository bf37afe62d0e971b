#include "component/types.h"

#include <doctest/doctest.h>
#include "component/flatten.h"

namespace tenon::component {
namespace {

// Adds a type that must be valid.
ValType add(ComponentTypes& types, Type type) {
  Result<TypeId> id = types.add(std::move(type));
  REQUIRE(id);
  return ValType(*id);
}

using Flat = std::vector<FlatType>;

Flat flat_of(const ComponentTypes& types, ValType type) {
  abi::FlatTypes flat = types.info(type).flat;
  return {flat.types, flat.types + flat.count};
}

TEST_CASE("equal structure is one canonical type") {
  ComponentTypes types;
  ValType a = add(types, ListType{Primitive::u8});
  ValType b = add(types, ListType{Primitive::u8});
  CHECK(a != b);
  CHECK(types.equal(a, b));
  CHECK(types.equal(add(types, OptionType{a}), add(types, OptionType{b})));
  CHECK_FALSE(types.equal(a, add(types, ListType{Primitive::s8})));
  CHECK_FALSE(types.equal(add(types, RecordType{{{"a", Primitive::u8}}}),
                          add(types, RecordType{{{"b", Primitive::u8}}})));
  CHECK(types.equal(add(types, PrimitiveType{Primitive::u32}), Primitive::u32));
  ResourceId r = types.new_resource(), s = types.new_resource();
  CHECK(types.equal(add(types, OwnType{r, TypeId(1u)}), add(types, OwnType{r, TypeId(2u)})));
  CHECK_FALSE(types.equal(add(types, OwnType{r, {}}), add(types, OwnType{s, {}})));
  CHECK_FALSE(types.equal(add(types, OwnType{r, {}}), add(types, BorrowType{r, {}})));
}

// canon: alignment, elem_size
TEST_CASE("layouts follow the Canonical ABI") {
  constexpr FlatType i32 = FlatType::i32, i64 = FlatType::i64;
  ComponentTypes types;
  CHECK(types.layout(Primitive::string, i32) == Layout{8, 4});
  ValType pair = add(types, TupleType{{Primitive::u8, Primitive::u64}});
  CHECK(types.layout(pair, i32) == Layout{16, 8});
  CHECK(types.layout(
            add(types,
                RecordType{{{"a", Primitive::u8}, {"b", Primitive::u16}, {"c", Primitive::u8}}}),
            i32) == Layout{6, 2});
  CHECK(types.layout(add(types, OptionType{Primitive::u8}), i32) == Layout{2, 1});
  CHECK(types.layout(add(types, OptionType{pair}), i32) == Layout{24, 8});
  CHECK(types.layout(add(types, ResultType{}), i32) == Layout{1, 1});
  CHECK(types.layout(add(types, FlagsType{{"a", "b"}}), i32) == Layout{1, 1});
  CHECK(types.layout(add(types, FlagsType{std::vector<std::string>(9, "a")}), i32) == Layout{2, 2});
  CHECK(types.layout(add(types, EnumType{std::vector<std::string>(256, "a")}), i32) ==
        Layout{1, 1});
  CHECK(types.layout(add(types, EnumType{std::vector<std::string>(257, "a")}), i32) ==
        Layout{2, 2});
  CHECK(types.layout(add(types, ListType{pair}), i32) == Layout{8, 4});

  CHECK(types.layout(Primitive::string, i64) == Layout{16, 8});
  CHECK(types.layout(pair, i64) == Layout{16, 8});
  ValType text = add(types, OptionType{Primitive::string});
  CHECK(types.layout(text, i32) == Layout{12, 4});
  CHECK(types.layout(text, i64) == Layout{24, 8});
  CHECK(types.layout(add(types, FixedListType{text, 3}), i64) == Layout{72, 8});
  ValType record = add(types, RecordType{{{"a", Primitive::u32}, {"b", text}}});
  CHECK(types.layout(record, i32) == Layout{16, 4});
  CHECK(types.layout(record, i64) == Layout{32, 8});
}

// canon: flatten_type
TEST_CASE("cases of a variant share their flat values") {
  ComponentTypes types;
  ValType variant =
      add(types, VariantType{{{"a", Primitive::f32}, {"b", Primitive::u32}, {"c", std::nullopt}}});
  CHECK(flat_of(types, variant) == Flat{FlatType::i32, FlatType::i32});
  ValType wide = add(
      types, VariantType{{{"a", Primitive::f64}, {"b", Primitive::f32}, {"c", Primitive::string}}});
  CHECK(flat_of(types, wide) == Flat{FlatType::i32, FlatType::i64, FlatType::i32});
  ValType same = add(types, ResultType{Primitive::f64, Primitive::f64});
  CHECK(flat_of(types, same) == Flat{FlatType::i32, FlatType::f64});
}

// canon: flatten_functype
TEST_CASE("many parameters and results go through memory") {
  ComponentTypes types;
  FuncType func;
  for (int i = 0; i < 16; i++) func.params.push_back({"p", Primitive::u64});
  CHECK(flatten_functype(types, func, {Direction::lower}).params == Flat(16, FlatType::i64));
  func.params.push_back({"p", Primitive::u64});
  func.result = Primitive::string;
  CHECK(flatten_functype(types, func, {Direction::lift}) ==
        CoreSignature{{FlatType::i32}, {FlatType::i32}});
  CHECK(flatten_functype(types, func, {Direction::lower}) ==
        CoreSignature{{FlatType::i32, FlatType::i32}, {}});
}

TEST_CASE("types that grow beyond their limits are refused") {
  ComponentTypes types;
  ValType type = Primitive::u8;
  Result<TypeId> added = types.add(OptionType{type});
  int depth = 0;
  for (; added && depth < 1000; depth++) added = types.add(OptionType{ValType(*added)});
  CHECK(depth < 200);
  CHECK(added.error().code() == ErrorCode::limit);

  // Each level is sixteen of the one before: tree size grows while the table stays small.
  type = Primitive::string;
  added = types.add(ListType{type});
  for (depth = 0; added && depth < 50; depth++) {
    ValType list = add(types, ListType{ValType(*added)});
    added = types.add(TupleType{std::vector<ValType>(16, list)});
  }
  CHECK(depth < 8);
  CHECK(added.error().code() == ErrorCode::limit);

  // The same without lists: the value itself gets too large.
  ValType block = Primitive::u64;
  for (depth = 0; depth < 50; depth++) {
    added = types.add(TupleType{std::vector<ValType>(9, block)});
    if (!added) break;
    block = ValType(*added);
  }
  CHECK(depth < 50);
}

TEST_CASE("types are written as in WIT") {
  ComponentTypes types;
  ValType list = add(types, ListType{Primitive::u8});
  CHECK(to_string(types, add(types, ResultType{list, Primitive::string})) ==
        "result<list<u8>, string>");
  CHECK(to_string(types, add(types, ResultType{std::nullopt, list})) == "result<_, list<u8>>");
  CHECK(to_string(types, add(types, RecordType{{{"a", Primitive::u8}}})) == "record {a: u8}");
  CHECK(to_string(types, FuncType{{{"x", list}}, Primitive::bool_}) == "func(x: list<u8>) -> bool");
}

// canon: flatten_functype
TEST_CASE("signatures of asynchronous calls, and of 64-bit memories") {
  ComponentTypes types;
  auto i32 = FlatType::i32, i64 = FlatType::i64;
  FuncType func;
  for (auto name : {"a", "b", "c", "d"}) func.params.push_back({name, Primitive::u64});
  func.result = Primitive::string;
  FlattenOptions lower{Direction::lower, true}, lift{Direction::lift, true};
  CHECK(flatten_functype(types, func, lower) == CoreSignature{{i64, i64, i64, i64, i32}, {i32}});
  CHECK(flatten_functype(types, func, lift) == CoreSignature{Flat(4, i64), {}});
  lift.has_callback = true;
  CHECK(flatten_functype(types, func, lift) == CoreSignature{Flat(4, i64), {i32}});
  func.params.push_back({"e", Primitive::u8});
  CHECK(flatten_functype(types, func, lower) == CoreSignature{{i32, i32}, {i32}});
  lower.pointer = i64;
  CHECK(flatten_functype(types, func, lower) == CoreSignature{{i64, i64}, {i32}});
  func.params = {{"s", Primitive::string}};
  FlattenOptions sync{.direction = Direction::lift, .pointer = i64};
  CHECK(flatten_functype(types, func, sync) == CoreSignature{{i64, i64}, {i64}});
}

}  // namespace
}  // namespace tenon::component
