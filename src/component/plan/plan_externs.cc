#include <fmt/format.h>

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
    case EntityKind::module:
    case EntityKind::component:
      return fail(ErrorCode::unsupported, fmt::format("importing a {} (`{}`) is not supported yet",
                                                      name_of(entity.kind), text_of(path)));
  }
  if (auto* resource = std::get_if<ResourceType>(&validated_.types[entity.type])) {
    // Other names of the same resource follow its first one.
    if (!frame_->resources.contains(resource->resource)) {
      ResourceId made = plan_.resources.push_back({std::nullopt, std::nullopt, path.back()});
      frame_->resources.emplace(resource->resource, made);
      plan_.imported_resources.push_back({path, made});
    }
  }
  TypeItem type = TRY(type_item(entity.type));
  if (auto* value = std::get_if<ValType>(&type)) plan_.imported_types.push_back({path, *value});
  return PlanItem(type);
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

Result<void> Planner::export_item(const PlanItem& item, Entity entity, Path& path) {
  TRY_VOID(count_name(byte_size(path)));
  switch (entity.kind) {
    case EntityKind::func: {
      auto* lifted = std::get_if<LiftedFunction>(&std::get<FunctionItem>(item));
      if (!lifted) {
        return fail(ErrorCode::unsupported,
                    fmt::format("exporting an imported function (`{}`) is not supported yet",
                                text_of(path)));
      }
      ExportedFunction function;
      function.callee = TRY(resolve(lifted->callee));
      function.type = lifted->type;
      function.signature =
          flatten_functype(plan_.types, plan_.types.func(lifted->type), Direction::lift);
      function.options = lifted->options;
      plan_.exports.push_back({path, std::move(function)});
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
      plan_.exports.push_back(
          {path, ExportedModule{plan_module(std::get<ModuleItem>(item).module)}});
      return {};
    case EntityKind::component: plan_.exports.push_back({path, ExportedComponent{}}); return {};
  }
  return {};
}

}  // namespace tenon::component
