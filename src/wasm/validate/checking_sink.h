#pragma once

#include "base/check.h"
#include "wasm/validate/op_types.h"
#include "wasm/validate/sink.h"
#include "wasm/validate/subtyping.h"

// A sink that holds the walker to its contract (sink.h): every operand was made before and has the
// type that the instruction needs, frames nest, nothing arrives from unreachable code. A breach
// stops the program. For tests and fuzzing.
namespace tenon::wasm {

class CheckingSink {
 public:
  struct Value {
    ValType type;  // bottom: never made
  };
  struct Control {
    uint32_t id = 0;  // 0: not opened
    bool branched_to = false;
    BlockType type;
    FrameKind kind = FrameKind::block;
  };
  using Values = std::span<const Value>;
  using Results = std::span<Value>;

  explicit CheckingSink(const Module& module) : module_(module) {}

  void begin_function(FuncIndex f, const FuncType& type, Control& c,
                      std::span<const ValType> locals) {
    CHECK(&module_.func_type(f) == &type && open_.empty());
    results_ = type.results;
    locals_.assign(locals.begin(), locals.end());
    CHECK(locals_.size() >= type.params.size());
    open(c, FrameKind::function, BlockType{{}, type.results});
    live_ = true;
    position_ = 0;
  }
  void end_function() { CHECK(open_.empty()); }
  void set_position(uint64_t offset) {
    CHECK(offset > position_);
    position_ = offset;
  }

  Value i32_const(int32_t) { return make(ValType::i32); }
  Value i64_const(int64_t) { return make(ValType::i64); }
  Value f32_const(uint32_t) { return make(ValType::f32); }
  Value f64_const(uint64_t) { return make(ValType::f64); }
  Value v128_const(const V128&) { return make(ValType::v128); }

  Value simple(Opcode op, Values args, const Lanes& lanes) {
    const OpTypes& types = types_of(op);
    CHECK(types.op_class == OpClass::simple && args.size() == types.param_count);
    for (size_t i = 0; i < args.size(); ++i) use(args[i], types.params[i]);
    if (op != Opcode::i8x16_shuffle && types.lane_count != 0)
      CHECK(lanes.lane[0] < types.lane_count);
    return make(types.result);
  }

  Value load(Opcode op, const MemArg& where, Value address) {
    access(op, OpClass::load, where, address);
    return make(types_of(op).result);
  }
  void store(Opcode op, const MemArg& where, Value address, Value value) {
    access(op, OpClass::store, where, address);
    use(value, types_of(op).params[1]);
  }
  Value load_lane(Opcode op, const MemArg& where, uint8_t lane, Value address, Value vector) {
    access(op, OpClass::load_lane, where, address);
    CHECK(lane < types_of(op).lane_count);
    use(vector, ValType::v128);
    return make(ValType::v128);
  }
  void store_lane(Opcode op, const MemArg& where, uint8_t lane, Value address, Value vector) {
    access(op, OpClass::store_lane, where, address);
    CHECK(lane < types_of(op).lane_count);
    use(vector, ValType::v128);
  }

  Value memory_size(MemoryIndex m) { return make(address_type(m)); }
  Value memory_grow(MemoryIndex m, Value delta) {
    use(delta, address_type(m));
    return make(address_type(m));
  }
  void memory_fill(MemoryIndex m, Value to, Value byte, Value size) {
    use(to, address_type(m));
    use(byte, ValType::i32);
    use(size, address_type(m));
  }
  void memory_copy(MemoryIndex to, MemoryIndex from, Value to_address, Value from_address,
                   Value size) {
    use(to_address, address_type(to));
    use(from_address, address_type(from));
    use_any(size);
  }
  void memory_init(MemoryIndex m, DataIndex data, Value to, Value from, Value size) {
    CHECK(module_.datas.contains(data));
    use(to, address_type(m));
    use(from, ValType::i32);
    use(size, ValType::i32);
  }
  void data_drop(DataIndex data) { CHECK(live_ && module_.datas.contains(data)); }

  Value local_get(uint32_t local) { return make(local_type(local)); }
  void local_set(uint32_t local, Value value) { use(value, local_type(local)); }
  Value local_tee(uint32_t local, Value value) {
    use(value, local_type(local));
    return make(local_type(local));
  }
  Value global_get(GlobalIndex global) { return make(module_.globals[global].type.type); }
  void global_set(GlobalIndex global, Value value) {
    CHECK(module_.globals[global].type.is_mutable);
    use(value, module_.globals[global].type.type);
  }

  Value ref_null(ValType type) {
    CHECK(type.is_ref() && type.is_nullable());
    return make(type);
  }
  Value ref_is_null(Value value) {
    use_any(value);
    CHECK(value.type.is_ref());
    return make(ValType::i32);
  }
  Value ref_func(FuncIndex f) {
    CHECK(module_.declared_functions[f.index]);
    return make(ValType::reference(HeapType(module_.functions[f]), false));
  }
  Value table_get(TableIndex t, Value index) {
    use(index, address_type(t));
    return make(element(t));
  }
  void table_set(TableIndex t, Value index, Value value) {
    use(index, address_type(t));
    use(value, element(t));
  }
  Value table_size(TableIndex t) { return make(address_type(t)); }
  Value table_grow(TableIndex t, Value initial, Value delta) {
    use(initial, element(t));
    use(delta, address_type(t));
    return make(address_type(t));
  }
  void table_fill(TableIndex t, Value index, Value value, Value size) {
    use(index, address_type(t));
    use(value, element(t));
    use(size, address_type(t));
  }
  void table_copy(TableIndex to, TableIndex from, Value to_index, Value from_index, Value size) {
    CHECK(val_matches(module_, element(from), element(to)));
    use(to_index, address_type(to));
    use(from_index, address_type(from));
    use_any(size);
  }
  void table_init(TableIndex t, ElemIndex elem, Value to, Value from, Value size) {
    CHECK(val_matches(module_, module_.elems[elem].type, element(t)));
    use(to, address_type(t));
    use(from, ValType::i32);
    use(size, ValType::i32);
  }
  void elem_drop(ElemIndex elem) { CHECK(live_ && module_.elems.contains(elem)); }

  void drop(Value value) { use_any(value); }
  Value select(ValType type, Value condition, Value if_not_zero, Value if_zero) {
    use(condition, ValType::i32);
    use(if_not_zero, type);
    use(if_zero, type);
    return make(type);
  }

  void block(Control& c, const BlockType& type) { open(c, FrameKind::block, type); }
  void loop(Control& c, const BlockType& type, Results params) {
    use_all(params, type.params);
    open(c, FrameKind::loop, type);
  }
  void if_(Control& c, const BlockType& type, Value condition) {
    use(condition, ValType::i32);
    open(c, FrameKind::if_, type);
  }
  void else_(Control& c, const BlockType& type, Values values, bool falls_through) {
    CHECK(!open_.empty() && open_.back() == c.id && c.kind == FrameKind::if_);
    CHECK(falls_through == live_);
    if (falls_through) use_all(values, type.results);
    c.branched_to |= falls_through;
    live_ = true;
  }
  void end(Control& c, FrameKind kind, const BlockType& type, FrameEnd how, Results values) {
    CHECK(!open_.empty() && open_.back() == c.id && c.kind == kind);
    CHECK(how.falls_through == live_ && how.branched_to == c.branched_to);
    CHECK(values.size() == type.results.size());
    if (how.falls_through) use_all(values, type.results);
    for (size_t i = 0; i < values.size(); ++i) values[i] = Value{type.results[i]};
    open_.pop_back();
    live_ = how.falls_through || (how.branched_to && kind != FrameKind::loop);
  }

  void br(Control& c, Values values) {
    target(c, values);
    live_ = false;
  }
  void br_if(Control& c, Value condition, Values values) {
    use(condition, ValType::i32);
    target(c, values);
  }
  void br_table(Value index, std::span<Control* const> targets, Values values) {
    use(index, ValType::i32);
    CHECK(!targets.empty());
    for (Control* c : targets) target(*c, values);
    live_ = false;
  }
  void return_(Values values) {
    use_all(values, results_);
    live_ = false;
  }
  void unreachable() {
    CHECK(live_);
    live_ = false;
  }

  void call(FuncIndex f, const FuncType& type, Values args, Results results) {
    CHECK(&module_.func_type(f) == &type);
    use_call(type, args);
    make_results(type, results);
  }
  void call_indirect(TypeIndex t, TableIndex table, const FuncType& type, Value index, Values args,
                     Results results) {
    CHECK(&module_.types[t].func == &type);
    use(index, address_type(table));
    use_call(type, args);
    make_results(type, results);
  }
  void return_call(FuncIndex f, const FuncType& type, Values args) {
    CHECK(&module_.func_type(f) == &type && results_match(module_, type.results, results_));
    use_call(type, args);
    live_ = false;
  }
  void return_call_indirect(TypeIndex t, TableIndex table, const FuncType& type, Value index,
                            Values args) {
    CHECK(&module_.types[t].func == &type && results_match(module_, type.results, results_));
    use(index, address_type(table));
    use_call(type, args);
    live_ = false;
  }

 private:
  Value make(ValType type) {
    CHECK(live_ && type.kind() != ValType::bottom);
    return Value{type};
  }
  void use_any(Value value) { CHECK(live_ && value.type.kind() != ValType::bottom); }
  void use(Value value, ValType type) {
    use_any(value);
    CHECK(val_matches(module_, value.type, type));
  }
  void use_all(Values values, std::span<const ValType> types) {
    CHECK(live_ && values.size() == types.size());
    for (size_t i = 0; i < values.size(); ++i) use(values[i], types[i]);
  }
  void use_call(const FuncType& type, Values args) { use_all(args, type.params); }
  void make_results(const FuncType& type, Results results) {
    CHECK(results.size() == type.results.size());
    for (size_t i = 0; i < results.size(); ++i) results[i] = make(type.results[i]);
  }

  void open(Control& c, FrameKind kind, const BlockType& type) {
    CHECK(c.id == 0 && (live_ || kind == FrameKind::function));
    c = Control{++next_id_, false, type, kind};
    open_.push_back(c.id);
  }
  void target(Control& c, Values values) {
    CHECK(c.id != 0);
    c.branched_to = true;
    use_all(values, c.kind == FrameKind::loop ? c.type.params : c.type.results);
  }

  void access(Opcode op, OpClass op_class, const MemArg& where, Value address) {
    const OpTypes& types = types_of(op);
    CHECK(types.op_class == op_class && where.align <= types.natural_align);
    use(address, address_type(where.memory));
    CHECK(where.offset <= UINT32_MAX || module_.memories[where.memory].limits.is_64);
  }
  ValType local_type(uint32_t local) {
    CHECK(local < locals_.size());
    return locals_[local];
  }
  ValType element(TableIndex t) { return module_.tables[t].type.element; }
  ValType address_type(MemoryIndex m) {
    return module_.memories[m].limits.is_64 ? ValType::i64 : ValType::i32;
  }
  ValType address_type(TableIndex t) {
    return module_.tables[t].type.limits.is_64 ? ValType::i64 : ValType::i32;
  }

  const Module& module_;
  std::span<const ValType> results_;
  std::vector<ValType> locals_;
  std::vector<uint32_t> open_;
  uint32_t next_id_ = 0;
  bool live_ = false;
  uint64_t position_ = 0;
};
static_assert(Sink<CheckingSink>);

}  // namespace tenon::wasm
