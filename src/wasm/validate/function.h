#pragma once

#include <deque>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "wasm/binary/codes.h"
#include "wasm/binary/reader.h"
#include "wasm/validate/function_errors.h"
#include "wasm/validate/op_types.h"
#include "wasm/validate/operand_stack.h"
#include "wasm/validate/sink.h"
#include "wasm/validate/subtyping.h"

// The one walk over function bodies: decodes and validates a body once and tells a sink (sink.h)
// what it means. The module's types, imports, tables, memories and globals must have been validated
// (validate/module.h); bodies that are walked for a compile need no validation before. Walkers of
// one module may run on several threads. The caller keeps module and sink alive.
namespace tenon::wasm {

// wasm: valid-func. One walker serves any number of bodies and reuses its stacks.
template <Sink S>
class BodyWalker {
 public:
  BodyWalker(const Module& module, Features features, S& sink)
      : module_(module), features_(features), sink_(sink), in_({}, 0, features) {}

  // `function` must not be imported.
  Result<void> walk(FuncIndex function);

  // The same by hand: `begin`, then `step` by instruction while the walk is not done, which it is
  // behind the last one, after a failure, and where the bytes end.
  void begin(FuncIndex function);
  void step();
  bool is_done() const { return in_.at_end() || frames_.empty(); }
  bool ok() const { return in_.ok(); }

  // While a sink is told of a call or of an object that is made, its operands are still on top.
  const OperandStack<typename S::Value>& operands() const { return operands_; }
  // Those of the innermost block. Where it is unreachable there may be more below, of any type.
  std::span<const ValType> innermost_operands() const {
    return operands_.types(height_, operands_.size() - height_);
  }

 private:
  using Value = typename S::Value;
  using Control = typename S::Control;

  struct Frame {
    BlockType type;
    Control control{};
    uint32_t height = 0;        // operands below the frame's own
    uint32_t saved_params = 0;  // if: where saved_params_ holds the values its arms start with
    uint32_t set_locals = 0;    // length of set_locals_ when the frame was opened
    uint32_t checked_by = 0;    // the last br_table whose operands were found to fit the label
    FrameKind kind = FrameKind::block;
    bool opened_live = false;  // the sink knows this frame
    bool polymorphic = false;  // of an enclosing frame; that of the innermost one is polymorphic_
    bool branched_to = false;
    bool has_else = false;
    std::span<const ValType> label_types() const {
      return kind == FrameKind::loop ? type.params : type.results;
    }
  };

  // Instructions have functions that are not inlined, so that the dispatch needs no stack frame of
  // its own. function.h
  void locals(const FuncType& type);
  void instruction(Opcode op);
  void by_signature(Opcode op);
  void reference_instruction(Opcode op);
  void simple(Opcode op, const Lanes& lanes);
  [[gnu::noinline]] void simple_with_lanes(Opcode op);
  // Failures are built out of line, so that the code for valid input needs no frame for them.
  [[gnu::cold, gnu::noinline]] void fail(ErrorCode code, std::string message);
  [[gnu::cold, gnu::noinline]] void fail_text(const char* message) {
    fail(ErrorCode::invalid, message);
  }
  [[gnu::cold, gnu::noinline]] void fail_malformed(const char* message) {
    fail(ErrorCode::malformed, message);
  }
  [[gnu::cold, gnu::noinline]] void fail_unknown(const char* what, uint64_t index) {
    fail(ErrorCode::invalid, unknown(what, index));
  }
  [[gnu::cold, gnu::noinline]] void fail_types(ValType expected, ValType found) {
    fail(ErrorCode::invalid, type_mismatch(expected, found));
  }
  [[gnu::cold, gnu::noinline]] void fail_missing(ValType expected) {
    fail(ErrorCode::invalid, missing_operand(expected));
  }
  [[gnu::cold, gnu::noinline]] void fail_left_over(size_t count) {
    fail(ErrorCode::invalid, too_many_operands(count));
  }
  [[gnu::cold, gnu::noinline]] void fail_lane(uint32_t lane) {
    fail(ErrorCode::invalid, invalid_lane(lane));
  }
  [[gnu::cold, gnu::noinline]] void fail_limit(uint64_t count, const char* what, uint64_t limit) {
    fail(ErrorCode::limit, too_many(count, what, limit));
  }
  [[gnu::cold, gnu::noinline]] void fail_uninitialized(uint32_t local) {
    fail(ErrorCode::invalid, uninitialized_local(local));
  }
  [[gnu::cold, gnu::noinline]] void fail_kind(TypeIndex type, const char* wanted) {
    fail(ErrorCode::invalid, wrong_kind(type, wanted));
  }
  // function_operands.h
  [[gnu::always_inline]] void push(ValType type, Value value);
  [[gnu::always_inline]] Value pop(ValType expected);
  [[gnu::cold, gnu::noinline]] void no_room();
  [[gnu::noinline]] Value pop_otherwise(ValType expected);
  ValType pop_any(Value& value);
  Reference<Value> pop_reference(ValType expected);
  Reference<Value> pop_any_reference();
  bool expect_top(std::span<const ValType> types);
  template <typename TypeOf, typename Use>
  bool consume(size_t count, TypeOf type_of, Use use);
  template <typename Use>
  bool consume(std::span<const ValType> types, Use use);
  [[gnu::noinline]] bool underflow(std::span<const ValType> types);
  std::span<const Value> top(size_t count);
  void retype_top(std::span<const ValType> types);
  void push_all(std::span<const ValType> types, std::span<const Value> values);
  // function_control.h
  bool known_type(ValType type);
  bool block_type(BlockType& type);
  void open_frame(FrameKind kind, const BlockType& type);
  void open(Opcode op);
  [[gnu::noinline]] void unset_locals(const Frame& frame);
  bool close_arm(const Frame& frame);
  void switch_arm(Frame& frame);
  void else_();
  void end();
  void become_unreachable();
  Frame* label(uint32_t depth);
  void br();
  void br_if();
  [[gnu::noinline]] void br_table();
  [[gnu::noinline]] void return_();
  // function_calls.h
  const FuncType* callee(FuncIndex& function);
  const FuncType* func_type(TypeIndex& type);
  const FuncType* indirect_callee(TypeIndex& type, TableIndex& table, Value& index);
  void call();
  [[gnu::noinline]] void call_indirect();
  [[gnu::noinline]] void call_ref();
  [[gnu::noinline]] void return_call();
  [[gnu::noinline]] void return_call_indirect();
  [[gnu::noinline]] void return_call_ref();
  bool results_fit(const FuncType& callee);
  template <typename Call>
  void finish_call(const FuncType& type, Call call);
  template <typename Call>
  void finish_return_call(const FuncType& type, Call call);
  // function_exceptions.h
  const FuncType* tag_type(TagIndex& tag);
  bool catch_clause();
  [[gnu::noinline]] void try_table();
  [[gnu::noinline]] void throw_();
  [[gnu::noinline]] void throw_ref();
  // function_references.h
  ValType reference_immediate(bool nullable);
  [[gnu::noinline]] void ref_null();
  [[gnu::noinline]] void ref_is_null();
  [[gnu::noinline]] void ref_func();
  void ref_as_non_null();
  void ref_eq();
  void ref_test(bool nullable);
  void ref_cast(bool nullable);
  void convert(Opcode op);
  void ref_i31();
  void i31_get(Opcode op);
  void br_on_null();
  void br_on_non_null();
  void br_on_cast(Opcode op);
  // function_structs.h
  const SubType* composite(SubType::Kind kind, TypeIndex& type);
  static ValType reference_to(TypeIndex type, bool nullable = true) {
    return ValType::reference(HeapType(type), nullable);
  }
  bool defaultable(std::span<const FieldType> fields);
  bool fits_getter(Opcode op, Opcode plain, const FieldType& field);
  bool is_mutable(const FieldType& field, const char* message);
  void struct_access(Opcode op);
  void struct_new(Opcode op);
  // function_arrays.h
  bool array_field(Field& field);
  bool data_fits(const Field& field);
  bool elem_fits(const Field& field, ElemIndex elem);
  bool segment_fits(const Field& field, bool of_data, uint32_t segment);
  void array_instruction(Opcode op);
  void array_new(Opcode op);
  void array_new_fixed();
  void array_new_from_segment(Opcode op);
  void array_get(Opcode op);
  void array_set();
  void array_len();
  void array_fill();
  void array_copy();
  void array_init(Opcode op);
  // function_memory.h
  bool memory_index(MemoryIndex& memory);
  [[gnu::always_inline]] bool memarg(Opcode op, MemArg& memarg);
  [[gnu::cold, gnu::noinline]] bool bad_memarg(Opcode op, MemoryIndex memory, uint32_t align);
  bool lane(Opcode op, uint8_t& lane);
  ValType address_type(MemoryIndex memory) const {
    return address_type(module_.memories[memory].limits);
  }
  ValType address_type(TableIndex table) const {
    return address_type(module_.tables[table].type.limits);
  }
  static ValType address_type(const Limits& limits) {
    return limits.is_64 ? ValType::i64 : ValType::i32;
  }
  [[gnu::noinline]] void load(Opcode op);
  [[gnu::noinline]] void store(Opcode op);
  [[gnu::noinline]] void load_lane(Opcode op);
  [[gnu::noinline]] void store_lane(Opcode op);
  [[gnu::noinline]] void atomic(Opcode op);
  void atomic_fence();
  void memory_instruction(Opcode op);
  bool known_data(DataIndex data);
  // function_tables.h
  bool table_index(TableIndex& table);
  bool known_elem(ElemIndex elem);
  void table_instruction(Opcode op);
  void table_bulk_instruction(Opcode op);
  // function_variables.h
  [[gnu::cold, gnu::noinline]] bool readable(uint32_t local);
  [[gnu::noinline]] bool writable(uint32_t local);
  void local_get();
  void local_set();
  void local_tee();
  [[gnu::noinline]] void global_get();
  [[gnu::noinline]] void global_set();
  void i32_const();
  void constant(Opcode op);
  [[gnu::noinline]] void wide(Opcode op);
  [[gnu::noinline]] void drop();
  [[gnu::noinline]] void select();
  [[gnu::noinline]] void typed_select();

  const Module& module_;
  Features features_;
  S& sink_;
  Reader in_;
  uint64_t at_ = 0;  // offset of the current instruction

  // Of the innermost frame.
  uint32_t height_ = 0;
  bool polymorphic_ = false;  // below an unreachable point: missing operands have any type
  bool live_ = false;         // the sink is told

  OperandStack<Value> operands_;
  std::vector<Frame> frames_;
  std::vector<ValType> locals_;
  // Locals below this index always have a value. Of the others, which have one now; and those set
  // so far, in order.
  uint32_t plain_locals_ = 0;
  std::vector<bool> is_set_;
  std::vector<uint32_t> set_locals_;
  std::vector<Value> saved_params_;
  std::vector<Value> results_;             // of a call
  std::vector<uint32_t> target_depths_;    // of a br_table
  std::vector<Control*> target_controls_;  // the same
  uint32_t br_tables_ = 0;                 // so far
  std::vector<uint32_t> catch_depths_;     // of a try_table
  std::vector<Catch<Control>> catches_;    // the same
  std::deque<ValType> block_results_;      // what BlockTypes of this body point to
};

// Walks one body; for many, keep a BodyWalker.
template <Sink S>
Result<void> walk_function(const Module& module, const Features& features, FuncIndex function,
                           S& sink) {
  return BodyWalker<S>(module, features, sink).walk(function);
}

template <Sink S>
void BodyWalker<S>::begin(FuncIndex function) {
  const FunctionBody& body = module_.body(function);
  const FuncType& type = module_.func_type(function);
  in_ = Reader(body.bytes, body.offset, features_);
  operands_.shrink(0);
  frames_.clear();
  saved_params_.clear();
  block_results_.clear();
  at_ = body.offset;
  height_ = 0;
  live_ = polymorphic_ = false;
  locals(type);
  if (in_.ok()) {
    live_ = true;
    open_frame(FrameKind::function, BlockType{{}, type.results});
    sink_.begin_function(function, type, frames_.back().control, locals_);
  }
}

template <Sink S>
void BodyWalker<S>::step() {
  at_ = in_.offset();
  Opcode op = in_.opcode();
  if (live_) sink_.set_position(at_);
  instruction(op);
}

template <Sink S>
Result<void> BodyWalker<S>::walk(FuncIndex function) {
  begin(function);
  while (!is_done()) step();
  if (in_.ok() && !frames_.empty()) in_.fail("unexpected end of section or function");
  if (in_.ok() && !in_.at_end()) in_.fail("END opcode expected");
  if (!in_.ok())
    return std::unexpected(in_.status().error().in(describe_function(module_, function)));
  sink_.end_function();
  return {};
}

template <Sink S>
void BodyWalker<S>::fail(ErrorCode code, std::string message) {
  live_ = false;
  in_.refuse(code, std::move(message), at_);
}

// wasm: binary-local
// wasm: valid-local
template <Sink S>
void BodyWalker<S>::locals(const FuncType& type) {
  locals_.assign(type.params.begin(), type.params.end());
  set_locals_.clear();
  bool all_plain = true;
  uint32_t groups = in_.count();
  uint64_t total = locals_.size();
  for (uint32_t i = 0; i < groups && in_.ok(); ++i) {
    at_ = in_.offset();
    uint32_t n = in_.u32();
    ValType local = in_.val_type();
    total += n;
    if (total > UINT32_MAX) in_.fail_at("too many locals", at_);
    if (!in_.ok() || !known_type(local) || total > limits::max_locals) continue;
    if (!local.has_default() && all_plain) {
      all_plain = false;
      plain_locals_ = static_cast<uint32_t>(locals_.size());
    }
    locals_.insert(locals_.end(), n, local);
  }
  if (total > limits::max_locals) fail_limit(total, "locals", limits::max_locals);
  if (all_plain) {
    plain_locals_ = static_cast<uint32_t>(locals_.size());
    return;
  }
  is_set_.clear();
  for (ValType local : locals_) is_set_.push_back(local.has_default());
}

template <Sink S>
void BodyWalker<S>::simple(Opcode op, const Lanes& lanes) {
  const OpTypes& types = types_of(op);
  uint32_t n = types.param_count;
  if (operands_.size() - height_ < n) [[unlikely]] {
    if (!underflow(std::span(types.params).first(n))) return;
  }
  uint32_t first = operands_.size() - n;
  for (uint32_t i = 0; i < n; ++i) {
    ValType found = operands_.type(first + i);
    if (found != types.params[i] && found.kind() != ValType::bottom) [[unlikely]] {
      return fail_types(types.params[i], found);
    }
  }
  Value result{};
  if (live_) result = sink_.simple(op, operands_.values(first, n), lanes);
  operands_.drop(n);
  operands_.push(types.result, result);
}

template <Sink S>
void BodyWalker<S>::simple_with_lanes(Opcode op) {
  Lanes lanes;
  if (op == Opcode::i8x16_shuffle) {
    for (uint8_t& index : lanes.lane) {
      index = in_.byte();
      if (index >= 32) return fail_lane(index);
    }
  } else if (!lane(op, lanes.lane[0])) {
    return;
  }
  simple(op, lanes);
}

// Instructions on typed references and managed data.
template <Sink S>
void BodyWalker<S>::reference_instruction(Opcode op) {
  switch (op) {
    case Opcode::ref_as_non_null: return ref_as_non_null();
    case Opcode::ref_eq: return ref_eq();
    case Opcode::ref_test: return ref_test(false);
    case Opcode::ref_test_null: return ref_test(true);
    case Opcode::ref_cast: return ref_cast(false);
    case Opcode::ref_cast_null: return ref_cast(true);
    case Opcode::br_on_null: return br_on_null();
    case Opcode::br_on_non_null: return br_on_non_null();
    case Opcode::br_on_cast:
    case Opcode::br_on_cast_fail: return br_on_cast(op);
    case Opcode::any_convert_extern:
    case Opcode::extern_convert_any: return convert(op);
    case Opcode::ref_i31: return ref_i31();
    case Opcode::i31_get_s:
    case Opcode::i31_get_u: return i31_get(op);
    case Opcode::struct_new:
    case Opcode::struct_new_default: return struct_new(op);
    case Opcode::struct_get:
    case Opcode::struct_get_s:
    case Opcode::struct_get_u:
    case Opcode::struct_set: return struct_access(op);
    default: return array_instruction(op);
  }
}

template <Sink S>
void BodyWalker<S>::by_signature(Opcode op) {
  static constexpr Lanes no_lanes{};
  const OpTypes& types = types_of(op);
  switch (types.op_class) {
    case OpClass::simple:
      return types.lane_count == 0 ? simple(op, no_lanes) : simple_with_lanes(op);
    case OpClass::load: return load(op);
    case OpClass::store: return store(op);
    case OpClass::load_lane: return load_lane(op);
    case OpClass::store_lane: return store_lane(op);
    case OpClass::atomic: return atomic(op);
    case OpClass::special: return reference_instruction(op);
  }
}

template <Sink S>
void BodyWalker<S>::instruction(Opcode op) {
  switch (op) {
    case Opcode::local_get: return local_get();
    case Opcode::local_set: return local_set();
    case Opcode::local_tee: return local_tee();
    case Opcode::i32_const: return i32_const();
    case Opcode::i64_const:
    case Opcode::f32_const:
    case Opcode::f64_const:
    case Opcode::v128_const: return constant(op);
    case Opcode::global_get: return global_get();
    case Opcode::global_set: return global_set();
    case Opcode::unreachable:
      if (live_) sink_.unreachable();
      return become_unreachable();
    case Opcode::nop: return;
    case Opcode::block:
    case Opcode::loop:
    case Opcode::if_: return open(op);
    case Opcode::else_: return else_();
    case Opcode::end: return end();
    case Opcode::br: return br();
    case Opcode::br_if: return br_if();
    case Opcode::br_table: return br_table();
    case Opcode::return_: return return_();
    case Opcode::call: return call();
    case Opcode::call_indirect: return call_indirect();
    case Opcode::call_ref: return call_ref();
    case Opcode::return_call: return return_call();
    case Opcode::return_call_indirect: return return_call_indirect();
    case Opcode::return_call_ref: return return_call_ref();
    case Opcode::try_table: return try_table();
    case Opcode::throw_: return throw_();
    case Opcode::throw_ref: return throw_ref();
    case Opcode::drop: return drop();
    case Opcode::select: return select();
    case Opcode::select_t: return typed_select();
    case Opcode::ref_null: return ref_null();
    case Opcode::ref_is_null: return ref_is_null();
    case Opcode::ref_func: return ref_func();
    case Opcode::atomic_fence: return atomic_fence();
    case Opcode::i64_add128:
    case Opcode::i64_sub128:
    case Opcode::i64_mul_wide_s:
    case Opcode::i64_mul_wide_u: return wide(op);
    case Opcode::memory_size:
    case Opcode::memory_grow:
    case Opcode::memory_fill:
    case Opcode::memory_copy:
    case Opcode::memory_init:
    case Opcode::data_drop: return memory_instruction(op);
    case Opcode::table_get:
    case Opcode::table_set:
    case Opcode::table_size:
    case Opcode::table_grow: return table_instruction(op);
    case Opcode::table_fill:
    case Opcode::table_copy:
    case Opcode::table_init:
    case Opcode::elem_drop: return table_bulk_instruction(op);
    default: return by_signature(op);
  }
}

}  // namespace tenon::wasm

// The rest of the member functions, by family.
#include "wasm/validate/function_arrays.h"      // IWYU pragma: keep
#include "wasm/validate/function_calls.h"       // IWYU pragma: keep
#include "wasm/validate/function_control.h"     // IWYU pragma: keep
#include "wasm/validate/function_exceptions.h"  // IWYU pragma: keep
#include "wasm/validate/function_memory.h"      // IWYU pragma: keep
#include "wasm/validate/function_operands.h"    // IWYU pragma: keep
#include "wasm/validate/function_references.h"  // IWYU pragma: keep
#include "wasm/validate/function_structs.h"     // IWYU pragma: keep
#include "wasm/validate/function_tables.h"      // IWYU pragma: keep
#include "wasm/validate/function_variables.h"   // IWYU pragma: keep
