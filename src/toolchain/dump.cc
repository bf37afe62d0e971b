#include "toolchain/dump.h"

#include <fmt/format.h>

#include "toolchain/dump_component.h"
#include "toolchain/dump_module.h"
#include "toolchain/listing.h"
#include "toolchain/sections.h"

namespace tenon::toolchain {

namespace {

// Recursion is bounded by check_depth().
Result<void> list(Listing& to, std::span<const uint8_t> bytes, uint64_t origin, uint32_t depth) {
  TRY_VOID(check_depth(depth, origin));
  SectionReader in(bytes, origin);
  TRY_VOID(in.status());
  const char* what = in.is_component() ? "a component" : "a core module";
  to.item_to(origin + preamble_size, fmt::format("preamble of {}", what));
  ModuleDump module(to);
  ComponentDump component(to);
  while (!in.at_end() && !to.is_full()) {
    Section section = in.next();
    TRY_VOID(in.status());
    const char* name = in.is_component() ? ComponentDump::section_name(section.id)
                                         : ModuleDump::section_name(section.id);
    if (name == nullptr)
      return std::unexpected(Error(ErrorCode::malformed, "malformed section id").at(section.start));
    std::string heading = fmt::format("{} section, {} bytes", name, section.content.size());
    if (in.is_nested(section)) {
      to.item_to(section.offset, component.define_nested(section.id) + " " + heading);
      to.indent();
      auto nested = list(to, section.content, section.offset, depth + 1);
      to.outdent();
      TRY_VOID(std::move(nested));
      continue;
    }
    to.item_to(section.offset, heading);
    to.indent();
    auto listed = in.is_component() ? component.section(section) : module.section(section);
    to.outdent();
    if (!listed)
      return std::unexpected(std::move(listed).error().in(fmt::format("{} section", name)));
  }
  return {};
}

}  // namespace

std::string dump_around(std::span<const uint8_t> binary, uint64_t offset) {
  Listing to(binary, offset);
  // Where the listing ends does not matter.
  (void)list(to, binary, 0, 0);
  return to.take_around();
}

Dump dump(std::span<const uint8_t> binary) {
  Listing to(binary);
  auto status = list(to, binary, 0, 0);
  if (status && to.is_full()) status = fail(ErrorCode::limit, "the listing is too long");
  return {to.take(), std::move(status)};
}

}  // namespace tenon::toolchain
