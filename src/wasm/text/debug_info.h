#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "wasm/text/source.h"

// Debugging information that leads from a module's instructions back to its text: DWARF 5 with the
// addresses of WebAssembly, which are offsets in the code section. In goes a module whose text has
// been read with marks; out come custom sections. Nothing can fail.
//
// dwarf: DWARF Version 5; wasm: "DWARF for WebAssembly" (tool conventions)
namespace tenon::wasm::text {

struct ModuleParts;

enum class DebugInfo : uint8_t {
  none,
  lines,  // which line and column each instruction is of, and where functions begin
  full,   // parameters and locals of number types, too
};

struct DebugSection {
  std::string_view name;
  std::vector<uint8_t> bytes;
};

// No sections where the module has no functions of its own.
std::vector<DebugSection> debug_sections(const ModuleParts& parts, const Source& source,
                                         DebugInfo level);

}  // namespace tenon::wasm::text
