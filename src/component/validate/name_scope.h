#pragma once

#include <string>
#include <unordered_map>

#include "base/result.h"
#include "component/component.h"
#include "component/names.h"
#include "component/types.h"

// The names of the imports, or of the exports, of one component, instance or type: unique,
// well-formed and, for
// `[constructor]`, `[method]` and `[static]`, fitting the resources named before them.
namespace tenon::component {

class NameScope {
 public:
  // Annotated names may refer to the resources of imports, exports and declarators; an instance
  // that is put together from definitions at hand gives none of them a name.
  enum class Resources : uint8_t { named, unnamed };
  NameScope(const char* what, Hyphens hyphens, Resources resources = Resources::named)
      : what_(what), hyphens_(hyphens), names_resources_(resources == Resources::named) {}

  Result<void> add(const ComponentTypes& types, const ExternName& name, Entity entity);

 private:
  Result<void> check_unique(std::string_view name);
  Result<void> check_annotated(const ComponentTypes& types, std::string_view name, Entity entity);
  Result<void> check_resource(std::string_view label, ResourceId resource) const;

  const char* what_;  // "import" or "export"
  Hyphens hyphens_;
  bool names_resources_;
  std::unordered_map<std::string, std::string> names_;     // by uniqueness_key
  std::unordered_map<std::string, ResourceId> resources_;  // by label
  std::unordered_map<ResourceId, std::string> labels_;     // of the last name of a resource
};

// component: Binary.md#type-definitions. Labels of record fields, cases, flags, parameters.
class LabelSet {
 public:
  LabelSet(const char* what, Hyphens hyphens) : what_(what), hyphens_(hyphens) {}
  Result<void> add(std::string_view label);

 private:
  const char* what_;
  Hyphens hyphens_;
  std::unordered_map<std::string, std::string> labels_;
};

}  // namespace tenon::component
