#include "compiler/llvm/sink.h"

// References that may be null, and calls through references to functions.
namespace tenon::compiler::llvm_tier {

using wasm::FuncType;
using wasm::TypeIndex;

// wasm: exec-ref.as_non_null
FunctionSink::Value FunctionSink::ref_as_non_null(const Ref& ref) {
  if (ref.type.is_nullable()) trap_if(builder_.CreateIsNull(ref.value), TrapCode::null_reference);
  return ref.value;
}

// wasm: exec-br_on_null. The walker goes on behind the label whatever the type says, and so there
// has to be a branch.
FunctionSink::Value FunctionSink::br_on_null(Control& control, const Ref& ref, Values values) {
  branch_if(control, builder_.CreateIsNull(ref.value), values);
  return ref.value;
}

// wasm: exec-br_on_non_null
void FunctionSink::br_on_non_null(Control& control, const Ref& ref, Values values) {
  branch_if(control, builder_.CreateIsNotNull(ref.value), values);
}

// A FuncRef that a guest can hold does not change any more.
FunctionSink::Callee FunctionSink::referenced_callee(TypeIndex type, const Ref& ref) {
  if (ref.type.is_nullable()) trap_if(builder_.CreateIsNull(ref.value), TrapCode::null_function);
  Value code = load_invariant(builder_.getPtrTy(), field(ref.value, offsetof(FuncRef, code)));
  return {code, vmctx_of(ref.value), chunk_.signature(type)};
}

void FunctionSink::call_ref(TypeIndex type, const FuncType& func, const Ref& ref, Values arguments,
                            Results results) {
  Callee callee = referenced_callee(type, ref);
  read_results(emit_call(callee, arguments), callee.signature, func, results);
}

void FunctionSink::return_call_ref(TypeIndex type, const FuncType&, const Ref& ref,
                                   Values arguments) {
  tail_call(referenced_callee(type, ref), arguments);
}

}  // namespace tenon::compiler::llvm_tier
