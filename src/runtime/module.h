#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "compiler/artifact/artifact.h"
#include "compiler/module_info.h"
#include "runtime/engine.h"

// An artifact in an engine: its code published, its types registered, each of its core modules
// ready to be instantiated. Immutable; threads may share it.
namespace tenon::runtime {

class LoadedCode;

// One core module. Lives within its LoadedCode.
class Module {
 public:
  Module(const LoadedCode& code, uint32_t number, std::vector<uint32_t> type_ids);

  const LoadedCode& code() const { return code_; }
  const compiler::ModuleInfo& info() const { return info_; }
  // Engine-wide ids by type index.
  std::span<const uint32_t> type_ids() const { return type_ids_; }
  uint32_t function_type_id(uint32_t function) const {
    return type_ids_[info_.functions[function]];
  }
  // Of a type of the module: whether a value of it is a GcRef.
  bool is_heap_reference(wasm::ValType type) const;
  // The defined globals that hold a GcRef, counted from the first defined one.
  std::span<const uint32_t> heap_globals() const { return heap_globals_; }
  const void* entry(uint32_t function) const;  // of a defined function
  // Null when there is none.
  const compiler::ExportInfo* find_export(std::string_view name) const;
  // The memory exported as "memory".
  std::optional<uint32_t> exported_memory() const { return exported_memory_; }

 private:
  const LoadedCode& code_;
  const compiler::ModuleInfo& info_;
  const uint32_t number_;
  const std::vector<uint32_t> type_ids_;
  std::vector<uint32_t> heap_globals_;
  std::unordered_map<std::string_view, const compiler::ExportInfo*> exports_;
  std::optional<uint32_t> exported_memory_;
};

class LoadedCode : public std::enable_shared_from_this<LoadedCode> {
 public:
  // Fails when the artifact was compiled for another memory mode than the engine's.
  static Result<std::shared_ptr<const LoadedCode>> load(
      std::shared_ptr<Engine> engine, std::shared_ptr<const compiler::Artifact> artifact);
  ~LoadedCode();
  LoadedCode(const LoadedCode&) = delete;
  LoadedCode& operator=(const LoadedCode&) = delete;

  Engine& engine() const { return *engine_; }
  const compiler::Artifact& artifact() const { return *artifact_; }
  const Module& module(uint32_t number) const { return *modules_[number]; }
  // Whether module `number` is one that no guest wrote: calls between components go through these.
  bool is_adapter(uint32_t number) const;
  size_t module_count() const { return modules_.size(); }

 private:
  LoadedCode(std::shared_ptr<Engine> engine, std::shared_ptr<const compiler::Artifact> artifact)
      : engine_(std::move(engine)), artifact_(std::move(artifact)) {}

  const std::shared_ptr<Engine> engine_;
  const std::shared_ptr<const compiler::Artifact> artifact_;
  std::vector<std::unique_ptr<const Module>> modules_;
  bool published_ = false;
};

}  // namespace tenon::runtime
