#include "wasm/text/printed_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/byte_reader.h"
#include "base/utf8.h"
#include "wasm/text/lexer.h"
#include "wasm/text/section_names.h"

namespace tenon::wasm::text {

namespace {

bool is_plain(char c) {
  return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

std::string identifier(std::string_view name) {
  std::string id = "$";
  if (std::ranges::all_of(name, is_id_char)) {
    id += name;
  } else {
    append_quoted_name(id, name);
  }
  return id;
}

// wasm: binary-namemap. Entries below `size`, by rising index.
NameList read_map(ByteReader& in, size_t size) {
  NameList names;
  uint32_t n = in.count();
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    uint32_t index = in.u32();
    std::string_view name = in.name();
    bool rises = names.empty() || names.back().index < index;
    if (in.ok() && rises && index < size) names.push_back({index, name});
  }
  return names;
}

std::map<uint32_t, NameList> read_indirect(ByteReader& in) {
  std::map<uint32_t, NameList> lists;
  uint32_t n = in.count();
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    uint32_t index = in.u32();
    lists[index] = read_map(in, UINT32_MAX);
  }
  return lists;
}

}  // namespace

void append_quoted_name(std::string& out, std::string_view name) {
  out += '"';
  for (size_t at = 0; at < name.size();) {
    if (is_plain(name[at])) {
      out += name[at++];
    } else {
      out += fmt::format("\\u{{{:x}}}", static_cast<uint32_t>(utf8_next(name, at)));
    }
  }
  out += '"';
}

void append_quoted_bytes(std::string& out, std::span<const uint8_t> bytes) {
  constexpr char digits[] = "0123456789abcdef";
  out += '"';
  for (uint8_t byte : bytes) {
    if (is_plain(static_cast<char>(byte))) {
      out += static_cast<char>(byte);
    } else {
      out += '\\';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  out += '"';
}

void NameSpace::assign(std::span<const NamedIndex> names, size_t size) {
  names_.clear();
  if (names.empty()) return;
  // Names of no index take no room.
  names_.resize(std::min<size_t>(size, size_t{names.back().index} + 1));
  NameMap used;
  for (const NamedIndex& entry : names) {
    if (entry.index >= names_.size()) break;
    PrintedName& printed = names_[entry.index];
    bool is_free = !entry.name.empty() && entry.name[0] != '#' &&
                   (!unique_ || used.add(entry.name, entry.index));
    if (is_free) {
      printed.id = identifier(entry.name);
      continue;
    }
    printed.id = "$";
    append_quoted_name(printed.id, fmt::format("#{}{} {}", kind_, entry.index, entry.name));
    printed.annotation = " (@name ";
    append_quoted_name(printed.annotation, entry.name);
    printed.annotation += ')';
  }
}

void NameSpace::name_all(size_t first, size_t end) {
  if (names_.size() < end) names_.resize(end);
  for (size_t i = first; i < end; ++i) {
    if (names_[i].id.empty()) names_[i].id = fmt::format("$#{}{}", kind_, i);
  }
}

PrintedNames::PrintedNames(const Module& module, bool all) {
  for (const char* kind : {"type", "func", "table", "memory", "global", "tag", "elem", "data"})
    spaces_.emplace_back(kind, true);
  auto custom = std::ranges::find(module.customs, name_section_name, &CustomSection::name);
  if (custom != module.customs.end()) read(custom->bytes, module);
  if (!all) return;
  size_t sizes[space_count] = {
      module.types.size(),   module.functions.size(), module.tables.size(), module.memories.size(),
      module.globals.size(), module.tags.size(),      module.elems.size(),  module.datas.size()};
  for (size_t i = 0; i < space_count; ++i) spaces_[i].name_all(0, sizes[i]);
}

std::span<const NamedIndex> PrintedNames::part(const Indirect& lists, uint32_t index) {
  auto found = lists.find(index);
  if (found == lists.end()) return {};
  return found->second;
}

void PrintedNames::read(std::span<const uint8_t> bytes, const Module& module) {
  ByteReader in(bytes);
  auto assign = [&](ByteReader& content, Space which, size_t size) {
    spaces_[static_cast<size_t>(which)].assign(read_map(content, size), size);
  };
  while (!in.at_end()) {
    uint8_t id = in.byte();
    ByteReader content = in.slice(in.count());
    if (!in.ok()) return;
    switch (id) {
      case name_id::module: {
        std::string_view name = content.name();
        has_module_name_ = content.ok();
        NameSpace single("module", true);
        NamedIndex entry{0, name};
        single.assign(std::span(&entry, 1), 1);
        if (const PrintedName* printed = single.find(0)) module_name_ = *printed;
        break;
      }
      case name_id::function: assign(content, Space::func, module.functions.size()); break;
      case name_id::local: locals_ = read_indirect(content); break;
      case name_id::label: labels_ = read_indirect(content); break;
      case name_id::type: assign(content, Space::type, module.types.size()); break;
      case name_id::table: assign(content, Space::table, module.tables.size()); break;
      case name_id::memory: assign(content, Space::memory, module.memories.size()); break;
      case name_id::global: assign(content, Space::global, module.globals.size()); break;
      case name_id::elem: assign(content, Space::elem, module.elems.size()); break;
      case name_id::data: assign(content, Space::data, module.datas.size()); break;
      case name_id::field: fields_ = read_indirect(content); break;
      case name_id::tag: assign(content, Space::tag, module.tags.size()); break;
      case name_id::param: params_ = read_indirect(content); break;
      default: break;
    }
  }
}

}  // namespace tenon::wasm::text
