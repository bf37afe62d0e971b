#include <llvm/IR/Constants.h>

#include "compiler/llvm/access.h"
#include "compiler/llvm/sink.h"

// Accesses of linear memory. Addresses are extended to 64 bits before anything is added to them.
// Every access is volatile: it may trap, so it must neither vanish nor move across another.
namespace tenon::compiler::llvm_tier {

using wasm::MemArg;
using wasm::MemoryIndex;
using wasm::Opcode;

namespace {

// Sizes up to this are copied or filled by single instructions where they are constant.
constexpr uint64_t max_inline_bytes = 64;

// What a load instruction reads, and how it becomes the result.
struct LoadShape {
  unsigned bits;  // read; of each lane when `lanes` > 1
  unsigned lanes;
  unsigned result_bits;  // of an integer result, or of each lane; 0: as read
  bool is_signed;
};

LoadShape load_shape(Opcode op) {
  switch (op) {
    case Opcode::i32_load8_s: return {8, 1, 32, true};
    case Opcode::i32_load8_u: return {8, 1, 32, false};
    case Opcode::i32_load16_s: return {16, 1, 32, true};
    case Opcode::i32_load16_u: return {16, 1, 32, false};
    case Opcode::i64_load8_s: return {8, 1, 64, true};
    case Opcode::i64_load8_u: return {8, 1, 64, false};
    case Opcode::i64_load16_s: return {16, 1, 64, true};
    case Opcode::i64_load16_u: return {16, 1, 64, false};
    case Opcode::i64_load32_s: return {32, 1, 64, true};
    case Opcode::i64_load32_u: return {32, 1, 64, false};
    case Opcode::v128_load8x8_s: return {8, 8, 16, true};
    case Opcode::v128_load8x8_u: return {8, 8, 16, false};
    case Opcode::v128_load16x4_s: return {16, 4, 32, true};
    case Opcode::v128_load16x4_u: return {16, 4, 32, false};
    case Opcode::v128_load32x2_s: return {32, 2, 64, true};
    case Opcode::v128_load32x2_u: return {32, 2, 64, false};
    case Opcode::v128_load: return {64, 2, 0, false};
    default: return {wasm::info(op).size * 8u, 1, 0, false};
  }
}

}  // namespace

FunctionSink::Value FunctionSink::memory_field(MemoryIndex memory, uint64_t offset) {
  return vmctx_field(input().layout.memories, memory.index * sizeof(MemorySlot) + offset);
}

// A field of a memory's slot that never changes, loaded in the entry block.
FunctionSink::Value FunctionSink::load_once(Value& kept, llvm::Type* type, MemoryIndex memory,
                                            uint64_t offset) {
  if (kept != nullptr) return kept;
  llvm::IRBuilder<>::InsertPointGuard guard(builder_);
  builder_.SetInsertPoint(entry_->getTerminator());
  kept = load_invariant(type, memory_field(memory, offset));
  return kept;
}

// The host address of `index`, which is 64 bits wide, plus `offset`.
FunctionSink::Value FunctionSink::host_address(MemoryIndex memory, Value index, uint64_t offset) {
  const wasm::Module& module = input().module;
  if (memory.index == 0 && follows_header(module.memories, module.imported_memories))
    return field(builder_.CreatePtrAdd(vmctx_, index), sizeof(VmHeader) + offset);
  Value base = load_once(memory_bases_[memory.index], builder_.getPtrTy(), memory,
                         offsetof(MemorySlot, base));
  return field(builder_.CreatePtrAdd(base, index), offset);
}

FunctionSink::Value FunctionSink::memory_bound(MemoryIndex memory) {
  return load_once(memory_bounds_[memory.index], builder_.getInt64Ty(), memory,
                   offsetof(MemorySlot, bound));
}

FunctionSink::Value FunctionSink::memory_length(MemoryIndex memory) {
  Value record =
      load_invariant(builder_.getPtrTy(), memory_field(memory, offsetof(MemorySlot, record)));
  Value address = field(record, offsetof(MemoryRecord, byte_length));
  if (!memory_type(memory).is_shared) return load_runtime(builder_.getInt64Ty(), address);
  // Other threads change it.
  llvm::LoadInst* length = builder_.CreateAlignedLoad(builder_.getInt64Ty(), address,
                                                      llvm::Align(8), /*isVolatile=*/true);
  length->setAtomic(llvm::AtomicOrdering::SequentiallyConsistent);
  return length;
}

// Traps if the access lies beyond the memory and would not fault. `index` is 64 bits wide.
void FunctionSink::check_access(const MemArg& memarg, Value index, uint32_t size) {
  const wasm::MemoryType& type = memory_type(memarg.memory);
  uint64_t reach = memarg.offset + size;
  if (auto* constant = llvm::dyn_cast<llvm::ConstantInt>(index);
      constant != nullptr && is_in_minimum(type, constant->getZExtValue(), memarg.offset, size))
    return;
  switch (access_check(type, input().options.memory_mode, memarg.offset, size)) {
    case AccessCheck::none: return;
    case AccessCheck::bound:
      return trap_if(builder_.CreateICmpUGE(index, memory_bound(memarg.memory)),
                     TrapCode::memory_out_of_bounds);
    case AccessCheck::sum: {
      Value end = builder_.CreateAdd(index, builder_.getInt64(reach));
      return trap_if(builder_.CreateICmpUGT(end, memory_length(memarg.memory)),
                     TrapCode::memory_out_of_bounds);
    }
    case AccessCheck::difference: {
      Value length = memory_length(memarg.memory);
      Value last = builder_.CreateSub(length, builder_.getInt64(reach));
      Value beyond = builder_.CreateICmpUGT(index, last);
      if (minimum_bytes(type) < reach)
        beyond =
            builder_.CreateOr(builder_.CreateICmpULT(length, builder_.getInt64(reach)), beyond);
      return trap_if(beyond, TrapCode::memory_out_of_bounds);
    }
    case AccessCheck::traps: return trap_if(builder_.getTrue(), TrapCode::memory_out_of_bounds);
  }
}

// wasm: syntax-memarg. The host address of an access of `size` bytes.
FunctionSink::Value FunctionSink::pointer(const MemArg& memarg, Value address, uint32_t size) {
  Value index = to_u64(address);
  check_access(memarg, index, size);
  return host_address(memarg.memory, index, memarg.offset);
}

FunctionSink::Value FunctionSink::guest_load(llvm::Type* type, Value address) {
  llvm::LoadInst* load =
      builder_.CreateAlignedLoad(type, address, llvm::Align(1), /*isVolatile=*/true);
  locate(load);
  return load;
}

void FunctionSink::guest_store(Value value, Value address) {
  llvm::StoreInst* store =
      builder_.CreateAlignedStore(value, address, llvm::Align(1), /*isVolatile=*/true);
  store->setMetadata(llvm::LLVMContext::MD_tbaa, chunk_.guest_stores);
  locate(store);
}

FunctionSink::Value FunctionSink::load(Opcode op, const MemArg& memarg, Value address) {
  Value from = pointer(memarg, address, wasm::info(op).size);
  switch (op) {
    case Opcode::f32_load: return guest_load(builder_.getFloatTy(), from);
    case Opcode::f64_load: return guest_load(builder_.getDoubleTy(), from);
    default: break;
  }
  LoadShape shape = load_shape(op);
  llvm::Type* type = builder_.getIntNTy(shape.bits);
  if (shape.lanes > 1) type = llvm::FixedVectorType::get(type, shape.lanes);
  Value value = guest_load(type, from);
  if (shape.result_bits != 0) {
    llvm::Type* result = builder_.getIntNTy(shape.result_bits);
    if (shape.lanes > 1) result = llvm::FixedVectorType::get(result, shape.lanes);
    return builder_.CreateIntCast(value, result, shape.is_signed);
  }
  switch (op) {
    case Opcode::v128_load8_splat:
    case Opcode::v128_load16_splat:
    case Opcode::v128_load32_splat:
    case Opcode::v128_load64_splat: return builder_.CreateVectorSplat(128 / shape.bits, value);
    case Opcode::v128_load32_zero:
    case Opcode::v128_load64_zero: {
      auto* vector = llvm::FixedVectorType::get(type, 128 / shape.bits);
      return builder_.CreateInsertElement(llvm::Constant::getNullValue(vector), value, uint64_t{0});
    }
    default: return value;
  }
}

void FunctionSink::store(Opcode op, const MemArg& memarg, Value address, Value value) {
  uint32_t size = wasm::info(op).size;
  Value to = pointer(memarg, address, size);
  if (value->getType()->isIntegerTy())
    value = builder_.CreateTrunc(value, builder_.getIntNTy(size * 8));
  guest_store(value, to);
}

FunctionSink::Value FunctionSink::load_lane(Opcode op, const MemArg& memarg, uint8_t lane,
                                            Value address, Value vector) {
  uint32_t size = wasm::info(op).size;
  Value from = pointer(memarg, address, size);
  llvm::Type* type = builder_.getIntNTy(size * 8);
  Value value = guest_load(type, from);
  return builder_.CreateInsertElement(as(vector, llvm::FixedVectorType::get(type, 16 / size)),
                                      value, uint64_t{lane});
}

void FunctionSink::store_lane(Opcode op, const MemArg& memarg, uint8_t lane, Value address,
                              Value vector) {
  uint32_t size = wasm::info(op).size;
  Value to = pointer(memarg, address, size);
  auto* type = llvm::FixedVectorType::get(builder_.getIntNTy(size * 8), 16 / size);
  guest_store(builder_.CreateExtractElement(as(vector, type), uint64_t{lane}), to);
}

FunctionSink::Value FunctionSink::memory_size(MemoryIndex memory) {
  const wasm::MemoryType& type = memory_type(memory);
  Value pages = builder_.CreateLShr(memory_length(memory), type.page_size_log2);
  return builder_.CreateTrunc(pages, address_type(type.limits));
}

FunctionSink::Value FunctionSink::memory_grow(MemoryIndex memory, Value pages) {
  Value old = call_builtin(Builtin::memory_grow, builder_.getInt64Ty(),
                           {builder_.getInt32(memory.index), to_u64(pages)});
  return builder_.CreateTrunc(old, address_type(memory_type(memory).limits));
}

// Traps unless [start, start + size) lies in the memory. Both are 64 bits wide, and of the memory's
// address type before that.
void FunctionSink::check_range(MemoryIndex memory, Value start, Value size) {
  Value length = memory_length(memory);
  if (!memory_type(memory).limits.is_64) {
    Value end = builder_.CreateAdd(start, size);
    return trap_if(builder_.CreateICmpUGT(end, length), TrapCode::memory_out_of_bounds);
  }
  Value beyond = builder_.CreateICmpUGT(start, builder_.CreateSub(length, size));
  trap_if(builder_.CreateOr(builder_.CreateICmpUGT(size, length), beyond),
          TrapCode::memory_out_of_bounds);
}

// wasm: op-memory.fill
void FunctionSink::memory_fill(MemoryIndex memory, Value to, Value byte, Value size) {
  Value start = to_u64(to);
  Value length = to_u64(size);
  check_range(memory, start, length);
  Value address = host_address(memory, start);
  if (fill_inline(address, byte, length)) return;
  llvm::Type* pointer_type = builder_.getPtrTy();
  auto* type = llvm::FunctionType::get(
      pointer_type, {pointer_type, builder_.getInt32Ty(), builder_.getInt64Ty()}, false);
  llvm::CallInst* call =
      builder_.CreateCall(type, builtin_code(Builtin::memset_), {address, byte, length});
  call->setDoesNotThrow();
  locate(call);
}

// wasm: op-memory.copy
void FunctionSink::memory_copy(MemoryIndex to_memory, MemoryIndex from_memory, Value to, Value from,
                               Value size) {
  Value to_start = to_u64(to);
  Value from_start = to_u64(from);
  Value length = to_u64(size);
  check_range(to_memory, to_start, length);
  check_range(from_memory, from_start, length);
  Value target = host_address(to_memory, to_start);
  Value source = host_address(from_memory, from_start);
  if (copy_inline(target, source, length)) return;
  llvm::Type* pointer_type = builder_.getPtrTy();
  auto* type = llvm::FunctionType::get(pointer_type,
                                       {pointer_type, pointer_type, builder_.getInt64Ty()}, false);
  llvm::CallInst* call =
      builder_.CreateCall(type, builtin_code(Builtin::memmove_), {target, source, length});
  call->setDoesNotThrow();
  locate(call);
}

namespace {

// The widths of the accesses that make up `size` bytes, widest first.
std::vector<unsigned> pieces(uint64_t size) {
  std::vector<unsigned> widths;
  for (unsigned width : {16u, 8u, 4u, 2u, 1u})
    for (; size >= width; size -= width) widths.push_back(width);
  return widths;
}

}  // namespace

// All is read before anything is written, so that the ranges may overlap.
bool FunctionSink::copy_inline(Value to, Value from, Value size) {
  auto* constant = llvm::dyn_cast<llvm::ConstantInt>(size);
  if (constant == nullptr || constant->getZExtValue() > max_inline_bytes) return false;
  std::vector<Value> values;
  uint64_t offset = 0;
  for (unsigned width : pieces(constant->getZExtValue())) {
    llvm::Type* type = builder_.getIntNTy(width * 8);
    if (width == 16) type = llvm::FixedVectorType::get(builder_.getInt64Ty(), 2);
    values.push_back(guest_load(type, field(from, offset)));
    offset += width;
  }
  offset = 0;
  for (Value value : values) {
    guest_store(value, field(to, offset));
    offset += value->getType()->getPrimitiveSizeInBits() / 8;
  }
  return true;
}

bool FunctionSink::fill_inline(Value to, Value byte, Value size) {
  auto* constant = llvm::dyn_cast<llvm::ConstantInt>(size);
  if (constant == nullptr || constant->getZExtValue() > max_inline_bytes) return false;
  Value splat = builder_.CreateVectorSplat(16, builder_.CreateTrunc(byte, builder_.getInt8Ty()));
  uint64_t offset = 0;
  for (unsigned width : pieces(constant->getZExtValue())) {
    Value value = splat;
    if (width < 16) {
      auto* lanes = llvm::FixedVectorType::get(builder_.getIntNTy(width * 8), 16 / width);
      value = builder_.CreateExtractElement(as(splat, lanes), uint64_t{0});
    }
    guest_store(value, field(to, offset));
    offset += width;
  }
  return true;
}

void FunctionSink::memory_init(MemoryIndex memory, wasm::DataIndex segment, Value to, Value from,
                               Value size) {
  call_builtin(
      Builtin::memory_init, builder_.getVoidTy(),
      {builder_.getInt32(memory.index), builder_.getInt32(segment.index), to_u64(to), from, size});
}

void FunctionSink::data_drop(wasm::DataIndex segment) {
  call_builtin(Builtin::data_drop, builder_.getVoidTy(), {builder_.getInt32(segment.index)});
}

}  // namespace tenon::compiler::llvm_tier
