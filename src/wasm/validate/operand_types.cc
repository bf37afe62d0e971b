#include "wasm/validate/operand_types.h"

#include "wasm/validate/function.h"
#include "wasm/validate/module.h"
#include "wasm/validate/null_sink.h"

namespace tenon::wasm {

struct OperandTypes::Walk {
  Walk(const Module& module, Features features) : walker(module, features, sink) {}

  NullSink sink;
  BodyWalker<NullSink> walker;
};

OperandTypes::OperandTypes(const Module& module, Features features) {
  if (validate_declarations(module, features)) walk_ = std::make_unique<Walk>(module, features);
}

OperandTypes::~OperandTypes() = default;

void OperandTypes::begin(FuncIndex function) {
  if (walk_ != nullptr) walk_->walker.begin(function);
}

bool OperandTypes::step() {
  if (walk_ == nullptr || walk_->walker.is_done()) return false;
  walk_->walker.step();
  return walk_->walker.ok();
}

std::span<const ValType> OperandTypes::operands() const {
  return walk_->walker.innermost_operands();
}

}  // namespace tenon::wasm
