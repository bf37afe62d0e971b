#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tenon/engine.h"
#include "tenon/error.h"
#include "tenon/linker.h"
#include "tenon/store.h"
#include "tenon/trap.h"

// Core WebAssembly: modules that import and export numbers, memories and tables, without the
// Component Model. For preview 1 programs and for tools; typed interfaces are what components are
// for (component.h).
namespace tenon {

// A core module that has been decoded, validated and compiled. Immutable; cheap to copy; threads
// may share it.
class Module {
 public:
  class Impl;

  static Result<Module> from_file(const Engine& engine, const std::string& path);
  static Result<Module> from_bytes(const Engine& engine, std::span<const uint8_t> bytes);

  struct Import {
    std::string module;
    std::string name;
    std::string type;  // as in the text format: `(func (param i32))`
  };
  struct Export {
    std::string name;
    std::string type;
  };
  std::vector<Import> imports() const;
  std::vector<Export> exports() const;

  const Impl& impl() const { return *impl_; }
  explicit Module(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<const Impl> impl_;
};

// v128, low half first.
struct V128 {
  uint64_t low = 0;
  uint64_t high = 0;
  friend bool operator==(const V128&, const V128&) = default;
};

// A reference; all that a host can do with it is to hand it back. Belongs to its store.
struct Reference {
  uint64_t bits = 0;      // 0: null
  std::string type_name;  // "funcref", "externref"
  friend bool operator==(const Reference&, const Reference&) = default;
};

using CoreValue = std::variant<int32_t, int64_t, float, double, V128, Reference>;

// An exported function. A view: valid as long as its store.
class CoreFunc {
 public:
  class Impl;

  std::vector<std::string> params() const;  // "i32", ...
  std::vector<std::string> results() const;

  // An Error when number or types of `args` are not those of the function.
  Result<CallResult<std::vector<CoreValue>>> call(std::span<const CoreValue> args) const;

  explicit CoreFunc(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<Impl> impl_;
};

// A module that runs in a store. A view: valid as long as the store.
class ModuleInstance {
 public:
  class Impl;

  // The error names what is exported instead.
  Result<CoreFunc> get_func(std::string_view name) const;
  bool exports_func(std::string_view name) const;

  Impl& impl() const { return *impl_; }
  explicit ModuleInstance(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<Impl> impl_;
};

// What core modules import by module and name.
class ModuleLinker {
 public:
  class Impl;

  explicit ModuleLinker(const Engine& engine);
  ModuleLinker(ModuleLinker&&) noexcept;
  ModuleLinker& operator=(ModuleLinker&&) noexcept;
  ~ModuleLinker();

  // Every export of `instance`, as imports from `name`. Fails where one is defined already.
  Result<void> define(std::string_view name, const ModuleInstance& instance);

  // Imports that nothing defines become functions that trap; memories, tables and globals still
  // fail.
  ModuleLinker& trap_on_unknown_imports(bool on = true);

  // Checks all imports, instantiates and runs the start function.
  std::expected<ModuleInstance, InstantiationError> instantiate(Store& store,
                                                                const Module& module) const;

  Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace tenon
