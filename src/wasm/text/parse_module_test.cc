#include "wasm/text/parse_module.h"

#include "wasm/text/keywords.h"
#include "wasm/text/testing.h"

#include <doctest/doctest.h>

namespace tenon::wasm::text {
namespace {

using testing::fault;
using testing::parsed;
using wasm::testing::Bytes;
using wasm::testing::starts_with;

// The module's text must give the binary of the other.
void same(std::string_view text, std::string_view other) {
  CAPTURE(text);
  CHECK(parsed(text) == parsed(other));
  CHECK(fault(text) == "");
}

TEST_CASE("a module as bytes") {
  CHECK(parsed("(module)") == wasm::testing::preamble());
  CHECK(parsed("") == parsed("(module)"));
  CHECK(parsed("(module (func (result i32) i32.const -1))") ==
        wasm::testing::join({wasm::testing::preamble(),
                             {1, 5, 1, 0x60, 0, 1, 0x7f},
                             {3, 2, 1, 0},
                             {10, 6, 1, 4, 0, 0x41, 0x7f, 0x0b}}));
  CHECK(parsed(R"((module binary "\00asm" "\01\00\00\00"))") == parsed("(module)"));
}

TEST_CASE("every instruction of the table is found by its name") {
  for (int i = 0; i < opcode_count; ++i) {
    const OpcodeInfo& known = info(static_cast<Opcode>(i));
    auto found = find_instruction(known.text);
    REQUIRE(found.has_value());
    CHECK(info(*found).text == known.text);
  }
  CHECK(!find_instruction("get_local"));
}

TEST_CASE("abbreviations") {
  same("(func (export \"a\") (export \"b\"))",
       "(func) (export \"a\" (func 0)) (export \"b\" (func 0))");
  same("(func (import \"m\" \"n\") (param i32))", "(import \"m\" \"n\" (func (param i32)))");
  same("(memory (data \"ab\" \"c\"))", "(memory 1 1) (data (i32.const 0) \"abc\")");
  same("(memory i64 (data))", "(memory i64 0 0) (data (i64.const 0))");
  same("(memory (data (i8 -1 2) \"a\" (i16 0x304)))",
       "(memory 1 1) (data (i32.const 0) \"\\ff\\02a\\04\\03\")");
  same("(memory 1) (data (i32.const 1) (i32 -2) (i64 5) (f32 1) (f64 -0))",
       "(memory 1) (data (i32.const 1) \"\\fe\\ff\\ff\\ff\\05\\00\\00\\00\\00\\00\\00\\00"
       "\\00\\00\\80\\3f\\00\\00\\00\\00\\00\\00\\00\\80\")");
  same("(data (i8) (v128 i64x2 1 2))",
       "(data \"\\01\\00\\00\\00\\00\\00\\00\\00\\02\\00\\00\\00\\00\\00\\00\\00\")");
  same("(table funcref (elem 0 0)) (func)",
       "(table 2 2 funcref) (elem (table 0) (i32.const 0) func 0 0) (func)");
  same("(table 1 funcref) (elem (i32.const 0) 0) (func)",
       "(table 1 funcref) (elem (offset i32.const 0) func 0) (func)");
  same("(func (param i32 i64) (result f32 f64) unreachable)",
       "(type (func (param i32) (param i64) (result f32) (result f64))) (func (type 0) "
       "unreachable)");
  same("(func (local i32 i32) (local i32) (local i64))", "(func (local i32 i32 i32 i64))");
  same("(table 1 funcref) (func call_indirect (type 0)) (type (func))",
       "(type (func)) (table 1 (ref null func)) (func (call_indirect 0 (param) (result)))");
  same("(memory 1) (func (i32.load (i32.const 0)) drop)",
       "(memory 1) (func i32.const 0 i32.load 0 offset=0 align=4 drop)");
  same("(func (if (i32.const 1) (then nop) (else)))", "(func i32.const 1 if nop else end)");
  same("(func (select (result i32) (i32.const 1) (i32.const 2) (i32.const 3)) drop)",
       "(func i32.const 1 i32.const 2 i32.const 3 select (result i32) drop)");
  same("(type (sub final (func)))", "(type (func))");
  same("(global funcref (ref.null func))", "(global (ref null func) ref.null func)");
  same("(func (drop (v128.const i32x4 1 2 3 4)))",
       "(func v128.const i8x16 1 0 0 0 2 0 0 0 3 0 0 0 4 0 0 0 drop)");
}

TEST_CASE("numbers in data must fit") {
  CHECK(starts_with(fault("(data (i8 256))"), "constant out of range"));
  CHECK(starts_with(fault("(data (i8 \"a\"))"), "unexpected token"));
  CHECK(starts_with(fault("(data (v128 i8x16 1))"), "wrong number of lane literals"));
  CHECK(starts_with(fault("(data (i8 1)"), "unexpected end"));
  CHECK(fault("(data (@metadata.code.branch_hint \"\\01\") (i8 1))") != "");
  CHECK(fault("(data ((@metadata.code.branch_hint \"\\01\") i8 1))") != "");
}

TEST_CASE("type uses take the first equal type, or add one at the end") {
  same(
      "(func (param i32)) (type $t (func)) (func) (func (param i32))",
      "(type $t (func)) (type (func (param i32))) (func (type 1)) (func (type 0)) (func (type 1))");
  same("(type (sub (func))) (func)", "(type (sub (func))) (type (func)) (func (type 1))");
  same("(rec (type (func)) (type (func))) (func)",
       "(rec (type (func)) (type (func))) (type (func)) (func (type 2))");
  CHECK(
      starts_with(fault("(type $t (func)) (func (type $t) (param i32))"), "inline function type"));
  CHECK(starts_with(fault("(func (type 1) (param i32))"), "unknown type"));
}

TEST_CASE("names resolve to the innermost definition") {
  same("(func $f (param $x i32) (local $y i32) local.get $y local.set $x call $f)",
       "(func $f (param $x i32) (local $y i32) local.get 1 local.set 0 call 0)");
  same("(func block $a block $a br $a end br $a end)",
       "(func block $a block $a br 0 end br 0 end)");
  same("(func $\"a\" call $a call $\"\\61\")", "(func $a call 0 call 0)");
  same(
      "(type $s (struct (field $x i32) (field $y i32))) (func (struct.get $s $y (unreachable)) "
      "drop)",
      "(type $s (struct (field $x i32) (field $y i32))) (func unreachable struct.get 0 1 drop)");
  CHECK(fault("(func br $a block $a end)") == "unknown label $a");
  CHECK(fault("(func block $a end br $a)") == "unknown label $a");
  CHECK(fault("(func) (func call $f)") == "unknown func $f");
  CHECK(fault("(func $f) (func $f)") == "duplicate func $f");
  CHECK(fault("(func (param $x i32) (local $x i32))") == "duplicate local $x");
  CHECK(starts_with(fault("(func block $a end $b)"), "mismatching label"));
  CHECK(starts_with(fault("(func) (import \"\" \"\" (func))"), "import after function"));
}

TEST_CASE("what is malformed is said in the words of the standard") {
  CHECK(fault("(func i32.const 0x)") == "unknown operator 0x");
  CHECK(fault("(func get_local 0)") == "unknown operator get_local");
  CHECK(starts_with(fault("(func i32.const 1.0)"), "unexpected token"));
  CHECK(starts_with(fault("(func i32.const 0x1_0000_0000)"), "constant out of range"));
  CHECK(starts_with(fault("(func"), "unexpected end"));
  CHECK(starts_with(fault("(func block)"), "unexpected token"));
  CHECK(starts_with(fault("(func end)"), "unexpected token"));
  CHECK(starts_with(fault("(func (block end))"), "unexpected token"));
  CHECK(starts_with(fault("(func (if (i32.const 0)))"), "unexpected token"));
  CHECK(starts_with(fault("(func (result i32) (param i32))"), "unexpected token"));
  CHECK(fault("(memory 1) (func i32.const 0 i32.load align=3 drop)") ==
        "alignment must be a power of two");
  CHECK(fault("(func (v128.const i32x4 1 2 3) drop)") == "wrong number of lane literals");
  CHECK(starts_with(fault("(func (i8x16.shuffle 1 2))"), "invalid lane length"));
  CHECK(fault("(module) nop") != "");
  CHECK(starts_with(fault("(module $m $n)"), "unexpected token"));
  CHECK(starts_with(fault("$m (func)"), "unexpected token"));
  CHECK(fault("\xff") == "malformed UTF-8 encoding");
}

TEST_CASE("an error shows its line") {
  auto error = parse_module({"x.wat", "(module\n\t(func nop\n\t\tnopp))"}).error();
  CHECK(error.code() == ErrorCode::malformed);
  CHECK(error.to_string() ==
        "unknown operator nopp\n"
        "  --> x.wat:3:3\n"
        "   |\n"
        " 3 |   nopp))\n"
        "   |   ^");
}

TEST_CASE("custom annotations become sections at their places") {
  same("(@custom \"a\" (before first) \"1\") (func)", "(func) (@custom \"a\" (before type) \"1\")");
  same("(func) (@custom \"a\" \"1\" \"2\")", "(@custom \"a\" (after last) \"12\") (func)");
  CHECK(parsed("(@custom \"x\" (before func) \"yz\")") ==
        wasm::testing::join({wasm::testing::preamble(), {0, 4, 1, 'x', 'y', 'z'}}));
  CHECK(starts_with(fault("(@custom)"), "@custom annotation: missing section name"));
  CHECK(
      starts_with(fault("(@custom \"a\" (aft type))"), "@custom annotation: malformed placement"));
  CHECK(starts_with(fault("(func (@custom \"a\"))"), "misplaced @custom annotation"));
  CHECK(starts_with(fault("(module (@name \"a\") (@name \"b\"))"), "misplaced @name annotation"));
}

TEST_CASE("branch hints count from the start of the body") {
  Bytes section = {0, 0x20, 0x19};
  for (char c : std::string_view("metadata.code.branch_hint"))
    section.push_back(static_cast<uint8_t>(c));
  for (uint8_t byte : Bytes{1, 0, 1, 3, 1, 1}) section.push_back(byte);
  std::string_view flat =
      "(func (param i32) local.get 0 (@metadata.code.branch_hint \"\\01\") if end)";
  Bytes bytes = parsed(flat);
  CHECK(std::search(bytes.begin(), bytes.end(), section.begin(), section.end()) != bytes.end());
  same("(func (param i32) (@metadata.code.branch_hint \"\\01\") (if (local.get 0) (then)))", flat);
  CHECK(fault("(func (@metadata.code.branch_hint \"\\01\") nop)") ==
        "@metadata.code.branch_hint annotation: invalid target, expected `if` or `br_if`");
}

TEST_CASE("a name section is made of identifiers and annotations") {
  Bytes bytes = parsed("(module $m (func $f (param $x i32) (local $y i32) block $l end))");
  Bytes names = {0, 0x25, 4, 'n', 'a', 'm', 'e', 0, 2, 1,   'm', 1, 4, 1, 0, 1, 'f', 2,
                 9, 1,    0, 2,   0,   1,   'x', 1, 1, 'y', 3,   6, 1, 0, 1, 0, 1,   'l'};
  names[1] = static_cast<uint8_t>(names.size() - 2);
  CHECK(std::search(bytes.begin(), bytes.end(), names.begin(), names.end()) != bytes.end());
  same("(func $f (@name \"\\u{e9}\"))", "(func $\"\\u{e9}\")");
  auto bare = parse_module({"t", "(func $f)"}, {.with_names = false});
  CHECK(*bare == parsed("(func)"));
}

TEST_CASE("depth is bounded by the text alone") {
  constexpr size_t depth = 200'000;
  std::string folded = "(func ";
  for (size_t i = 0; i < depth; ++i) folded += "(block $a ";
  folded += "br $a";
  CHECK(starts_with(fault(folded), "unexpected"));
  folded.append(depth + 1, ')');
  CHECK(fault(folded) == "");
  std::string operands = "(func ";
  for (size_t i = 0; i < depth; ++i) operands += "(drop ";
  operands.append(depth + 1, ')');
  CHECK(fault(operands) == "");
}

TEST_CASE("components are told apart") {
  CHECK(is_component_text(" ;; c\n(component)"));
  CHECK(!is_component_text("(module)"));
  CHECK(parse_module({"t", "(component)"}).error().code() == ErrorCode::malformed);
}

}  // namespace
}  // namespace tenon::wasm::text
