#include "runtime/type_registry.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "base/check.h"
#include "wasm/validate/subtyping.h"

namespace tenon::runtime {

namespace {

using wasm::HeapType;
using wasm::SubType;
using wasm::TypeIndex;
using wasm::ValType;

SubType canonical_type(SubType type, std::span<const uint32_t> ids) {
  for (TypeIndex& super : type.supertypes) super = TypeIndex(ids[super.index]);
  for (ValType& param : type.func.params) param = TypeRegistry::canonical(param, ids);
  for (ValType& result : type.func.results) result = TypeRegistry::canonical(result, ids);
  for (wasm::FieldType& field : type.fields) field.type = TypeRegistry::canonical(field.type, ids);
  return type;
}

}  // namespace

ValType TypeRegistry::canonical(ValType type, std::span<const uint32_t> ids) {
  if (!type.is_ref() || !type.heap().is_concrete()) return type;
  return ValType::reference(HeapType(TypeIndex(ids[type.heap().type().index])), type.is_nullable());
}

Result<std::vector<uint32_t>> TypeRegistry::add(std::span<const SubType> types,
                                                std::span<const wasm::RecGroup> groups) {
  std::vector<uint32_t> ids(types.size());
  std::unique_lock lock(mutex_);
  for (const wasm::RecGroup& group : groups) {
    uint32_t first = group.first.index;
    auto [place, is_new] = groups_.try_emplace(wasm::canonical_group(types, group, ids), next_id());
    if (is_new && types_.size() + group.size > max_types) {
      groups_.erase(place);
      return fail(ErrorCode::limit, "too many different types in one engine");
    }
    for (uint32_t i = 0; i < group.size; ++i) ids[first + i] = place->second + i;
    if (!is_new) continue;
    for (const SubType& type : types.subspan(first, group.size))
      types_.push_back(canonical_type(type, ids));
  }
  return ids;
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
  return types_[id - 1];
}

bool TypeRegistry::is_subtype(uint32_t sub, uint32_t super) const {
  std::shared_lock lock(mutex_);
  while (sub != super) {
    const SubType& type = types_[sub - 1];
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
