#include "runtime/type_registry.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "base/check.h"
#include "wasm/map_types.h"
#include "wasm/validate/subtyping.h"

namespace tenon::runtime {

namespace {

using wasm::HeapType;
using wasm::SubType;
using wasm::TypeIndex;
using wasm::ValType;

SubType canonical_type(SubType type, std::span<const uint32_t> ids) {
  wasm::map_types(type, [&](TypeIndex index) { return ids[index.index]; });
  return type;
}

}  // namespace

Result<std::unique_ptr<TypeRegistry>> TypeRegistry::create(uint32_t capacity) {
  uint32_t ids = compiler::first_defined_type_id + capacity;
  CastRows cast_rows = TRY(CastRows::create(ids));
  ObjectTypes object_types = TRY(ObjectTypes::create(ids));
  return std::unique_ptr<TypeRegistry>(
      new TypeRegistry(capacity, std::move(cast_rows), std::move(object_types)));
}

ValType TypeRegistry::canonical(ValType type, std::span<const uint32_t> ids) {
  return wasm::map_type(type, [&](TypeIndex index) { return ids[index.index]; });
}

Result<std::vector<uint32_t>> TypeRegistry::add(std::span<const SubType> types,
                                                std::span<const wasm::RecGroup> groups) {
  std::vector<uint32_t> ids(types.size());
  std::unique_lock lock(mutex_);
  for (const wasm::RecGroup& group : groups) {
    uint32_t first = group.first.index;
    auto [place, is_new] = groups_.try_emplace(wasm::canonical_group(types, group, ids), next_id());
    if (is_new) {
      Result<void> room = make_room(group.size);
      if (!room) {
        groups_.erase(place);
        return std::unexpected(room.error());
      }
    }
    for (uint32_t i = 0; i < group.size; ++i) ids[first + i] = place->second + i;
    if (!is_new) continue;
    for (const SubType& type : types.subspan(first, group.size))
      types_.push_back(canonical_type(type, ids));
    for (uint32_t i = 0; i < group.size; ++i) describe(place->second + i);
  }
  return ids;
}

Result<void> TypeRegistry::make_room(uint32_t count) {
  if (count > capacity_ - types_.size())
    return fail(ErrorCode::limit, "too many different types in one engine");
  TRY_VOID(cast_rows_.make_room(uint64_t{next_id()} + count));
  return object_types_.make_room(uint64_t{next_id()} + count);
}

// There is room for it, and its supertype has been described.
void TypeRegistry::describe(uint32_t id) {
  const SubType& type = at(id);
  uint32_t super = type.supertypes.empty() ? 0 : type.supertypes.front().index;
  CHECK(cast_rows_.add(id, type.kind, super).has_value());
  if (type.kind == SubType::Kind::struct_) {
    const compiler::StructLayout* above = super == 0 ? nullptr : &layouts_.at(super);
    auto [place, _] =
        layouts_.emplace(id, compiler::struct_layout(above, storages_of(type.fields)));
    CHECK(object_types_.add_struct(id, place->second).has_value());
  } else if (type.kind == SubType::Kind::array) {
    auto layout = compiler::ArrayLayout::of(storage_of(type.fields.front()));
    CHECK(object_types_.add_array(id, layout).has_value());
  }
}

compiler::Storage TypeRegistry::storage_of(const wasm::FieldType& field) const {
  return compiler::storage_of(
      field, [this](TypeIndex type) { return at(type.index).kind == SubType::Kind::func; });
}

std::vector<compiler::Storage> TypeRegistry::storages_of(
    std::span<const wasm::FieldType> fields) const {
  std::vector<compiler::Storage> storages;
  storages.reserve(fields.size());
  for (const wasm::FieldType& field : fields) storages.push_back(storage_of(field));
  return storages;
}

void TypeRegistry::add_exceptions(uint32_t function_type) {
  std::unique_lock lock(mutex_);
  if (object_types_.contains(function_type)) return;
  std::vector<wasm::FieldType> values;
  for (ValType value : at(function_type).func.params) values.push_back({.type = value});
  auto [place, _] =
      layouts_.emplace(function_type, compiler::exception_layout(storages_of(values)));
  CHECK(object_types_.add_struct(function_type, place->second).has_value());
}

compiler::Storage TypeRegistry::storage(const wasm::FieldType& field) const {
  std::shared_lock lock(mutex_);
  return storage_of(field);
}

bool TypeRegistry::is_heap_reference(ValType type) const {
  return type.is_ref() && storage({.type = type}) == compiler::Storage::ref;
}

const compiler::StructLayout& TypeRegistry::struct_layout(uint32_t id) const {
  std::shared_lock lock(mutex_);
  return layouts_.at(id);
}

compiler::ArrayLayout TypeRegistry::array_layout(uint32_t id) const {
  std::shared_lock lock(mutex_);
  return compiler::ArrayLayout::of(storage_of(at(id).fields.front()));
}

bool TypeRegistry::ByValues::operator()(const wasm::FuncType& a, const wasm::FuncType& b) const {
  auto less = [](ValType x, ValType y) { return x.bits() < y.bits(); };
  if (a.params != b.params) return std::ranges::lexicographical_compare(a.params, b.params, less);
  return std::ranges::lexicographical_compare(a.results, b.results, less);
}

Result<uint32_t> TypeRegistry::add(const wasm::FuncType& type) {
  {
    std::shared_lock lock(mutex_);
    auto known = functions_.find(type);
    if (known != functions_.end()) return known->second;
  }
  for (ValType value : type.params) CHECK(!value.is_ref() || !value.heap().is_concrete());
  for (ValType value : type.results) CHECK(!value.is_ref() || !value.heap().is_concrete());
  SubType sub;
  sub.func = type;
  wasm::RecGroup group;
  std::vector<uint32_t> ids = TRY(add(std::span(&sub, 1), std::span(&group, 1)));
  std::unique_lock lock(mutex_);
  functions_.emplace(type, ids.front());
  return ids.front();
}

const SubType& TypeRegistry::type(uint32_t id) const {
  std::shared_lock lock(mutex_);
  return at(id);
}

bool TypeRegistry::is_subtype(uint32_t sub, uint32_t super) const {
  std::shared_lock lock(mutex_);
  while (sub != super) {
    const SubType& type = at(sub);
    if (type.supertypes.empty()) return false;
    sub = type.supertypes.front().index;
  }
  return true;
}

bool TypeRegistry::matches(HeapType sub, HeapType super) const {
  if (sub == super) return true;
  if (sub.is_concrete() && super.is_concrete())
    return is_subtype(sub.type().index, super.type().index);
  if (sub.is_concrete()) {
    return wasm::abstract_matches(wasm::abstract_above(type(sub.type().index).kind),
                                  super.abstract());
  }
  if (super.is_concrete())
    return sub.abstract() == wasm::abstract_below(type(super.type().index).kind);
  return wasm::abstract_matches(sub.abstract(), super.abstract());
}

bool TypeRegistry::matches(ValType sub, ValType super) const {
  if (sub == super) return true;
  if (!sub.is_ref() || !super.is_ref()) return false;
  if (sub.is_nullable() && !super.is_nullable()) return false;
  return matches(sub.heap(), super.heap());
}

}  // namespace tenon::runtime
