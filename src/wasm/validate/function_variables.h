#pragma once

#include "wasm/validate/function.h"

// Member functions of BodyWalker: constants, variables, references, `drop` and `select`.
namespace tenon::wasm {

// wasm: valid-const
template <Sink S>
void BodyWalker<S>::i32_const() {
  int32_t value = in_.i32_immediate();
  push(ValType::i32, live_ ? sink_.i32_const(value) : Value{});
}

// wasm: valid-const
// wasm: valid-vconst
template <Sink S>
void BodyWalker<S>::constant(Opcode op) {
  switch (op) {
    case Opcode::i64_const: {
      int64_t value = in_.s64();
      return push(ValType::i64, live_ ? sink_.i64_const(value) : Value{});
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
    fail_unknown("local", local);
    return false;
  }
  type = locals_[local];
  return true;
}

// wasm: valid-local.get
template <Sink S>
void BodyWalker<S>::local_get() {
  uint32_t local = 0;
  ValType type;
  if (!local_type(local, type)) return;
  push(type, live_ ? sink_.local_get(local) : Value{});
}

// wasm: valid-local.set
template <Sink S>
void BodyWalker<S>::local_set() {
  uint32_t local = 0;
  ValType type;
  if (!local_type(local, type)) return;
  Value value = pop(type);
  if (live_) sink_.local_set(local, value);
}

// wasm: valid-local.tee
template <Sink S>
void BodyWalker<S>::local_tee() {
  uint32_t local = 0;
  ValType type;
  if (!local_type(local, type)) return;
  Value value = pop(type);
  push(type, live_ ? sink_.local_tee(local, value) : Value{});
}

// wasm: valid-global.get
template <Sink S>
void BodyWalker<S>::global_get() {
  GlobalIndex global(in_.u32());
  if (!module_.globals.contains(global)) return fail_unknown("global", global.index);
  push(module_.globals[global].type.type, live_ ? sink_.global_get(global) : Value{});
}

// wasm: valid-global.set
template <Sink S>
void BodyWalker<S>::global_set() {
  GlobalIndex global(in_.u32());
  if (!module_.globals.contains(global)) return fail_unknown("global", global.index);
  const GlobalType& type = module_.globals[global].type;
  if (!type.is_mutable) return fail_text("immutable global");
  Value value = pop(type.type);
  if (live_) sink_.global_set(global, value);
}

// wasm: valid-ref.null
template <Sink S>
void BodyWalker<S>::ref_null() {
  ValType type = ValType::reference(in_.heap_type(), true);
  if (!in_.ok()) return;
  if (type.heap().is_concrete() && !module_.types.contains(type.heap().type())) {
    return fail_unknown("type", type.heap().type().index);
  }
  push(type, live_ ? sink_.ref_null(type) : Value{});
}

// wasm: valid-ref.is_null
template <Sink S>
void BodyWalker<S>::ref_is_null() {
  Value value;
  ValType type = pop_any(value);
  if (!type.is_ref() && type.kind() != ValType::bottom) {
    return fail_types(ValType::funcref(), type);
  }
  push(ValType::i32, live_ ? sink_.ref_is_null(value) : Value{});
}

// wasm: valid-ref.func
template <Sink S>
void BodyWalker<S>::ref_func() {
  FuncIndex function(in_.u32());
  if (!module_.functions.contains(function)) return fail_unknown("function", function.index);
  if (!module_.declared_functions[function.index])
    return fail_text("undeclared function reference");
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
  if (first.is_ref() || second.is_ref())
    return fail_text("type mismatch: select without a type takes no references");
  bool fits =
      first == second || first.kind() == ValType::bottom || second.kind() == ValType::bottom;
  if (!fits) return fail_types(first, second);
  ValType type = first.kind() == ValType::bottom ? second : first;
  push(type, live_ ? sink_.select(type, condition, if_not_zero, if_zero) : Value{});
}

// wasm: valid-select, with its type given
template <Sink S>
void BodyWalker<S>::typed_select() {
  uint32_t count = in_.count();
  if (in_.ok() && count != 1) return fail_text("invalid result arity");
  ValType type = in_.val_type();
  if (!in_.ok()) return;
  Value condition = pop(ValType::i32);
  Value if_zero = pop(type);
  Value if_not_zero = pop(type);
  push(type, live_ ? sink_.select(type, condition, if_not_zero, if_zero) : Value{});
}

}  // namespace tenon::wasm
