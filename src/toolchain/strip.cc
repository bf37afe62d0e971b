#include "toolchain/strip.h"

#include "toolchain/sections.h"
#include "wasm/binary/byte_writer.h"

namespace tenon::toolchain {

namespace {

using wasm::ByteWriter;

// Recursion is bounded by check_depth().
Result<ByteWriter> stripped(std::span<const uint8_t> bytes, uint64_t origin, uint32_t depth,
                            const RemovesSection& removes) {
  TRY_VOID(check_depth(depth, origin));
  SectionReader in(bytes, origin);
  TRY_VOID(in.status());
  ByteWriter out;
  out.bytes(bytes.first(preamble_size));
  while (!in.at_end()) {
    Section section = in.next();
    TRY_VOID(in.status());
    if (section.id == 0) {
      CustomSection custom = TRY(custom_section(section));
      if (removes(custom.name)) continue;
    }
    out.byte(section.id);
    if (in.is_nested(section)) {
      out.sized(TRY(stripped(section.content, section.offset, depth + 1, removes)));
    } else {
      out.size(section.content.size());
      out.bytes(section.content);
    }
  }
  return out;
}

}  // namespace

bool is_removed_by_default(std::string_view name) {
  return name != "name" && name != "dylink.0" && !name.starts_with("component-type:");
}

Result<std::vector<uint8_t>> strip(std::span<const uint8_t> binary, const RemovesSection& removes) {
  ByteWriter out = TRY(stripped(binary, 0, 0, removes));
  return out.take();
}

}  // namespace tenon::toolchain
