#pragma once

#include <cstdint>
#include <vector>

#include <llvm/IR/Module.h>
#include <llvm/Target/TargetMachine.h>

#include "base/result.h"
#include "compiler/tier.h"

// From IR to an object file: which passes run at which level of effort.
namespace tenon::compiler::llvm_tier {

// The attribute of functions whose code is selected instruction by instruction.
constexpr const char* light_effort = "light-effort";

// Runs the passes of each function's level over it, and marks it for emit_object.
class Optimizer {
 public:
  explicit Optimizer(llvm::TargetMachine& machine);
  ~Optimizer();
  void run(llvm::Function& function, OptLevel level);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Result<std::vector<uint8_t>> emit_object(llvm::Module& module, llvm::TargetMachine& machine);

}  // namespace tenon::compiler::llvm_tier
