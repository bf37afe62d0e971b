#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wasm/features.h"

// The text of a core module. In goes the binary format, out comes text that parses back to it: byte
// for byte where the binary uses the shortest encodings, but for the place of custom sections next
// to the name section. Names come from the name section, made unique and legal. What can fail:
// bytes that do not decode, and text beyond a limit. Types are not checked, so that a module that
// is not valid can be looked at.
namespace tenon::wasm::text {

struct PrintOptions {
  bool offsets = false;    // in front of each line, the offset in the binary
  bool skeleton = false;   // leave out instructions and the contents of segments
  bool folded = false;     // instructions around their operands
  bool names_all = false;  // made-up identifiers for what has no name
  // Behind each instruction, as a comment, the operands of the innermost block, or that it is not
  // valid.
  bool operands = false;
  Features features = Features::validated();  // what is off is refused where it is used
  std::string indent = "  ";
};

// No text is made beyond this many bytes: long names and types can make it far larger than the
// binary.
constexpr uint64_t max_printed_bytes = uint64_t{1} << 32;

// Where a module stands within a component.
struct ModulePlace {
  uint64_t origin = 0;            // of its first byte in the outermost binary
  uint32_t depth = 0;             // of the line that it begins on
  std::string_view opening = {};  // in place of `(module` and the name
};
Result<std::string> print_module(std::span<const uint8_t> bytes, const PrintOptions& options = {},
                                 const ModulePlace& place = {});

}  // namespace tenon::wasm::text
