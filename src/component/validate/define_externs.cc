#include <fmt/format.h>

#include "component/validate/validator.h"

// Imports and exports.
namespace tenon::component {
namespace {

void add_with_prefix(std::vector<BoundResource>& to, std::string_view name,
                     const std::vector<BoundResource>& fresh) {
  for (const BoundResource& bound : fresh) {
    BoundResource at{bound.resource, {std::string(name)}};
    at.path.insert(at.path.end(), bound.path.begin(), bound.path.end());
    to.push_back(std::move(at));
  }
}

}  // namespace

// What a type description stands for: an instance type is opened, that is, its bound resources
// become new ones.
Result<Entity> Validator::declared(const ExternDesc& desc, std::vector<BoundResource>& fresh) {
  using Kind = ExternDesc::Kind;
  if (desc.kind == Kind::module) {
    const StaticItem* item = TRY(scope_->spaces.get(Sort::core_type, desc.index));
    auto* module = std::get_if<CoreModuleTypeRef>(&std::get<CoreTypeItem>(*item));
    if (!module) return invalid(fmt::format("core type index {} is not a module type", desc.index));
    TypeId type = TRY(output_.types.add(ModuleType{module->index}));
    return Entity{EntityKind::module, type};
  }
  if (desc.kind == Kind::type_sub_resource) {
    ResourceId resource = output_.types.new_resource();
    fresh.push_back({resource, {}});
    TypeId type = TRY(output_.types.add(ResourceType{resource}));
    return Entity{EntityKind::type, type};
  }
  if (desc.kind == Kind::value) {
    ValType type = TRY(value_type(desc.value));
    return value_entity(type);
  }
  TypeId type = TRY(type_at(desc.index));
  switch (desc.kind) {
    case Kind::func:
      if (std::holds_alternative<FuncType>(output_.types[type]))
        return Entity{EntityKind::func, type};
      return invalid(fmt::format("type index {} is not a function type", desc.index));
    case Kind::component:
      if (std::holds_alternative<ComponentType>(output_.types[type]))
        return Entity{EntityKind::component, type};
      return invalid(fmt::format("type index {} is not a component type", desc.index));
    case Kind::instance: {
      if (!std::holds_alternative<InstanceType>(output_.types[type])) {
        return invalid(fmt::format("type index {} is not an instance type", desc.index));
      }
      TypeId opened = TRY(open_instance(type, fresh));
      return Entity{EntityKind::instance, opened};
    }
    default: return renamed({EntityKind::type, type});
  }
}

Result<TypeId> Validator::open_instance(TypeId instance, std::vector<BoundResource>& fresh) {
  Remap remap(output_.types);
  for (const BoundResource& bound :
       std::vector(std::get<InstanceType>(output_.types[instance]).resources)) {
    TRY_VOID(output_.types.charge(byte_size(bound.path)));
    ResourceId resource = output_.types.new_resource();
    remap.resource(bound.resource, resource);
    fresh.push_back({resource, bound.path});
  }
  return rename_exports(instance, remap);
}

// A copy of an instance type whose type exports are definitions of their own, which its other
// exports refer to.
Result<TypeId> Validator::rename_exports(TypeId instance, Remap& remap) {
  InstanceType type = std::get<InstanceType>(output_.types[instance]);
  type.resources.clear();
  for (Extern& item : type.exports) {
    TypeId from = item.entity.type;
    if (item.entity.kind == EntityKind::instance) {
      item.entity.type = TRY(rename_exports(from, remap));
      continue;
    }
    item.entity.type = TRY(remap(from));
    if (item.entity.kind != EntityKind::type) continue;
    item.entity.type = TRY(output_.types.add(Type(output_.types[item.entity.type])));
    remap.type(from, item.entity.type);
  }
  return output_.types.add(std::move(type));
}

// The entity as the definition that an import or export introduces: a type gets a new identity. The
// types of an instance keep theirs, so that what refers to them can be exported beside it.
Result<Entity> Validator::renamed(Entity entity) {
  if (entity.kind != EntityKind::type) return entity;
  TypeId type = TRY(output_.types.add(Type(output_.types[entity.type])));
  return Entity{EntityKind::type, type};
}

// component: Explainer.md#external-visibility-of-types
Result<void> Validator::name_types(Entity entity, bool is_import) {
  NamedTypes& names = is_import ? scope_->imported_types : scope_->exported_types;
  if (entity.kind == EntityKind::instance) names.add_exports(output_.types, entity.type);
  // Imports may refer to imports only, exports to both.
  const NamedTypes* more = is_import ? nullptr : &scope_->imported_types;
  if (!is_visible(output_.types, entity, names, more)) {
    return invalid(fmt::format("{} not valid to be used as {}", name_of(entity.kind),
                               is_import ? "import" : "export"));
  }
  if (!is_import && exports_borrow(output_.types, entity))
    return invalid("an exported value cannot contain a `borrow` type");
  if (entity.kind == EntityKind::type) names.add(entity.type);
  return {};
}

Validator::Item Validator::define(const ImportDef& def) {
  std::vector<BoundResource> fresh;
  Entity entity = TRY(declared(def.desc, fresh));
  TRY_VOID(scope_->import_names.add(output_.types, def.name, entity));
  TRY_VOID(name_types(entity, true));
  scope_->imports.push_back({std::string(def.name.name), entity});
  add_with_prefix(scope_->imported, def.name.name, fresh);
  *fresh_ = std::move(fresh);
  return StaticItem(entity);
}

Validator::Item Validator::define(const ExportDecl& def) {
  std::vector<BoundResource> fresh;
  Entity entity = TRY(declared(def.desc, fresh));
  TRY_VOID(scope_->export_names.add(output_.types, def.name, entity));
  if (scope_->kind == Scope::Kind::component_type) TRY_VOID(name_types(entity, false));
  scope_->exports.push_back({std::string(def.name.name), entity});
  add_with_prefix(scope_->exported, def.name.name, fresh);
  return StaticItem(entity);
}

Result<Entity> Validator::ascribed(Entity actual, const ExternDesc& desc,
                                   std::vector<BoundResource>& fresh) {
  Entity wanted = TRY(declared(desc, fresh));
  Remap remap(output_.types);
  subtyping_.bind_resources(actual, wanted, set_of(fresh), remap);
  Entity supplied{wanted.kind, TRY(remap(wanted.type))};
  if (Result<void> ok = subtyping_.check(actual, supplied); !ok) {
    return std::unexpected(
        std::move(ok).error().in("ascribed type of export is not compatible with item's type"));
  }
  return wanted;
}

Validator::Item Validator::define(const ExportDef& def) {
  Entity actual = TRY(use(def.item));
  std::vector<BoundResource> fresh;
  Entity exported =
      def.ascribed ? TRY(ascribed(actual, *def.ascribed, fresh)) : TRY(renamed(actual));
  TRY_VOID(scope_->export_names.add(output_.types, def.name, exported));
  TRY_VOID(name_types(exported, false));
  scope_->exports.push_back({std::string(def.name.name), exported});
  *fresh_ = std::move(fresh);
  return StaticItem(exported);
}

}  // namespace tenon::component
