#include "compiler/llvm/chunk.h"

#include <llvm/IR/MDBuilder.h>
#include <llvm/MC/MCSubtargetInfo.h>

#include "compiler/llvm/access.h"
#include "compiler/llvm/reference_uses.h"

namespace tenon::compiler::llvm_tier {

Output::Output(llvm::TargetMachine& machine) : module("chunk", llvm), debug(module) {
  module.setDataLayout(machine.createDataLayout());
  module.setTargetTriple(machine.getTargetTriple());
  module.setPICLevel(llvm::PICLevel::BigPIC);
  module.setUwtable(llvm::UWTableKind::Async);
  module.addModuleFlag(llvm::Module::Warning, "Debug Info Version", llvm::DEBUG_METADATA_VERSION);
  module.addModuleFlag(llvm::Module::Max, "Dwarf Version", 4);
  // A function without stack arguments then pops nothing, whatever its convention.
  module.setOverrideStackAlignment(8);
  has_fma = machine.getMCSubtargetInfo()->checkFeatures("+fma");
  file = debug.createFile("module.wasm", "");
  debug_type = debug.createSubroutineType(debug.getOrCreateTypeArray({}));
  debug.createCompileUnit(llvm::DISourceLanguageName(llvm::dwarf::DW_LANG_C), file, "tenon", true,
                          "", 0, "", llvm::DICompileUnit::DebugDirectivesOnly);
}

Chunk::Chunk(const ChunkInput& chunk_input, Output& output)
    : input(chunk_input),
      llvm(output.llvm),
      module(output.module),
      has_fma(output.has_fma),
      functions_(chunk_input.module.functions.size()),
      signatures_(chunk_input.module.types.size()),
      output_(output) {
  has_object_types = input.module.tags.size() != 0;
  for (const wasm::SubType& type : input.module.types.items())
    has_object_types |= type.kind != wasm::SubType::Kind::func;

  llvm::MDBuilder metadata(llvm);
  llvm::MDNode* root = metadata.createTBAARoot("tenon");
  auto kind = [&](const char* name) {
    llvm::MDNode* type = metadata.createTBAAScalarTypeNode(name, root);
    return metadata.createTBAAStructTagNode(type, type, 0);
  };
  holds_references = holds_object_references(input.module);
  if (checks_lengths(input.module, input.options.memory_mode)) {
    guest_stores = kind("guest");
    runtime_loads = kind("runtime");
  }
  object_headers = kind("header");
  object_fields = kind("field");
  allocation_window = kind("window");
  unlikely = metadata.createBranchWeights(1, 1'000'000);
  nothing = llvm::MDNode::get(llvm, {});
}

Chunk& Chunk::chunk_of(const InlineBody& body) {
  if (body.callee->module == &input.module) return *this;
  std::unique_ptr<Chunk>& chunk = others_[body.callee];
  if (chunk == nullptr) {
    const ModuleJob& callee = *body.callee;
    chunk = std::make_unique<Chunk>(
        ChunkInput{*callee.module, callee.features, body.module_number, 0, 0, callee.layout,
                   input.options, callee.inlined, callee.calls},
        output_);
  }
  return *chunk;
}

const Signature& Chunk::signature(wasm::TypeIndex type) {
  std::unique_ptr<Signature>& signature = signatures_[type.index];
  if (!signature)
    signature = std::make_unique<Signature>(
        make_signature(llvm, input.module, input.module.types[type].func));
  return *signature;
}

llvm::Function* Chunk::function(wasm::FuncIndex index) {
  llvm::Function*& function = functions_[index.index];
  if (function != nullptr) return function;
  const Signature& shape = signature_of(index);
  std::string name = "w" + std::to_string(input.module_number) + "_" + std::to_string(index.index);
  function = llvm::Function::Create(shape.type, llvm::GlobalValue::ExternalLinkage, name, module);
  function->setVisibility(llvm::GlobalValue::HiddenVisibility);
  function->setDSOLocal(true);
  function->setCallingConv(llvm::CallingConv::SwiftTail);
  function->addParamAttr(shape.vmctx, llvm::Attribute::SwiftSelf);
  // Whether an exception matters is said at each call.
  return function;
}

llvm::GlobalVariable* Chunk::closed_table(wasm::TableIndex table) {
  std::string name = "t" + std::to_string(input.module_number) + "_" + std::to_string(table.index);
  if (llvm::GlobalVariable* known = module.getNamedGlobal(name)) return known;
  auto* made = new llvm::GlobalVariable(module, llvm::Type::getInt64Ty(llvm), /*isConstant=*/true,
                                        llvm::GlobalValue::ExternalLinkage, nullptr, name);
  made->setVisibility(llvm::GlobalValue::HiddenVisibility);
  made->setDSOLocal(true);
  made->setAlignment(llvm::Align(alignof(ClosedElement)));
  return made;
}

std::vector<Storage> Chunk::storages(std::span<const wasm::ValType> types) const {
  std::vector<Storage> list;
  list.reserve(types.size());
  for (wasm::ValType type : types) list.push_back(storage({.type = type}));
  return list;
}

// Supertypes first, without recursion.
const StructLayout& Chunk::struct_layout(wasm::TypeIndex type) {
  llvm::SmallVector<wasm::TypeIndex, 8> missing;
  const StructLayout* layout = nullptr;
  for (wasm::TypeIndex next = type;;) {
    if (auto known = struct_layouts_.find(next.index); known != struct_layouts_.end()) {
      layout = known->second.get();
      break;
    }
    missing.push_back(next);
    const std::vector<wasm::TypeIndex>& supertypes = input.module.types[next].supertypes;
    if (supertypes.empty()) break;
    next = supertypes.front();
  }
  for (; !missing.empty(); missing.pop_back()) {
    std::vector<Storage> fields;
    for (const wasm::FieldType& field : input.module.types[missing.back()].fields)
      fields.push_back(storage(field));
    auto made = std::make_unique<StructLayout>(compiler::struct_layout(layout, fields));
    layout = made.get();
    struct_layouts_[missing.back().index] = std::move(made);
  }
  return *layout;
}

uint32_t Chunk::subtype_depth(wasm::TypeIndex type) const {
  uint32_t depth = 0;
  for (; !input.module.types[type].supertypes.empty(); ++depth)
    type = input.module.types[type].supertypes.front();
  return depth;
}

namespace {

// Code of a body of so many bytes fits into one line of the processor's caches in most cases, and
// then is put there: where calls are short, what a call costs is what fetching it costs.
constexpr size_t max_small_body = 64;
constexpr uint64_t cache_line = 64;

}  // namespace

llvm::DISubprogram* Chunk::define(llvm::Function* function, const wasm::FunctionBody& body) {
  // Code comes in the order of definitions; what was called before stands in the list already.
  function->removeFromParent();
  module.getFunctionList().push_back(function);
  if (body.bytes.size() <= max_small_body) function->setAlignment(llvm::Align(cache_line));
  // A guest's null address and endless loops mean what they say, and frames are walked at any
  // instruction.
  function->addFnAttr(llvm::Attribute::NullPointerIsValid);
  function->addFnAttr(llvm::Attribute::NoRedZone);
  function->setUWTableKind(llvm::UWTableKind::Async);
  function->addFnAttr("disable-tail-calls", "true");
  function->addFnAttr("probe-stack", "inline-asm");
  function->addFnAttr("stack-probe-size", "32768");  // half of the guard below a guest stack
  function->addFnAttr("frame-pointer", "none");
  function->addFnAttr("no-realign-stack");
  function->addFnAttr("min-legal-vector-width", "128");
  function->addFnAttr("prefer-vector-width", "128");

  unsigned vmctx = static_cast<unsigned>(function->arg_size()) - 1;
  function->addParamAttr(vmctx, llvm::Attribute::NonNull);
  function->addParamAttr(vmctx,
                         llvm::Attribute::getWithAlignment(llvm, llvm::Align(vmctx_alignment)));
  function->addParamAttr(vmctx,
                         llvm::Attribute::getWithDereferenceableBytes(llvm, sizeof(VmHeader)));

  llvm::DISubprogram* scope = output_.debug.createFunction(
      output_.file, function->getName(), "", output_.file, 0, output_.debug_type, 0,
      llvm::DINode::FlagZero,
      llvm::DISubprogram::SPFlagDefinition | llvm::DISubprogram::SPFlagOptimized);
  function->setSubprogram(scope);
  return scope;
}

void Chunk::finish() {
  output_.debug.finalize();
}

}  // namespace tenon::compiler::llvm_tier
