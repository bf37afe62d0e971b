#include <algorithm>

#include "wasm/binary/encode_types.h"
#include "wasm/text/module_parts.h"
#include "wasm/text/section_names.h"

// The binary format of a module whose text has been read.
namespace tenon::wasm::text {

namespace {

// wasm: binary-typesec
ByteWriter type_section(const ModuleParts& parts, std::vector<SourceMark>& marks) {
  ByteWriter out;
  out.size(parts.groups.size());
  for (const TypeGroup& group : parts.groups) {
    if (group.source != 0) marks.push_back({out.written(), group.source});
    if (group.is_explicit) {
      out.byte(type_code::rec);
      out.u32(group.size);
    }
    for (uint32_t i = 0; i < group.size; ++i)
      write_sub_type(out, parts.types[group.first.index + i]);
  }
  return out;
}

void write_name_map(ByteWriter& out, const NameList& names) {
  out.size(names.size());
  for (const NamedIndex& entry : names) {
    out.u32(entry.index);
    out.name(entry.name);
  }
}

void write_subsection(ByteWriter& out, uint8_t id, const ByteWriter& content) {
  out.byte(id);
  out.sized(content);
}

void write_names(ByteWriter& out, uint8_t id, const NameList& names) {
  if (names.empty()) return;
  ByteWriter content;
  write_name_map(content, names);
  write_subsection(out, id, content);
}

// wasm: binary-indirectnamemap
void write_indirect(ByteWriter& out, uint8_t id, const std::vector<IndirectNames>& lists) {
  if (lists.empty()) return;
  ByteWriter content;
  content.size(lists.size());
  for (const IndirectNames& list : lists) {
    content.u32(list.index);
    write_name_map(content, list.names);
  }
  write_subsection(out, id, content);
}

// wasm: binary-namesec, with the subsections that other tools have added.
ByteWriter name_section(const ModuleParts& parts) {
  ByteWriter out;
  if (parts.has_module_name) {
    ByteWriter content;
    content.name(parts.module_name);
    write_subsection(out, name_id::module, content);
  }
  auto names = [&](Space space) -> const NameList& {
    return parts.spaces[static_cast<size_t>(space)].names;
  };
  write_names(out, name_id::function, names(Space::func));
  write_indirect(out, name_id::local, parts.local_names);
  write_indirect(out, name_id::label, parts.label_names);
  write_names(out, name_id::type, names(Space::type));
  write_names(out, name_id::table, names(Space::table));
  write_names(out, name_id::memory, names(Space::memory));
  write_names(out, name_id::global, names(Space::global));
  write_names(out, name_id::elem, names(Space::elem));
  write_names(out, name_id::data, names(Space::data));
  write_indirect(out, name_id::field, parts.field_names);
  write_names(out, name_id::tag, names(Space::tag));
  write_indirect(out, name_id::param, parts.param_names);
  return out;
}

ByteWriter branch_hint_section(const ModuleParts& parts) {
  ByteWriter out;
  out.size(parts.hints.size());
  for (const auto& [function, hints] : parts.hints) {
    out.u32(function);
    out.size(hints.size());
    for (const BranchHint& hint : hints) {
      out.u32(hint.offset);
      out.name(hint.value);
    }
  }
  return out;
}

class Assembler {
 public:
  Assembler(const ModuleParts& parts, std::vector<SourceMark>* marks)
      : parts_(parts), marks_(marks) {}

  std::vector<uint8_t> run(bool with_names, std::span<const DebugSection> debug) {
    out_.bytes(preamble);
    customs({CustomPlace::first, true});
    types();
    entries(section_id::import, parts_.imports);
    entries(section_id::function, parts_.functions);
    entries(section_id::table, parts_.tables);
    entries(section_id::memory, parts_.memories);
    entries(section_id::tag, parts_.tags);
    entries(section_id::global, parts_.globals);
    entries(section_id::export_, parts_.exports);
    one_number(section_id::start, parts_.start);
    entries(section_id::elem, parts_.elems);
    std::optional<uint32_t> data_count;
    if (parts_.uses_data_count) data_count = parts_.datas.count;
    one_number(section_id::data_count, data_count);
    if (!parts_.hints.empty()) custom(branch_hint_section_name, branch_hint_section(parts_).view());
    entries(section_id::code, parts_.code);
    entries(section_id::data, parts_.datas);
    customs({CustomPlace::last, false});
    if (with_names) {
      ByteWriter names = name_section(parts_);
      if (!names.empty()) custom(name_section_name, names.view());
    }
    for (const DebugSection& section : debug) custom(section.name, section.bytes);
    return out_.take();
  }

 private:
  void custom(std::string_view name, std::span<const uint8_t> bytes) {
    ByteWriter content;
    content.name(name);
    content.bytes(bytes);
    out_.byte(section_id::custom);
    out_.sized(content);
  }
  void customs(CustomPlace place) {
    for (const CustomPart& part : parts_.customs) {
      if (part.place == place) custom(part.name, part.bytes);
    }
  }
  // `marks` are those of the content.
  void section(uint8_t id, const ByteWriter& content, std::span<const SourceMark> marks = {}) {
    customs({id, true});
    out_.byte(id);
    out_.sized(content);
    uint64_t start = out_.written() - content.written();
    for (const SourceMark& mark : marks) {
      if (marks_ != nullptr) marks_->push_back({start + mark.offset, mark.source});
    }
    customs({id, false});
  }
  void types() {
    if (parts_.groups.empty()) return around(section_id::type);
    std::vector<SourceMark> marks;
    ByteWriter content = type_section(parts_, marks);
    section(section_id::type, content, marks);
  }
  void around(uint8_t id) {
    customs({id, true});
    customs({id, false});
  }
  void entries(uint8_t id, const Entries& entries) {
    if (entries.count == 0) return around(id);
    ByteWriter content;
    content.size(entries.count);
    std::vector<SourceMark> marks = entries.marks;
    for (SourceMark& mark : marks) mark.offset += content.written();
    content.bytes(entries.out.view());
    section(id, content, marks);
  }
  void one_number(uint8_t id, std::optional<uint32_t> number) {
    if (!number) return around(id);
    ByteWriter content;
    content.u32(*number);
    section(id, content);
  }

  static constexpr std::array<uint8_t, 8> preamble = {0x00, 0x61, 0x73, 0x6d, 0x01, 0, 0, 0};
  const ModuleParts& parts_;
  std::vector<SourceMark>* marks_;
  ByteWriter out_;
};

}  // namespace

void write_limits(ByteWriter& out, const Limits& limits, bool is_shared,
                  std::optional<uint8_t> page_size_log2) {
  out.u32((limits.has_max ? limits_flag::has_max : 0u) | (is_shared ? limits_flag::shared : 0u) |
          (limits.is_64 ? limits_flag::is_64 : 0u) |
          (page_size_log2 ? limits_flag::page_size : 0u));
  out.u64(limits.min);
  if (limits.has_max) out.u64(limits.max);
  if (page_size_log2) out.u32(*page_size_log2);
}

std::vector<uint8_t> assemble(const ModuleParts& parts, bool with_names,
                              std::span<const DebugSection> debug, std::vector<SourceMark>* marks) {
  return Assembler(parts, marks).run(with_names, debug);
}

}  // namespace tenon::wasm::text
