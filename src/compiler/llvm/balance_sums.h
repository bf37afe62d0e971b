#pragma once

#include <llvm/Analysis/LoopInfo.h>

// A loop whose next turn waits for its last, as those of hashes and generators of numbers do, runs
// as fast as the longest chain of operations from one turn to the next. `balance_sums` orders the
// operands of sums (and of the other operations that may be ordered at will) in such loops so that
// those come first that are there first, and the late ones pass through few operations. In go the
// loops of a function, which then compute the same.
namespace tenon::compiler::llvm_tier {

// Whether anything was changed. Blocks and their order stay.
bool balance_sums(const llvm::LoopInfo& loops);

}  // namespace tenon::compiler::llvm_tier
