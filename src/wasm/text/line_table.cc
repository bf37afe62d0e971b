#include "wasm/text/line_table.h"

#include <algorithm>

namespace tenon::wasm::text {
namespace {

// dwarf: 6.2.4, 7.22
constexpr uint8_t op_extended = 0x00, op_copy = 0x01, op_advance_pc = 0x02, op_advance_line = 0x03,
                  op_set_file = 0x04, op_set_column = 0x05, op_set_prologue_end = 0x0a;
constexpr uint8_t extended_end_sequence = 0x01, extended_set_address = 0x02;
constexpr uint8_t content_path = 0x01, content_directory = 0x02;
constexpr uint8_t form_string = 0x08, form_udata = 0x0f;
constexpr uint8_t operands_of_opcodes[] = {0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1};
constexpr uint8_t opcode_base = std::size(operands_of_opcodes) + 1;
constexpr int line_base = -5;
constexpr uint8_t line_range = 14;

// What follows the header's own length. dwarf: 6.2.4, from `minimum_instruction_length` on
ByteWriter header_rest(std::string_view file) {
  ByteWriter out;
  out.byte(1);  // bytes of the shortest instruction
  out.byte(1);  // operations of an instruction
  out.byte(1);  // rows are statements
  out.byte(static_cast<uint8_t>(line_base));
  out.byte(line_range);
  out.byte(opcode_base);
  out.bytes(operands_of_opcodes);
  out.byte(1);  // directories have one property
  out.u32(content_path);
  out.u32(form_string);
  out.u32(1);
  put_dwarf_string(out, ".");
  out.byte(2);  // files have two
  out.u32(content_path);
  out.u32(form_string);
  out.u32(content_directory);
  out.u32(form_udata);
  out.u32(1);
  put_dwarf_string(out, file);
  out.u32(0);
  return out;
}

}  // namespace

void put_dwarf_string(ByteWriter& out, std::string_view text) {
  text = text.substr(0, text.find('\0'));
  out.bytes({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  out.byte(0);
}

LineTable::LineTable(std::string_view text) {
  starts_.push_back(0);
  for (size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
    starts_.push_back(at + 1);
}

Position LineTable::position_of(size_t offset) const {
  auto line = static_cast<size_t>(std::ranges::upper_bound(starts_, offset) - starts_.begin());
  return {line, offset - starts_[line - 1] + 1};
}

LineProgram::LineProgram(std::string_view file) {
  ByteWriter rest = header_rest(file);
  out_.byte(5);  // the version, in two bytes
  out_.byte(0);
  out_.byte(4);  // bytes of an address
  out_.byte(0);  // bytes of a segment selector
  out_.fixed_u32(static_cast<uint32_t>(rest.written()));
  out_.bytes(rest.view());
}

void LineProgram::set_address(uint32_t address) {
  out_.byte(op_extended);
  out_.u32(5);
  out_.byte(extended_set_address);
  out_.fixed_u32(address);
  address_ = address;
  position_ = {.line = 1, .column = 0};  // as a sequence begins
}

void LineProgram::row(uint32_t address, Position position) {
  if (is_first_) {
    set_address(address);
    out_.byte(op_set_file);
    out_.u32(0);  // they begin with 1
    out_.byte(op_set_prologue_end);
    is_first_ = false;
  }
  if (position.column != position_.column) {
    out_.byte(op_set_column);
    out_.u64(position.column);
  }
  auto lines = static_cast<int64_t>(position.line) - static_cast<int64_t>(position_.line);
  uint32_t bytes = address - address_;
  constexpr int64_t max_bytes = (255 - opcode_base) / line_range - 1;
  if (lines >= line_base && lines < line_base + line_range && bytes <= max_bytes) {
    out_.byte(static_cast<uint8_t>(lines - line_base + line_range * bytes + opcode_base));
  } else {
    out_.byte(op_advance_line);
    out_.s64(lines);
    out_.byte(op_advance_pc);
    out_.u32(bytes);
    out_.byte(op_copy);
  }
  address_ = address;
  position_ = position;
}

void LineProgram::end_sequence(uint32_t end) {
  if (is_first_) return;
  out_.byte(op_advance_pc);
  out_.u32(end - address_);
  out_.byte(op_extended);
  out_.u32(1);
  out_.byte(extended_end_sequence);
}

}  // namespace tenon::wasm::text
