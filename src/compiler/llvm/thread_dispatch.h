#pragma once

#include <llvm/IR/Function.h>

// Code with a `goto` into a loop, or with states, comes to WebAssembly as a loop that begins with a
// branch table: what wants to go on at some place writes the place's number and jumps back to the
// table. `thread_dispatch` lets each jump whose number is a constant go straight to its place, so
// that the number need not be kept and the processor foresees each jump by itself. In goes a
// function, which then computes the same.
namespace tenon::compiler::llvm_tier {

// Whether anything was changed. Loops may have several entries afterwards.
bool thread_dispatch(llvm::Function& function);

}  // namespace tenon::compiler::llvm_tier
