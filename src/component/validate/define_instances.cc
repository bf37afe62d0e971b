#include <fmt/format.h>

#include "component/validate/validator.h"
#include "component/visit.h"

// Nested components, instances and aliases.
namespace tenon::component {
namespace {

Sort sort_of(EntityKind kind) {
  switch (kind) {
    case EntityKind::module: return Sort::core_module;
    case EntityKind::func: return Sort::func;
    case EntityKind::value: return Sort::value;
    case EntityKind::type: return Sort::type;
    case EntityKind::component: return Sort::component;
    case EntityKind::instance: return Sort::instance;
  }
  return Sort::func;
}

Sort sort_of(const CoreExternType& type) {
  return static_cast<Sort>(type.index());
}

}  // namespace

Validator::Item Validator::define(const ComponentDef& def) {
  if (Result<void> valid = component(def.component); !valid) {
    return std::unexpected(
        std::move(valid).error().in(fmt::format("component {}", def.component.index)));
  }
  return StaticItem(Entity{EntityKind::component, output_.components[def.component].type});
}

Validator::Item Validator::define(const InstanceDef& def) {
  return std::visit(
      Overloaded{
          [&](const Instantiate& expr) { return instantiate(expr); },
          [&](const std::vector<InlineExport>& exports) { return inline_exports(exports); },
      },
      def.expr);
}

// component: Binary.md#instance-definitions. What the arguments supply replaces what the component
// imports; what it makes is new.
Validator::Item Validator::instantiate(const Instantiate& def) {
  Entity target = TRY(entity(Sort::component, def.component));
  ComponentType component = std::get<ComponentType>(output_.types[target.type]);
  std::unordered_map<std::string_view, Entity> args;
  for (const InstantiateArg& arg : def.args) {
    Entity supplied = TRY(use(arg.item));
    if (!args.emplace(arg.name, supplied).second) {
      return invalid(fmt::format(
          "instantiation argument `{0}` conflicts with previous argument `{0}`", arg.name));
    }
  }
  Remap check(output_.types);
  Remap substitute(output_.types);
  ResourceSet imported = set_of(component.imported);
  for (const Extern& import : component.imports) {
    auto arg = args.find(import.name);
    if (arg == args.end()) return invalid(fmt::format("missing import named `{}`", import.name));
    subtyping_.bind_resources(arg->second, import.entity, imported, check);
    subtyping_.bind_definitions(arg->second, import.entity, imported, substitute);
  }
  for (const Extern& import : component.imports) {
    Entity wanted{import.entity.kind, TRY(check(import.entity.type))};
    if (Result<void> ok = subtyping_.check(args[import.name], wanted); !ok) {
      return std::unexpected(
          std::move(ok).error().in(fmt::format("type mismatch for import `{}`", import.name)));
    }
  }
  for (const BoundResource& bound : component.exported) {
    TRY_VOID(output_.types.charge(byte_size(bound.path)));
    ResourceId made = output_.types.new_resource();
    substitute.resource(bound.resource, made);
    fresh_->push_back({made, bound.path});
  }
  std::vector<Extern> exports = TRY(substitute(component.exports));
  TypeId type = TRY(output_.types.add(InstanceType{std::move(exports), {}}));
  return StaticItem(Entity{EntityKind::instance, type});
}

Validator::Item Validator::inline_exports(const std::vector<InlineExport>& exports) {
  InstanceType type;
  NameScope names("export", hyphens(), NameScope::Resources::unnamed);
  for (const InlineExport& item : exports) {
    Entity exported = TRY(use(item.item));
    TRY_VOID(names.add(output_.types, item.name, exported));
    type.exports.push_back({std::string(item.name.name), exported});
  }
  TypeId id = TRY(output_.types.add(std::move(type)));
  return StaticItem(Entity{EntityKind::instance, id});
}

Validator::Item Validator::define(const AliasDef& def) {
  return std::visit(
      Overloaded{
          [&](const ExportAlias& alias) { return alias_export(def.sort, alias); },
          [&](const CoreExportAlias& alias) { return alias_core_export(def.sort, alias); },
          [&](const OuterAlias& alias) { return alias_outer(def.sort, alias); },
      },
      def.target);
}

Validator::Item Validator::alias_export(Sort sort, const ExportAlias& alias) {
  if (scope_->kind != Scope::Kind::component && sort != Sort::instance && sort != Sort::type) {
    return invalid("export aliases in types may only alias instances and types");
  }
  Entity instance = TRY(entity(Sort::instance, alias.instance));
  const Extern* found = export_of(instance.type, alias.name);
  if (!found)
    return invalid(fmt::format("instance {} has no export named `{}`", alias.instance, alias.name));
  if (sort_of(found->entity.kind) != sort) {
    std::string_view wanted = sort == Sort::core_module ? "module" : name_of(sort);
    return invalid(
        fmt::format("export `{}` for instance {} is not a {}", alias.name, alias.instance, wanted));
  }
  return StaticItem(found->entity);
}

Validator::Item Validator::alias_core_export(Sort sort, const CoreExportAlias& alias) {
  if (scope_->kind != Scope::Kind::component) return invalid("types cannot alias core exports");
  CoreInstanceItem instance = TRY(core_instance(alias.instance));
  auto found = instance->find(std::string(alias.name));
  if (found == instance->end()) {
    return invalid(
        fmt::format("core instance {} has no export named `{}`", alias.instance, alias.name));
  }
  if (sort_of(found->second) != sort) {
    std::string_view wanted = name_of(sort);
    if (wanted.starts_with("core ")) wanted.remove_prefix(5);
    return invalid(fmt::format("export `{}` for core instance {} is not a {}", alias.name,
                               alias.instance, wanted));
  }
  return StaticItem(found->second);
}

Validator::Item Validator::alias_outer(Sort sort, const OuterAlias& alias) {
  bool in_component = scope_->kind == Scope::Kind::component;
  bool is_allowed = sort == Sort::core_type || sort == Sort::type ||
                    (in_component && (sort == Sort::core_module || sort == Sort::component));
  if (!is_allowed)
    return invalid(fmt::format("a {} cannot be aliased from an outer scope here", name_of(sort)));
  const Scope* target = scope_;
  bool crosses_component = false;
  for (uint32_t i = 0; i < alias.count; i++) {
    crosses_component |= target->kind == Scope::Kind::component;
    target = target->parent;
    if (!target) return invalid(fmt::format("invalid outer alias count of {}", alias.count));
  }
  const StaticItem* item = TRY(target->spaces.get(sort, alias.index));
  if (sort == Sort::type && crosses_component &&
      mentions_free_resource(output_.types, std::get<Entity>(*item).type)) {
    return invalid(
        "cannot alias outer type which transitively refers to resources not defined in the current "
        "component");
  }
  return *item;
}

}  // namespace tenon::component
