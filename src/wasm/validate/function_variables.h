#pragma once

#include "wasm/validate/function.h"

// Member functions of BodyWalker: constants, variables, wide arithmetic, `drop` and
// `select`.
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

// For locals that are not among the plain ones: whether there is such a local, and it has a value.
template <Sink S>
bool BodyWalker<S>::readable(uint32_t local) {
  if (local >= locals_.size()) {
    fail_unknown("local", local);
    return false;
  }
  if (!is_set_[local]) fail_uninitialized(local);
  return is_set_[local];
}

// The same for one that is about to get a value.
template <Sink S>
bool BodyWalker<S>::writable(uint32_t local) {
  if (local >= locals_.size()) {
    fail_unknown("local", local);
    return false;
  }
  if (!is_set_[local]) set_locals_.push_back(local);
  is_set_[local] = true;
  return true;
}

// wasm: valid-local.get
template <Sink S>
void BodyWalker<S>::local_get() {
  uint32_t local = in_.u32();
  if (local >= plain_locals_ && !readable(local)) [[unlikely]]
    return;
  push(locals_[local], live_ ? sink_.local_get(local) : Value{});
}

// wasm: valid-local.set
template <Sink S>
void BodyWalker<S>::local_set() {
  uint32_t local = in_.u32();
  if (local >= plain_locals_ && !writable(local)) [[unlikely]]
    return;
  Value value = pop(locals_[local]);
  if (live_) sink_.local_set(local, value);
}

// wasm: valid-local.tee
template <Sink S>
void BodyWalker<S>::local_tee() {
  uint32_t local = in_.u32();
  if (local >= plain_locals_ && !writable(local)) [[unlikely]]
    return;
  ValType type = locals_[local];
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

// Instructions of the wide-arithmetic proposal: numbers of two i64, the low half first.
template <Sink S>
void BodyWalker<S>::wide(Opcode op) {
  static constexpr ValType operands[] = {ValType::i64, ValType::i64, ValType::i64, ValType::i64};
  static constexpr ValType results[] = {ValType::i64, ValType::i64};
  bool multiplies = op == Opcode::i64_mul_wide_s || op == Opcode::i64_mul_wide_u;
  results_.assign(2, Value{});
  bool fits = consume(std::span(operands).first(multiplies ? 2 : 4),
                      [&](auto values) { sink_.wide(op, values, std::span<Value>(results_)); });
  if (fits) push_all(results, results_);
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
  if (!in_.ok() || !known_type(type)) return;
  Value condition = pop(ValType::i32);
  Value if_zero = pop(type);
  Value if_not_zero = pop(type);
  push(type, live_ ? sink_.select(type, condition, if_not_zero, if_zero) : Value{});
}

}  // namespace tenon::wasm
