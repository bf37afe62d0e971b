#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "compiler/link/object.h"

// Readers of the sections that the linker turns into tables of its own: two of DWARF, what a
// language adds to them for its exceptions, and LLVM's stack maps.
namespace tenon::compiler {

// Numbers of registers, as all of these sections use them.
constexpr uint64_t dwarf_rbp = 6;
constexpr uint64_t dwarf_rsp = 7;

// Where a relocated field points to, by the field's offset in its section; sorted.
struct CodeReference {
  uint64_t field = 0;
  ObjectPlace target;
};

// A field of .eh_frame that points into .gcc_except_table.
struct TableReference {
  uint64_t field = 0;
  uint64_t offset = 0;
};

// A function with landing pads: where it starts, and its part of .gcc_except_table.
struct ExceptionTable {
  ObjectPlace function;
  uint32_t size = 0;  // of the function
  uint64_t offset = 0;
};

struct FrameInfo {
  std::vector<ObjectUnwindRow> rows;
  std::vector<ExceptionTable> exception_tables;
};

// .eh_frame: the call frame instructions of every function, run to rows. Anything that UnwindRule
// cannot express is an error. Both kinds of references are sorted by field.
Result<FrameInfo> read_eh_frame(std::span<const uint8_t> bytes,
                                std::span<const CodeReference> references,
                                std::span<const TableReference> tables);

// .gcc_except_table: the call sites that have landing pads.
Result<std::vector<ObjectLandingPad>> read_exception_tables(std::span<const uint8_t> bytes,
                                                            std::span<const ExceptionTable> tables);

struct StackMaps {
  std::vector<ObjectSafepoint> safepoints;
  std::vector<RootSlot> roots;
};

// .llvm_stackmaps: where the references are that calls have as deopt operands.
Result<StackMaps> read_stack_maps(std::span<const uint8_t> bytes,
                                  std::span<const CodeReference> references);

// .debug_line, versions 4 and 5: the line programs, run to rows.
Result<std::vector<ObjectPosition>> read_debug_line(std::span<const uint8_t> bytes,
                                                    std::span<const CodeReference> references);

// The target of the field at `offset`; null when it has no relocation.
const ObjectPlace* find_reference(std::span<const CodeReference> references, uint64_t offset);

}  // namespace tenon::compiler
