#pragma once

#include "wasm/validate/function.h"

// Member functions of BodyWalker: references, casts, and branches on them.
namespace tenon::wasm {

// A reference type whose heap type is the next immediate; bottom after a failure.
template <Sink S>
ValType BodyWalker<S>::reference_immediate(bool nullable) {
  ValType type = ValType::reference(in_.heap_type(), nullable);
  return in_.ok() && known_type(type) ? type : ValType::bottom;
}

// wasm: valid-ref.null
template <Sink S>
void BodyWalker<S>::ref_null() {
  ValType type = reference_immediate(true);
  if (in_.ok()) push(type, live_ ? sink_.ref_null(type) : Value{});
}

// wasm: valid-ref.is_null
template <Sink S>
void BodyWalker<S>::ref_is_null() {
  auto reference = pop_any_reference();
  push(ValType::i32, live_ ? sink_.ref_is_null(reference.value) : Value{});
}

// wasm: valid-ref.func
template <Sink S>
void BodyWalker<S>::ref_func() {
  FuncIndex function(in_.u32());
  if (!module_.functions.contains(function)) return fail_unknown("function", function.index);
  if (!module_.declared_functions[function.index])
    return fail_text("undeclared function reference");
  push(reference_to(module_.functions[function], false),
       live_ ? sink_.ref_func(function) : Value{});
}

// wasm: valid-ref.as_non_null
template <Sink S>
void BodyWalker<S>::ref_as_non_null() {
  auto reference = pop_any_reference();
  push(reference.type.with_null(false), live_ ? sink_.ref_as_non_null(reference) : Value{});
}

// wasm: valid-ref.eq
template <Sink S>
void BodyWalker<S>::ref_eq() {
  constexpr ValType eqref = ValType::reference(HeapType::eq, true);
  Value right = pop(eqref);
  Value left = pop(eqref);
  push(ValType::i32, live_ ? sink_.ref_eq(left, right) : Value{});
}

// wasm: valid-ref.test
template <Sink S>
void BodyWalker<S>::ref_test(bool nullable) {
  ValType to = reference_immediate(nullable);
  if (!in_.ok()) return;
  auto reference = pop_reference(ValType::reference(top_of(module_, to.heap()), true));
  push(ValType::i32, live_ ? sink_.ref_test(reference, to) : Value{});
}

// wasm: valid-ref.cast
template <Sink S>
void BodyWalker<S>::ref_cast(bool nullable) {
  ValType to = reference_immediate(nullable);
  if (!in_.ok()) return;
  auto reference = pop_reference(ValType::reference(top_of(module_, to.heap()), true));
  push(to, live_ ? sink_.ref_cast(reference, to) : Value{});
}

// wasm: valid-any.convert_extern
// wasm: valid-extern.convert_any
template <Sink S>
void BodyWalker<S>::convert(Opcode op) {
  bool to_any = op == Opcode::any_convert_extern;
  auto reference = pop_reference(
      ValType::reference(to_any ? HeapType::extern_ : HeapType::any, /*nullable=*/true));
  Value result{};
  if (live_)
    result = to_any ? sink_.any_convert_extern(reference) : sink_.extern_convert_any(reference);
  push(ValType::reference(to_any ? HeapType::any : HeapType::extern_, reference.type.is_nullable()),
       result);
}

// wasm: valid-ref.i31
template <Sink S>
void BodyWalker<S>::ref_i31() {
  Value value = pop(ValType::i32);
  push(ValType::reference(HeapType::i31, false), live_ ? sink_.ref_i31(value) : Value{});
}

// wasm: valid-i31.get
template <Sink S>
void BodyWalker<S>::i31_get(Opcode op) {
  auto reference = pop_reference(ValType::reference(HeapType::i31, true));
  push(ValType::i32, live_ ? sink_.i31_get(op, reference) : Value{});
}

// wasm: valid-br_on_null
template <Sink S>
void BodyWalker<S>::br_on_null() {
  Frame* target = label(in_.u32());
  if (!target) return;
  auto reference = pop_any_reference();
  auto types = target->label_types();
  if (!expect_top(types)) return;
  Value rest{};
  if (live_) {
    target->branched_to = true;
    rest = sink_.br_on_null(target->control, reference, top(types.size()));
  }
  retype_top(types);
  push(reference.type.with_null(false), rest);
}

// wasm: valid-br_on_non_null
template <Sink S>
void BodyWalker<S>::br_on_non_null() {
  Frame* target = label(in_.u32());
  if (!target) return;
  auto reference = pop_any_reference();
  auto types = target->label_types();
  if (types.empty()) return fail_text("type mismatch: the label takes no reference");
  push(reference.type.with_null(false), reference.value);
  if (!expect_top(types)) return;
  if (live_) {
    target->branched_to = true;
    sink_.br_on_non_null(target->control, reference, top(types.size()));
  }
  retype_top(types);
  operands_.drop(1);
}

// wasm: valid-br_on_cast
// wasm: valid-br_on_cast_fail
// wasm: aux-reftypediff
template <Sink S>
void BodyWalker<S>::br_on_cast(Opcode op) {
  constexpr uint8_t from_null = 1;
  constexpr uint8_t to_null = 2;
  uint8_t flags = in_.byte();
  if (flags > (from_null | to_null)) return fail_malformed("malformed cast flags");
  Frame* target = label(in_.u32());
  ValType from = reference_immediate((flags & from_null) != 0);
  ValType to = reference_immediate((flags & to_null) != 0);
  if (!in_.ok() || !target) return;
  if (!val_matches(module_, to, from)) return fail_types(from, to);
  auto types = target->label_types();
  if (types.empty()) return fail_text("type mismatch: the label takes no reference");
  ValType rest = from.with_null(from.is_nullable() && !to.is_nullable());
  bool branches_on_success = op == Opcode::br_on_cast;
  auto reference = pop_reference(from);
  push(branches_on_success ? to : rest, reference.value);
  if (!expect_top(types)) return;
  Value value{};
  if (live_) {
    target->branched_to = true;
    auto carried = top(types.size());
    value = branches_on_success ? sink_.br_on_cast(target->control, reference, to, carried)
                                : sink_.br_on_cast_fail(target->control, reference, to, carried);
  }
  retype_top(types);
  operands_.drop(1);
  push(branches_on_success ? rest : to, value);
}

}  // namespace tenon::wasm
