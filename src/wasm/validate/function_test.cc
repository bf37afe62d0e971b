#include "wasm/validate/function.h"

#include "wasm/testing.h"
#include "wasm/validate/null_sink.h"

#include <doctest/doctest.h>

namespace tenon::wasm {

namespace {

using testing::check;
using testing::check_body;
using testing::starts_with;

constexpr auto i32 = ValType::i32;
constexpr auto i64 = ValType::i64;
constexpr auto f32 = ValType::f32;
constexpr Limits one_page{.min = 1};

// An operand of each letter of opcodes.def, addresses being i32.
void push_operand(BodyBuilder& body, char letter) {
  switch (letter) {
    case 'l': body.i64_const(0); return;
    case 'f': body.f32_const(0); return;
    case 'd': body.f64_const(0); return;
    case 'v': body.v128_const({}); return;
    default: body.i32_const(0);
  }
}

char another(char letter) {
  return letter == 'l' ? 'f' : 'l';
}

void write_op(BodyBuilder& body, Opcode op) {
  switch (info(op).immediate) {
    case Immediate::memarg: body.access(op, MemoryIndex(0u), 0); return;
    case Immediate::memarg_lane: body.access_lane(op, MemoryIndex(0u), 0, 0); return;
    case Immediate::lane: body.lane(op, 0); return;
    case Immediate::lanes: body.shuffle({}); return;
    default: body.op(op);
  }
}

template <typename Fill>
std::string check_with_memory(Fill fill) {
  ModuleBuilder module;
  module.memory({one_page});
  FuncIndex function = module.function(module.type({}, {}));
  fill(module.body(function));
  return check(module.finish());
}

std::vector<Opcode> ops_with_signature() {
  std::vector<Opcode> ops;
  for (int i = 0; i < opcode_count; ++i) {
    auto op = static_cast<Opcode>(i);
    if (info(op).op_class != OpClass::special) ops.push_back(op);
  }
  return ops;
}

}  // namespace

TEST_CASE("each instruction of a fixed signature takes exactly its operands") {
  for (Opcode op : ops_with_signature()) {
    CAPTURE(info(op).text);
    const OpSignature& signature = info(op).signature;
    auto with_operands = [&](int wrong, int count) {
      return check_with_memory([&](BodyBuilder& body) {
        for (int i = signature.param_count - count; i < signature.param_count; ++i) {
          push_operand(body, i == wrong ? another(signature.params[i]) : signature.params[i]);
        }
        write_op(body, op);
        if (signature.result) body.drop();
      });
    };
    CHECK(with_operands(-1, signature.param_count) == "");
    CHECK(starts_with(with_operands(-1, signature.param_count - 1), "type mismatch"));
    for (int wrong = 0; wrong < signature.param_count; ++wrong) {
      CHECK(starts_with(with_operands(wrong, signature.param_count), "type mismatch"));
    }
  }
}

TEST_CASE("each instruction of a fixed signature gives exactly its result") {
  for (Opcode op : ops_with_signature()) {
    CAPTURE(info(op).text);
    const OpSignature& signature = info(op).signature;
    auto into_local = [&](char letter) {
      return check_with_memory([&](BodyBuilder& body) {
        ValType type = detail::type_of_letter(letter);
        uint32_t local = body.local(type);
        body.unreachable();
        write_op(body, op);
        body.local_set(local);
      });
    };
    if (signature.result) {
      CHECK(into_local(signature.result) == "");
      CHECK(starts_with(into_local(another(signature.result)), "type mismatch"));
    } else {
      CHECK(into_local('l') == "");
    }
  }
}

TEST_CASE("memory accesses: alignment, offset, lanes, the memory itself") {
  for (Opcode op : ops_with_signature()) {
    const OpcodeInfo& known = info(op);
    if (known.immediate != Immediate::memarg && known.immediate != Immediate::memarg_lane) continue;
    CAPTURE(known.text);
    auto raw = [&](bool has_memory, std::vector<uint8_t> immediates) {
      ModuleBuilder module;
      if (has_memory) module.memory({one_page});
      ByteWriter code;
      code.byte(0x00);  // unreachable: operands of any type
      code.byte(known.first_byte());
      if (known.is_prefixed()) code.u32(known.number());
      code.bytes(immediates);
      if (known.immediate == Immediate::memarg_lane && immediates.size() == 2) code.byte(0);
      code.byte(0x00);
      module.body(module.function(module.type({}, {}))).raw(code.view());
      return check(module.finish());
    };
    auto align = static_cast<uint8_t>(known.natural_align());
    CHECK(raw(true, {align, 0}) == "");
    CHECK(raw(false, {align, 0}) == "unknown memory 0");
    CHECK(raw(true, {static_cast<uint8_t>(align + 1), 0}) ==
          "alignment must not be larger than natural");
    CHECK(raw(true, {0x40, 1, 0, 0}) == "unknown memory 1");
    CHECK(starts_with(raw(true, {0x80, 0x01, 0, 0}), "malformed memop flags"));
    CHECK(raw(true, {align, 0x80, 0x80, 0x80, 0x80, 0x10, 0}) == "offset out of range");
    CHECK(raw(true, {align, 0xff, 0xff, 0xff, 0xff, 0x0f, 0}) == "");
    if (known.op_class == OpClass::atomic && align != 0)
      CHECK(raw(true, {static_cast<uint8_t>(align - 1), 0}) == "alignment must be natural");
    if (known.immediate != Immediate::memarg_lane) continue;
    auto lanes = static_cast<uint8_t>(known.lane_count());
    CHECK(raw(true, {0, 0, static_cast<uint8_t>(lanes - 1)}) == "");
    CHECK(starts_with(raw(true, {0, 0, lanes}), "invalid lane index"));
  }
}

TEST_CASE("lane immediates") {
  for (Opcode op : ops_with_signature()) {
    if (info(op).immediate != Immediate::lane) continue;
    CAPTURE(info(op).text);
    auto with_lane = [&](uint32_t lane) {
      return check_body({}, {}, [&](BodyBuilder& body) {
        body.unreachable();
        body.lane(op, static_cast<uint8_t>(lane)).drop();
      });
    };
    CHECK(with_lane(info(op).lane_count() - 1) == "");
    CHECK(starts_with(with_lane(info(op).lane_count()), "invalid lane index"));
  }
  auto shuffle = [](uint8_t lane) {
    return check_body({}, {}, [&](BodyBuilder& body) {
      body.v128_const({}).v128_const({}).shuffle({lane}).drop();
    });
  };
  CHECK(shuffle(31) == "");
  CHECK(starts_with(shuffle(32), "invalid lane index"));
}

TEST_CASE("a feature that is off is refused by name") {
  auto refused = [](Feature feature, auto fill) {
    auto text = check_body({}, {}, fill, Features::validated().without(feature));
    return text.find("needs the " + std::string(feature_name(feature)) +
                     " feature, which is switched off") != std::string::npos;
  };
  CHECK(refused(Feature::sign_extension,
                [](BodyBuilder& b) { b.i32_const(0).op(Opcode::i32_extend8_s).drop(); }));
  CHECK(refused(Feature::saturating_float_to_int,
                [](BodyBuilder& b) { b.f32_const(0).op(Opcode::i32_trunc_sat_f32_s).drop(); }));
  CHECK(refused(Feature::simd, [](BodyBuilder& b) { b.v128_const({}).drop(); }));
  CHECK(refused(Feature::simd, [](BodyBuilder& b) { b.local(ValType::v128); }));
  CHECK(refused(Feature::relaxed_simd, [](BodyBuilder& b) {
    b.v128_const({}).v128_const({}).op(Opcode::f32x4_relaxed_min).drop();
  }));
  CHECK(refused(Feature::tail_call, [](BodyBuilder& b) { b.return_call(FuncIndex(0u)); }));
  CHECK(
      refused(Feature::reference_types, [](BodyBuilder& b) { b.ref_null(HeapType::func).drop(); }));
  CHECK(refused(Feature::exceptions, [](BodyBuilder& b) { b.op(Opcode::throw_, TagIndex(0u)); }));
  CHECK(refused(Feature::bulk_memory_opt, [](BodyBuilder& b) { b.memory_fill(MemoryIndex(0u)); }));
  CHECK(refused(Feature::multi_value, [](BodyBuilder& b) {
    b.block(TypeIndex(0u));
    b.end();
  }));
  CHECK(refused(Feature::multi_memory,
                [](BodyBuilder& b) { b.access(Opcode::i32_load, MemoryIndex(1u), 0); }));
}

TEST_CASE("what the compiler does not do, and what is not supported at all, is refused by name") {
  auto raw = [](std::vector<uint8_t> code) {
    return check_body({}, {}, [&](BodyBuilder& body) { body.raw(code); }, Features::compiled());
  };
  CHECK(raw({0x06, 0x40}) ==
        "opcode 0x06 needs the legacy-exceptions feature, which is not supported");
  CHECK(raw({0xff}) == "illegal opcode ff");
  CHECK(raw({0xfd, 0x9a, 0x01}) == "illegal opcode fd 9a");
  auto add128 = [](BodyBuilder& body) { body.raw(std::vector<uint8_t>{0xfc, 0x13}); };
  CHECK(check_body({}, {}, add128, Features::defaults()) ==
        "`i64.add128` needs the wide-arithmetic feature, which is switched off");
}

TEST_CASE("variables") {
  auto fill = [](auto use) { return check_body({i32}, {}, use); };
  CHECK(fill([](BodyBuilder& b) { b.local_get(1).drop(); }) == "unknown local 1");
  CHECK(fill([](BodyBuilder& b) { b.i64_const(0).local_set(0); }) ==
        "type mismatch: expected i32, found i64");
  CHECK(fill([](BodyBuilder& b) { b.local_tee(0).drop(); }) ==
        "type mismatch: expected i32, found nothing");
  CHECK(fill([](BodyBuilder& b) { b.global_get(GlobalIndex(0u)).drop(); }) == "unknown global 0");
  auto with_global = [](bool is_mutable, auto use) {
    ModuleBuilder module;
    GlobalIndex global = module.global({i64, is_mutable}, const_i64(0));
    use(module.body(module.function(module.type({}, {}))), global);
    return check(module.finish());
  };
  auto set = [](BodyBuilder& b, GlobalIndex global) { b.i64_const(1).global_set(global); };
  CHECK(with_global(true, set) == "");
  CHECK(with_global(false, set) == "immutable global");
  CHECK(starts_with(
      with_global(true, [](BodyBuilder& b, GlobalIndex g) { b.i32_const(1).global_set(g); }),
      "type mismatch"));
}

TEST_CASE("select") {
  auto fill = [](auto use) { return check_body({}, {}, use); };
  CHECK(fill([](BodyBuilder& b) { b.i64_const(0).i64_const(0).i32_const(0).select().drop(); }) ==
        "");
  CHECK(starts_with(
      fill([](BodyBuilder& b) { b.i64_const(0).i32_const(0).i32_const(0).select().drop(); }),
      "type mismatch"));
  CHECK(starts_with(
      fill([](BodyBuilder& b) {
        b.ref_null(HeapType::func).ref_null(HeapType::func).i32_const(0).select().drop();
      }),
      "type mismatch"));
  CHECK(fill([](BodyBuilder& b) { b.raw(std::vector<uint8_t>{0x1c, 0x00}); }) ==
        "invalid result arity");
  CHECK(fill([](BodyBuilder& b) { b.unreachable().select().drop(); }) == "");
  CHECK(fill([](BodyBuilder& b) {
          b.unreachable().i64_const(0).i32_const(0).select().op(Opcode::i64_eqz).drop();
        }) == "");
}

TEST_CASE("blocks") {
  auto fill = [](auto use) { return check_body({}, {}, use); };
  CHECK(starts_with(fill([](BodyBuilder& b) {
                      b.block(i32);
                      b.end().drop();
                    }),
                    "type mismatch: expected i32"));
  CHECK(starts_with(fill([](BodyBuilder& b) {
                      b.block();
                      b.i32_const(0).end();
                    }),
                    "type mismatch: 1 operand too many"));
  CHECK(starts_with(fill([](BodyBuilder& b) { b.i32_const(0); }),
                    "type mismatch: 1 operand too many"));
  CHECK(starts_with(fill([](BodyBuilder& b) {
                      b.i32_const(0).if_(i32);
                      b.i32_const(1).end().drop();
                    }),
                    "type mismatch"));
  CHECK(starts_with(fill([](BodyBuilder& b) {
                      b.if_();
                      b.end();
                    }),
                    "type mismatch"));
  CHECK(fill([](BodyBuilder& b) {
          b.block(TypeIndex(7u));
          b.end();
        }) == "unknown type 7");
  CHECK(fill([](BodyBuilder& b) { b.raw(std::vector<uint8_t>{0x05}); }) == "`else` without `if`");
  CHECK(fill([](BodyBuilder& b) {
          b.i32_const(0).if_();
          b.else_().else_().end();
        }) == "`else` without `if`");
  CHECK(fill([](BodyBuilder& b) { b.raw(std::vector<uint8_t>{0x0b, 0x01}); }) ==
        "END opcode expected");
  CHECK(fill([](BodyBuilder& b) { b.raw(std::vector<uint8_t>{0x02, 0x40}); }) ==
        "unexpected end of section or function");
}

TEST_CASE("a block type with an index of two bytes") {
  for (uint32_t last : {63u, 64u, 200u}) {
    ModuleBuilder module;
    FuncIndex function = module.function(module.type({}, {}));
    TypeIndex type;
    for (uint32_t i = 1; i <= last; ++i)
      type = module.type(std::vector<ValType>(i, ValType::i64), {ValType::f32});
    BodyBuilder& body = module.body(function);
    body.unreachable().block(type);
    body.unreachable().end().drop();
    CHECK(check(module.finish()) == "");
  }
}

TEST_CASE("branches") {
  auto fill = [](auto use) { return check_body({}, {i32}, use); };
  auto raw = [&](std::vector<uint8_t> code) { return fill([&](BodyBuilder& b) { b.raw(code); }); };
  CHECK(raw({0x41, 0x00, 0x0c, 0x00}) == "");  // br 0
  CHECK(raw({0x41, 0x00, 0x0c, 0x01}) == "unknown label 1");
  CHECK(starts_with(raw({0x0c, 0x00}), "type mismatch"));
  CHECK(raw({0x41, 0x00, 0x41, 0x00, 0x0d, 0x00}) == "");  // br_if 0
  CHECK(starts_with(raw({0x41, 0x00, 0x0d, 0x00}), "type mismatch"));
  CHECK(raw({0x41, 0x00, 0x41, 0x00, 0x0e, 0x01, 0x00, 0x00}) == "");  // br_table 0 0
  CHECK(raw({0x41, 0x00, 0x41, 0x00, 0x0e, 0x01, 0x05, 0x00}) == "unknown label 5");
  CHECK(raw({0x41, 0x00, 0x41, 0x00, 0x0e, 0x7f, 0x00}) == "length out of bounds");
  CHECK(starts_with(raw({0x02, 0x40, 0x41, 0x00, 0x0e, 0x01, 0x00, 0x01, 0x0b, 0x00}),
                    "type mismatch: the labels"));
  CHECK(raw({0x41, 0x00, 0x0f}) == "");  // return
  CHECK(starts_with(raw({0x0f}), "type mismatch"));
}

TEST_CASE("calls") {
  ModuleBuilder module;
  TypeIndex callee_type = module.type({i64}, {f32});
  TypeIndex caller_type = module.type({}, {i32});
  FuncIndex callee = module.import_function("m", "f", callee_type);
  auto in_caller = [&](auto use) {
    ModuleBuilder copy = module;
    use(copy, copy.body(copy.function(caller_type)));
    return check(copy.finish());
  };
  auto extern_table = [](ModuleBuilder& m) { return m.table({one_page, ValType::externref()}); };
  auto func_table = [](ModuleBuilder& m) { return m.table({one_page, ValType::funcref()}); };
  CHECK(in_caller([&](ModuleBuilder&, BodyBuilder& b) {
          b.i64_const(0).call(callee).op(Opcode::i32_trunc_f32_s);
        }) == "");
  CHECK(starts_with(in_caller([&](ModuleBuilder&, BodyBuilder& b) { b.call(callee); }),
                    "type mismatch"));
  CHECK(in_caller([&](ModuleBuilder&, BodyBuilder& b) { b.call(FuncIndex(9u)); }) ==
        "unknown function 9");
  CHECK(starts_with(
      in_caller([&](ModuleBuilder&, BodyBuilder& b) { b.i64_const(0).return_call(callee); }),
      "type mismatch: a tail call"));
  CHECK(in_caller([&](ModuleBuilder&, BodyBuilder& b) {
          b.call_indirect(callee_type, TableIndex(0u));
        }) == "unknown table 0");
  CHECK(starts_with(in_caller([&](ModuleBuilder& m, BodyBuilder& b) {
                      b.i64_const(0).i32_const(0).call_indirect(callee_type, extern_table(m));
                    }),
                    "type mismatch"));
  CHECK(in_caller([&](ModuleBuilder& m, BodyBuilder& b) {
          b.i32_const(0).call_indirect(TypeIndex(5u), func_table(m));
        }) == "unknown type 5");
  CHECK(in_caller([&](ModuleBuilder& m, BodyBuilder& b) {
          b.i32_const(0).return_call_indirect(caller_type, func_table(m));
        }) == "");
}

TEST_CASE("references and tables") {
  auto fill = [](auto use) { return check_body({}, {}, use); };
  CHECK(fill([](BodyBuilder& b) {
          b.ref_null(HeapType::extern_).op(Opcode::ref_is_null).drop();
        }) == "");
  CHECK(starts_with(fill([](BodyBuilder& b) { b.i32_const(0).op(Opcode::ref_is_null).drop(); }),
                    "type mismatch"));
  CHECK(fill([](BodyBuilder& b) { b.ref_func(FuncIndex(0u)).drop(); }) ==
        "undeclared function reference");
  CHECK(fill([](BodyBuilder& b) { b.ref_func(FuncIndex(4u)).drop(); }) == "unknown function 4");
  CHECK(fill([](BodyBuilder& b) { b.table_size(TableIndex(0u)).drop(); }) == "unknown table 0");
  CHECK(fill([](BodyBuilder& b) { b.elem_drop(ElemIndex(0u)); }) == "unknown elem segment 0");
  CHECK(fill([](BodyBuilder& b) { b.data_drop(DataIndex(0u)); }) == "data count section required");
  CHECK(fill([](BodyBuilder& b) { b.memory_size(MemoryIndex(0u)).drop(); }) == "unknown memory 0");

  auto with_tables = [](auto use) {
    ModuleBuilder module;
    TableIndex functions = module.table({one_page, ValType::funcref()});
    TableIndex externs = module.table({one_page, ValType::externref()});
    FuncIndex function = module.function(module.type({}, {}));
    const FuncIndex list[] = {function};
    ElemIndex elem = module.passive_elem(list);
    module.passive_data({});
    use(module.body(function), functions, externs, elem);
    return check(module.finish());
  };
  CHECK(starts_with(
      with_tables([](BodyBuilder& b, TableIndex functions, TableIndex externs, ElemIndex) {
        b.i32_const(0).i32_const(0).i32_const(0).table_copy(functions, externs);
      }),
      "type mismatch"));
  CHECK(starts_with(with_tables([](BodyBuilder& b, TableIndex, TableIndex externs, ElemIndex elem) {
                      b.i32_const(0).i32_const(0).i32_const(0).table_init(externs, elem);
                    }),
                    "type mismatch"));
  CHECK(starts_with(with_tables([](BodyBuilder& b, TableIndex, TableIndex externs, ElemIndex) {
                      b.i32_const(0).ref_func(FuncIndex(0u)).table_set(externs);
                    }),
                    "type mismatch"));
  CHECK(with_tables([](BodyBuilder& b, TableIndex, TableIndex, ElemIndex) {
          b.data_drop(DataIndex(1u));
        }) == "unknown data segment 1");
}

TEST_CASE("limits of a body") {
  auto locals = [](uint32_t count, uint32_t params) {
    return check_body(std::vector<ValType>(params, i64), {}, [&](BodyBuilder& b) {
      for (uint32_t i = 0; i < count; ++i) b.local(i32);
    });
  };
  CHECK(locals(limits::max_locals - 2, 2) == "");
  CHECK(starts_with(locals(limits::max_locals - 1, 2), "50001 locals, at most"));

  auto nested = [](uint32_t depth) {
    return check_body({}, {}, [&](BodyBuilder& b) {
      for (uint32_t i = 0; i < depth; ++i) b.block();
      for (uint32_t i = 0; i < depth; ++i) b.end();
    });
  };
  CHECK(nested(limits::max_control_depth - 1) == "");
  CHECK(starts_with(nested(limits::max_control_depth), "50001 nested blocks"));

  auto table = [](uint32_t targets) {
    return check_body({}, {}, [&](BodyBuilder& b) {
      std::vector<BodyBuilder::Label> labels(targets);
      b.i32_const(0).br_table(labels, {});
    });
  };
  CHECK(table(limits::max_br_table_targets) == "");
  CHECK(starts_with(table(limits::max_br_table_targets + 1), "65521 branch targets"));

  ModuleBuilder module;
  TypeIndex many = module.type({}, std::vector<ValType>(limits::max_results, i32));
  FuncIndex callee = module.import_function("m", "f", many);
  BodyBuilder& body = module.body(module.function(module.type({}, {})));
  for (int i = 0; i < 1001; ++i) body.call(callee);
  body.unreachable();
  CHECK(starts_with(check(module.finish()), "1000001 operands, at most"));
}

TEST_CASE("every truncation of a body is refused") {
  ModuleBuilder module;
  MemoryIndex memory = module.memory({one_page});
  FuncIndex function = module.function(module.type({i32}, {i32}));
  BodyBuilder& body = module.body(function);
  uint32_t local = body.local(i64);
  auto label = body.block(i32);
  body.i32_const(7).local_get(0).access(Opcode::i32_load, memory, 300).br_if(label).drop();
  body.i64_const(-123456789).local_set(local).i32_const(1000).end();
  auto bytes = module.finish();
  auto decoded = decode_module(bytes, 0, Features::validated());
  REQUIRE(decoded);
  NullSink sink;
  REQUIRE(walk_function(*decoded, Features::validated(), function, sink));
  auto whole = decoded->bodies[0].bytes;
  for (size_t size = 0; size < whole.size(); ++size) {
    decoded->bodies[0].bytes = whole.first(size);
    auto walked = walk_function(*decoded, Features::validated(), function, sink);
    REQUIRE(!walked);
  }
}

}  // namespace tenon::wasm
