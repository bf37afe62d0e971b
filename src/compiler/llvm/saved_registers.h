#pragma once

#include <llvm/Pass.h>

namespace tenon::compiler::llvm_tier {

// A pass on machine code that follows the selection of code: functions of guests preserve r14 for
// their callers, too, and their calls rely on it. The convention `swifttailcc` gives r14 up for a
// context that they do not have, and with it every sixth register that outlives a call
// (docs/contract.md, section 1).
llvm::Pass* save_r14();

}  // namespace tenon::compiler::llvm_tier
