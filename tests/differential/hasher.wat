;; A hash of all of a module's memory.
(module $hasher
  (import "generated" "memory" (memory 0))
  (func (export "hash") (result i64) (local $at i32) (local $left i32) (local $hash i64)
    (local.set $hash (i64.const 0x4bf29ce484222325))
    (local.set $left (i32.shl (memory.size) (i32.const 13)))
    (loop $next
      (local.set $hash (i64.mul (i64.xor (local.get $hash) (i64.load (local.get $at))) (i64.const 0x100000001b3)))
      (local.set $hash (i64.xor (local.get $hash) (i64.shr_u (local.get $hash) (i64.const 29))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (local.get $hash)))
