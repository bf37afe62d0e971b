#include "wast/test_script.h"

// Calls whose callee or vmctx is known beforehand (compiler/call_facts.h) do what others do: the
// same scripts hold with tables that are closed and with tables that are not, at each level.
namespace tenon::wast {
namespace {

void check_holds(std::string_view text) {
  for (auto level :
       {compiler::OptLevel::none, compiler::OptLevel::light, compiler::OptLevel::full}) {
    CAPTURE(static_cast<int>(level));
    RunnerOptions options;
    options.opt_level = level;
    test::check_holds(text, options);
  }
}

// `exported` keeps the table from being closed. $one is the type of one function, $two of two,
// $many of six.
std::string calls_through(std::string_view table, std::string_view exported) {
  return R"((module
    (type $one (func (param i32) (result i32)))
    (type $two (func (result i64)))
    (type $many (func (param i32 i32) (result i32)))
    (type $none (func (result f32)))
    (rec (type $equal (func (param i32) (result i32))))
    (table $t )" +
         std::string(exported) + std::string(table) + R"( 12 funcref)
    (elem (table $t) (offset ()" +
         (table == "i64" ? "i64" : "i32") + R"(.const 1)) func
      $inc $a $b $m0 $m1 $m2 $m3 $m4 $m5)
    (global $calls (mut i32) (i32.const 0))
    (func $inc (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
    (func $a (result i64) (i64.const 10))
    (func $b (result i64) (i64.const 20))
    (func $m0 (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func $m1 (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1)))
    (func $m2 (param i32 i32) (result i32) (i32.mul (local.get 0) (local.get 1)))
    (func $m3 (param i32 i32) (result i32) (i32.and (local.get 0) (local.get 1)))
    (func $m4 (param i32 i32) (result i32) (i32.or (local.get 0) (local.get 1)))
    (func $m5 (param i32 i32) (result i32) (i32.xor (local.get 0) (local.get 1)))
    (func $count (global.set $calls (i32.add (global.get $calls) (i32.const 1))))
    (func (export "one") (param I) (result i32)
      (call $count) (call_indirect $t (type $one) (i32.const 7) (local.get 0)))
    (func (export "equal") (param I) (result i32)
      (call $count) (call_indirect $t (type $equal) (i32.const 8) (local.get 0)))
    (func (export "two") (param I) (result i64)
      (call $count) (call_indirect $t (type $two) (local.get 0)))
    (func (export "many") (param I) (result i32)
      (call $count) (call_indirect $t (type $many) (i32.const 12) (i32.const 10) (local.get 0)))
    (func (export "none") (param I) (result f32)
      (call_indirect $t (type $none) (local.get 0)))
    (func (export "tail") (param I) (result i32)
      (return_call_indirect $t (type $many) (i32.const 12) (i32.const 10) (local.get 0)))
    (func (export "calls") (result i32) (global.get $calls)))
  (assert_return (invoke "one" (I.const 1)) (i32.const 8))
  (assert_return (invoke "equal" (I.const 1)) (i32.const 9))
  (assert_return (invoke "two" (I.const 2)) (i64.const 10))
  (assert_return (invoke "two" (I.const 3)) (i64.const 20))
  (assert_return (invoke "many" (I.const 4)) (i32.const 22))
  (assert_return (invoke "many" (I.const 5)) (i32.const 2))
  (assert_return (invoke "many" (I.const 6)) (i32.const 120))
  (assert_return (invoke "many" (I.const 9)) (i32.const 6))
  (assert_return (invoke "tail" (I.const 6)) (i32.const 120))
  (assert_return (invoke "calls") (i32.const 8))
  (assert_trap (invoke "one" (I.const 0)) "uninitialized element")
  (assert_trap (invoke "one" (I.const 2)) "indirect call type mismatch")
  (assert_trap (invoke "one" (I.const 11)) "uninitialized element")
  (assert_trap (invoke "one" (I.const 12)) "undefined element")
  (assert_trap (invoke "one" (I.const -1)) "undefined element")
  (assert_trap (invoke "two" (I.const 1)) "indirect call type mismatch")
  (assert_trap (invoke "two" (I.const 10)) "uninitialized element")
  (assert_trap (invoke "two" (I.const 99)) "undefined element")
  (assert_trap (invoke "many" (I.const 1)) "indirect call type mismatch")
  (assert_trap (invoke "many" (I.const 12)) "undefined element")
  (assert_trap (invoke "none" (I.const 4)) "indirect call type mismatch")
  (assert_trap (invoke "none" (I.const 12)) "undefined element")
  (assert_trap (invoke "tail" (I.const 1)) "indirect call type mismatch")
  (assert_trap (invoke "tail" (I.const 12)) "undefined element"))";
}

std::string with_index_type(std::string script, std::string_view type) {
  for (size_t at = 0; (at = script.find("(param I)", at)) != script.npos;)
    script.replace(at + 7, 1, type);
  for (size_t at = 0; (at = script.find("(I.const", at)) != script.npos;)
    script.replace(at + 1, 1, type);
  return script;
}

TEST_CASE("calls through a closed table, and through one that is not") {
  for (std::string_view index : {"i32", "i64"}) {
    for (std::string_view exported : {"", "(export \"t\") "}) {
      CAPTURE(index);
      CAPTURE(exported);
      std::string_view kind = index == "i64" ? index : "";
      check_holds(with_index_type(calls_through(kind, exported), index));
    }
  }
}

TEST_CASE("an element of a closed table may be of a subtype") {
  check_holds(R"((module
    (type $super (sub (func (result i32))))
    (type $sub (sub final $super (func (result i32))))
    (table 3 funcref)
    (elem (i32.const 0) func $a $b)
    (func $a (type $super) (i32.const 1))
    (func $b (type $sub) (i32.const 2))
    (func (export "super") (param i32) (result i32) (call_indirect (type $super) (local.get 0)))
    (func (export "sub") (param i32) (result i32) (call_indirect (type $sub) (local.get 0))))
  (assert_return (invoke "super" (i32.const 0)) (i32.const 1))
  (assert_return (invoke "super" (i32.const 1)) (i32.const 2))
  (assert_return (invoke "sub" (i32.const 1)) (i32.const 2))
  (assert_trap (invoke "sub" (i32.const 0)) "indirect call type mismatch")
  (assert_trap (invoke "super" (i32.const 2)) "uninitialized element"))");
}

// Each table is written in its own way before it is called through.
TEST_CASE("a table that is written is not closed") {
  check_holds(R"((module
    (type $f (func (result i32)))
    (table $set 1 funcref) (table $fill 1 funcref) (table $copy 1 funcref) (table $init 1 funcref)
    (table $grow 0 funcref) (table $from 1 funcref)
    (elem (table $set) (i32.const 0) func $a) (elem (table $fill) (i32.const 0) func $a)
    (elem (table $copy) (i32.const 0) func $a) (elem (table $init) (i32.const 0) func $a)
    (elem (table $from) (i32.const 0) func $b)
    (elem $passive func $b)
    (func $a (result i32) (i32.const 1))
    (func $b (result i32) (i32.const 2))
    (func (export "write")
      (table.set $set (i32.const 0) (ref.func $b))
      (table.fill $fill (i32.const 0) (ref.func $b) (i32.const 1))
      (table.copy $copy $from (i32.const 0) (i32.const 0) (i32.const 1))
      (table.init $init $passive (i32.const 0) (i32.const 0) (i32.const 1))
      (drop (table.grow $grow (ref.func $b) (i32.const 1))))
    (func (export "sum") (result i32)
      (i32.add (call_indirect $set (type $f) (i32.const 0))
      (i32.add (call_indirect $fill (type $f) (i32.const 0))
      (i32.add (call_indirect $copy (type $f) (i32.const 0))
               (call_indirect $init (type $f) (i32.const 0))))))
    (func (export "grown") (result i32) (call_indirect $grow (type $f) (i32.const 0))))
  (assert_return (invoke "sum") (i32.const 4))
  (assert_trap (invoke "grown") "undefined element")
  (invoke "write")
  (assert_return (invoke "sum") (i32.const 8))
  (assert_return (invoke "grown") (i32.const 2)))");
}

constexpr std::string_view other_instance = R"((module $other
    (global $g (mut i32) (i32.const 5))
    (func (export "f") (result i32) (global.get $g)))
  (register "other" $other)
  )";

TEST_CASE("an element that another instance defines is called with its instance") {
  check_holds(std::string(other_instance) + R"((module
    (type $f (func (result i32)))
    (import "other" "f" (func $f (type $f)))
    (global $g (mut i32) (i32.const 6))
    (table funcref (elem $f $own))
    (func $own (result i32) (global.get $g))
    (func (export "call") (param i32) (result i32)
      (i32.add (i32.mul (global.get $g) (i32.const 100))
               (call_indirect (type $f) (local.get 0)))))
  (assert_return (invoke "call" (i32.const 0)) (i32.const 605))
  (assert_return (invoke "call" (i32.const 1)) (i32.const 606)))");
}

// Instantiation of the second module traps at its second segment, after its function went into a
// table of the first: its own table was never filled.
TEST_CASE("segments that were not applied") {
  check_holds(R"((module $first
    (type $f (func (result i32)))
    (table (export "t") 1 funcref)
    (func (export "call") (result i32) (call_indirect (type $f) (i32.const 0))))
  (register "first" $first)
  (assert_trap (module
    (type $f (func (result i32)))
    (import "first" "t" (table $t 1 funcref))
    (table $own 1 funcref)
    (elem (table $t) (i32.const 0) func $through)
    (elem (table $t) (i32.const 1) func $through)
    (elem (table $own) (i32.const 0) func $one)
    (func $one (result i32) (i32.const 1))
    (func $through (result i32) (call_indirect $own (type $f) (i32.const 0))))
    "out of bounds table access")
  (assert_trap (invoke $first "call") "uninitialized element"))");
}

// A callee that returns through a function of another instance has that one's vmctx at the end;
// each caller still reads its own global behind the call.
TEST_CASE("tail calls into another instance") {
  constexpr std::string_view ways[] = {
      "(return_call $f)",
      "(return_call_indirect $t (type $f) (i32.const 0))",
      "(return_call_ref $f (ref.func $f))",
      "(return_call $again)",
  };
  for (std::string_view way : ways) {
    CAPTURE(way);
    check_holds(std::string(other_instance) + R"((module
      (type $f (func (result i32)))
      (import "other" "f" (func $f (type $f)))
      (global $g (mut i32) (i32.const 600))
      (table $t funcref (elem $f))
      (table $own funcref (elem $leave))
      (elem declare func $f)
      (func $again (result i32) (return_call $f))
      (func $leave (result i32) )" +
                std::string(way) + R"()
      (func (export "call") (result i32)
        (i32.add (call $leave) (global.get $g)))
      (func (export "through") (result i32)
        (i32.add (call_indirect $own (type $f) (i32.const 0)) (global.get $g))))
    (assert_return (invoke "call") (i32.const 605))
    (assert_return (invoke "through") (i32.const 605)))");
  }
}

// What lands in a function behind a call finds its own instance, whatever the callee was.
TEST_CASE("exceptions that land behind calls of one's own") {
  check_holds(R"((module $other
    (tag $e (export "e"))
    (func (export "f") (throw $e)))
  (register "other" $other)
  (module
    (type $f (func))
    (import "other" "f" (func $f (type $f)))
    (import "other" "e" (tag $e))
    (global $g (mut i32) (i32.const 7))
    (table $own funcref (elem $deep $fine))
    (func $fine)
    (func $deep (call $f) (global.set $g (i32.const 0)))
    (func $land (param i32) (result i32)
      (block $caught
        (try_table (catch $e $caught) (call_indirect $own (type $f) (local.get 0)))
        (return (i32.add (global.get $g) (i32.const 1))))
      (global.get $g))
    (func (export "land") (param i32) (result i32)
      (i32.add (call $land (local.get 0)) (global.get $g))))
  (assert_return (invoke "land" (i32.const 0)) (i32.const 14))
  (assert_return (invoke "land" (i32.const 1)) (i32.const 15)))");
}

}  // namespace
}  // namespace tenon::wast
