#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <unordered_map>
#include <vector>

#include "wasm/module.h"

// Identity of defined types across recursion groups and modules (wasm: aux-roll-rectype). Two groups are equal
// when they are the same word for word, where a reference into the group itself is relative to the group's
// start and any other names an id that stands for an equal type. Values; no thread of their own.
namespace tenon::wasm {

// A recursion group with every reference made independent of its module.
struct CanonicalGroup {
  std::vector<uint32_t> words;
  friend bool operator==(const CanonicalGroup&, const CanonicalGroup&) = default;
};

struct CanonicalGroupHash {
  size_t operator()(const CanonicalGroup& group) const;
};

// `ids` gives, for each type of the module before the group, an id that is equal for equal types. Every type
// index in the group must be below the group's end.
CanonicalGroup canonical_group(const Module& module, const RecGroup& group, std::span<const uint32_t> ids);

// Gives ids to types so that equal types, of the same or of different modules, have equal ids. Ids count up from
// zero and are never reused. Not thread-safe: an engine guards its own.
class TypeRegistry {
 public:
  // The ids of the module's types, by type index. Types that are new here get new ids.
  std::vector<uint32_t> intern(const Module& module);
  uint32_t size() const { return next_id_; }

 private:
  // From a group to the id of its first type; the others follow.
  std::unordered_map<CanonicalGroup, uint32_t, CanonicalGroupHash> groups_;
  uint32_t next_id_ = 0;
};

// For each type the first one of the module that equals it.
IdVector<TypeIndex, TypeIndex> canonical_types(const Module& module);

}  // namespace tenon::wasm
