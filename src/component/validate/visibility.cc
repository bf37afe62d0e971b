#include "component/validate/visibility.h"

#include "component/visit.h"

namespace tenon::component {
namespace {

// Recursion is bounded by limits::max_type_depth, the work by each type being looked at once.
class Visibility {
 public:
  Visibility(const ComponentTypes& types, const NamedTypes& names, const NamedTypes* more)
      : types_(types), names_(names), more_(more) {}

  bool entity(Entity entity) {
    switch (entity.kind) {
      case EntityKind::module:
      case EntityKind::component: return true;  // checked when they were made
      case EntityKind::value: return mentioned(ValType(entity.type));
      default: return definition(entity.type);
    }
  }

 private:
  bool is_named(TypeId type) const {
    return names_.contains(type) || (more_ && more_->contains(type));
  }

  // A type that is being imported or exported itself: it gets a name, so only its parts matter.
  bool definition(TypeId id) {
    const Type& type = types_[id];
    if (auto* instance = std::get_if<InstanceType>(&type)) {
      if (!seen_.insert(id).second) return true;
      for (const Extern& item : instance->exports) {
        if (!entity(item.entity)) return false;
      }
      return true;
    }
    if (std::holds_alternative<ComponentType>(type) || std::holds_alternative<ModuleType>(type))
      return true;
    if (std::holds_alternative<ResourceType>(type)) return true;
    return parts(type);
  }

  bool parts(const Type& type) {
    if (auto* own = std::get_if<OwnType>(&type)) return is_named(own->via);
    if (auto* borrow = std::get_if<BorrowType>(&type)) return is_named(borrow->via);
    bool visible = true;
    for_each_val_type(type, [&](const ValType& part) { visible = visible && mentioned(part); });
    return visible;
  }

  // A type that is mentioned by another.
  bool mentioned(ValType type) {
    const Type* definition = types_.defined(type);
    if (!definition) return true;
    bool needs_name = std::holds_alternative<RecordType>(*definition) ||
                      std::holds_alternative<VariantType>(*definition) ||
                      std::holds_alternative<EnumType>(*definition) ||
                      std::holds_alternative<FlagsType>(*definition);
    if (needs_name) return is_named(type.type());
    if (!seen_.insert(type.type()).second) return true;
    return parts(*definition);
  }

  const ComponentTypes& types_;
  const NamedTypes& names_;
  const NamedTypes* more_;
  std::unordered_set<TypeId> seen_;
};

class FreeResources {
 public:
  explicit FreeResources(const ComponentTypes& types) : types_(types) {}

  bool in(TypeId id) {
    if (!types_.info(id).has_resource || !seen_.insert(id).second) return false;
    const Type& type = types_[id];
    if (auto* own = std::get_if<OwnType>(&type)) return is_free(own->resource);
    if (auto* borrow = std::get_if<BorrowType>(&type)) return is_free(borrow->resource);
    if (auto* resource = std::get_if<ResourceType>(&type)) return is_free(resource->resource);
    if (auto* instance = std::get_if<InstanceType>(&type)) {
      bind(instance->resources);
      return in(instance->exports);
    }
    if (auto* component = std::get_if<ComponentType>(&type)) {
      bind(component->imported);
      bind(component->exported);
      return in(component->imports) || in(component->exports);
    }
    bool found = false;
    for_each_val_type(type, [&](const ValType& part) {
      found = found || (!part.is_primitive() && in(part.type()));
    });
    return found;
  }

 private:
  // Bound resources belong to one binder each, so that there is nothing to unbind.
  void bind(const std::vector<BoundResource>& resources) {
    for (const BoundResource& bound : resources) bound_.insert(bound.resource);
  }
  bool is_free(ResourceId resource) const { return !bound_.contains(resource); }
  bool in(const std::vector<Extern>& externs) {
    for (const Extern& item : externs) {
      if (in(item.entity.type)) return true;
    }
    return false;
  }

  const ComponentTypes& types_;
  std::unordered_set<TypeId> seen_;
  std::unordered_set<ResourceId> bound_;
};

}  // namespace

void NamedTypes::add_exports(const ComponentTypes& types, TypeId instance) {
  for (const Extern& item : std::get<InstanceType>(types[instance]).exports) {
    if (item.entity.kind == EntityKind::type) add(item.entity.type);
    if (item.entity.kind == EntityKind::instance) add_exports(types, item.entity.type);
  }
}

bool is_visible(const ComponentTypes& types, Entity entity, const NamedTypes& names,
                const NamedTypes* more) {
  return Visibility(types, names, more).entity(entity);
}

// Recursion is bounded by limits::max_type_depth.
bool exports_borrow(const ComponentTypes& types, Entity entity) {
  if (!types.info(entity.type).has_borrow) return false;
  if (entity.kind == EntityKind::value) return true;
  if (entity.kind != EntityKind::instance) return false;
  for (const Extern& item : std::get<InstanceType>(types[entity.type]).exports) {
    if (exports_borrow(types, item.entity)) return true;
  }
  return false;
}

bool mentions_free_resource(const ComponentTypes& types, TypeId type) {
  return FreeResources(types).in(type);
}

void collect_resources(const ComponentTypes& types, Entity entity, std::vector<std::string>& path,
                       std::unordered_set<ResourceId>& skip, std::vector<BoundResource>& out) {
  if (entity.kind == EntityKind::type) {
    auto* resource = std::get_if<ResourceType>(&types[entity.type]);
    if (resource && skip.insert(resource->resource).second)
      out.push_back({resource->resource, path});
    return;
  }
  if (entity.kind != EntityKind::instance) return;
  for (const Extern& item : std::get<InstanceType>(types[entity.type]).exports) {
    path.push_back(item.name);
    collect_resources(types, item.entity, path, skip, out);
    path.pop_back();
  }
}

}  // namespace tenon::component
