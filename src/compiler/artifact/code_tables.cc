#include "compiler/artifact/code_tables.h"

#include <algorithm>
#include <cstddef>

namespace tenon::compiler {

namespace {

// The last entry that starts at or before the offset.
template <typename Entry>
const Entry* find_last(std::span<const Entry> entries, uint32_t offset) {
  size_t low = 0;
  size_t high = entries.size();
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (entries[middle].start <= offset) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low == 0 ? nullptr : &entries[low - 1];
}

// Zero at the end of the stream.
uint32_t read_leb(std::span<const uint8_t> bytes, size_t& at) {
  uint32_t value = 0;
  for (uint32_t shift = 0; shift < 35 && at < bytes.size(); shift += 7) {
    uint8_t byte = bytes[at++];
    value |= (byte & 0x7fu) << shift;
    if (byte < 0x80) break;
  }
  return value;
}

}  // namespace

const FunctionEntry* CodeTables::find_function(uint32_t offset) const {
  return find_last(functions, offset);
}

const UnwindRule* CodeTables::find_unwind(uint32_t offset) const {
  const UnwindRow* row = find_last(unwind, offset);
  if (row == nullptr || row->rule >= unwind_rules.size()) return nullptr;
  return &unwind_rules[row->rule];
}

const LandingPad* CodeTables::find_landing_pad(uint32_t offset) const {
  const LandingPad* range = find_last(landing_pads, offset);
  return range == nullptr || offset >= range->end ? nullptr : range;
}

std::span<const RootSlot> CodeTables::find_roots(uint32_t return_offset) const {
  auto call = std::ranges::lower_bound(safepoints, return_offset, {}, &Safepoint::return_offset);
  if (call == safepoints.end() || call->return_offset != return_offset) return {};
  size_t first = call->first_root;
  if (++call == safepoints.end()) return {};
  size_t end = call->first_root;
  if (first > end || end > roots.size()) return {};
  return roots.subspan(first, end - first);
}

std::optional<uint32_t> CodeTables::find_position(uint32_t offset) const {
  const PositionBlock* block = find_last(position_blocks, offset);
  if (block == nullptr) return std::nullopt;
  uint32_t start = block->start;
  uint32_t position = block->position;
  bool is_last = block == &position_blocks.back();
  size_t end = is_last ? position_stream.size() : block[1].stream;
  if (end > position_stream.size()) return std::nullopt;
  for (size_t at = block->stream; at < end;) {
    start += read_leb(position_stream, at);
    uint32_t zigzag = read_leb(position_stream, at);
    if (start > offset) break;
    position += (zigzag >> 1) ^ (0 - (zigzag & 1));
  }
  if (position == 0) return std::nullopt;
  return position - 1;
}

}  // namespace tenon::compiler
