#include "wasm/text/debug_info.h"

#include <algorithm>
#include <string>

#include "base/byte_reader.h"
#include "wasm/binary/codes.h"
#include "wasm/binary/reader.h"
#include "wasm/text/line_table.h"
#include "wasm/text/module_parts.h"

namespace tenon::wasm::text {
namespace {

// dwarf: 7.5.3 to 7.5.6, 7.7.1, 7.8, 7.12
namespace dw {
constexpr uint8_t tag_formal_parameter = 0x05, tag_compile_unit = 0x11, tag_base_type = 0x24,
                  tag_subprogram = 0x2e, tag_variable = 0x34;
constexpr uint8_t at_location = 0x02, at_name = 0x03, at_byte_size = 0x0b, at_stmt_list = 0x10,
                  at_low_pc = 0x11, at_high_pc = 0x12, at_language = 0x13, at_comp_dir = 0x1b,
                  at_producer = 0x25, at_decl_column = 0x39, at_decl_file = 0x3a,
                  at_decl_line = 0x3b, at_encoding = 0x3e, at_external = 0x3f, at_type = 0x49;
constexpr uint8_t form_addr = 0x01, form_data4 = 0x06, form_string = 0x08, form_data1 = 0x0b,
                  form_udata = 0x0f, form_ref4 = 0x13, form_sec_offset = 0x17, form_exprloc = 0x18,
                  form_flag_present = 0x19;
constexpr uint8_t op_stack_value = 0x9f, op_wasm_location = 0xed;
constexpr uint8_t ate_float = 0x04, ate_signed = 0x05;
constexpr uint8_t lang_c = 0x02;  // what debuggers read expressions by
constexpr uint8_t unit_compile = 0x01;
constexpr uint8_t version = 5;
constexpr uint8_t address_bytes = 4;
}  // namespace dw

// Entries of the abbreviation table.
enum Abbrev : uint8_t { unit = 1, base_type, subprogram, subprogram_with_locals, param, variable };

struct Function {
  std::string_view name;
  size_t source = 0;
  // Of the body, in the code section.
  uint32_t begin = 0;
  uint32_t end = 0;
  std::span<const uint8_t> body;
  std::span<const SourceMark> marks;  // from offsets in ModuleParts::code
};

// A unit or a line table: its length stands before it.
std::vector<uint8_t> with_length(const ByteWriter& content) {
  ByteWriter out;
  out.fixed_u32(static_cast<uint32_t>(content.written()));
  out.bytes(content.view());
  return out.take();
}

std::string_view name_in(const NameList& names, uint32_t index) {
  auto found = std::ranges::lower_bound(names, index, {}, &NamedIndex::index);
  return found != names.end() && found->index == index ? found->name : std::string_view();
}

class DebugWriter {
 public:
  DebugWriter(const ModuleParts& parts, const Source& source, DebugInfo level)
      : parts_(parts), source_(source), level_(level) {
    ByteWriter count;
    count.size(parts.code.count);
    count_bytes_ = static_cast<uint32_t>(count.written());
    find_functions();
  }

  std::vector<DebugSection> run() {
    return {
        {".debug_abbrev", abbreviations()}, {".debug_line", line_table()}, {".debug_info", info()}};
  }

 private:
  void find_functions();
  uint32_t imported() const {
    return parts_.spaces[static_cast<size_t>(Space::func)].size - parts_.code.count;
  }
  uint32_t code_end() const {
    return count_bytes_ + static_cast<uint32_t>(parts_.code.out.written());
  }
  std::string name_of(uint32_t index) const;
  std::vector<uint8_t> abbreviations() const;
  std::vector<uint8_t> line_table();
  std::vector<uint8_t> info();
  void base_types(ByteWriter& out);
  void function(ByteWriter& out, size_t position);
  void locals(ByteWriter& out, size_t position);
  void local(ByteWriter& out, Abbrev abbrev, uint32_t index, ValType type, const NameList& names);

  const ModuleParts& parts_;
  const Source& source_;
  DebugInfo level_;
  LineTable lines_{source_.text};
  uint32_t count_bytes_ = 0;  // of the number of functions, at the start of the code section
  std::vector<Function> functions_;
  // Where each base type stands in the unit.
  std::vector<std::pair<ValType, uint32_t>> base_types_;
};

void DebugWriter::find_functions() {
  const Entries& code = parts_.code;
  const NameList& names = parts_.spaces[static_cast<size_t>(Space::func)].names;
  ByteReader in(code.out.view(), 0);
  auto mark = code.marks.begin();
  for (uint32_t i = 0; i < code.count; ++i) {
    Function function;
    uint32_t size = in.u32();
    function.begin = count_bytes_ + static_cast<uint32_t>(in.offset());
    function.body = in.bytes(size);
    function.end = count_bytes_ + static_cast<uint32_t>(in.offset());
    auto last = std::find_if(mark, code.marks.end(),
                             [&](const SourceMark& m) { return m.offset >= in.offset(); });
    function.marks = {mark, last};
    mark = last;
    function.name = name_in(names, imported() + i);
    function.source = parts_.functions.marks[i].source + 1;  // behind the parenthesis
    functions_.push_back(function);
  }
}

std::string DebugWriter::name_of(uint32_t index) const {
  std::string_view name = functions_[index].name;
  if (!name.empty()) return std::string(name);
  return "wasm-function[" + std::to_string(imported() + index) + "]";
}

std::vector<uint8_t> DebugWriter::abbreviations() const {
  ByteWriter out;
  auto entry = [&](Abbrev code, uint8_t tag, bool has_children,
                   std::initializer_list<std::pair<uint8_t, uint8_t>> attributes) {
    out.u32(code);
    out.u32(tag);
    out.byte(has_children ? 1 : 0);
    for (auto [attribute, form] : attributes) {
      out.u32(attribute);
      out.u32(form);
    }
    out.u32(0);
    out.u32(0);
  };
  entry(unit, dw::tag_compile_unit, true,
        {{dw::at_producer, dw::form_string},
         {dw::at_language, dw::form_udata},
         {dw::at_name, dw::form_string},
         {dw::at_comp_dir, dw::form_string},
         {dw::at_low_pc, dw::form_addr},
         {dw::at_high_pc, dw::form_data4},
         {dw::at_stmt_list, dw::form_sec_offset}});
  entry(base_type, dw::tag_base_type, false,
        {{dw::at_name, dw::form_string},
         {dw::at_byte_size, dw::form_data1},
         {dw::at_encoding, dw::form_udata}});
  for (Abbrev code : {subprogram, subprogram_with_locals}) {
    entry(code, dw::tag_subprogram, code == subprogram_with_locals,
          {{dw::at_name, dw::form_string},
           {dw::at_decl_file, dw::form_udata},
           {dw::at_decl_line, dw::form_udata},
           {dw::at_decl_column, dw::form_udata},
           {dw::at_external, dw::form_flag_present},
           {dw::at_low_pc, dw::form_addr},
           {dw::at_high_pc, dw::form_data4}});
  }
  for (Abbrev code : {param, variable}) {
    entry(code, code == param ? dw::tag_formal_parameter : dw::tag_variable, false,
          {{dw::at_name, dw::form_string},
           {dw::at_location, dw::form_exprloc},
           {dw::at_type, dw::form_ref4}});
  }
  out.u32(0);
  return out.take();
}

std::vector<uint8_t> DebugWriter::line_table() {
  LineProgram program(source_.name);
  for (const Function& function : functions_) {
    program.begin_sequence();
    for (const SourceMark& mark : function.marks) {
      uint32_t address = count_bytes_ + static_cast<uint32_t>(mark.offset);
      program.row(address, lines_.position_of(mark.source));
    }
    program.end_sequence(function.end);
  }
  return with_length(program.content());
}

std::vector<uint8_t> DebugWriter::info() {
  ByteWriter out;
  out.byte(dw::version);  // in two bytes
  out.byte(0);
  out.byte(dw::unit_compile);
  out.byte(dw::address_bytes);
  out.fixed_u32(0);  // the abbreviations
  out.byte(unit);
  put_dwarf_string(out, "tenon");
  out.u32(dw::lang_c);
  put_dwarf_string(out, source_.name);
  put_dwarf_string(out, ".");
  out.fixed_u32(0);
  out.fixed_u32(code_end());
  out.fixed_u32(0);  // the line table
  if (level_ == DebugInfo::full) base_types(out);
  for (size_t i = 0; i < functions_.size(); ++i) function(out, i);
  out.byte(0);
  return with_length(out);
}

void DebugWriter::base_types(ByteWriter& out) {
  struct BaseType {
    ValType type;
    const char* name;
    uint8_t size;
    uint8_t encoding;
  };
  for (const BaseType& type : {BaseType{ValType::i32, "i32", 4, dw::ate_signed},
                               BaseType{ValType::i64, "i64", 8, dw::ate_signed},
                               BaseType{ValType::f32, "f32", 4, dw::ate_float},
                               BaseType{ValType::f64, "f64", 8, dw::ate_float}}) {
    constexpr uint32_t length_bytes = 4;
    base_types_.emplace_back(type.type, length_bytes + static_cast<uint32_t>(out.written()));
    out.byte(base_type);
    put_dwarf_string(out, type.name);
    out.byte(type.size);
    out.u32(type.encoding);
  }
}

void DebugWriter::function(ByteWriter& out, size_t position) {
  const Function& function = functions_[position];
  ByteWriter children;
  if (level_ == DebugInfo::full) locals(children, position);
  out.byte(children.empty() ? subprogram : subprogram_with_locals);
  put_dwarf_string(out, name_of(static_cast<uint32_t>(position)));
  Position place = lines_.position_of(function.source);
  out.u32(0);  // the file
  out.u64(place.line);
  out.u64(place.column);
  out.fixed_u32(function.begin);
  out.fixed_u32(function.end - function.begin);
  if (children.empty()) return;
  out.bytes(children.view());
  out.byte(0);
}

void DebugWriter::locals(ByteWriter& out, size_t position) {
  auto index = imported() + static_cast<uint32_t>(position);
  static const NameList no_names;
  auto found = std::ranges::lower_bound(parts_.local_names, index, {}, &IndirectNames::index);
  const NameList& names =
      found != parts_.local_names.end() && found->index == index ? found->names : no_names;
  uint32_t next = 0;
  uint32_t type = parts_.function_types[position].index;
  if (type >= parts_.types.size()) return;  // nothing says that the module is valid
  for (ValType param_type : parts_.types[type].func.params)
    local(out, param, next++, param_type, names);
  Reader in(functions_[position].body, 0, Features::validated());
  for (uint32_t runs = in.u32(); runs > 0 && in.ok(); --runs) {
    uint32_t count = in.u32();
    ValType run_type = in.val_type();
    for (uint32_t i = 0; i < count; ++i) local(out, variable, next++, run_type, names);
  }
}

void DebugWriter::local(ByteWriter& out, Abbrev abbrev, uint32_t index, ValType type,
                        const NameList& names) {
  auto found = std::ranges::find(base_types_, type, &std::pair<ValType, uint32_t>::first);
  if (found == base_types_.end()) return;
  std::string_view name = name_in(names, index);
  ByteWriter location;
  location.byte(dw::op_wasm_location);
  location.byte(0);  // a local
  location.u32(index);
  location.byte(dw::op_stack_value);
  out.byte(abbrev);
  put_dwarf_string(out, name.empty() ? "local" + std::to_string(index) : std::string(name));
  out.sized(location);
  out.fixed_u32(found->second);
}

}  // namespace

std::vector<DebugSection> debug_sections(const ModuleParts& parts, const Source& source,
                                         DebugInfo level) {
  if (level == DebugInfo::none || parts.code.count == 0) return {};
  return DebugWriter(parts, source, level).run();
}

}  // namespace tenon::wasm::text
