#include <fmt/format.h>

#include "component/validate/validator.h"
#include "component/visit.h"

// Value, function, resource, instance and component types.
namespace tenon::component {
namespace {

constexpr size_t max_flags = 32;  // component: Binary.md#type-definitions (flags)

// What validation and the runtime do not have yet.
Result<void> check_supported(const Type& type) {
  auto unsupported = [](const std::string& what) {
    return fail(ErrorCode::unsupported, fmt::format("the type `{}` is not supported yet", what));
  };
  if (auto* primitive = std::get_if<PrimitiveType>(&type)) {
    if (primitive->primitive == Primitive::error_context) return unsupported("error-context");
  }
  if (std::holds_alternative<FixedListType>(type)) return unsupported("list of fixed length");
  if (std::holds_alternative<MapType>(type) || std::holds_alternative<StreamType>(type) ||
      std::holds_alternative<FutureType>(type)) {
    return unsupported(kind_name(type));
  }
  if (auto* func = std::get_if<FuncType>(&type); func && func->is_async) {
    return unsupported("async func");
  }
  bool has_error_context = false;
  for_each_val_type(type, [&](ValType part) {
    has_error_context |= part.is_primitive() && part.primitive() == Primitive::error_context;
  });
  if (has_error_context) return unsupported("error-context");
  return {};
}

Result<void> check_labels(const char* what, const std::vector<std::string>& names) {
  LabelSet labels(what);
  for (const std::string& name : names) TRY_VOID(labels.add(name));
  return {};
}

template <typename Named>
Result<void> check_names(const char* what, const std::vector<Named>& items) {
  LabelSet labels(what);
  for (const Named& item : items) TRY_VOID(labels.add(item.name));
  return {};
}

}  // namespace

// The rules for a type taken by itself; its parts are resolved.
Result<void> Validator::check_value_type(const Type& type) {
  return std::visit(Overloaded{
                        [](const RecordType& t) -> Result<void> {
                          if (t.fields.empty())
                            return invalid("record type must have at least one field");
                          return check_names("record field", t.fields);
                        },
                        [](const VariantType& t) -> Result<void> {
                          if (t.cases.empty())
                            return invalid("variant type must have at least one case");
                          return check_names("variant case", t.cases);
                        },
                        [](const TupleType& t) -> Result<void> {
                          if (t.types.empty())
                            return invalid("tuple type must have at least one type");
                          return {};
                        },
                        [](const FlagsType& t) -> Result<void> {
                          if (t.names.empty()) return invalid("flags must have at least one entry");
                          if (t.names.size() > max_flags)
                            return invalid("cannot have more than 32 flags");
                          return check_labels("flag", t.names);
                        },
                        [](const EnumType& t) -> Result<void> {
                          if (t.names.empty())
                            return invalid("enum type must have at least one variant");
                          return check_labels("enum tag", t.names);
                        },
                        [&](const FuncType& t) -> Result<void> {
                          TRY_VOID(check_names("function parameter", t.params));
                          if (t.result && output_.types.info(*t.result).has_borrow) {
                            return invalid("function result cannot contain a `borrow` type");
                          }
                          return {};
                        },
                        [](const auto&) -> Result<void> { return {}; },
                    },
                    type);
}

// Turns the type indices of `type` into ids and adds it.
Result<TypeId> Validator::value_or_func_type(Type type) {
  TRY_VOID(check_supported(type));
  std::optional<Error> error;
  for_each_val_type(type, [&](ValType& part) {
    if (part.is_primitive() || error) return;
    uint32_t index = part.type().index;
    Result<TypeId> id = type_at(index);
    if (!id) {
      error = std::move(id).error();
    } else if (!is_value_type(output_.types[*id])) {
      error = invalid(fmt::format("type index {} is not a defined type", index)).error();
    } else {
      part = ValType(*id);
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
  if (decl.representation != wasm::ValType::i32)
    return invalid("resources can only be represented by `i32`");
  if (decl.destructor) {
    const wasm::FuncType* destructor = TRY(core_func(*decl.destructor));
    if (*destructor != wasm::FuncType{{wasm::ValType::i32}, {}}) {
      return invalid("core function has a wrong signature for a destructor");
    }
  }
  ResourceId resource = output_.types.new_resource();
  scope_->defined.insert(resource);
  return output_.types.add(ResourceType{resource});
}

Result<TypeId> Validator::instance_type(const InstanceTypeDecl& decl) {
  Scope scope;
  scope.kind = Scope::Kind::instance_type;
  TRY_VOID(interpret_scope(scope, decl.decls));
  return output_.types.add(InstanceType{std::move(scope.exports), std::move(scope.exported)});
}

Result<TypeId> Validator::component_type(const ComponentTypeDecl& decl) {
  Scope scope;
  scope.kind = Scope::Kind::component_type;
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
