#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wasm/module.h"
#include "wasm/text/module_parts.h"

// The name section as identifiers of the text format: each index space has its own, which are legal
// and differ from each other. A name that cannot serve, since another index has it or for its form,
// becomes a made-up identifier with a name annotation.
namespace tenon::wasm::text {

struct PrintedName {
  std::string id;          // with its `$`; empty: there is none
  std::string annotation;  // ` (@name "...")`, or empty
};

class NameSpace {
 public:
  // `kind` is for made-up identifiers. Names may repeat where `unique` is false.
  NameSpace(const char* kind, bool unique) : kind_(kind), unique_(unique) {}
  void assign(std::span<const NamedIndex> names, size_t size);
  // Makes up identifiers for those of [first, end) that have none, as `$#func7`.
  void name_all(size_t first, size_t end);
  const PrintedName* find(uint32_t index) const {
    return index < names_.size() && !names_[index].id.empty() ? &names_[index] : nullptr;
  }

 private:
  const char* kind_;
  bool unique_;
  std::vector<PrintedName> names_;
};

// wasm: binary-namesec. Hearsay: what does not follow its format ends the reading.
class PrintedNames {
 public:
  // `all`: everything gets an identifier.
  PrintedNames(const Module& module, bool all);

  bool has_module_name() const { return has_module_name_; }
  const PrintedName& module_name() const { return module_name_; }
  const NameSpace& space(Space which) const { return spaces_[static_cast<size_t>(which)]; }
  // By function, function, type, and type.
  std::span<const NamedIndex> locals(uint32_t function) const { return part(locals_, function); }
  std::span<const NamedIndex> labels(uint32_t function) const { return part(labels_, function); }
  std::span<const NamedIndex> fields(uint32_t type) const { return part(fields_, type); }
  std::span<const NamedIndex> params(uint32_t type) const { return part(params_, type); }

 private:
  using Indirect = std::map<uint32_t, NameList>;
  static std::span<const NamedIndex> part(const Indirect& lists, uint32_t index);
  void read(std::span<const uint8_t> bytes, const Module& module);

  bool has_module_name_ = false;
  PrintedName module_name_;
  std::vector<NameSpace> spaces_;
  Indirect locals_, labels_, fields_, params_;
};

// Text in quotes: for names, where what is not printable ASCII is \u{...}, and for bytes, where it
// is \hh.
void append_quoted_name(std::string& out, std::string_view name);
void append_quoted_bytes(std::string& out, std::span<const uint8_t> bytes);

}  // namespace tenon::wasm::text
