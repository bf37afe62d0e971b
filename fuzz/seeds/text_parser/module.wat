;; One of each field, and of most kinds of immediate.
(module $m
  (rec (type $list (sub (struct (field $head (mut i32)) (field $tail (ref null $list)))))
       (type $bytes (array (mut i8))))
  (type $unary (func (param i32) (result i32)))
  (import "env" "log" (func $log (param i32 f64)))
  (import "env" "table" (table $imported 1 funcref))
  (memory $memory (export "memory") i64 1 2)
  (memory (data "abc\00\u{e9}"))
  (table $table 2 4 (ref null $unary))
  (global $counter (mut i64) (i64.const -0x8000_0000))
  (tag $problem (param i32))
  (elem (table $imported) (offset i32.const 0) funcref (ref.func $log) (ref.null func))
  (data $text (memory 1) (i32.const 8) "\t\n\"\'")
  (start $main)
  (func $main (local $i i32) (local v128)
    (block $out (result i32)
      (loop $again (br_if $again (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 0x10))))
      (br_table $out 0 (i32.const 1) (local.get $i)))
    (if (result f32) (then f32.const nan:0x200000) (else f32.const -0x1.8p-3))
    drop
    (local.set 1 (v128.const i16x8 1 2 3 4 5 6 7 -8))
    (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31 (local.get 1) (local.get 1))
    drop
    (block $caught (result i32)
      (block $rest (result exnref)
        (try_table (catch $problem $caught) (catch_all_ref $rest) (throw $problem (i32.const 1)))
        return)
      drop
      (i32.const 0))
    drop
    (call $log (local.get $i) (f64.const 6.02e+23)))
  (func (export "get") (type $unary) (i32.load8_u offset=4 align=1 (i64.const 0)))
  (@custom "notes" (after func) "anything"))
