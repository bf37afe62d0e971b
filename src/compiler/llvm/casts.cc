#include <llvm/IR/Constants.h>

#include "compiler/llvm/sink.h"
#include "wasm/validate/subtyping.h"

// Tests of references against types. What static types decide is decided here; the rest looks at
// the reference's tag, then at the type id in the object's header (or the FuncRef).
namespace tenon::compiler::llvm_tier {

using wasm::HeapType;
using wasm::SubType;
using wasm::TypeIndex;
using wasm::ValType;

namespace {

// Whether null alone is of the type.
bool is_bottom(HeapType type) {
  return type.is_bottom() || type == HeapType::none || type == HeapType::nofunc ||
         type == HeapType::noextern || type == HeapType::noexn;
}

bool can_be_i31(HeapType type) {
  return type == HeapType::any || type == HeapType::eq || type == HeapType::i31;
}

}  // namespace

// wasm: exec-ref.eq
FunctionSink::Value FunctionSink::ref_eq(Value left, Value right) {
  return bool_to_i32(builder_.CreateICmpEQ(left, right));
}

// wasm: exec-ref.i31
FunctionSink::Value FunctionSink::ref_i31(Value value) {
  return builder_.CreateOr(builder_.CreateShl(value, 1), 1);
}

// wasm: exec-i31.get_sx
FunctionSink::Value FunctionSink::i31_get(wasm::Opcode op, const Ref& ref) {
  check_null(ref, TrapCode::null_i31);
  return op == wasm::Opcode::i31_get_s ? builder_.CreateAShr(ref.value, 1)
                                       : builder_.CreateLShr(ref.value, 1);
}

void FunctionSink::check_null(const Ref& ref, TrapCode code) {
  if (ref.type.is_nullable()) trap_if(builder_.CreateIsNull(ref.value), code);
}

// An entry of the row of a type (CastRow).
FunctionSink::Value FunctionSink::cast_row_entry(Value type_id, uint32_t entry) {
  Value rows = load_invariant(builder_.getPtrTy(),
                              field(store_context(), offsetof(StoreContext, cast_rows)));
  Value distance = builder_.CreateMul(builder_.CreateZExt(type_id, builder_.getInt64Ty()),
                                      builder_.getInt64(sizeof(CastRow)));
  return load_invariant(builder_.getInt32Ty(),
                        field(builder_.CreatePtrAdd(rows, distance), entry * sizeof(uint32_t)));
}

// Whether objects (or functions) with this id are of a type of the module.
FunctionSink::Value FunctionSink::is_of_type(Value type_id, TypeIndex type) {
  Value wanted = this->type_id(type);
  if (input().module.types[type].is_final) return builder_.CreateICmpEQ(type_id, wanted);
  uint32_t depth = chunk_.subtype_depth(type);
  if (has_cast_row_entry(depth))
    return builder_.CreateICmpEQ(cast_row_entry(type_id, depth + 1), wanted);
  return builder_.CreateIsNotNull(
      call_builtin(Builtin::is_subtype, builder_.getInt32Ty(), {type_id, wanted}));
}

// Whether a reference, which is neither null nor an i31, is of the type, which its static type does
// not tell.
FunctionSink::Value FunctionSink::has_type(const Ref& ref, HeapType to) {
  if (ref.value->getType()->isPointerTy()) {
    Value address = field(ref.value, offsetof(FuncRef, type_id));
    return is_of_type(load_runtime(builder_.getInt32Ty(), address), to.type());
  }
  Value id = load_header(ref.value, offsetof(ObjectHeader, type_id));
  if (to.is_concrete()) return is_of_type(id, to.type());
  switch (to.abstract()) {
    case HeapType::struct_:
      return builder_.CreateICmpEQ(cast_row_entry(id, 0), builder_.getInt32(struct_type_id));
    case HeapType::array:
      return builder_.CreateICmpEQ(cast_row_entry(id, 0), builder_.getInt32(array_type_id));
    case HeapType::eq: return builder_.CreateICmpNE(id, builder_.getInt32(extern_type_id));
    default: return builder_.getFalse();
  }
}

// wasm: exec-ref.test. One bit.
FunctionSink::Value FunctionSink::is_instance(const Ref& ref, ValType to) {
  const wasm::Module& module = input().module;
  HeapType from = ref.type.heap();
  bool may_be_null = ref.type.is_nullable();
  bool null_passes = may_be_null && to.is_nullable();
  if (wasm::heap_matches(module, from, to.heap())) {
    if (null_passes || !may_be_null) return builder_.getTrue();
    return builder_.CreateIsNotNull(ref.value);
  }
  if (is_bottom(to.heap()) || !wasm::heap_matches(module, to.heap(), from))
    return null_passes ? builder_.CreateIsNull(ref.value) : builder_.getFalse();

  llvm::SmallVector<std::pair<llvm::BasicBlock*, bool>, 2> decided;
  llvm::BasicBlock* done = new_block();
  auto decide_if = [&](Value condition, bool answer) {
    llvm::BasicBlock* next = new_block();
    decided.emplace_back(builder_.GetInsertBlock(), answer);
    builder_.CreateCondBr(condition, done, next);
    builder_.SetInsertPoint(next);
  };
  if (may_be_null) decide_if(builder_.CreateIsNull(ref.value), null_passes);
  Value answer = nullptr;
  if (can_be_i31(from)) {
    Value is_i31 = builder_.CreateTrunc(ref.value, builder_.getInt1Ty());
    if (to.heap() == HeapType::i31)
      answer = is_i31;
    else
      decide_if(is_i31, can_be_i31(to.heap()));
  }
  if (answer == nullptr) answer = has_type(ref, to.heap());
  llvm::BasicBlock* last = builder_.GetInsertBlock();
  builder_.CreateBr(done);
  builder_.SetInsertPoint(done);
  llvm::PHINode* result =
      builder_.CreatePHI(builder_.getInt1Ty(), static_cast<unsigned>(decided.size()) + 1);
  for (auto [block, known] : decided) result->addIncoming(builder_.getInt1(known), block);
  result->addIncoming(answer, last);
  return result;
}

FunctionSink::Value FunctionSink::ref_test(const Ref& ref, ValType to) {
  return bool_to_i32(is_instance(ref, to));
}

// wasm: exec-ref.cast
FunctionSink::Value FunctionSink::ref_cast(const Ref& ref, ValType to) {
  trap_if(builder_.CreateNot(is_instance(ref, to)), TrapCode::cast_failure);
  return ref.value;
}

// wasm: exec-br_on_cast
FunctionSink::Value FunctionSink::br_on_cast(Control& control, const Ref& ref, ValType to,
                                             Values values) {
  branch_if(control, is_instance(ref, to), values);
  return ref.value;
}

// wasm: exec-br_on_cast_fail
FunctionSink::Value FunctionSink::br_on_cast_fail(Control& control, const Ref& ref, ValType to,
                                                  Values values) {
  branch_if(control, builder_.CreateNot(is_instance(ref, to)), values);
  return ref.value;
}

}  // namespace tenon::compiler::llvm_tier
