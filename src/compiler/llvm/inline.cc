#include "base/check.h"
#include "compiler/llvm/sink.h"
#include "wasm/validate/function.h"

// Bodies that stand in place of calls (compiler/inlining.h). Each is translated by a sink of its
// own into the function of its caller: with the layout of its module, and the vmctx that the call
// would pass.
namespace tenon::compiler::llvm_tier {

using wasm::FuncIndex;

Result<void> FunctionSink::translate(FuncIndex index) {
  wasm::BodyWalker walker(input().module, input().features, *this);
  operands_ = &walker.operands();
  return walker.walk(index);
}

namespace {

// A body that is inlined has no loops, and all that it calls was counted as its own.
Survey survey_of_inlined() {
  Survey survey;
  survey.inlined = UINT32_MAX;
  return survey;
}

}  // namespace

FunctionSink::Value FunctionSink::callee_vmctx(FuncIndex function) {
  if (!input().module.is_imported(function)) return vmctx_;
  llvm::LoadInst* vmctx = load_imported(function, offsetof(FuncRef, vmctx));
  auto number = [&](uint64_t value) {
    return llvm::MDNode::get(chunk_.llvm, llvm::ConstantAsMetadata::get(builder_.getInt64(value)));
  };
  vmctx->setMetadata(llvm::LLVMContext::MD_nonnull, chunk_.nothing);
  vmctx->setMetadata(llvm::LLVMContext::MD_align, number(vmctx_alignment));
  vmctx->setMetadata(llvm::LLVMContext::MD_dereferenceable, number(sizeof(VmHeader)));
  return vmctx;
}

void FunctionSink::call_inlined(const InlineBody& body, Value vmctx, Values arguments,
                                Results results) {
  static const Survey survey = survey_of_inlined();
  InlinedCall call{*this, vmctx, arguments, new_block(), {}};
  FunctionSink callee(chunk_.chunk_of(body), survey, {});
  callee.call_ = &call;
  Result<void> walked = callee.translate(body.function);
  CHECK(walked.has_value());
  cold_blocks_.insert(cold_blocks_.end(), callee.cold_blocks_.begin(), callee.cold_blocks_.end());

  builder_.SetInsertPoint(call.behind);
  const wasm::FuncType& type = callee.input().module.func_type(body.function);
  for (size_t i = 0; i < results.size(); ++i) {
    llvm::Type* kept = chunk_.value_type(type.results[i]);
    results[i] = llvm::PoisonValue::get(kept);
    if (call.returns.empty()) continue;  // it only traps
    llvm::PHINode* phi = builder_.CreatePHI(kept, static_cast<unsigned>(call.returns.size()));
    for (const Branch& from : call.returns) phi->addIncoming(from.values[i], from.from);
    results[i] = phi;
  }
}

void FunctionSink::begin_inlined(std::vector<Value>& parameters) {
  const FunctionSink& caller = call_->caller;
  function_ = caller.function_;
  scope_ = caller.scope_;
  position_ = caller.position_;
  vmctx_ = call_->vmctx;
  builder_.SetInsertPoint(caller.builder_.GetInsertBlock());
  for (Value argument : call_->arguments) parameters.push_back(canonical(argument));
  entry_ = new_block();
  builder_.CreateBr(entry_);
  builder_.SetInsertPoint(entry_);
}

void FunctionSink::return_inlined(Values values) {
  Branch& branch = call_->returns.emplace_back(Branch{builder_.GetInsertBlock(), {}});
  for (Value value : values) branch.values.push_back(canonical(value));
  builder_.CreateBr(call_->behind);
}

}  // namespace tenon::compiler::llvm_tier
