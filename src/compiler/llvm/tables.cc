#include <llvm/IR/Constants.h>

#include "compiler/llvm/sink.h"

// The vmctx and what hangs on it: globals, references, tables, built-ins.
namespace tenon::compiler::llvm_tier {

using wasm::ElemIndex;
using wasm::GlobalIndex;
using wasm::TableIndex;

FunctionSink::Value FunctionSink::field(Value base, uint64_t offset) {
  return offset == 0 ? base : builder_.CreatePtrAdd(base, builder_.getInt64(offset));
}

llvm::LoadInst* FunctionSink::load_invariant(llvm::Type* type, Value address) {
  llvm::LoadInst* load =
      builder_.CreateAlignedLoad(type, address, llvm::Align(type->isIntegerTy(32) ? 4 : 8));
  load->setMetadata(llvm::LLVMContext::MD_invariant_load, chunk_.nothing);
  return load;
}

FunctionSink::Value FunctionSink::load_runtime(llvm::Type* type, Value address) {
  llvm::LoadInst* load =
      builder_.CreateAlignedLoad(type, address, llvm::Align(type->isIntegerTy(32) ? 4 : 8));
  load->setMetadata(llvm::LLVMContext::MD_tbaa, chunk_.runtime_loads);
  return load;
}

FunctionSink::Value FunctionSink::to_u64(Value value) {
  if (value->getType()->isPointerTy()) return builder_.CreatePtrToInt(value, builder_.getInt64Ty());
  return builder_.CreateZExt(value, builder_.getInt64Ty());
}

FunctionSink::Value FunctionSink::from_u64(Value value, llvm::Type* type) {
  if (type->isPointerTy()) return builder_.CreateIntToPtr(value, type);
  return builder_.CreateTrunc(value, type);
}

FunctionSink::Value FunctionSink::builtin_code(Builtin builtin) {
  Value table = load_invariant(builder_.getPtrTy(), header_field(offsetof(VmHeader, builtins)));
  return load_invariant(builder_.getPtrTy(),
                        field(table, static_cast<uint64_t>(builtin) * sizeof(void*)));
}

FunctionSink::Value FunctionSink::call_builtin(Builtin builtin, llvm::Type* result,
                                               std::initializer_list<Value> arguments,
                                               Values held) {
  llvm::SmallVector<Value, 8> values{vmctx_};
  values.append(arguments.begin(), arguments.end());
  llvm::SmallVector<llvm::Type*, 8> types;
  for (Value value : values) types.push_back(value->getType());
  auto* type = llvm::FunctionType::get(result, types, false);
  llvm::SmallVector<llvm::OperandBundleDef, 1> roots;
  if (may_collect(builtin)) roots = roots_of_call(0, held);
  llvm::CallInst* call = builder_.CreateCall(type, builtin_code(builtin), values, roots);
  call->setDoesNotThrow();
  call->setCannotMerge();
  locate(call);
  return call;
}

FunctionSink::Value FunctionSink::global_address(GlobalIndex global) {
  const VmLayout& layout = input().layout;
  uint32_t imported = input().module.imported_globals;
  if (global.index < imported)
    return load_invariant(builder_.getPtrTy(),
                          vmctx_field(layout.imported_globals, global.index * sizeof(Slot*)));
  return vmctx_field(layout.globals, (global.index - imported) * sizeof(Slot));
}

FunctionSink::Value FunctionSink::global_get(GlobalIndex global) {
  const wasm::Global& definition = input().module.globals[global];
  bool is_mutable = definition.type.is_mutable;
  if (!is_mutable && definition.init.size() == 1) {
    const wasm::ConstOp& op = definition.init[0];
    if (op.kind == wasm::ConstOp::Kind::i32_const)
      return builder_.getInt32(static_cast<uint32_t>(op.bits));
    if (op.kind == wasm::ConstOp::Kind::i64_const) return builder_.getInt64(op.bits);
  }
  llvm::Type* type = chunk_.value_type(definition.type.type);
  llvm::LoadInst* load =
      builder_.CreateAlignedLoad(type, global_address(global), llvm::Align(16), is_mutable);
  if (!is_mutable) load->setMetadata(llvm::LLVMContext::MD_invariant_load, chunk_.nothing);
  return load;
}

void FunctionSink::global_set(GlobalIndex global, Value value) {
  Value address = global_address(global);
  if (chunk_.storage({input().module.globals[global].type.type}) == Storage::ref) {
    if_marking([&] {
      Value old = builder_.CreateAlignedLoad(value->getType(), address, llvm::Align(16),
                                             /*isVolatile=*/true);
      call_builtin(Builtin::gc_write_barrier, builder_.getVoidTy(), {old});
    });
  }
  llvm::StoreInst* store =
      builder_.CreateAlignedStore(canonical(value), address, llvm::Align(16), /*isVolatile=*/true);
  store->setMetadata(llvm::LLVMContext::MD_tbaa, chunk_.guest_stores);
}

FunctionSink::Value FunctionSink::ref_null(wasm::ValType type) {
  return llvm::Constant::getNullValue(chunk_.value_type(type));
}

FunctionSink::Value FunctionSink::ref_is_null(Value reference) {
  return bool_to_i32(builder_.CreateIsNull(reference));
}

FunctionSink::Value FunctionSink::ref_func(wasm::FuncIndex function) {
  Value bits =
      call_builtin(Builtin::ref_func, builder_.getInt64Ty(), {builder_.getInt32(function.index)});
  return from_u64(bits, builder_.getPtrTy());
}

FunctionSink::Value FunctionSink::table_get(TableIndex table, Value index) {
  Value bits = call_builtin(Builtin::table_get, builder_.getInt64Ty(),
                            {builder_.getInt32(table.index), to_u64(index)});
  return from_u64(bits, chunk_.value_type(input().module.tables[table].type.element));
}

void FunctionSink::table_set(TableIndex table, Value index, Value value) {
  call_builtin(Builtin::table_set, builder_.getVoidTy(),
               {builder_.getInt32(table.index), to_u64(index), to_u64(value)});
}

// In elements, 64 bits wide.
FunctionSink::Value FunctionSink::table_length(TableIndex table) {
  // A table that cannot grow has the length it declares; an imported one with these limits does,
  // too.
  const wasm::Limits& limits = input().module.tables[table].type.limits;
  bool is_fixed = limits.has_max && limits.max == limits.min;
  if (is_fixed || input().calls.closed_table(table) != nullptr)
    return builder_.getInt64(limits.min);
  Value record = load_invariant(
      builder_.getPtrTy(), vmctx_field(input().layout.tables, table.index * sizeof(TableSlot) +
                                                                  offsetof(TableSlot, record)));
  return load_runtime(builder_.getInt64Ty(), field(record, offsetof(TableRecord, length)));
}

FunctionSink::Value FunctionSink::table_size(TableIndex table) {
  return builder_.CreateTrunc(table_length(table),
                              address_type(input().module.tables[table].type.limits));
}

FunctionSink::Value FunctionSink::table_grow(TableIndex table, Value initial, Value count) {
  Value old = call_builtin(Builtin::table_grow, builder_.getInt64Ty(),
                           {builder_.getInt32(table.index), to_u64(initial), to_u64(count)});
  return builder_.CreateTrunc(old, address_type(input().module.tables[table].type.limits));
}

void FunctionSink::table_fill(TableIndex table, Value index, Value value, Value size) {
  call_builtin(Builtin::table_fill, builder_.getVoidTy(),
               {builder_.getInt32(table.index), to_u64(index), to_u64(value), to_u64(size)});
}

void FunctionSink::table_copy(TableIndex to_table, TableIndex from_table, Value to, Value from,
                              Value size) {
  call_builtin(Builtin::table_copy, builder_.getVoidTy(),
               {builder_.getInt32(to_table.index), builder_.getInt32(from_table.index), to_u64(to),
                to_u64(from), to_u64(size)});
}

void FunctionSink::table_init(TableIndex table, ElemIndex segment, Value to, Value from,
                              Value size) {
  call_builtin(
      Builtin::table_init, builder_.getVoidTy(),
      {builder_.getInt32(table.index), builder_.getInt32(segment.index), to_u64(to), from, size});
}

void FunctionSink::elem_drop(ElemIndex segment) {
  call_builtin(Builtin::elem_drop, builder_.getVoidTy(), {builder_.getInt32(segment.index)});
}

}  // namespace tenon::compiler::llvm_tier
