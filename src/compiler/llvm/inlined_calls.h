#pragma once

#include "compiler/tier.h"

// Which calls in a function become bodies of their callees: those that may, in order, while the
// budget lasts. The survey of a function and its translation see the same calls, and both ask here.
namespace tenon::compiler::llvm_tier {

class InlinedCalls {
 public:
  // `budget`: in instructions.
  InlinedCalls(std::span<const InlineBody> bodies, uint32_t budget)
      : bodies_(bodies), left_(budget) {}

  // Null: this call is made.
  const InlineBody* take(wasm::FuncIndex function) {
    if (function.index >= bodies_.size()) return nullptr;
    const InlineBody& body = bodies_[function.index];
    if (body.callee == nullptr || body.instructions > left_) return nullptr;
    left_ -= body.instructions;
    return &body;
  }

 private:
  std::span<const InlineBody> bodies_;
  uint32_t left_;
};

}  // namespace tenon::compiler::llvm_tier
