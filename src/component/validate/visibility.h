#pragma once

#include <unordered_set>

#include "base/result.h"
#include "component/types.h"

// component: Explainer.md#external-visibility-of-types. The type definitions that imports and
// exports have given a name, and whether a type mentions only such definitions.
namespace tenon::component {

class NamedTypes {
 public:
  void add(TypeId type) { names_.insert(type); }
  // The type exports of an instance, and of the instances in it.
  void add_exports(const ComponentTypes& types, TypeId instance);
  bool contains(TypeId type) const { return names_.contains(type); }

 private:
  std::unordered_set<TypeId> names_;
};

// Whether every type that an import or export of `entity` mentions is in `names`, or in `more` when
// given.
bool is_visible(const ComponentTypes& types, Entity entity, const NamedTypes& names,
                const NamedTypes* more);

// Whether a value with a `borrow` in its type is exported: the entity itself, or one in an
// instance.
bool exports_borrow(const ComponentTypes& types, Entity entity);

// Whether `type` mentions a resource that it does not bind itself.
bool mentions_free_resource(const ComponentTypes& types, TypeId type);

// The abstract resources under the type exports of an entity, with their paths, that `skip` does
// not hold; each once, and then it is in `skip`.
void collect_resources(const ComponentTypes& types, Entity entity, std::vector<std::string>& path,
                       std::unordered_set<ResourceId>& skip, std::vector<BoundResource>& out);

}  // namespace tenon::component
