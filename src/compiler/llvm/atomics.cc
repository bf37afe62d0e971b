#include "compiler/llvm/access.h"
#include "compiler/llvm/sink.h"

// Atomic accesses. All are sequentially consistent, on memories that are shared and on those that
// are not; volatile as every access of the guest; and trap where they are not aligned.
namespace tenon::compiler::llvm_tier {

using wasm::MemArg;
using wasm::Opcode;

namespace {

constexpr auto ordering = llvm::AtomicOrdering::SequentiallyConsistent;

// What a read-modify-write instruction does. The seven widths of each lie together in opcodes.def.
llvm::AtomicRMWInst::BinOp modification(Opcode op) {
  struct Row {
    Opcode last;
    llvm::AtomicRMWInst::BinOp what;
  };
  constexpr Row rows[] = {
      {Opcode::i64_atomic_rmw32_add_u, llvm::AtomicRMWInst::Add},
      {Opcode::i64_atomic_rmw32_sub_u, llvm::AtomicRMWInst::Sub},
      {Opcode::i64_atomic_rmw32_and_u, llvm::AtomicRMWInst::And},
      {Opcode::i64_atomic_rmw32_or_u, llvm::AtomicRMWInst::Or},
      {Opcode::i64_atomic_rmw32_xor_u, llvm::AtomicRMWInst::Xor},
      {Opcode::i64_atomic_rmw32_xchg_u, llvm::AtomicRMWInst::Xchg},
  };
  for (const Row& row : rows)
    if (op <= row.last) return row.what;
  CHECK(false && "not a read-modify-write instruction");
}

}  // namespace

// The host address of an aligned access. Alignment is checked before bounds.
FunctionSink::Value FunctionSink::atomic_pointer(const MemArg& memarg, Value address,
                                                 uint32_t size) {
  if (size > 1) {
    Value effective = builder_.CreateAdd(to_u64(address), builder_.getInt64(memarg.offset));
    Value rest = builder_.CreateAnd(effective, builder_.getInt64(size - 1));
    trap_if(builder_.CreateIsNotNull(rest), TrapCode::unaligned_atomic);
  }
  return pointer(memarg, address, size);
}

// wasm: atomic-load, atomic-rmw, memory.atomic.wait
FunctionSink::Value FunctionSink::atomic(Opcode op, const MemArg& memarg, Values in) {
  if (op <= Opcode::memory_atomic_wait64) return wait_or_notify(op, memarg, in);
  const wasm::OpcodeInfo& info = wasm::info(op);
  llvm::Type* result = info.signature.result == 'l' ? builder_.getInt64Ty() : builder_.getInt32Ty();
  llvm::Type* accessed = builder_.getIntNTy(info.size * 8u);
  llvm::Align align(info.size);
  Value address = atomic_pointer(memarg, in[0], info.size);
  if (op <= Opcode::i64_atomic_load32_u) {
    llvm::LoadInst* load =
        builder_.CreateAlignedLoad(accessed, address, align, /*isVolatile=*/true);
    load->setAtomic(ordering);
    locate(load);
    return builder_.CreateZExt(load, result);
  }
  Value operand = builder_.CreateTrunc(in[1], accessed);
  if (op >= Opcode::i32_atomic_rmw_cmpxchg) {
    Value replacement = builder_.CreateTrunc(in[2], accessed);
    llvm::AtomicCmpXchgInst* exchange =
        builder_.CreateAtomicCmpXchg(address, operand, replacement, align, ordering, ordering);
    exchange->setVolatile(true);
    locate(exchange);
    return builder_.CreateZExt(builder_.CreateExtractValue(exchange, 0), result);
  }
  llvm::AtomicRMWInst* change =
      builder_.CreateAtomicRMW(modification(op), address, operand, align, ordering);
  change->setVolatile(true);
  locate(change);
  return builder_.CreateZExt(change, result);
}

// wasm: atomic-store
void FunctionSink::atomic_store(Opcode op, const MemArg& memarg, Value address, Value value) {
  uint32_t size = wasm::info(op).size;
  Value to = atomic_pointer(memarg, address, size);
  llvm::StoreInst* store =
      builder_.CreateAlignedStore(builder_.CreateTrunc(value, builder_.getIntNTy(size * 8)), to,
                                  llvm::Align(size), /*isVolatile=*/true);
  store->setAtomic(ordering);
  locate(store);
}

void FunctionSink::atomic_fence() {
  builder_.CreateFence(ordering);
}

// The runtime checks these accesses, and sleeps.
FunctionSink::Value FunctionSink::wait_or_notify(Opcode op, const MemArg& memarg, Values in) {
  llvm::Type* i32 = builder_.getInt32Ty();
  Value memory = builder_.getInt32(memarg.memory.index);
  Value address = to_u64(in[0]);
  Value offset = builder_.getInt64(memarg.offset);
  if (op == Opcode::memory_atomic_notify)
    return call_builtin(Builtin::memory_notify, i32, {memory, address, offset, in[1]});
  Builtin wait =
      op == Opcode::memory_atomic_wait32 ? Builtin::memory_wait32 : Builtin::memory_wait64;
  return call_builtin(wait, i32, {memory, address, offset, in[1], in[2]});
}

}  // namespace tenon::compiler::llvm_tier
