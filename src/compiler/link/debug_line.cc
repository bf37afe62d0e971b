#include <algorithm>

#include <fmt/format.h>

#include "base/byte_reader.h"
#include "compiler/link/debug_sections.h"

namespace tenon::compiler {

namespace {

// Numbers of the DWARF standard, section 6.2.
enum : uint8_t {
  lns_extended = 0,
  lns_copy = 1,
  lns_advance_pc = 2,
  lns_advance_line = 3,
  lns_set_file = 4,
  lns_set_column = 5,
  lns_negate_stmt = 6,
  lns_set_basic_block = 7,
  lns_const_add_pc = 8,
  lns_fixed_advance_pc = 9,
  lns_set_prologue_end = 10,
  lns_set_epilogue_begin = 11,
  lns_set_isa = 12,
  lne_end_sequence = 1,
  lne_set_address = 2,
};

struct Header {
  uint8_t min_instruction_length = 1;
  int8_t line_base = 0;
  uint8_t line_range = 1;
  uint8_t opcode_base = 1;
  std::span<const uint8_t> operand_counts;  // of opcode 1, 2, ...
};

uint16_t fixed_u16(ByteReader& in) {
  uint32_t low = in.byte();
  return static_cast<uint16_t>(low | uint32_t{in.byte()} << 8);
}

// Runs the line program of one unit.
class LineProgram {
 public:
  LineProgram(const Header& header, std::span<const CodeReference> references,
              std::vector<ObjectPosition>& rows)
      : header_(header), references_(references), rows_(rows) {}

  Result<void> run(ByteReader& in) {
    while (in.ok() && !in.at_end()) TRY_VOID(step(in));
    return in.status();
  }

 private:
  Result<void> step(ByteReader& in);
  Result<void> extended(ByteReader& in);
  Result<void> emit(uint64_t position);
  void advance(uint64_t operations) { offset_ += operations * header_.min_instruction_length; }
  void advance_line(int64_t by) { line_ += static_cast<uint64_t>(by); }

  const Header& header_;
  std::span<const CodeReference> references_;
  std::vector<ObjectPosition>& rows_;
  const ObjectPlace* sequence_ =
      nullptr;           // where the sequence at hand started; null: no address yet
  uint64_t offset_ = 0;  // within the section
  uint64_t line_ = 1;
};

Result<void> LineProgram::emit(uint64_t position) {
  if (sequence_ == nullptr)
    return fail(ErrorCode::compile, "line of .debug_line without an address");
  if (offset_ > UINT32_MAX || position > UINT32_MAX) {
    return fail(ErrorCode::compile, "line of .debug_line out of range");
  }
  ObjectPosition row{{sequence_->section, static_cast<uint32_t>(offset_)},
                     static_cast<uint32_t>(position)};
  // The last of several rows at one address holds.
  if (!rows_.empty() && rows_.back().start == row.start) {
    rows_.back() = row;
  } else if (rows_.empty() || rows_.back().position != row.position ||
             rows_.back().start.section != row.start.section) {
    rows_.push_back(row);
  }
  return {};
}

Result<void> LineProgram::extended(ByteReader& in) {
  ByteReader body = in.slice(in.u64());
  uint8_t op = body.byte();
  TRY_VOID(in.status());
  switch (op) {
    case lne_end_sequence: {
      TRY_VOID(emit(0));
      sequence_ = nullptr;
      offset_ = 0;
      line_ = 1;
      return {};
    }
    case lne_set_address:
      sequence_ = find_reference(references_, body.offset());
      if (sequence_ == nullptr)
        return fail(ErrorCode::compile, "address of .debug_line without a function");
      offset_ = sequence_->offset;
      return {};
    default: return {};  // discriminators and the like
  }
}

Result<void> LineProgram::step(ByteReader& in) {
  uint8_t op = in.byte();
  if (op >= header_.opcode_base) {
    uint8_t adjusted = static_cast<uint8_t>(op - header_.opcode_base);
    advance(adjusted / header_.line_range);
    advance_line(header_.line_base + adjusted % header_.line_range);
    return emit(line_);
  }
  switch (op) {
    case lns_extended: return extended(in);
    case lns_copy: return emit(line_);
    case lns_advance_pc: advance(in.u64()); return {};
    case lns_advance_line: advance_line(in.s64()); return {};
    case lns_const_add_pc: advance((255 - header_.opcode_base) / header_.line_range); return {};
    case lns_fixed_advance_pc: offset_ += fixed_u16(in); return {};
    case lns_set_file:
    case lns_set_column:
    case lns_negate_stmt:
    case lns_set_basic_block:
    case lns_set_prologue_end:
    case lns_set_epilogue_begin:
    case lns_set_isa:
    default:
      for (uint8_t i = 0; i < header_.operand_counts[op - 1u]; i++) in.u64();
      return {};
  }
}

Result<Header> read_header(ByteReader& unit) {
  Header header;
  uint16_t version = fixed_u16(unit);
  if (version != 4 && version != 5) {
    return fail(ErrorCode::compile, fmt::format("version {} of .debug_line", version));
  }
  if (version == 5) unit.bytes(2);  // sizes of addresses and of segment selectors
  ByteReader rest = unit.slice(unit.fixed_u32());
  header.min_instruction_length = rest.byte();
  rest.byte();  // operations per instruction: 1 where there are no bundles
  rest.byte();  // the first value of is_stmt
  header.line_base = static_cast<int8_t>(rest.byte());
  header.line_range = rest.byte();
  header.opcode_base = rest.byte();
  if (header.line_range == 0 || header.opcode_base == 0)
    return fail(ErrorCode::compile, "header of .debug_line");
  header.operand_counts = rest.bytes(header.opcode_base - 1u);
  TRY_VOID(rest.status());
  TRY_VOID(unit.status());
  return header;  // directories and files are not used
}

}  // namespace

Result<std::vector<ObjectPosition>> read_debug_line(std::span<const uint8_t> bytes,
                                                    std::span<const CodeReference> references) {
  std::vector<ObjectPosition> rows;
  ByteReader section(bytes);
  while (section.ok() && !section.at_end()) {
    uint32_t length = section.fixed_u32();
    if (length >= 0xfffffff0) return fail(ErrorCode::compile, "64-bit .debug_line");
    ByteReader unit = section.slice(length);
    TRY_VOID(section.status());
    Header header = TRY(read_header(unit));
    TRY_VOID(LineProgram(header, references, rows).run(unit));
  }
  TRY_VOID(section.status());
  if (!std::ranges::is_sorted(rows, {}, &ObjectPosition::start)) {
    return fail(ErrorCode::compile, "lines of .debug_line are not in order");
  }
  return rows;
}

}  // namespace tenon::compiler
