#include "toolchain/objdump.h"

#include <fmt/format.h>

#include <iterator>

#include "base/text.h"
#include "toolchain/sections.h"

namespace tenon::toolchain {

using std::literals::operator""sv;

namespace {

// By section id.
constexpr const char* module_names[] = {
    "custom",  "types", "imports",  "functions", "tables", "memories",   "globals",
    "exports", "start", "elements", "code",      "data",   "data count", "tags"};
constexpr const char* component_names[] = {"custom",
                                           "module",
                                           "core instances",
                                           "core types",
                                           "component",
                                           "component instances",
                                           "component alias",
                                           "component types",
                                           "canonical functions",
                                           "component start",
                                           "component imports",
                                           "component exports",
                                           "component values"};
constexpr uint8_t module_start = 8;
constexpr uint8_t module_data_count = 12;

class Table {
 public:
  // Recursion is bounded by check_depth().
  Result<void> binary(std::span<const uint8_t> bytes, uint64_t origin, uint32_t depth) {
    TRY_VOID(check_depth(depth, origin));
    SectionReader in(bytes, origin);
    TRY_VOID(in.status());
    uint32_t modules = 0, components = 0;
    while (!in.at_end()) {
      Section section = in.next();
      TRY_VOID(in.status());
      TRY_VOID(line(section, in.is_component(), depth));
      if (!in.is_nested(section)) continue;
      bool is_module = section.kind() == component::Section::core_module;
      const char* what = is_module ? "module" : "component";
      uint32_t index = is_module ? modules++ : components++;
      mark("start", what, index, depth + 1);
      TRY_VOID(binary(section.content, section.offset, depth + 1));
      mark("end", what, index, depth + 1);
    }
    return {};
  }

  std::string take() { return std::move(out_); }

 private:
  static size_t indentation(uint32_t depth) { return size_t{2} * (depth + 1); }

  void mark(const char* which, const char* what, uint32_t index, uint32_t depth) {
    fmt::format_to(std::back_inserter(out_), "{:{}}------ {} {} {} {:-<{}}\n", "",
                   indentation(depth), which, what, index, "", what == "module"sv ? 13 : 10);
  }

  Result<void> line(const Section& section, bool is_component, uint32_t depth) {
    std::string name;
    uint64_t start = section.offset;
    uint32_t count = 1;
    size_t known = is_component ? std::size(component_names) : std::size(module_names);
    if (section.id >= known)
      return std::unexpected(Error(ErrorCode::malformed, "malformed section id").at(section.start));
    if (section.id == 0) {
      CustomSection custom = TRY(custom_section(section));
      start = custom.offset;
      name = fmt::format("custom \"{}\"", printable(custom.name));
    } else {
      name = (is_component ? component_names : module_names)[section.id];
      count = TRY(entries(section, is_component));
    }
    constexpr size_t name_width = 40;  // with what it is indented by
    name.insert(0, indentation(depth), ' ');
    fmt::format_to(std::back_inserter(out_),
                   "{:<{}} | {:#10x} - {:#10x} | {:>9} bytes | {} count\n", name, name_width, start,
                   section.end(), section.end() - start, count);
    return {};
  }

  static Result<uint32_t> entries(const Section& section, bool is_component) {
    bool is_one = is_component ? section.kind() == component::Section::core_module ||
                                     section.kind() == component::Section::component ||
                                     section.kind() == component::Section::start
                               : section.id == module_start || section.id == module_data_count;
    if (is_one) return 1;
    ByteReader in(section.content, section.offset);
    uint32_t count = in.u32();
    TRY_VOID(in.status());
    return count;
  }

  std::string out_;
};

}  // namespace

Result<std::string> objdump(std::span<const uint8_t> binary) {
  Table table;
  TRY_VOID(table.binary(binary, 0, 0));
  return table.take();
}

}  // namespace tenon::toolchain
