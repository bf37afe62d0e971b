#include "component/validate/subtyping.h"

#include <fmt/format.h>

#include <unordered_map>

#include "component/validate/difference.h"
#include "component/visit.h"

namespace tenon::component {
namespace {

std::unexpected<Error> mismatch(std::string message) {
  return fail(ErrorCode::invalid, std::move(message));
}

using NameMap = std::unordered_map<std::string_view, const Extern*>;

NameMap by_name(const std::vector<Extern>& externs) {
  NameMap map;
  for (const Extern& item : externs) map.emplace(item.name, &item);
  return map;
}

}  // namespace

const Extern* find_extern(const std::vector<Extern>& externs, std::string_view name) {
  for (const Extern& item : externs) {
    if (item.name == name) return &item;
  }
  return nullptr;
}

template <typename Bind>
void Subtyping::for_each_common_type(Entity actual, Entity expected, Bind&& bind) const {
  if (actual.kind != expected.kind) return;
  if (expected.kind == EntityKind::type) return bind(actual.type, expected.type);
  if (expected.kind != EntityKind::instance) return;
  const auto& from = std::get<InstanceType>(types_[expected.type]);
  const auto& to = std::get<InstanceType>(types_[actual.type]);
  NameMap names = by_name(to.exports);
  for (const Extern& item : from.exports) {
    auto found = names.find(item.name);
    if (found != names.end()) for_each_common_type(found->second->entity, item.entity, bind);
  }
}

ResourceSet set_of(const std::vector<BoundResource>& resources) {
  ResourceSet set;
  for (const BoundResource& bound : resources) set.insert(bound.resource);
  return set;
}

void Subtyping::bind_resources(Entity actual, Entity expected, const ResourceSet& bound,
                               Remap& remap) const {
  for_each_common_type(actual, expected, [&](TypeId found, TypeId wanted) {
    auto* from = std::get_if<ResourceType>(&types_[wanted]);
    auto* to = std::get_if<ResourceType>(&types_[found]);
    if (from && to && bound.contains(from->resource)) remap.resource(from->resource, to->resource);
  });
}

void Subtyping::bind_definitions(Entity actual, Entity expected, const ResourceSet& bound,
                                 Remap& remap) const {
  bind_resources(actual, expected, bound, remap);
  for_each_common_type(actual, expected,
                       [&](TypeId found, TypeId wanted) { remap.type(wanted, found); });
}

Result<void> Subtyping::check(Entity actual, Entity expected) {
  if (actual.kind != expected.kind) {
    return mismatch(
        fmt::format("expected {}, found {}", name_of(expected.kind), name_of(actual.kind)));
  }
  if (actual.type == expected.type) return {};
  if (expected.kind == EntityKind::type) return check_types(actual.type, expected.type);
  if (known_.contains({actual.type, expected.type})) return {};
  TRY_VOID(check_kind(actual.type, expected));
  known_.emplace(actual.type, expected.type);
  return {};
}

Result<void> Subtyping::check_kind(TypeId actual, Entity expected) {
  switch (expected.kind) {
    case EntityKind::func: return check_equal_functions(types_, actual, expected.type);
    case EntityKind::value: return check_equal(types_, ValType(actual), ValType(expected.type));
    case EntityKind::instance: return check_instances(actual, expected.type);
    case EntityKind::component: return check_components(actual, expected.type);
    case EntityKind::module:
      return check_core_subtype(core_types_, modules_[std::get<ModuleType>(types_[actual]).index],
                                modules_[std::get<ModuleType>(types_[expected.type]).index]);
    case EntityKind::type: break;
  }
  return check_types(actual, expected.type);
}

// Type exports are equal, not subtypes: of instance and component types each must be a subtype of
// the other.
Result<void> Subtyping::check_types(TypeId actual, TypeId expected) {
  if (types_.canonical(actual) == types_.canonical(expected)) return {};
  const Type& found = types_[actual];
  const Type& wanted = types_[expected];
  if (std::holds_alternative<ResourceType>(found) && std::holds_alternative<ResourceType>(wanted)) {
    return mismatch("resource types are not the same");
  }
  if (is_value_type(found) && is_value_type(wanted))
    return check_equal(types_, ValType(actual), ValType(expected));
  if (found.index() != wanted.index()) {
    return mismatch(fmt::format("expected {}, found {}", kind_name(wanted), kind_name(found)));
  }
  if (std::holds_alternative<FuncType>(wanted))
    return check_equal_functions(types_, actual, expected);
  EntityKind kind = std::holds_alternative<InstanceType>(wanted)    ? EntityKind::instance
                    : std::holds_alternative<ComponentType>(wanted) ? EntityKind::component
                                                                    : EntityKind::module;
  TRY_VOID(check({kind, actual}, {kind, expected}));
  return check({kind, expected}, {kind, actual});
}

Result<void> Subtyping::check_externs(const std::vector<Extern>& actual,
                                      const std::vector<Extern>& expected, std::string_view what) {
  NameMap names = by_name(actual);
  for (const Extern& item : expected) {
    auto found = names.find(item.name);
    if (found == names.end())
      return mismatch(fmt::format("missing expected {} `{}`", what, item.name));
    if (Result<void> ok = check(found->second->entity, item.entity); !ok) {
      return std::unexpected(
          std::move(ok).error().in(fmt::format("type mismatch in {} `{}`", what, item.name)));
    }
  }
  return {};
}

Result<void> Subtyping::check_instances(TypeId actual, TypeId expected) {
  // Resources that the expected type binds stand for whatever the actual instance has under their
  // names.
  Remap remap(types_);
  std::vector<Extern> wanted = std::get<InstanceType>(types_[expected]).exports;
  ResourceSet bound = set_of(std::get<InstanceType>(types_[expected]).resources);
  if (!bound.empty()) {
    bind_resources({EntityKind::instance, actual}, {EntityKind::instance, expected}, bound, remap);
    wanted = TRY(remap(wanted));
  }
  std::vector<Extern> found = std::get<InstanceType>(types_[actual]).exports;
  return check_externs(found, wanted, "instance export");
}

Result<void> Subtyping::check_components(TypeId actual_id, TypeId expected_id) {
  ComponentType actual = std::get<ComponentType>(types_[actual_id]);
  ComponentType expected = std::get<ComponentType>(types_[expected_id]);
  // What the expected type imports is supplied to the actual component.
  Remap remap(types_);
  ResourceSet imported = set_of(actual.imported);
  for (const Extern& import : actual.imports) {
    if (const Extern* supplied = find_extern(expected.imports, import.name)) {
      bind_resources(supplied->entity, import.entity, imported, remap);
    }
  }
  std::vector<Extern> imports = TRY(remap(actual.imports));
  std::vector<Extern> exports = TRY(remap(actual.exports));
  TRY_VOID(check_externs(expected.imports, imports, "component import"));
  Remap exported(types_);
  ResourceSet bound = set_of(expected.exported);
  for (const Extern& item : expected.exports) {
    if (const Extern* found = find_extern(exports, item.name))
      bind_resources(found->entity, item.entity, bound, exported);
  }
  std::vector<Extern> wanted = TRY(exported(expected.exports));
  return check_externs(exports, wanted, "component export");
}

}  // namespace tenon::component
