#include <llvm/IR/Intrinsics.h>

#include "compiler/llvm/saved_registers.h"
#include "compiler/llvm/sink.h"

namespace tenon::compiler::llvm_tier {

using wasm::FrameEnd;
using wasm::FrameKind;

FunctionSink::FunctionSink(Chunk& chunk, const Survey& survey, Options options)
    : chunk_(chunk),
      survey_(survey),
      options_(options),
      builder_(chunk.llvm),
      locals_(builder_),
      memory_bases_(chunk.input.module.memories.size()),
      memory_bounds_(chunk.input.module.memories.size()),
      inlined_(chunk.input.inlined, survey.inlined) {}

void FunctionSink::begin_function(wasm::FuncIndex index, const wasm::FuncType& type,
                                  Control& control, std::span<const wasm::ValType> locals) {
  std::vector<Value> parameters;
  if (call_ == nullptr) {
    function_ = chunk_.function(index);
    signature_ = &chunk_.signature_of(index);
    scope_ = chunk_.define(function_, input().module.body(index));
    if (input().calls.keeps_vmctx(index)) keep_vmctx(*function_);
    vmctx_ = function_->getArg(signature_->vmctx);
    position_ = input().module.body(index).offset;
    entry_ = new_block();
    builder_.SetInsertPoint(entry_);
    read_parameters(type, parameters);
  } else {
    begin_inlined(parameters);
  }
  std::vector<llvm::Type*> types;
  for (wasm::ValType local : locals) types.push_back(chunk_.value_type(local));
  locals_.start(parameters, types, options_.locals_in_memory);

  // The entry block stays open for what is loaded once: it ends in this branch.
  llvm::BasicBlock* body = new_block();
  builder_.CreateBr(body);
  builder_.SetInsertPoint(body);
  locals_.open_function(control->locals);
}

void FunctionSink::end_function() {
  if (call_ != nullptr) return;
  for (llvm::BasicBlock* block : cold_blocks_) block->moveAfter(&function_->back());
}

llvm::BasicBlock* FunctionSink::new_block() {
  return llvm::BasicBlock::Create(chunk_.llvm, "", function_);
}

void FunctionSink::split_block() {
  block_size_ = 0;
  // At the `end` or `else` of what cannot be reached there is nothing to split.
  if (builder_.GetInsertBlock()->getTerminator() != nullptr) return;
  llvm::BasicBlock* next = new_block();
  builder_.CreateBr(next);
  builder_.SetInsertPoint(next);
}

FunctionSink::Value FunctionSink::canonical(Value value) {
  if (!is_vector(value)) return value;
  return as(value, llvm::FixedVectorType::get(builder_.getInt64Ty(), 2));
}

FunctionSink::Value FunctionSink::as(Value value, llvm::Type* type) {
  if (value->getType() == type) return value;
  // What was made a canonical value can be taken as it was before.
  if (auto* cast = llvm::dyn_cast<llvm::BitCastInst>(value); cast && cast->getSrcTy() == type)
    return cast->getOperand(0);
  return builder_.CreateBitCast(value, type);
}

FunctionSink::Value FunctionSink::truth(Value i32) {
  if (auto* extension = llvm::dyn_cast<llvm::ZExtInst>(i32);
      extension && extension->getSrcTy()->isIntegerTy(1))
    return extension->getOperand(0);
  return builder_.CreateICmpNE(i32, builder_.getInt32(0));
}

FunctionSink::Value FunctionSink::local_tee(uint32_t local, Value value) {
  locals_.set(local, canonical(value));
  return value;
}

FunctionSink::Value FunctionSink::select(wasm::ValType, Value condition, Value if_not_zero,
                                         Value if_zero) {
  if (is_vector(if_not_zero)) if_zero = as(if_zero, if_not_zero->getType());
  return builder_.CreateSelect(truth(condition), if_not_zero, if_zero);
}

void FunctionSink::leave_if(Value condition, llvm::BasicBlock* stop) {
  llvm::BasicBlock* next = new_block();
  builder_.CreateCondBr(condition, stop, next, chunk_.unlikely);
  builder_.SetInsertPoint(next);
}

void FunctionSink::trap(TrapCode code) {
  llvm::CallInst* call = builder_.CreateIntrinsic(llvm::Intrinsic::ubsantrap, {},
                                                  {builder_.getInt8(static_cast<uint8_t>(code))});
  call->setCannotMerge();
  locate(call);
  builder_.CreateUnreachable();
}

void FunctionSink::trap_if(Value condition, TrapCode code) {
  if (auto* constant = llvm::dyn_cast<llvm::ConstantInt>(condition); constant && constant->isZero())
    return;
  llvm::BasicBlock* stop = new_block();
  cold_blocks_.push_back(stop);
  leave_if(condition, stop);
  llvm::IRBuilder<>::InsertPointGuard guard(builder_);
  builder_.SetInsertPoint(stop);
  trap(code);
}

void FunctionSink::block(Control& control, const BlockType&) {
  locals_.open(control->locals);
}

void FunctionSink::loop(Control& control, const BlockType&, Results parameters) {
  llvm::BasicBlock* before = builder_.GetInsertBlock();
  control->is_loop = true;
  control->target = new_block();
  for (Value& parameter : parameters) parameter = canonical(parameter);
  builder_.CreateBr(control->target);
  builder_.SetInsertPoint(control->target);
  locals_.open_loop(control->locals, before, survey_.loops[loops_seen_++]);
  for (Value& parameter : parameters) {
    llvm::PHINode* phi = builder_.CreatePHI(parameter->getType(), 2);
    phi->addIncoming(parameter, before);
    control->parameters.push_back(phi);
    parameter = phi;
  }
}

void FunctionSink::if_(Control& control, const BlockType&, Value condition) {
  llvm::BasicBlock* then = new_block();
  control->otherwise = new_block();
  builder_.CreateCondBr(truth(condition), then, control->otherwise);
  builder_.SetInsertPoint(then);
  locals_.open(control->locals);
}

void FunctionSink::else_(Control& control, const BlockType&, Values values, bool falls_through) {
  if (falls_through) br(control, values);
  locals_.rewind(control->locals);
  builder_.SetInsertPoint(control->otherwise);
}

void FunctionSink::end(Control& control, FrameKind kind, const BlockType& type, FrameEnd end,
                       Results results) {
  if (kind == FrameKind::loop) {
    locals_.keep(control->locals);
    locals_.close_loop(control->locals);
    return;
  }
  if (kind == FrameKind::try_table) {
    if (end.falls_through) br(control, results);
    end_handler();
    end.falls_through = false;
  }
  if (control->branches.empty()) {
    locals_.keep(control->locals);
    return;
  }
  if (end.falls_through) br(control, results);
  builder_.SetInsertPoint(control->target);
  merge(control, type, results);
}

// Values and locals behind a frame, from its branches. The builder stands at their target.
void FunctionSink::merge(Label& label, const BlockType& type, Results results) {
  for (size_t i = 0; i < type.results.size(); ++i) {
    Value first = label.branches[0].values[i];
    bool same = true;
    for (const Branch& branch : label.branches) same = same && branch.values[i] == first;
    results[i] = first;
    if (same) continue;
    llvm::PHINode* phi =
        builder_.CreatePHI(first->getType(), static_cast<unsigned>(label.branches.size()));
    for (const Branch& branch : label.branches) phi->addIncoming(branch.values[i], branch.from);
    results[i] = phi;
  }
  locals_.merge(label.locals, label.target);
}

llvm::BasicBlock* FunctionSink::target(Label& label) {
  if (label.target == nullptr) label.target = new_block();
  return label.target;
}

// Notes an edge from block `from` to a label. Casts of its values are made where the builder
// stands.
void FunctionSink::branch_to(Label& label, llvm::BasicBlock* from, Values values) {
  locals_.branch(label.locals, from);
  if (label.is_loop) {
    for (size_t i = 0; i < values.size(); ++i)
      label.parameters[i]->addIncoming(canonical(values[i]), from);
    return;
  }
  Branch& branch = label.branches.emplace_back(Branch{from, {}});
  for (Value value : values) branch.values.push_back(canonical(value));
}

void FunctionSink::br(Control& control, Values values) {
  branch_to(control, builder_.GetInsertBlock(), values);
  builder_.CreateBr(target(control));
}

// `condition` has one bit.
void FunctionSink::branch_if(Control& control, Value condition, Values values) {
  branch_to(control, builder_.GetInsertBlock(), values);
  llvm::BasicBlock* next = new_block();
  builder_.CreateCondBr(condition, target(control), next);
  builder_.SetInsertPoint(next);
}

void FunctionSink::br_if(Control& control, Value condition, Values values) {
  branch_if(control, truth(condition), values);
}

void FunctionSink::br_table(Value index, std::span<Control* const> targets, Values values) {
  if (targets.size() == 1) return br(*targets[0], values);
  llvm::BasicBlock* from = builder_.GetInsertBlock();
  llvm::SmallVector<Value, 4> carried;
  for (Value value : values) carried.push_back(canonical(value));
  // A label named more than once gets one edge, from a block in between: phis there stay short.
  struct Use {
    uint32_t count = 0;
    llvm::BasicBlock* block = nullptr;
  };
  llvm::DenseMap<Control*, Use> uses;
  for (Control* control : targets) ++uses[control].count;
  auto block_for = [&](Control* control) {
    Use& use = uses[control];
    if (use.block != nullptr) return use.block;
    if (use.count == 1) {
      use.block = target(*control);
      branch_to(*control, from, carried);
    } else {
      use.block = new_block();
      branch_to(*control, use.block, carried);
      llvm::IRBuilder<>::InsertPointGuard guard(builder_);
      builder_.SetInsertPoint(use.block);
      builder_.CreateBr(target(*control));
    }
    return use.block;
  };
  Control* fallback = targets.back();
  llvm::BasicBlock* otherwise = block_for(fallback);
  llvm::SwitchInst* table =
      builder_.CreateSwitch(index, otherwise, static_cast<unsigned>(targets.size()));
  for (size_t i = 0; i + 1 < targets.size(); ++i)
    if (targets[i] != fallback)
      table->addCase(builder_.getInt32(static_cast<uint32_t>(i)), block_for(targets[i]));
}

void FunctionSink::unreachable() {
  trap(TrapCode::unreachable);
}

// Gives an instruction the position of the WebAssembly instruction at hand.
void FunctionSink::locate(llvm::Instruction* instruction) {
  if (location_ == nullptr || location_position_ != position_) {
    location_ = llvm::DILocation::get(chunk_.llvm, static_cast<unsigned>(position_ + 1), 0, scope_);
    location_position_ = position_;
  }
  instruction->setDebugLoc(location_);
}

}  // namespace tenon::compiler::llvm_tier
