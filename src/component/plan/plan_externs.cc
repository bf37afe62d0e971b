#include <fmt/format.h>

#include <algorithm>

#include "component/flatten.h"
#include "component/plan/planner.h"
#include "component/visit.h"

// The imports and exports of the root.
namespace tenon::component {
namespace {

std::string text_of(const Path& path) {
  std::string text;
  for (const std::string& name : path) text += (text.empty() ? "" : "`, `") + name;
  return text;
}

}  // namespace

Planner::Item Planner::import(Path& path, Entity entity) {
  TRY_VOID(count_name(byte_size(path)));
  switch (entity.kind) {
    case EntityKind::func: {
      TypeId type = TRY(convert(entity.type));
      return PlanItem(FunctionItem(plan_.imports.push_back({path, type})));
    }
    case EntityKind::instance: {
      plan_.imported_instances.push_back({path});
      InstanceExports exports;
      for (const Extern& item : std::get<InstanceType>(validated_.types[entity.type]).exports) {
        path.push_back(item.name);
        exports.items.emplace(item.name, TRY(import(path, item.entity)));
        path.pop_back();
      }
      return PlanItem(std::make_shared<const InstanceExports>(std::move(exports)));
    }
    case EntityKind::type: break;
    case EntityKind::module: {
      uint32_t type = std::get<ModuleType>(validated_.types[entity.type]).index;
      return PlanItem(import_module(path, validated_.module_types[type]));
    }
    case EntityKind::value: {
      ValType type = TRY(convert(ValType(entity.type)));
      plan_.imported_values.push_back({path, type, add_value()});
      return PlanItem(ValueItem{plan_.imported_values.back().value});
    }
    case EntityKind::component:
      return fail(ErrorCode::unsupported, fmt::format("importing a {} (`{}`) is not supported yet",
                                                      name_of(entity.kind), text_of(path)));
  }
  if (auto* resource = std::get_if<ResourceType>(&validated_.types[entity.type])) {
    auto [found, is_new] = frame_->resources.try_emplace(resource->resource);
    if (is_new)
      found->second = plan_.resources.push_back({std::nullopt, std::nullopt, path.back()});
    if (!plan_.resources[found->second].instance)
      plan_.imported_resources.push_back({path, found->second});
  }
  TypeItem type = TRY(type_item(entity.type));
  if (auto* value = std::get_if<ValType>(&type)) plan_.imported_types.push_back({path, *value});
  return PlanItem(type);
}

// Exports are sorted by name.
ModuleItem Planner::import_module(const Path& path, const CoreModuleType& type) {
  ImportedModule module;
  module.path = path;
  module.imports = type.imports;
  for (const auto& [name, item] : *type.exports) module.exports.push_back({name, item});
  std::ranges::sort(module.exports, {}, &ImportedModule::Export::name);
  if (plan_.imported_modules.empty()) {
    const wasm::Module& types = validated_.core_types.as_module();
    plan_.core_types = {types.types.items(), types.rec_groups};
  }
  return {plan_.imported_modules.push_back(std::move(module))};
}

Result<void> Planner::export_all(const InstanceExports& items, const std::vector<Extern>& order,
                                 Path& path) {
  for (const Extern& item : order) {
    auto found = items.items.find(item.name);
    CHECK(found != items.items.end());
    path.push_back(item.name);
    TRY_VOID(export_item(found->second, item.entity, path));
    path.pop_back();
  }
  return {};
}

Result<ExportedFunction> Planner::export_lifted(const LiftedFunction& lifted) {
  ExportedFunction function;
  function.callee = TRY(resolve(lifted.callee));
  function.type = lifted.type;
  function.signature = flatten_functype(
      plan_.types, plan_.types.func(lifted.type),
      {Direction::lift, lifted.options.is_async, lifted.options.callback.has_value()});
  function.options = lifted.options;
  return function;
}

Result<ExportedFunction> Planner::export_function(const FunctionItem& function) {
  if (auto* lifted = std::get_if<LiftedFunction>(&function)) return export_lifted(*lifted);
  return export_imported(std::get<ImportId>(function));
}

Result<void> Planner::export_item(const PlanItem& item, Entity entity, Path& path) {
  TRY_VOID(count_name(byte_size(path)));
  switch (entity.kind) {
    case EntityKind::func:
      plan_.exports.push_back({path, TRY(export_function(std::get<FunctionItem>(item)))});
      return {};
    case EntityKind::value: {
      ValType type = TRY(convert(ValType(entity.type)));
      plan_.exports.push_back({path, ExportedValue{std::get<ValueItem>(item).value, type}});
      return {};
    }
    case EntityKind::instance:
      plan_.exports.push_back({path, ExportedInstance{}});
      return export_all(*std::get<InstanceItem>(item),
                        std::get<InstanceType>(validated_.types[entity.type]).exports, path);
    case EntityKind::type: {
      const auto& type = std::get<TypeItem>(item);
      if (auto* resource = std::get_if<ResourceId>(&type))
        plan_.exports.push_back({path, ExportedResource{*resource}});
      if (auto* value = std::get_if<ValType>(&type))
        plan_.exports.push_back({path, ExportedType{*value}});
      return {};
    }
    case EntityKind::module:
      plan_.exports.push_back({path, ExportedModule{plan_module(std::get<ModuleItem>(item))}});
      return {};
    case EntityKind::component: plan_.exports.push_back({path, ExportedComponent{}}); return {};
  }
  return {};
}

}  // namespace tenon::component
