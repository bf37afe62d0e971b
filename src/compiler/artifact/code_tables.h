#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

// The tables of docs/contract.md, section 7, as they lie in an artifact: which function, how to
// unwind, where an exception lands, which wasm instruction, for an offset into the text. Searched
// in place. Every look-up is safe in a signal handler and on damaged tables: it reads within the
// spans and takes no lock.
//
// A return address belongs to the call before it: look up `return_address - 1`.
namespace tenon::compiler {

// Sorted by `start`.
struct FunctionEntry {
  uint32_t start;
  uint32_t module;
  uint32_t function;  // in the module's function index space
};

// Holds from `start` up to the next row.
struct UnwindRow {
  uint32_t start;
  uint32_t rule;  // index in CodeTables::unwind_rules
};

// The registers that a function preserves for its caller.
enum class SavedRegister : uint8_t { rbp, rbx, r12, r14, r15 };
constexpr size_t saved_registers = 5;

// How to get from one frame to its caller's. The canonical frame address (CFA) is the caller's
// stack pointer at its call; the return address is at CFA - 8. All distances are multiples of 8.
struct UnwindRule {
  uint32_t cfa_offset = 0;  // bytes
  uint16_t from_rbp = 0;    // 1: CFA = rbp + cfa_offset, 0: rsp + cfa_offset
  // By SavedRegister: the caller's value is at CFA - this; 0: it is still in the register.
  std::array<uint16_t, saved_registers> saved_below{};

  // A walk ends here: no offset is 0 otherwise.
  static constexpr UnwindRule unknown() { return {}; }

  static constexpr uint32_t max_cfa_offset = 1u << 26;
  static constexpr uint32_t max_saved_below = 0xfff8;

  friend constexpr auto operator<=>(const UnwindRule&, const UnwindRule&) = default;
};
static_assert(sizeof(UnwindRule) == 16);

// An exception that leaves the call whose return address is in (start, end] goes on at `pad`, in
// the same function. Sorted; ranges do not overlap.
struct LandingPad {
  uint32_t start;
  uint32_t end;
  uint32_t pad;
};

// A call during which objects may be collected, and which of its frame's slots hold references to
// them. Sorted by `return_offset`; the roots of one end where those of the next begin, and the last
// entry, for no call, holds the end of all.
struct Safepoint {
  uint32_t return_offset;
  uint32_t first_root;  // in CodeTables::roots
};

// Four bytes at base + offset, a GcRef; the base is the frame's stack pointer at the call, or rbp.
struct RootSlot {
  uint32_t from_rbp : 1;
  int32_t offset : 31;
};
static_assert(sizeof(RootSlot) == 4);

// Positions are a stream of rows (text offset, code offset in the outermost binary), cut into
// blocks. A block gives its first row; the stream holds, for each further row, the differences to
// the row before: of the text offsets as LEB128, of the positions as zigzag LEB128. Positions are
// stored plus 1; 0 is "none".
struct PositionBlock {
  uint32_t start;
  uint32_t position;
  uint32_t stream;  // where its further rows begin
};
constexpr uint32_t position_block_rows = 64;

struct CodeTables {
  std::span<const FunctionEntry> functions;
  std::span<const UnwindRow> unwind;
  std::span<const UnwindRule> unwind_rules;
  std::span<const LandingPad> landing_pads;
  std::span<const Safepoint> safepoints;
  std::span<const RootSlot> roots;
  std::span<const PositionBlock> position_blocks;
  std::span<const uint8_t> position_stream;

  // The function whose code holds the offset; null when it lies before the first.
  const FunctionEntry* find_function(uint32_t offset) const;
  // Null where no row is.
  const UnwindRule* find_unwind(uint32_t offset) const;
  // Null when an exception passes the call at the offset.
  const LandingPad* find_landing_pad(uint32_t offset) const;
  // Of the call that returns to exactly this offset.
  std::span<const RootSlot> find_roots(uint32_t return_offset) const;
  // Offset of the instruction in the outermost binary.
  std::optional<uint32_t> find_position(uint32_t offset) const;
};

}  // namespace tenon::compiler
