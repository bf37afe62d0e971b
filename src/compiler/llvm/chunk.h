#pragma once

#include <memory>
#include <span>
#include <vector>

#include <llvm/ADT/DenseMap.h>
#include <llvm/IR/DIBuilder.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Target/TargetMachine.h>

#include "compiler/llvm/abi.h"
#include "compiler/tier.h"

// What all functions of a chunk share while they are translated: the LLVM module, declarations of
// the functions that they call, signatures, and the metadata that marks their instructions. Lives
// for one compile_chunk.
namespace tenon::compiler::llvm_tier {

// The LLVM module that a chunk becomes.
struct Output {
  explicit Output(llvm::TargetMachine& machine);

  llvm::LLVMContext llvm;
  llvm::Module module;
  bool has_fma = false;
  llvm::DIBuilder debug;
  llvm::DIFile* file = nullptr;
  llvm::DISubroutineType* debug_type = nullptr;
};

class Chunk {
 public:
  // `output` outlives it.
  Chunk(const ChunkInput& chunk_input, Output& output);

  const ChunkInput input;
  llvm::LLVMContext& llvm;
  llvm::Module& module;
  const bool has_fma;
  bool holds_references = false;  // functions of the module can hold references to objects
  bool has_object_types = false;  // then StoreContext::heap_base is invariant

  // Marks stores of the guest, and loads of what the runtime keeps, which they do not change. Pays
  // only where lengths are read between accesses: null elsewhere.
  llvm::MDNode* guest_stores = nullptr;
  llvm::MDNode* runtime_loads = nullptr;
  llvm::MDNode* unlikely = nullptr;  // branch weights: the first target is not taken
  llvm::MDNode* nothing = nullptr;   // operand of flags such as !invariant.load
  // Mark accesses of objects: what never changes once an object is made (its type, an array's
  // length), and the rest; and accesses of the AllocationWindow.
  llvm::MDNode* object_headers = nullptr;
  llvm::MDNode* object_fields = nullptr;
  llvm::MDNode* allocation_window = nullptr;

  // The LLVM function for a function of the module, declared on first use.
  llvm::Function* function(wasm::FuncIndex function);
  // The ClosedElements of a closed table, which the linker makes.
  llvm::GlobalVariable* closed_table(wasm::TableIndex table);
  const Signature& signature(wasm::TypeIndex type);
  const Signature& signature_of(wasm::FuncIndex function) {
    return signature(input.module.functions[function]);
  }
  llvm::Type* value_type(wasm::ValType type) {
    return llvm_tier::value_type(llvm, input.module, type);
  }
  // How objects of the heap are laid out.
  Storage storage(const wasm::FieldType& field) const { return stored_as(input.module, field); }
  std::vector<Storage> storages(std::span<const wasm::ValType> types) const;
  const StructLayout& struct_layout(wasm::TypeIndex type);
  // How many supertypes are above the type.
  uint32_t subtype_depth(wasm::TypeIndex type) const;
  // What functions with landing pads name as their personality. Nobody calls it: the runtime walks
  // frames by tables of its own.
  llvm::Function* personality() { return function(wasm::FuncIndex(input.first_function)); }
  // What translates a body of another module into the same output.
  Chunk& chunk_of(const InlineBody& body);
  // Gives a function what its definition needs; positions in it are locations of the scope
  // returned.
  llvm::DISubprogram* define(llvm::Function* function, const wasm::FunctionBody& body);
  // After the last function.
  void finish();

 private:
  std::vector<llvm::Function*> functions_;
  std::vector<std::unique_ptr<Signature>> signatures_;
  llvm::DenseMap<uint32_t, std::unique_ptr<StructLayout>> struct_layouts_;
  Output& output_;
  llvm::DenseMap<const ModuleJob*, std::unique_ptr<Chunk>> others_;
};

}  // namespace tenon::compiler::llvm_tier
