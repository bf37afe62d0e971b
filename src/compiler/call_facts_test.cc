#include "compiler/call_facts.h"

#include <doctest/doctest.h>

#include <string>

#include "component/text/parse_component.h"
#include "wasm/binary/decode_module.h"

namespace tenon::compiler {
namespace {

// "t0: 1 - 2" for table 0 with functions 1 and 2 and a null between them, and the functions that
// keep the vmctx.
std::string facts(std::string fields) {
  auto bytes = component::text::parse({"x.wat", "(module " + fields + ")"});
  REQUIRE_MESSAGE(bytes.has_value(), (bytes ? "" : bytes.error().to_string()));
  auto module = wasm::decode_module(*bytes, 0, wasm::Features::defaults());
  REQUIRE(module.has_value());
  CallFacts found = find_call_facts(*module, wasm::Features::defaults());
  std::string text;
  for (const ClosedTable& table : found.closed_tables) {
    text += "t" + std::to_string(table.table.index) + ":";
    for (wasm::FuncIndex function : table.elements)
      text += function == no_function ? " -" : " " + std::to_string(function.index);
    text += "; ";
  }
  for (uint32_t i = 0; i < module->functions.size(); i++)
    if (found.keeps_vmctx(wasm::FuncIndex(i))) text += "keeps " + std::to_string(i) + "; ";
  return text;
}

TEST_CASE("tables that are closed") {
  CHECK_EQ(facts("(table 3 funcref) (elem (i32.const 1) func 1) (func) (func)"),
           "t0: - 1 -; keeps 1; ");
  CHECK_EQ(facts("(table 2 funcref (ref.null func)) (elem (i32.const 0) funcref (ref.func 0) "
                 "(ref.null func)) (func)"),
           "t0: 0 -; keeps 0; ");
  CHECK_EQ(facts("(table 2 funcref) (elem (i32.const 0) func 0 1) (elem (i32.const 1) func 0) "
                 "(func) (func)"),
           "t0: 0 0; keeps 0; ");
  CHECK_EQ(facts("(table i64 1 funcref) (elem (i64.const 0) func 0) (func)"), "t0: 0; keeps 0; ");
  CHECK_EQ(facts("(table 0 funcref)"), "t0:; ");
}

TEST_CASE("tables that are not closed") {
  CHECK_EQ(facts("(table (export \"t\") 1 funcref) (elem (i32.const 0) func 0) (func)"), "");
  CHECK_EQ(facts("(import \"\" \"t\" (table 1 funcref))"), "");
  CHECK_EQ(facts("(import \"\" \"f\" (func)) (table funcref (elem 0))"), "");
  CHECK_EQ(facts("(table 1 externref)"), "");
  CHECK_EQ(facts("(table 65537 funcref)"), "");
  CHECK_EQ(facts("(table 1 funcref (ref.func 0)) (func)"), "");
  CHECK_EQ(facts("(global $g funcref (ref.null func)) (table funcref (elem (item global.get $g)))"),
           "");
}

TEST_CASE("segments that may fail, or come too late, close no table") {
  constexpr std::string_view closed = "(table 1 funcref) (elem (table 0) (i32.const 0) func 0) ";
  auto with = [&](std::string_view more) { return facts(std::string(closed) + std::string(more)); };
  CHECK_EQ(with("(func)"), "t0: 0; keeps 0; ");
  CHECK_EQ(with("(elem (table 0) (i32.const 1) func 0) (func)"), "");
  CHECK_EQ(with("(global i32 (i32.const 0)) (elem (table 0) (global.get 0) func 0) (func)"), "");
  CHECK_EQ(with("(table (export \"o\") 1 funcref) (elem (table 1) (i32.const 0) func 0) (func)"),
           "t0: 0; keeps 0; ");
  CHECK_EQ(with("(table (export \"o\") 1 funcref) (elem (table 1) (i32.const 1) func 0) (func)"),
           "");
  CHECK_EQ(facts("(import \"\" \"t\" (table 1 funcref)) (table 1 funcref) "
                 "(elem (table 1) (i32.const 0) func 0) (elem (table 0) (i32.const 0) func 0) "
                 "(func)"),
           "");
}

TEST_CASE("functions that calls rely on") {
  CHECK_EQ(facts("(func $a) (func (call $a)) (func)"), "keeps 0; ");
  CHECK_EQ(facts("(func $a) (func $b (return_call $a)) (func (call $b))"), "keeps 0; keeps 1; ");
  CHECK_EQ(facts("(import \"\" \"f\" (func $f)) (func $a (call $f)) (func (call $a))"),
           "keeps 1; ");
  // One that leaves, and what else the module calls.
  CHECK_EQ(
      facts("(import \"\" \"f\" (func $f)) (func (return_call $f)) (func $a) (func (call $a))"),
      "");
  CHECK_EQ(facts("(func (return_call_ref 0 (ref.null 0))) (func $a) (func (call $a))"), "");
  CHECK_EQ(facts("(table (export \"t\") 1 funcref) (func (return_call_indirect (i32.const 0))) "
                 "(func $a) (func (call $a))"),
           "");
  CHECK_EQ(facts("(table funcref (elem 1)) (func (return_call_indirect (i32.const 0))) (func)"),
           "t0: 1; keeps 1; ");
}

}  // namespace
}  // namespace tenon::compiler
