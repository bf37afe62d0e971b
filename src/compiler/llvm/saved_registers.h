#pragma once

#include <llvm/IR/InstrTypes.h>
#include <llvm/Pass.h>

namespace tenon::compiler::llvm_tier {

// Registers that guests preserve in calls beyond those of the convention `swifttailcc`
// (docs/contract.md, section 1): r14, which it gives up for a context that guests do not have, and
// for calls that are known to keep it r13, the vmctx. Without them a caller has a register less for
// what outlives its calls, and brings the vmctx back before each.

// Of a function: it returns with r13 as it was.
void keep_vmctx(llvm::Function& function);

// Of a call that code is selected for by blocks: such a function is called. Calls with landing pads
// or operand bundles do not rely on it.
void rely_on_vmctx(llvm::CallBase& call);

// The pass on machine code that makes it so. It follows the selection of code.
llvm::Pass* save_registers();

}  // namespace tenon::compiler::llvm_tier
