#include "compiler/llvm/balance_sums.h"

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/Analysis/LoopIterator.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>

#include <algorithm>

namespace tenon::compiler::llvm_tier {

namespace {

using llvm::BasicBlock;
using llvm::BinaryOperator;
using llvm::Instruction;
using llvm::PHINode;
using llvm::Value;

// What has been there for many turns.
constexpr int long_ago = -1000;
// Turns that are looked at to see which of the values that cross from turn to turn are late.
constexpr int turns = 4;
// Larger sums are left as they are: more of their operands would be held in registers at a time.
constexpr size_t max_leaves = 8;
constexpr size_t max_loop_instructions = 4000;

// Cycles, of any recent processor.
int latency(const Instruction& instruction) {
  switch (instruction.getOpcode()) {
    case Instruction::PHI:
    case Instruction::GetElementPtr:
    case Instruction::ZExt:
    case Instruction::Trunc:
    case Instruction::BitCast:
    case Instruction::Freeze: return 0;
    case Instruction::Mul: return 3;
    case Instruction::Load: return 5;
    case Instruction::FAdd:
    case Instruction::FSub:
    case Instruction::FMul: return 4;
    case Instruction::UDiv:
    case Instruction::SDiv:
    case Instruction::URem:
    case Instruction::SRem:
    case Instruction::FDiv: return 14;
    case Instruction::Call: return llvm::isa<llvm::IntrinsicInst>(instruction) ? 1 : 20;
    default: return 1;
  }
}

// An innermost loop, and when its values are there: cycles from the moment at which the last of
// those is there that come from the turn before.
class Turn {
 public:
  Turn(const llvm::Loop& loop, const llvm::LoopInfo& loops) {
    llvm::LoopBlocksDFS order(const_cast<llvm::Loop*>(&loop));
    order.perform(&loops);
    blocks_.assign(order.beginRPO(), order.endRPO());
    header_ = loop.getHeader();
    latch_ = loop.getLoopLatch();
  }

  bool run() {
    size_t size = 0;
    for (BasicBlock* block : blocks_) size += block->size();
    if (latch_ == nullptr || size > max_loop_instructions) return false;
    for (int i = 0; i < turns; i++) {
      measure();
      carry_over();
    }
    measure();
    bool changed = false;
    for (BasicBlock* block : blocks_) changed |= balance(*block);
    return changed;
  }

 private:
  int time(const Value* value) const {
    auto found = times_.find(value);
    return found == times_.end() ? long_ago : found->second;
  }

  int time_of(const Instruction& instruction) const {
    int last = long_ago;
    for (const Value* operand : instruction.operands()) last = std::max(last, time(operand));
    return last == long_ago ? long_ago : last + latency(instruction);
  }

  void measure() {
    for (BasicBlock* block : blocks_) {
      for (Instruction& instruction : *block) {
        if (block == header_ && llvm::isa<PHINode>(instruction)) {
          times_.try_emplace(&instruction, 0);
        } else {
          times_[&instruction] = time_of(instruction);
        }
      }
    }
  }

  // The next turn starts when the last of the values that it takes over is there.
  void carry_over() {
    int last = long_ago;
    for (PHINode& phi : header_->phis())
      last = std::max(last, time(phi.getIncomingValueForBlock(latch_)));
    llvm::SmallVector<int, 16> next;
    for (PHINode& phi : header_->phis()) {
      int made = time(phi.getIncomingValueForBlock(latch_));
      next.push_back(made == long_ago ? long_ago : std::max(made - last, long_ago + 1));
    }
    size_t i = 0;
    for (PHINode& phi : header_->phis()) times_[&phi] = next[i++];
  }

  bool balance(BasicBlock& block) {
    bool changed = false;
    for (Instruction& instruction : llvm::make_early_inc_range(block)) {
      if (!llvm::isa<PHINode>(instruction)) times_[&instruction] = time_of(instruction);
      auto* root = llvm::dyn_cast<BinaryOperator>(&instruction);
      if (root != nullptr && may_reorder(*root) && !is_inner(*root)) changed |= balance(*root);
    }
    return changed;
  }

  static bool may_reorder(const BinaryOperator& operation) {
    return operation.getType()->isIntegerTy() && operation.isAssociative() &&
           operation.isCommutative();
  }

  // Part of a larger sum in its block.
  static bool is_inner(const BinaryOperator& operation) {
    if (!may_reorder(operation) || !operation.hasOneUse()) return false;
    auto* user = llvm::dyn_cast<BinaryOperator>(operation.user_back());
    return user != nullptr && user->getOpcode() == operation.getOpcode() &&
           user->getParent() == operation.getParent();
  }

  struct Leaf {
    Value* value;
    int time;
  };
  using Leaves = llvm::SmallVector<Leaf, max_leaves + 2>;

  // The order in which a sum is complete first: of what is there, the two that are there first are
  // added.
  bool balance(BinaryOperator& root) {
    Leaves leaves;
    llvm::SmallVector<BinaryOperator*, max_leaves> inner{&root};
    for (size_t i = 0; i < inner.size(); i++) {
      for (Value* operand : inner[i]->operands()) {
        auto* operation = llvm::dyn_cast<BinaryOperator>(operand);
        if (operation != nullptr && operation->getOpcode() == root.getOpcode() &&
            is_inner(*operation)) {
          inner.push_back(operation);
        } else {
          leaves.push_back({operand, time(operand)});
        }
      }
      if (leaves.size() > max_leaves) return false;
    }
    int before = time(&root);
    if (leaves.size() < 3 || before <= 0 || best_time(root, leaves) >= before) return false;
    rebuild(root, leaves);
    // Each is used by one before it alone.
    for (BinaryOperator* operation : inner) {
      times_.erase(operation);
      operation->eraseFromParent();
    }
    return true;
  }

  static Leaf take_first(Leaves& leaves) {
    auto first = std::ranges::min_element(leaves, {}, &Leaf::time);
    Leaf taken = *first;
    leaves.erase(first);
    return taken;
  }

  static int sum_time(const BinaryOperator& root, const Leaf& a, const Leaf& b) {
    int last = std::max(a.time, b.time);
    return last == long_ago ? long_ago : last + latency(root);
  }

  static int best_time(const BinaryOperator& root, Leaves leaves) {
    while (leaves.size() > 1) {
      Leaf first = take_first(leaves), second = take_first(leaves);
      leaves.push_back({nullptr, sum_time(root, first, second)});
    }
    return leaves[0].time;
  }

  void rebuild(BinaryOperator& root, Leaves& leaves) {
    while (leaves.size() > 1) {
      Leaf first = take_first(leaves), second = take_first(leaves);
      llvm::IRBuilder<> builder(place_behind(first.value, second.value, root));
      Value* sum = builder.CreateBinOp(root.getOpcode(), first.value, second.value);
      leaves.push_back({sum, times_[sum] = sum_time(root, first, second)});
    }
    root.replaceAllUsesWith(leaves[0].value);
  }

  // Behind both values, within the block of the root.
  static Instruction* place_behind(Value* a, Value* b, BinaryOperator& root) {
    Instruction* place = nullptr;
    for (Value* value : {a, b}) {
      auto* made = llvm::dyn_cast<Instruction>(value);
      if (made == nullptr || made->getParent() != root.getParent() || llvm::isa<PHINode>(made))
        continue;
      if (place == nullptr || place->comesBefore(made)) place = made;
    }
    return place != nullptr ? place->getNextNode() : &*root.getParent()->getFirstInsertionPt();
  }

  BasicBlock* header_;
  BasicBlock* latch_;
  llvm::SmallVector<BasicBlock*, 8> blocks_;
  llvm::DenseMap<const Value*, int> times_;
};

}  // namespace

bool balance_sums(const llvm::LoopInfo& loops) {
  bool changed = false;
  for (const llvm::Loop* loop : loops.getLoopsInPreorder()) {
    if (loop->isInnermost()) changed |= Turn(*loop, loops).run();
  }
  return changed;
}

}  // namespace tenon::compiler::llvm_tier
