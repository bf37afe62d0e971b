#include "component/plan/planner.h"
#include "component/visit.h"

// From the types of validation to those of the plan: canonical, with the resources of one instance.
namespace tenon::component {
Result<ResourceId> Planner::resource_of(TypeId type) {
  ResourceId resource = std::get<ResourceType>(validated_.types[type]).resource;
  auto found = frame_->resources.find(resource);
  if (found == frame_->resources.end())
    return fail(ErrorCode::internal, "a resource type has no place in the plan");
  return found->second;
}

Result<ValType> Planner::convert(ValType type) {
  ValType canonical = validated_.types.canonical(type);
  if (canonical.is_primitive()) return canonical;
  TypeId id = TRY(convert(canonical.type()));
  return ValType(id);
}

// Recursion is bounded by limits::max_type_depth.
Result<TypeId> Planner::convert(TypeId id) {
  TypeId canonical = validated_.types.canonical(id);
  auto found = frame_->types.find(canonical);
  if (found != frame_->types.end()) return found->second;
  Type type = validated_.types[canonical];
  std::optional<Error> error;
  for_each_val_type(type, [&](ValType& part) {
    if (error) return;
    Result<ValType> converted = convert(part);
    if (converted) {
      part = *converted;
    } else {
      error = std::move(converted).error();
    }
  });
  if (error) return std::unexpected(std::move(*error));
  auto convert_handle = [&](ResourceId& resource) -> Result<void> {
    auto known = frame_->resources.find(resource);
    if (known == frame_->resources.end())
      return fail(ErrorCode::internal, "a handle's resource has no place in the plan");
    resource = known->second;
    return {};
  };
  if (auto* own = std::get_if<OwnType>(&type)) TRY_VOID(convert_handle(own->resource));
  if (auto* borrow = std::get_if<BorrowType>(&type)) TRY_VOID(convert_handle(borrow->resource));
  TypeId result = TRY(plan_.types.intern(std::move(type)));
  frame_->types.emplace(canonical, result);
  return result;
}

Result<TypeItem> Planner::type_item(TypeId type) {
  const Type& definition = validated_.types[type];
  if (std::holds_alternative<ResourceType>(definition)) {
    ResourceId resource = TRY(resource_of(type));
    return resource;
  }
  if (!is_value_type(definition)) return TypeItem();
  ValType converted = TRY(convert(ValType(type)));
  return converted;
}

}  // namespace tenon::component
