#include "compiler/inlining.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "compiler/compile.h"
#include "compiler/test_tier.h"
#include "component/text/parse_component.h"
#include "wasm/binary/names.h"

namespace tenon::compiler {
namespace {

// Notes which calls of which modules may be inlined.
class NotingTier : public test::FakeTier {
 public:
  Result<std::vector<uint8_t>> compile_chunk(const ChunkInput& input) override {
    std::string& calls = calls_of_[input.module_number];
    calls.clear();
    for (uint32_t f = 0; f < input.inlined.size(); f++) {
      const InlineBody& body = input.inlined[f];
      if (body.callee == nullptr) continue;
      calls += calls.empty() ? name_of(input.module) + ":" : ",";
      calls += " " + std::to_string(f) + " is " + name_of(*body.callee->module) + " " +
               std::to_string(body.function.index);
    }
    return FakeTier::compile_chunk(input);
  }

  std::string calls() const {
    std::string all;
    for (const auto& [module, text] : calls_of_)
      if (!text.empty()) all += text + "\n";
    return all;
  }

 private:
  static std::string name_of(const wasm::Module& module) {
    return std::string(wasm::Names(module).module_name());
  }
  std::map<uint32_t, std::string> calls_of_;
};

// What is inlined in a component of a caller of functions "f", "g", ... of a callee.
std::string inlined(std::string_view text, OptLevel level = OptLevel::full) {
  auto bytes = component::text::parse({"x.wat", text});
  REQUIRE_MESSAGE(bytes.has_value(), (bytes ? "" : bytes.error().to_string()));
  NotingTier tier;
  CompileOptions options;
  options.limits.threads = 1;
  options.tier.opt_level = level;
  auto artifact = compile(*bytes, tier, options);
  REQUIRE_MESSAGE(artifact.has_value(), (artifact ? "" : artifact.error().to_string()));
  return tier.calls();
}

// `type` is that of a component function, `body` the core function that is lifted as it.
std::string two_components(std::string type, std::string body) {
  return R"((component
    (component $Callee
      (core module $callee
        (memory (export "mem") 1)
        (table 1 funcref)
        (global $count (mut i32) (i32.const 0))
        (func (export "f") )" +
         body + R"())
      (core instance $m (instantiate $callee))
      (alias core export $m "mem" (core memory $mem))
      (func (export "f") )" +
         type + R"( (canon lift (core func $m "f") (memory $mem))))
    (component $Caller
      (import "f" (func $f )" +
         type + R"())
      (core module $memory (memory (export "mem") 1))
      (core instance $memory (instantiate $memory))
      (core func $f' (canon lower (func $f) (memory (core memory $memory "mem"))))
      (core module $caller
        (import "" "f" (func $f )" +
         (type.find("string") == std::string::npos ? "(param i32) (result i32)"
                                                   : "(param i32 i32)") +
         R"())
        (func (export "go") (unreachable)))
      (core instance $i (instantiate $caller (with "" (instance (export "f" (func $f')))))))
    (instance $callee (instantiate $Callee))
    (instance (instantiate $Caller (with "f" (func $callee "f"))))))";
}

std::string inlined_callee(std::string body) {
  return inlined(
      two_components("(param \"x\" u32) (result u32)", "(param i32) (result i32) " + body));
}

constexpr std::string_view both =
    "adapters: 1 is callee 0, 2 is adapters 2\ncaller: 0 is adapters 2\n";

TEST_CASE("a small callee is inlined with its adapter") {
  for (const char* body :
       {"(i32.add (local.get 0) (i32.const 1))",
        "(global.set $count (i32.add (global.get $count) (local.get 0))) (global.get $count)",
        "(if (result i32) (local.get 0) (then (return (i32.const 3))) (else (i32.const 4)))",
        "(i32.store offset=8 (i32.const 65524) (local.get 0)) (i32.load8_u (i32.const 65535))"}) {
    INFO(body);
    CHECK(inlined_callee(body) == both);
  }
}

TEST_CASE("a callee that can trap, call, wait or hold references is not inlined") {
  for (const char* body :
       {"(i32.div_u (local.get 0) (i32.const 2))", "(i32.load (local.get 0))",
        "(i32.load offset=1 (i32.const 65532))", "(unreachable)", "(loop (br 0)) (i32.const 0)",
        "(call 0 (local.get 0))",
        "(call_indirect (param i32) (result i32) (local.get 0) (i32.const 0))",
        "(memory.grow (local.get 0))", "(local funcref) (local.get 0)",
        "(return_call 0 (local.get 0))", "(table.size 0)",
        "(memory.fill (i32.const 0) (i32.const 0) (i32.const 8)) (local.get 0)"}) {
    INFO(body);
    CHECK(inlined_callee(body) == "");
  }
}

TEST_CASE("a callee that is not small is not inlined") {
  std::string body = "(local.get 0)";
  auto longer = [&](int count) {
    for (int i = 0; i < count; i++) body += "(i32.add (local.get 0))";
  };
  longer(20);
  CHECK(inlined_callee(body) == both);
  longer(40);
  CHECK(inlined_callee(body) == "");
}

TEST_CASE("nothing is inlined without optimization") {
  std::string text =
      two_components("(param \"x\" u32) (result u32)", "(param i32) (result i32) (local.get 0)");
  CHECK(inlined(text, OptLevel::none) == "");
  CHECK(inlined(text, OptLevel::light) == both);
}

// The adapter calls more than what is inlined: its frame is needed.
TEST_CASE("an adapter that calls the host is not inlined, though its callee is") {
  std::string text = two_components("(param \"x\" string)", "(param i32 i32)");
  text.replace(text.find("(table 1 funcref)"), 17,
               "(func (export \"realloc\") (param i32 i32 i32 i32) (result i32) (i32.const 8))");
  text.replace(text.find("(memory $mem))"), 14,
               "(memory $mem) (realloc (core func $m \"realloc\")))");
  CHECK(inlined(text).find("caller") == std::string::npos);
  CHECK(inlined(text).find("is callee") != std::string::npos);
}

// $a of each instance of $caller is f of one of two instances; $b is f of one and g of the other.
constexpr std::string_view instances = R"((component
  (core module $callee
    (func (export "f") (result i32) (i32.const 1))
    (func (export "g") (result i32) (i32.const 2)))
  (core instance $x (instantiate $callee))
  (core instance $y (instantiate $callee))
  (core module $caller
    (import "" "a" (func $a (result i32)))
    (import "" "b" (func $b (result i32)))
    (func (export "go") (result i32) (call $a)))
  (alias core export $x "f" (core func $xf))
  (alias core export $y "f" (core func $yf))
  (alias core export $y "g" (core func $yg))
  (core instance (instantiate $caller
    (with "" (instance (export "a" (func $xf)) (export "b" (func $xf))))))
  (core instance (instantiate $caller
    (with "" (instance (export "a" (func $yf)) (export "b" (func $yg)))))) )";

TEST_CASE("what instances of a module are not given alike is not inlined") {
  CHECK(inlined(std::string(instances) + ")") == "caller: 0 is callee 0\n");
}

TEST_CASE("who gets an exported module gives it what it likes") {
  CHECK(inlined(std::string(instances) + R"((export "m" (core module $caller))))") == "");
}

TEST_CASE("instances that pass on what they import") {
  CHECK(inlined(R"((component
    (core module $callee (func (export "f") (result i32) (i32.const 1)))
    (core instance $x (instantiate $callee))
    (core module $middle
      (import "" "f" (func $f (result i32)))
      (export "f" (func $f)))
    (core instance $y (instantiate $middle (with "" (instance $x))))
    (core module $caller
      (import "" "f" (func $f (result i32)))
      (func (export "go") (result i32) (call $f)))
    (core instance (instantiate $caller (with "" (instance $y))))))") == "");
}

}  // namespace
}  // namespace tenon::compiler
