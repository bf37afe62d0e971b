#pragma once

#include "wasm/validate/sink.h"

// The sink that does nothing: walking a body with it validates the body. Sinks that look at some
// instructions only are derived from it; their values are `V`.
namespace tenon::wasm {

template <typename V>
struct NullSinkOf {
  using Value = V;
  struct Control {};
  using Values = std::span<const Value>;
  using Results = std::span<Value>;
  using Ref = Reference<Value>;

  void begin_function(FuncIndex, const FuncType&, Control&, std::span<const ValType>) {}
  void end_function() {}
  void set_position(uint64_t) {}
  Value i32_const(int32_t) { return {}; }
  Value i64_const(int64_t) { return {}; }
  Value f32_const(uint32_t) { return {}; }
  Value f64_const(uint64_t) { return {}; }
  Value v128_const(const V128&) { return {}; }
  Value simple(Opcode, Values, const Lanes&) { return {}; }
  Value load(Opcode, const MemArg&, Value) { return {}; }
  void store(Opcode, const MemArg&, Value, Value) {}
  Value load_lane(Opcode, const MemArg&, uint8_t, Value, Value) { return {}; }
  void store_lane(Opcode, const MemArg&, uint8_t, Value, Value) {}
  Value memory_size(MemoryIndex) { return {}; }
  Value memory_grow(MemoryIndex, Value) { return {}; }
  void memory_fill(MemoryIndex, Value, Value, Value) {}
  void memory_copy(MemoryIndex, MemoryIndex, Value, Value, Value) {}
  void memory_init(MemoryIndex, DataIndex, Value, Value, Value) {}
  void data_drop(DataIndex) {}
  Value atomic(Opcode, const MemArg&, Values) { return {}; }
  void atomic_store(Opcode, const MemArg&, Value, Value) {}
  void atomic_fence() {}
  void wide(Opcode, Values, Results) {}
  Value local_get(uint32_t) { return {}; }
  void local_set(uint32_t, Value) {}
  Value local_tee(uint32_t, Value) { return {}; }
  Value global_get(GlobalIndex) { return {}; }
  void global_set(GlobalIndex, Value) {}
  Value ref_null(ValType) { return {}; }
  Value ref_is_null(Value) { return {}; }
  Value ref_func(FuncIndex) { return {}; }
  Value ref_as_non_null(const Ref&) { return {}; }
  Value ref_eq(Value, Value) { return {}; }
  Value ref_test(const Ref&, ValType) { return {}; }
  Value ref_cast(const Ref&, ValType) { return {}; }
  Value any_convert_extern(const Ref&) { return {}; }
  Value extern_convert_any(const Ref&) { return {}; }
  Value ref_i31(Value) { return {}; }
  Value i31_get(Opcode, const Ref&) { return {}; }
  Value table_get(TableIndex, Value) { return {}; }
  void table_set(TableIndex, Value, Value) {}
  Value table_size(TableIndex) { return {}; }
  Value table_grow(TableIndex, Value, Value) { return {}; }
  void table_fill(TableIndex, Value, Value, Value) {}
  void table_copy(TableIndex, TableIndex, Value, Value, Value) {}
  void table_init(TableIndex, ElemIndex, Value, Value, Value) {}
  void elem_drop(ElemIndex) {}
  Value struct_new(TypeIndex, std::span<const FieldType>, Values) { return {}; }
  Value struct_new_default(TypeIndex, std::span<const FieldType>) { return {}; }
  Value struct_get(Opcode, const Field&, const Ref&) { return {}; }
  void struct_set(const Field&, const Ref&, Value) {}
  Value array_new(const Field&, Value, Value) { return {}; }
  Value array_new_default(const Field&, Value) { return {}; }
  Value array_new_fixed(const Field&, Values) { return {}; }
  Value array_new_data(const Field&, DataIndex, Value, Value) { return {}; }
  Value array_new_elem(const Field&, ElemIndex, Value, Value) { return {}; }
  Value array_get(Opcode, const Field&, const Ref&, Value) { return {}; }
  void array_set(const Field&, const Ref&, Value, Value) {}
  Value array_len(const Ref&) { return {}; }
  void array_fill(const Field&, const Ref&, Value, Value, Value) {}
  void array_copy(const Field&, const Ref&, Value, const Field&, const Ref&, Value, Value) {}
  void array_init_data(const Field&, DataIndex, const Ref&, Value, Value, Value) {}
  void array_init_elem(const Field&, ElemIndex, const Ref&, Value, Value, Value) {}
  void drop(Value) {}
  Value select(ValType, Value, Value, Value) { return {}; }
  void block(Control&, const BlockType&) {}
  void loop(Control&, const BlockType&, Results) {}
  void if_(Control&, const BlockType&, Value) {}
  void else_(Control&, const BlockType&, Values, bool) {}
  // Of any type of label, for sinks that add to this one.
  void try_table(auto&, const BlockType&, const auto&) {}
  void end(Control&, FrameKind, const BlockType&, FrameEnd, Results) {}
  void br(Control&, Values) {}
  void br_if(Control&, Value, Values) {}
  void br_table(Value, std::span<Control* const>, Values) {}
  void return_(Values) {}
  void unreachable() {}
  void throw_(TagIndex, const FuncType&, Values) {}
  void throw_ref(const Ref&) {}
  Value br_on_null(auto&, const Ref&, Values) { return {}; }
  void br_on_non_null(auto&, const Ref&, Values) {}
  Value br_on_cast(auto&, const Ref&, ValType, Values) { return {}; }
  Value br_on_cast_fail(auto&, const Ref&, ValType, Values) { return {}; }
  void call(FuncIndex, const FuncType&, Values, Results) {}
  void call_indirect(TypeIndex, TableIndex, const FuncType&, Value, Values, Results) {}
  void call_ref(TypeIndex, const FuncType&, const Ref&, Values, Results) {}
  void return_call(FuncIndex, const FuncType&, Values) {}
  void return_call_indirect(TypeIndex, TableIndex, const FuncType&, Value, Values) {}
  void return_call_ref(TypeIndex, const FuncType&, const Ref&, Values) {}
};
struct NoValue {};
using NullSink = NullSinkOf<NoValue>;
static_assert(Sink<NullSink>);

}  // namespace tenon::wasm
