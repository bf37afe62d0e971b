#pragma once

#include <map>
#include <memory>
#include <unordered_map>

#include "component/adapter/adapter.h"
#include "component/binary/component_names.h"
#include "component/binary/values.h"
#include "component/plan/build.h"
#include "component/validate/validated.h"

// The walk behind build_plan(): runs the definitions of the root component, and of each component
// that is instantiated, with items that say where a definition will be found at run time.
namespace tenon::component {

// An adapter that has been asked for; its module is made when something needs it.
struct PendingAdapter {
  uint32_t index = 0;
};
using CoreItem = std::variant<CoreExport, TrampolineId, PendingAdapter>;

// A module of DecodedComponent::modules, or one that the root imports.
struct ModuleItem {
  ModuleRef module;
};

struct RealCoreInstance {
  CoreInstanceId id;
  ModuleItem module;
};
using InlineCoreInstance = std::shared_ptr<const std::map<std::string, CoreItem, std::less<>>>;
using CoreInstanceValue = std::variant<RealCoreInstance, InlineCoreInstance>;

struct LiftedFunction {
  CoreItem callee;
  TypeId type;  // in Plan::types
  Options options;
};
using FunctionItem = std::variant<ImportId, LiftedFunction>;

struct Frame;
// A component and the instance whose definitions it may refer to by outer aliases.
struct ComponentItem {
  ComponentId component;
  const Frame* lexical = nullptr;
};

struct InstanceExports;
using InstanceItem = std::shared_ptr<const InstanceExports>;

// What matters of a type at run time. Types that are neither are only there for validation.
using TypeItem = std::variant<std::monostate, ResourceId, ValType>;

struct ValueItem {
  ValueId value;
};

using PlanItem = std::variant<CoreItem, CoreInstanceValue, FunctionItem, ModuleItem, ComponentItem,
                              InstanceItem, TypeItem, ValueItem>;

struct InstanceExports {
  std::map<std::string, PlanItem, std::less<>> items;
};

// One component instance while it is planned, and after that as the target of outer aliases.
struct Frame {
  ComponentId id;
  const Component* component = nullptr;
  const ComponentInfo* info = nullptr;
  InstanceId instance;
  const Frame* lexical = nullptr;
  const InstanceExports* args = nullptr;  // null for the root
  uint32_t depth = 0;
  IndexSpaces<PlanItem> spaces;
  size_t definition = 0;                                 // the one at hand
  std::unordered_map<ResourceId, ResourceId> resources;  // from validation to plan
  std::unordered_map<TypeId, TypeId> types;
  InstanceExports exports;
};

class Planner : public AdapterImports {
 public:
  Planner(const DecodedComponent& input, const Validated& validated, const PlanOptions& options)
      : input_(input), validated_(validated), options_(options) {}
  Result<Plan> run();

  CoreExport memory(MemoryId id) override { return memories_[id.index]; }
  wasm::MemoryType memory_type(MemoryId id) override { return memory_types_[id.index]; }
  CoreDef function(FunctionId id) override { return functions_[id.index]; }
  TrampolineId trampoline(Trampoline trampoline) override;
  bool tracks_tasks(InstanceId instance) override { return plan_.instances[instance].tracks_tasks; }

 private:
  using Item = Result<PlanItem>;

  // planner.cc
  Result<Frame*> interpret_component(ComponentItem component, const InstanceExports* args,
                                     const Frame* parent, std::string name);
  Item define(const Definition& definition);
  Item define(const ComponentDef& def);
  Item define(const InstanceDef& def);
  Item define(const AliasDef& def);
  Item define(const TypeDef& def);
  Item define(const ImportDef& def);
  Item define(const ExportDef& def);
  Item define(const ExportDecl& def);
  Item instantiate(const Instantiate& def);
  Item inline_exports(const std::vector<InlineExport>& exports);
  Item item(SortIndex index);
  Result<void> count_steps(size_t steps);
  Result<void> count_name(size_t bytes);
  void bind_fresh(const PlanItem& item);
  const ComponentNames& names_of(ComponentId component);
  std::string instance_name(const Instantiate& def);
  Result<void> name_lifts(const PlanItem& exported, std::string_view name);
  Result<void> name_interface(const PlanItem& item, std::string_view interface);
  Result<void> name_lift(const PlanItem& item, std::string_view interface, std::string_view name);

  // plan_core.cc
  Item define(const CoreModuleDef& def);
  Item define(const CoreTypeDef& def);
  Item define(const CoreInstanceDef& def);
  Item define(const CanonDef& def);
  Item core_instantiate(const CoreInstantiate& def);
  Item lift(const CanonLift& def);
  Item lower(const CanonLower& def);
  Item builtin(const CanonBuiltin& def);
  Item async_builtin(const CanonBuiltin& def);
  Result<ValType> value_type(ValType type);
  bool is_async(const FunctionItem& function) const;
  void track_tasks();
  CoreDef start_async(const AdapterRequest& request, FunctionId start,
                      std::optional<FunctionId> finish);
  Result<CoreItem> core_item(Sort sort, uint32_t index);
  CoreItem export_of(const CoreInstanceValue& instance, std::string_view name);
  Result<MemoryId> option_memory(uint32_t index);
  Result<Options> options(const CanonOptions& options);
  Result<CoreDef> resolve(const CoreItem& item);
  Result<FunctionId> extract_function(uint32_t index);
  Result<FunctionId> extract_function(const CoreDef& from);
  MemoryId extract_memory(const CoreExport& from, const wasm::MemoryType& type);
  Result<void> flush_adapters();
  Result<CoreInstanceId> add_core_instance(InstantiateModule initializer);
  ModuleRef plan_module(ModuleItem module);
  bool is_self_or_ancestor(InstanceId instance, InstanceId of) const;
  std::vector<InstanceId> entering_set(InstanceId callee, InstanceId caller) const;

  // plan_values.cc
  Item define(const StartDef& def);
  Item define(const ValueDef& def);
  ValueId add_value() { return ValueId(plan_.values++); }

  // plan_types.cc
  Result<ValType> convert(ValType type);
  Result<TypeId> convert(TypeId type);
  Result<TypeItem> type_item(TypeId type);
  Result<ResourceId> resource_of(TypeId type);

  // plan_externs.cc
  Item import(Path& path, Entity entity);
  ModuleItem import_module(const Path& path, const CoreModuleType& type);
  Result<void> export_all(const InstanceExports& items, const std::vector<Extern>& order,
                          Path& path);
  Result<void> export_item(const PlanItem& item, Entity entity, Path& path);
  Result<ExportedFunction> export_function(const FunctionItem& function);
  Result<ExportedFunction> export_lifted(const LiftedFunction& lifted);

  // plan_reexport.cc
  Result<ExportedFunction> export_imported(ImportId import);
  Result<CoreInstanceId> add_generated(std::vector<uint8_t> module, std::vector<CoreDef> args,
                                       InstanceId instance);

  const DecodedComponent& input_;
  const Validated& validated_;
  const PlanOptions options_;
  Plan plan_;
  std::unordered_map<ComponentId, ComponentNames> names_;
  std::vector<std::unique_ptr<Frame>> frames_;
  Frame* frame_ = nullptr;
  uint64_t steps_ = 0;
  ValueRoom value_room_;

  std::vector<const ComponentInfo*> instance_infos_;  // of Plan::instances
  std::vector<CoreExport> memories_;                  // what Extract... initializers keep
  std::vector<wasm::MemoryType> memory_types_;        // of these memories
  std::vector<CoreDef> functions_;
  std::map<std::pair<uint32_t, uint32_t>, MemoryId>
      extracted_memories_;  // by core instance and index
  std::map<std::vector<uint32_t>, FunctionId> extracted_functions_;
  std::map<std::vector<uint32_t>, TrampolineId> shared_trampolines_;
  std::unordered_map<ModuleId, ModuleId> plan_modules_;
  std::unordered_map<ModuleId, std::unordered_map<std::string_view, const wasm::Export*>>
      module_exports_;

  std::vector<AdapterRequest> pending_;  // adapters of the module to be made next
  std::vector<CoreDef> adapters_;        // those made already, by PendingAdapter::index
};

}  // namespace tenon::component
