#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "compiler/link/object.h"

// Readers of the two DWARF sections that the linker turns into tables of its own.
namespace tenon::compiler {

// Where a relocated field points to, by the field's offset in its section; sorted.
struct CodeReference {
  uint64_t field = 0;
  ObjectPlace target;
};

// .eh_frame: the call frame instructions of every function, run to rows. Anything that UnwindRule
// cannot express is an error.
Result<std::vector<ObjectUnwindRow>> read_eh_frame(std::span<const uint8_t> bytes,
                                                   std::span<const CodeReference> references);

// .debug_line, versions 4 and 5: the line programs, run to rows.
Result<std::vector<ObjectPosition>> read_debug_line(std::span<const uint8_t> bytes,
                                                    std::span<const CodeReference> references);

// The target of the field at `offset`; null when it has no relocation.
const ObjectPlace* find_reference(std::span<const CodeReference> references, uint64_t offset);

}  // namespace tenon::compiler
