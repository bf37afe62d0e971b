#include "component/validate/validate.h"

#include <fmt/format.h>

#include "component/validate/validator.h"

namespace tenon::component {

std::unexpected<Error> invalid(std::string message) {
  return fail(ErrorCode::invalid, std::move(message));
}

Result<void> Validator::interpret_scope(Scope& scope, const std::vector<Definition>& definitions) {
  scope.parent = scope_;
  scope_ = &scope;
  std::vector<BoundResource>* outer_fresh = fresh_;
  Result<void> result = interpret(definitions, scope.spaces, [&](const Definition& definition) {
    std::vector<BoundResource> fresh;
    fresh_ = &fresh;
    Item item = define(definition);
    scope.fresh.push_back(std::move(fresh));
    // What an export defines is used already.
    if (introduced_sort(definition) == Sort::value)
      scope.is_used.resize(scope.is_used.size() + introduced_count(definition),
                           std::holds_alternative<ExportDef>(definition.kind));
    return item;
  });
  fresh_ = outer_fresh;
  scope_ = scope.parent;
  return result;
}

Validator::Item Validator::define(const Definition& definition) {
  return std::visit([&](const auto& def) { return define(def); }, definition.kind);
}

Result<void> Validator::component(ComponentId id) {
  Scope scope(Scope::Kind::component, hyphens());
  TRY_VOID(interpret_scope(scope, input_.components[id].definitions));
  if (Result<void> used = check_all_used(scope); !used) {
    const Component& source = input_.components[id];
    return std::unexpected(std::move(used).error().at(source.offset + source.size));
  }
  ComponentType type;
  type.imports = std::move(scope.imports);
  type.exports = std::move(scope.exports);
  type.imported = std::move(scope.imported);
  std::unordered_set<ResourceId> skip;
  for (const BoundResource& bound : type.imported) skip.insert(bound.resource);
  for (const Extern& item : type.exports) {
    std::vector<std::string> path = {item.name};
    collect_resources(output_.types, item.entity, path, skip, type.exported);
  }
  ComponentInfo info;
  info.type = TRY(output_.types.add(std::move(type)));
  info.spaces = std::move(scope.spaces);
  info.fresh = std::move(scope.fresh);
  info.has_lower = scope.has_lower;
  // Nested components are numbered before the one that contains them, in the order they are
  // validated.
  CHECK(output_.components.next_id() == id);
  output_.components.push_back(std::move(info));
  return {};
}

Result<CoreTypeId> Validator::core_func_type(uint32_t index) const {
  const StaticItem* item = TRY(scope_->spaces.get(Sort::core_func, index));
  return std::get<CoreFuncType>(std::get<CoreExternType>(*item)).type;
}

Result<const wasm::FuncType*> Validator::core_func(uint32_t index) const {
  CoreTypeId type = TRY(core_func_type(index));
  return &output_.core_types[type].func;
}

Result<CoreTypeId> Validator::core_type_at(uint32_t index) const {
  const StaticItem* item = TRY(scope_->spaces.get(Sort::core_type, index));
  if (auto* type = std::get_if<CoreTypeId>(&std::get<CoreTypeItem>(*item))) return *type;
  return invalid(fmt::format("core type index {} is a module type", index));
}

Result<Entity> Validator::entity(Sort sort, uint32_t index) const {
  const StaticItem* item = TRY(scope_->spaces.get(sort, index));
  if (auto* found = std::get_if<Entity>(item)) return *found;
  return invalid(fmt::format("a {} cannot be used at the level of components", name_of(sort)));
}

Result<TypeId> Validator::type_at(uint32_t index) const {
  Entity found = TRY(entity(Sort::type, index));
  return found.type;
}

Result<TypeId> Validator::resource_at(uint32_t index) const {
  TypeId type = TRY(type_at(index));
  if (std::holds_alternative<ResourceType>(output_.types[type])) return type;
  return invalid(fmt::format("type index {} is not a resource type", index));
}

Result<CoreInstanceItem> Validator::core_instance(uint32_t index) const {
  const StaticItem* item = TRY(scope_->spaces.get(Sort::core_instance, index));
  return std::get<CoreInstanceItem>(*item);
}

const Extern* Validator::export_of(TypeId instance, std::string_view name) {
  const auto& exports = std::get<InstanceType>(output_.types[instance]).exports;
  auto [names, is_new] = export_names_.try_emplace(instance);
  if (is_new) {
    for (uint32_t i = 0; i < exports.size(); i++) names->second.emplace(exports[i].name, i);
  }
  auto found = names->second.find(name);
  return found == names->second.end() ? nullptr : &exports[found->second];
}

Result<Validated> validate(const DecodedComponent& component, wasm::Features features) {
  Validator validator(component, features);
  TRY_VOID(validator.component(component.root));
  return validator.finish();
}

}  // namespace tenon::component
