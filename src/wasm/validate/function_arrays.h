#pragma once

#include "wasm/validate/function.h"

// Member functions of BodyWalker: arrays.
namespace tenon::wasm {

// The array type that an immediate names.
template <Sink S>
bool BodyWalker<S>::array_field(Field& field) {
  const SubType* known = composite(SubType::Kind::array, field.of);
  if (known) field.type = known->fields[0];
  return known != nullptr;
}

// Whether elements can be made of bytes.
template <Sink S>
bool BodyWalker<S>::data_fits(const Field& field) {
  if (!field.type.type.is_ref()) return true;
  fail_text("array type is not numeric or vector");
  return false;
}

template <Sink S>
bool BodyWalker<S>::elem_fits(const Field& field, ElemIndex elem) {
  ValType found = module_.elems[elem].type;
  if (storage_matches(module_, FieldType{found}, field.type)) return true;
  fail_types(field.type.type, found);
  return false;
}

// Whether there is such a data or element segment, and elements can be made of it.
template <Sink S>
bool BodyWalker<S>::segment_fits(const Field& field, bool of_data, uint32_t segment) {
  if (of_data) return known_data(DataIndex(segment)) && data_fits(field);
  return known_elem(ElemIndex(segment)) && elem_fits(field, ElemIndex(segment));
}

template <Sink S>
void BodyWalker<S>::array_instruction(Opcode op) {
  switch (op) {
    case Opcode::array_new:
    case Opcode::array_new_default: return array_new(op);
    case Opcode::array_new_fixed: return array_new_fixed();
    case Opcode::array_new_data:
    case Opcode::array_new_elem: return array_new_from_segment(op);
    case Opcode::array_get:
    case Opcode::array_get_s:
    case Opcode::array_get_u: return array_get(op);
    case Opcode::array_set: return array_set();
    case Opcode::array_len: return array_len();
    case Opcode::array_fill: return array_fill();
    case Opcode::array_copy: return array_copy();
    case Opcode::array_init_data:
    case Opcode::array_init_elem: return array_init(op);
    default: return fail(ErrorCode::internal, "an instruction without a rule");
  }
}

// wasm: valid-array.new
// wasm: valid-array.new_default
template <Sink S>
void BodyWalker<S>::array_new(Opcode op) {
  Field field;
  if (!array_field(field)) return;
  bool is_default = op == Opcode::array_new_default;
  if (is_default && !defaultable({&field.type, 1})) return;
  Value length = pop(ValType::i32);
  Value value = is_default ? Value{} : pop(field.type.type);
  Value result{};
  if (live_) {
    result =
        is_default ? sink_.array_new_default(field, length) : sink_.array_new(field, value, length);
  }
  push(reference_to(field.of, false), result);
}

// wasm: valid-array.new_fixed
template <Sink S>
void BodyWalker<S>::array_new_fixed() {
  Field field;
  if (!array_field(field)) return;
  uint32_t count = in_.u32();
  if (count > limits::max_array_new_fixed)
    return fail_limit(count, "operands of array.new_fixed", limits::max_array_new_fixed);
  Value result{};
  bool fits = consume(
      count, [&](size_t) { return field.type.type; },
      [&](auto values) { result = sink_.array_new_fixed(field, values); });
  if (fits) push(reference_to(field.of, false), result);
}

// wasm: valid-array.new_data
// wasm: valid-array.new_elem
template <Sink S>
void BodyWalker<S>::array_new_from_segment(Opcode op) {
  Field field;
  bool from_data = op == Opcode::array_new_data;
  if (!array_field(field)) return;
  uint32_t segment = in_.u32();
  if (!segment_fits(field, from_data, segment)) return;
  Value length = pop(ValType::i32);
  Value from = pop(ValType::i32);
  Value result{};
  if (live_) {
    result = from_data ? sink_.array_new_data(field, DataIndex(segment), from, length)
                       : sink_.array_new_elem(field, ElemIndex(segment), from, length);
  }
  push(reference_to(field.of, false), result);
}

// wasm: valid-array.get
template <Sink S>
void BodyWalker<S>::array_get(Opcode op) {
  Field field;
  if (!array_field(field) || !fits_getter(op, Opcode::array_get, field.type)) return;
  Value index = pop(ValType::i32);
  auto array = pop_reference(reference_to(field.of));
  push(field.type.type, live_ ? sink_.array_get(op, field, array, index) : Value{});
}

// wasm: valid-array.set
template <Sink S>
void BodyWalker<S>::array_set() {
  Field field;
  if (!array_field(field) || !is_mutable(field.type, "immutable array")) return;
  Value value = pop(field.type.type);
  Value index = pop(ValType::i32);
  auto array = pop_reference(reference_to(field.of));
  if (live_) sink_.array_set(field, array, index, value);
}

// wasm: valid-array.len
template <Sink S>
void BodyWalker<S>::array_len() {
  auto array = pop_reference(ValType::reference(HeapType::array, true));
  push(ValType::i32, live_ ? sink_.array_len(array) : Value{});
}

// wasm: valid-array.fill
template <Sink S>
void BodyWalker<S>::array_fill() {
  Field field;
  if (!array_field(field) || !is_mutable(field.type, "immutable array")) return;
  Value length = pop(ValType::i32);
  Value value = pop(field.type.type);
  Value index = pop(ValType::i32);
  auto array = pop_reference(reference_to(field.of));
  if (live_) sink_.array_fill(field, array, index, value, length);
}

// wasm: valid-array.copy
template <Sink S>
void BodyWalker<S>::array_copy() {
  Field to;
  Field from;
  if (!array_field(to) || !array_field(from) || !is_mutable(to.type, "immutable array")) return;
  if (!storage_matches(module_, from.type, to.type)) return fail_text("array types do not match");
  Value length = pop(ValType::i32);
  Value from_index = pop(ValType::i32);
  auto from_array = pop_reference(reference_to(from.of));
  Value to_index = pop(ValType::i32);
  auto to_array = pop_reference(reference_to(to.of));
  if (live_) sink_.array_copy(to, to_array, to_index, from, from_array, from_index, length);
}

// wasm: valid-array.init_data
// wasm: valid-array.init_elem
template <Sink S>
void BodyWalker<S>::array_init(Opcode op) {
  Field field;
  bool from_data = op == Opcode::array_init_data;
  if (!array_field(field)) return;
  uint32_t segment = in_.u32();
  if (!is_mutable(field.type, "immutable array") || !segment_fits(field, from_data, segment))
    return;
  Value length = pop(ValType::i32);
  Value from = pop(ValType::i32);
  Value to = pop(ValType::i32);
  auto array = pop_reference(reference_to(field.of));
  if (!live_) return;
  if (from_data) {
    sink_.array_init_data(field, DataIndex(segment), array, to, from, length);
  } else {
    sink_.array_init_elem(field, ElemIndex(segment), array, to, from, length);
  }
}

}  // namespace tenon::wasm
