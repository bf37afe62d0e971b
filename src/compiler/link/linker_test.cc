#include "compiler/link/linker.h"

#include <doctest/doctest.h>

#include <cstring>

#include "compiler/link/debug_sections.h"
#include "compiler/link/test_object.h"

namespace tenon::compiler {
namespace {

using test::Bytes;

std::vector<ObjectUnwindRow> frame_rows(const Bytes& instructions) {
  Bytes section = test::eh_frame_cie();
  auto at = static_cast<uint32_t>(section.size());
  Bytes fde = test::eh_frame_fde(at, 1000, instructions);
  section.insert(section.end(), fde.begin(), fde.end());
  const CodeReference reference{at + 8, {0, 0x40}};
  auto info = read_eh_frame(section, {&reference, 1}, {});
  REQUIRE_MESSAGE(info.has_value(), (info ? "" : info.error().to_string()));
  return info->rows;
}

std::string frame_error(const Bytes& instructions) {
  Bytes section = test::eh_frame_cie();
  auto at = static_cast<uint32_t>(section.size());
  Bytes fde = test::eh_frame_fde(at, 1000, instructions);
  section.insert(section.end(), fde.begin(), fde.end());
  const CodeReference reference{at + 8, {0, 0}};
  auto info = read_eh_frame(section, {&reference, 1}, {});
  return info ? "" : info.error().message();
}

void check_row(const ObjectUnwindRow& row, uint32_t offset, UnwindRule rule) {
  CHECK_EQ(row.start.offset, offset);
  CHECK_EQ(row.rule.from_rbp, rule.from_rbp);
  CHECK_EQ(row.rule.cfa_offset, rule.cfa_offset);
  CHECK(row.rule.saved_below == rule.saved_below);
}

TEST_CASE("call frame instructions: a frame pointer") {
  auto rows = frame_rows({
      0x41,  // advance 1
      0x0e,
      16,  // def_cfa_offset 16
      0x86,
      2,     // rbp at CFA - 16
      0x43,  // advance 3
      0x0d,
      6,  // def_cfa_register rbp
      0x02,
      200,  // advance1
      0x0c,
      7,
      8,  // def_cfa rsp+8
  });
  REQUIRE_EQ(rows.size(), 4);
  check_row(rows[0], 0x40, {8, 0, {}});
  check_row(rows[1], 0x41, {16, 0, {16}});
  check_row(rows[2], 0x44, {16, 1, {16}});
  check_row(rows[3], 0x44 + 200, {8, 0, {16}});
}

TEST_CASE("call frame instructions: pushes, states and long distances") {
  auto rows = frame_rows({
      0x41, 0x0e, 16,   0x83, 2,              // push rbx
      0x44, 0x0e, 0x90, 0x10,                 // sub: CFA = rsp + 2064
      0x0a,                                   // remember_state
      0x03, 0x00, 0x01,                       // advance2 256
      0x0e, 16,   0x41, 0x0e, 8,    0xc3,     // restore rbx
      0x0b,                                   // restore_state
      0x04, 0x00, 0x00, 0x01, 0x00,           // advance4 65536
      0x2e, 0,                                // GNU_args_size
      0x05, 6,    3,                          // offset_extended rbp
      0x41, 0x06, 6,                          // restore_extended rbp
      0x41, 0x8c, 3,    0x8f, 4,    0x8e, 5,  // r12, r15 and r14
      0x41, 0x08, 12,                         // same_value r12
  });
  REQUIRE_EQ(rows.size(), 9);
  check_row(rows[1], 0x41, {16, 0, {0, 16}});
  check_row(rows[2], 0x45, {2064, 0, {0, 16}});
  check_row(rows[3], 0x145, {16, 0, {0, 16}});
  check_row(rows[4], 0x146, {2064, 0, {0, 16}});  // restored before anything else happened there
  check_row(rows[5], 0x10146, {2064, 0, {24, 16}});
  check_row(rows[6], 0x10147, {2064, 0, {0, 16}});
  check_row(rows[7], 0x10148, {2064, 0, {0, 16, 24, 40, 32}});
  check_row(rows[8], 0x10149, {2064, 0, {0, 16, 0, 40, 32}});
}

TEST_CASE("call frame instructions that the table cannot express are refused") {
  CHECK_EQ(frame_error({0x0e, 12}), "frame of 12 bytes");
  CHECK_EQ(frame_error({0x0d, 3}), "frame address in register 3");
  CHECK_EQ(frame_error({0x0f, 1, 0}), "call frame instruction 0xf");
  CHECK_EQ(frame_error({0x0b}), "no frame state to restore");
  CHECK_EQ(frame_error({0x90, 2}), "return address -16 bytes off the frame address");
  CHECK_EQ(frame_error({0x0e}), "frame of 0 bytes");
  CHECK_EQ(frame_error({0x2e, 16}), "arguments on the stack");
  CHECK_EQ(frame_error({0x83, 0xff, 0xff, 0x03}), "register 3 saved 524280 bytes below the frame");
}

TEST_CASE("an .eh_frame entry needs a function and common information") {
  Bytes section = test::eh_frame_cie();
  Bytes fde = test::eh_frame_fde(static_cast<uint32_t>(section.size()), 10, {});
  section.insert(section.end(), fde.begin(), fde.end());
  CHECK_FALSE(read_eh_frame(section, {}, {}).has_value());
  CHECK_FALSE(read_eh_frame(fde, {}, {}).has_value());
  for (size_t size = 1; size < section.size(); size++) {
    (void)read_eh_frame(std::span(section).first(size), {}, {});
  }
}

TEST_CASE("exception tables give landing pads to call sites") {
  // Call sites of a function of 100 bytes: without a pad, [10, 15) to 90, [20, 30) to 95.
  const Bytes bytes = {0xff, 0xff, 1, 12, 0, 10, 0, 0, 10, 5, 90, 0, 20, 10, 95, 0};
  const ExceptionTable table{{0, 0x40}, 100, 0};
  auto pads = read_exception_tables(bytes, {&table, 1});
  REQUIRE(pads.has_value());
  REQUIRE_EQ(pads->size(), 2);
  CHECK((*pads)[0].place == ObjectPlace{0, 0x40 + 10});
  CHECK_EQ((*pads)[0].size, 5);
  CHECK_EQ((*pads)[0].pad, 0x40 + 90);
  CHECK((*pads)[1].place == ObjectPlace{0, 0x40 + 20});
  for (size_t size = 0; size < bytes.size(); size++)
    CHECK_FALSE(read_exception_tables(std::span(bytes).first(size), {&table, 1}).has_value());

  const ExceptionTable shorter{{0, 0x40}, 95, 0};  // the second pad lies behind it
  CHECK_FALSE(read_exception_tables(bytes, {&shorter, 1}).has_value());
  const ExceptionTable twice[] = {table, table};
  CHECK_FALSE(read_exception_tables(bytes, twice).has_value());
  Bytes with_types = bytes;
  with_types[1] = 0x9b;
  CHECK_FALSE(read_exception_tables(with_types, {&table, 1}).has_value());
}

TEST_CASE("line programs") {
  Bytes unit = test::debug_line_unit({
      0,
      9,
      2,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,  // set_address, relocated
      3,
      99,
      1,                    // line 100, copy
      13 + 14 * 4 + 5 + 2,  // special: address + 4, line + 2
      2,
      8,  // advance_pc 8
      3,
      0xc0,
      0x7e,
      1,  // line - 192 + ... = 102 - 192, wrapped below
      0,
      1,
      1,  // end_sequence
  });
  const CodeReference reference{test::debug_line_program_offset + 3, {0, 0x10}};
  // A line below zero is out of range.
  CHECK_FALSE(read_debug_line(unit, {&reference, 1}).has_value());

  unit = test::debug_line_unit({
      0,
      9,
      2,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      3,
      0xe3,
      0x00,
      1,  // line 100
      10,
      5,
      3,
      4,
      1,                    // prologue_end, set_column: no effect; address as before
      13 + 14 * 4 + 5 + 2,  // address + 4, line + 2: 102
      8,                    // const_add_pc: + 17
      6,
      7,
      11,
      12,
      0,  // negate_stmt, basic_block, epilogue_begin, set_isa
      1,  // the same line: no new row
      0,
      2,
      4,
      9,  // discriminator
      9,
      3,
      0,  // fixed_advance_pc 3
      3,
      0x7f,
      1,  // line 101
      2,
      4,
      0,
      1,
      1,  // end 4 bytes on
  });
  auto rows = read_debug_line(unit, {&reference, 1});
  REQUIRE_MESSAGE(rows.has_value(), (rows ? "" : rows.error().to_string()));
  REQUIRE_EQ(rows->size(), 4);
  auto expect = [&](size_t i, uint32_t offset, uint32_t position) {
    CHECK_EQ((*rows)[i].start.offset, offset);
    CHECK_EQ((*rows)[i].position, position);
  };
  expect(0, 0x10, 100);
  expect(1, 0x14, 102);
  expect(2, 0x14 + 17 + 3, 101);
  expect(3, 0x14 + 17 + 3 + 4, 0);
  for (size_t size = 1; size < unit.size(); size++) {
    CHECK_FALSE(read_debug_line(std::span(unit).first(size), {&reference, 1}).has_value());
  }
  unit[4] = 3;
  CHECK_FALSE(read_debug_line(unit, {&reference, 1}).has_value());
}

// mov eax, 7; jmp/call to another; ret
test::Function function(uint32_t index, std::vector<FunctionName> calls = {}) {
  test::Function f{{0, index}, {0xb8, 7, 0, 0, 0}, {}, {}, {}};
  for (FunctionName name : calls) {
    f.references.push_back({static_cast<uint32_t>(f.code.size()) + 1, true, name, -4});
    f.code.insert(f.code.end(), {0xe8, 0, 0, 0, 0});
  }
  f.code.push_back(0xc3);
  f.positions = {1000 + index, 0, 1001 + index};
  return f;
}

ObjectCode read(const test::ObjectBuilder& builder) {
  auto object = read_object(builder.finish());
  REQUIRE_MESSAGE(object.has_value(), (object ? "" : object.error().to_string()));
  return *object;
}

int32_t field(const Bytes& bytes, size_t at) {
  int32_t value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

TEST_CASE("objects are joined: calls, constants and tables") {
  test::ObjectBuilder first;
  first.add(function(2, {{0, 3}, {0, 4}}));
  test::Function with_data = function(3);
  with_data.references.push_back({1, false, {}, 8});
  first.add(with_data);
  first.rodata = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  test::ObjectBuilder second;
  second.add(function(4, {{0, 2}}));
  second.rodata = {0xaa};

  Linker linker;
  CHECK(linker.add(read(first)).has_value());
  CHECK(linker.add(read(second)).has_value());
  CHECK_EQ(linker.function_count(), 3);
  ArtifactContents contents;
  CHECK(linker.finish(contents).has_value());

  REQUIRE_EQ(contents.functions.size(), 3);
  uint32_t w2 = contents.functions[0].start;
  uint32_t w3 = contents.functions[1].start;
  uint32_t w4 = contents.functions[2].start;
  CHECK_EQ(w2, 0);
  CHECK_EQ(w3 % 16, 0);
  CHECK_EQ(contents.text[w3 + 8], 0xcc);  // between objects
  CHECK_EQ(field(contents.text, w2 + 6), static_cast<int32_t>(w3 - (w2 + 10)));
  CHECK_EQ(field(contents.text, w2 + 11), static_cast<int32_t>(w4 - (w2 + 15)));
  CHECK_EQ(field(contents.text, w4 + 6), static_cast<int32_t>(w2) - static_cast<int32_t>(w4 + 10));
  CHECK_EQ(field(contents.text, w3 + 1), static_cast<int32_t>(artifact_page + 8 - (w3 + 1)));
  CHECK_EQ(contents.rodata.size(), 17);
  CHECK_EQ(contents.rodata[16], 0xaa);

  CodeTables tables{contents.functions,       contents.unwind,         contents.unwind_rules,
                    contents.landing_pads,    contents.safepoints,     contents.roots,
                    contents.position_blocks, contents.position_stream};
  CHECK_EQ(tables.find_function(w4 + 3)->function, 4);
  CHECK(*tables.find_unwind(w4) == UnwindRule{8, 0, {}});
  CHECK_EQ(tables.find_position(w2), 1001);
  CHECK_FALSE(tables.find_position(w2 + 1).has_value());
  CHECK_EQ(tables.find_position(w2 + 2), 1002);
  CHECK_EQ(tables.find_position(w4 + 2), 1004);
  CHECK_FALSE(tables.find_position(w4 + 100).has_value());
}

TEST_CASE("functions may come in any order") {
  test::ObjectBuilder builder;
  builder.add(function(3));
  builder.add(function(2));
  Linker linker;
  CHECK(linker.add(read(builder)).has_value());
  ArtifactContents contents;
  CHECK(linker.finish(contents).has_value());
  CHECK_EQ(contents.functions[0].function, 3);
  CHECK_EQ(contents.entries, std::vector<uint32_t>{16, 0});
}

TEST_CASE("many positions are found in their blocks") {
  Linker linker;
  for (uint32_t i = 0; i < 300; i++) {
    test::ObjectBuilder builder;
    builder.add(function(i));
    CHECK(linker.add(read(builder)).has_value());
  }
  ArtifactContents contents;
  CHECK(linker.finish(contents).has_value());
  CHECK(contents.position_blocks.size() > 10);
  CHECK_EQ(contents.unwind.size(), 1);
  CodeTables tables{contents.functions,       contents.unwind,         contents.unwind_rules,
                    contents.landing_pads,    contents.safepoints,     contents.roots,
                    contents.position_blocks, contents.position_stream};
  for (uint32_t i = 0; i < 300; i++) {
    uint32_t start = contents.functions[i].start;
    CHECK_EQ(tables.find_position(start), 999 + i);
    CHECK_FALSE(tables.find_position(start + 1).has_value());
    CHECK_EQ(tables.find_position(start + 2), 1000 + i);
  }
}

TEST_CASE("objects that the contract does not allow are refused") {
  Linker linker;
  ArtifactContents contents;
  test::ObjectBuilder builder;
  builder.add(function(5, {{0, 6}}));
  CHECK(linker.add(read(builder)).has_value());
  auto result = linker.finish(contents);
  REQUIRE_FALSE(result.has_value());
  CHECK_EQ(result.error().message(), "function w0_6 is called and not defined");

  Linker twice;
  test::ObjectBuilder single;
  single.add(function(5));
  CHECK(twice.add(read(single)).has_value());
  CHECK(twice.add(read(single)).has_value());
  result = twice.finish(contents);
  REQUIRE_FALSE(result.has_value());
  CHECK_EQ(result.error().message(), "function w0_5 is defined twice");

  test::ObjectBuilder writable;
  writable.add(function(1));
  writable.rodata = {1};
  writable.writable_data = true;
  auto object = read_object(writable.finish());
  REQUIRE_FALSE(object.has_value());
  CHECK_EQ(object.error().message(), "a section `.rodata`, which is neither code nor constant");

  test::ObjectBuilder far;
  test::Function caller = function(5, {{0, 6}});
  caller.references[0].addend = INT64_MAX;
  far.add(caller);
  object = read_object(far.finish());
  REQUIRE_FALSE(object.has_value());
  CHECK_EQ(object.error().message(), "a relocation out of bounds");
}

TEST_CASE("damaged objects are read without harm") {
  test::ObjectBuilder builder;
  builder.add(function(2, {{0, 3}}));
  builder.add(function(3));
  builder.rodata = {1, 2, 3};
  const Bytes bytes = builder.finish();
  for (size_t size = 0; size < bytes.size(); size++) {
    CHECK_FALSE(read_object(std::span(bytes).first(size)).has_value());
  }
  uint32_t random = 1;
  for (int round = 0; round < 5000; round++) {
    Bytes damaged = bytes;
    random = random * 1664525 + 1013904223;
    damaged[(random >> 8) % damaged.size()] ^= static_cast<uint8_t>(1u << (random >> 29));
    auto object = read_object(damaged);
    if (!object) continue;
    Linker linker;
    ArtifactContents contents;
    if (linker.add(*object)) (void)linker.finish(contents);
  }
}

}  // namespace
}  // namespace tenon::compiler
