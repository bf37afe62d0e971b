#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"

// What a tier hands out is checked against docs/contract.md, section 6, before anyone links it.
namespace tenon::compiler::llvm_tier {

// Undefined symbols are functions of a module, and code and read-only data have no relocations but
// PC-relative ones.
Result<void> check_object(std::span<const uint8_t> object);

}  // namespace tenon::compiler::llvm_tier
