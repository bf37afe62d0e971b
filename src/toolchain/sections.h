#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/byte_reader.h"
#include "base/result.h"
#include "component/binary/codes.h"

// A module or component as the sequence of its sections, whose contents nobody has looked into: for
// commands that keep most bytes as they are. Views point into the binary. What can fail: bytes that
// do not follow this much of the format.
namespace tenon::toolchain {

struct Section {
  uint8_t id = 0;
  uint64_t start = 0;   // offset of the id in the outermost binary
  uint64_t offset = 0;  // of the content
  std::span<const uint8_t> content;

  uint64_t end() const { return offset + content.size(); }
  // Of a component's section.
  component::Section kind() const { return static_cast<component::Section>(id); }
};

constexpr size_t preamble_size = 8;

class SectionReader {
 public:
  // `origin` is the offset of `bytes` in the outermost binary.
  explicit SectionReader(std::span<const uint8_t> bytes, uint64_t origin = 0);

  bool is_component() const { return is_component_; }
  // Also after a failure.
  bool at_end() const { return in_.at_end(); }
  // An empty custom section after a failure.
  Section next();
  Result<void> status() const { return in_.status(); }

  // Whether `section`, which stands here, is itself a module or a component.
  bool is_nested(const Section& section) const {
    return is_component_ && (section.kind() == component::Section::core_module ||
                             section.kind() == component::Section::component);
  }

 private:
  ByteReader in_;
  bool is_component_ = false;
};

// The name of a custom section, and what stands behind it. The name is UTF-8.
struct CustomSection {
  std::string_view name;
  uint64_t offset = 0;  // of `bytes`
  std::span<const uint8_t> bytes;
};
Result<CustomSection> custom_section(const Section& section);

// An error unless components may be nested this deep.
Result<void> check_depth(uint32_t depth, uint64_t offset);

}  // namespace tenon::toolchain
