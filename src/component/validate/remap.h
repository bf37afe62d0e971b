#pragma once

#include <unordered_map>

#include "base/result.h"
#include "component/types.h"

// Substitution in types: resources by resources, type definitions by type definitions. What nothing
// changes in keeps its id. Recursion is bounded by limits::max_type_depth.
namespace tenon::component {

class Remap {
 public:
  explicit Remap(ComponentTypes& types) : types_(types) {}

  // The first replacement given for a resource stays.
  void resource(ResourceId from, ResourceId to) { resources_.emplace(from, to); }
  void type(TypeId from, TypeId to) { types_map_.insert_or_assign(from, to); }
  bool empty() const { return resources_.empty() && types_map_.empty(); }

  ResourceId operator()(ResourceId id) const;
  Result<TypeId> operator()(TypeId id);
  Result<std::vector<Extern>> operator()(const std::vector<Extern>& externs);

 private:
  Result<bool> parts(Type& type);
  Result<bool> externs(std::vector<Extern>& list);
  Result<bool> handle(ResourceId& resource, TypeId& via);

  ComponentTypes& types_;
  std::unordered_map<ResourceId, ResourceId> resources_;
  std::unordered_map<TypeId, TypeId> types_map_;  // also what has been done already
};

}  // namespace tenon::component
