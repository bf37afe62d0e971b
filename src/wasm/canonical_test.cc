#include "wasm/canonical.h"

#include "wasm/validate/subtyping.h"

#include <doctest/doctest.h>

namespace tenon::wasm {

namespace {

SubType func(std::vector<ValType> params, std::vector<ValType> results = {}) {
  SubType type;
  type.func = {std::move(params), std::move(results)};
  return type;
}

SubType structure(std::vector<FieldType> fields, bool is_final = true,
                  std::vector<TypeIndex> supertypes = {}) {
  SubType type;
  type.kind = SubType::Kind::struct_;
  type.fields = std::move(fields);
  type.is_final = is_final;
  type.supertypes = std::move(supertypes);
  return type;
}

ValType ref_to(uint32_t type) {
  return ValType::reference(HeapType(TypeIndex(type)), true);
}

void add_group(Module& module, std::vector<SubType> types) {
  module.rec_groups.push_back({module.types.next_id(), static_cast<uint32_t>(types.size())});
  for (SubType& type : types) module.types.push_back(std::move(type));
}

std::vector<uint32_t> firsts(const Module& module) {
  std::vector<uint32_t> result;
  for (TypeIndex type : canonical_types(module)) result.push_back(type.index);
  return result;
}

}  // namespace

TEST_CASE("equal function types of one module") {
  Module module;
  add_group(module, {func({ValType::i32})});
  add_group(module, {func({ValType::i32}, {ValType::i32})});
  add_group(module, {func({ValType::i32})});
  add_group(module, {func({}, {ValType::i32, ValType::i32})});
  CHECK(firsts(module) == std::vector<uint32_t>{0, 1, 0, 3});
}

TEST_CASE("equal groups of different modules are equal words") {
  Module one;
  add_group(one, {func({ValType::i32})});
  add_group(one, {func({ref_to(0)}), func({ref_to(1), ref_to(2)})});
  Module two;
  add_group(two, {func({ValType::f64})});
  add_group(two, {func({ValType::i32})});
  add_group(two, {func({ref_to(1)}), func({ref_to(2), ref_to(3)})});
  // Whoever compares gives equal types equal ids: 7 is the id of (func (param i32)).
  const uint32_t ids_one[] = {7};
  const uint32_t ids_two[] = {8, 7};
  CHECK(canonical_group(one.types, one.rec_groups[1], ids_one) ==
        canonical_group(two.types, two.rec_groups[2], ids_two));
  const uint32_t others[] = {7, 8};
  CHECK(canonical_group(one.types, one.rec_groups[1], ids_one) !=
        canonical_group(two.types, two.rec_groups[2], others));
}

TEST_CASE("recursion groups are compared as a whole") {
  Module module;
  add_group(module, {func({ref_to(0)})});  // 0: refers to itself
  add_group(module, {func({ref_to(1)})});  // 1: the same
  add_group(module, {func({ref_to(0)})});  // 2: refers to 0 from outside: differs
  add_group(module, {func({ref_to(4)}), func({ref_to(3)})});  // 3, 4
  add_group(module, {func({ref_to(6)}), func({ref_to(5)})});  // 5, 6: the same
  add_group(module, {func({ref_to(1)})});                     // 7: equals 2, since 0 equals 1
  CHECK(firsts(module) == std::vector<uint32_t>{0, 0, 2, 3, 4, 3, 4, 2});
}

TEST_CASE("nothing of a type is left out of its identity") {
  FieldType i8{ValType::i32, FieldType::Packing::i8, false};
  FieldType i8_mut{ValType::i32, FieldType::Packing::i8, true};
  FieldType i32{ValType::i32, FieldType::Packing::none, false};
  Module module;
  add_group(module, {structure({i8})});
  add_group(module, {structure({i8_mut})});
  add_group(module, {structure({i32})});
  add_group(module, {structure({i32}, false)});
  add_group(module, {structure({i32}, true, {TypeIndex(3u)})});
  add_group(module, {structure({i32, i32})});
  add_group(module, {func({ValType::funcref()})});
  add_group(module, {func({ValType::reference(HeapType::func, false)})});
  add_group(module, {func({ValType::externref()})});
  add_group(module, {func({ref_to(0)})});
  add_group(module, {func({ValType::reference(HeapType(TypeIndex(0u)), false)})});
  CHECK(firsts(module) == std::vector<uint32_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
}

TEST_CASE("matching") {
  Module module;
  FieldType i32{ValType::i32, FieldType::Packing::none, false};
  add_group(module, {structure({i32}, false)});
  add_group(module, {structure({i32, i32}, true, {TypeIndex(0u)})});
  add_group(module, {func({})});
  module.canonical_types = canonical_types(module);
  auto matches = [&](ValType sub, ValType super) { return val_matches(module, sub, super); };
  auto null = [](HeapType heap) { return ValType::reference(heap, true); };
  auto ref = [](HeapType heap) { return ValType::reference(heap, false); };
  HeapType base(TypeIndex(0u));
  HeapType derived(TypeIndex(1u));
  HeapType function(TypeIndex(2u));

  CHECK(matches(ValType::i32, ValType::i32));
  CHECK(!matches(ValType::i32, ValType::i64));
  CHECK(matches(ValType::bottom, ValType::i64));
  CHECK(!matches(ValType::funcref(), ValType::externref()));
  CHECK(matches(ref(HeapType::func), ValType::funcref()));
  CHECK(!matches(ValType::funcref(), ref(HeapType::func)));
  CHECK(!matches(ValType::i32, ValType::funcref()));
  CHECK(matches(ref(derived), ref(base)));
  CHECK(!matches(ref(base), ref(derived)));
  CHECK(matches(null(derived), null(HeapType::any)));
  CHECK(matches(null(derived), null(HeapType::struct_)));
  CHECK(!matches(null(derived), null(HeapType::array)));
  CHECK(matches(null(HeapType::none), null(derived)));
  CHECK(!matches(null(HeapType::nofunc), null(derived)));
  CHECK(matches(ref(function), ValType::funcref()));
  CHECK(matches(null(HeapType::nofunc), null(function)));
  CHECK(!matches(null(function), null(HeapType::any)));
  CHECK(matches(null(HeapType::i31), null(HeapType::eq)));
  CHECK(matches(null(HeapType::noextern), ValType::externref()));
  CHECK(matches(null(HeapType::noexn), ValType::exnref()));
  CHECK(top_of(module, function) == HeapType::func);
  CHECK(top_of(module, derived) == HeapType::any);
  CHECK(top_of(module, HeapType::noexn) == HeapType::exn);
  CHECK(composite_matches(module, module.types[TypeIndex(1u)], module.types[TypeIndex(0u)]));
  CHECK(!composite_matches(module, module.types[TypeIndex(0u)], module.types[TypeIndex(1u)]));

  CHECK(to_string(ValType::f32) == "f32");
  CHECK(to_string(ValType::funcref()) == "funcref");
  CHECK(to_string(ref(HeapType::extern_)) == "(ref extern)");
  CHECK(to_string(null(base)) == "(ref null 0)");
  CHECK(to_string(null(HeapType::nofunc)) == "(ref null nofunc)");
}

}  // namespace tenon::wasm
