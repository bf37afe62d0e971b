#include <algorithm>

#include "base/utf8.h"
#include "toolchain/metadata_sections.h"
#include "toolchain/sections.h"

namespace tenon::toolchain {

namespace {

Result<std::string> plain_text(const CustomSection& custom) {
  std::string_view text(reinterpret_cast<const char*>(custom.bytes.data()), custom.bytes.size());
  if (is_utf8(text)) return std::string(text);
  return std::unexpected(Error(ErrorCode::malformed, "malformed UTF-8 encoding").at(custom.offset));
}

// Of several sections of a name the first counts.
Result<void> read_custom(const CustomSection& custom, Metadata& to) {
  if (custom.name == name_section_name(to.is_component)) {
    if (!to.name) to.name = TRY(read_own_name(custom.bytes, custom.offset));
  } else if (custom.name == producers_section_name) {
    if (!to.producers) to.producers = TRY(read_producers(custom.bytes, custom.offset));
  } else if (auto fact = fact_of(custom.name)) {
    auto& text = to.facts[static_cast<size_t>(*fact)];
    if (!text) text = TRY(plain_text(custom));
  }
  return {};
}

// Recursion is bounded by check_depth().
Result<Metadata> read(std::span<const uint8_t> bytes, uint64_t origin, uint32_t depth) {
  TRY_VOID(check_depth(depth, origin));
  SectionReader in(bytes, origin);
  TRY_VOID(in.status());
  Metadata metadata;
  metadata.is_component = in.is_component();
  metadata.start = origin;
  metadata.end = origin + bytes.size();
  while (!in.at_end()) {
    Section section = in.next();
    TRY_VOID(in.status());
    if (in.is_nested(section)) {
      metadata.children.push_back(TRY(read(section.content, section.offset, depth + 1)));
    } else if (section.id == 0) {
      CustomSection custom = TRY(custom_section(section));
      if (auto done = read_custom(custom, metadata); !done) {
        return std::unexpected(
            std::move(done).error().in("custom section `" + std::string(custom.name) + "`"));
      }
    }
  }
  return metadata;
}

}  // namespace

std::optional<Fact> fact_of(std::string_view section_name) {
  auto at = std::ranges::find(fact_names, section_name);
  if (at == fact_names.end()) return std::nullopt;
  return static_cast<Fact>(at - fact_names.begin());
}

// wasm: binary-namesec
Result<std::optional<std::string>> read_own_name(std::span<const uint8_t> section,
                                                 uint64_t offset) {
  ByteReader in(section, offset);
  std::optional<std::string> name;
  while (!in.at_end() && !name) {
    uint8_t id = in.byte();
    ByteReader content = in.slice(in.count());
    if (!in.ok() || id != own_name_subsection) continue;
    name = content.name();
    TRY_VOID(content.status());
  }
  TRY_VOID(in.status());
  return name;
}

Result<Producers> read_producers(std::span<const uint8_t> section, uint64_t offset) {
  ByteReader in(section, offset);
  Producers producers;
  uint32_t fields = in.count();
  for (uint32_t i = 0; i < fields && in.ok(); ++i) {
    ProducerField field;
    field.name = in.name();
    uint32_t values = in.count();
    for (uint32_t k = 0; k < values && in.ok(); ++k) {
      Producer value;
      value.name = in.name();
      value.version = in.name();
      field.values.push_back(std::move(value));
    }
    producers.push_back(std::move(field));
  }
  if (in.ok() && !in.at_end()) in.fail("section size mismatch");
  TRY_VOID(in.status());
  return producers;
}

Result<Metadata> read_metadata(std::span<const uint8_t> binary) {
  return read(binary, 0, 0);
}

}  // namespace tenon::toolchain
