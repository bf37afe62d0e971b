#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "wasm/module.h"

// Identity of defined types across recursion groups and modules (wasm: aux-roll-rectype). Two
// groups are equal when they are the same word for word, where a reference into the group itself is
// relative to the group's start and any other names an id that stands for an equal type.
namespace tenon::wasm {

// A recursion group with every reference made independent of its module. Ordered, so that it can be
// the key of a map; a guest that chooses types must not choose hash collisions.
using CanonicalGroup = std::vector<uint32_t>;

// `ids` gives, for each type of the module before the group, an id that is equal for equal types.
// Every type index in the group must be below the group's end.
CanonicalGroup canonical_group(std::span<const SubType> types, const RecGroup& group,
                               std::span<const uint32_t> ids);

// For each type the first one of the module that equals it.
IdVector<TypeIndex, TypeIndex> canonical_types(const Module& module);

}  // namespace tenon::wasm
