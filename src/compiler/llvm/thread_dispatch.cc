#include "compiler/llvm/thread_dispatch.h"

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/SetVector.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/Instructions.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>
#include <llvm/Transforms/Utils/SSAUpdater.h>

#include <optional>

namespace tenon::compiler::llvm_tier {

namespace {

using llvm::BasicBlock;
using llvm::PHINode;
using llvm::Value;

// Each value that passes a table may get a phi in each block of the function: so many in a function
// at most, and so many jumps to one table.
constexpr size_t max_phis = size_t{1} << 16;
constexpr size_t max_jumps = 1024;

// A block that does nothing but to choose where to go on by a number that its predecessors give.
struct Table {
  BasicBlock* block;
  llvm::SwitchInst* choice;
  PHINode* number;
};

std::optional<Table> table_at(BasicBlock& block) {
  auto* choice = llvm::dyn_cast<llvm::SwitchInst>(block.getTerminator());
  if (choice == nullptr || block.getFirstNonPHIIt() != choice->getIterator()) return std::nullopt;
  auto* number = llvm::dyn_cast<PHINode>(choice->getCondition());
  if (number == nullptr || number->getParent() != &block) return std::nullopt;
  return Table{&block, choice, number};
}

// The jumps to the table that have a constant: by the blocks that they come from.
llvm::SmallVector<BasicBlock*> constant_jumps(const Table& table) {
  llvm::SmallSetVector<BasicBlock*, 16> jumps;
  for (BasicBlock* from : table.number->blocks()) {
    if (jumps.size() == max_jumps) break;
    bool is_constant = llvm::isa<llvm::ConstantInt>(table.number->getIncomingValueForBlock(from));
    bool can_change =
        llvm::isa<llvm::BranchInst, llvm::SwitchInst, llvm::InvokeInst>(from->getTerminator());
    if (is_constant && can_change && from != table.block) jumps.insert(from);
  }
  return jumps.takeVector();
}

// A jump past the table, in a block of its own.
struct Jump {
  BasicBlock* block = nullptr;
  llvm::SmallDenseMap<Value*, PHINode*> passed;  // what each value of the table's block is here
};

Jump make_jump(const Table& table, BasicBlock* from) {
  auto* number = llvm::cast<llvm::ConstantInt>(table.number->getIncomingValueForBlock(from));
  BasicBlock* place = table.choice->findCaseValue(number)->getCaseSuccessor();
  Jump jump;
  jump.block = BasicBlock::Create(from->getContext(), "", from->getParent(), place);
  auto edges = static_cast<unsigned>(llvm::count(llvm::successors(from), table.block));
  for (PHINode& phi : table.block->phis()) {
    PHINode* passed = PHINode::Create(phi.getType(), edges, "", jump.block);
    for (unsigned i = 0; i < edges; ++i)
      passed->addIncoming(phi.getIncomingValueForBlock(from), from);
    jump.passed[&phi] = passed;
  }
  llvm::BranchInst::Create(place, jump.block)->setDebugLoc(table.choice->getDebugLoc());
  for (PHINode& phi : place->phis()) {
    Value* value = phi.getIncomingValueForBlock(table.block);
    PHINode* passed = jump.passed.lookup(value);
    phi.addIncoming(passed ? passed : value, jump.block);
  }
  from->getTerminator()->replaceSuccessorWith(table.block, jump.block);
  for (PHINode& phi : table.block->phis())
    phi.removeIncomingValueIf([&](unsigned entry) { return phi.getIncomingBlock(entry) == from; },
                              /*DeletePHIIfEmpty=*/false);
  return jump;
}

// A value of the table's block has as many definitions now as there are ways past it.
void rewrite_uses(const Table& table, PHINode& phi, llvm::ArrayRef<Jump> jumps) {
  llvm::SmallVector<llvm::Use*> uses;
  for (llvm::Use& use : phi.uses()) {
    auto* user = llvm::cast<llvm::Instruction>(use.getUser());
    auto* meeting = llvm::dyn_cast<PHINode>(user);
    BasicBlock* at = meeting ? meeting->getIncomingBlock(use) : user->getParent();
    if (at != table.block) uses.push_back(&use);
  }
  if (uses.empty()) return;
  llvm::SSAUpdater updater;
  updater.Initialize(phi.getType(), phi.getName());
  updater.AddAvailableValue(table.block, &phi);
  for (const Jump& jump : jumps)
    updater.AddAvailableValue(jump.block, jump.passed.find(&phi)->second);
  for (llvm::Use* use : uses) updater.RewriteUse(*use);
}

void thread(const Table& table, llvm::ArrayRef<BasicBlock*> from) {
  llvm::SmallVector<Jump> jumps;
  for (BasicBlock* each : from) jumps.push_back(make_jump(table, each));
  for (PHINode& phi : table.block->phis()) rewrite_uses(table, phi, jumps);
  for (const Jump& jump : jumps) llvm::FoldSingleEntryPHINodes(jump.block);
}

}  // namespace

bool thread_dispatch(llvm::Function& function) {
  llvm::SmallVector<Table> tables;
  for (BasicBlock& block : function)
    if (auto table = table_at(block)) tables.push_back(*table);
  size_t phis = 0;
  bool changed = false;
  for (const Table& table : tables) {
    auto from = constant_jumps(table);
    if (from.empty()) continue;
    size_t passing = static_cast<size_t>(llvm::range_size(table.block->phis()));
    phis += passing * (function.size() + from.size());
    if (phis > max_phis) break;
    thread(table, from);
    changed = true;
  }
  return changed;
}

}  // namespace tenon::compiler::llvm_tier
