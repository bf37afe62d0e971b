#include "wast/test_script.h"

// Exceptions where the standard's scripts are silent: what lives across a call that throws, deep
// stacks, traps beside exceptions, tags under several names, hostile modules.
namespace tenon::wast {
namespace {

using test::repeated;

void check_all_hold(std::string_view text) {
  for (auto level : test::levels) {
    CAPTURE(static_cast<int>(level));
    RunnerOptions options;
    options.opt_level = level;
    test::check_holds(text, options);
  }
}

}  // namespace

TEST_CASE("exceptions meet the first clause that fits, with everything else as it was") {
  check_all_hold(R"wast(
    (module $lib
      (tag $e (export "e") (param i32))
      (tag (export "f") (param i32))
      (tag $all (export "all") (param i32 i64 f32 f64 v128 funcref externref))
      (func $deep (export "deep") (param i32)
        (if (i32.eqz (local.get 0)) (then (throw $e (i32.const 77))))
        (call $deep (i32.sub (local.get 0) (i32.const 1))))
      (func (export "throw-all") (param externref)
        (throw $all (i32.const 1) (i64.const 2) (f32.const 3) (f64.const 4) (v128.const i32x4 5 6 7 8) (ref.null func) (local.get 0)))
      (func (export "e7") (result i32) (throw $e (i32.const 7)))
      (func $overflow (export "overflow") (result i32) (i32.add (call $overflow) (i32.const 1)))
    )
    (register "lib" $lib)
    (module $m
      (tag $e (import "lib" "e") (param i32))
      (tag $e2 (import "lib" "e") (param i32))
      (tag $f (import "lib" "f") (param i32))
      (tag $all (import "lib" "all") (param i32 i64 f32 f64 v128 funcref externref))
      (import "lib" "deep" (func $deep (param i32)))
      (import "lib" "throw-all" (func $throw-all (param externref)))
      (import "lib" "e7" (func $e7 (result i32)))
      (import "lib" "overflow" (func $overflow (result i32)))
      (tag $own (param i32))
      (func (export "catch-deep") (param i32) (result i32)
        (block $h (result i32)
          (try_table (catch $own $h) (catch $f $h) (catch $e2 $h)
            (call $deep (local.get 0)))
          (i32.const -1)))
      ;; many values live across the call, some in every preserved register
      (func (export "live") (param $a i32) (param $b i64) (param $c f64) (param $v v128) (param $d f32) (result i32 i64 f64 v128 f32 i32)
        (local $x i32) (local $y i64)
        (local.set $x (i32.mul (local.get $a) (i32.const 3)))
        (local.set $y (i64.add (local.get $b) (i64.const 5)))
        (local.get $x) (local.get $y) (local.get $c) (local.get $v) (local.get $d)
        (block $h (result i32)
          (try_table (result i32) (catch $e $h)
            (drop (call $e7))
            (local.set $x (i32.const 99))
            (call $e7)))
        (i32.add (local.get $x)))
      ;; locals at the throw are those of the call that threw
      (func (export "which") (param $n i32) (result i32)
        (local $x i32) (local $y i32)
        (local.set $x (i32.const 1))
        (block $h (result i32)
          (try_table (catch $e $h)
            (local.set $x (i32.const 2))
            (if (i32.eq (local.get $n) (i32.const 0)) (then (drop (call $e7))))
            (local.set $x (i32.const 3))
            (if (i32.eq (local.get $n) (i32.const 1)) (then (drop (call $e7))))
            (local.set $x (i32.const 4))
            (local.set $y (i32.const 10))
            (if (i32.eq (local.get $n) (i32.const 2)) (then (throw $e (i32.const 7))))
            (local.set $x (i32.const 5)))
          (i32.const 0))
        (i32.add (i32.add (local.get $x) (local.get $y))))
      (func (export "loop") (param $n i32) (result i32)
        (local $sum i32)
        (block $done
          (loop $again
            (br_if $done (i32.eqz (local.get $n)))
            (block $h (result i32)
              (try_table (catch $e $h)
                (if (i32.and (local.get $n) (i32.const 1)) (then (drop (call $e7))))
                (local.set $sum (i32.add (local.get $sum) (i32.const 1000))))
              (i32.const 0))
            (local.set $sum (i32.add (local.get $sum)))
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (br $again)))
        (local.get $sum))
      ;; a clause that branches to a loop
      (func (export "retry") (param $n i32) (result i32)
        (local $tries i32)
        (i32.const 0)
        (loop $again (param i32) (result i32)
          (local.set $tries (i32.add (local.get $tries) (i32.const 1)))
          (try_table (param i32) (result i32) (catch $e $again)
            (if (i32.lt_s (local.get $tries) (local.get $n)) (then (drop (call $e7))))
            (i32.add (i32.mul (local.get $tries) (i32.const 100))))))
      (func (export "all") (param externref) (result i32 i64 f32 f64 v128 funcref externref)
        (block $h (result i32 i64 f32 f64 v128 funcref externref)
          (try_table (catch $all $h) (call $throw-all (local.get 0)))
          (unreachable)))
      (func (export "trap-passes") (result i32)
        (block $h (try_table (catch_all $h) (unreachable)) (return (i32.const 1))) (i32.const 2))
      (func $div (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
      (func (export "trap-passes-2") (result i32)
        (block $h (try_table (catch_all $h) (return (call $div (i32.const 0)))) (return (i32.const 1))) (i32.const 2))
      (func (export "overflow-passes") (result i32)
        (block $h (try_table (catch_all $h) (return (call $overflow))) (return (i32.const 1))) (i32.const 2))
      (func $tail (param i32) (result i32) (throw $e (local.get 0)))
      (func (export "tail-leaves") (result i32)
        (block $h (result i32) (try_table (catch $e $h) (return_call $tail (i32.const 4))) (unreachable)))
      (func $inner-tail (result i32) (return_call $tail (i32.const 5)))
      (func (export "tail-inside") (result i32)
        (block $h (result i32) (try_table (result i32) (catch $e $h) (call $inner-tail))))
      (func (export "rethrow") (result i32)
        (block $h (result i32)
          (try_table (catch $e $h)
            (block $r (result exnref)
              (try_table (catch_all_ref $r) (drop (call $e7)))
              (unreachable))
            (throw_ref))
          (unreachable)))
      (func (export "rethrow-own") (result i32)
        (block $h (result i32)
          (try_table (catch $own $h)
            (block $r (result i32 exnref)
              (try_table (catch_ref $own $r) (throw $own (i32.const 12)))
              (unreachable))
            (throw_ref))
          (unreachable)))
      (func (export "null") (throw_ref (ref.null exn)))
      (func (export "null-in-try")  (block $h (try_table (catch_all $h) (throw_ref (ref.null exn)))))
      (table 2 funcref) (elem (i32.const 0) $e7 $tail)
      (type $r (func (result i32)))
      (func (export "indirect") (param i32) (result i32)
        (block $h (result i32) (try_table (result i32) (catch $e $h) (call_indirect (type $r) (local.get 0)))))
      (func (export "empty") (result i32)
        (block $h (result i32) (try_table (result i32) (catch $e $h) (i32.const 3))))
      (func (export "dead") (result i32)
        (block $h (result i32) (try_table (result i32) (catch $e $h) (unreachable))))
      ;; tables and globals hold exceptions
      (global $g (mut exnref) (ref.null exn))
      (table $t 4 exnref)
      (func (export "keep") (table.set $t (i32.const 1)
         (block $h (result exnref) (try_table (catch_all_ref $h) (drop (call $e7))) (unreachable)))
         (global.set $g (table.get $t (i32.const 1))))
      (func (export "kept") (result i32)
        (block $h (result i32) (try_table (catch $e $h) (throw_ref (global.get $g))) (unreachable)))
    )
    (assert_return (invoke "catch-deep" (i32.const 0)) (i32.const 77))
    (assert_return (invoke "catch-deep" (i32.const 10000)) (i32.const 77))
    (assert_return (invoke "catch-deep" (i32.const 30000)) (i32.const 77))
    (assert_return (invoke "live" (i32.const 5) (i64.const 6) (f64.const 7.5) (v128.const i64x2 8 9) (f32.const 1.25))
      (i32.const 15) (i64.const 11) (f64.const 7.5) (v128.const i64x2 8 9) (f32.const 1.25) (i32.const 22))
    (assert_return (invoke "which" (i32.const 0)) (i32.const 9))
    (assert_return (invoke "which" (i32.const 1)) (i32.const 10))
    (assert_return (invoke "which" (i32.const 2)) (i32.const 21))
    (assert_return (invoke "which" (i32.const 3)) (i32.const 15))
    (assert_return (invoke "loop" (i32.const 101)) (i32.const 50357))
    (assert_return (invoke "retry" (i32.const 5)) (i32.const 507))
    (assert_return (invoke "all" (ref.extern 9)) (i32.const 1) (i64.const 2) (f32.const 3) (f64.const 4) (v128.const i32x4 5 6 7 8) (ref.null func) (ref.extern 9))
    (assert_trap (invoke "trap-passes") "unreachable")
    (assert_trap (invoke "trap-passes-2") "integer divide by zero")
    (assert_exhaustion (invoke "overflow-passes") "call stack exhausted")
    (assert_exception (invoke "tail-leaves"))
    (assert_return (invoke "tail-inside") (i32.const 5))
    (assert_return (invoke "rethrow") (i32.const 7))
    (assert_return (invoke "rethrow-own") (i32.const 12))
    (assert_trap (invoke "null") "null reference")
    (assert_trap (invoke "null-in-try") "null reference")
    (assert_return (invoke "indirect" (i32.const 0)) (i32.const 7))
    (assert_trap (invoke "indirect" (i32.const 1)) "indirect call type mismatch")
    (assert_return (invoke "empty") (i32.const 3))
    (assert_trap (invoke "dead") "unreachable")
    (invoke "keep")
    (assert_return (invoke "kept") (i32.const 7))
    (assert_return (invoke "kept") (i32.const 7))
    (assert_exception (invoke $lib "deep" (i32.const 3)))
    (assert_return (invoke "catch-deep" (i32.const 3)) (i32.const 77))
  )wast");
}

TEST_CASE("a clause may leave the function") {
  check_all_hold(R"wast(
    (module
      (tag $e (param i32 i64))
      (func $throw (throw $e (i32.const 3) (i64.const 4)))
      (func (export "f") (result i32 i64)
        (try_table (catch $e 0) (call $throw))
        (i32.const 1) (i64.const 2)))
    (assert_return (invoke "f") (i32.const 3) (i64.const 4)))wast");
}

TEST_CASE("exceptions that nobody keeps are collected") {
  check_all_hold(R"wast(
    (module
      (tag $e (param i64 i64 i64 i64))
      (func $throw (throw $e (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4)))
      (func (export "f") (param $n i32)
        (loop $again
          (block $h (try_table (catch_all $h) (call $throw)))
          (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
    (invoke "f" (i32.const 3000000))
    (assert_return (invoke "f" (i32.const 1))))wast");
}

// A function with `count` handlers, one after another or each in the body of the one before, that
// gives the sum of what they catch.
TEST_CASE("functions full of handlers") {
  constexpr size_t count = 1000;
  std::string start = R"wast(
    (module
      (tag $e (param i32)) (tag $other)
      (func $one (result i32) (throw $e (i32.const 1)))
      (func (export "f") (result i32) (local $sum i32)
    )wast";
  std::string row = repeated(count, R"wast(
      (block $h (result i32)
        (try_table (catch $other $out) (catch $e $h) (drop (call $one)))
        (i32.const 0))
      (local.set $sum (i32.add (local.get $sum))) )wast");
  std::string nest = repeated(count, R"wast(
      (block (result i32) (try_table (catch $e 0) )wast") +
                     "(drop (call $one))" + repeated(count, R"wast(
        (drop (call $one))) (i32.const 0))
      (local.set $sum (i32.add (local.get $sum))) )wast");
  std::string calls =
      "(block (result i32) (try_table (catch $e 0)" +
      repeated(count, "(local.set $sum (i32.add (local.get $sum) (call $quiet)))") +
      "(drop (call $one))) (i32.const 0)) (local.set $sum (i32.add (local.get $sum)))";
  std::string end = R"wast( (local.get $sum))
      (func $quiet (result i32) (i32.const 1))) )wast";
  auto sums_to = [](size_t sum) {
    return "(assert_return (invoke \"f\") (i32.const " + std::to_string(sum) + "))";
  };
  std::string wrapped_row = "(block $out " + row + ")";
  check_all_hold(start + wrapped_row + end + sums_to(count));
  check_all_hold(start + nest + end + sums_to(count));
  check_all_hold(start + calls + end + sums_to(count + 1));
}

}  // namespace tenon::wast
