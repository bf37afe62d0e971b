#pragma once

#include <map>
#include <optional>
#include <string_view>

#include "component/component.h"

// What a component and its definitions were called in the source, by its `component-name` section.
// It is hearsay: nothing in it makes a component invalid, and reading stops silently where the
// section does not follow its format. Views point into the component's bytes.
namespace tenon::component {

// component: Binary.md#name-section
class ComponentNames {
 public:
  using Names = std::map<uint32_t, std::string_view>;  // by index

  explicit ComponentNames(const Component& component);

  std::optional<std::string_view> component() const { return component_; }
  const std::map<Sort, Names>& sorts() const { return sorts_; }
  // Empty when there is none.
  std::string_view name_of(Sort sort, uint32_t index) const;

 private:
  void read(std::span<const uint8_t> section);
  void read_sort_names(std::span<const uint8_t> section);

  std::optional<std::string_view> component_;
  std::map<Sort, Names> sorts_;
};

}  // namespace tenon::component
