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
  using Ref = Reference<Value>;

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

  Value atomic(Opcode op, const MemArg& where, Values args) {
    const OpTypes& types = types_of(op);
    access(op, OpClass::atomic, where, args[0]);
    CHECK(where.align == types.natural_align && args.size() == types.param_count);
    for (size_t i = 1; i < args.size(); ++i) use(args[i], types.params[i]);
    return make(types.result);
  }
  void atomic_store(Opcode op, const MemArg& where, Value address, Value value) {
    access(op, OpClass::atomic, where, address);
    use(value, types_of(op).params[1]);
  }
  void atomic_fence() { CHECK(live_); }
  void wide(Opcode, Values args, Results results) {
    CHECK((args.size() == 2 || args.size() == 4) && results.size() == 2);
    for (Value arg : args) use(arg, ValType::i64);
    for (Value& result : results) result = make(ValType::i64);
  }

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
  Value ref_as_non_null(const Ref& ref) {
    use(ref);
    return make(ref.type.with_null(false));
  }
  Value ref_eq(Value left, Value right) {
    use(left, ValType::reference(HeapType::eq, true));
    use(right, ValType::reference(HeapType::eq, true));
    return make(ValType::i32);
  }
  Value ref_test(const Ref& ref, ValType to) {
    use_for_cast(ref, to);
    return make(ValType::i32);
  }
  Value ref_cast(const Ref& ref, ValType to) {
    use_for_cast(ref, to);
    return make(to);
  }
  Value any_convert_extern(const Ref& ref) {
    use(ref, HeapType::extern_);
    return make(ValType::reference(HeapType::any, ref.type.is_nullable()));
  }
  Value extern_convert_any(const Ref& ref) {
    use(ref, HeapType::any);
    return make(ValType::reference(HeapType::extern_, ref.type.is_nullable()));
  }
  Value ref_i31(Value value) {
    use(value, ValType::i32);
    return make(ValType::reference(HeapType::i31, false));
  }
  Value i31_get(Opcode, const Ref& ref) {
    use(ref, HeapType::i31);
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

  Value struct_new(TypeIndex t, std::span<const FieldType> fields, Values values) {
    CHECK(fields.data() == module_.types[t].fields.data() && fields.size() == values.size());
    for (size_t i = 0; i < fields.size(); ++i) use(values[i], fields[i].type);
    return make(reference_to(t));
  }
  Value struct_new_default(TypeIndex t, std::span<const FieldType> fields) {
    CHECK(fields.data() == module_.types[t].fields.data());
    for (const FieldType& field : fields) CHECK(field.type.has_default());
    return make(reference_to(t));
  }
  Value struct_get(Opcode op, const Field& field, const Ref& ref) {
    use_object(field, SubType::Kind::struct_, ref);
    CHECK((field.type.packing == FieldType::Packing::none) == (op == Opcode::struct_get));
    return make(field.type.type);
  }
  void struct_set(const Field& field, const Ref& ref, Value value) {
    use_object(field, SubType::Kind::struct_, ref);
    CHECK(field.type.is_mutable);
    use(value, field.type.type);
  }
  Value array_new(const Field& field, Value value, Value length) {
    use(value, field.type.type);
    return array_new_default(field, length);
  }
  Value array_new_default(const Field& field, Value length) {
    use(length, ValType::i32);
    return make(reference_to(field.of));
  }
  Value array_new_fixed(const Field& field, Values values) {
    for (Value value : values) use(value, field.type.type);
    return make(reference_to(field.of));
  }
  Value array_new_data(const Field& field, DataIndex data, Value from, Value length) {
    CHECK(module_.datas.contains(data) && !field.type.type.is_ref());
    use(from, ValType::i32);
    return array_new_default(field, length);
  }
  Value array_new_elem(const Field& field, ElemIndex elem, Value from, Value length) {
    CHECK(val_matches(module_, module_.elems[elem].type, field.type.type));
    use(from, ValType::i32);
    return array_new_default(field, length);
  }
  Value array_get(Opcode op, const Field& field, const Ref& ref, Value index) {
    use_array(field, ref, index);
    CHECK((field.type.packing == FieldType::Packing::none) == (op == Opcode::array_get));
    return make(field.type.type);
  }
  void array_set(const Field& field, const Ref& ref, Value index, Value value) {
    use_array(field, ref, index);
    CHECK(field.type.is_mutable);
    use(value, field.type.type);
  }
  Value array_len(const Ref& ref) {
    use(ref, HeapType::array);
    return make(ValType::i32);
  }
  void array_fill(const Field& field, const Ref& ref, Value index, Value value, Value length) {
    array_set(field, ref, index, value);
    use(length, ValType::i32);
  }
  void array_copy(const Field& to, const Ref& to_ref, Value to_index, const Field& from,
                  const Ref& from_ref, Value from_index, Value length) {
    CHECK(to.type.is_mutable && storage_matches(module_, from.type, to.type));
    use_array(to, to_ref, to_index);
    use_array(from, from_ref, from_index);
    use(length, ValType::i32);
  }
  void array_init_data(const Field& field, DataIndex data, const Ref& ref, Value to, Value from,
                       Value length) {
    CHECK(field.type.is_mutable);
    use_array(field, ref, to);
    array_new_data(field, data, from, length);
  }
  void array_init_elem(const Field& field, ElemIndex elem, const Ref& ref, Value to, Value from,
                       Value length) {
    CHECK(field.type.is_mutable);
    use_array(field, ref, to);
    array_new_elem(field, elem, from, length);
  }

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
  void try_table(Control& c, const BlockType& type, std::span<const Catch<Control>> catches) {
    for (const Catch<Control>& clause : catches) {
      std::span<const ValType> types;
      if (clause.type) types = clause.type->params;
      std::vector<Value> values;
      for (ValType param : types) values.push_back(make(param));
      if (clause.has_reference()) values.push_back(make(ValType::reference(HeapType::exn, false)));
      CHECK(clause.target != &c);
      target(*clause.target, values);
    }
    open(c, FrameKind::try_table, type);
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
  void throw_(TagIndex tag, const FuncType& type, Values values) {
    CHECK(&module_.types[module_.tags[tag].type].func == &type);
    use_all(values, type.params);
    live_ = false;
  }
  void throw_ref(const Ref& ref) {
    use(ref, HeapType::exn);
    live_ = false;
  }

  Value br_on_null(Control& c, const Ref& ref, Values values) {
    use(ref);
    target(c, values);
    return make(ref.type.with_null(false));
  }
  void br_on_non_null(Control& c, const Ref& ref, Values values) {
    branch_with(c, ref, ref.type.with_null(false), values);
  }
  Value br_on_cast(Control& c, const Ref& ref, ValType to, Values values) {
    use_for_cast(ref, to);
    branch_with(c, ref, to, values);
    return make(rest(ref, to));
  }
  Value br_on_cast_fail(Control& c, const Ref& ref, ValType to, Values values) {
    use_for_cast(ref, to);
    branch_with(c, ref, rest(ref, to), values);
    return make(to);
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
  void call_ref(TypeIndex t, const FuncType& type, const Ref& ref, Values args, Results results) {
    CHECK(&module_.types[t].func == &type);
    use(ref, HeapType(t));
    use_call(type, args);
    make_results(type, results);
  }
  void return_call_ref(TypeIndex t, const FuncType& type, const Ref& ref, Values args) {
    CHECK(&module_.types[t].func == &type && results_match(module_, type.results, results_));
    use(ref, HeapType(t));
    use_call(type, args);
    live_ = false;
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
  static ValType reference_to(TypeIndex t) { return ValType::reference(HeapType(t), false); }
  // The type that is told is that of the value, or what a branch or block made of it.
  void use(const Ref& ref) {
    CHECK(ref.type.is_ref());
    use(ref.value, ref.type);
  }
  void use(const Ref& ref, HeapType heap) {
    use(ref);
    CHECK(val_matches(module_, ref.type, ValType::reference(heap, true)));
  }
  void use_for_cast(const Ref& ref, ValType to) { use(ref, top_of(module_, to.heap())); }
  void use_object(const Field& field, SubType::Kind kind, const Ref& ref) {
    const SubType& type = module_.types[field.of];
    CHECK(type.kind == kind && type.fields[field.index] == field.type);
    use(ref, HeapType(field.of));
  }
  void use_array(const Field& field, const Ref& ref, Value index) {
    use_object(field, SubType::Kind::array, ref);
    use(index, ValType::i32);
  }
  // What is known of a reference that is not of type `to`.
  static ValType rest(const Ref& ref, ValType to) {
    return ref.type.with_null(ref.type.is_nullable() && !to.is_nullable());
  }
  // A branch whose last value is `ref`, known to be of `type`.
  void branch_with(Control& c, const Ref& ref, ValType type, Values values) {
    use(ref);
    CHECK(!values.empty());
    std::vector<Value> carried(values.begin(), values.end());
    CHECK(carried.back().type == ref.value.type);
    carried.back().type = type;
    target(c, carried);
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
