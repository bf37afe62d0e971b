#pragma once

#include <llvm/IR/Function.h>

// Addresses are 32 bits wide in most guests, and 64 where they are used. Code is selected block by
// block, so that a value from another block is extended again at each use, by an instruction of its
// own, into a register of its own. `widen_addresses` extends such values where they come into
// being, which x86-64 does for nothing, and carries them between blocks in 64 bits alone.
namespace tenon::compiler::llvm_tier {

// To be called when no other optimization follows.
void widen_addresses(llvm::Function& function);

}  // namespace tenon::compiler::llvm_tier
