#pragma once

#include <cstdint>
#include <vector>

#include <llvm/IR/DerivedTypes.h>

#include "compiler/gc_layout.h"
#include "wasm/module.h"

// The calling convention of docs/contract.md, section 1, in LLVM's terms: which parameters and
// results of a function type are arguments and results of the LLVM function, and which travel
// through the argument block.
namespace tenon::compiler::llvm_tier {

// An argument or result of the LLVM function (its number among them), or a slot of the argument
// block.
struct Place {
  bool in_register = true;
  uint32_t number = 0;
};

struct Signature {
  llvm::FunctionType* type = nullptr;  // the register parameters, then the vmctx
  uint32_t vmctx = 0;                  // its number among the arguments
  std::vector<Place> params;
  std::vector<Place> results;
  uint32_t register_results = 0;  // none: void; one: itself; more: a struct
};

// How a value is kept between instructions: i32, i64, float, double, ptr (function references), i32
// (other references), <2 x i64>.
llvm::Type* value_type(llvm::LLVMContext& context, const wasm::Module& module, wasm::ValType type);

// How a value of this type lies in an object of the heap.
Storage stored_as(const wasm::Module& module, const wasm::FieldType& field);

Signature make_signature(llvm::LLVMContext& context, const wasm::Module& module,
                         const wasm::FuncType& type);

}  // namespace tenon::compiler::llvm_tier
