#pragma once

#include "base/result.h"
#include "component/component.h"
#include "component/validate/validated.h"
#include "wasm/features.h"

// Checks a decoded component against the rules of the Component Model, its core modules included.
// What this accepts can be planned, instantiated and called without further questions about its
// structure.
namespace tenon::component {

Result<Validated> validate(const DecodedComponent& component,
                           wasm::Features features = wasm::Features::defaults());

}  // namespace tenon::component
