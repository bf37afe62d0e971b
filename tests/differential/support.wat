;; What generated modules import: each logged value goes into a hash, a NaN as one and the same.
(module $support
  (global $hash (mut i64) (i64.const 0x4bf29ce484222325))
  (func $mix (param $value i64)
    (global.set $hash
      (i64.mul (i64.xor (global.get $hash) (local.get $value)) (i64.const 0x100000001b3))))
  (func (export "log-i32") (param i32) (call $mix (i64.extend_i32_u (local.get 0))))
  (func (export "log-i64") (param i64) (call $mix (local.get 0)))
  (func (export "log-f32") (param f32)
    (call $mix (i64.extend_i32_u (i32.reinterpret_f32
      (select (local.get 0) (f32.const nan) (f32.eq (local.get 0) (local.get 0)))))))
  (func (export "log-f64") (param f64)
    (call $mix (i64.reinterpret_f64
      (select (local.get 0) (f64.const nan) (f64.eq (local.get 0) (local.get 0))))))
  (func (export "log-v128") (param v128)
    (call $mix (i64x2.extract_lane 0 (local.get 0)))
    (call $mix (i64x2.extract_lane 1 (local.get 0))))
  (func (export "hash") (result i64) (global.get $hash)))
