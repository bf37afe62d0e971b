#pragma once

#include "base/result.h"
#include "wasm/features.h"
#include "wasm/module.h"

// Validation of decoded modules.
namespace tenon::wasm {

// wasm: valid-module, but for the bodies: for callers that walk each body themselves
// (validate/function.h) when they compile it. Nothing of a module may run before every one of its
// bodies was walked or refused.
Result<void> validate_declarations(const Module& module, Features features);

// All of the module, bodies included.
Result<void> validate_module(const Module& module, Features features);

}  // namespace tenon::wasm
