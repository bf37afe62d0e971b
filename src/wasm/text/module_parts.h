#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wasm/binary/byte_writer.h"
#include "wasm/text/debug_info.h"
#include "wasm/text/name_map.h"
#include "wasm/text/source.h"
#include "wasm/types.h"

// What is known of a module while its text is read: index spaces with their identifiers, types,
// and the sections written so far. Made by ModuleParser, filled field by field, turned into a
// binary by assemble(). Identifiers are views into the source or into `interned`.
namespace tenon::wasm::text {

struct NamedIndex {
  uint32_t index = 0;
  std::string_view name;
};
using NameList = std::vector<NamedIndex>;  // by rising index
struct IndirectNames {
  uint32_t index = 0;
  NameList names;
};

// wasm: text-index
struct IndexSpace {
  const char* what;  // in messages
  NameMap ids;
  NameList names;  // for the name section
  uint32_t size = 0;
};

enum class Space : uint8_t { type, func, table, memory, global, tag, elem, data };
constexpr size_t space_count = 8;

// Entries of a section, each written when its field is read.
struct Entries {
  uint32_t count = 0;
  ByteWriter out;
  std::vector<SourceMark> marks;  // from offsets in `out`; where ModuleParts::keeps_marks
};

// wasm: text-rectype
struct TypeGroup {
  TypeIndex first;
  uint32_t size = 1;
  bool is_explicit = false;  // written with `rec`
  size_t source = 0;         // where, when it has been written
};

// A memory type as written: the page size may be left out.
struct MemoryText {
  Limits limits;
  bool is_shared = false;
  std::optional<uint8_t> page_size_log2;
};

// Where a custom section goes: before or after the section of this id.
// wasm: text-customannot
struct CustomPlace {
  static constexpr uint8_t first = 0xfe;  // before all
  static constexpr uint8_t last = 0xff;   // after all
  uint8_t section = last;
  bool is_before = false;
  friend bool operator==(const CustomPlace&, const CustomPlace&) = default;
};
struct CustomPart {
  CustomPlace place;
  std::string name;
  std::vector<uint8_t> bytes;
};

// A hint for one branch. wasm: the section metadata.code.branch_hint
struct BranchHint {
  uint32_t offset = 0;  // from the first byte of the body
  std::string value;
};

struct ModuleParts {
  std::array<IndexSpace, space_count> spaces = {{
      {"type", {}, {}, 0},
      {"func", {}, {}, 0},
      {"table", {}, {}, 0},
      {"memory", {}, {}, 0},
      {"global", {}, {}, 0},
      {"tag", {}, {}, 0},
      {"elem", {}, {}, 0},
      {"data", {}, {}, 0},
  }};
  IndexSpace& space(Space which) { return spaces[static_cast<size_t>(which)]; }

  std::vector<SubType> types;  // those of the text, then those that type uses imply
  std::vector<TypeGroup> groups;
  NameMap func_types;                  // from the bytes of a function type to the first such type
  std::map<uint32_t, NameMap> fields;  // by type, where a field has an identifier

  Entries imports, functions, tables, memories, tags, globals, exports, elems, code, datas;
  std::vector<TypeIndex> function_types;  // of the functions that are not imported
  std::vector<bool> memory_is_64;
  std::vector<bool> table_is_64;
  std::optional<uint32_t> start;
  bool uses_data_count = false;
  bool keeps_marks = false;  // of what is read
  std::vector<CustomPart> customs;
  std::vector<std::pair<uint32_t, std::vector<BranchHint>>> hints;  // by function

  std::string_view module_name;
  bool has_module_name = false;
  std::vector<IndirectNames> local_names;
  std::vector<IndirectNames> label_names;
  std::vector<IndirectNames> field_names;
  std::vector<IndirectNames> param_names;  // of function types

  std::string_view intern(std::string text) { return interned.emplace_back(std::move(text)); }
  std::deque<std::string> interned;
};

// The whole binary. `with_names`: with a name section, if there are names. `debug` goes to its end.
// Adds to `marks`, which may be null, where its parts were written, by rising offset.
std::vector<uint8_t> assemble(const ModuleParts& parts, bool with_names,
                              std::span<const DebugSection> debug, std::vector<SourceMark>* marks);

// wasm: binary-limits
void write_limits(ByteWriter& out, const Limits& limits, bool is_shared = false,
                  std::optional<uint8_t> page_size_log2 = {});

}  // namespace tenon::wasm::text
