#pragma once

#include <cstdint>
#include <span>

#include "wasm/text/cursor.h"
#include "wasm/text/module_parts.h"
#include "wasm/text/printer.h"

// The annotation `(@dylink.0 ...)`: the custom section `dylink.0`, by which C toolchains describe
// shared libraries, in words. It stands before all other sections.
namespace tenon::wasm::text {

constexpr std::string_view dylink_annotation = "dylink.0";

void parse_dylink(Cursor& in, const Annotation& annotation, ModuleParts& parts);
// False, and nothing printed, where the bytes do not follow the format.
bool print_dylink(Printer& to, std::span<const uint8_t> bytes, uint64_t offset);

}  // namespace tenon::wasm::text
