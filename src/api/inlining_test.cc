#include <fmt/format.h>

#include "component/text/parse_component.h"

// Last: it takes the name CHECK over.
#include "api/test_components.h"

// Calls between components whose callees are inlined where code is optimized, and only there: what
// happens is the same.
namespace tenon {
namespace {

struct Call {
  const char* function;  // an export, (param u32) (result u32)
  uint32_t argument;
};

std::string text_of(const Trap& trap) {
  std::string text = trap.to_string();
  for (const Frame& frame : trap.frames) {
    text +=
        fmt::format("\n  {} {} {}", frame.function, frame.offset.value_or(0), frame.called_export);
    for (const std::string& name : frame.component) text += " > " + name;
  }
  return text;
}

// What calls of one instance return, line by line; nothing where there is no compiler.
std::string results(uint8_t level, std::string_view text, std::initializer_list<Call> calls) {
  Engine engine(EngineConfig{.opt_level = level, .compile_threads = 1});
  auto component = Component::from_bytes(engine, component::text::parse({"x.wat", text}).value());
  if (!component) {
    CHECK(component.error().code() == ErrorCode::compile);
    return "";
  }
  Linker linker(engine);
  Store store(engine);
  auto instance = linker.instantiate(store, *component);
  REQUIRE_MESSAGE(instance.has_value(), (instance ? "" : instance.error().to_string()));
  std::string lines;
  for (const Call& call : calls) {
    auto function = instance->get_func<uint32_t(uint32_t)>(call.function);
    REQUIRE(function.has_value());
    auto result = (*function)(call.argument);
    lines += (result ? std::to_string(*result) : text_of(result.error())) + "\n";
  }
  return lines;
}

// The same at every level, and so begins.
void check_calls(std::string_view text, std::initializer_list<Call> calls, const char* expected) {
  std::string plain = results(0, text, calls);
  if (plain.empty()) return;
  CHECK(plain.substr(0, std::string_view(expected).size()) == expected);
  CHECK(results(1, text, calls) == plain);
  CHECK(results(2, text, calls) == plain);
}

// `type` is that of the callee "f", `body` its core function, `go` that of the caller, which has
// its own type lowered as `lowered`.
std::string two_components(std::string type, std::string body, std::string lowered,
                           std::string go) {
  return R"((component
    (component $Callee
      (core module $M
        (memory (export "mem") 1)
        (data (i32.const 16) "\05\00\00\00\07\00\00\00")
        (global $count (mut i32) (i32.const 0))
        (func (export "f") )" +
         body + R"()
        (func (export "poison") (param i32) (result i32) (unreachable)))
      (core instance $m (instantiate $M))
      (func (export "f") )" +
         type + R"( (canon lift (core func $m "f") (memory (core memory $m "mem"))))
      (func (export "poison") (param "x" u32) (result u32) (canon lift (core func $m "poison"))))
    (component $Caller
      (import "f" (func $f )" +
         type + R"())
      (core module $Mem (memory (export "mem") 1))
      (core instance $mem (instantiate $Mem))
      (core func $f' (canon lower (func $f) (memory (core memory $mem "mem"))))
      (core module $M
        (import "" "mem" (memory 1))
        (import "" "f" (func $f )" +
         lowered + R"())
        (func $calling (export "go") (param i32) (result i32) )" +
         go + R"()
        (func (export "back") (param i32) (drop (call $calling (i32.const 1)))))
      (core instance $i (instantiate $M
        (with "" (instance (export "mem" (memory $mem "mem")) (export "f" (func $f'))))))
      (func (export "go") (param "x" u32) (result u32) (canon lift (core func $i "go")))
      (func (export "returning") (param "x" u32) (result u32)
        (canon lift (core func $i "go") (post-return (core func $i "back")))))
    (instance $callee (instantiate $Callee))
    (instance $caller (instantiate $Caller (with "f" (func $callee "f"))))
    (export "poison" (func $callee "poison"))
    (export "returning" (func $caller "returning"))
    (export "go" (func $caller "go"))))";
}

std::string counter() {
  return two_components(
      "(param \"x\" u32) (result u32)",
      "(param i32) (result i32) (global.set $count (i32.add (global.get $count) (local.get 0)))"
      "(global.get $count)",
      "(param i32) (result i32)",
      "(drop (call $f (local.get 0))) (i32.mul (call $f (i32.const 1)) (i32.const 10))");
}

TEST_CASE("api: an inlined callee keeps its own globals") {
  check_calls(counter(), {{"go", 5}, {"go", 1}}, "60\n80\n");
}

TEST_CASE("api: an inlined callee is not entered after a trap") {
  check_calls(counter(), {{"go", 5}, {"poison", 0}, {"go", 1}},
              "60\ncomponent `callee`: export `poison`: unreachable\n");
}

TEST_CASE("api: an inlined callee is not called by who may not leave") {
  check_calls(counter(), {{"returning", 1}},
              "component `caller`: export `returning`: cannot leave component instance\n");
}

TEST_CASE("api: values of all types reach an inlined callee and come back") {
  std::string text = two_components(
      "(param \"a\" u64) (param \"b\" f32) (param \"c\" f64) (param \"d\" s8) (param \"e\" u16)"
      "(param \"f\" bool) (param \"g\" char) (param \"h\" s64) (param \"i\" u32) (param \"j\" s16)"
      "(param \"k\" u8) (result s8)",
      R"((param $a i64) (param $b f32) (param $c f64) (param $d i32) (param $e i32) (param $f i32)
         (param $g i32) (param $h i64) (param $i i32) (param $j i32) (param $k i32) (result i32)
         (i32.wrap_i64 (i64.mul (local.get $a) (local.get $h)))
         (i32.trunc_sat_f64_s (f64.add (local.get $c) (f64.promote_f32 (local.get $b))))
         i32.add (local.get $d) i32.add (local.get $e) i32.add (i32.mul (local.get $f) (i32.const 2))
         i32.add (local.get $g) i32.xor (local.get $i) i32.add (local.get $j) i32.sub
         (local.get $k) i32.add)",
      "(param i64 f32 f64 i32 i32 i32 i32 i64 i32 i32 i32) (result i32)",
      R"((call $f (i64.const -3) (f32.const 1.5) (f64.const 2.5) (i32.const 0x1ff) (local.get 0)
           (i32.const 7) (local.get 0) (i64.const 5) (local.get 0) (i32.const 0x28000)
           (i32.const 0x101))
         (i32.const 0xff) i32.and)");
  check_calls(text, {{"go", 65}, {"go", 0x1f600}, {"go", 0xd800}, {"go", 65}}, "184\n");
}

// The adapter copies two numbers to where the caller says.
TEST_CASE("api: an adapter that copies checks its pointers when it is inlined") {
  std::string text =
      two_components("(result (tuple u32 u32))", "(result i32) (i32.const 16)", "(param i32)",
                     "(call $f (local.get 0)) (i32.sub (i32.load offset=4 (local.get 0))"
                     "(i32.load (local.get 0)))");
  check_calls(text, {{"go", 65528}, {"go", 65532}, {"go", 8}}, "2\ncomponent `caller`");
  check_calls(text, {{"go", 8}, {"go", 6}, {"go", 8}}, "2\ncomponent `caller`");
  std::string bad =
      two_components("(result (tuple u32 u32))", "(result i32) (i32.const 65532)", "(param i32)",
                     "(call $f (local.get 0)) (i32.load (local.get 0))");
  check_calls(bad, {{"go", 8}, {"go", 8}}, "component `caller`");
}

TEST_CASE("api: a body inlined in two instances works on what each is given") {
  check_calls(R"((component
    (core module $Counter
      (global $count (mut i32) (i32.const 0))
      (func (export "f") (param i32) (result i32)
        (global.set $count (i32.add (global.get $count) (local.get 0)))
        (global.get $count)))
    (core instance $x (instantiate $Counter))
    (core instance $y (instantiate $Counter))
    (core module $M
      (import "" "f" (func $f (param i32) (result i32)))
      (func (export "go") (param i32) (result i32) (call $f (local.get 0))))
    (core instance $a (instantiate $M (with "" (instance $x))))
    (core instance $b (instantiate $M (with "" (instance $y))))
    (func (export "a") (param "x" u32) (result u32) (canon lift (core func $a "go")))
    (func (export "b") (param "x" u32) (result u32) (canon lift (core func $b "go")))))",
              {{"a", 1}, {"b", 10}, {"a", 2}, {"b", 20}}, "1\n10\n3\n30\n");
}

// More calls than are inlined in one function, and in places of all kinds.
TEST_CASE("api: a caller with very many calls") {
  std::string go = "(local $n i32)";
  for (int i = 0; i < 700; i++) go += "(local.set $n (call $f (local.get 0)))";
  go += "(block (loop (br_if 1 (i32.gt_u (call $f (i32.const 1)) (i32.const 2000))) (br 0)))";
  go +=
      "(if (result i32) (call $f (i32.const 0)) (then (return (call $f (i32.const 0))))"
      " (else (local.get $n)))";
  std::string text = two_components(
      "(param \"x\" u32) (result u32)",
      "(param i32) (result i32) (global.set $count (i32.add (global.get $count) (local.get 0)))"
      "(global.get $count)",
      "(param i32) (result i32)", go);
  check_calls(text, {{"go", 2}, {"go", 1}, {"poison", 0}, {"go", 1}}, "2001\n2702\n");
}

}  // namespace
}  // namespace tenon
