#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "compiler/artifact/artifact.h"
#include "compiler/artifact/writer.h"
#include "runtime/module.h"

// For tests: an artifact with one module, made of machine code by hand.
namespace tenon::runtime {

struct TestArtifact {
  compiler::ArtifactContents contents;
  compiler::ModuleInfo info;
  const uint8_t* text = nullptr;

  TestArtifact(const char* begin, const char* end) : text(reinterpret_cast<const uint8_t*>(begin)) {
    contents.header.contract_version = compiler::contract_version;
    contents.text.assign(begin, end);
  }

  uint32_t offset(const char* label) const {
    return static_cast<uint32_t>(reinterpret_cast<const uint8_t*>(label) - text);
  }
  uint32_t add_type(std::vector<wasm::ValType> params, std::vector<wasm::ValType> results) {
    wasm::SubType type;
    type.func = {std::move(params), std::move(results)};
    info.types.push_back(type);
    info.rec_groups.push_back({wasm::TypeIndex(info.types.size() - 1), 1});
    return static_cast<uint32_t>(info.types.size() - 1);
  }
  void import_function(std::string module, std::string name, uint32_t type) {
    info.imports.push_back(
        {std::move(module), std::move(name), wasm::ExternKind::func, info.imported_functions++});
    info.functions.push_back(type);
  }
  // Exported under its name. `cfa_offset` holds at the function's first instruction.
  uint32_t add_function(const std::string& name, const char* label, uint32_t type) {
    auto index = static_cast<uint32_t>(info.functions.size());
    info.functions.push_back(type);
    info.escaping.push_back(index);
    info.exports.push_back({name, wasm::ExternKind::func, index});
    contents.functions.push_back({offset(label), 0, index});
    contents.entries.push_back(offset(label));
    unwind(label, {8, 0, {}});
    return index;
  }
  void unwind(const char* label, compiler::UnwindRule rule) {
    contents.unwind.push_back({offset(label), static_cast<uint32_t>(contents.unwind_rules.size())});
    contents.unwind_rules.push_back(rule);
  }

  std::vector<uint8_t> write(compiler::MemoryMode mode) {
    contents.header.memory_mode = static_cast<uint32_t>(mode);
    info.layout = compiler::VmLayout::of(
        {static_cast<uint32_t>(info.memories.size()), static_cast<uint32_t>(info.tables.size()),
         info.imported_functions, info.imported_globals,
         static_cast<uint32_t>(info.globals.size()) - info.imported_globals,
         static_cast<uint32_t>(info.escaping.size())});
    contents.metadata.modules = {info};
    auto bytes = compiler::write_artifact(contents);
    return bytes ? *bytes : std::vector<uint8_t>();
  }
};

}  // namespace tenon::runtime
