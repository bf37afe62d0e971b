#pragma once

#include <variant>
#include <vector>

#include "component/component.h"
#include "component/types.h"
#include "component/validate/core_types.h"
#include "component/validate/index_spaces.h"

// What validation knows of a component: the types of everything in its index spaces. The planner
// reads it beside the DecodedComponent.
namespace tenon::component {

// An item of the core type space: a type of core WebAssembly, or a module type as an index of
// Validated::module_types.
struct CoreModuleTypeRef {
  uint32_t index = 0;
};
using CoreTypeItem = std::variant<CoreTypeId, CoreModuleTypeRef>;

using CoreInstanceItem = std::shared_ptr<const CoreExports>;

// Core modules and everything of the component level are an Entity.
using StaticItem = std::variant<CoreExternType, CoreTypeItem, CoreInstanceItem, Entity>;

// For `interpret`: the ids of a recursion group follow each other.
inline StaticItem nth_item(StaticItem first, size_t n) {
  if (n == 0) return first;
  return CoreTypeItem(CoreTypeId(std::get<CoreTypeId>(std::get<CoreTypeItem>(first)).index + n));
}

struct ComponentInfo {
  IndexSpaces<StaticItem> spaces;
  TypeId type;  // a ComponentType
  // For each definition, the abstract resources that it brings into being, with the paths from the
  // new item to the `type` exports that name them. An empty path: the item itself.
  std::vector<std::vector<BoundResource>> fresh;
  bool has_lower = false;  // a `canon lower` among its definitions
};

struct Validated {
  ComponentTypes types;
  CoreTypeSet core_types;
  std::vector<CoreModuleType> module_types;  // ModuleType::index
  IdVector<ComponentId, ComponentInfo> components;
};

}  // namespace tenon::component
