#include "wasm/text/script.h"

#include "wasm/text/testing.h"

#include <doctest/doctest.h>

namespace tenon::wasm::text {
namespace {

using Kind = ScriptCommand::Kind;

std::vector<ScriptCommand> script(std::string_view text) {
  auto commands = parse_script({"t.wast", text});
  CAPTURE(text);
  REQUIRE_MESSAGE(commands.has_value(), commands.error().to_string());
  return *commands;
}

TEST_CASE("modules of all kinds") {
  std::string_view text = R"x((module $a (func)) (module binary "\00asm" "\01\00\00\00")
    (module $q quote "(fu" "nc)") (module definition $d (memory 1)) (module instance $i $d)
    (component (core module)) (component definition $c))x";
  auto commands = script(text);
  REQUIRE(commands.size() == 7);
  Source source{"t.wast", text};
  CHECK(commands[0].module.id == "a");
  CHECK(*module_binary(source, commands[0].module) == testing::parsed("(module $a (func))"));
  CHECK(*module_binary(source, commands[1].module) == testing::parsed("(module)"));
  CHECK(commands[2].module.id == "q");
  CHECK(*module_binary(source, commands[2].module) == testing::parsed("(func)"));
  CHECK(commands[3].module.is_definition);
  CHECK(*module_binary(source, commands[3].module) == testing::parsed("(module $d (memory 1))"));
  CHECK(commands[4].kind == Kind::instance);
  CHECK(commands[4].id == "i");
  CHECK(commands[4].of_id == "d");
  CHECK(commands[5].module.is_component);
  CHECK(module_binary(source, commands[5].module).error().code() == ErrorCode::malformed);
  CHECK(commands[6].module.id == "c");
}

TEST_CASE("a text of fields is one module") {
  std::string_view text = "(func) (memory 0) (func (export \"f\"))";
  auto commands = script(text);
  REQUIRE(commands.size() == 1);
  CHECK(*module_binary({"t", text}, commands[0].module) == testing::parsed(text));
  CHECK(script("").empty());
}

TEST_CASE("assertions, with arguments and what results should look like") {
  auto commands = script(R"x((register "r" $a) (invoke "f" (i32.const -1)) (get $a "g")
    (assert_return (invoke $a "f" (f32.const 1) (v128.const i16x8 1 2 3 4 5 6 7 8)
                    (ref.null func) (ref.extern 3))
      (f32.const nan:canonical) (v128.const f32x4 nan:arithmetic 1 2 nan:0x1)
      (either (i32.const 1) (ref.null)) (ref.i31) (ref.extern) (ref.null extern))
    (assert_trap (invoke "f") "unreachable") (assert_trap (module) "out of bounds")
    (assert_exhaustion (invoke "f") "call stack") (assert_exception (invoke "f"))
    (assert_invalid (module (func nop)) "type") (assert_malformed (module quote "(") "x")
    (assert_unlinkable (module) "unknown import"))x");
  REQUIRE(commands.size() == 11);
  CHECK(commands[0].name == "r");
  CHECK(commands[0].id == "a");
  CHECK(commands[1].action.args[0].bits == 0xffff'ffff);
  CHECK(commands[2].action.kind == ScriptAction::Kind::get);
  const ScriptCommand& check = commands[3];
  CHECK(check.kind == Kind::assert_return);
  CHECK(check.action.module_id == "a");
  CHECK(check.action.args[1].high == 0x0008'0007'0006'0005);
  CHECK(check.action.args[2].heap == HeapType(HeapType::func));
  CHECK(check.action.args[3].bits == 3);
  REQUIRE(check.results.size() == 6);
  CHECK(check.results[0].nans[0] == NanPattern::canonical);
  CHECK(check.results[1].nans[0] == NanPattern::arithmetic);
  CHECK(check.results[1].nans[3] == NanPattern::none);
  CHECK(check.results[1].bits == (uint64_t{0x3f80'0000} << 32));
  CHECK((check.results[1].high >> 32) == 0x7f80'0001);
  CHECK(check.results[2].alternatives.size() == 2);
  CHECK(check.results[3].heap == HeapType(HeapType::i31));
  CHECK(!check.results[4].has_number);
  CHECK(check.results[5].heap == HeapType(HeapType::extern_));
  CHECK(!commands[4].has_module);
  CHECK(commands[5].has_module);
  CHECK(commands[5].message == "out of bounds");
  CHECK(commands[7].kind == Kind::assert_exception);
  CHECK(commands[9].module.bytes == "(");
}

TEST_CASE("threads hold commands") {
  auto commands =
      script("(thread $t (shared (module $m)) (invoke \"f\") (invoke \"g\")) (wait $t)");
  REQUIRE(commands.size() == 2);
  CHECK(commands[0].shared == std::vector<std::string>{"m"});
  CHECK(commands[0].commands.size() == 2);
  CHECK(commands[1].id == "t");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "(thread $t ";
  CHECK(!parse_script({"t", deep}).has_value());
}

TEST_CASE("values of components are kept as they are written") {
  auto commands =
      script("(assert_return (invoke \"f\" (list.const (u8.const 1))) (str.const \"x\"))");
  CHECK(commands[0].action.args[0].text == "(list.const (u8.const 1))");
  CHECK(commands[0].results[0].kind == ScriptValue::Kind::component);
}

TEST_CASE("a script that is not one says where") {
  auto error = parse_script({"t.wast", "(module)\n(assert_retur)"}).error();
  CHECK(error.message() == "unknown operator assert_retur, expected a command");
  CHECK(error.snippet().find("t.wast:2:2") != std::string::npos);
  for (const char* text :
       {"(module", "(invoke)", "(assert_return (invoke \"f\")", "(invoke \"f\" 1)", "(register)",
        "(invoke \"f\" (f32.const nan:canonical))", "(module) x",
        "(assert_return (invoke \"f\") (either (either (i32.const 1))))"})
    CHECK(!parse_script({"t", text}).has_value());
}

}  // namespace
}  // namespace tenon::wasm::text
