#pragma once

#include <memory>

#include <llvm/Target/TargetMachine.h>

#include "compiler/tier.h"

// The machine that code is made for.
namespace tenon::compiler::llvm_tier {

// x86-64 with SSE4.1 at least: without, rounding and lane operations would be calls of library
// functions. Unknown processors and features are errors.
Result<void> check_cpu(const TierOptions& options);

std::unique_ptr<llvm::TargetMachine> make_machine(const TierOptions& options,
                                                  llvm::CodeGenOptLevel level);

// Sets `cpu` and `cpu_features` to what this machine has.
void take_host_cpu(TierOptions& options);

}  // namespace tenon::compiler::llvm_tier
