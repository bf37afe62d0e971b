#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include "base/fixed_array.h"
#include "runtime/component/async_builtins.h"
#include "runtime/component/async_calls.h"
#include "runtime/component/component_linker.h"
#include "runtime/component/component_store.h"
#include "runtime/component/light_handles.h"
#include "runtime/component/lowered_import.h"
#include "runtime/component/trampolines.h"
#include "runtime/instance.h"
#include "tenon/linker.h"

// A component in a store: the replay of its plan. The store owns it.
namespace tenon::runtime {

class ExportedFunc;

class InstantiatedComponent {
 public:
  // Runs the start functions of its modules.
  static std::expected<InstantiatedComponent*, InstantiationError> create(
      ComponentStore& store, std::shared_ptr<const LoadedComponent> component,
      ResolvedImports imports);
  ~InstantiatedComponent();

  // An exported function by path, or the highest compatible version of its interface. An error
  // names what there is.
  Result<ExportedFunc*> find_function(std::string_view name);
  // The only function of that name, at the root or in any exported interface.
  Result<ExportedFunc*> find_unique_function(std::string_view name);

  // An exported value, found as functions are.
  Result<Value> find_value(std::string_view name) const;

  // The core modules that it exports; the paths are the plan's.
  std::vector<std::pair<const component::Path*, std::shared_ptr<const Module>>> exported_modules()
      const;

  const LoadedComponent& component() const { return *component_; }
  const component::Plan& plan() const { return component_->plan(); }
  ComponentStore& store() const { return store_; }
  const abi::ResourceType* resource(component::ResourceId id) const { return resources_[id.index]; }
  canon::ComponentInstance& instance(component::InstanceId id) const {
    return instances_[id.index];
  }

 private:
  friend class ExportedFunc;
  InstantiatedComponent(ComponentStore& store, std::shared_ptr<const LoadedComponent> component,
                        ResolvedImports imports);

  void make_instances();
  void make_resources();
  std::expected<void, InstantiationError> run(const component::InstantiateModule& initializer);
  Result<void> run(const component::ExtractMemory& initializer);
  Result<void> run(const component::ExtractFunction& initializer);
  Result<void> run(const component::DefineValue& initializer);
  std::expected<void, InstantiationError> run(const component::CallStart& initializer);

  const Module& module_of(const component::ModuleRef& module) const;
  Result<std::vector<Import>> imports_of(const component::InstantiateModule& initializer);
  // The export in the terms of the module that was instantiated.
  compiler::ExportInfo actual(const component::CoreExport& item) const;
  Result<Import> import_of(const component::CoreDef& definition);
  Result<compiler::FuncRef*> function_of(const component::CoreDef& definition);
  Result<compiler::FuncRef*> trampoline(component::TrampolineId id);
  Result<compiler::FuncRef*> add_trampoline(const component::Trampoline& trampoline,
                                            TrampolineFunction function, void* environment,
                                            os::LightFunction light = nullptr);
  Result<compiler::FuncRef*> make(const component::Trampoline& trampoline,
                                  const component::LowerImport& kind);
  Result<compiler::FuncRef*> make_completing(const component::Trampoline& trampoline,
                                             const component::LowerImport& kind);
  Result<compiler::FuncRef*> make(const component::Trampoline& trampoline,
                                  const component::StartAsync& kind);
  Result<compiler::FuncRef*> make(const component::Trampoline& trampoline,
                                  const component::AsyncBuiltin& kind);
  Result<compiler::FuncRef*> make(const component::Trampoline& trampoline,
                                  const component::TransferAsync& kind);
  template <typename Kind>
  Result<compiler::FuncRef*> make_task(const component::Trampoline& trampoline, const Kind& kind);
  Result<compiler::FuncRef*> make(const component::Trampoline& trampoline,
                                  const component::EnterTask& kind) {
    return make_task(trampoline, kind);
  }
  Result<compiler::FuncRef*> make(const component::Trampoline& trampoline,
                                  const component::ExitTask& kind) {
    return make_task(trampoline, kind);
  }
  Result<compiler::FuncRef*> make(const component::Trampoline& trampoline,
                                  const component::CheckBorrows& kind) {
    return make_task(trampoline, kind);
  }
  template <typename Kind>
  Result<compiler::FuncRef*> make(const component::Trampoline& trampoline, const Kind& kind);

  abi::Options options(const component::Options& options);
  AsyncLift async_lift(component::TypeId type, const component::Options& options);
  template <typename Kind>
  Result<uint32_t> find_export(std::string_view name, std::string_view what) const;
  Result<std::unique_ptr<ExportedFunc>> make_exported(const component::ExportedFunction& function,
                                                      const component::Path& path);
  Result<ExportedFunc*> export_of(uint32_t index);

  ComponentStore& store_;
  const std::shared_ptr<const LoadedComponent> component_;
  const ResolvedImports imports_;

  // By the plan's ids; all have their final size from the start.
  FixedArray<canon::ComponentInstance> instances_;
  std::vector<const abi::ResourceType*> resources_;
  std::vector<Instance*> core_instances_;
  std::vector<const component::ImportedModule*> core_types_;  // of each; null: not imported
  std::vector<const abi::Memory*> memories_;
  std::vector<compiler::FuncRef*> functions_;
  std::vector<compiler::FuncRef*> trampolines_;  // null until first used
  std::vector<Value> values_;

  uint32_t next_memory_ = 0;
  uint32_t next_function_ = 0;

  std::deque<GuestResource> guest_resources_;
  std::deque<abi::LoweredImport> lowered_imports_;
  std::deque<CompletingImport> completing_imports_;
  std::deque<HandleBuiltin> handle_builtins_;
  std::deque<TranscodeBuiltin> transcode_builtins_;
  const canon::ValueTypes types_;
  std::deque<AsyncImport> async_imports_;
  std::deque<AsyncEnvironment> async_builtins_;
  std::deque<TransferEnvironment> transfers_;
  std::deque<TaskEnvironment> task_builtins_;
  std::map<uint32_t, std::unique_ptr<ExportedFunc>> exports_;  // by index of Plan::exports
};

}  // namespace tenon::runtime
