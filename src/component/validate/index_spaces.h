#pragma once

#include <array>
#include <vector>

#include "base/result.h"
#include "component/component.h"

// The index spaces of a component and the one rule for how they grow. Validator and planner walk a
// component's definitions with the same `interpret`, each with items of its own kind, so that an
// index which validation has accepted means the same thing to the planner.
namespace tenon::component {

// The sort whose index space a definition extends: every definition does, by one index, but for
// recursion groups of core types, which have one for each type, and start functions, which have one
// for each result.
Sort introduced_sort(const Definition& definition);
size_t introduced_count(const Definition& definition);

// Checks that `size` items of a sort do not exceed its limit.
Result<void> check_space_size(Sort sort, size_t size);
Error unknown_index(Sort sort, uint32_t index);

template <typename Item>
class IndexSpaces {
 public:
  Result<void> append(Sort sort, Item item) {
    auto& space = spaces_[static_cast<size_t>(sort)];
    TRY_VOID(check_space_size(sort, space.size() + 1));
    space.push_back(std::move(item));
    return {};
  }
  Result<const Item*> get(Sort sort, uint32_t index) const {
    const auto& space = spaces_[static_cast<size_t>(sort)];
    if (index >= space.size()) return std::unexpected(unknown_index(sort, index));
    return &space[index];
  }
  size_t size(Sort sort) const { return spaces_[static_cast<size_t>(sort)].size(); }

 private:
  std::array<std::vector<Item>, sort_count> spaces_;
};

// Of the items of a recursion group of core types: all alike, where nothing tells them apart.
template <typename Item>
const Item& nth_item(const Item& first, size_t) {
  return first;
}

// Runs `define(definition)`, a Result<Item>, for each definition in order and appends what it
// gives. That is the first item where there are several: `nth_item` makes the others. Where there
// is none, nobody looks at it.
template <typename Item, typename Define>
Result<void> interpret(const std::vector<Definition>& definitions, IndexSpaces<Item>& spaces,
                       Define&& define) {
  for (const Definition& definition : definitions) {
    Result<Item> item = define(definition);
    if (!item) return std::unexpected(std::move(item).error().at(definition.offset));
    Sort sort = introduced_sort(definition);
    size_t count = introduced_count(definition);
    for (size_t i = 0; i < count; i++) {
      Result<void> appended = spaces.append(sort, nth_item(*item, i));
      if (!appended) return std::unexpected(std::move(appended).error().at(definition.offset));
    }
  }
  return {};
}

}  // namespace tenon::component
