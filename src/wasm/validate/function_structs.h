#pragma once

#include "wasm/validate/function.h"

// Member functions of BodyWalker: structs, and what arrays share with them.
namespace tenon::wasm {

// The defined type that an immediate names, which must be of this kind. Null after a failure.
template <Sink S>
auto BodyWalker<S>::composite(SubType::Kind kind, TypeIndex& type) -> const SubType* {
  type = TypeIndex(in_.u32());
  if (!in_.ok()) return nullptr;
  if (!module_.types.contains(type)) {
    fail_unknown("type", type.index);
    return nullptr;
  }
  const SubType& known = module_.types[type];
  if (known.kind == kind) return &known;
  fail_kind(type, kind == SubType::Kind::func      ? "function"
                  : kind == SubType::Kind::struct_ ? "struct"
                                                   : "array");
  return nullptr;
}

template <Sink S>
bool BodyWalker<S>::defaultable(std::span<const FieldType> fields) {
  for (const FieldType& field : fields) {
    if (field.type.has_default()) continue;
    fail_text("type mismatch: a field type is not defaultable");
    return false;
  }
  return true;
}

// Getters with an extension are for packed fields, `plain` is for all others.
template <Sink S>
bool BodyWalker<S>::fits_getter(Opcode op, Opcode plain, const FieldType& field) {
  bool is_packed = field.packing != FieldType::Packing::none;
  if (is_packed == (op != plain)) return true;
  fail_text(is_packed ? "type mismatch: field is packed" : "type mismatch: field is unpacked");
  return false;
}

template <Sink S>
bool BodyWalker<S>::is_mutable(const FieldType& field, const char* message) {
  if (field.is_mutable) return true;
  fail_text(message);
  return false;
}

// wasm: valid-struct.new
// wasm: valid-struct.new_default
template <Sink S>
void BodyWalker<S>::struct_new(Opcode op) {
  TypeIndex type;
  const SubType* known = composite(SubType::Kind::struct_, type);
  if (!known) return;
  std::span<const FieldType> fields = known->fields;
  Value result{};
  if (op == Opcode::struct_new_default) {
    if (!defaultable(fields)) return;
    if (live_) result = sink_.struct_new_default(type, fields);
  } else {
    bool fits = consume(
        fields.size(), [fields](size_t i) { return fields[i].type; },
        [&](auto values) { result = sink_.struct_new(type, fields, values); });
    if (!fits) return;
  }
  push(reference_to(type, false), result);
}

// wasm: valid-struct.get
// wasm: valid-struct.set
template <Sink S>
void BodyWalker<S>::struct_access(Opcode op) {
  Field field;
  const SubType* known = composite(SubType::Kind::struct_, field.of);
  if (!known) return;
  field.index = in_.u32();
  if (field.index >= known->fields.size()) return fail_unknown("field", field.index);
  field.type = known->fields[field.index];
  if (op == Opcode::struct_set) {
    if (!is_mutable(field.type, "immutable field")) return;
    Value value = pop(field.type.type);
    auto reference = pop_reference(reference_to(field.of));
    if (live_) sink_.struct_set(field, reference, value);
    return;
  }
  if (!fits_getter(op, Opcode::struct_get, field.type)) return;
  auto reference = pop_reference(reference_to(field.of));
  push(field.type.type, live_ ? sink_.struct_get(op, field, reference) : Value{});
}

}  // namespace tenon::wasm
