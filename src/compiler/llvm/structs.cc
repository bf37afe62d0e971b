#include "compiler/llvm/sink.h"

namespace tenon::compiler::llvm_tier {

using wasm::FieldType;
using wasm::Opcode;
using wasm::TypeIndex;

// wasm: exec-struct.new
FunctionSink::Value FunctionSink::struct_new(TypeIndex type, std::span<const FieldType> fields,
                                             Values values) {
  const StructLayout& layout = chunk_.struct_layout(type);
  llvm::SmallVector<Value, 8> held;
  for (size_t i = 0; i < fields.size(); ++i)
    if (chunk_.storage(fields[i]) == Storage::ref) held.push_back(values[i]);
  Value object = allocate({.type = type, .size = builder_.getInt64(layout.size)}, held);
  for (size_t i = 0; i < fields.size(); ++i)
    init_field(chunk_.storage(fields[i]), values[i], object_address(object, layout.offsets[i]));
  return object;
}

// wasm: exec-struct.new_default
FunctionSink::Value FunctionSink::struct_new_default(TypeIndex type, std::span<const FieldType>) {
  return allocate({.type = type, .size = builder_.getInt64(chunk_.struct_layout(type).size)}, {});
}

// Where a field lies, checked for null unless an access there faults by itself.
FunctionSink::Value FunctionSink::field_address(const Field& field, const Ref& ref,
                                                Access& access) {
  uint32_t offset = chunk_.struct_layout(field.of).offsets[field.index];
  access.storage = chunk_.storage(field.type);
  bool is_guarded = offset + size_of(access.storage) <= null_guard_size;
  if (!is_guarded) check_null(ref, TrapCode::null_structure);
  access.may_fault = is_guarded && ref.type.is_nullable();
  return object_address(ref.value, offset);
}

// wasm: exec-struct.get
FunctionSink::Value FunctionSink::struct_get(Opcode op, const Field& field, const Ref& ref) {
  Access access;
  Value address = field_address(field, ref, access);
  return extended(op, load_field(access, address));
}

// wasm: exec-struct.set
void FunctionSink::struct_set(const Field& field, const Ref& ref, Value value) {
  Access access;
  Value address = field_address(field, ref, access);
  overwrite_field(access, value, address);
}

}  // namespace tenon::compiler::llvm_tier
