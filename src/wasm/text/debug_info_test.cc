#include "wasm/text/debug_info.h"

#include "base/byte_reader.h"
#include "wasm/binary/codes.h"
#include "wasm/text/parse_module.h"

// Last: it takes the name CHECK over.
#include <doctest/doctest.h>

namespace tenon::wasm::text {
namespace {

using Bytes = std::vector<uint8_t>;

struct Sections {
  std::span<const uint8_t> code, lines, info;
};

Sections sections_of(const Bytes& module) {
  Sections found;
  ByteReader in(module);
  in.bytes(8);
  while (!in.at_end()) {
    uint8_t id = in.byte();
    ByteReader content = in.slice(in.u32());
    if (id == section_id::code) found.code = content.bytes(content.left());
    if (id != section_id::custom) continue;
    std::span<const uint8_t> text = content.bytes(content.u32());
    std::string_view name(reinterpret_cast<const char*>(text.data()), text.size());
    if (name == ".debug_line") found.lines = content.bytes(content.left());
    if (name == ".debug_info") found.info = content.bytes(content.left());
  }
  REQUIRE(in.ok());
  return found;
}

Bytes with_debug_info(std::string_view text, DebugInfo level) {
  auto module = parse_module({"m.wat", text}, {.debug_info = level});
  REQUIRE(module.has_value());
  return *module;
}

// Runs the line program as dwarf: 6.2.5 says; each row as `OPCODE@LINE:COLUMN`, where OPCODE is the
// byte of the code section that the row's address leads to.
std::string rows_of(const Bytes& module) {
  Sections sections = sections_of(module);
  ByteReader in(sections.lines);
  CHECK(in.fixed_u32() == sections.lines.size() - 4);
  in.bytes(4);  // version, sizes
  in.bytes(in.fixed_u32());
  std::string out;
  uint64_t address = 0, column = 0;
  int64_t line = 1;
  auto row = [&] {
    out += std::to_string(sections.code[address]) + "@" + std::to_string(line) + ":" +
           std::to_string(column) + " ";
  };
  while (!in.at_end()) {
    uint8_t op = in.byte();
    if (op >= 13) {
      line += (op - 13) % 14 - 5;
      address += (op - 13) / 14;
      row();
    } else if (op == 0) {
      in.u32();
      bool is_end = in.byte() == 1;
      if (!is_end) address = in.fixed_u32();
      if (is_end) out += "| ";
      line = 1;
      column = 0;
    } else if (op == 1) {
      row();
    } else if (op == 2) {
      address += in.u32();
    } else if (op == 3) {
      line += in.s64();
    } else if (op == 4) {
      CHECK(in.u32() == 0);
    } else if (op == 5) {
      column = in.u64();
    } else {
      CHECK(op == 10);
    }
  }
  CHECK(in.ok());
  return out;
}

size_t count_of(std::span<const uint8_t> bytes, std::string_view text) {
  std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  size_t count = 0;
  for (size_t at = all.find(text); at != all.npos; at = all.find(text, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("each instruction leads to its place in the text") {
  CHECK(rows_of(with_debug_info("(module\n"
                                "  (import \"m\" \"f\" (func))\n"
                                "  (func (local i64)\n"
                                "    nop\n"
                                "    (drop (i32.const\n"
                                "      1)))\n"
                                "  (func unreachable))",
                                DebugInfo::lines)) ==
        "1@4:5 65@5:12 26@5:6 11@6:10 | 0@7:9 11@7:20 | ");
}

TEST_CASE("lines that are far apart, and backwards") {
  std::string text = "(func (block" + std::string(100, '\n') + "(drop" + std::string(100, '\n') +
                     "(i32.const 0))))";
  CHECK(rows_of(with_debug_info(text, DebugInfo::lines)) ==
        "2@1:8 65@201:2 26@101:2 11@201:15 11@201:16 | ");
}

TEST_CASE("bodies behind a long count, with far addresses") {
  std::string text = "(module";
  for (int i = 0; i < 200; ++i) text += "(func)";
  text += "(func i64.const 0x7fffffffffffffff\ndrop))";
  std::string rows = rows_of(with_debug_info(text, DebugInfo::lines));
  CHECK(rows.ends_with("| 66@1:1214 26@2:1 11@2:5 | "));
}

TEST_CASE("locals of number types are described where all is asked for") {
  constexpr std::string_view text =
      "(func $first (param $x i32) (param f64) (local $r funcref) (local $y i64) (local i64))"
      "(func (type 5))";
  Bytes lines = with_debug_info(text, DebugInfo::lines);
  Bytes full = with_debug_info(text, DebugInfo::full);
  for (std::string_view name : {"first", "wasm-function[1]", "m.wat"}) {
    CHECK(count_of(sections_of(lines).info, name) == 1);
    CHECK(count_of(sections_of(full).info, name) == 1);
  }
  for (std::string_view name : {"x", "local1", "y", "local4"}) {
    std::string string = std::string(name) + '\0';
    CHECK(count_of(sections_of(lines).info, string) == 0);
    CHECK(count_of(sections_of(full).info, string) == 1);
  }
  CHECK(count_of(sections_of(full).info, "local2") == 0);
}

TEST_CASE("nothing is written where nothing is asked for or nothing runs") {
  CHECK(sections_of(with_debug_info("(func)", DebugInfo::none)).lines.empty());
  CHECK(sections_of(with_debug_info("(import \"m\" \"f\" (func))", DebugInfo::full)).lines.empty());
}

}  // namespace tenon::wasm::text
