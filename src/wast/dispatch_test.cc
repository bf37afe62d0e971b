#include "wast/test_script.h"

// Loops that begin with a branch table, as other control than loops and blocks comes to
// WebAssembly: jumps to the table whose target is known go there at once
// (compiler/llvm/thread_dispatch.h), and compute the same.
namespace tenon::wast {

TEST_CASE("states that are known when they are left compute what others do") {
  for (auto level : test::levels) {
    CAPTURE(static_cast<int>(level));
    RunnerOptions options;
    options.opt_level = level;
    // State 0 lets its values change places and goes on to 1 or 2, 1 returns to 0 until the fuel is
    // burnt, 2 computes the next state.
    test::check_holds(R"wast(
      (module
        (func (export "run") (param $state i32) (param $fuel i32) (param $a i64) (param $b i64)
            (result i64)
          (local $t i64)
          (block $out
            (loop $top
              (block $two (block $one (block $zero
                (br_table $zero $one $two $out (local.get $state)))
                ;; 0
                (local.set $t (local.get $a))
                (local.set $a (local.get $b))
                (local.set $b (i64.add (local.get $t) (i64.const 1)))
                (if (i64.gt_s (local.get $a) (i64.const 100))
                  (then (local.set $state (i32.const 2)) (br $top)))
                (local.set $state (i32.const 1))
                (br $top))
                ;; 1
                (local.set $a (i64.mul (local.get $a) (i64.const 3)))
                (local.set $fuel (i32.sub (local.get $fuel) (i32.const 1)))
                (br_if $out (i32.eqz (local.get $fuel)))
                (local.set $state (i32.const 0))
                (br $top))
              ;; 2
              (local.set $state
                (i32.add (i32.const 2) (i32.wrap_i64 (i64.and (local.get $a) (i64.const 1)))))
              (local.set $a (i64.sub (local.get $a) (i64.const 7)))
              (br $top)))
          (i64.sub (i64.mul (local.get $a) (i64.const 1000)) (local.get $b))))
      (assert_return (invoke "run" (i32.const 3) (i32.const 5) (i64.const 1) (i64.const 2))
        (i64.const 998))
      (assert_return (invoke "run" (i32.const 0) (i32.const 1) (i64.const 1) (i64.const 2))
        (i64.const 5998))
      (assert_return (invoke "run" (i32.const 0) (i32.const 3) (i64.const 1) (i64.const 2))
        (i64.const 20993))
      (assert_return (invoke "run" (i32.const 1) (i32.const 9) (i64.const 10) (i64.const 20))
        (i64.const 169717))
      (assert_return (invoke "run" (i32.const 2) (i32.const 9) (i64.const 10) (i64.const 21))
        (i64.const -4021)))wast",
                      options);
  }
}

}  // namespace tenon::wast
