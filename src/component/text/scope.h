#pragma once

#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include "component/binary/encode.h"
#include "component/binary/sorts.h"
#include "component/text/known_types.h"
#include "wasm/text/module_parts.h"

// A component, or the type of a component, an instance or a core module, while its text is read:
// its index spaces with their identifiers, and what has been written of it so far.
namespace tenon::component::text {

using wasm::ByteWriter;
using wasm::text::NameMap;
using wasm::text::SourceMark;

// An export that stands within another definition: it is written behind all definitions.
struct InlineExport {
  Sort sort = Sort::func;
  uint32_t index = 0;
  ByteWriter name;  // as the binary has it, with attributes
  size_t source = 0;
};

struct Scope {
  enum class Kind : uint8_t { component, component_type, instance_type, module_type };

  Scope(Kind which, bool keeps_marks) : kind(which), writer(keeps_marks) {}

  struct Space {
    NameMap ids;
    wasm::text::NameList names;  // for the name section
    uint32_t size = 0;
  };
  Space& space(Sort sort) { return spaces[static_cast<size_t>(sort)]; }
  const Space& space(Sort sort) const { return spaces[static_cast<size_t>(sort)]; }

  Kind kind;
  std::string_view id;                   // as outer aliases name it; empty: none
  std::optional<std::string_view> name;  // for the name section
  std::array<Space, sort_count> spaces;
  // The core types, for those that refer to each other. Made on first use.
  std::unique_ptr<wasm::text::ModuleParts> core_types;

  // A component.
  KnownTypes::Space value_types;
  ComponentWriter writer;
  std::vector<InlineExport> exports;

  // A type.
  uint32_t declarator_count = 0;
  ByteWriter declarators;
};

}  // namespace tenon::component::text
