#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "toolchain/metadata.h"

// The custom sections that metadata stands in. Used by the files of metadata alone.
namespace tenon::toolchain {

constexpr std::string_view producers_section_name = "producers";
// The name section of a module or component.
constexpr std::string_view name_section_name(bool is_component) {
  return is_component ? "component-name" : "name";
}
constexpr uint8_t own_name_subsection = 0;

std::optional<Fact> fact_of(std::string_view section_name);

// The name of the module or component itself, if its name section has one.
Result<std::optional<std::string>> read_own_name(std::span<const uint8_t> section, uint64_t offset);
Result<Producers> read_producers(std::span<const uint8_t> section, uint64_t offset);

}  // namespace tenon::toolchain
