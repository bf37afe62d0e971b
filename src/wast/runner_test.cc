#include "wast/runner.h"

#include <optional>
#include <string>

#include "compiler/tier_loader.h"

// Last: it takes the name CHECK over.
#include <doctest/doctest.h>

namespace tenon::wast {
namespace {

// Nothing where the build has no compiler.
std::optional<Report> run(std::string_view text, RunnerOptions options = {}) {
  static auto tier = compiler::load_llvm_tier();
  static auto engine = runtime::Engine::create();
  if (!tier) return std::nullopt;
  REQUIRE(engine.has_value());
  auto report = run_script({"test.wast", text}, *engine, **tier, options);
  if (!report) FAIL_CHECK(report.error().to_string());
  if (!report) return std::nullopt;
  return *report;
}

std::string only_problem(const std::optional<Report>& report) {
  REQUIRE(report.has_value());
  REQUIRE(report->problems.size() == 1);
  return report->problems[0].message;
}

}  // namespace

TEST_CASE("assertions that hold are counted") {
  auto report = run(R"wast(
    (module $m
      (global (export "g") i64 (i64.const 7))
      (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
      (func (export "div") (param f32 f32) (result f32) (f32.div (local.get 0) (local.get 1)))
      (func (export "stop") (unreachable))
      (func $deep (export "deep") (call $deep)))
    (assert_return (invoke "add" (i32.const 1) (i32.const -2)) (i32.const -1))
    (assert_return (invoke $m "div" (f32.const 0) (f32.const 0)) (f32.const nan:canonical))
    (assert_return (get "g") (i64.const 7))
    (assert_trap (invoke "stop") "unreachable")
    (assert_exhaustion (invoke "deep") "call stack exhausted")
    (assert_invalid (module (func (result i32))) "type mismatch")
    (assert_malformed (module quote "(func (i32.const 0x))") "unknown operator")
    (assert_malformed (module binary "") "unexpected end")
    (assert_unlinkable (module (import "a" "b" (func))) "unknown import")
    (assert_unlinkable (module (memory 1) (data (i32.const 65536) "x")) "out of bounds memory access")
    (assert_trap (module (func $f (unreachable)) (start $f)) "unreachable")
    (register "n" $m)
    (module (import "n" "add" (func (param i32 i32) (result i32)))
      (import "spectest" "print_i32" (func (param i32))) (export "sum" (func 0)))
    (assert_return (invoke "sum" (i32.const 2) (i32.const 3)) (i32.const 5))
    (module definition $d (func (export "one") (result i32) (i32.const 1)))
    (module instance $i $d)
    (assert_return (invoke $i "one") (either (i32.const 0) (i32.const 1)))
  )wast");
  if (!report) return;
  for (const Problem& problem : report->problems) INFO(problem.message);
  CHECK(report->passed == 13);
  CHECK(report->failed == 0);
  CHECK(report->skipped == 0);
}

TEST_CASE("what does not hold is said, at its place") {
  constexpr std::string_view module = "(module (func (export \"f\") (result i32) (i32.const 1)))\n";
  auto with = [&](std::string_view command) {
    return run(std::string(module) + std::string(command));
  };

  auto report = with("  (assert_return (invoke \"f\") (i32.const 2))");
  if (!report) return;
  CHECK(only_problem(report) == "`f` gave (i32.const 1), not (i32.const 2)");
  CHECK(report->problems[0].position.line == 2);
  CHECK(report->problems[0].position.column == 3);

  CHECK(only_problem(with("(assert_trap (invoke \"f\") \"boom\")")) ==
        "ended without the trap \"boom\"");
  CHECK(only_problem(with("(assert_return (invoke \"g\"))")) == "there is no export `g`");
  CHECK(only_problem(with("(assert_return (invoke \"f\" (i32.const 1)))")) ==
        "`f` takes 0 arguments, 1 are given");
  CHECK(only_problem(with("(assert_invalid (module) \"why\")")) ==
        "accepted, but it is wrong: \"why\"");
  CHECK(only_problem(with("(invoke $none \"f\")")) == "there is no instance `$none`");
  CHECK(only_problem(run("(module (func (export \"f\") unreachable))"
                         "(assert_trap (invoke \"f\") \"integer overflow\")")) ==
        "trapped with \"unreachable\", not with \"integer overflow\"");
}

TEST_CASE("a module that fails fails what follows, once") {
  auto report = run("(module (func (result i32))) (assert_return (invoke \"f\"))");
  if (!report) return;
  CHECK(report->failed == 1);
  CHECK(report->skipped == 1);
}

TEST_CASE("threads share memories, and their assertions count") {
  RunnerOptions options;
  options.features = options.features.with(wasm::Feature::threads);
  auto report = run(R"wast(
    (module $m (memory (export "memory") 1 1 shared) (func (export "f")))
    (thread $writer (shared (module $m))
      (register "m" $m)
      (module
        (memory (import "m" "memory") 1 1 shared)
        (func (export "run")
          (i32.atomic.store (i32.const 0) (i32.const 42))
          (drop (memory.atomic.notify (i32.const 0) (i32.const 1)))))
      (assert_return (invoke "run"))
      (assert_return (invoke $m "f")))
    (thread $reader (shared (module $m))
      (register "m" $m)
      (module
        (memory (import "m" "memory") 1 1 shared)
        (func (export "run") (result i32)
          (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))
          (i32.atomic.load (i32.const 0))))
      (assert_return (invoke "run") (i32.const 42))
      (assert_unlinkable (module (import "m" "f" (func))) "unknown import"))
    (thread $left (assert_invalid (module (func (result i32))) "type mismatch"))
    (wait $writer)
    (wait $reader)
    (wait $none)
  )wast",
                    options);
  if (!report) return;
  CHECK(report->passed == 4);
  CHECK(report->failed == 2);
  REQUIRE(report->problems.size() == 2);
  CHECK(report->problems[0].message == "`$m` is an instance of another thread");
  CHECK(report->problems[0].position.line == 11);
  CHECK(report->problems[1].message == "there is no thread `$none`");
}

TEST_CASE("scripts of Wasmtime run as they are") {
  auto report = run(R"wast(
    (module $provider
      (type $pair (struct (field i32 i32)))
      (import "wasmtime" "gc" (func $gc))
      (table $t 1 funcref)
      (elem declare func $two)
      (func (export "one") (result i32) (local $pair (ref null $pair))
        (local.set $pair (struct.new $pair (i32.const 1) (i32.const 2)))
        (call $gc)
        (struct.get $pair 0 (local.get $pair)))
      (func $two (result i32) (i32.const 2))
      (func (export "two") (result funcref) (ref.func $two))
      (func (export "outside") (call_indirect (i32.const 7))))
    (assert_return (invoke "one") (i32.const 1))
    (assert_return (invoke "two") (ref.func 2))
    (assert_return (invoke "two") (ref.func 1))
    (assert_trap (invoke "outside") "out of bounds")
    (module (import "provider" "one" (func (result i32))) (export "again" (func 0)))
    (assert_return (invoke "again") (i32.const 1))
    (component
      (import "wasmtime" (instance $w (export "gc" (func))))
      (core func $gc (canon lower (func $w "gc")))
      (func (export "gc") (canon lift (core func $gc))))
    (assert_return (invoke "gc"))
    (module $provider (func (export "one") (result i32) (i32.const 5)))
    (register "provider" $provider)
    (module (import "provider" "one" (func (result i32))) (export "again" (func 0)))
    (assert_return (invoke "again") (i32.const 5))
  )wast");
  if (!report) return;
  CHECK(report->passed == 6);
  CHECK(only_problem(report) == "`two` gave a reference that is not null, not (ref.func 1)");
}

TEST_CASE("modules can be validated without running them") {
  RunnerOptions options;
  options.validate_only = true;
  auto report = run(R"wast(
    (module $m (import "none" "f" (func)) (func $loop (loop (br 0))) (start $loop))
    (module (func (result i32)))
    (assert_invalid (module (func (result i32))) "type mismatch")
    (assert_invalid (module (func)) "type mismatch")
    (assert_return (invoke $m "f"))
    (assert_trap (module (func)) "unreachable")
    (assert_unlinkable (module (func (drop))) "unknown import")
    (component (import "f" (func)))
    (register "m" $m)
    (thread $t (module (func)) (assert_malformed (module quote "(") "unexpected end"))
    (wait $t)
  )wast",
                    options);
  if (!report) return;
  CHECK(report->passed == 2);
  CHECK(report->failed == 3);
  CHECK(report->skipped == 2);
}

}  // namespace tenon::wast
