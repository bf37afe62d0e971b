#include "component/validate/name_scope.h"

#include <fmt/format.h>

#include "component/names.h"

namespace tenon::component {
namespace {

std::unexpected<Error> invalid(std::string message) {
  return fail(ErrorCode::invalid, std::move(message));
}

Result<void> check_implements(const ExternName& name, const ParsedName& parsed, Entity entity) {
  if (!name.implements) return {};
  Result<ParsedName> interface = parse_extern_name(*name.implements);
  if (!interface) {
    return std::unexpected(std::move(interface).error().in(
        fmt::format("`implements` value `{}` is not a valid name", *name.implements)));
  }
  if (interface->kind != ParsedName::Kind::interface) {
    return invalid(
        fmt::format("the `implements` value `{}` must be an interface name", *name.implements));
  }
  if (entity.kind != EntityKind::instance)
    return invalid("only instances can have an `implements`");
  if (parsed.kind != ParsedName::Kind::label) {
    return invalid(fmt::format("name `{}` is not valid with `implements`", name.name));
  }
  return {};
}

Result<void> check_version_suffix(const ExternName& name, const ParsedName& parsed) {
  if (!name.version_suffix) return {};
  if (parsed.version_text.empty() || !parse_canonical_version(parsed.version_text)) {
    return invalid(
        fmt::format("name `{}` with a `versionsuffix` must end in a canonical version", name.name));
  }
  std::string whole = fmt::format("{}{}", parsed.version_text, *name.version_suffix);
  if (Result<Semver> version = parse_semver(whole); !version) {
    return std::unexpected(std::move(version).error().in(
        fmt::format("`{}`, the version with its `versionsuffix`, is not valid", whole)));
  }
  return {};
}

// The resource of `own<R>` or `result<own<R>, ...>`.
std::optional<ResourceId> constructed(const ComponentTypes& types, ValType result) {
  const Type* type = types.defined(result);
  if (type && std::holds_alternative<ResultType>(*type)) {
    const auto& ok = std::get<ResultType>(*type).ok;
    type = ok ? types.defined(*ok) : nullptr;
  }
  if (!type || !std::holds_alternative<OwnType>(*type)) return std::nullopt;
  return std::get<OwnType>(*type).resource;
}

}  // namespace

Result<void> NameScope::check_unique(std::string_view name) {
  auto [found, is_new] = names_.emplace(uniqueness_key(name, hyphens_), name);
  if (is_new) return {};
  return invalid(
      fmt::format("{} name `{}` conflicts with previous name `{}`", what_, name, found->second));
}

Result<void> NameScope::check_resource(std::string_view label, ResourceId resource) const {
  auto found = resources_.find(std::string(label));
  if (found != resources_.end() && found->second == resource) return {};
  auto other = labels_.find(resource);
  if (other == labels_.end())
    return invalid("resource used in function does not have a name in this context");
  return invalid(fmt::format("function does not match expected resource name `{}`", other->second));
}

// component: Binary.md#import-and-export-definitions
Result<void> NameScope::check_annotated(const ComponentTypes& types, std::string_view name,
                                        Entity entity) {
  ParsedName parsed = TRY(parse_extern_name(name));
  bool is_annotated = !parsed.resource.empty();
  if (!is_annotated) return {};
  if (entity.kind != EntityKind::func) return invalid(fmt::format("`{}` is not a func", name));
  const FuncType& func = types.func(entity.type);
  switch (parsed.kind) {
    case ParsedName::Kind::constructor: {
      if (!func.result) return invalid("function should return one value");
      std::optional<ResourceId> resource = constructed(types, *func.result);
      if (!resource) return invalid("function should return `(own $T)` or `(result (own $T))`");
      return check_resource(parsed.resource, *resource);
    }
    case ParsedName::Kind::method: {
      if (func.params.empty()) return invalid("function should have at least one argument");
      if (func.params[0].name != "self")
        return invalid("function should have a first argument called `self`");
      const Type* self = types.defined(func.params[0].type);
      if (!self || !std::holds_alternative<BorrowType>(*self)) {
        return invalid("function should take a first argument of `(borrow $T)`");
      }
      return check_resource(parsed.resource, std::get<BorrowType>(*self).resource);
    }
    case ParsedName::Kind::static_:
      if (resources_.contains(std::string(parsed.resource))) return {};
      return invalid("static resource name is not known in this context");
    default: return {};
  }
}

Result<void> NameScope::add(const ComponentTypes& types, const ExternName& name, Entity entity) {
  ParsedName parsed = TRY(parse_extern_name(name.name));
  TRY_VOID(check_implements(name, parsed, entity));
  TRY_VOID(check_version_suffix(name, parsed));
  TRY_VOID(check_unique(name.name));
  if (names_resources_ && entity.kind == EntityKind::type &&
      parsed.kind == ParsedName::Kind::label) {
    if (auto* resource = std::get_if<ResourceType>(&types[entity.type])) {
      resources_.emplace(std::string(name.name), resource->resource);
      labels_.insert_or_assign(resource->resource, std::string(name.name));
    }
  }
  return check_annotated(types, name.name, entity);
}

Result<void> LabelSet::add(std::string_view label) {
  if (label.empty()) return invalid(fmt::format("{} name cannot be empty", what_));
  if (!is_label(label)) {
    return invalid(fmt::format("{} name `{}` is not in kebab case", what_, label));
  }
  auto [found, is_new] = labels_.emplace(uniqueness_key(label, hyphens_), label);
  if (is_new) return {};
  // "record field" is a "field" the second time.
  std::string_view kind = what_;
  kind.remove_prefix(kind.rfind(' ') + 1);
  return invalid(fmt::format("{} name `{}` conflicts with previous {} name `{}`", what_, label,
                             kind, found->second));
}

}  // namespace tenon::component
