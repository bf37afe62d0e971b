#pragma once

#include "wasm/validate/function.h"

// Member functions of BodyWalker: constants, variables, references, `drop` and `select`.
namespace tenon::wasm {

// wasm: valid-const
// wasm: valid-vconst
template <Sink S>
void BodyWalker<S>::constant(Opcode op) {
  switch (op) {
    case Opcode::i32_const: {
      int32_t bits = in_.i32_immediate();
      return push(ValType::i32, live_ ? sink_.i32_const(bits) : Value{});
    }
    case Opcode::i64_const: {
      int64_t bits = in_.s64();
      return push(ValType::i64, live_ ? sink_.i64_const(bits) : Value{});
    }
    case Opcode::f32_const: {
      uint32_t bits = in_.fixed_u32();
      return push(ValType::f32, live_ ? sink_.f32_const(bits) : Value{});
    }
    case Opcode::f64_const: {
      uint64_t bits = in_.fixed_u64();
      return push(ValType::f64, live_ ? sink_.f64_const(bits) : Value{});
    }
    default: {
      V128 bits{};
      auto raw = in_.bytes(bits.size());
      for (size_t i = 0; i < raw.size(); ++i) bits[i] = raw[i];
      return push(ValType::v128, live_ ? sink_.v128_const(bits) : Value{});
    }
  }
}

template <Sink S>
bool BodyWalker<S>::local_type(uint32_t& local, ValType& type) {
  local = in_.u32();
  if (local >= locals_.size()) [[unlikely]] {
    fail(unknown("local", local));
    return false;
  }
  type = locals_[local];
  return true;
}

// wasm: valid-local.get
// wasm: valid-local.set
// wasm: valid-local.tee
// wasm: valid-global.get
// wasm: valid-global.set
template <Sink S>
void BodyWalker<S>::variable(Opcode op) {
  if (op == Opcode::global_get || op == Opcode::global_set) {
    GlobalIndex global(in_.u32());
    if (!module_.globals.contains(global)) return fail(unknown("global", global.index));
    const GlobalType& type = module_.globals[global].type;
    if (op == Opcode::global_get) return push(type.type, live_ ? sink_.global_get(global) : Value{});
    if (!type.is_mutable) return fail("immutable global");
    Value value = pop(type.type);
    if (live_) sink_.global_set(global, value);
    return;
  }
  uint32_t local = 0;
  ValType type;
  if (!local_type(local, type)) return;
  if (op == Opcode::local_get) return push(type, live_ ? sink_.local_get(local) : Value{});
  Value value = pop(type);
  if (op == Opcode::local_set) {
    if (live_) sink_.local_set(local, value);
    return;
  }
  push(type, live_ ? sink_.local_tee(local, value) : Value{});
}

// wasm: valid-ref.null
// wasm: valid-ref.is_null
// wasm: valid-ref.func
template <Sink S>
void BodyWalker<S>::reference(Opcode op) {
  if (op == Opcode::ref_null) {
    ValType type = ValType::reference(in_.heap_type(), true);
    if (!in_.ok()) return;
    if (type.heap().is_concrete() && !module_.types.contains(type.heap().type())) {
      return fail(unknown("type", type.heap().type().index));
    }
    return push(type, live_ ? sink_.ref_null(type) : Value{});
  }
  if (op == Opcode::ref_is_null) {
    Value value;
    ValType type = pop_any(value);
    if (!type.is_ref() && type.kind() != ValType::bottom) return fail(type_mismatch(ValType::funcref(), type));
    return push(ValType::i32, live_ ? sink_.ref_is_null(value) : Value{});
  }
  FuncIndex function(in_.u32());
  if (!module_.functions.contains(function)) return fail(unknown("function", function.index));
  if (!module_.declared_functions[function.index]) return fail("undeclared function reference");
  ValType type = ValType::reference(HeapType(module_.functions[function]), false);
  push(type, live_ ? sink_.ref_func(function) : Value{});
}

// wasm: valid-drop
template <Sink S>
void BodyWalker<S>::drop() {
  Value value;
  pop_any(value);
  if (live_) sink_.drop(value);
}

// wasm: valid-select
template <Sink S>
void BodyWalker<S>::select() {
  Value condition = pop(ValType::i32);
  Value if_zero;
  Value if_not_zero;
  ValType second = pop_any(if_zero);
  ValType first = pop_any(if_not_zero);
  if (first.is_ref() || second.is_ref()) return fail("type mismatch: select without a type takes no references");
  bool fits = first == second || first.kind() == ValType::bottom || second.kind() == ValType::bottom;
  if (!fits) return fail(type_mismatch(first, second));
  ValType type = first.kind() == ValType::bottom ? second : first;
  push(type, live_ ? sink_.select(type, condition, if_not_zero, if_zero) : Value{});
}

// wasm: valid-select, with its type given
template <Sink S>
void BodyWalker<S>::typed_select() {
  uint32_t count = in_.count();
  if (in_.ok() && count != 1) return fail("invalid result arity");
  ValType type = in_.val_type();
  if (!in_.ok()) return;
  Value condition = pop(ValType::i32);
  Value if_zero = pop(type);
  Value if_not_zero = pop(type);
  push(type, live_ ? sink_.select(type, condition, if_not_zero, if_zero) : Value{});
}

}  // namespace tenon::wasm
