#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

// Removal of custom sections from a module or component, nested ones included. All other sections
// keep their bytes and their order; sizes of sections are written in the shortest way.
namespace tenon::toolchain {

// Whether a custom section of this name goes.
using RemovesSection = std::function<bool(std::string_view name)>;

// Keeps what later steps need: `name`, `component-type:*` and `dylink.0`.
bool is_removed_by_default(std::string_view name);

Result<std::vector<uint8_t>> strip(std::span<const uint8_t> binary, const RemovesSection& removes);

}  // namespace tenon::toolchain
