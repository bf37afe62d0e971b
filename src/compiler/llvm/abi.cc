#include "compiler/llvm/abi.h"

#include "compiler/contract.h"

namespace tenon::compiler::llvm_tier {

namespace {

// Deals out registers of the two classes, and slots to what finds none.
class Allocator {
 public:
  Allocator(uint32_t ints, uint32_t floats) : ints_left_(ints), floats_left_(floats) {}

  Place place(wasm::ValType type) {
    bool in_float_register = type.is_float() || type.kind() == wasm::ValType::v128;
    uint32_t& left = in_float_register ? floats_left_ : ints_left_;
    if (left == 0) return {false, slots_++};
    --left;
    return {true, registers_++};
  }

 private:
  uint32_t ints_left_;
  uint32_t floats_left_;
  uint32_t registers_ = 0;
  uint32_t slots_ = 0;
};

std::vector<llvm::Type*> place_all(llvm::LLVMContext& context, const wasm::Module& module,
                                   const std::vector<wasm::ValType>& types, Allocator allocator,
                                   std::vector<Place>& places) {
  std::vector<llvm::Type*> in_registers;
  places.reserve(types.size());
  for (wasm::ValType type : types) {
    places.push_back(allocator.place(type));
    if (places.back().in_register) in_registers.push_back(value_type(context, module, type));
  }
  return in_registers;
}

}  // namespace

llvm::Type* value_type(llvm::LLVMContext& context, const wasm::Module& module, wasm::ValType type) {
  switch (type.kind()) {
    case wasm::ValType::i32: return llvm::Type::getInt32Ty(context);
    case wasm::ValType::i64: return llvm::Type::getInt64Ty(context);
    case wasm::ValType::f32: return llvm::Type::getFloatTy(context);
    case wasm::ValType::f64: return llvm::Type::getDoubleTy(context);
    case wasm::ValType::v128: return llvm::FixedVectorType::get(llvm::Type::getInt64Ty(context), 2);
    case wasm::ValType::ref:
      if (stored_as(module, {type}) == Storage::funcref) return llvm::PointerType::get(context, 0);
      return llvm::Type::getInt32Ty(context);
    case wasm::ValType::bottom: break;
  }
  return llvm::Type::getInt32Ty(context);
}

Storage stored_as(const wasm::Module& module, const wasm::FieldType& field) {
  return storage_of(field, [&](wasm::TypeIndex type) {
    return module.types[type].kind == wasm::SubType::Kind::func;
  });
}

Signature make_signature(llvm::LLVMContext& context, const wasm::Module& module,
                         const wasm::FuncType& type) {
  Signature signature;
  std::vector<llvm::Type*> params = place_all(
      context, module, type.params, Allocator(max_int_params, max_float_params), signature.params);
  signature.vmctx = static_cast<uint32_t>(params.size());
  params.push_back(llvm::PointerType::get(context, 0));

  std::vector<llvm::Type*> results =
      place_all(context, module, type.results, Allocator(max_int_results, max_float_results),
                signature.results);
  signature.register_results = static_cast<uint32_t>(results.size());
  llvm::Type* result = llvm::Type::getVoidTy(context);
  if (results.size() == 1) result = results[0];
  if (results.size() > 1) result = llvm::StructType::get(context, results);
  signature.type = llvm::FunctionType::get(result, params, false);
  return signature;
}

}  // namespace tenon::compiler::llvm_tier
