#pragma once

#include <map>
#include <string>
#include <vector>

#include "component/adapter/adapter.h"
#include "component/adapter/code.h"

// The module that adapters share: what it imports, and the functions that serve all of them.
// Imports are found while bodies are written, but are numbered before all functions: so a module is
// written twice, first to learn its imports, then for good.
namespace tenon::component {

// What adapters import, kept from the first writing to the second.
struct ImportList {
  struct Import {
    CoreDef def;
    wasm::FuncType type;  // functions
  };
  std::vector<Import> functions;
  struct Memory {
    CoreDef def;
    wasm::MemoryType type;
  };
  std::vector<Memory> memories;
  std::vector<CoreDef> globals;
  std::map<std::vector<uint32_t>, uint32_t> known;  // key of a definition to its index in its list

  std::vector<CoreDef> in_order() const;
};

class AdapterWriter {
 public:
  AdapterWriter(const ComponentTypes& component_types, AdapterImports& imports, ImportList& list);

  const ComponentTypes& types() const { return types_; }
  wasm::ModuleBuilder& module() { return module_; }
  uint64_t nodes = 0;  // values moved by all adapters so far
  Code code(FuncIndex function) { return Code(module_.body(function), trap_); }

  FuncIndex function(const CoreDef& def, const wasm::FuncType& type);
  FuncIndex function(FunctionId id, const wasm::FuncType& type) {
    return function(imports_.function(id), type);
  }
  FuncIndex trampoline(Trampoline trampoline);
  bool tracks_tasks(InstanceId instance) { return imports_.tracks_tasks(instance); }
  MemoryIndex memory(MemoryId id);
  wasm::GlobalIndex flag(InstanceId instance, InstanceFlag::Which which);

  // Of the functions below, pointers and tagged lengths are as wide as addresses of their memory.

  // (pointer, i64 bytes, i32 alignment mask, i32 AdapterTrap) -> (). Traps unless the pointer is
  // aligned and the bytes lie within the memory.
  FuncIndex range_check(const Options& side);
  // (old pointer, i32 old size, i32 alignment, i32 new size, i32 AdapterTrap) -> pointer. canon:
  // reallocate, and the checks of its result that every use makes.
  FuncIndex realloc(const Options& side);
  // (pointer, tagged length) -> (pointer, tagged length).
  // canon: load_string_from_range, store_string_into_range
  FuncIndex string(const Options& from, const Options& to);

 private:
  // The function under `key`, and whether it has to be written now.
  std::pair<FuncIndex, bool> helper(std::vector<uint32_t> key, const wasm::FuncType& type,
                                    const char* name);

  const ComponentTypes& types_;
  AdapterImports& imports_;
  ImportList& list_;
  wasm::ModuleBuilder module_;
  FuncIndex trap_;
  std::map<std::vector<uint32_t>, FuncIndex> helpers_;
};

// Writes AdapterWriter::string. In strings.cc.
void write_string_function(AdapterWriter& writer, Code& code, const Options& from,
                           const Options& to);

// Writes what one request needs. In function.cc.
Result<AdapterFunctions> write_adapter(AdapterWriter& writer, const AdapterRequest& request,
                                       const std::string& name);

}  // namespace tenon::component
