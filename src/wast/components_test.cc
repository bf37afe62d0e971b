#include "wast/test_script.h"

// Components in scripts.
namespace tenon::wast {
namespace {

void check_holds(std::string_view text) {
  for (auto level : test::levels) {
    RunnerOptions options;
    options.opt_level = level;
    test::check_holds(text, options);
  }
}

std::optional<Report> report_of(std::string_view text) {
  auto tier = compiler::load_llvm_tier();
  auto engine = runtime::Engine::create();
  if (!tier || !engine) return std::nullopt;
  auto report = run_script({"test.wast", text}, *engine, **tier, {});
  if (!report) FAIL(report.error().to_string());
  return report ? std::optional(*report) : std::nullopt;
}

constexpr std::string_view counter = R"(
  (component definition $C
    (core module $m
      (global $n (mut i32) (i32.const 0))
      (func (export "next") (result i32)
        (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n))
      (func (export "trap") unreachable))
    (core instance $i (instantiate $m))
    (func (export "next") (result u32) (canon lift (core func $i "next")))
    (func (export "trap") (canon lift (core func $i "trap"))))
  (component instance $a $C)
  (component instance $b $C))";

TEST_CASE("instances of one definition are apart") {
  check_holds(std::string(counter) + R"(
    (assert_return (invoke $a "next") (u32.const 1))
    (assert_return (invoke $a "next") (u32.const 2))
    (assert_return (invoke "next") (u32.const 1))
    (assert_trap (invoke $a "trap") "unreachable"))");
}

// The caller's handler takes every exception, and yet sees none of another component's.
TEST_CASE("an exception ends at the border of its component") {
  check_holds(R"((component definition $C
    (component $thrower
      (core module $m
        (tag $e (param i32))
        (func (export "throw") (throw $e (i32.const 1))))
      (core instance $i (instantiate $m))
      (func (export "throw") (canon lift (core func $i "throw"))))
    (component $catcher
      (import "throw" (func $throw))
      (core func $lowered (canon lower (func $throw)))
      (core module $m
        (import "" "throw" (func $throw))
        (func (export "run") (result i32)
          (block $caught (try_table (catch_all $caught) (call $throw)) (return (i32.const 0)))
          (i32.const 1)))
      (core instance $i (instantiate $m (with "" (instance (export "throw" (func $lowered))))))
      (func (export "run") (result u32) (canon lift (core func $i "run"))))
    (instance $thrower (instantiate $thrower))
    (instance $catcher (instantiate $catcher (with "throw" (func $thrower "throw"))))
    (export "run" (func $catcher "run"))
    (export "throw" (func $thrower "throw")))
  (component instance $a $C)
  (assert_trap (invoke $a "run") "uncaught exception")
  (component instance $b $C)
  (assert_trap (invoke $b "throw") "uncaught exception"))");
}

TEST_CASE("a component's values are read by their names") {
  RunnerOptions options;
  options.features = options.features.with(wasm::Feature::component_values);
  test::check_holds(R"((component
    (component $c
      (import "n" (value $n u32))
      (core module $m (func (export "f") (param i32) (result i32)
        (i32.add (local.get 0) (i32.const 1))))
      (core instance $i (instantiate $m))
      (func $f (param "n" u32) (result u32) (canon lift (core func $i "f")))
      (start $f (value $n) (result (value $m)))
      (start $f (value $m) (result (value $o)))
      (export "o" (value $o)))
    (value $n u32 40)
    (instance $i (instantiate $c (with "n" (value $n))))
    (export "o" (value $i "o"))
    (value $s (list string) (list "a" "b"))
    (export "s" (value $s)))
  (assert_return (get "o") (u32.const 42))
  (assert_return (get "s") (list.const (str.const "a") (str.const "b"))))",
                    options);
}

TEST_CASE("component values go in and out") {
  check_holds(R"((component
    (type $t (tuple u8 s64 char string bool f64))
    (type $flags-definition (flags "a" "b" "c"))
    (export $flags "some-flags" (type $flags-definition))
    (type $enum-definition (enum "x" "y"))
    (export $enum "an-enum" (type $enum-definition))
    (core module $m
      (memory (export "m") 1)
      (global $next (mut i32) (i32.const 1024))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
        (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
        (global.set $next (i32.add (local.get $at) (local.get 3)))
        (local.get $at))
      (func (export "tuple") (param i32 i64 i32 i32 i32 i32 f64) (result i32)
        (i32.store8 (i32.const 0) (local.get 0)) (i64.store (i32.const 8) (local.get 1))
        (i32.store (i32.const 16) (local.get 2)) (i32.store (i32.const 20) (local.get 3))
        (i32.store (i32.const 24) (local.get 4)) (i32.store8 (i32.const 28) (local.get 5))
        (f64.store (i32.const 32) (local.get 6)) (i32.const 0))
      (func (export "first") (param i32 i32) (result i32) (i32.load16_u (local.get 0)))
      (func (export "flags") (param i32) (result i32) (local.get 0)))
    (core instance $i (instantiate $m))
    (func (export "tuple") (param "t" $t) (result $t) (canon lift (core func $i "tuple")
      (memory (core memory $i "m")) (realloc (core func $i "realloc"))))
    (func (export "first") (param "l" (list u16)) (result u16) (canon lift (core func $i "first")
      (memory (core memory $i "m")) (realloc (core func $i "realloc"))))
    (func (export "flags") (param "f" $flags) (result $flags)
      (canon lift (core func $i "flags")))
    (func (export "enum") (param "e" $enum) (result $enum)
      (canon lift (core func $i "flags"))))
    (assert_return (invoke "tuple" (tuple.const (u8.const 255) (s64.const -1) (char.const "\u{e9}")
      (str.const "text") (bool.const true) (f64.const nan)))
      (tuple.const (u8.const 0xff) (s64.const -1) (char.const "é") (str.const "text")
      (bool.const true) (f64.const nan)))
    (assert_return (invoke "first" (list.const (u16.const 7) (u16.const 8))) (u16.const 7))
    (assert_return (invoke "flags" (flags.const "c" "a")) (flags.const "a" "c"))
    (assert_return (invoke "enum" (enum.const "y")) (enum.const "y")))");
}

TEST_CASE("a component imports what the runner has for scripts") {
  check_holds(R"((component
    (import "host-return-two" (func $two (result u32)))
    (import "host" (instance $host
      (export "nested" (instance (export "return-four" (func (result u32)))))
      (export "simple-module" (core module
        (export "g" (global i32)) (export "f" (func (result i32)))))
      (export "resource1" (type $r (sub resource)))
      (export "[constructor]resource1" (func (param "rep" u32) (result (own $r))))
      (export "[static]resource1.last-drop" (func (result u32)))
      (export "[method]resource1.simple" (func (param "self" (borrow $r)) (param "rep" u32)))))
    (alias export $host "nested" (instance $nested))
    (alias export $host "resource1" (type $r))
    (core func $new (canon lower (func $host "[constructor]resource1")))
    (core func $check (canon lower (func $host "[method]resource1.simple")))
    (core func $last-drop (canon lower (func $host "[static]resource1.last-drop")))
    (core func $drop (canon resource.drop $r))
    (core func $two (canon lower (func $two)))
    (core func $four (canon lower (func $nested "return-four")))
    (core instance $simple (instantiate (module $host "simple-module")))
    (core module $m
      (import "" "new" (func $new (param i32) (result i32)))
      (import "" "check" (func $check (param i32 i32)))
      (import "" "last-drop" (func $last-drop (result i32)))
      (import "" "drop" (func $drop (param i32)))
      (import "" "two" (func $two (result i32)))
      (import "" "four" (func $four (result i32)))
      (import "simple" "f" (func $f (result i32)))
      (func (export "sum") (result i32)
        (i32.add (call $f) (i32.add (call $two) (call $four))))
      (func (export "dropped") (param i32 i32) (result i32) (local $handle i32)
        (local.set $handle (call $new (local.get 0)))
        (call $check (local.get $handle) (local.get 1))
        (call $drop (local.get $handle))
        (call $last-drop)))
    (core instance $m (instantiate $m (with "simple" (instance $simple)) (with "" (instance
      (export "new" (func $new)) (export "check" (func $check)) (export "drop" (func $drop))
      (export "last-drop" (func $last-drop)) (export "two" (func $two)) (export "four" (func $four))))))
    (func (export "sum") (result u32) (canon lift (core func $m "sum")))
    (func (export "dropped") (param "made-with" u32) (param "expected" u32) (result u32)
      (canon lift (core func $m "dropped"))))
  (assert_return (invoke "sum") (u32.const 107))
  (assert_return (invoke "dropped" (u32.const 5) (u32.const 5)) (u32.const 5))
  (assert_trap (invoke "dropped" (u32.const 5) (u32.const 6)) "the resource was made with 5, not with 6"))");
}

TEST_CASE("a function of the host lets others run before it returns") {
  check_holds(R"((component
    (import "host" (instance $host
      (export "return-two-slowly" (func async (result s32)))))
    (core module $libc (memory (export "memory") 1))
    (core instance $libc (instantiate $libc))
    (core func $start (canon lower (func $host "return-two-slowly") async (memory (core memory $libc "memory"))))
    (core func $call (canon lower (func $host "return-two-slowly")))
    (core func $new (canon waitable-set.new))
    (core func $join (canon waitable.join))
    (core func $wait (canon waitable-set.wait (memory (core memory $libc "memory"))))
    (core module $m
      (import "" "start" (func $start (param i32) (result i32)))
      (import "" "call" (func $call (result i32)))
      (import "" "new" (func $new (result i32)))
      (import "" "join" (func $join (param i32 i32)))
      (import "" "wait" (func $wait (param i32 i32) (result i32)))
      (import "" "memory" (memory 1))
      (func (export "start") (result i32) (local $task i32) (local $set i32)
        (local.set $task (call $start (i32.const 16)))
        (if (i32.ne (i32.and (local.get $task) (i32.const 15)) (i32.const 1)) (then unreachable))
        (local.set $set (call $new))
        (call $join (i32.shr_u (local.get $task) (i32.const 4)) (local.get $set))
        (if (i32.ne (call $wait (local.get $set) (i32.const 0)) (i32.const 1)) (then unreachable))
        (i32.load (i32.const 16)))
      (func (export "call") (result i32) (call $call)))
    (core instance $m (instantiate $m (with "" (instance
      (export "start" (func $start)) (export "call" (func $call)) (export "new" (func $new))
      (export "join" (func $join)) (export "wait" (func $wait)) (export "memory" (memory $libc "memory"))))))
    (func (export "start") async (result s32) (canon lift (core func $m "start")))
    (func (export "call") async (result s32) (canon lift (core func $m "call"))))
  (assert_return (invoke "start") (s32.const 2))
  (assert_return (invoke "call") (s32.const 2)))");
}

TEST_CASE("core modules of instances that a script has named can be imported") {
  check_holds(R"(
    (component $a
      (core module (export "m") (func (export "one") (result i32) (i32.const 1))))
    (component $b
      (import "a" (instance $a (export "m" (core module $m (export "one" (func (result i32)))))))
      (instance (export "inner") (export "again" (core module $a "m"))))
    (register "c" $b)
    (component
      (import "c" (instance $c
        (export "inner" (instance (export "again" (core module (export "one" (func (result i32)))))))))
      (alias export $c "inner" (instance $inner))
      (core instance $i (instantiate (module $inner "again")))
      (func (export "one") (result u32) (canon lift (core func $i "one"))))
    (assert_return (invoke "one") (u32.const 1))
    (assert_unlinkable
      (component (import "a" (instance (export "m" (core module (export "two" (func)))))))
      "not defined"))");
}

TEST_CASE("imported core modules are compared by the types of all that they import and export") {
  check_holds(R"(
    (component $a
      (core module (export "f") (func (import "" "")))
      (core module (export "t") (table (import "" "") 1 2 funcref))
      (core module (export "m") (memory (import "" "") 1))
      (core module (export "g") (global (import "" "") (ref null func)))
      (core module (export "x")
        (rec (type $self (func (param (ref null $self)))))
        (func (export "f") (type $self) unreachable)
        (table (export "t") 3 funcref)
        (memory (export "m") i64 1 2)
        (global (export "g") (mut i64) (i64.const 0))
        (tag (export "e") (param i32))))
    (component (import "a" (instance
      (export "f" (core module (import "" "" (func))))
      (export "t" (core module (import "" "" (table 2 2 funcref))))
      (export "m" (core module (import "" "" (memory 2 3)) (import "" "more" (func))))
      (export "g" (core module (import "" "" (global (ref func)))))
      (export "x" (core module
        (rec (type $self (func (param (ref null $self)))))
        (export "f" (func (type $self)))
        (export "t" (table 1 funcref))
        (export "m" (memory i64 0 4))
        (export "g" (global (mut i64)))
        (export "e" (tag (param i32))))))))
    (assert_unlinkable (component (import "a" (instance
      (export "f" (core module (import "" "" (func (param i32)))))))) "mismatch")
    (assert_unlinkable (component (import "a" (instance
      (export "f" (core module (import "" "" (global i32))))))) "expected func, found global")
    (assert_unlinkable (component (import "a" (instance
      (export "f" (core module))))) "missing")
    (assert_unlinkable (component (import "a" (instance
      (export "t" (core module (import "" "" (table 1 funcref))))))) "limits")
    (assert_unlinkable (component (import "a" (instance
      (export "t" (core module (import "" "" (table 1 2 externref))))))) "element type")
    (assert_unlinkable (component (import "a" (instance
      (export "m" (core module (import "" "" (memory 0))))))) "limits")
    (assert_unlinkable (component (import "a" (instance
      (export "g" (core module (import "" "" (global externref))))))) "global type")
    (assert_unlinkable (component (import "a" (instance
      (export "x" (core module
        (rec (type $self (func (param (ref null $self)))) (type (func)))
        (export "f" (func (type $self)))))))) "mismatch")
    (assert_unlinkable (component (import "a" (instance
      (export "x" (core module (export "m" (memory 1))))))) "limits")
    (assert_unlinkable (component (import "a" (instance
      (export "x" (core module (export "g" (global i64))))))) "mutability")
    (assert_unlinkable (component (import "a" (instance
      (export "x" (core module (export "e" (tag (param i64)))))))) "mismatch"))");
}

TEST_CASE("threads start from a table of functions alone, whatever an imported module has") {
  auto start_from = [](std::string_view table) {
    return "(component $a (core module (export \"m\") (table (export \"t\") " + std::string(table) +
           R"()))
    (component definition $C
      (import "a" (instance $a (export "m" (core module $m (export "t" (table 1 funcref))))))
      (core instance $i (instantiate (module $a "m")))
      (core type $start (func (param i32)))
      (alias core export $i "t" (core table $t))
      (core func $new (canon thread.new-indirect $start (core table $t)))
      (core module $user (import "" "new" (func (param i32 i32) (result i32))))
      (core instance (instantiate $user (with "" (instance (export "new" (func $new)))))))
    (component instance $C))";
  };
  if (auto report = report_of(start_from("1 funcref"))) CHECK(report->problems.empty());
  for (auto table : {"1 externref", "i64 1 funcref"}) {
    auto report = report_of(start_from(table));
    if (!report) return;
    REQUIRE(report->problems.size() == 1);
    CHECK(report->problems[0].message.find("mismatch in export `t`") != std::string::npos);
  }
}

TEST_CASE("maps are written as entries") {
  check_holds(R"((component
    (core module $m
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16))
      (func (export "same") (param i32 i32) (result i32)
        (i32.store (i32.const 0) (local.get 0)) (i32.store (i32.const 4) (local.get 1)) (i32.const 0)))
    (core instance $m (instantiate $m))
    (func (export "same") (param "x" (map u8 u32)) (result (map u8 u32))
      (canon lift (core func $m "same") (memory (core memory $m "memory")) (realloc (core func $m "realloc")))))
  (assert_return (invoke "same" (map.const (entry (u8.const 1) (u32.const 2)) (entry (u8.const 3) (u32.const 4))))
    (map.const (entry (u8.const 1) (u32.const 2)) (entry (u8.const 3) (u32.const 4)))))");
}

TEST_CASE("components are refused, as text and as binary") {
  check_holds(R"wast(
    (assert_invalid (component (type (list 5))) "unknown type")
    (assert_malformed (component quote "(import \"f\" (func $f)) (nonsense)") "unexpected token")
    (assert_malformed (component binary "\00asm" "\0d\00\01\00" "\ff\00") "malformed section id")
    (assert_unlinkable (component (import "f" (func))) "unknown import")
    (component binary "\00asm" "\0d\00\01\00"))wast");
}

TEST_CASE("what does not hold is reported at its place") {
  auto report = report_of(std::string(counter) + R"(
    (assert_return (invoke $a "next") (u32.const 7))
    (assert_return (invoke $a "next") (s32.const 2))
    (assert_return (invoke $a "next"))
    (assert_return (invoke $a "next" (u32.const 1)) (u32.const 1))
    (assert_return (invoke $a "nothing"))
    (assert_return (invoke $a "next") (nonsense.const 1)))");
  if (!report) return;
  CHECK(report->passed == 0);
  REQUIRE(report->problems.size() == 6);
  CHECK(report->problems[0].message == "`next` gave 1, not 7");
  CHECK(report->problems[3].message == "`next` takes 0 arguments, 1 are given");
  CHECK(report->problems[5].message.find("expected a component value") != std::string::npos);
}

}  // namespace
}  // namespace tenon::wast
