#include <algorithm>

#include <fmt/format.h>

#include "base/byte_reader.h"
#include "compiler/link/debug_sections.h"

namespace tenon::compiler {

namespace {

constexpr uint8_t omitted = 0xff;  // DW_EH_PE_omit
constexpr uint8_t uleb128 = 0x01;  // DW_EH_PE_uleb128

// The call sites of one function: runs of code, each with the offset of its landing pad from the
// start of the function, or 0. There are no types to choose by: guests compare tags themselves.
Result<void> read_call_sites(ByteReader& in, const ExceptionTable& table,
                             std::vector<ObjectLandingPad>& pads) {
  uint8_t start_encoding = in.byte();
  uint8_t types_encoding = in.byte();
  uint8_t site_encoding = in.byte();
  if (start_encoding != omitted || types_encoding != omitted || site_encoding != uleb128)
    return fail(ErrorCode::compile, "an exception table of another kind");
  ByteReader sites = in.slice(in.u32());
  while (sites.ok() && !sites.at_end()) {
    uint32_t start = sites.u32();
    uint32_t size = sites.u32();
    uint32_t pad = sites.u32();
    sites.u32();  // the action: all of them clean up
    if (pad == 0) continue;
    if (start > table.size || size > table.size - start || pad >= table.size)
      return fail(ErrorCode::compile, "a landing pad outside of its function");
    ObjectPlace place = table.function;
    uint32_t base = place.offset;
    place.offset += start;
    pads.push_back({place, size, base + pad});
  }
  TRY_VOID(in.status());
  return sites.status();
}

}  // namespace

Result<std::vector<ObjectLandingPad>> read_exception_tables(
    std::span<const uint8_t> bytes, std::span<const ExceptionTable> tables) {
  std::vector<ObjectLandingPad> pads;
  for (const ExceptionTable& table : tables) {
    if (table.offset > bytes.size())
      return fail(ErrorCode::compile, "an exception table out of bounds");
    ByteReader in(bytes.subspan(table.offset));
    TRY_VOID(read_call_sites(in, table, pads));
  }
  if (!std::ranges::is_sorted(pads, {}, &ObjectLandingPad::place))
    return fail(ErrorCode::compile, "exception tables are not in order");
  return pads;
}

}  // namespace tenon::compiler
