#include "component/binary/component_names.h"

#include "component/binary/codes.h"
#include "component/binary/sorts.h"

namespace tenon::component {

ComponentNames::ComponentNames(const Component& component) {
  for (const wasm::CustomSection& custom : component.customs) {
    if (custom.name != component_name_section) continue;
    read(custom.bytes);
    return;
  }
}

void ComponentNames::read(std::span<const uint8_t> section) {
  constexpr uint8_t component_name = 0;
  constexpr uint8_t sort_names = 1;
  ByteReader in(section);
  while (in.ok() && !in.at_end()) {
    uint8_t id = in.byte();
    uint32_t size = in.count();
    std::span<const uint8_t> bytes = in.bytes(size);
    if (id == component_name) {
      ByteReader content(bytes);
      std::string_view name = content.name();
      if (content.ok()) component_ = name;
    }
    if (id == sort_names) read_sort_names(bytes);
  }
}

// Names stand by rising index; others are passed over.
void ComponentNames::read_sort_names(std::span<const uint8_t> section) {
  wasm::Reader in(section, 0, {});
  Sort sort = read_sort(in);
  uint32_t n = in.count();
  if (!in.ok()) return;
  Names& names = sorts_[sort];
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    uint32_t index = in.u32();
    std::string_view name = in.name();
    bool rises = names.empty() || names.rbegin()->first < index;
    if (in.ok() && rises) names.emplace_hint(names.end(), index, name);
  }
}

std::string_view ComponentNames::name_of(Sort sort, uint32_t index) const {
  auto names = sorts_.find(sort);
  if (names == sorts_.end()) return {};
  auto found = names->second.find(index);
  return found == names->second.end() ? std::string_view() : found->second;
}

}  // namespace tenon::component
