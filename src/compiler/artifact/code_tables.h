#pragma once

#include <cstdint>
#include <optional>
#include <span>

// The tables of docs/contract.md, section 7, as they lie in an artifact: which function, how to
// unwind, which wasm instruction, for an offset into the text. Searched in place. Every look-up is
// safe in a signal handler and on damaged tables: it reads within the spans and takes no lock.
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
  uint32_t rule;  // UnwindRule, packed
};

// How to get from one frame to its caller's. The canonical frame address (CFA) is the caller's
// stack pointer at its call; the return address is at CFA - 8.
struct UnwindRule {
  bool from_rbp = false;         // CFA = rbp + cfa_offset, else rsp + cfa_offset
  uint32_t cfa_offset = 0;       // bytes
  uint32_t rbp_saved_below = 0;  // the caller's rbp is at CFA - this; 0: still in rbp

  // A walk ends here: no offset is 0 otherwise.
  static constexpr UnwindRule unknown() { return {}; }

  static constexpr uint32_t max_cfa_offset = ((1u << 23) - 1) * 8;
  static constexpr uint32_t max_rbp_saved_below = 255 * 8;

  // Offsets must be multiples of 8 within the bounds above.
  constexpr uint32_t pack() const {
    return (cfa_offset / 8) << 9 | (rbp_saved_below / 8) << 1 | (from_rbp ? 1u : 0u);
  }
  static constexpr UnwindRule unpack(uint32_t bits) {
    return {(bits & 1) != 0, (bits >> 9) * 8, (bits >> 1 & 0xff) * 8};
  }
  friend constexpr bool operator==(const UnwindRule&, const UnwindRule&) = default;
};

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
  std::span<const PositionBlock> position_blocks;
  std::span<const uint8_t> position_stream;

  // The function whose code holds the offset; null when it lies before the first.
  const FunctionEntry* find_function(uint32_t offset) const;
  std::optional<UnwindRule> find_unwind(uint32_t offset) const;
  // Offset of the instruction in the outermost binary.
  std::optional<uint32_t> find_position(uint32_t offset) const;
};

}  // namespace tenon::compiler
