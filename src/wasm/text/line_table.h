#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "wasm/binary/byte_writer.h"
#include "wasm/text/source.h"

// Lines in DWARF: where the lines of a text begin, and the program that a debugger runs to know
// which line an address belongs to. Nothing can fail.
//
// dwarf: 6.2, line number information
namespace tenon::wasm::text {

// What DWARF calls a string: it ends where the text has a zero, or with the text.
void put_dwarf_string(ByteWriter& out, std::string_view text);

// Positions in one text, each found in the time of a binary search. Columns count bytes.
class LineTable {
 public:
  explicit LineTable(std::string_view text);
  Position position_of(size_t offset) const;

 private:
  std::vector<size_t> starts_;  // of the lines
};

// The bytes behind the length of a line table. Rows come in sequences, one for each function, by
// rising address.
class LineProgram {
 public:
  explicit LineProgram(std::string_view file);

  void begin_sequence() { is_first_ = true; }
  void row(uint32_t address, Position position);
  // `end` is behind the last instruction.
  void end_sequence(uint32_t end);
  const ByteWriter& content() const { return out_; }

 private:
  void set_address(uint32_t address);

  ByteWriter out_;
  bool is_first_ = true;
  uint32_t address_ = 0;
  Position position_;
};

}  // namespace tenon::wasm::text
