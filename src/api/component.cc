#include "tenon/component.h"

#include "api/component_impl.h"
#include "api/engine_impl.h"

namespace tenon {
namespace {

using component::Plan;

std::string type_text(const Plan& plan, component::TypeId type) {
  return to_string(plan.types, plan.types.func(type));
}

}  // namespace

Result<Component> component_of(std::shared_ptr<const runtime::LoadedCode> code) {
  if (!code->artifact().plan()) {
    return std::unexpected(Error(ErrorCode::usage, "it is a core module, not a component")
                               .hint("make a component of it, or load it as Module"));
  }
  auto loaded = std::make_shared<runtime::LoadedComponent>(std::move(code));
  return Component(std::make_shared<Component::Impl>(std::move(loaded)));
}

Result<Component> Component::from_file(const Engine& engine, const std::string& path) {
  auto component = component_of(TRY(engine.impl().load_file(path)));
  if (!component) return std::unexpected(std::move(component).error().in("`" + path + "`"));
  return component;
}

Result<Component> Component::from_bytes(const Engine& engine, std::span<const uint8_t> bytes) {
  return component_of(TRY(engine.impl().load(bytes)));
}

std::vector<Component::Item> Component::imports() const {
  const Plan& plan = impl_->loaded->plan();
  std::vector<Item> items;
  for (const component::ImportedInstance& it : plan.imported_instances) {
    items.push_back({runtime::path_text(it.path), "interface"});
  }
  for (const component::ImportedModule& it : plan.imported_modules) {
    items.push_back({runtime::path_text(it.path), "module"});
  }
  for (const component::ImportedResource& it : plan.imported_resources) {
    items.push_back({runtime::path_text(it.path), "resource"});
  }
  for (const component::ImportedValue& it : plan.imported_values) {
    items.push_back({runtime::path_text(it.path), "value " + to_string(plan.types, it.type)});
  }
  for (const component::ImportedFunction& it : plan.imports) {
    items.push_back({runtime::path_text(it.path), type_text(plan, it.type)});
  }
  return items;
}

std::vector<Component::Item> Component::exports() const {
  const Plan& plan = impl_->loaded->plan();
  std::vector<Item> items;
  for (const component::Export& it : plan.exports) {
    std::string type = "type";
    if (const auto* function = std::get_if<component::ExportedFunction>(&it.item))
      type = type_text(plan, function->type);
    if (std::holds_alternative<component::ExportedResource>(it.item)) type = "resource";
    if (std::holds_alternative<component::ExportedInstance>(it.item)) type = "interface";
    if (std::holds_alternative<component::ExportedModule>(it.item)) type = "module";
    if (const auto* value = std::get_if<component::ExportedValue>(&it.item))
      type = "value " + to_string(plan.types, value->type);
    items.push_back({runtime::path_text(it.path), std::move(type)});
  }
  return items;
}

}  // namespace tenon
