#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "wasm/features.h"
#include "wasm/module.h"

// Decodes the binary format of core modules. The result refers to `bytes`, which must outlive it.
// Bodies are not looked into: the walker decodes them when they are validated or compiled. What is
// decoded is checked by validate/module.h before use; only indices into the types section are
// checked here.
namespace tenon::wasm {

// `base_offset` is the offset of `bytes` in the outermost binary: the place of a module within a
// component.
Result<Module> decode_module(std::span<const uint8_t> bytes, uint64_t base_offset = 0,
                             Features features = Features::defaults());

// Whether `bytes` start like a core module (as opposed to a component, or anything else).
bool is_core_module(std::span<const uint8_t> bytes);

}  // namespace tenon::wasm
