#include "component/validate/remap.h"

#include "component/visit.h"

namespace tenon::component {

ResourceId Remap::operator()(ResourceId id) const {
  auto found = resources_.find(id);
  return found == resources_.end() ? id : found->second;
}

Result<TypeId> Remap::operator()(TypeId id) {
  auto found = types_map_.find(id);
  if (found != types_map_.end()) return found->second;
  Type type = types_[id];
  bool changed = TRY(parts(type));
  TypeId result = id;
  if (changed) result = TRY(types_.add(std::move(type)));
  types_map_.emplace(id, result);
  return result;
}

Result<std::vector<Extern>> Remap::operator()(const std::vector<Extern>& list) {
  std::vector<Extern> result = list;
  TRY_VOID(externs(result));
  return result;
}

Result<bool> Remap::externs(std::vector<Extern>& list) {
  bool changed = false;
  for (Extern& item : list) {
    TypeId to = TRY((*this)(item.entity.type));
    changed |= to != item.entity.type;
    item.entity.type = to;
  }
  return changed;
}

Result<bool> Remap::handle(ResourceId& resource, TypeId& via) {
  ResourceId to = (*this)(resource);
  TypeId to_via = TRY((*this)(via));
  bool changed = to != resource || to_via != via;
  // A definition that was replaced may name another resource.
  if (to_via != via) {
    if (auto* target = std::get_if<ResourceType>(&types_[to_via])) to = target->resource;
  }
  resource = to;
  via = to_via;
  return changed;
}

Result<bool> Remap::parts(Type& type) {
  if (auto* own = std::get_if<OwnType>(&type)) return handle(own->resource, own->via);
  if (auto* borrow = std::get_if<BorrowType>(&type)) return handle(borrow->resource, borrow->via);
  if (auto* resource = std::get_if<ResourceType>(&type)) {
    ResourceId to = (*this)(resource->resource);
    bool changed = to != resource->resource;
    resource->resource = to;
    return changed;
  }
  if (auto* instance = std::get_if<InstanceType>(&type)) return externs(instance->exports);
  if (auto* component = std::get_if<ComponentType>(&type)) {
    bool imports = TRY(externs(component->imports));
    bool exports = TRY(externs(component->exports));
    return imports || exports;
  }
  bool changed = false;
  std::optional<Error> error;
  for_each_val_type(type, [&](ValType& part) {
    if (part.is_primitive() || error) return;
    Result<TypeId> to = (*this)(part.type());
    if (!to) {
      error = std::move(to).error();
      return;
    }
    changed |= *to != part.type();
    part = ValType(*to);
  });
  if (error) return std::unexpected(std::move(*error));
  return changed;
}

}  // namespace tenon::component
