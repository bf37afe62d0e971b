#include <llvm/IR/Constants.h>

#include "compiler/llvm/bounds.h"
#include "compiler/llvm/sink.h"

namespace tenon::compiler::llvm_tier {

using wasm::Opcode;

// Null is checked by code of its own: a loop over an array then checks it once, and its length is
// read once.
FunctionSink::Value FunctionSink::array_length(const Ref& ref) {
  check_null(ref, TrapCode::null_array);
  return load_header(ref.value, array_length_offset);
}

FunctionSink::Value FunctionSink::element_address(const ArrayLayout& layout, Value array,
                                                  Value index) {
  Value distance = builder_.CreateMul(builder_.CreateZExt(index, builder_.getInt64Ty()),
                                      builder_.getInt64(layout.element_size));
  return builder_.CreatePtrAdd(object_address(array, layout.elements_offset), distance);
}

// Traps unless [index, index + count) are elements of the array. All are 32 bits wide.
void FunctionSink::check_elements(const Ref& ref, Value index, Value count) {
  llvm::Type* i64 = builder_.getInt64Ty();
  Value end = builder_.CreateAdd(builder_.CreateZExt(index, i64), builder_.CreateZExt(count, i64));
  Value length = builder_.CreateZExt(array_length(ref), i64);
  trap_if(builder_.CreateICmpUGT(end, length), TrapCode::array_out_of_bounds);
}

FunctionSink::Value FunctionSink::new_array(const Field& field, Value length, Values held) {
  ArrayLayout layout = ArrayLayout::of(chunk_.storage(field.type));
  // 32 bits times 16 and a little does not overflow; what is too large does not fit the window.
  Value size = builder_.CreateMul(builder_.CreateZExt(length, builder_.getInt64Ty()),
                                  builder_.getInt64(layout.element_size));
  uint64_t padding = object_alignment - 1;
  size = builder_.CreateAdd(size, builder_.getInt64(layout.elements_offset + padding));
  size = builder_.CreateAnd(size, builder_.getInt64(~padding));
  return allocate({.type = field.of, .size = size, .length = length}, held);
}

// Plain stores for a few, a call for many.
void FunctionSink::fill_elements(Storage storage, Value address, Value value, Value count) {
  auto* constant = llvm::dyn_cast<llvm::ConstantInt>(count);
  uint32_t size = size_of(storage);
  if (constant != nullptr && constant->getZExtValue() <= max_inline_accesses) {
    for (uint64_t i = 0; i < constant->getZExtValue(); ++i)
      store_field({.storage = storage}, value, this->field(address, i * size));
    return;
  }
  llvm::Type* i64 = builder_.getInt64Ty();
  value = narrowed(storage, value);
  Value low = nullptr;
  Value high = builder_.getInt64(0);
  if (storage == Storage::v128) {
    low = builder_.CreateExtractElement(value, uint64_t{0});
    high = builder_.CreateExtractElement(value, uint64_t{1});
  } else if (value->getType()->isPointerTy()) {
    low = builder_.CreatePtrToInt(value, i64);
  } else {
    Value bits = builder_.CreateBitCast(value, builder_.getIntNTy(size * 8));
    low = builder_.CreateZExt(bits, i64);
  }
  call_plain(Builtin::fill_elements_,
             {address, builder_.CreateZExt(count, i64), builder_.getInt32(size), low, high});
}

// wasm: exec-array.new
FunctionSink::Value FunctionSink::array_new(const Field& field, Value value, Value length) {
  Storage storage = chunk_.storage(field.type);
  Value array = new_array(field, length, storage == Storage::ref ? Values(&value, 1) : Values());
  if (auto* constant = llvm::dyn_cast<llvm::Constant>(value); constant && constant->isNullValue())
    return array;
  fill_elements(storage, object_address(array, ArrayLayout::of(storage).elements_offset), value,
                length);
  return array;
}

// wasm: exec-array.new_default
FunctionSink::Value FunctionSink::array_new_default(const Field& field, Value length) {
  return new_array(field, length, {});
}

// wasm: exec-array.new_fixed
FunctionSink::Value FunctionSink::array_new_fixed(const Field& field, Values values) {
  Storage storage = chunk_.storage(field.type);
  ArrayLayout layout = ArrayLayout::of(storage);
  Value array = new_array(field, builder_.getInt32(static_cast<uint32_t>(values.size())),
                          storage == Storage::ref ? values : Values());
  for (size_t i = 0; i < values.size(); ++i)
    init_field(storage, values[i],
               object_address(array, layout.elements_offset + i * layout.element_size));
  return array;
}

// wasm: exec-array.new_data
FunctionSink::Value FunctionSink::array_new_data(const Field& field, wasm::DataIndex segment,
                                                 Value from, Value length) {
  return call_builtin(Builtin::array_new_data, builder_.getInt32Ty(),
                      {type_id(field.of), builder_.getInt32(segment.index), from, length});
}

// wasm: exec-array.new_elem
FunctionSink::Value FunctionSink::array_new_elem(const Field& field, wasm::ElemIndex segment,
                                                 Value from, Value length) {
  return call_builtin(Builtin::array_new_elem, builder_.getInt32Ty(),
                      {type_id(field.of), builder_.getInt32(segment.index), from, length});
}

// wasm: exec-array.get
FunctionSink::Value FunctionSink::array_get(Opcode op, const Field& field, const Ref& ref,
                                            Value index) {
  trap_if(builder_.CreateICmpUGE(index, array_length(ref)), TrapCode::array_out_of_bounds);
  Storage storage = chunk_.storage(field.type);
  Value address = element_address(ArrayLayout::of(storage), ref.value, index);
  return extended(op, load_field({.storage = storage}, address));
}

// wasm: exec-array.set
void FunctionSink::array_set(const Field& field, const Ref& ref, Value index, Value value) {
  trap_if(builder_.CreateICmpUGE(index, array_length(ref)), TrapCode::array_out_of_bounds);
  Storage storage = chunk_.storage(field.type);
  overwrite_field({.storage = storage}, value,
                  element_address(ArrayLayout::of(storage), ref.value, index));
}

// wasm: exec-array.len
FunctionSink::Value FunctionSink::array_len(const Ref& ref) {
  return array_length(ref);
}

// Before elements are overwritten.
void FunctionSink::show_elements(Storage storage, Value array, Value index, Value count) {
  if (storage != Storage::ref) return;
  if_marking([&] {
    call_builtin(Builtin::gc_write_barrier_array, builder_.getVoidTy(), {array, index, count});
  });
}

// wasm: exec-array.fill
void FunctionSink::array_fill(const Field& field, const Ref& ref, Value index, Value value,
                              Value length) {
  check_elements(ref, index, length);
  Storage storage = chunk_.storage(field.type);
  show_elements(storage, ref.value, index, length);
  fill_elements(storage, element_address(ArrayLayout::of(storage), ref.value, index), value,
                length);
}

// wasm: exec-array.copy
void FunctionSink::array_copy(const Field& to, const Ref& to_ref, Value to_index, const Field& from,
                              const Ref& from_ref, Value from_index, Value length) {
  check_null(to_ref, TrapCode::null_array);
  check_null(from_ref, TrapCode::null_array);
  check_elements({to_ref.value, to_ref.type.with_null(false)}, to_index, length);
  check_elements({from_ref.value, from_ref.type.with_null(false)}, from_index, length);
  Storage storage = chunk_.storage(to.type);
  DCHECK(chunk_.storage(from.type) == storage);
  ArrayLayout layout = ArrayLayout::of(storage);
  show_elements(storage, to_ref.value, to_index, length);
  Value bytes = builder_.CreateMul(builder_.CreateZExt(length, builder_.getInt64Ty()),
                                   builder_.getInt64(layout.element_size));
  call_plain(Builtin::memmove_, {element_address(layout, to_ref.value, to_index),
                                 element_address(layout, from_ref.value, from_index), bytes});
}

// wasm: exec-array.init_data
void FunctionSink::array_init_data(const Field&, wasm::DataIndex segment, const Ref& ref, Value to,
                                   Value from, Value length) {
  check_null(ref, TrapCode::null_array);
  call_builtin(Builtin::array_init_data, builder_.getVoidTy(),
               {builder_.getInt32(segment.index), ref.value, to, from, length});
}

// wasm: exec-array.init_elem
void FunctionSink::array_init_elem(const Field&, wasm::ElemIndex segment, const Ref& ref, Value to,
                                   Value from, Value length) {
  check_null(ref, TrapCode::null_array);
  call_builtin(Builtin::array_init_elem, builder_.getVoidTy(),
               {builder_.getInt32(segment.index), ref.value, to, from, length});
}

}  // namespace tenon::compiler::llvm_tier
