#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "component/component.h"
#include "wasm/features.h"

// Decodes the binary format of components: nested components and core modules too, but no function
// bodies. The result refers to `bytes`, which must outlive it. Nothing but the format is checked;
// indices mean nothing before validate/validate.h has accepted them. What the format has and this
// project has not built is refused as `unsupported`, by name.
namespace tenon::component {

Result<DecodedComponent> decode(std::span<const uint8_t> bytes,
                                wasm::Features features = wasm::Features::defaults());

// Whether `bytes` start like a component (as opposed to a core module, or anything else).
bool is_component(std::span<const uint8_t> bytes);

}  // namespace tenon::component
