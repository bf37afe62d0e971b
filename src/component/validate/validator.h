#pragma once

#include <unordered_map>

#include "component/binary/values.h"
#include "component/validate/canon_options.h"
#include "component/validate/name_scope.h"
#include "component/validate/subtyping.h"
#include "component/validate/validated.h"
#include "component/validate/visibility.h"
#include "wasm/features.h"

// The walk behind validate(): one `define` per kind of definition, spread over the define_*.cc
// files. Each gives the type of the new item of the index space that the definition extends.
namespace tenon::component {

// component: Binary.md#alias-definitions. What outer aliases count: components, component types and
// instance types, from the inside out.
struct Scope {
  enum class Kind : uint8_t { component, component_type, instance_type };
  Scope(Kind scope_kind, Hyphens hyphens)
      : kind(scope_kind), import_names("import", hyphens), export_names("export", hyphens) {}

  Kind kind;
  Scope* parent = nullptr;
  IndexSpaces<StaticItem> spaces;

  NameScope import_names;
  NameScope export_names;
  NamedTypes imported_types;
  NamedTypes exported_types;
  std::vector<Extern> imports;
  std::vector<Extern> exports;
  std::vector<BoundResource> imported;                    // made by imports
  std::vector<BoundResource> exported;                    // made by export declarators
  std::unordered_map<ResourceId, wasm::ValType> defined;  // with their representations
  std::vector<std::vector<BoundResource>> fresh;          // ComponentInfo::fresh
  std::vector<bool> is_used;                              // of each value
  bool has_lower = false;
  std::optional<wasm::ValType> context;  // of all its `context.get` and `context.set`
};

class Validator {
 public:
  Validator(const DecodedComponent& input, wasm::Features features)
      : input_(input),
        features_(features),
        subtyping_(output_.types, output_.core_types, output_.module_types) {}

  Result<void> component(ComponentId id);
  Validated finish() { return std::move(output_); }

 private:
  using Item = Result<StaticItem>;
  Result<void> interpret_scope(Scope& scope, const std::vector<Definition>& definitions);
  Item define(const Definition& definition);

  // define_core.cc
  Item define(const CoreModuleDef& def);
  Item define(const CoreTypeDef& def);
  Item define(const CoreInstanceDef& def);
  Result<CoreModuleType> core_module_type(const CoreModuleTypeDecl& decl);
  Result<CoreTypeId> core_rec_type(const CoreRecType& group);
  Result<CoreTypeId> outer_core_type(const CoreOuterAlias& alias, const CoreTypeSet::Resolve& own);
  Result<CoreExternType> core_extern_type(const CoreExternDesc& desc,
                                          const CoreTypeSet::Resolve& resolve);
  Item core_instantiate(const CoreInstantiate& def);
  Item core_inline_exports(const std::vector<CoreInlineExport>& exports);
  Result<Entity> add_module_type(CoreModuleType type);

  // define_types.cc
  Item define(const TypeDef& def);
  Result<TypeId> value_or_func_type(Type type);
  Result<void> check_value_type(const Type& type) const;
  Result<void> check_payload(const char* what, const std::optional<ValType>& payload) const;
  Result<ValType> value_type(ValType type) const;
  Result<TypeId> resource_type(const ResourceDecl& decl);
  Result<TypeId> instance_type(const InstanceTypeDecl& decl);
  Result<TypeId> component_type(const ComponentTypeDecl& decl);

  // define_instances.cc
  Item define(const ComponentDef& def);
  Item define(const InstanceDef& def);
  Item define(const AliasDef& def);
  Item instantiate(const Instantiate& def);
  Item inline_exports(const std::vector<InlineExport>& exports);
  Item alias_export(Sort sort, const ExportAlias& alias);
  Item alias_core_export(Sort sort, const CoreExportAlias& alias);
  Item alias_outer(Sort sort, const OuterAlias& alias);

  // define_canon.cc
  Item define(const CanonDef& def);
  Item lift(const CanonLift& def);
  Item lower(const CanonLower& def);
  Result<bool> has_type(uint32_t core_func, const wasm::FuncType& expected) const;
  Item core_func_item(wasm::FuncType type);
  // Both give the address type of the memory; i32 without one.
  Result<abi::CoreType> check_options(const CanonOptions& options, const OptionRules& rules) const;
  Result<abi::CoreType> pointer_type(uint32_t memory_index) const;
  Result<void> check_option_signature(const char* option, std::optional<uint32_t> function,
                                      const wasm::FuncType& expected) const;

  // define_builtins.cc
  Item builtin(const CanonBuiltin& def);
  Result<wasm::ValType> check_resource_builtin(const CanonBuiltin& def) const;
  Result<std::optional<ValType>> payload_of(const CanonBuiltin& def) const;
  Result<abi::CoreType> check_copy(const CanonBuiltin& def) const;
  Result<std::vector<wasm::ValType>> check_task_return(const CanonBuiltin& def) const;
  Result<abi::CoreType> check_error_context(const CanonBuiltin& def) const;
  Result<std::pair<wasm::ValType, wasm::ValType>> check_thread(const CanonBuiltin& def) const;

  // define_externs.cc
  Item define(const ImportDef& def);
  Item define(const ExportDef& def);
  Item define(const ExportDecl& def);
  Result<Entity> declared(const ExternDesc& desc, std::vector<BoundResource>& fresh);
  Result<Entity> ascribed(Entity actual, const ExternDesc& desc, std::vector<BoundResource>& fresh);
  Result<Entity> renamed(Entity entity);
  Result<TypeId> open_instance(TypeId instance, std::vector<BoundResource>& fresh);
  Result<TypeId> rename_exports(TypeId instance, Remap& remap);
  Result<void> name_types(Entity entity, bool is_import);

  // define_values.cc
  Item define(const StartDef& def);
  Item define(const ValueDef& def);
  Result<Entity> value_entity(ValType type);
  Result<Entity> use(SortIndex item);
  Result<void> check_all_used(const Scope& scope) const;

  // Look-ups in the current scope.
  Result<CoreTypeId> core_func_type(uint32_t index) const;
  // The reference holds until another core type is added.
  Result<const wasm::FuncType*> core_func(uint32_t index) const;
  Result<CoreTypeId> core_type_at(uint32_t index) const;
  Result<Entity> entity(Sort sort, uint32_t index) const;
  Result<TypeId> type_at(uint32_t index) const;
  Result<TypeId> resource_at(uint32_t index) const;
  Result<CoreInstanceItem> core_instance(uint32_t index) const;
  const Extern* export_of(TypeId instance, std::string_view name);

  Hyphens hyphens() const {
    bool is_legacy = features_.has(wasm::Feature::component_legacy);
    return is_legacy ? Hyphens::significant : Hyphens::ignored;
  }

  const DecodedComponent& input_;
  wasm::Features features_;
  Validated output_;
  Subtyping subtyping_;
  ValueRoom value_room_;
  Scope* scope_ = nullptr;
  std::vector<BoundResource>* fresh_ = nullptr;  // of the definition at hand
  std::unordered_map<TypeId, std::unordered_map<std::string_view, uint32_t>> export_names_;
};

std::unexpected<Error> invalid(std::string message);

}  // namespace tenon::component
