;; Strings from guest to guest: what the callee's realloc returns at its first, second or third call
;; is beyond its memory or not aligned. `arm` says which call, and what it returns.
(component definition $Tester
  (component $Callee
    (core module $M
      (memory (export "memory") 1)
      (global $calls-left (mut i32) (i32.const -1))
      (global $wrong (mut i32) (i32.const 0))
      (func (export "arm") (param i32 i32)
        (global.set $calls-left (local.get 0))
        (global.set $wrong (local.get 1)))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (global.set $calls-left (i32.sub (global.get $calls-left) (i32.const 1)))
        (if (result i32) (i32.eqz (global.get $calls-left))
          (then (global.get $wrong))
          (else (i32.const 64))))
      (func (export "take") (param i32 i32)))
    (core instance $m (instantiate $M))
    (func (export "arm") (param "call" u32) (param "returns" u32) (canon lift (core func $m "arm")))
    (func (export "utf8") (param "x" string)
      (canon lift (core func $m "take") (memory (core memory $m "memory")) (realloc (core func $m "realloc"))))
    (func (export "latin1-utf16") (param "x" string)
      (canon lift (core func $m "take") (memory (core memory $m "memory")) (realloc (core func $m "realloc"))
        string-encoding=latin1+utf16)))
  (instance $callee (instantiate $Callee))
  (component $Caller
    (import "utf8" (func $utf8 (param "x" string)))
    (import "latin1-utf16" (func $latin1-utf16 (param "x" string)))
    (core module $Libc
      (memory (export "memory") 1)
      (data (i32.const 0) "a\00b\00\ac\20"))
    (core instance $libc (instantiate $Libc))
    (core func $utf16-to-utf8
      (canon lower (func $utf8) (memory (core memory $libc "memory")) string-encoding=utf16))
    (core func $either-to-either
      (canon lower (func $latin1-utf16) (memory (core memory $libc "memory")) string-encoding=latin1+utf16))
    (core module $M
      (import "" "utf16-to-utf8" (func $utf16-to-utf8 (param i32 i32)))
      (import "" "either-to-either" (func $either-to-either (param i32 i32)))
      (func (export "ab-to-utf8") (call $utf16-to-utf8 (i32.const 0) (i32.const 2)))
      (func (export "ab-and-more-to-utf8") (call $utf16-to-utf8 (i32.const 0) (i32.const 3)))
      (func (export "tagged-ab") (call $either-to-either (i32.const 0) (i32.const 0x80000002))))
    (core instance $m (instantiate $M (with "" (instance
      (export "utf16-to-utf8" (func $utf16-to-utf8)) (export "either-to-either" (func $either-to-either))))))
    (func (export "ab-to-utf8") (canon lift (core func $m "ab-to-utf8")))
    (func (export "ab-and-more-to-utf8") (canon lift (core func $m "ab-and-more-to-utf8")))
    (func (export "tagged-ab") (canon lift (core func $m "tagged-ab"))))
  (instance $caller (instantiate $Caller
    (with "utf8" (func $callee "utf8")) (with "latin1-utf16" (func $callee "latin1-utf16"))))
  (func (export "arm") (alias export $callee "arm"))
  (func (export "ab-to-utf8") (alias export $caller "ab-to-utf8"))
  (func (export "ab-and-more-to-utf8") (alias export $caller "ab-and-more-to-utf8"))
  (func (export "tagged-ab") (alias export $caller "tagged-ab")))

(component instance $i $Tester)
(assert_return (invoke $i "ab-and-more-to-utf8"))

(component instance $i $Tester)
(assert_return (invoke $i "ab-to-utf8"))

(component instance $i $Tester)
(assert_return (invoke $i "tagged-ab"))

;; trap: store_string_to_utf8/bounds
(component instance $i $Tester)
(invoke $i "arm" (u32.const 1) (u32.const 65535))
(assert_trap (invoke $i "ab-to-utf8") "string content out-of-bounds")

;; trap: store_string_to_utf8/grow_bounds
(component instance $i $Tester)
(invoke $i "arm" (u32.const 2) (u32.const 65535))
(assert_trap (invoke $i "ab-and-more-to-utf8") "string content out-of-bounds")

;; trap: store_string_to_utf8/shrink_bounds
(component instance $i $Tester)
(invoke $i "arm" (u32.const 3) (u32.const 65535))
(assert_trap (invoke $i "ab-and-more-to-utf8") "string content out-of-bounds")

;; trap: store_probably_utf16_to_latin1_or_utf16/alignment
(component instance $i $Tester)
(invoke $i "arm" (u32.const 1) (u32.const 65))
(assert_trap (invoke $i "tagged-ab") "unaligned pointer")

;; trap: store_probably_utf16_to_latin1_or_utf16/bounds
(component instance $i $Tester)
(invoke $i "arm" (u32.const 1) (u32.const 65534))
(assert_trap (invoke $i "tagged-ab") "string content out-of-bounds")

;; trap: store_probably_utf16_to_latin1_or_utf16/latin1_bounds
(component instance $i $Tester)
(invoke $i "arm" (u32.const 2) (u32.const 65535))
(assert_trap (invoke $i "tagged-ab") "string content out-of-bounds")

