#include <algorithm>

#include <fmt/format.h>

#include "base/byte_reader.h"
#include "compiler/link/debug_sections.h"

// LLVM's "Stack Map Section" format, version 3: functions, large constants, then the records of
// all functions in order. A record of a statepoint holds three constants, then its deopt operands.
namespace tenon::compiler {

namespace {

constexpr uint8_t format_version = 3;

enum Kind : uint8_t {
  kind_register = 1,
  kind_direct = 2,
  kind_indirect = 3,
  kind_constant = 4,
  kind_constant_index = 5,
};

constexpr uint32_t function_entry_bytes = 24;
constexpr uint32_t live_out_bytes = 4;
constexpr int32_t max_root_offset = 1 << 29;

struct FunctionRecords {
  ObjectPlace start;
  uint64_t records = 0;
};

uint16_t read_u16(ByteReader& in) {
  uint32_t low = in.byte();
  return static_cast<uint16_t>(low | uint32_t{in.byte()} << 8);
}

// The section itself is aligned.
void align(ByteReader& in) {
  in.bytes((8 - in.offset() % 8) % 8);
}

Result<void> read_location(ByteReader& in, std::vector<RootSlot>& roots) {
  uint8_t kind = in.byte();
  in.byte();
  uint16_t size = read_u16(in);
  uint16_t base = read_u16(in);
  read_u16(in);
  auto offset = static_cast<int32_t>(in.fixed_u32());
  if (kind == kind_constant || kind == kind_constant_index) return {};
  bool is_slot = kind == kind_indirect && size == sizeof(uint32_t) &&
                 (base == dwarf_rsp || base == dwarf_rbp) && offset % 4 == 0 &&
                 offset > -max_root_offset && offset < max_root_offset;
  if (!is_slot) {
    return fail(ErrorCode::compile,
                fmt::format("a stack map has a reference of {} bytes at location {}, register {}",
                            size, kind, base));
  }
  roots.push_back({base == dwarf_rbp ? 1u : 0u, offset});
  return {};
}

Result<void> read_record(ByteReader& in, ObjectPlace place, StackMaps& maps) {
  in.bytes(8);  // the id
  place.offset += in.fixed_u32();
  read_u16(in);
  uint16_t locations = read_u16(in);
  auto first = static_cast<uint32_t>(maps.roots.size());
  for (uint32_t i = 0; i < locations && in.ok(); ++i) TRY_VOID(read_location(in, maps.roots));
  align(in);
  read_u16(in);
  uint16_t live_outs = read_u16(in);
  in.bytes(uint64_t{live_outs} * live_out_bytes);
  align(in);
  auto count = static_cast<uint32_t>(maps.roots.size()) - first;
  if (count != 0) maps.safepoints.push_back({place, first, count});
  return {};
}

}  // namespace

Result<StackMaps> read_stack_maps(std::span<const uint8_t> bytes,
                                  std::span<const CodeReference> references) {
  StackMaps maps;
  ByteReader in(bytes);
  if (in.byte() != format_version) return fail(ErrorCode::compile, "stack maps of another version");
  in.bytes(3);
  uint32_t function_count = in.fixed_u32();
  uint32_t constant_count = in.fixed_u32();
  uint32_t record_count = in.fixed_u32();
  if (function_count > bytes.size() / function_entry_bytes)
    return fail(ErrorCode::compile, "stack maps out of bounds");
  std::vector<FunctionRecords> functions(function_count);
  for (FunctionRecords& function : functions) {
    const ObjectPlace* start = find_reference(references, in.offset());
    if (start == nullptr) return fail(ErrorCode::compile, "a stack map of no function");
    function.start = *start;
    in.bytes(16);  // where it starts, the size of its frame
    function.records = in.fixed_u64();
  }
  in.bytes(uint64_t{constant_count} * 8);
  uint64_t seen = 0;
  for (const FunctionRecords& function : functions) {
    for (uint64_t i = 0; i < function.records && in.ok(); ++i, ++seen)
      TRY_VOID(read_record(in, function.start, maps));
  }
  TRY_VOID(in.status());
  if (seen != record_count) return fail(ErrorCode::compile, "stack maps of another number");
  std::ranges::sort(maps.safepoints, {}, &ObjectSafepoint::place);
  return maps;
}

}  // namespace tenon::compiler
