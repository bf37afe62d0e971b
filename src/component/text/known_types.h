#pragma once

#include <deque>
#include <optional>
#include <unordered_map>

#include "component/types.h"

// The value types that a text or a decoded component spells out itself, so that the values of its
// definitions can be read and written by type. Types that come out of an instance or an import are
// not known before validation; nor is what is made of them.
namespace tenon::component::text {

class KnownTypes {
 public:
  // Those of one component, by type index.
  using Space = std::unordered_map<uint32_t, ValType>;

  // The type at an index of `space`, or the primitive type itself.
  std::optional<ValType> find(const Space& space, ValType written) const {
    return written.is_primitive() ? std::optional(written) : find(space, written.type().index);
  }
  std::optional<ValType> find(const Space& space, uint32_t index) const {
    auto found = space.find(index);
    return found == space.end() ? std::nullopt : std::optional(found->second);
  }
  // `type` refers to indices of `space`.
  void define(Space& space, uint32_t index, Type type);
  // Where `known` is one.
  static void define(Space& space, uint32_t index, std::optional<ValType> known) {
    if (known) space.emplace(index, *known);
  }

  // Of a type that `find` gave.
  const Type& operator[](TypeId id) const { return types_[id.index]; }

 private:
  std::deque<Type> types_;
};

}  // namespace tenon::component::text
