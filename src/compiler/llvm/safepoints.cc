#include <llvm/ADT/SetVector.h>

#include "compiler/llvm/sink.h"

// What a collection during a call has to know of this function: the references to objects that it
// goes on to use. They are deopt operands of the call, which LLVM keeps in stack slots across it
// and lists in its stack maps; the linker makes a table of these (docs/contract.md, section 7).
//
// They are collected here, when the call is made, and not after optimizing: every address and every
// other value that comes from a reference is of use no longer than the reference itself.
namespace tenon::compiler::llvm_tier {

// Without any of these, all references in the module's functions are null or i31, or exceptions
// that the function itself has caught.
bool holds_object_references(const wasm::Module& module) {
  auto is_one = [&](wasm::ValType type) {
    return type.is_ref() && stored_as(module, {type}) == Storage::ref;
  };
  for (const wasm::SubType& type : module.types.items()) {
    if (type.kind != wasm::SubType::Kind::func) return true;
    if (std::ranges::any_of(type.func.params, is_one)) return true;
    if (std::ranges::any_of(type.func.results, is_one)) return true;
  }
  for (const wasm::Table& table : module.tables.items())
    if (is_one(table.type.element)) return true;
  return std::ranges::any_of(module.globals.items(),
                             [&](const wasm::Global& global) { return is_one(global.type.type); });
}

std::vector<uint32_t> object_reference_locals(const wasm::Module& module,
                                              std::span<const wasm::ValType> locals) {
  std::vector<uint32_t> list;
  for (uint32_t i = 0; i < locals.size(); ++i)
    if (locals[i].is_ref() && stored_as(module, {locals[i]}) == Storage::ref) list.push_back(i);
  return list;
}

// The topmost `arguments` operands are the callee's from here on; `held` are wanted though they are
// no operands any more.
llvm::SmallVector<llvm::OperandBundleDef, 1> FunctionSink::roots_of_call(size_t arguments,
                                                                         Values held) {
  if (!chunk_.holds_references && !survey_.catches_references) return {};
  llvm::SmallSetVector<Value, 16> roots;
  auto add = [&roots](Value value) {
    if (value != nullptr && value->getType()->isIntegerTy(32) && !llvm::isa<llvm::Constant>(value))
      roots.insert(value);
  };
  for (Value value : held) add(value);
  std::span<const uint32_t> locals = survey_.references.locals();
  size_t operands = operands_->size() - arguments;
  scanned_ += operands + locals.size();
  if (!too_many_roots()) {
    for (uint32_t i = 0; i < operands; ++i)
      if (operands_->type(i).is_ref()) add(operands_->value(i));
    for (uint32_t local : locals)
      if (survey_.references.is_used_behind(local, position_)) add(locals_.get(local));
  }
  roots_ += roots.size();
  return {llvm::OperandBundleDef("deopt", roots.getArrayRef())};
}

}  // namespace tenon::compiler::llvm_tier
