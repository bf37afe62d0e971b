#include "runtime/gc/object_types.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace tenon::runtime {

Result<ObjectTypes> ObjectTypes::create(uint32_t capacity) {
  CHECK(capacity >= compiler::first_defined_type_id);
  ObjectTypes types;
  types.types_ = TRY(StableArray<ObjectType>::create(capacity));
  TRY_VOID(types.types_.grow(compiler::first_defined_type_id));
  types.types_[compiler::extern_type_id] = {.kind = ObjectType::Kind::fixed,
                                            .size = sizeof(ExternObject)};
  return types;
}

Result<ObjectType*> ObjectTypes::place(uint32_t id) {
  CHECK(id >= compiler::first_defined_type_id && !contains(id));
  TRY_VOID(types_.grow(uint64_t{id} + 1));
  return &types_[id];
}

Result<void> ObjectTypes::add_struct(uint32_t id, const compiler::StructLayout& layout) {
  ObjectType* type = TRY(place(id));
  ObjectType made = {.kind = ObjectType::Kind::fixed,
                     .holds_references = !layout.references.empty(),
                     .size = layout.size};
  auto far =
      std::lower_bound(layout.references.begin(), layout.references.end(), ObjectType::near_end);
  for (auto near = layout.references.begin(); near != far; ++near)
    made.near_references |= uint64_t{1} << ((*near - ObjectType::near_begin) / 4);
  if (far != layout.references.end()) {
    far_references_.emplace_back(far, layout.references.end());
    made.far_references = far_references_.back().data();
    made.far_count = static_cast<uint32_t>(far_references_.back().size());
  }
  *type = made;
  return {};
}

Result<void> ObjectTypes::add_array(uint32_t id, const compiler::ArrayLayout& layout) {
  ObjectType* type = TRY(place(id));
  *type = {.kind = ObjectType::Kind::array,
           .holds_references = layout.holds_references,
           .size = layout.elements_offset,
           .element_size = layout.element_size};
  return {};
}

}  // namespace tenon::runtime
