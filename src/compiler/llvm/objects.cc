#include <llvm/IR/Constants.h>

#include "compiler/llvm/sink.h"

// Objects of the garbage-collected heap (compiler/gc_layout.h): how they are allocated, and how
// their fields are read and written. A reference is the offset of its object from the heap's base;
// addresses are made anew for each access, so that what lives across calls is the reference.
//
// Stores into objects are volatile: they must not move across what may trap, nor vanish before it.
// Those that fill in a new object are not, since nobody sees an object before it is stored
// somewhere. Loads are volatile where null faults. No load of an object's field is invariant: its
// memory may have held another object before.
namespace tenon::compiler::llvm_tier {

using wasm::Opcode;
using wasm::TypeIndex;

namespace {

llvm::Type* stored_type(llvm::IRBuilder<>& builder, Storage storage) {
  switch (storage) {
    case Storage::i8: return builder.getInt8Ty();
    case Storage::i16: return builder.getInt16Ty();
    case Storage::i32:
    case Storage::ref: return builder.getInt32Ty();
    case Storage::i64: return builder.getInt64Ty();
    case Storage::f32: return builder.getFloatTy();
    case Storage::f64: return builder.getDoubleTy();
    case Storage::v128: return llvm::FixedVectorType::get(builder.getInt64Ty(), 2);
    case Storage::funcref: return builder.getPtrTy();
  }
  return nullptr;
}

llvm::Align stored_alignment(Storage storage) {
  return llvm::Align(alignment_of(storage));
}

}  // namespace

FunctionSink::Value FunctionSink::store_context() {
  return load_invariant(builder_.getPtrTy(), header_field(offsetof(VmHeader, store)));
}

FunctionSink::Value FunctionSink::heap_base() {
  uint64_t offset = offsetof(StoreContext, heap_base);
  // The host can make the heap while this function runs.
  if (!chunk_.has_object_types)
    return load_runtime(builder_.getPtrTy(), field(store_context(), offset));
  if (heap_base_ != nullptr) return heap_base_;
  llvm::IRBuilder<>::InsertPointGuard guard(builder_);
  builder_.SetInsertPoint(entry_->getTerminator());
  heap_base_ = load_invariant(builder_.getPtrTy(), field(store_context(), offset));
  return heap_base_;
}

FunctionSink::Value FunctionSink::object_address(Value object, uint64_t offset) {
  Value distance = builder_.CreateZExt(object, builder_.getInt64Ty());
  return field(builder_.CreatePtrAdd(heap_base(), distance), offset);
}

// The engine-wide id of a type of the module.
FunctionSink::Value FunctionSink::type_id(TypeIndex type) {
  Value ids = load_invariant(builder_.getPtrTy(), header_field(offsetof(VmHeader, type_ids)));
  return load_invariant(builder_.getInt32Ty(), field(ids, uint64_t{type.index} * sizeof(uint32_t)));
}

FunctionSink::Value FunctionSink::load_window(uint64_t offset) {
  llvm::LoadInst* load = builder_.CreateAlignedLoad(
      builder_.getInt32Ty(), field(store_context(), offsetof(StoreContext, window) + offset),
      llvm::Align(4));
  load->setMetadata(llvm::LLVMContext::MD_tbaa, chunk_.allocation_window);
  return load;
}

void FunctionSink::store_window(Value value, uint64_t offset) {
  llvm::StoreInst* store = builder_.CreateAlignedStore(
      value, field(store_context(), offsetof(StoreContext, window) + offset), llvm::Align(4));
  store->setMetadata(llvm::LLVMContext::MD_tbaa, chunk_.allocation_window);
}

// Of an object that is there: its type, or an array's length.
FunctionSink::Value FunctionSink::load_header(Value object, uint64_t offset) {
  llvm::LoadInst* load = builder_.CreateAlignedLoad(builder_.getInt32Ty(),
                                                    object_address(object, offset), llvm::Align(4));
  load->setMetadata(llvm::LLVMContext::MD_tbaa, chunk_.object_headers);
  return load;
}

FunctionSink::Value FunctionSink::load_field(Access access, Value address) {
  llvm::LoadInst* load =
      builder_.CreateAlignedLoad(stored_type(builder_, access.storage), address,
                                 stored_alignment(access.storage), access.may_fault);
  load->setMetadata(llvm::LLVMContext::MD_tbaa, chunk_.object_fields);
  if (access.may_fault) locate(load);
  return load;
}

// A field as struct.get and array.get give it.
FunctionSink::Value FunctionSink::extended(Opcode op, Value value) {
  switch (op) {
    case Opcode::struct_get_s:
    case Opcode::array_get_s: return builder_.CreateSExt(value, builder_.getInt32Ty());
    case Opcode::struct_get_u:
    case Opcode::array_get_u: return builder_.CreateZExt(value, builder_.getInt32Ty());
    default: return value;
  }
}

// A value as it is stored.
FunctionSink::Value FunctionSink::narrowed(Storage storage, Value value) {
  if (storage == Storage::i8 || storage == Storage::i16)
    return builder_.CreateTrunc(value, stored_type(builder_, storage));
  return canonical(value);
}

void FunctionSink::store_field(Access access, Value value, Value address) {
  llvm::StoreInst* store =
      builder_.CreateAlignedStore(narrowed(access.storage, value), address,
                                  stored_alignment(access.storage), /*isVolatile=*/true);
  store->setMetadata(llvm::LLVMContext::MD_tbaa, chunk_.object_fields);
  if (access.may_fault) locate(store);
}

// Of a new object, which is zero so far.
void FunctionSink::init_field(Storage storage, Value value, Value address) {
  value = narrowed(storage, value);
  if (auto* constant = llvm::dyn_cast<llvm::Constant>(value); constant && constant->isNullValue())
    return;
  llvm::StoreInst* store = builder_.CreateAlignedStore(value, address, stored_alignment(storage));
  store->setMetadata(llvm::LLVMContext::MD_tbaa, chunk_.object_fields);
}

void FunctionSink::if_marking(llvm::function_ref<void()> show) {
  Value marking = load_window(offsetof(AllocationWindow, marking));
  llvm::BasicBlock* slow = new_block();
  llvm::BasicBlock* next = new_block();
  cold_blocks_.push_back(slow);
  builder_.CreateCondBr(builder_.CreateIsNotNull(marking), slow, next, chunk_.unlikely);
  builder_.SetInsertPoint(slow);
  show();
  builder_.CreateBr(next);
  builder_.SetInsertPoint(next);
}

// A store into an object that others may know.
void FunctionSink::overwrite_field(Access access, Value value, Value address) {
  if (access.storage == Storage::ref) {
    if_marking([&] {
      call_builtin(Builtin::gc_write_barrier, builder_.getVoidTy(), {load_field(access, address)});
    });
  }
  store_field(access, value, address);
}

// A new object, zero but for its header and length. What is `held` lives on if that collects.
FunctionSink::Value FunctionSink::allocate(const NewObject& object, Values held) {
  llvm::Type* i64 = builder_.getInt64Ty();
  Value id = type_id(object.type);
  Value cursor = load_window(offsetof(AllocationWindow, cursor));
  Value limit = load_window(offsetof(AllocationWindow, limit));
  Value end = builder_.CreateAdd(builder_.CreateZExt(cursor, i64), object.size);
  llvm::BasicBlock* slow = new_block();
  llvm::BasicBlock* fast = new_block();
  llvm::BasicBlock* done = new_block();
  cold_blocks_.push_back(slow);
  Value is_full = builder_.CreateICmpUGT(end, builder_.CreateZExt(limit, i64));
  builder_.CreateCondBr(is_full, slow, fast, chunk_.unlikely);

  builder_.SetInsertPoint(fast);
  store_window(builder_.CreateTrunc(end, builder_.getInt32Ty()),
               offsetof(AllocationWindow, cursor));
  Value bits = load_window(offsetof(AllocationWindow, new_object_bits));
  auto init_header = [&](Value value, uint64_t offset, uint64_t alignment) {
    llvm::StoreInst* store =
        builder_.CreateAlignedStore(value, object_address(cursor, offset), llvm::Align(alignment));
    store->setMetadata(llvm::LLVMContext::MD_tbaa, chunk_.object_headers);
  };
  static_assert(offsetof(ObjectHeader, type_id) == 0 && offsetof(ObjectHeader, bits) == 4);
  Value header = builder_.CreateOr(builder_.CreateZExt(id, i64),
                                   builder_.CreateShl(builder_.CreateZExt(bits, i64), 32));
  init_header(header, 0, 8);
  if (object.length != nullptr) init_header(object.length, array_length_offset, 4);
  builder_.CreateBr(done);

  builder_.SetInsertPoint(slow);
  llvm::Type* i32 = builder_.getInt32Ty();
  Value slowly = object.length == nullptr
                     ? call_builtin(Builtin::gc_alloc_struct, i32, {id}, held)
                     : call_builtin(Builtin::gc_alloc_array, i32, {id, object.length}, held);
  llvm::BasicBlock* slow_end = builder_.GetInsertBlock();
  builder_.CreateBr(done);

  builder_.SetInsertPoint(done);
  llvm::PHINode* made = builder_.CreatePHI(i32, 2);
  made->addIncoming(cursor, fast);
  made->addIncoming(slowly, slow_end);
  return made;
}

// Calls a function of the contract that takes no vmctx, never traps and never collects.
FunctionSink::Value FunctionSink::call_plain(Builtin builtin,
                                             std::initializer_list<Value> arguments) {
  llvm::SmallVector<llvm::Type*, 8> types;
  for (Value argument : arguments) types.push_back(argument->getType());
  auto* type = llvm::FunctionType::get(builder_.getVoidTy(), types, false);
  llvm::CallInst* call = builder_.CreateCall(
      type, builtin_code(builtin), llvm::ArrayRef<Value>(arguments.begin(), arguments.size()));
  call->setDoesNotThrow();
  locate(call);
  return call;
}

}  // namespace tenon::compiler::llvm_tier
