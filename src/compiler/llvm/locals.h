#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <llvm/IR/BasicBlock.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instructions.h>

#include "compiler/llvm/bounds.h"

// The locals of the function being translated, as SSA values. Control is structured, so where
// values of a local meet is known: behind a frame, for what differs between its branches; at the
// start of a loop, for what is assigned in it (the survey knows). Such a meeting becomes a phi only
// when its value is read.
//
// Frames nest as in the body. `open_*` begins one, `branch` records a branch to its label with the
// values of the moment, `rewind` goes back to the values at its start (the second arm of an `if`),
// `keep` or `merge` ends it. Where a function branches too much for this, locals live in stack
// slots and all of that does nothing.
namespace tenon::compiler::llvm_tier {

class Locals {
 public:
  // What the owner of a frame keeps for its label.
  class Label {
    friend class Locals;
    std::vector<llvm::BasicBlock*> from_;  // blocks that branch here
    std::vector<uint32_t> ends_;           // of each branch's part of `changes_`
    std::vector<std::pair<uint32_t, uintptr_t>> changes_;
    uint32_t log_start_ = 0;
    uint32_t meeting_ = 0;  // of a loop, plus one
    uint32_t first_join_ = 0;
    std::span<const uint32_t> assigned_;
    bool ignored_ = false;  // no values are needed behind the label
  };

  explicit Locals(llvm::IRBuilder<>& builder) : builder_(builder) {}

  // Locals without a value start as zero. `in_memory`: use stack slots.
  void start(std::span<llvm::Value* const> parameters, std::span<llvm::Type* const> types,
             bool in_memory);

  llvm::Value* get(uint32_t local);
  void set(uint32_t local, llvm::Value* value);

  void open_function(Label& label);
  void open(Label& label);
  // The builder stands at the start of the loop's first block, which so far only `entry` reaches.
  // `assigned` lives as long as this.
  void open_loop(Label& label, llvm::BasicBlock* entry, std::span<const uint32_t> assigned);
  // A branch from block `from`, with the values of now.
  void branch(Label& label, llvm::BasicBlock* from);
  void rewind(const Label& label);
  // Ends a frame whose end is reached from above only, or not at all.
  void keep(Label& label);
  // Ends a frame whose branches meet at `block`, where the builder stands.
  void merge(Label& label, llvm::BasicBlock* block);
  void close_loop(Label& label);

  // More was carried than bounds.h allows: what was made so far is of no use.
  bool gave_up() const { return carried_ > max_carried_locals; }

 private:
  // A value, or the number of a join that has no phi yet, times two plus one.
  using Ref = uintptr_t;
  struct Meeting {
    llvm::BasicBlock* block = nullptr;
    std::vector<llvm::BasicBlock*> from;
    std::vector<uint32_t> waiting;  // joins that have a phi while more branches can come
    bool closed = false;
  };
  struct Join {
    uint32_t meeting = 0;
    uint32_t local = 0;
    uint32_t first_value = 0;  // in values_, one for each block of the meeting
    llvm::PHINode* phi = nullptr;
  };
  struct LogEntry {
    uint32_t local;
    int32_t previous;  // log position of the entry before this for the same local, or -1
    Ref old_value;
  };

  static Ref ref(llvm::Value* value) { return reinterpret_cast<Ref>(value); }
  static Ref ref_join(size_t join) { return join << 1 | 1; }
  void set_ref(uint32_t local, Ref value);
  llvm::Value* resolve(Ref value);
  llvm::Value* value_or_phi(Ref value);
  void make_phi(uint32_t join);
  void fill_phis();
  void pop(Label& label);
  void undo_to(uint32_t log_start);
  uint32_t add_meeting(llvm::BasicBlock* block);

  llvm::IRBuilder<>& builder_;
  bool in_memory_ = false;
  std::vector<llvm::Type*> types_;
  std::vector<llvm::AllocaInst*> slots_;
  std::vector<Ref> current_;
  std::vector<int32_t> log_position_;  // of the newest log entry of each local, or -1
  std::vector<LogEntry> log_;          // assignments that open frames may have to look at
  std::vector<uint32_t> frames_;       // log size at the start of each open frame
  std::vector<uint32_t> seen_;         // by local: the last `epoch_` in which it was met
  uint32_t epoch_ = 0;
  std::vector<uint32_t> join_of_;  // by local, while a meeting's joins are made
  std::vector<Meeting> meetings_;
  std::vector<Join> joins_;
  std::vector<Ref> values_;
  std::vector<uint32_t> to_fill_;
  uint64_t carried_ = 0;
};

}  // namespace tenon::compiler::llvm_tier
