#include "toolchain/sections.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "component/binary/decode.h"
#include "wasm/binary/decode_module.h"

namespace tenon::toolchain {

SectionReader::SectionReader(std::span<const uint8_t> bytes, uint64_t origin)
    : in_(bytes, origin), is_component_(component::is_component(bytes)) {
  bool is_known = is_component_ || wasm::is_core_module(bytes);
  in_.bytes(preamble_size);
  if (!is_known) in_.fail_at("neither a core module nor a component", origin);
}

Section SectionReader::next() {
  Section section;
  section.start = in_.offset();
  section.id = in_.byte();
  size_t size = in_.u32();
  section.offset = in_.offset();
  section.content = in_.bytes(size);
  return in_.ok() ? section : Section{};
}

Result<CustomSection> custom_section(const Section& section) {
  ByteReader in(section.content, section.offset);
  CustomSection custom;
  custom.name = in.name();
  custom.offset = in.offset();
  custom.bytes = in.bytes(in.left());
  TRY_VOID(in.status());
  return custom;
}

Result<void> check_depth(uint32_t depth, uint64_t offset) {
  if (depth <= limits::max_component_depth) return {};
  return std::unexpected(Error(ErrorCode::limit, fmt::format("components are nested deeper than {}",
                                                             limits::max_component_depth))
                             .at(offset));
}

}  // namespace tenon::toolchain
