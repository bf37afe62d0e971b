#include "component/validate/core_type_set.h"

#include <fmt/format.h>

#include <optional>

#include "base/limits.h"
#include "wasm/map_types.h"
#include "wasm/validate/subtyping.h"

namespace tenon::component {
namespace {

using wasm::SubType;
using wasm::TypeIndex;

std::unexpected<Error> invalid(std::string message) {
  return fail(ErrorCode::invalid, std::move(message));
}

// The bytes that a type takes, about.
uint64_t byte_size(const SubType& type) {
  size_t values = type.func.params.size() + type.func.results.size();
  return sizeof(SubType) + values * sizeof(wasm::ValType) +
         type.fields.size() * sizeof(wasm::FieldType);
}

// Maps type indices by `resolve`, and keeps the first error.
struct Mapping {
  const CoreTypeSet::Resolve& resolve;
  std::optional<Error> error;

  TypeIndex operator()(TypeIndex type) {
    Result<CoreTypeId> id = resolve(type.index);
    if (id) return *id;
    if (!error) error = std::move(id).error();
    return type;
  }
};

}  // namespace

Result<wasm::ValType> resolve_val_type(wasm::ValType type, const CoreTypeSet::Resolve& resolve) {
  Mapping mapping{resolve, {}};
  wasm::ValType mapped = wasm::map_type(type, mapping);
  if (mapping.error) return std::unexpected(std::move(*mapping.error));
  return mapped;
}

// The group is put behind all other types, and taken away again where an equal one is there.
Result<CoreTypeId> CoreTypeSet::add(std::span<const SubType> group, uint32_t first,
                                    const Resolve& resolve) {
  auto size = static_cast<uint32_t>(types_.types.size());
  Result<void> appended = append(group, first, resolve);
  Result<CoreTypeId> id = appended ? intern(size) : std::unexpected(std::move(appended).error());
  if (!id || id->index != size) truncate(size);
  return id;
}

Result<void> CoreTypeSet::append(std::span<const SubType> group, uint32_t first,
                                 const Resolve& resolve) {
  auto size = static_cast<uint32_t>(types_.types.size());
  Resolve resolve_own = [&](uint32_t index) -> Result<CoreTypeId> {
    bool is_own = index >= first && index - first < group.size();
    return is_own ? CoreTypeId(size + (index - first)) : resolve(index);
  };
  Mapping mapping{resolve_own, {}};
  for (size_t i = 0; i < group.size(); i++) {
    for (TypeIndex super : group[i].supertypes) {
      if (super.index >= first + i) return invalid(fmt::format("unknown type {}", super.index));
    }
    SubType type = group[i];
    wasm::map_types(type, mapping);
    if (mapping.error) return std::unexpected(std::move(*mapping.error));
    types_.canonical_types.push_back(types_.types.push_back(std::move(type)));
    ids_.push_back(static_cast<uint32_t>(size + i));
  }
  return {};
}

// The id of the group that begins at `size`, if there is one like it, else that of its first type.
Result<CoreTypeId> CoreTypeSet::intern(uint32_t size) {
  wasm::RecGroup group{TypeIndex(size), static_cast<uint32_t>(types_.types.size() - size)};
  wasm::CanonicalGroup key = wasm::canonical_group(types_.types.items(), group, ids_);
  auto known = groups_.find(key);
  if (known != groups_.end()) return known->second;
  TRY_VOID(check_from(size));
  bytes_ += key.size() * sizeof(key[0]);
  groups_.emplace(std::move(key), group.first);
  types_.rec_groups.push_back(group);
  return group.first;
}

// wasm: valid-subtype. Of the types from `size` on. All depths are checked before any types are
// compared, since that walks along chains of supertypes.
Result<void> CoreTypeSet::check_from(uint32_t size) {
  const auto& types = types_.types.items();
  for (size_t i = size; i < types.size(); i++) {
    Facts facts{.is_alone = types.size() - size == 1};
    for (TypeIndex super : types[i].supertypes)
      facts.depth = static_cast<uint8_t>(facts_[super.index].depth + 1);
    if (facts.depth > limits::max_subtype_depth)
      return fail(ErrorCode::limit, "the chain of supertypes is too long");
    facts_.push_back(facts);
  }
  uint64_t bytes = bytes_;
  for (size_t i = size; i < types.size(); i++) {
    for (TypeIndex super : types[i].supertypes) {
      if (!types[super.index].is_final &&
          wasm::composite_matches(types_, types[i], types[super.index]))
        continue;
      return invalid("sub type does not match its super type");
    }
    bytes += byte_size(types[i]);
  }
  if (bytes > limits::max_component_type_bytes)
    return fail(ErrorCode::limit, "the core types of the component take too much memory");
  bytes_ = bytes;
  return {};
}

void CoreTypeSet::truncate(uint32_t size) {
  types_.types.items().resize(size);
  types_.canonical_types.items().resize(size);
  ids_.resize(size);
  if (facts_.size() > size) facts_.resize(size);
}

bool CoreTypeSet::is_plain(CoreTypeId id) const {
  const SubType& type = types_.types[id];
  return type.is_final && type.supertypes.empty() && facts_[id.index].is_alone;
}

Result<std::vector<CoreTypeId>> CoreTypeSet::add(const wasm::Module& module) {
  std::vector<CoreTypeId> ids;
  ids.reserve(module.types.size());
  std::span<const SubType> types = module.types.items();
  Resolve resolve = [&](uint32_t index) -> Result<CoreTypeId> { return ids[index]; };
  for (const wasm::RecGroup& group : module.rec_groups) {
    uint32_t first = group.first.index;
    CoreTypeId id = TRY(add(types.subspan(first, group.size), first, resolve));
    for (uint32_t i = 0; i < group.size; i++) ids.push_back(CoreTypeId(id.index + i));
  }
  return ids;
}

Result<CoreTypeId> CoreTypeSet::add(wasm::FuncType type) {
  SubType sub;
  sub.func = std::move(type);
  return add(std::span(&sub, 1), 0, [](uint32_t index) -> Result<CoreTypeId> {
    return invalid(fmt::format("unknown type {}", index));
  });
}

}  // namespace tenon::component
