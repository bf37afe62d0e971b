#pragma once

#include <array>
#include <string>
#include <string_view>

#include "component/component.h"
#include "toolchain/listing.h"
#include "toolchain/sections.h"
#include "wasm/binary/reader.h"

// Lists the definitions of a component; see dump.h. It knows all of the binary format, what cannot
// be validated or run yet included, and so reads it by itself.
namespace tenon::toolchain {

// The next index of each sort.
class IndexSpaces {
 public:
  // `[core func 3]`, for a new definition.
  std::string define(component::Sort sort);

 private:
  std::array<uint32_t, component::sort_count> next_ = {};
};

class ComponentDump {
 public:
  explicit ComponentDump(Listing& to) : to_(to) {}

  // "component type section"
  static const char* section_name(uint8_t id);
  // `[core module 0]`, for one that is nested.
  std::string define_nested(uint8_t section_id);
  // Any section but those of nested modules and components.
  Result<void> section(const Section& section);

 private:
  using Reader = wasm::Reader;
  using Sort = component::Sort;

  void contents(component::Section id, Reader& in);
  void core_instance(Reader& in);
  void instance(Reader& in);
  void alias(Reader& in, IndexSpaces& spaces);
  void import(Reader& in, IndexSpaces& spaces, std::string_view word);
  void export_(Reader& in);
  void canon(Reader& in);
  void start(Reader& in);
  void value(Reader& in);

  // Types. Those of instances and components have declarators, a line each; they nest to a limit.
  void core_type(Reader& in, IndexSpaces& spaces);
  void core_rec_type(Reader& in, IndexSpaces& spaces);
  void core_sub_type(Reader& in, IndexSpaces& spaces);
  void core_module_type(Reader& in, std::string_view heading);
  void type(Reader& in, IndexSpaces& spaces, uint32_t depth);
  void declarator(Reader& in, IndexSpaces& spaces, uint32_t depth);
  void item(Reader& in, std::string_view text);

  Listing& to_;
  IndexSpaces spaces_;
};

}  // namespace tenon::toolchain
