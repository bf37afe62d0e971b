#include <fmt/format.h>

#include "component/validate/validator.h"
#include "component/visit.h"

// Value, function, resource, instance and component types.
namespace tenon::component {
namespace {

constexpr size_t max_flags = 32;  // component: Binary.md#type-definitions (flags)

Result<void> check_labels(LabelSet labels, const std::vector<std::string>& names) {
  for (const std::string& name : names) TRY_VOID(labels.add(name));
  return {};
}

template <typename Named>
Result<void> check_names(LabelSet labels, const std::vector<Named>& items) {
  for (const Named& item : items) TRY_VOID(labels.add(item.name));
  return {};
}

// component: Explainer.md#fundamental-value-types (keytype)
bool is_key(const ComponentTypes& types, ValType type) {
  ValType key = types.canonical(type);
  if (!key.is_primitive()) return false;
  switch (key.primitive()) {
    case Primitive::f32:
    case Primitive::f64:
    case Primitive::error_context: return false;
    default: return true;
  }
}

}  // namespace

Result<void> Validator::check_payload(const char* what,
                                      const std::optional<ValType>& payload) const {
  if (!payload || !output_.types.info(*payload).has_borrow) return {};
  return invalid(fmt::format("`{}` payload cannot contain a `borrow` type", what));
}

// The rules for a type taken by itself; its parts are resolved.
Result<void> Validator::check_value_type(const Type& type) const {
  return std::visit(
      Overloaded{
          [&](const RecordType& t) -> Result<void> {
            if (t.fields.empty()) return invalid("record type must have at least one field");
            return check_names({"record field", hyphens()}, t.fields);
          },
          [&](const VariantType& t) -> Result<void> {
            if (t.cases.empty()) return invalid("variant type must have at least one case");
            return check_names({"variant case", hyphens()}, t.cases);
          },
          [](const TupleType& t) -> Result<void> {
            if (t.types.empty()) return invalid("tuple type must have at least one type");
            return {};
          },
          [&](const FlagsType& t) -> Result<void> {
            if (t.names.empty()) return invalid("flags must have at least one entry");
            if (t.names.size() > max_flags) return invalid("cannot have more than 32 flags");
            return check_labels({"flag", hyphens()}, t.names);
          },
          [&](const EnumType& t) -> Result<void> {
            if (t.names.empty()) return invalid("enum type must have at least one variant");
            return check_labels({"enum tag", hyphens()}, t.names);
          },
          [](const FixedListType& t) -> Result<void> {
            if (t.length == 0) return invalid("a list of fixed length must have elements");
            return {};
          },
          [&](const MapType& t) -> Result<void> {
            if (!is_key(output_.types, t.key)) return invalid("invalid map key type");
            return {};
          },
          [&](const StreamType& t) -> Result<void> {
            // A limitation of the standard for now.
            if (t.payload && output_.types.canonical(*t.payload) == ValType(Primitive::char_))
              return invalid("`stream<char>` is not valid at this time");
            return check_payload("stream", t.payload);
          },
          [&](const FutureType& t) { return check_payload("future", t.payload); },
          [&](const FuncType& t) -> Result<void> {
            TRY_VOID(check_names({"function parameter", hyphens()}, t.params));
            if (t.result && output_.types.info(*t.result).has_borrow)
              return invalid("function result cannot contain a `borrow` type");
            return {};
          },
          [](const auto&) -> Result<void> { return {}; },
      },
      type);
}

// The value type that is written as `type`, whose index is one of the current scope.
Result<ValType> Validator::value_type(ValType type) const {
  if (type.is_primitive()) return type;
  uint32_t index = type.type().index;
  TypeId id = TRY(type_at(index));
  if (is_value_type(output_.types[id])) return ValType(id);
  return invalid(fmt::format("type index {} is not a defined type", index));
}

// Turns the type indices of `type` into ids and adds it.
Result<TypeId> Validator::value_or_func_type(Type type) {
  std::optional<Error> error;
  for_each_val_type(type, [&](ValType& part) {
    if (error) return;
    Result<ValType> resolved = value_type(part);
    if (resolved) {
      part = *resolved;
    } else {
      error = std::move(resolved).error();
    }
  });
  if (error) return std::unexpected(std::move(*error));
  auto resolve_handle = [&](auto& handle) -> Result<void> {
    handle.via = TRY(resource_at(handle.via.index));
    handle.resource = std::get<ResourceType>(output_.types[handle.via]).resource;
    return {};
  };
  if (auto* own = std::get_if<OwnType>(&type)) TRY_VOID(resolve_handle(*own));
  if (auto* borrow = std::get_if<BorrowType>(&type)) TRY_VOID(resolve_handle(*borrow));
  TRY_VOID(check_value_type(type));
  return output_.types.add(std::move(type));
}

Result<TypeId> Validator::resource_type(const ResourceDecl& decl) {
  if (scope_->kind != Scope::Kind::component) {
    return invalid("resources can only be defined within a concrete component");
  }
  if (decl.representation != wasm::ValType::i32 && decl.representation != wasm::ValType::i64)
    return invalid("resources can only be represented by `i32` or `i64`");
  if (decl.destructor) {
    if (!TRY(has_type(*decl.destructor, {{decl.representation}, {}}))) {
      return invalid("core function has a wrong signature for a destructor");
    }
  }
  ResourceId resource = output_.types.new_resource();
  scope_->defined.emplace(resource, decl.representation);
  return output_.types.add(ResourceType{resource});
}

Result<TypeId> Validator::instance_type(const InstanceTypeDecl& decl) {
  Scope scope(Scope::Kind::instance_type, hyphens());
  TRY_VOID(interpret_scope(scope, decl.decls));
  return output_.types.add(InstanceType{std::move(scope.exports), std::move(scope.exported)});
}

Result<TypeId> Validator::component_type(const ComponentTypeDecl& decl) {
  Scope scope(Scope::Kind::component_type, hyphens());
  TRY_VOID(interpret_scope(scope, decl.decls));
  return output_.types.add(ComponentType{std::move(scope.imports), std::move(scope.exports),
                                         std::move(scope.imported), std::move(scope.exported)});
}

Validator::Item Validator::define(const TypeDef& def) {
  Result<TypeId> type =
      std::visit(Overloaded{
                     [&](const Type& t) { return value_or_func_type(t); },
                     [&](const ResourceDecl& t) { return resource_type(t); },
                     [&](const InstanceTypeDecl& t) { return instance_type(t); },
                     [&](const ComponentTypeDecl& t) { return component_type(t); },
                 },
                 def.type);
  if (!type) return std::unexpected(std::move(type).error());
  return StaticItem(Entity{EntityKind::type, *type});
}

}  // namespace tenon::component
