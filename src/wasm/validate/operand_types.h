#pragma once

#include <memory>
#include <span>

#include "wasm/features.h"
#include "wasm/module.h"

// The operands at each point of a function body, for those who show code. Walks bodies as
// validation does; what is not valid ends the walk and is no failure. The caller keeps the module
// alive.
namespace tenon::wasm {

class OperandTypes {
 public:
  OperandTypes(const Module& module, Features features);
  ~OperandTypes();

  void begin(FuncIndex function);
  // Takes the next instruction. False where it is not valid, and from there on.
  bool step();
  // Behind it: the operands of the innermost block, `bottom` where any type fits.
  std::span<const ValType> operands() const;

 private:
  struct Walk;
  std::unique_ptr<Walk> walk_;  // null: the declarations of the module are not valid
};

}  // namespace tenon::wasm
