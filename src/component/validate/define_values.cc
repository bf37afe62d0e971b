#include <fmt/format.h>

#include "component/validate/difference.h"
#include "component/validate/validator.h"

// Values and start functions, and that each value is consumed once.
namespace tenon::component {

// A value type as that of a value: primitive types have no definition of their own.
Result<Entity> Validator::value_entity(ValType type) {
  if (!type.is_primitive()) return Entity{EntityKind::value, type.type()};
  TypeId id = TRY(output_.types.add(PrimitiveType{type.primitive()}));
  return Entity{EntityKind::value, id};
}

// component: Binary.md#-value-definitions
Validator::Item Validator::define(const ValueDef& def) {
  ValType type = TRY(value_type(def.type));
  TypeOf type_of = [&](TypeId id) -> const Type& { return output_.types[id]; };
  TRY_VOID(decode_value(def.bytes, def.bytes_offset, type, type_of, value_room_));
  return StaticItem(TRY(value_entity(type)));
}

// component: Binary.md#-start-definitions
Validator::Item Validator::define(const StartDef& def) {
  Entity func = TRY(entity(Sort::func, def.func));
  const FuncType type = output_.types.func(func.type);
  if (type.params.size() != def.args.size()) {
    return invalid(fmt::format("component start function requires {} arguments but was given {}",
                               type.params.size(), def.args.size()));
  }
  uint32_t results = type.result ? 1 : 0;
  if (results != def.results) {
    return invalid(fmt::format("component start function has {} results, its type has {}",
                               def.results, results));
  }
  for (size_t i = 0; i < def.args.size(); i++) {
    Entity given = TRY(use({Sort::value, def.args[i]}));
    Result<void> ok = check_equal(output_.types, ValType(given.type), type.params[i].type);
    if (!ok) {
      return std::unexpected(std::move(ok).error().in(
          fmt::format("value type mismatch for component start function argument {}", i)));
    }
  }
  if (!type.result) return StaticItem(Entity());
  return StaticItem(TRY(value_entity(*type.result)));
}

// The item at an index, which is used up where it is a value.
Result<Entity> Validator::use(SortIndex item) {
  Entity found = TRY(entity(item.sort, item.index));
  if (item.sort != Sort::value) return found;
  if (scope_->is_used[item.index])
    return invalid(fmt::format("value {} cannot be used more than once", item.index));
  scope_->is_used[item.index] = true;
  return found;
}

// component: Explainer.md#-value-definitions
Result<void> Validator::check_all_used(const Scope& scope) const {
  for (size_t i = 0; i < scope.is_used.size(); i++) {
    if (scope.is_used[i]) continue;
    return invalid(fmt::format(
        "value index {} was not used as part of an instantiation, start function, or export", i));
  }
  return {};
}

}  // namespace tenon::component
