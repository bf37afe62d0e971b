#include "toolchain/dump_component.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "component/binary/sorts.h"
#include "toolchain/component_text.h"
#include "toolchain/dump_custom.h"
#include "wasm/binary/codes.h"
#include "wasm/binary/sections.h"
#include "wasm/text/printer.h"

namespace tenon::toolchain {

namespace core_declarator = component::core_declarator;
namespace type_opcode = component::type_opcode;

namespace {

constexpr const char* section_names[] = {
    "custom",         "core module", "core instance", "core type", "component", "instance", "alias",
    "component type", "canon",       "start",         "import",    "export",    "value"};

}  // namespace

std::string IndexSpaces::define(component::Sort sort) {
  return fmt::format("[{} {}]", name_of(sort), next_[static_cast<size_t>(sort)]++);
}

const char* ComponentDump::section_name(uint8_t id) {
  return id < std::size(section_names) ? section_names[id] : nullptr;
}

std::string ComponentDump::define_nested(uint8_t section_id) {
  bool is_module = section_id == static_cast<uint8_t>(component::Section::core_module);
  return spaces_.define(is_module ? Sort::core_module : Sort::component);
}

Result<void> ComponentDump::section(const Section& section) {
  if (section.id == 0) return dump_custom(to_, section, true);
  Reader in(section.content, section.offset, wasm::Features::validated());
  contents(section.kind(), in);
  if (in.ok() && !in.at_end()) in.fail("section size mismatch");
  return in.status();
}

void ComponentDump::contents(component::Section id, Reader& in) {
  if (id == component::Section::start) return start(in);
  if (id == component::Section::value) return value(in);
  uint32_t n = in.count();
  item(in, fmt::format("{} count", n));
  for (uint32_t i = 0; i < n && in.ok() && !to_.is_full(); ++i) {
    switch (id) {
      case component::Section::core_instance: core_instance(in); break;
      case component::Section::core_type: core_type(in, spaces_); break;
      case component::Section::instance: instance(in); break;
      case component::Section::alias: alias(in, spaces_); break;
      case component::Section::type: type(in, spaces_, 0); break;
      case component::Section::canon: canon(in); break;
      case component::Section::import: import(in, spaces_, "import"); break;
      default: export_(in);
    }
  }
}

void ComponentDump::item(Reader& in, std::string_view text) {
  if (in.ok()) to_.item(in, text);
}

void ComponentDump::core_instance(Reader& in) {
  uint64_t start = in.offset();
  uint8_t form = in.byte();
  std::string text = spaces_.define(Sort::core_instance);
  if (form > 0x01) in.fail_at("invalid core instance expression", start);
  if (form == 0x00) text += fmt::format(" instantiate {}", in.u32());
  uint32_t n = in.count();
  item(in, fmt::format("{}, {} {}", text, n, form == 0x00 ? "arguments" : "exports"));
  to_.indent();
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    std::string name = quoted(in.name());
    Sort sort = component::read_core_sort(in);
    item(in, fmt::format("{} {} ({} {})", form == 0x00 ? "with" : "export", name, name_of(sort),
                         in.u32()));
  }
  to_.outdent();
}

void ComponentDump::instance(Reader& in) {
  uint64_t start = in.offset();
  uint8_t form = in.byte();
  std::string text = spaces_.define(Sort::instance);
  if (form > 0x01) in.fail_at("invalid instance expression", start);
  if (form == 0x00) text += fmt::format(" instantiate {}", in.u32());
  uint32_t n = in.count();
  item(in, fmt::format("{}, {} {}", text, n, form == 0x00 ? "arguments" : "exports"));
  to_.indent();
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    std::string name = form == 0x00 ? quoted(in.name()) : extern_name_text(in);
    Sort sort = Sort::func;
    std::string what = sort_index_text(in, sort);
    item(in, fmt::format("{} {} {}", form == 0x00 ? "with" : "export", name, what));
  }
  to_.outdent();
}

void ComponentDump::alias(Reader& in, IndexSpaces& spaces) {
  Sort sort = component::read_sort(in);
  uint64_t start = in.offset();
  std::string target;
  switch (uint8_t form = in.byte()) {
    case 0x00:
    case 0x01: {
      uint32_t of = in.u32();
      target =
          fmt::format("{} {} {}", form == 0x00 ? "export" : "core export", of, quoted(in.name()));
      break;
    }
    case 0x02: {
      uint32_t count = in.u32();
      target = fmt::format("outer {} {}", count, in.u32());
      break;
    }
    default: in.fail_at("invalid alias target", start); return;
  }
  item(in, fmt::format("{} alias {}", spaces.define(sort), target));
}

void ComponentDump::import(Reader& in, IndexSpaces& spaces, std::string_view word) {
  std::string name = extern_name_text(in);
  Sort sort = Sort::func;
  std::string type = extern_type_text(in, sort);
  item(in, fmt::format("{} {} {} {}", spaces.define(sort), word, name, type));
}

void ComponentDump::export_(Reader& in) {
  std::string name = extern_name_text(in);
  Sort sort = Sort::func;
  std::string what = sort_index_text(in, sort);
  uint64_t start = in.offset();
  std::string type;
  switch (in.byte()) {
    case 0x00: break;
    case 0x01: {
      Sort ascribed = Sort::func;
      type = " " + extern_type_text(in, ascribed);
      break;
    }
    default: in.fail_at("invalid presence byte of an export's type", start);
  }
  item(in, fmt::format("{} export {} {}{}", spaces_.define(sort), name, what, type));
}

void ComponentDump::canon(Reader& in) {
  Sort sort = Sort::func;
  std::string text = canon_text(in, sort);
  item(in, fmt::format("{} canon {}", spaces_.define(sort), text));
}

// component: Binary.md#-start-definitions
void ComponentDump::start(Reader& in) {
  std::string text = fmt::format("start (func {})", in.u32());
  uint32_t n = in.count();
  for (uint32_t i = 0; i < n && in.ok(); ++i) text += fmt::format(" (value {})", in.u32());
  uint64_t at = in.offset();
  uint32_t results = in.u32();
  if (results > limits::max_results) in.fail_at("too many results of a start function", at);
  item(in, fmt::format("{}, {} results", text, results));
  to_.indent();
  for (uint32_t i = 0; i < results && in.ok(); ++i) item(in, spaces_.define(Sort::value));
  to_.outdent();
}

// component: Binary.md#-value-definitions
void ComponentDump::value(Reader& in) {
  uint32_t n = in.count();
  item(in, fmt::format("{} count", n));
  for (uint32_t i = 0; i < n && in.ok() && !to_.is_full(); ++i) {
    std::string text = fmt::format("{} {}", spaces_.define(Sort::value), val_type_text(in));
    uint32_t size = in.count();
    item(in, fmt::format("{}, {} bytes", text, size));
    in.bytes(size);
    if (in.ok()) to_.rest(in);
  }
}

// component: Binary.md#type-definitions (core:deftype)
void ComponentDump::core_type(Reader& in, IndexSpaces& spaces) {
  if (in.peek() == type_opcode::core_module) {
    in.byte();
    return core_module_type(in, spaces.define(Sort::core_type));
  }
  if (in.peek() == type_opcode::core_sub_prefix) in.byte();
  core_rec_type(in, spaces);
}

void ComponentDump::core_rec_type(Reader& in, IndexSpaces& spaces) {
  if (in.peek() != wasm::type_code::rec) return core_sub_type(in, spaces);
  in.byte();
  uint32_t n = in.count();
  item(in, fmt::format("recursion group, {} count", n));
  to_.indent();
  for (uint32_t i = 0; i < n && in.ok(); ++i) core_sub_type(in, spaces);
  to_.outdent();
}

void ComponentDump::core_sub_type(Reader& in, IndexSpaces& spaces) {
  wasm::SubType type = wasm::decode_sub_type(in);
  if (!in.ok()) return;
  wasm::Module none;
  wasm::text::PrintOptions options;
  wasm::text::Printer printer(none, options);
  printer.sub_type(type, 0);
  item(in, fmt::format("{} {}", spaces.define(Sort::core_type), printer.out()));
}

void ComponentDump::core_module_type(Reader& in, std::string_view heading) {
  uint32_t n = in.count();
  item(in, fmt::format("{} module type, {} declarators", heading, n));
  IndexSpaces spaces;
  to_.indent();
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    uint64_t start = in.offset();
    switch (in.byte()) {
      case core_declarator::import: {
        std::string module = quoted(in.name());
        std::string name = quoted(in.name());
        std::string type = core_extern_type_text(in);
        item(in, fmt::format("import {} {} {}", module, name, type));
        break;
      }
      case core_declarator::type: core_rec_type(in, spaces); break;
      case core_declarator::alias: {
        uint8_t sort = in.byte();
        if (sort != 0x10 || in.byte() != 0x01) in.fail_at("invalid alias of a module type", start);
        uint32_t count = in.u32();
        uint32_t index = in.u32();
        item(in, fmt::format("{} alias outer {} {}", spaces.define(Sort::core_type), count, index));
        break;
      }
      case core_declarator::export_: {
        std::string name = quoted(in.name());
        std::string type = core_extern_type_text(in);
        item(in, fmt::format("export {} {}", name, type));
        break;
      }
      default: in.fail_at("invalid declarator of a module type", start);
    }
  }
  to_.outdent();
}

void ComponentDump::type(Reader& in, IndexSpaces& spaces, uint32_t depth) {
  std::string heading = spaces.define(Sort::type);
  uint64_t start = in.offset();
  if (depth > limits::max_type_depth) {
    return in.refuse(
        ErrorCode::limit,
        fmt::format("type definitions are nested deeper than {}", limits::max_type_depth), start);
  }
  uint8_t opcode = in.byte();
  switch (opcode) {
    case type_opcode::component:
    case type_opcode::instance: {
      uint32_t n = in.count();
      const char* word = opcode == type_opcode::component ? "component" : "instance";
      item(in, fmt::format("{} {} type, {} declarators", heading, word, n));
      IndexSpaces inner;
      to_.indent();
      for (uint32_t i = 0; i < n && in.ok() && !to_.is_full(); ++i)
        declarator(in, inner, depth + 1);
      return to_.outdent();
    }
    case type_opcode::func:
    case type_opcode::async_func: {
      std::string text = func_type_text(in, opcode == type_opcode::async_func);
      return item(in, fmt::format("{} {}", heading, text));
    }
    case type_opcode::resource: {
      std::string text = resource_type_text(in);
      return item(in, fmt::format("{} {}", heading, text));
    }
    default: {
      std::string text = value_type_text(in, opcode, start);
      item(in, fmt::format("{} {}", heading, text));
    }
  }
}

// component: Binary.md#type-definitions (componentdecl, instancedecl)
void ComponentDump::declarator(Reader& in, IndexSpaces& spaces, uint32_t depth) {
  uint64_t start = in.offset();
  switch (in.byte()) {
    case component::declarator::core_type: return core_type(in, spaces);
    case component::declarator::type: return type(in, spaces, depth);
    case component::declarator::alias: return alias(in, spaces);
    case component::declarator::import: return import(in, spaces, "import");
    case component::declarator::export_: return import(in, spaces, "export");
    default: in.fail_at("invalid declarator", start);
  }
}

}  // namespace tenon::toolchain
