#include "component/text/known_types.h"

#include "component/visit.h"

namespace tenon::component::text {

void KnownTypes::define(Space& space, uint32_t index, Type type) {
  if (!is_value_type(type)) return;
  bool all_known = true;
  for_each_val_type(type, [&](ValType& part) {
    std::optional<ValType> known = find(space, part);
    all_known = all_known && known;
    if (known) part = *known;
  });
  if (!all_known) return;
  types_.push_back(std::move(type));
  space.emplace(index, ValType(TypeId(static_cast<uint32_t>(types_.size() - 1))));
}

}  // namespace tenon::component::text
