#pragma once

#include <llvm/IR/Value.h>

#include "base/check.h"

// What the sink of this tier does not translate yet. None of these is ever called: their features
// are not in Features::compiled(), so that the walker refuses the instructions by name. Each goes
// when FunctionSink gets a function of the same name.
namespace tenon::compiler::llvm_tier {

struct UnsupportedInstructions {
  using Value = llvm::Value*;

  // exceptions
  void try_table(const auto&...) { never(); }
  void throw_(const auto&...) { never(); }
  void throw_ref(const auto&...) { never(); }

 private:
  [[noreturn]] static Value never() { check_failed(__FILE__, __LINE__, "a feature not compiled"); }
};

}  // namespace tenon::compiler::llvm_tier
