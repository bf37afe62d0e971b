#include "runtime/type_registry.h"

#include <mutex>
#include <utility>

#include "base/check.h"

namespace tenon::runtime {

namespace {

using wasm::HeapType;
using wasm::SubType;
using wasm::TypeIndex;
using wasm::ValType;

// Bits of a reference in a key: into its own group, with the distance from its start, or to an id.
constexpr uint64_t own_group = uint64_t{1} << 40;
constexpr uint64_t defined_type = uint64_t{1} << 41;

uint64_t key_of(TypeIndex type, uint32_t first, std::span<const uint32_t> ids) {
  if (type.index >= first) return own_group | (type.index - first);
  return defined_type | ids[type.index];
}

uint64_t key_of(ValType type, uint32_t first, std::span<const uint32_t> ids) {
  if (!type.is_ref() || !type.heap().is_concrete()) return type.bits();
  uint64_t nullable = type.is_nullable() ? uint64_t{1} << 42 : 0;
  return key_of(type.heap().type(), first, ids) | nullable;
}

HeapType::Abstract abstract_kind(SubType::Kind kind) {
  switch (kind) {
    case SubType::Kind::func: return HeapType::func;
    case SubType::Kind::struct_: return HeapType::struct_;
    case SubType::Kind::array: return HeapType::array;
  }
  return HeapType::func;
}

// wasm: match-heaptype, of abstract types.
bool abstract_matches(HeapType::Abstract sub, HeapType::Abstract super) {
  if (sub == super) return true;
  switch (super) {
    case HeapType::any:
      return sub == HeapType::eq || sub == HeapType::i31 || sub == HeapType::struct_ ||
             sub == HeapType::array || sub == HeapType::none;
    case HeapType::eq:
      return sub == HeapType::i31 || sub == HeapType::struct_ || sub == HeapType::array ||
             sub == HeapType::none;
    case HeapType::i31:
    case HeapType::struct_:
    case HeapType::array: return sub == HeapType::none;
    case HeapType::func: return sub == HeapType::nofunc;
    case HeapType::extern_: return sub == HeapType::noextern;
    case HeapType::exn: return sub == HeapType::noexn;
    default: return false;
  }
}

// The lowest type of the hierarchy that a kind of defined type belongs to.
bool is_bottom_of(HeapType::Abstract bottom, HeapType::Abstract kind) {
  return kind == HeapType::func ? bottom == HeapType::nofunc : bottom == HeapType::none;
}

std::vector<uint64_t> group_key(std::span<const SubType> types, uint32_t first, uint32_t size,
                                std::span<const uint32_t> ids) {
  std::vector<uint64_t> key;
  auto add_list = [&](const std::vector<ValType>& list) {
    key.push_back(list.size());
    for (ValType type : list) key.push_back(key_of(type, first, ids));
  };
  for (const SubType& type : types.subspan(first, size)) {
    key.push_back(static_cast<uint64_t>(type.kind) | (type.is_final ? 256u : 0u));
    key.push_back(type.supertypes.size());
    for (TypeIndex super : type.supertypes) key.push_back(key_of(super, first, ids));
    if (type.kind == SubType::Kind::func) {
      add_list(type.func.params);
      add_list(type.func.results);
      continue;
    }
    key.push_back(type.fields.size());
    for (const wasm::FieldType& field : type.fields) {
      key.push_back(static_cast<uint64_t>(field.packing) | (field.is_mutable ? 256u : 0u));
      key.push_back(key_of(field.type, first, ids));
    }
  }
  return key;
}

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
    auto [place, is_new] = groups_.try_emplace(group_key(types, first, group.size, ids), next_id());
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

Result<uint32_t> TypeRegistry::add(const wasm::FuncType& type) {
  for (ValType value : type.params) CHECK(!value.is_ref() || !value.heap().is_concrete());
  for (ValType value : type.results) CHECK(!value.is_ref() || !value.heap().is_concrete());
  SubType sub;
  sub.func = type;
  wasm::RecGroup group;
  std::vector<uint32_t> ids = TRY(add(std::span(&sub, 1), std::span(&group, 1)));
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

HeapType::Abstract TypeRegistry::kind_of(uint32_t id) const {
  return abstract_kind(type(id).kind);
}

bool TypeRegistry::matches(HeapType sub, HeapType super) const {
  if (sub == super) return true;
  if (sub.is_concrete() && super.is_concrete())
    return is_subtype(sub.type().index, super.type().index);
  if (sub.is_concrete()) return abstract_matches(kind_of(sub.type().index), super.abstract());
  if (super.is_concrete()) return is_bottom_of(sub.abstract(), kind_of(super.type().index));
  return abstract_matches(sub.abstract(), super.abstract());
}

bool TypeRegistry::matches(ValType sub, ValType super) const {
  if (sub == super) return true;
  if (!sub.is_ref() || !super.is_ref()) return false;
  if (sub.is_nullable() && !super.is_nullable()) return false;
  return matches(sub.heap(), super.heap());
}

}  // namespace tenon::runtime
