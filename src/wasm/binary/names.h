#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "wasm/module.h"

// The name section: what functions and the module were called in the source. It is hearsay: nothing
// in it makes a module invalid. Names that are not UTF-8, out of order or out of range are passed
// over, and reading stops silently where the section does not follow its format. Views point into
// the module's bytes.
namespace tenon::wasm {

class Names {
 public:
  explicit Names(const Module& module);
  // The contents of a name section, of a module with this many functions.
  Names(std::span<const uint8_t> section, uint32_t functions) { read_section(section, functions); }

  std::string_view module_name() const { return module_name_; }
  // Empty when there is none.
  std::string_view function(FuncIndex function) const;

 private:
  struct Entry {
    uint32_t index;
    std::string_view name;
  };
  void read_section(std::span<const uint8_t> bytes, uint32_t functions);
  void read_functions(std::span<const uint8_t> bytes, uint32_t functions);

  std::string_view module_name_;
  std::vector<Entry> functions_;  // by rising index
};

}  // namespace tenon::wasm
