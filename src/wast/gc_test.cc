#include "wast/test_script.h"

// Objects where the standard's scripts are silent: large ones, deep hierarchies, hostile lengths,
// full heaps, and all of it while the collector runs at every allocation.
namespace tenon::wast {
namespace {

using runtime::HeapConfig;
using test::repeated;

void check_all_hold(std::string_view text, HeapConfig heap = {}) {
  for (auto level : test::levels) {
    for (auto stress :
         {HeapConfig::Stress::none, HeapConfig::Stress::collect, HeapConfig::Stress::step}) {
      CAPTURE(static_cast<int>(level));
      CAPTURE(static_cast<int>(stress));
      RunnerOptions options;
      options.opt_level = level;
      options.heap = heap;
      options.heap.stress = stress;
      options.heap.marking = HeapConfig::Marking::in_steps;
      test::check_holds(text, options);
    }
  }
}

}  // namespace

TEST_CASE("fields of every kind keep what is stored in them") {
  check_all_hold(R"wast(
    (module
      (type $f (func (result i32)))
      (type $s (struct (field $a (mut i8)) (field $b (mut i16)) (field $c (mut i32))
        (field $d (mut i64)) (field $e (mut f32)) (field $f (mut f64)) (field $g (mut v128))
        (field $h (mut anyref)) (field $i (mut funcref)) (field $j (mut externref))))
      (func $seven (result i32) (i32.const 7))
      (elem declare func $seven)
      (table $t 1 funcref)
      (func $fill (param $s (ref null $s))
        (struct.set $s $a (local.get $s) (i32.const 0x1ff))
        (struct.set $s $b (local.get $s) (i32.const 0x18000))
        (struct.set $s $c (local.get $s) (i32.const -3))
        (struct.set $s $d (local.get $s) (i64.const -4))
        (struct.set $s $e (local.get $s) (f32.const 1.5))
        (struct.set $s $f (local.get $s) (f64.const 2.5))
        (struct.set $s $g (local.get $s) (v128.const i64x2 5 6))
        (struct.set $s $h (local.get $s) (struct.new_default $s))
        (struct.set $s $i (local.get $s) (ref.func $seven)))
      (func $sum (param $s (ref null $s)) (result i64)
        (table.set $t (i32.const 0) (struct.get $s $i (local.get $s)))
        (i64.add (i64.extend_i32_s (i32.add
            (i32.add (struct.get_s $s $a (local.get $s)) (struct.get_u $s $a (local.get $s)))
            (i32.add (struct.get_s $s $b (local.get $s)) (struct.get_u $s $b (local.get $s)))))
        (i64.add (i64.extend_i32_s (i32.add (struct.get $s $c (local.get $s))
            (call_indirect (type $f) (i32.const 0))))
        (i64.add (i64.add (struct.get $s $d (local.get $s))
            (i64x2.extract_lane 1 (struct.get $s $g (local.get $s))))
        (i64.add (i64.trunc_f32_s (struct.get $s $e (local.get $s)))
            (i64.trunc_f64_s (struct.get $s $f (local.get $s))))))))
      (func (export "fields") (result i64) (local $s (ref null $s))
        (local.set $s (struct.new_default $s))
        (call $fill (local.get $s))
        (call $sum (local.get $s)))
      (func (export "inner") (result i32) (local $s (ref null $s))
        (local.set $s (struct.new_default $s))
        (call $fill (local.get $s))
        (struct.get $s $c (ref.cast (ref $s) (struct.get $s $h (local.get $s))))
        (i32.add (ref.test (ref $s) (struct.get $s $h (local.get $s))))))
    (assert_return (invoke "fields") (i64.const 263))
    (assert_return (invoke "inner") (i32.const 1))
  )wast");
}

TEST_CASE("fields beyond the guard are checked for null") {
  std::string fields = repeated(5000, "(field (mut i64))");
  check_all_hold("(module (type $s (struct " + fields + R"wast( (field $last (mut anyref))))
      (func (export "get-near") (result i64) (struct.get $s 4000 (ref.null $s)))
      (func (export "get-far") (result i64) (struct.get $s 4999 (ref.null $s)))
      (func (export "get-last") (result i32) (ref.is_null (struct.get $s $last (ref.null $s))))
      (func (export "set-far") (struct.set $s 4999 (ref.null $s) (i64.const 1)))
      (func (export "set-last") (struct.set $s $last (ref.null $s) (ref.null any)))
      (func (export "round") (result i64) (local $s (ref null $s))
        (local.set $s (struct.new_default $s))
        (struct.set $s 4999 (local.get $s) (i64.const 5))
        (struct.set $s $last (local.get $s) (local.get $s))
        (struct.get $s 4999 (ref.cast (ref $s) (struct.get $s $last (local.get $s))))))
    (assert_trap (invoke "get-near") "null structure reference")
    (assert_trap (invoke "get-far") "null structure reference")
    (assert_trap (invoke "get-last") "null structure reference")
    (assert_trap (invoke "set-far") "null structure reference")
    (assert_trap (invoke "set-last") "null structure reference")
    (assert_return (invoke "round") (i64.const 5))
  )wast");
}

TEST_CASE("casts go through hierarchies deeper than a row") {
  std::string types = "(type $t0 (sub (struct)))";
  for (int i = 1; i <= 40; ++i)
    types += "(type $t" + std::to_string(i) + " (sub $t" + std::to_string(i - 1) + " (struct)))";
  std::string tests;
  for (int i : {0, 13, 14, 15, 16, 39, 40}) {
    std::string n = std::to_string(i);
    tests += "(func (export \"is" + n +
             "\") (result i32) (i32.add (i32.mul (i32.const 10) (ref.test (ref $t" + n +
             ") (global.get $top))) (ref.test (ref $t" + n + ") (global.get $middle))))";
  }
  check_all_hold("(module " + types + R"wast(
      (global $top (mut anyref) (ref.null any))
      (global $middle (mut anyref) (ref.null any))
      (func (export "make") (global.set $top (struct.new $t40))
        (global.set $middle (struct.new $t15))))wast" +
                 tests + R"wast()
    (invoke "make")
    (assert_return (invoke "is0") (i32.const 11))
    (assert_return (invoke "is13") (i32.const 11))
    (assert_return (invoke "is14") (i32.const 11))
    (assert_return (invoke "is15") (i32.const 11))
    (assert_return (invoke "is16") (i32.const 10))
    (assert_return (invoke "is39") (i32.const 10))
    (assert_return (invoke "is40") (i32.const 10))
  )wast");
}

TEST_CASE("hostile lengths trap") {
  check_all_hold(R"wast(
    (module
      (type $b (array (mut i8)))
      (type $v (array (mut v128)))
      (type $r (array (mut anyref)))
      (data $d "0123456789")
      (elem $e anyref (ref.i31 (i32.const 1)) (ref.i31 (i32.const 2)))
      (func (export "bytes") (param i32) (result i32)
        (array.len (array.new_default $b (local.get 0))))
      (func (export "vectors") (param i32) (result i32)
        (array.len (array.new $v (v128.const i64x2 1 2) (local.get 0))))
      (func (export "references") (param i32) (result i32)
        (array.len (array.new $r (ref.i31 (i32.const 3)) (local.get 0))))
      (func (export "data") (param i32 i32) (result i32)
        (array.len (array.new_data $v $d (local.get 0) (local.get 1))))
      (func (export "elem") (param i32 i32) (result i32)
        (array.len (array.new_elem $r $e (local.get 0) (local.get 1))))
      (func (export "fill") (param i32 i32)
        (array.fill $b (array.new_default $b (i32.const 10)) (local.get 0) (i32.const 1)
          (local.get 1)))
      (func (export "copy") (param i32 i32 i32)
        (array.copy $r $r (array.new_default $r (i32.const 10)) (local.get 0)
          (array.new_default $r (i32.const 10)) (local.get 1) (local.get 2)))
      (func (export "init") (param i32 i32 i32)
        (array.init_data $b $d (array.new_default $b (i32.const 10)) (local.get 0) (local.get 1)
          (local.get 2))))
    (assert_return (invoke "bytes" (i32.const 0)) (i32.const 0))
    (assert_return (invoke "bytes" (i32.const 100000)) (i32.const 100000))
    (assert_trap (invoke "bytes" (i32.const -1)) "GC heap out of memory")
    (assert_trap (invoke "bytes" (i32.const 0x7fffffff)) "GC heap out of memory")
    (assert_return (invoke "vectors" (i32.const 5)) (i32.const 5))
    (assert_trap (invoke "vectors" (i32.const -1)) "GC heap out of memory")
    (assert_trap (invoke "vectors" (i32.const 0x10000000)) "GC heap out of memory")
    (assert_trap (invoke "references" (i32.const 0x3ffffffe)) "GC heap out of memory")
    (assert_trap (invoke "references" (i32.const 0x40000000)) "GC heap out of memory")
    (assert_return (invoke "references" (i32.const 3000)) (i32.const 3000))
    (assert_return (invoke "data" (i32.const 10) (i32.const 0)) (i32.const 0))
    (assert_trap (invoke "data" (i32.const 0) (i32.const 1)) "out of bounds memory access")
    (assert_trap (invoke "data" (i32.const 0) (i32.const 0x10000000)) "out of bounds memory access")
    (assert_trap (invoke "data" (i32.const -1) (i32.const 1)) "out of bounds memory access")
    (assert_return (invoke "elem" (i32.const 1) (i32.const 1)) (i32.const 1))
    (assert_trap (invoke "elem" (i32.const -1) (i32.const 2)) "out of bounds table access")
    (assert_return (invoke "fill" (i32.const 10) (i32.const 0)))
    (assert_trap (invoke "fill" (i32.const 11) (i32.const 0)) "out of bounds array access")
    (assert_trap (invoke "fill" (i32.const -1) (i32.const 2)) "out of bounds array access")
    (assert_trap (invoke "copy" (i32.const 0) (i32.const 1) (i32.const -1))
      "out of bounds array access")
    (assert_return (invoke "copy" (i32.const 10) (i32.const 10) (i32.const 0)))
    (assert_trap (invoke "init" (i32.const 0) (i32.const 1) (i32.const 10))
      "out of bounds memory access")
    (assert_trap (invoke "init" (i32.const 1) (i32.const 0) (i32.const 10))
      "out of bounds array access")
  )wast");
}

TEST_CASE("arrays are filled and copied element by element") {
  check_all_hold(R"wast(
    (module
      (type $h (array (mut i16)))
      (type $d (array (mut f64)))
      (type $r (array (mut (ref null i31))))
      (func $sum (param $a (ref $h)) (result i32) (local $i i32) (local $s i32)
        (block $done (loop $each
          (br_if $done (i32.eq (local.get $i) (array.len (local.get $a))))
          (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 3))
            (array.get_s $h (local.get $a) (local.get $i))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $each)))
        (local.get $s))
      (func (export "new") (param i32) (result i32)
        (call $sum (array.new $h (i32.const 0x1fffe) (local.get 0))))
      (func (export "fill") (param i32 i32) (result i32) (local $a (ref null $h))
        (local.set $a (array.new_default $h (i32.const 6)))
        (array.fill $h (local.get $a) (local.get 0) (i32.const 1) (local.get 1))
        (call $sum (ref.as_non_null (local.get $a))))
      (func (export "fill3") (result i32) (local $a (ref null $h))
        (local.set $a (array.new_default $h (i32.const 6)))
        (array.fill $h (local.get $a) (i32.const 2) (i32.const 1) (i32.const 3))
        (call $sum (ref.as_non_null (local.get $a))))
      (func (export "shift") (param i32 i32 i32) (result i32) (local $a (ref null $h))
        (local.set $a (array.new_fixed $h 5 (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4)
          (i32.const 5)))
        (array.copy $h $h (local.get $a) (local.get 0) (local.get $a) (local.get 1) (local.get 2))
        (call $sum (ref.as_non_null (local.get $a))))
      (func (export "doubles") (param i32) (result f64)
        (array.get $d (array.new $d (f64.const 1.25) (local.get 0))
          (i32.sub (local.get 0) (i32.const 1))))
      (func (export "i31s") (param i32) (result i32) (local $a (ref null $r))
        (local.set $a (array.new $r (ref.i31 (local.get 0)) (i32.const 40)))
        (array.fill $r (local.get $a) (i32.const 1) (ref.i31 (i32.const -7)) (i32.const 38))
        (i32.add (i31.get_u (array.get $r (local.get $a) (i32.const 39)))
          (i31.get_s (array.get $r (local.get $a) (i32.const 38))))))
    (assert_return (invoke "new" (i32.const 3)) (i32.const -26))
    (assert_return (invoke "new" (i32.const 0)) (i32.const 0))
    (assert_return (invoke "fill" (i32.const 2) (i32.const 3)) (i32.const 39))
    (assert_return (invoke "fill3") (i32.const 39))
    (assert_return (invoke "shift" (i32.const 1) (i32.const 0) (i32.const 4)) (i32.const 139))
    (assert_return (invoke "shift" (i32.const 0) (i32.const 1) (i32.const 4)) (i32.const 299))
    (assert_return (invoke "doubles" (i32.const 20)) (f64.const 1.25))
    (assert_return (invoke "i31s" (i32.const -1)) (i32.const 0x7ffffff8))
  )wast");
}

TEST_CASE("abstract types are told apart without types of one's own") {
  check_all_hold(R"wast(
    (module
      (func (export "kind") (param externref) (result i32) (local $a anyref)
        (local.set $a (any.convert_extern (local.get 0)))
        (i32.add (i32.mul (i32.const 1000) (ref.test (ref eq) (local.get $a)))
          (i32.add (i32.mul (i32.const 100) (ref.test (ref i31) (local.get $a)))
            (i32.add (i32.mul (i32.const 10) (ref.test (ref struct) (local.get $a)))
              (ref.test (ref array) (local.get $a))))))
      (func (export "small") (param i32) (result externref)
        (extern.convert_any (ref.i31 (local.get 0)))))
    (assert_return (invoke "kind" (ref.extern 5)) (i32.const 0))
    (assert_return (invoke "kind" (ref.null extern)) (i32.const 0))
    (assert_return (invoke "small" (i32.const 5)) (ref.extern))
  )wast");
}

TEST_CASE("a full heap is a trap, and what dies makes room") {
  check_all_hold(R"wast(
    (module
      (type $list (struct (field $next (ref null $list)) (field $i i64) (field $j i64)))
      (global $kept (mut (ref null $list)) (ref.null $list))
      (func (export "keep") (loop $more
        (global.set $kept (struct.new $list (global.get $kept) (i64.const 1) (i64.const 2)))
        (br $more)))
      (func (export "drop") (global.set $kept (ref.null $list)))
      (func (export "churn") (param i32) (result i64) (local $last (ref null $list))
        (loop $more
          (local.set $last (struct.new $list (ref.null $list) (i64.const 1)
            (i64.extend_i32_u (local.get 0))))
          (br_if $more (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (struct.get $list $j (local.get $last))))
    (assert_return (invoke "churn" (i32.const 30000)) (i64.const 1))
    (assert_trap (invoke "keep") "GC heap out of memory")
    (invoke "drop")
    (assert_return (invoke "churn" (i32.const 30000)) (i64.const 1))
  )wast",
                 {.limit = 256 << 10, .min_growth = 64 << 10});
}

}  // namespace tenon::wast
