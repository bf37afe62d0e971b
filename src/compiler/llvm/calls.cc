#include <llvm/IR/Constants.h>
#include <llvm/IR/InlineAsm.h>

#include "compiler/llvm/saved_registers.h"
#include "compiler/llvm/sink.h"

// Calls, and values that cross them: in registers as the signature says, the rest in the argument
// block of the store (docs/contract.md, section 1).
namespace tenon::compiler::llvm_tier {

using wasm::FuncIndex;
using wasm::FuncType;
using wasm::TableIndex;
using wasm::TypeIndex;

FunctionSink::Value FunctionSink::overflow_slot(uint32_t number) {
  Value store = load_invariant(builder_.getPtrTy(), header_field(offsetof(VmHeader, store)));
  return field(store, offsetof(StoreContext, overflow) + uint64_t{number} * sizeof(Slot));
}

void FunctionSink::read_parameters(const FuncType& type, std::vector<Value>& parameters) {
  for (size_t i = 0; i < type.params.size(); ++i) {
    Place place = signature_->params[i];
    if (place.in_register) {
      parameters.push_back(function_->getArg(place.number));
    } else {
      llvm::Type* kept = chunk_.value_type(type.params[i]);
      parameters.push_back(
          builder_.CreateAlignedLoad(kept, overflow_slot(place.number), llvm::Align(16)));
    }
  }
}

void FunctionSink::return_(Values values) {
  if (call_ != nullptr) return return_inlined(values);
  llvm::SmallVector<Value, 4> in_registers;
  for (size_t i = 0; i < values.size(); ++i) {
    Place place = signature_->results[i];
    Value value = canonical(values[i]);
    if (place.in_register)
      in_registers.push_back(value);
    else
      builder_.CreateAlignedStore(value, overflow_slot(place.number), llvm::Align(16));
  }
  if (in_registers.empty())
    builder_.CreateRetVoid();
  else if (in_registers.size() == 1)
    builder_.CreateRet(in_registers[0]);
  else
    builder_.CreateAggregateRet(in_registers.data(), static_cast<unsigned>(in_registers.size()));
}

FunctionSink::Callee FunctionSink::direct_callee(FuncIndex function) {
  const Signature& signature = chunk_.signature_of(function);
  if (!input().module.is_imported(function)) {
    return {chunk_.function(function), vmctx_, signature, input().calls.keeps_vmctx(function)};
  }
  return {load_imported(function, offsetof(FuncRef, code)),
          load_imported(function, offsetof(FuncRef, vmctx)), signature};
}

// A pointer of the FuncRef that an import is bound to.
llvm::LoadInst* FunctionSink::load_imported(FuncIndex function, uint64_t offset) {
  return load_invariant(
      builder_.getPtrTy(),
      vmctx_field(input().layout.imported_functions, function.index * sizeof(FuncRef) + offset));
}

FunctionSink::Value FunctionSink::checked_position(TableIndex table, Value index) {
  Value position = builder_.CreateZExt(index, builder_.getInt64Ty());
  trap_if(builder_.CreateICmpUGE(position, table_length(table)), TrapCode::undefined_element);
  return position;
}

// wasm: exec-call_indirect. The element of the table if it is of the type wanted, else what the
// runtime finds.
FunctionSink::Callee FunctionSink::indirect_callee(TypeIndex type, TableIndex table, Value index) {
  Value position = checked_position(table, index);
  if (input().calls.closed_table(table) != nullptr) return closed_callee(type, table, position);
  Value elements = load_invariant(
      builder_.getPtrTy(), vmctx_field(input().layout.tables, table.index * sizeof(TableSlot) +
                                                                  offsetof(TableSlot, elements)));
  Value element = builder_.CreatePtrAdd(elements, builder_.CreateShl(position, 5));
  static_assert(sizeof(FuncRef) == 1 << 5);

  llvm::Type* i32 = builder_.getInt32Ty();
  Value wanted = type_id(type);
  Value found = load_runtime(i32, field(element, offsetof(FuncRef, type_id)));

  llvm::BasicBlock* fast = builder_.GetInsertBlock();
  llvm::BasicBlock* slow = new_block();
  llvm::BasicBlock* call = new_block();
  cold_blocks_.push_back(slow);
  builder_.CreateCondBr(builder_.CreateICmpNE(found, wanted), slow, call, chunk_.unlikely);
  builder_.SetInsertPoint(slow);
  Value resolved_element = from_u64(resolve_indirect(type, table, position), builder_.getPtrTy());
  builder_.CreateBr(call);
  builder_.SetInsertPoint(call);
  llvm::PHINode* reference = builder_.CreatePHI(builder_.getPtrTy(), 2);
  reference->addIncoming(element, fast);
  reference->addIncoming(resolved_element, slow);
  Value code = load_runtime(builder_.getPtrTy(), field(reference, offsetof(FuncRef, code)));
  return {code, vmctx_of(reference), chunk_.signature(type)};
}

// The same for an element of a closed table, which is there: its code is read from what the linker
// made of the table, and its vmctx is this function's.
FunctionSink::Callee FunctionSink::closed_callee(TypeIndex type, TableIndex table, Value position) {
  llvm::Type* i32 = builder_.getInt32Ty();
  Value elements = chunk_.closed_table(table);
  Value element = builder_.CreatePtrAdd(elements, builder_.CreateShl(position, 3));
  static_assert(sizeof(ClosedElement) == 1 << 3);
  Value found = load_invariant(i32, field(element, offsetof(ClosedElement, type)));
  Value wanted = builder_.getInt32(input().module.canonical_types[type].index);

  llvm::BasicBlock* other = new_block();
  llvm::BasicBlock* same = new_block();
  cold_blocks_.push_back(other);
  builder_.CreateCondBr(builder_.CreateICmpNE(found, wanted), other, same, chunk_.unlikely);
  builder_.SetInsertPoint(same);
  Value distance = load_invariant(i32, field(element, offsetof(ClosedElement, code)));
  Value code =
      builder_.CreatePtrAdd(elements, builder_.CreateSExt(distance, builder_.getInt64Ty()));

  builder_.SetInsertPoint(other);
  if (input().module.types[type].is_final) {
    refuse_element(type, table, position);
    builder_.SetInsertPoint(same);
    return {code, vmctx_, chunk_.signature(type), input().calls.stays};
  }
  Value reference = from_u64(resolve_indirect(type, table, position), builder_.getPtrTy());
  Value resolved_code =
      load_runtime(builder_.getPtrTy(), field(reference, offsetof(FuncRef, code)));
  llvm::BasicBlock* call = new_block();
  builder_.CreateBr(call);
  other = builder_.GetInsertBlock();
  builder_.SetInsertPoint(same);
  builder_.CreateBr(call);
  builder_.SetInsertPoint(call);
  llvm::PHINode* either = builder_.CreatePHI(builder_.getPtrTy(), 2);
  either->addIncoming(code, same);
  either->addIncoming(resolved_code, other);
  return {either, vmctx_, chunk_.signature(type), input().calls.stays};
}

FunctionSink::Value FunctionSink::resolve_indirect(TypeIndex type, TableIndex table,
                                                   Value position) {
  return call_builtin(Builtin::resolve_indirect, builder_.getInt64Ty(),
                      {builder_.getInt32(table.index), position, type_id(type)});
}

// A trap that tells why an element of a closed table is not of a final type.
void FunctionSink::refuse_element(TypeIndex type, TableIndex table, Value position) {
  resolve_indirect(type, table, position);
  builder_.CreateUnreachable();
}

// The vmctx that a callee found at run time is called with. Nearly always it is this function's
// own. Then that is passed on, after a branch that the processor foresees: a vmctx loaded with the
// callee would hold back all that the callee reads until the loads that lead to it are done.
FunctionSink::Value FunctionSink::vmctx_of(Value reference) {
  Value found = load_runtime(builder_.getPtrTy(), field(reference, offsetof(FuncRef, vmctx)));
  llvm::BasicBlock* own = builder_.GetInsertBlock();
  llvm::BasicBlock* other = new_block();
  llvm::BasicBlock* call = new_block();
  cold_blocks_.push_back(other);
  builder_.CreateCondBr(builder_.CreateICmpNE(found, vmctx_), other, call, chunk_.unlikely);
  builder_.SetInsertPoint(other);
  // Optimizations would join the two again if they saw through this.
  auto* opaque = llvm::InlineAsm::get(
      llvm::FunctionType::get(builder_.getPtrTy(), {builder_.getPtrTy()}, false), "", "=r,0",
      /*hasSideEffects=*/true);
  Value foreign = builder_.CreateCall(opaque, {found});
  builder_.CreateBr(call);
  builder_.SetInsertPoint(call);
  llvm::PHINode* vmctx = builder_.CreatePHI(builder_.getPtrTy(), 2);
  vmctx->addIncoming(vmctx_, own);
  vmctx->addIncoming(foreign, other);
  return vmctx;
}

// Leaves the arguments where the callee expects them; gives those that are the LLVM call's.
llvm::SmallVector<FunctionSink::Value, 16> FunctionSink::pass_arguments(const Callee& callee,
                                                                        Values arguments) {
  const Signature& signature = callee.signature;
  llvm::SmallVector<Value, 16> in_registers;
  for (size_t i = 0; i < arguments.size(); ++i) {
    Place place = signature.params[i];
    Value value = canonical(arguments[i]);
    if (place.in_register)
      in_registers.push_back(value);
    else
      builder_.CreateAlignedStore(value, overflow_slot(place.number), llvm::Align(16));
  }
  in_registers.push_back(callee.vmctx);
  return in_registers;
}

void FunctionSink::set_convention(llvm::CallBase* call, const Signature& signature) {
  call->setCallingConv(llvm::CallingConv::SwiftTail);
  call->addParamAttr(signature.vmctx, llvm::Attribute::SwiftSelf);
  // A backtrace names the call that was made.
  call->setCannotMerge();
  locate(call);
}

llvm::CallBase* FunctionSink::emit_call(const Callee& callee, Values arguments) {
  auto roots = roots_of_call(arguments.size(), {});
  llvm::SmallVector<Value, 16> values = pass_arguments(callee, arguments);
  if (!handlers_.empty()) {
    llvm::BasicBlock* next = new_block();
    llvm::InvokeInst* call = builder_.CreateInvoke(callee.signature.type, callee.code, next,
                                                   make_landing_pad(), values, roots);
    set_convention(call, callee.signature);
    builder_.SetInsertPoint(next);
    return call;
  }
  llvm::CallInst* call = builder_.CreateCall(callee.signature.type, callee.code, values, roots);
  // An exception passes the function: nothing in it takes notice.
  call->setDoesNotThrow();
  set_convention(call, callee.signature);
  if (callee.keeps_vmctx && options_.relies_on_vmctx) rely_on_vmctx(*call);
  return call;
}

void FunctionSink::read_results(llvm::CallBase* call, const Signature& signature,
                                const FuncType& type, Results results) {
  for (size_t i = 0; i < results.size(); ++i) {
    Place place = signature.results[i];
    if (place.in_register) {
      results[i] =
          signature.register_results == 1 ? call : builder_.CreateExtractValue(call, place.number);
    } else {
      llvm::Type* kept = chunk_.value_type(type.results[i]);
      results[i] = builder_.CreateAlignedLoad(kept, overflow_slot(place.number), llvm::Align(16));
    }
  }
}

void FunctionSink::call(FuncIndex function, const FuncType& type, Values arguments,
                        Results results) {
  if (const InlineBody* body = inlined_.take(function))
    return call_inlined(*body, callee_vmctx(function), arguments, results);
  Callee callee = direct_callee(function);
  read_results(emit_call(callee, arguments), callee.signature, type, results);
}

namespace {

// So many functions of a type are compared with before a closed table is read. More branches were
// measured to be foreseen worse than the one that they replace.
constexpr size_t max_compared = 2;

}  // namespace

// A call of a function that is one of few: the first are called directly. True if it is done.
bool FunctionSink::call_one_of_few(TypeIndex type, TableIndex table, const FuncType& func,
                                   Value index, Values arguments, Results results) {
  const ClosedTable* closed = input().calls.closed_table(table);
  if (closed == nullptr || !input().module.types[type].is_final) return false;
  auto few = closed->positions.find(input().module.canonical_types[type].index);
  if (few == closed->positions.end()) return false;

  llvm::BasicBlock* behind = new_block();
  std::vector<Branch> calls;
  auto call_and_leave = [&](const Callee& callee) {
    read_results(emit_call(callee, arguments), callee.signature, func, results);
    calls.push_back({builder_.GetInsertBlock(), {results.begin(), results.end()}});
    builder_.CreateBr(behind);
  };
  std::span<const uint32_t> positions = few->second;
  for (uint32_t position : positions.first(std::min(max_compared, positions.size()))) {
    llvm::BasicBlock* same = new_block();
    llvm::BasicBlock* other = new_block();
    Value wanted = llvm::ConstantInt::get(index->getType(), position);
    builder_.CreateCondBr(builder_.CreateICmpEQ(index, wanted), same, other);
    builder_.SetInsertPoint(same);
    call_and_leave(direct_callee(closed->elements[position]));
    builder_.SetInsertPoint(other);
  }
  if (positions.size() > max_compared) {
    call_and_leave(indirect_callee(type, table, index));
  } else {
    cold_blocks_.push_back(builder_.GetInsertBlock());
    refuse_element(type, table, checked_position(table, index));
  }

  builder_.SetInsertPoint(behind);
  for (size_t i = 0; i < results.size(); ++i) {
    llvm::PHINode* phi = builder_.CreatePHI(results[i]->getType(), max_compared + 1);
    for (const Branch& from : calls) phi->addIncoming(from.values[i], from.from);
    results[i] = phi;
  }
  return true;
}

void FunctionSink::call_indirect(TypeIndex type, TableIndex table, const FuncType& func,
                                 Value index, Values arguments, Results results) {
  if (call_one_of_few(type, table, func, index, arguments, results)) return;
  Callee callee = indirect_callee(type, table, index);
  read_results(emit_call(callee, arguments), callee.signature, func, results);
}

// The callee's results are this function's: in registers they are passed on, in the argument block
// they stay. The function's handlers are gone when the callee runs.
void FunctionSink::tail_call(const Callee& callee, Values arguments) {
  llvm::CallInst* call =
      builder_.CreateCall(callee.signature.type, callee.code, pass_arguments(callee, arguments));
  call->setDoesNotThrow();
  set_convention(call, callee.signature);
  call->setTailCallKind(llvm::CallInst::TCK_MustTail);
  if (call->getType()->isVoidTy())
    builder_.CreateRetVoid();
  else
    builder_.CreateRet(call);
}

void FunctionSink::return_call(FuncIndex function, const FuncType&, Values arguments) {
  tail_call(direct_callee(function), arguments);
}

void FunctionSink::return_call_indirect(TypeIndex type, TableIndex table, const FuncType&,
                                        Value index, Values arguments) {
  tail_call(indirect_callee(type, table, index), arguments);
}

}  // namespace tenon::compiler::llvm_tier
