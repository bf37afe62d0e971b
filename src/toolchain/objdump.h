#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"

// A table of the sections of a module or component, those of nested ones included: a line each with
// name, range of offsets, size, and number of entries. The lines are those of `wasm-tools objdump`.
namespace tenon::toolchain {

Result<std::string> objdump(std::span<const uint8_t> binary);

}  // namespace tenon::toolchain
