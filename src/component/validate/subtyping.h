#pragma once

#include <set>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "component/types.h"
#include "component/validate/core_types.h"
#include "component/validate/remap.h"

// component: Explainer.md#type-checking. When a definition may stand for another, with the first
// difference as the error. Recursion is bounded by limits::max_type_depth.
namespace tenon::component {

// Of resources that a type binds.
using ResourceSet = std::unordered_set<ResourceId>;
ResourceSet set_of(const std::vector<BoundResource>& resources);

class Subtyping {
 public:
  Subtyping(ComponentTypes& types, const CoreTypeSet& core_types,
            const std::vector<CoreModuleType>& modules)
      : types_(types), core_types_(core_types), modules_(modules) {}

  Result<void> check(Entity actual, Entity expected);

  // Makes `remap` turn resources that `expected` names into those of `actual`, for all names that
  // both have: those of `bound`, which stand for whatever is supplied; others are what they are.
  // What does not fit is left to `check`.
  void bind_resources(Entity actual, Entity expected, const ResourceSet& bound, Remap& remap) const;
  // The same, and the type definitions too: for the types of what an instantiation makes.
  void bind_definitions(Entity actual, Entity expected, const ResourceSet& bound,
                        Remap& remap) const;

 private:
  template <typename Bind>
  void for_each_common_type(Entity actual, Entity expected, Bind&& bind) const;
  Result<void> check_kind(TypeId actual, Entity expected);
  Result<void> check_types(TypeId actual, TypeId expected);
  Result<void> check_instances(TypeId actual, TypeId expected);
  Result<void> check_components(TypeId actual, TypeId expected);
  Result<void> check_externs(const std::vector<Extern>& actual, const std::vector<Extern>& expected,
                             std::string_view what);

  ComponentTypes& types_;
  const CoreTypeSet& core_types_;
  const std::vector<CoreModuleType>& modules_;
  // What was found to hold once: ids never change their meaning.
  std::set<std::pair<TypeId, TypeId>> known_;
};

const Extern* find_extern(const std::vector<Extern>& externs, std::string_view name);

}  // namespace tenon::component
