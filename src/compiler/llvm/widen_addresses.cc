#include "compiler/llvm/widen_addresses.h"

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/SetVector.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instructions.h>

namespace tenon::compiler::llvm_tier {

namespace {

using llvm::BasicBlock;
using llvm::Instruction;
using llvm::PHINode;
using llvm::Value;

bool is_extension(const llvm::User* user) {
  return llvm::isa<llvm::ZExtInst>(user) && user->getType()->isIntegerTy(64);
}

// Whether an extension can stand right behind the value. Of a parameter it would cost an
// instruction in every call, where only some paths may need it (measured: Lua is 8 % slower).
bool can_widen(const Value* value) {
  auto* instruction = llvm::dyn_cast<Instruction>(value);
  return instruction != nullptr && instruction->getType()->isIntegerTy(32) &&
         !instruction->isTerminator();
}

class Widener {
 public:
  explicit Widener(llvm::Function& function)
      : function_(function), wide_type_(llvm::Type::getInt64Ty(function.getContext())) {}

  void run() {
    collect();
    for (Instruction* value : values_) make_wide(value);
    for (Instruction* value : values_) {
      if (auto* phi = llvm::dyn_cast<PHINode>(value)) fill(phi);
    }
    for (Instruction* value : values_) replace_uses(value);
    // What is left of the old ones is that they name each other.
    values_.remove_if([](Instruction* value) { return !llvm::isa<PHINode>(value); });
    for (Instruction* phi : values_) phi->dropAllReferences();
    for (Instruction* phi : values_) phi->eraseFromParent();
  }

 private:
  // Values that are extended somewhere else than where they are made, and what flows into them.
  void collect() {
    for (BasicBlock& block : function_) {
      for (Instruction& instruction : block) {
        if (!is_extension(&instruction)) continue;
        Value* value = instruction.getOperand(0);
        if (!can_widen(value)) continue;
        auto* made = llvm::cast<Instruction>(value);
        if (made->getParent() != &block || llvm::isa<PHINode>(made)) values_.insert(made);
      }
    }
    for (size_t i = 0; i < values_.size(); i++) {
      auto* phi = llvm::dyn_cast<PHINode>(values_[i]);
      if (phi == nullptr) continue;
      for (Value* incoming : phi->incoming_values()) {
        if (can_widen(incoming)) values_.insert(llvm::cast<Instruction>(incoming));
      }
    }
  }

  void make_wide(Instruction* value) {
    llvm::IRBuilder<> builder(value);
    if (auto* phi = llvm::dyn_cast<PHINode>(value)) {
      wide_[value] = builder.CreatePHI(wide_type_, phi->getNumIncomingValues());
      return;
    }
    builder.SetInsertPoint(*value->getInsertionPointAfterDef());
    wide_[value] = builder.CreateZExt(value, wide_type_);
  }

  void fill(PHINode* phi) {
    auto* wide = llvm::cast<PHINode>(wide_[phi]);
    for (unsigned i = 0; i < phi->getNumIncomingValues(); i++) {
      Value* incoming = phi->getIncomingValue(i);
      BasicBlock* from = phi->getIncomingBlock(i);
      auto known = wide_.find(incoming);
      if (known != wide_.end()) {
        wide->addIncoming(known->second, from);
      } else {
        llvm::IRBuilder<> builder(from->getTerminator());
        wide->addIncoming(builder.CreateZExt(incoming, wide_type_), from);
      }
    }
  }

  // In the block that makes it a value stays as it is; others use the wide one.
  void replace_uses(Instruction* value) {
    Value* wide = wide_[value];
    llvm::DenseMap<BasicBlock*, Value*> narrow;
    llvm::SmallVector<llvm::Use*, 16> uses;
    for (llvm::Use& use : value->uses()) uses.push_back(&use);
    for (llvm::Use* use : uses) {
      auto* user = llvm::cast<Instruction>(use->getUser());
      if (user == wide) continue;
      if (is_extension(user)) {
        user->replaceAllUsesWith(wide);
        user->eraseFromParent();
        continue;
      }
      auto* phi = llvm::dyn_cast<PHINode>(user);
      if (phi != nullptr && wide_.contains(phi)) continue;
      BasicBlock* block = phi != nullptr ? phi->getIncomingBlock(*use) : user->getParent();
      if (llvm::isa<PHINode>(value) || value->getParent() != block)
        use->set(narrowed(wide, block, narrow[block]));
    }
  }

  // One for each block, at its start.
  Value* narrowed(Value* wide, BasicBlock* block, Value*& known) {
    if (known == nullptr) {
      llvm::IRBuilder<> builder(block, block->getFirstInsertionPt());
      known = builder.CreateTrunc(wide, builder.getInt32Ty());
    }
    return known;
  }

  llvm::Function& function_;
  llvm::Type* wide_type_;
  llvm::SetVector<Instruction*> values_;
  llvm::DenseMap<Value*, Value*> wide_;
};

}  // namespace

void widen_addresses(llvm::Function& function) {
  Widener(function).run();
}

}  // namespace tenon::compiler::llvm_tier
