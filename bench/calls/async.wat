;; Async functions that the host calls, and a stream between two guests, written and read in blocks of 64 KiB.
(component
  (component $Reader
    (type $bytes (stream u8))
    (core module $Mem (memory (export "mem") 4))
    (core instance $mem (instantiate $Mem))
    (alias core export $mem "mem" (core memory $m))
    (core func $return (canon task.return (result u32)))
    (core func $read (canon stream.read $bytes (memory $m)))
    (core module $M
      (import "" "return" (func $return (param i32)))
      (import "" "read" (func $read (param i32 i32 i32) (result i32)))
      (func (export "add") (param i32 i32) (result i32)
        (call $return (i32.add (local.get 0) (local.get 1)))
        (i32.const 0))
      (func (export "drain") (param $stream i32) (result i32)
        ;; Until what came says that the writer has gone.
        (loop $again
          (br_if $again (i32.eqz
            (i32.and (call $read (local.get $stream) (i32.const 0x10000) (i32.const 0x10000)) (i32.const 15)))))
        (call $return (i32.const 0))
        (i32.const 0))
      (func (export "again") (param i32 i32 i32) (result i32) (unreachable)))
    (core instance $i (instantiate $M (with "" (instance
      (export "return" (func $return)) (export "read" (func $read))))))
    (func (export "add") async (param "x" u32) (param "y" u32) (result u32)
      (canon lift (core func $i "add") async (callback (core func $i "again"))))
    (func (export "drain") async (param "from" $bytes) (result u32)
      (canon lift (core func $i "drain") async (callback (core func $i "again")))))

  (component $Writer
    (type $bytes (stream u8))
    (import "drain" (func $drain async (param "from" $bytes) (result u32)))
    (core module $Mem (memory (export "mem") 4))
    (core instance $mem (instantiate $Mem))
    (alias core export $mem "mem" (core memory $m))
    (core func $drain' (canon lower (func $drain) async (memory $m)))
    (core func $new (canon stream.new $bytes))
    (core func $write (canon stream.write $bytes (memory $m)))
    (core func $drop (canon stream.drop-writable $bytes))
    (core module $M
      (import "" "drain" (func $drain (param i32 i32) (result i32)))
      (import "" "new" (func $new (result i64)))
      (import "" "write" (func $write (param i32 i32 i32) (result i32)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "stream") (param $n i32) (result i32) (local $ends i64) (local $to i32)
        (local.set $ends (call $new))
        (local.set $to (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
        (drop (call $drain (i32.wrap_i64 (local.get $ends)) (i32.const 16)))
        (loop $again
          (drop (call $write (local.get $to) (i32.const 0x10000) (i32.const 0x10000)))
          (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (call $drop (local.get $to))
        (i32.const 0)))
    (core instance $i (instantiate $M (with "" (instance
      (export "drain" (func $drain')) (export "new" (func $new)) (export "write" (func $write))
      (export "drop" (func $drop))))))
    (func (export "n-stream") async (param "n" u32) (result u32) (canon lift (core func $i "stream"))))

  (instance $reader (instantiate $Reader))
  (instance $writer (instantiate $Writer (with "drain" (func $reader "drain"))))
  (export "add" (func $reader "add"))
  (export "n-stream" (func $writer "n-stream")))
