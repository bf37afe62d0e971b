#include "wasm/validate/sink.h"

#include <string>

#include "wasm/testing.h"
#include "wasm/validate/checking_sink.h"
#include "wasm/validate/function.h"

#include <doctest/doctest.h>

// What a sink is told, as text: one line per call, values numbered in the order they appear.
namespace tenon::wasm {

namespace {

struct Recorder {
  struct Value {
    int id = -1;
  };
  struct Control {
    int id = -1;
  };
  using Values = std::span<const Value>;
  using Results = std::span<Value>;
  using Ref = Reference<Value>;

  std::string log;
  int next_value = 0;
  int next_frame = 0;

  static std::string text(Value value) { return "v" + std::to_string(value.id); }
  static std::string text(Values values) {
    std::string all = "(";
    for (Value value : values) all += (all.size() > 1 ? " " : "") + text(value);
    return all + ")";
  }
  static std::string text(const Control& frame) { return "f" + std::to_string(frame.id); }
  static std::string text(const Ref& ref) { return text(ref.value) + ":" + to_string(ref.type); }
  static std::string text(const Field& field) {
    return std::to_string(field.of.index) + "." + std::to_string(field.index);
  }
  static std::string text(Opcode op) { return std::string(info(op).text); }
  void line(const std::string& what) { log += what + "\n"; }
  Value make(const std::string& what) {
    Value value{next_value++};
    line(text(value) + " = " + what);
    return value;
  }
  void fill(Results results) {
    for (Value& value : results) value = Value{next_value++};
  }

  void begin_function(FuncIndex f, const FuncType&, Control& c, std::span<const ValType> locals) {
    c.id = next_frame++;
    line("begin " + std::to_string(f.index) + " locals " + std::to_string(locals.size()));
  }
  void end_function() { line("done"); }
  void set_position(uint64_t) {}
  Value i32_const(int32_t n) { return make(std::to_string(n)); }
  Value i64_const(int64_t n) { return make("i64 " + std::to_string(n)); }
  Value f32_const(uint32_t bits) { return make("f32 " + std::to_string(bits)); }
  Value f64_const(uint64_t bits) { return make("f64 " + std::to_string(bits)); }
  Value v128_const(const V128&) { return make("v128"); }
  Value simple(Opcode op, Values args, const Lanes&) {
    return make(std::string(info(op).text) + text(args));
  }
  Value load(Opcode op, const MemArg& where, Value address) {
    return make(std::string(info(op).text) + " +" + std::to_string(where.offset) + " " +
                text(address));
  }
  void store(Opcode op, const MemArg&, Value address, Value value) {
    line(std::string(info(op).text) + " " + text(address) + " " + text(value));
  }
  Value load_lane(Opcode op, const MemArg&, uint8_t, Value, Value) {
    return make(std::string(info(op).text));
  }
  void store_lane(Opcode op, const MemArg&, uint8_t, Value, Value) {
    line(std::string(info(op).text));
  }
  Value memory_size(MemoryIndex) { return make("memory.size"); }
  Value memory_grow(MemoryIndex, Value delta) { return make("memory.grow " + text(delta)); }
  void memory_fill(MemoryIndex, Value to, Value byte, Value size) {
    line("memory.fill " + text(to) + " " + text(byte) + " " + text(size));
  }
  void memory_copy(MemoryIndex, MemoryIndex, Value to, Value from, Value size) {
    line("memory.copy " + text(to) + " " + text(from) + " " + text(size));
  }
  void memory_init(MemoryIndex, DataIndex, Value to, Value from, Value size) {
    line("memory.init " + text(to) + " " + text(from) + " " + text(size));
  }
  void data_drop(DataIndex) { line("data.drop"); }
  Value atomic(Opcode op, const MemArg&, Values args) { return make(text(op) + text(args)); }
  void atomic_store(Opcode op, const MemArg&, Value address, Value value) {
    line(text(op) + " " + text(address) + " " + text(value));
  }
  void atomic_fence() { line("atomic.fence"); }
  void wide(Opcode op, Values args, Results results) {
    fill(results);
    line(text(op) + text(args) + " -> " + text(Values(results)));
  }
  Value local_get(uint32_t local) { return make("local " + std::to_string(local)); }
  void local_set(uint32_t local, Value value) {
    line("set " + std::to_string(local) + " " + text(value));
  }
  Value local_tee(uint32_t local, Value value) {
    line("tee " + std::to_string(local) + " " + text(value));
    return value;
  }
  Value global_get(GlobalIndex global) { return make("global " + std::to_string(global.index)); }
  void global_set(GlobalIndex global, Value value) {
    line("global.set " + std::to_string(global.index) + " " + text(value));
  }
  Value ref_null(ValType type) { return make("null " + to_string(type)); }
  Value ref_is_null(Value value) { return make("is_null " + text(value)); }
  Value ref_func(FuncIndex f) { return make("func " + std::to_string(f.index)); }
  Value ref_as_non_null(const Ref& ref) { return make("ref.as_non_null " + text(ref)); }
  Value ref_eq(Value left, Value right) { return make("ref.eq " + text(left) + " " + text(right)); }
  Value ref_test(const Ref& ref, ValType to) {
    return make("ref.test " + text(ref) + " to " + to_string(to));
  }
  Value ref_cast(const Ref& ref, ValType to) {
    return make("ref.cast " + text(ref) + " to " + to_string(to));
  }
  Value any_convert_extern(const Ref& ref) { return make("any.convert_extern " + text(ref)); }
  Value extern_convert_any(const Ref& ref) { return make("extern.convert_any " + text(ref)); }
  Value ref_i31(Value value) { return make("ref.i31 " + text(value)); }
  Value i31_get(Opcode op, const Ref& ref) { return make(text(op) + " " + text(ref)); }
  Value struct_new(TypeIndex type, std::span<const FieldType>, Values values) {
    return make("struct.new " + std::to_string(type.index) + text(values));
  }
  Value struct_new_default(TypeIndex type, std::span<const FieldType>) {
    return make("struct.new_default " + std::to_string(type.index));
  }
  Value struct_get(Opcode op, const Field& field, const Ref& ref) {
    return make(text(op) + " " + text(field) + " " + text(ref));
  }
  void struct_set(const Field& field, const Ref& ref, Value value) {
    line("struct.set " + text(field) + " " + text(ref) + " " + text(value));
  }
  Value array_new(const Field& field, Value value, Value length) {
    return make("array.new " + text(field) + " " + text(value) + " " + text(length));
  }
  Value array_new_default(const Field& field, Value length) {
    return make("array.new_default " + text(field) + " " + text(length));
  }
  Value array_new_fixed(const Field& field, Values values) {
    return make("array.new_fixed " + text(field) + text(values));
  }
  Value array_new_data(const Field& field, DataIndex, Value from, Value length) {
    return make("array.new_data " + text(field) + " " + text(from) + " " + text(length));
  }
  Value array_new_elem(const Field& field, ElemIndex, Value from, Value length) {
    return make("array.new_elem " + text(field) + " " + text(from) + " " + text(length));
  }
  Value array_get(Opcode op, const Field& field, const Ref& ref, Value index) {
    return make(text(op) + " " + text(field) + " " + text(ref) + " " + text(index));
  }
  void array_set(const Field& field, const Ref& ref, Value index, Value value) {
    line("array.set " + text(field) + " " + text(ref) + " " + text(index) + " " + text(value));
  }
  Value array_len(const Ref& ref) { return make("array.len " + text(ref)); }
  void array_fill(const Field& field, const Ref& ref, Value index, Value value, Value length) {
    line("array.fill " + text(field) + " " + text(ref) + " " + text(index) + " " + text(value) +
         " " + text(length));
  }
  void array_copy(const Field& to, const Ref& to_ref, Value to_index, const Field& from,
                  const Ref& from_ref, Value from_index, Value length) {
    line("array.copy " + text(to) + " " + text(to_ref) + " " + text(to_index) + " from " +
         text(from) + " " + text(from_ref) + " " + text(from_index) + " " + text(length));
  }
  void array_init_data(const Field& field, DataIndex, const Ref& ref, Value to, Value from,
                       Value length) {
    line("array.init_data " + text(field) + " " + text(ref) + " " + text(to) + " " + text(from) +
         " " + text(length));
  }
  void array_init_elem(const Field& field, ElemIndex, const Ref& ref, Value to, Value from,
                       Value length) {
    line("array.init_elem " + text(field) + " " + text(ref) + " " + text(to) + " " + text(from) +
         " " + text(length));
  }
  Value table_get(TableIndex, Value index) { return make("table.get " + text(index)); }
  void table_set(TableIndex, Value index, Value value) {
    line("table.set " + text(index) + " " + text(value));
  }
  Value table_size(TableIndex) { return make("table.size"); }
  Value table_grow(TableIndex, Value initial, Value delta) {
    return make("table.grow " + text(initial) + " " + text(delta));
  }
  void table_fill(TableIndex, Value index, Value value, Value size) {
    line("table.fill " + text(index) + " " + text(value) + " " + text(size));
  }
  void table_copy(TableIndex, TableIndex, Value to, Value from, Value size) {
    line("table.copy " + text(to) + " " + text(from) + " " + text(size));
  }
  void table_init(TableIndex, ElemIndex, Value to, Value from, Value size) {
    line("table.init " + text(to) + " " + text(from) + " " + text(size));
  }
  void elem_drop(ElemIndex) { line("elem.drop"); }
  void drop(Value value) { line("drop " + text(value)); }
  Value select(ValType type, Value condition, Value yes, Value no) {
    return make("select " + to_string(type) + " " + text(condition) + " " + text(yes) + " " +
                text(no));
  }
  void block(Control& c, const BlockType&) {
    c.id = next_frame++;
    line("block " + text(c));
  }
  void loop(Control& c, const BlockType&, Results params) {
    c.id = next_frame++;
    std::string before = text(Values(params));
    fill(params);
    line("loop " + text(c) + " " + before + " -> " + text(Values(params)));
  }
  void if_(Control& c, const BlockType&, Value condition) {
    c.id = next_frame++;
    line("if " + text(c) + " " + text(condition));
  }
  void try_table(Control& c, const BlockType&, std::span<const Catch<Control>> catches) {
    c.id = next_frame++;
    std::string what = "try_table " + text(c);
    for (const Catch<Control>& clause : catches) {
      what += clause.type ? " tag " + std::to_string(clause.tag.index) : " all";
      what += (clause.has_reference() ? " ref -> " : " -> ") + text(*clause.target);
    }
    line(what);
  }
  void else_(Control& c, const BlockType&, Values values, bool falls) {
    line("else " + text(c) + (falls ? " falls " + text(values) : ""));
  }
  void end(Control& c, FrameKind, const BlockType&, FrameEnd how, Results values) {
    std::string what = "end " + text(c);
    if (how.falls_through) what += " falls " + text(Values(values));
    if (how.branched_to) what += " branched";
    fill(values);
    line(what + " -> " + text(Values(values)));
  }
  void br(Control& c, Values values) { line("br " + text(c) + " " + text(values)); }
  void br_if(Control& c, Value condition, Values values) {
    line("br_if " + text(c) + " " + text(condition) + " " + text(values));
  }
  void br_table(Value index, std::span<Control* const> targets, Values values) {
    std::string what = "br_table " + text(index);
    for (const Control* target : targets) what += " " + text(*target);
    line(what + " " + text(values));
  }
  void return_(Values values) { line("return " + text(values)); }
  void unreachable() { line("unreachable"); }
  void throw_(TagIndex tag, const FuncType&, Values values) {
    line("throw " + std::to_string(tag.index) + text(values));
  }
  void throw_ref(const Ref& ref) { line("throw_ref " + text(ref)); }
  Value br_on_null(Control& c, const Ref& ref, Values values) {
    return make("br_on_null " + text(c) + " " + text(ref) + " " + text(values));
  }
  void br_on_non_null(Control& c, const Ref& ref, Values values) {
    line("br_on_non_null " + text(c) + " " + text(ref) + " " + text(values));
  }
  Value br_on_cast(Control& c, const Ref& ref, ValType to, Values values) {
    return make("br_on_cast " + text(c) + " " + text(ref) + " to " + to_string(to) + " " +
                text(values));
  }
  Value br_on_cast_fail(Control& c, const Ref& ref, ValType to, Values values) {
    return make("br_on_cast_fail " + text(c) + " " + text(ref) + " to " + to_string(to) + " " +
                text(values));
  }
  void call(FuncIndex f, const FuncType&, Values args, Results results) {
    fill(results);
    line("call " + std::to_string(f.index) + text(args) + " -> " + text(Values(results)));
  }
  void call_indirect(TypeIndex, TableIndex, const FuncType&, Value index, Values args,
                     Results results) {
    fill(results);
    line("call_indirect " + text(index) + text(args) + " -> " + text(Values(results)));
  }
  void call_ref(TypeIndex, const FuncType&, const Ref& ref, Values args, Results results) {
    fill(results);
    line("call_ref " + text(ref) + text(args) + " -> " + text(Values(results)));
  }
  void return_call_ref(TypeIndex, const FuncType&, const Ref& ref, Values args) {
    line("return_call_ref " + text(ref) + text(args));
  }
  void return_call(FuncIndex f, const FuncType&, Values args) {
    line("return_call " + std::to_string(f.index) + text(args));
  }
  void return_call_indirect(TypeIndex, TableIndex, const FuncType&, Value index, Values args) {
    line("return_call_indirect " + text(index) + text(args));
  }
};
static_assert(Sink<Recorder>);

// The calls for function 0 of the module.
std::string record(const ModuleBuilder& builder) {
  auto bytes = builder.finish();
  auto module = decode_module(bytes, 0, Features::validated());
  REQUIRE(module);
  REQUIRE(validate_declarations(*module, Features::validated()));
  CheckingSink checking(*module);
  REQUIRE(walk_function(*module, Features::validated(), FuncIndex(0u), checking));
  Recorder recorder;
  auto walked = walk_function(*module, Features::validated(), FuncIndex(0u), recorder);
  REQUIRE_MESSAGE(walked.has_value(), (walked ? "" : walked.error().to_string()));
  return "\n" + recorder.log;
}

template <typename Fill>
std::string record_body(std::vector<ValType> params, std::vector<ValType> results, Fill fill) {
  ModuleBuilder module;
  FuncIndex function = module.function(module.type(std::move(params), std::move(results)));
  fill(module.body(function));
  return record(module);
}

constexpr auto i32 = ValType::i32;

}  // namespace

TEST_CASE("operands and results of a straight body") {
  auto log = record_body({i32, i32}, {i32}, [](BodyBuilder& body) {
    body.local_get(0).local_get(1).op(Opcode::i32_sub).local_tee(1);
  });
  CHECK(log == R"(
begin 0 locals 2
v0 = local 0
v1 = local 1
v2 = i32.sub(v0 v1)
tee 1 v2
end f0 falls (v2) -> (v3)
return (v3)
done
)");
}

TEST_CASE("an if without else gets one, with its parameters") {
  ModuleBuilder module;
  FuncIndex function = module.function(module.type({}, {i32}));
  TypeIndex unary = module.type({i32}, {i32});
  module.body(function).i32_const(7).i32_const(1).if_(unary);
  module.body(function).op(Opcode::i32_eqz).end();
  CHECK(record(module) == R"(
begin 0 locals 0
v0 = 7
v1 = 1
if f1 v1
v2 = i32.eqz(v0)
else f1 falls (v2)
end f1 falls (v0) branched -> (v3)
end f0 falls (v3) -> (v4)
return (v4)
done
)");
}

TEST_CASE("nothing is passed on below an unreachable point") {
  auto log = record_body({}, {i32}, [](BodyBuilder& body) {
    auto label = body.block(i32);
    body.i32_const(1).br(label);
    body.i32_const(2).if_(i32);                    // dead
    body.i32_const(3).else_().i32_const(4).end();  // dead
    body.drop().i32_const(5).end();
  });
  CHECK(log == R"(
begin 0 locals 0
block f1
v0 = 1
br f1 (v0)
end f1 branched -> (v1)
end f0 falls (v1) -> (v2)
return (v2)
done
)");
}

TEST_CASE("an arm that does not fall through") {
  auto log = record_body({i32}, {i32}, [](BodyBuilder& body) {
    body.local_get(0).if_(i32);
    body.unreachable().else_().i32_const(4).end();
  });
  CHECK(log == R"(
begin 0 locals 1
v0 = local 0
if f1 v0
unreachable
else f1
v1 = 4
end f1 falls (v1) -> (v2)
end f0 falls (v2) -> (v3)
return (v3)
done
)");
}

TEST_CASE("only the first arm falls through") {
  auto log = record_body({i32}, {i32}, [](BodyBuilder& body) {
    body.local_get(0).if_(i32);
    body.i32_const(4).else_().unreachable().end();
    body.op(Opcode::i32_eqz);
  });
  CHECK(log == R"(
begin 0 locals 1
v0 = local 0
if f1 v0
v1 = 4
else f1 falls (v1)
unreachable
end f1 branched -> (v2)
v3 = i32.eqz(v2)
end f0 falls (v3) -> (v4)
return (v4)
done
)");
}

TEST_CASE("both arms leave: the enclosing frames stay silent up to their ends") {
  auto log = record_body({i32}, {}, [](BodyBuilder& body) {
    auto outer = body.block();
    body.block();
    body.local_get(0).if_();
    body.br(outer).else_().return_().end();
    body.i32_const(9).drop().end();  // dead
    body.i32_const(8).drop().end();  // dead
    body.op(Opcode::nop);
  });
  CHECK(log == R"(
begin 0 locals 1
block f1
block f2
v0 = local 0
if f3 v0
br f1 ()
else f3
return ()
end f3 -> ()
end f2 -> ()
end f1 branched -> ()
end f0 falls () -> ()
return ()
done
)");
}

TEST_CASE("a loop replaces its parameters, and its branches do not reach its end") {
  ModuleBuilder module;
  FuncIndex function = module.function(module.type({}, {}));
  TypeIndex taker = module.type({i32}, {});
  BodyBuilder& body = module.body(function);
  body.i32_const(5);
  auto loop = body.loop(taker);
  body.i32_const(1).op(Opcode::i32_sub).br(loop).end();
  body.i32_const(2).drop();  // dead
  CHECK(record(module) == R"(
begin 0 locals 0
v0 = 5
loop f1 (v0) -> (v1)
v2 = 1
v3 = i32.sub(v1 v2)
br f1 (v3)
end f1 branched -> ()
end f0 -> ()
done
)");
}

TEST_CASE("br_if keeps its values and br_table names every target") {
  auto log = record_body({i32}, {i32}, [](BodyBuilder& body) {
    auto outer = body.block(i32);
    auto inner = body.block(i32);
    body.i32_const(1).local_get(0).br_if(inner);
    const BodyBuilder::Label targets[] = {outer, inner, outer};
    body.local_get(0).br_table(targets, BodyBuilder::Label{}).end();
    body.op(Opcode::i32_eqz).end();
  });
  CHECK(log == R"(
begin 0 locals 1
block f1
block f2
v0 = 1
v1 = local 0
br_if f2 v1 (v0)
v2 = local 0
br_table v2 f1 f2 f1 f0 (v0)
end f2 branched -> (v3)
v4 = i32.eqz(v3)
end f1 falls (v4) branched -> (v5)
end f0 falls (v5) branched -> (v6)
return (v6)
done
)");
}

TEST_CASE("calls get arguments in order and give their results") {
  ModuleBuilder module;
  TypeIndex swap = module.type({i32, i32}, {i32, i32});
  FuncIndex function = module.function(swap);
  TableIndex table = module.table({Limits{.min = 1}, ValType::funcref()});
  BodyBuilder& body = module.body(function);
  body.local_get(0).local_get(1).call(function);
  body.i32_const(3).call_indirect(swap, table).return_call(function);
  CHECK(record(module) == R"(
begin 0 locals 2
v0 = local 0
v1 = local 1
call 0(v0 v1) -> (v2 v3)
v4 = 3
call_indirect v4(v2 v3) -> (v5 v6)
return_call 0(v5 v6)
end f0 -> (v7 v8)
done
)");
}

TEST_CASE("clauses of a try_table are branches to the labels around it") {
  ModuleBuilder module;
  TypeIndex number = module.type({i32}, {});
  FuncIndex function = module.function(module.type({}, {i32}));
  TagIndex tag = module.tag(number);
  BodyBuilder& body = module.body(function);
  auto outer = body.block(ValType::reference(HeapType::exn, true));
  const BodyBuilder::CatchSpec catches[] = {{CatchKind::catch_, {}, tag},
                                            {CatchKind::catch_all_ref, outer, {}}};
  body.try_table(i32, catches);
  body.i32_const(4).op(Opcode::throw_, tag).end();
  body.return_().end().op(Opcode::throw_ref);
  CHECK(record(module) == R"(
begin 0 locals 0
block f1
try_table f2 tag 0 -> f0 all ref -> f1
v0 = 4
throw 0(v0)
end f2 -> (v1)
end f1 branched -> (v2)
throw_ref v2:exnref
end f0 branched -> (v3)
return (v3)
done
)");
}

TEST_CASE("branches on references tell the static type and give the reference that goes on") {
  ModuleBuilder module;
  ValType any = ValType::reference(HeapType::any, true);
  ValType i31 = ValType::reference(HeapType::i31, false);
  FuncIndex function = module.function(module.type({any}, {}));
  BodyBuilder& body = module.body(function);
  body.local_get(0).branch(Opcode::br_on_null, {}).drop();
  auto found = body.block(i31);
  body.local_get(0).br_on_cast(Opcode::br_on_cast, found, any, i31).op(Opcode::ref_as_non_null);
  body.drop().return_().end().op(Opcode::i31_get_s).drop();
  CHECK(record(module) == R"(
begin 0 locals 1
v0 = local 0
v1 = br_on_null f0 v0:anyref ()
drop v1
block f1
v2 = local 0
v3 = br_on_cast f1 v2:anyref to (ref i31) (v2)
v4 = ref.as_non_null v3:anyref
drop v4
return ()
end f1 branched -> (v5)
v6 = i31.get_s v5:(ref i31)
drop v6
end f0 falls () branched -> ()
return ()
done
)");
}

TEST_CASE("managed data, calls through references, and two results") {
  ModuleBuilder module;
  SubType pair;
  pair.kind = SubType::Kind::struct_;
  pair.fields = {{i32, FieldType::Packing::i8, true}, {ValType::f64}};
  SubType array;
  array.kind = SubType::Kind::array;
  array.fields = {{i32, FieldType::Packing::none, true}};
  TypeIndex pairs = module.types({pair});
  TypeIndex arrays = module.types({array});
  FuncIndex function = module.function(module.type({}, {}));
  TypeIndex own = module.type({}, {});
  module.export_("f", function);
  BodyBuilder& body = module.body(function);
  body.op(Opcode::struct_new_default, pairs).field(Opcode::struct_get_u, pairs, 0).drop();
  body.i32_const(5).i32_const(2).op(Opcode::array_new, arrays).i32_const(1);
  body.op(Opcode::array_get, arrays).drop();
  body.i64_const(1).i64_const(2).op(Opcode::i64_mul_wide_u).drop().drop();
  body.ref_func(function).op(Opcode::call_ref, own);
  CHECK(record(module) == R"(
begin 0 locals 0
v0 = struct.new_default 0
v1 = struct.get_u 0.0 v0:(ref 0)
drop v1
v2 = 5
v3 = 2
v4 = array.new 1.0 v2 v3
v5 = 1
v6 = array.get 1.0 v4:(ref 1) v5
drop v6
v7 = i64 1
v8 = i64 2
i64.mul_wide_u(v7 v8) -> (v9 v10)
drop v10
drop v9
v11 = func 0
call_ref v11:(ref 2)() -> ()
end f0 falls () -> ()
return ()
done
)");
}

TEST_CASE("atomic accesses") {
  ModuleBuilder module;
  MemoryIndex memory = module.memory({Limits{.min = 1, .max = 1, .has_max = true}, true});
  FuncIndex function = module.function(module.type({}, {}));
  BodyBuilder& body = module.body(function);
  body.i32_const(0).i64_const(1).i64_const(2);
  body.access(Opcode::i64_atomic_rmw16_cmpxchg_u, memory, 8).drop();
  body.i32_const(0).i32_const(1).access(Opcode::i32_atomic_store8, memory, 0).atomic_fence();
  CHECK(record(module) == R"(
begin 0 locals 0
v0 = 0
v1 = i64 1
v2 = i64 2
v3 = i64.atomic.rmw16.cmpxchg_u(v0 v1 v2)
drop v3
v4 = 0
v5 = 1
i32.atomic.store8 v4 v5
atomic.fence
end f0 falls () -> ()
return ()
done
)");
}

TEST_CASE("a select tells its type and order") {
  auto log = record_body({}, {}, [](BodyBuilder& body) {
    body.i64_const(1).i64_const(2).i32_const(0).select().drop();
  });
  CHECK(log == R"(
begin 0 locals 0
v0 = i64 1
v1 = i64 2
v2 = 0
v3 = select i64 v2 v0 v1
drop v3
end f0 falls () -> ()
return ()
done
)");
}

TEST_CASE("a sink that checks the contract is satisfied with every kind of instruction") {
  ModuleBuilder module;
  TypeIndex nothing = module.type({}, {});
  FuncIndex function = module.function(nothing);
  MemoryIndex memory = module.memory({Limits{.min = 1}});
  TableIndex table = module.table({Limits{.min = 1}, ValType::funcref()});
  const FuncIndex list[] = {function};
  ElemIndex elem = module.passive_elem(list);
  DataIndex data = module.passive_data({});
  GlobalIndex global = module.global({ValType::i64, true}, const_i64(1));
  BodyBuilder& body = module.body(function);
  uint32_t local = body.local(ValType::f64);
  body.local_get(local).local_tee(local).local_set(local).global_get(global).global_set(global);
  body.i32_const(0).i32_const(0).i32_const(0).memory_init(memory, data).data_drop(data);
  body.i32_const(0).i32_const(0).i32_const(0).memory_copy(memory, memory);
  body.i32_const(0).i32_const(0).i32_const(0).table_init(table, elem).elem_drop(elem);
  body.i32_const(0).ref_func(function).i32_const(0).table_fill(table);
  body.i32_const(0).table_get(table).op(Opcode::ref_is_null).drop();
  body.i32_const(0).v128_const({}).access_lane(Opcode::v128_load8_lane, memory, 0, 15).drop();
  body.i32_const(0).i32_const(0).call_indirect(nothing, table).drop();
  auto loop = body.loop();
  body.i32_const(0).br_if(loop).call(function).end();
  body.return_call(function);
  auto bytes = module.finish();
  auto decoded = decode_module(bytes, 0, Features::validated());
  REQUIRE(decoded);
  CheckingSink sink(*decoded);
  auto walked = walk_function(*decoded, Features::validated(), function, sink);
  CHECK_MESSAGE(walked.has_value(), (walked ? "" : walked.error().to_string()));
}

TEST_CASE("the calls stop at the first error") {
  ModuleBuilder builder;
  FuncIndex function = builder.function(builder.type({}, {}));
  builder.body(function).i32_const(1).op(Opcode::i32_add).drop();
  auto bytes = builder.finish();
  auto module = decode_module(bytes, 0, Features::validated());
  REQUIRE(module);
  Recorder recorder;
  auto walked = walk_function(*module, Features::validated(), function, recorder);
  REQUIRE(!walked);
  CHECK(recorder.log == "begin 0 locals 0\nv0 = 1\n");
  CHECK(walked.error().code() == ErrorCode::invalid);
  CHECK(walked.error().context() == "func 0");
}

}  // namespace tenon::wasm
