#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"
#include "wasm/text/print_module.h"

// The text of a component, with its core modules and nested components. In goes the binary format,
// out comes text that parses back to it: byte for byte where the binary uses the shortest encodings
// and no empty sections, but for names of modules that differ from the component's names for them.
// What can fail: bytes that do not decode, and text beyond a limit. Nothing is validated, so that a
// component that is not valid can be looked at.
namespace tenon::component::text {

Result<std::string> print_component(std::span<const uint8_t> bytes,
                                    const wasm::text::PrintOptions& options = {});

}  // namespace tenon::component::text
