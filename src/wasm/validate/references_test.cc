#include "wasm/binary/decode_module.h"
#include "wasm/testing.h"
#include "wasm/validate/module.h"

#include <doctest/doctest.h>

// Typed references, managed data, exceptions, and locals without default.
namespace tenon::wasm {

namespace {

using testing::check;
using testing::starts_with;

constexpr ValType i32 = ValType::i32;

ValType ref(HeapType heap) {
  return ValType::reference(heap, false);
}
ValType ref_null(HeapType heap) {
  return ValType::reference(heap, true);
}

SubType struct_type(std::vector<FieldType> fields, std::vector<TypeIndex> supertypes = {}) {
  SubType type;
  type.kind = SubType::Kind::struct_;
  type.is_final = false;
  type.fields = std::move(fields);
  type.supertypes = std::move(supertypes);
  return type;
}
SubType array_type(FieldType element) {
  SubType type;
  type.kind = SubType::Kind::array;
  type.fields = {element};
  return type;
}

// A module with the types that the tests use, and one function to fill.
struct Guest {
  ModuleBuilder module;
  TypeIndex nothing = module.type({}, {});
  TypeIndex base = module.types({struct_type({{i32, FieldType::Packing::none, true}})});
  TypeIndex derived = module.types({struct_type(
      {{i32, FieldType::Packing::none, true}, {i32, FieldType::Packing::i8, false}}, {base})});
  TypeIndex unrelated = module.types({struct_type({{ref(HeapType::eq)}})});
  TypeIndex bytes = module.types({array_type({i32, FieldType::Packing::i8, true})});
  TypeIndex words = module.types({array_type({i32, FieldType::Packing::none, true})});
  TypeIndex frozen = module.types({array_type({i32})});
  TypeIndex functions =
      module.types({array_type({ref_null(HeapType::func), FieldType::Packing::none, true})});
  FuncIndex function;
  BodyBuilder* body = nullptr;

  Guest(std::vector<ValType> params, std::vector<ValType> results)
      : function(module.function(module.type(std::move(params), std::move(results)))),
        body(&module.body(function)) {}
};

// The verdict on a body with these parameters and results. `fill` gets the guest.
template <typename Fill>
std::string body(std::vector<ValType> params, std::vector<ValType> results, Fill fill) {
  Guest guest(std::move(params), std::move(results));
  fill(guest, *guest.body);
  return check(guest.module.finish());
}

bool mismatch(const std::string& text) {
  return starts_with(text, "type mismatch");
}

}  // namespace

TEST_CASE("null checks make types exact") {
  ValType any = ref_null(HeapType::any);
  CHECK(body({any}, {ref(HeapType::any)},
             [](Guest&, BodyBuilder& b) { b.local_get(0).op(Opcode::ref_as_non_null); }) == "");
  CHECK(
      mismatch(body({any}, {ref(HeapType::any)}, [](Guest&, BodyBuilder& b) { b.local_get(0); })));
  CHECK(mismatch(body({i32}, {}, [](Guest&, BodyBuilder& b) {
    b.local_get(0).op(Opcode::ref_as_non_null).drop();
  })));
  CHECK(body({any}, {ref(HeapType::any)}, [](Guest&, BodyBuilder& b) {
          auto null = b.block();
          b.local_get(0).branch(Opcode::br_on_null, null).return_().end().unreachable();
        }) == "");
  CHECK(body({any}, {ref(HeapType::any)}, [](Guest&, BodyBuilder& b) {
          b.local_get(0).branch(Opcode::br_on_non_null, {}).unreachable();
        }) == "");
  CHECK(mismatch(body({any}, {}, [](Guest&, BodyBuilder& b) {
    b.local_get(0).branch(Opcode::br_on_non_null, {});
  })));
}

TEST_CASE("below an unreachable point a checked reference is still a reference") {
  auto after = [](std::vector<Opcode> ops) {
    return body({}, {}, [&](Guest&, BodyBuilder& b) {
      b.unreachable();
      for (Opcode op : ops) b.op(op);
    });
  };
  CHECK(after({Opcode::ref_as_non_null, Opcode::drop}) == "");
  CHECK(after({Opcode::ref_as_non_null, Opcode::ref_is_null, Opcode::drop}) == "");
  CHECK(after({Opcode::ref_as_non_null, Opcode::throw_ref}) == "");
  CHECK(after({Opcode::ref_as_non_null, Opcode::array_len, Opcode::drop}) == "");
  CHECK(mismatch(after({Opcode::ref_as_non_null, Opcode::i32_eqz, Opcode::drop})));
  CHECK(mismatch(after({Opcode::array_len, Opcode::ref_is_null, Opcode::drop})));
  CHECK(mismatch(after({Opcode::any_convert_extern, Opcode::any_convert_extern, Opcode::drop})));
  CHECK(mismatch(body({}, {}, [](Guest&, BodyBuilder& b) {
    b.unreachable().branch(Opcode::br_on_null, {}).i32_const(0).op(Opcode::i32_add).drop();
  })));
}

TEST_CASE("missing operands of long lists are not made up one by one") {
  // Each instruction takes the most that its kind can, over and over.
  Guest guest({}, {});
  std::vector<FieldType> fields(10'000, FieldType{i32});
  TypeIndex large = guest.module.types({struct_type(fields)});
  guest.body->unreachable();
  for (int i = 0; i < 200'000; ++i) guest.body->op(Opcode::struct_new, large).drop();
  CHECK(check(guest.module.finish()) == "");
}

TEST_CASE("calls through references") {
  auto call = [](Opcode op, ValType operand) {
    return body({operand}, {}, [&](Guest& g, BodyBuilder& b) { b.local_get(0).op(op, g.nothing); });
  };
  HeapType nothing(TypeIndex(0u));
  for (Opcode op : {Opcode::call_ref, Opcode::return_call_ref}) {
    CHECK(call(op, ref(nothing)) == "");
    CHECK(call(op, ref_null(nothing)) == "");
    CHECK(call(op, ref_null(HeapType::nofunc)) == "");
    CHECK(mismatch(call(op, ref(HeapType::func))));
    CHECK(mismatch(call(op, ref(HeapType::none))));
    CHECK(mismatch(body({}, {}, [&](Guest& g, BodyBuilder& b) { b.op(op, g.base); })));
    CHECK(body({}, {}, [&](Guest&, BodyBuilder& b) { b.op(op, TypeIndex(900u)); }) ==
          "unknown type 900");
  }
}

TEST_CASE("structs") {
  auto get = [](Opcode op, ValType operand, uint32_t type, uint32_t field) {
    return body({operand}, {}, [&](Guest&, BodyBuilder& b) {
      b.local_get(0).field(op, TypeIndex(type), field).drop();
    });
  };
  Guest g({}, {});
  uint32_t base = g.base.index;
  uint32_t derived = g.derived.index;
  HeapType base_heap(g.base);
  HeapType derived_heap(g.derived);
  CHECK(get(Opcode::struct_get, ref_null(base_heap), base, 0) == "");
  CHECK(get(Opcode::struct_get, ref(derived_heap), base, 0) == "");
  CHECK(mismatch(get(Opcode::struct_get, ref(base_heap), derived, 0)));
  CHECK(mismatch(get(Opcode::struct_get, ref_null(HeapType::struct_), base, 0)));
  CHECK(get(Opcode::struct_get, ref_null(HeapType::none), base, 0) == "");
  CHECK(get(Opcode::struct_get, ref(base_heap), base, 1) == "unknown field 1");
  CHECK(get(Opcode::struct_get_s, ref(derived_heap), derived, 1) == "");
  CHECK(mismatch(get(Opcode::struct_get, ref(derived_heap), derived, 1)));
  CHECK(mismatch(get(Opcode::struct_get_u, ref(derived_heap), derived, 0)));
  CHECK(mismatch(get(Opcode::struct_get, ref(HeapType(g.bytes)), g.bytes.index, 0)));

  auto set = [](uint32_t field) {
    return body({}, {}, [&](Guest& guest, BodyBuilder& b) {
      b.unreachable().field(Opcode::struct_set, guest.derived, field);
    });
  };
  CHECK(set(0) == "");
  CHECK(set(1) == "immutable field");
  CHECK(body({}, {}, [](Guest& guest, BodyBuilder& b) {
          b.i32_const(1).i32_const(2).op(Opcode::struct_new, guest.derived).drop();
          b.op(Opcode::struct_new_default, guest.derived).drop();
        }) == "");
  CHECK(mismatch(body({}, {}, [](Guest& guest, BodyBuilder& b) {
    b.i32_const(1).op(Opcode::struct_new, guest.derived).drop();
  })));
  CHECK(mismatch(body({}, {}, [](Guest& guest, BodyBuilder& b) {
    b.op(Opcode::struct_new_default, guest.unrelated).drop();
  })));
}

TEST_CASE("arrays") {
  CHECK(body({}, {i32}, [](Guest& g, BodyBuilder& b) {
          b.i32_const(7).i32_const(8).array_new_fixed(g.words, 2).i32_const(1);
          b.op(Opcode::array_get, g.words);
        }) == "");
  CHECK(mismatch(body({}, {}, [](Guest& g, BodyBuilder& b) {
    b.i32_const(7).array_new_fixed(g.words, 2).drop();
  })));
  CHECK(starts_with(body({}, {},
                         [](Guest& g, BodyBuilder& b) {
                           b.unreachable().array_new_fixed(g.words, 10'001).drop();
                         }),
                    "10001 operands of array.new_fixed"));
  auto dead = [](auto fill) {
    return body({}, {}, [&](Guest& g, BodyBuilder& b) {
      DataIndex data = g.module.passive_data({});
      ElemIndex elem = g.module.passive_elem({});
      b.unreachable();
      fill(g, b, data, elem);
      b.unreachable();
    });
  };
  using D = DataIndex;
  using E = ElemIndex;
  CHECK(dead([](Guest& g, BodyBuilder& b, D data, E elem) {
          b.op(Opcode::array_new_data, g.bytes, data).drop();
          b.op(Opcode::array_new_elem, g.functions, elem).drop();
          b.op(Opcode::array_init_data, g.words, data);
          b.op(Opcode::array_init_elem, g.functions, elem);
        }) == "");
  CHECK(dead([](Guest& g, BodyBuilder& b, D, E) { b.op(Opcode::array_set, g.frozen); }) ==
        "immutable array");
  CHECK(dead([](Guest& g, BodyBuilder& b, D, E) { b.op(Opcode::array_fill, g.frozen); }) ==
        "immutable array");
  CHECK(dead([](Guest& g, BodyBuilder& b, D, E) { b.op(Opcode::array_copy, g.bytes, g.words); }) ==
        "array types do not match");
  CHECK(dead([](Guest& g, BodyBuilder& b, D, E) { b.op(Opcode::array_copy, g.words, g.frozen); }) ==
        "");
  CHECK(dead([](Guest& g, BodyBuilder& b, D data, E) {
          b.op(Opcode::array_new_data, g.functions, data);
        }) == "array type is not numeric or vector");
  CHECK(mismatch(dead(
      [](Guest& g, BodyBuilder& b, D, E elem) { b.op(Opcode::array_new_elem, g.words, elem); })));
  CHECK(mismatch(dead([](Guest& g, BodyBuilder& b, D, E) { b.op(Opcode::array_get, g.bytes); })));
  CHECK(dead([](Guest& g, BodyBuilder& b, D, E) {
          b.op(Opcode::array_init_data, g.words, DataIndex(9u));
        }) == "unknown data segment 9");
}

TEST_CASE("casts stay within their hierarchy") {
  auto cast = [](ValType from, ValType to) {
    return body({from}, {}, [&](Guest&, BodyBuilder& b) {
      b.local_get(0).ref_test(to).drop().local_get(0).ref_cast(to).drop();
    });
  };
  Guest g({}, {});
  ValType any = ref_null(HeapType::any);
  CHECK(cast(any, ref(HeapType::i31)) == "");
  CHECK(cast(any, ref_null(HeapType(g.base))) == "");
  CHECK(cast(ref(HeapType(g.base)), ref(HeapType(g.unrelated))) == "");
  CHECK(cast(ref_null(HeapType::func), ref(HeapType(g.nothing))) == "");
  CHECK(mismatch(cast(ref_null(HeapType::func), ref(HeapType(g.base)))));
  CHECK(mismatch(cast(ref_null(HeapType::extern_), any)));
  CHECK(mismatch(cast(any, ref_null(HeapType::exn))));
  CHECK(cast(any, ref(HeapType(TypeIndex(900u)))) == "unknown type 900");
}

TEST_CASE("branches on casts") {
  Guest g({}, {});
  ValType any = ref_null(HeapType::any);
  ValType base = ref(HeapType(g.base));
  auto cast = [](Opcode op, ValType param, ValType label, ValType from, ValType to, ValType rest) {
    return body({param}, {label}, [&](Guest&, BodyBuilder& b) {
      uint32_t kept = b.local(rest);
      b.local_get(0).br_on_cast(op, {}, from, to).local_set(kept).unreachable();
    });
  };
  CHECK(cast(Opcode::br_on_cast, any, base, any, base, any) == "");
  CHECK(cast(Opcode::br_on_cast_fail, any, any, any, base, base) == "");
  // A null that the type cast to takes does not go on.
  ValType base_null = ref_null(HeapType(g.base));
  CHECK(cast(Opcode::br_on_cast, any, base_null, any, base_null, ref(HeapType::any)) == "");
  CHECK(mismatch(cast(Opcode::br_on_cast, any, base, any, base_null, any)));
  CHECK(cast(Opcode::br_on_cast_fail, any, ref(HeapType::any), any, base_null, base_null) == "");
  CHECK(mismatch(cast(Opcode::br_on_cast_fail, any, ref(HeapType::any), any, base, base)));
  CHECK(mismatch(cast(Opcode::br_on_cast, any, any, base, any, any)));
  CHECK(mismatch(cast(Opcode::br_on_cast, any, base, ref(HeapType::any), base, any)));
}

TEST_CASE("i31 and conversions") {
  CHECK(body({i32}, {i32}, [](Guest&, BodyBuilder& b) {
          b.local_get(0).op(Opcode::ref_i31).op(Opcode::i31_get_s);
        }) == "");
  ValType any = ref_null(HeapType::any);
  CHECK(mismatch(
      body({any}, {i32}, [](Guest&, BodyBuilder& b) { b.local_get(0).op(Opcode::i31_get_u); })));
  CHECK(body({ref(HeapType::any)}, {ref(HeapType::any)}, [](Guest&, BodyBuilder& b) {
          b.local_get(0).op(Opcode::extern_convert_any).op(Opcode::any_convert_extern);
        }) == "");
  CHECK(mismatch(body({any}, {ref(HeapType::extern_)}, [](Guest&, BodyBuilder& b) {
    b.local_get(0).op(Opcode::extern_convert_any);
  })));
  CHECK(mismatch(body({any, any}, {i32}, [](Guest&, BodyBuilder& b) {
    b.local_get(0).local_get(1).op(Opcode::ref_eq);
  })));
}

TEST_CASE("exceptions") {
  auto with_tag = [](auto fill) {
    return body({}, {i32}, [&](Guest& g, BodyBuilder& b) {
      TagIndex tag = g.module.tag(g.module.type({i32}, {}));
      fill(g, b, tag);
    });
  };
  using Spec = BodyBuilder::CatchSpec;
  CHECK(with_tag([](Guest&, BodyBuilder& b, TagIndex tag) {
          const Spec catches[] = {{CatchKind::catch_, {}, tag}};
          b.try_table({}, catches);
          b.i32_const(1).op(Opcode::throw_, tag).end().unreachable();
        }) == "");
  // Labels are those outside of the try_table, so that its own results play no part.
  CHECK(mismatch(with_tag([](Guest&, BodyBuilder& b, TagIndex) {
    const Spec catches[] = {{CatchKind::catch_all, {}, {}}};
    b.try_table({}, catches);
    b.end().unreachable();
  })));
  CHECK(with_tag([](Guest&, BodyBuilder& b, TagIndex tag) {
          auto caught = b.block(ref_null(HeapType::exn));
          const Spec catches[] = {{CatchKind::catch_all_ref, caught, {}}};
          b.try_table({}, catches);
          b.i32_const(1).op(Opcode::throw_, tag).end().unreachable().end().op(Opcode::throw_ref);
        }) == "");
  CHECK(mismatch(with_tag([](Guest&, BodyBuilder& b, TagIndex tag) {
    const Spec catches[] = {{CatchKind::catch_ref, {}, tag}};
    b.try_table({}, catches);
    b.end().unreachable();
  })));
  CHECK(
      mismatch(with_tag([](Guest&, BodyBuilder& b, TagIndex tag) { b.op(Opcode::throw_, tag); })));
  CHECK(with_tag([](Guest&, BodyBuilder& b, TagIndex) { b.op(Opcode::throw_, TagIndex(5u)); }) ==
        "unknown tag 5");
  CHECK(body({}, {}, [](Guest& g, BodyBuilder&) { g.module.tag(g.module.type({}, {i32})); }) ==
        "non-empty tag result type");
  auto raw = [](std::vector<uint8_t> code) {
    return body({}, {}, [&](Guest&, BodyBuilder& b) { b.raw(code); });
  };
  CHECK(raw({0x1f, 0x40, 1, 4, 0, 0x0b}) == "malformed catch clause");
  CHECK(raw({0x1f, 0x40, 1, 2, 1, 0x0b}) == "unknown label 1");
}

TEST_CASE("locals without default are set before they are read") {
  ValType any = ref(HeapType::any);
  auto use = [&](auto fill) {
    return body({any}, {}, [&](Guest&, BodyBuilder& b) {
      uint32_t plain = b.local(i32);
      uint32_t local = b.local(any);
      b.local_get(plain).drop();
      fill(b, local);
    });
  };
  using B = BodyBuilder;
  CHECK(use([](B&, uint32_t) {}) == "");
  CHECK(use([](B& b, uint32_t x) { b.local_get(x).drop(); }) == "uninitialized local 2");
  CHECK(use([](B& b, uint32_t x) { b.local_get(0).local_set(x).local_get(x).drop(); }) == "");
  CHECK(use([](B& b, uint32_t x) { b.local_get(0).local_tee(x).drop().local_get(x).drop(); }) ==
        "");
  CHECK(use([](B& b, uint32_t x) { b.unreachable().local_get(x).drop(); }) ==
        "uninitialized local 2");
  CHECK(use([](B& b, uint32_t x) {
          b.block();
          b.local_get(0).local_set(x).local_get(x).drop().end().local_get(x).drop();
        }) == "uninitialized local 2");
  CHECK(use([](B& b, uint32_t x) {
          b.i32_const(0).if_();
          b.local_get(0).local_set(x).else_().local_get(x).drop().end();
        }) == "uninitialized local 2");
  CHECK(use([](B& b, uint32_t x) {
          b.local_get(0).local_set(x).block();
          b.local_get(x).drop().local_get(0).local_set(x).end().local_get(x).drop();
        }) == "");
  CHECK(use([](B& b, uint32_t x) { b.local_get(x + 1); }) == "unknown local 3");
}

TEST_CASE("types in bodies that are not there") {
  ValType far = ref_null(HeapType(TypeIndex(900u)));
  CHECK(body({}, {}, [&](Guest&, BodyBuilder& b) { b.local(far); }) == "unknown type 900");
  CHECK(body({}, {}, [&](Guest&, BodyBuilder& b) {
          b.block(far);
          b.unreachable().end().drop();
        }) == "unknown type 900");
  CHECK(body({}, {}, [&](Guest&, BodyBuilder& b) { b.unreachable().select(far).drop(); }) ==
        "unknown type 900");
  CHECK(body({}, {}, [&](Guest&, BodyBuilder& b) { b.ref_null(far.heap()).drop(); }) ==
        "unknown type 900");
}

TEST_CASE("declared supertypes") {
  auto types = [](std::vector<SubType> group) {
    ModuleBuilder module;
    module.types(std::move(group));
    return check(module.finish());
  };
  TypeIndex first(0u);
  FieldType number{i32};
  FieldType variable{i32, FieldType::Packing::none, true};
  auto refused = [&](SubType super, std::vector<FieldType> fields) {
    return types({std::move(super), struct_type(std::move(fields), {first})}) ==
           "sub type 1 does not match super type 0";
  };
  CHECK(types({struct_type({number}), struct_type({number, number}, {first})}) == "");
  CHECK(refused(struct_type({number, number}), {number}));
  CHECK(refused(struct_type({number}), {variable}));
  CHECK(refused(array_type(number), {number}));
  SubType final = struct_type({number});
  final.is_final = true;
  CHECK(refused(final, {number}));
  // A mutable field is as it was above; one that is not may be more exact.
  FieldType any{ref_null(HeapType::any)};
  FieldType eq{ref_null(HeapType::eq)};
  CHECK(types({struct_type({any}), struct_type({eq}, {first})}) == "");
  CHECK(refused(struct_type({eq}), {any}));
  any.is_mutable = eq.is_mutable = true;
  CHECK(refused(struct_type({any}), {eq}));
  // Of functions, results may be more exact and parameters less so.
  SubType wide;
  wide.is_final = false;
  wide.func = {{eq.type}, {any.type}};
  SubType narrow = wide;
  narrow.supertypes = {first};
  narrow.func = {{any.type}, {eq.type}};
  CHECK(types({wide, narrow}) == "");
  std::swap(wide.func, narrow.func);
  CHECK(types({wide, narrow}) == "sub type 1 does not match super type 0");
  // A supertype comes first, also within a group.
  CHECK(starts_with(types({struct_type({}, {TypeIndex(1u)}), struct_type({})}), "unknown type"));
  CHECK(starts_with(types({struct_type({}, {first})}), "unknown type"));
}

TEST_CASE("chains of supertypes have an end, and are not walked before that is known") {
  auto chain = [](uint32_t depth, uint32_t users) {
    // The users come first and compare the two ends of the chain.
    uint32_t start = users == 0 ? 0 : users + 1;
    std::vector<SubType> group;
    if (users != 0) group.push_back(struct_type({{ref(HeapType(TypeIndex(start)))}}));
    for (uint32_t i = 0; i < users; ++i) {
      FieldType field{ref(HeapType(TypeIndex(start + depth)))};
      group.push_back(struct_type({field}, {TypeIndex(0u)}));
    }
    group.push_back(struct_type({}));
    for (uint32_t i = 0; i < depth; ++i) group.push_back(struct_type({}, {TypeIndex(start + i)}));
    ModuleBuilder module;
    module.types(std::move(group));
    return check(module.finish());
  };
  CHECK(chain(63, 0) == "");
  CHECK(chain(63, 100) == "");
  CHECK(chain(64, 0) == "the chain of supertypes is too long");
  CHECK(chain(50'000, 50'000) == "the chain of supertypes is too long");
}

TEST_CASE("managed data in constant expressions") {
  auto global = [](auto make) {
    Guest g({}, {});
    ConstExpr init;
    ValType type = make(g, init);
    g.module.global({type, false}, init);
    return check(g.module.finish());
  };
  using Kind = ConstOp::Kind;
  auto op = [](Kind kind, uint64_t bits = 0, uint64_t high = 0) {
    ConstOp made;
    made.kind = kind;
    made.bits = bits;
    made.high = high;
    return made;
  };
  CHECK(global([&](Guest& g, ConstExpr& e) {
          e = {op(Kind::i32_const, 1), op(Kind::i32_const, 2),
               op(Kind::struct_new, g.derived.index)};
          return ref(HeapType(g.base));
        }) == "");
  CHECK(mismatch(global([&](Guest& g, ConstExpr& e) {
    e = {op(Kind::i32_const, 2), op(Kind::struct_new, g.derived.index)};
    return ref(HeapType(g.base));
  })));
  CHECK(mismatch(global([&](Guest& g, ConstExpr& e) {
    e = {op(Kind::struct_new_default, g.unrelated.index)};
    return ref(HeapType(g.unrelated));
  })));
  CHECK(global([&](Guest& g, ConstExpr& e) {
          e = {op(Kind::i32_const, 1), op(Kind::array_new_fixed, g.words.index, 1),
               op(Kind::extern_convert_any)};
          return ref(HeapType::extern_);
        }) == "");
  CHECK(mismatch(global([&](Guest& g, ConstExpr& e) {
    e = {op(Kind::i32_const, 1), op(Kind::array_new, g.words.index)};
    return ref(HeapType::any);
  })));
  CHECK(global([&](Guest&, ConstExpr& e) {
          e = {op(Kind::i32_const, 1), op(Kind::ref_i31)};
          return ref(HeapType::eq);
        }) == "");
  CHECK(mismatch(global([&](Guest& g, ConstExpr& e) {
    e = {op(Kind::array_new_default, g.base.index)};
    return ref(HeapType::any);
  })));
}

// The type of the global is looked at before what reads it.
TEST_CASE("a table is filled from a global of a type that does not exist") {
  const std::vector<uint8_t> bytes = {
      0,    'a', 's', 'm',  1,   0,    0,   0,  // preamble
      2,    9,   1,   1,    'm', 1,    'g', 3,  // import of a global
      0x64, 16,  0,                             // (ref 16)
      4,    9,   1,   0x40, 0,   0x70, 0,   1,  // table
      0x23, 0,   0x0b};                         // global.get 0
  auto module = decode_module(bytes, 0, Features::standard());
  REQUIRE(module.has_value());
  auto validated = validate_module(*module, Features::standard());
  REQUIRE(!validated.has_value());
  CHECK(validated.error().message() == "unknown type 16");
}

}  // namespace tenon::wasm
