;; Throws and catches. `run` takes how often, and how many frames lie between the two; it gives the
;; sum of what was thrown. `quiet` runs the same calls in a `try_table` without throwing.
(module
  (tag $e (param i32))

  (func $throw (param $value i32) (result i32)
    (throw $e (local.get $value)))

  (func $descend (param $value i32) (param $depth i32) (result i32)
    (if (i32.eqz (local.get $depth)) (then (return (call $throw (local.get $value)))))
    (i32.add (i32.const 1)
      (call $descend (local.get $value) (i32.sub (local.get $depth) (i32.const 1)))))

  (func (export "run") (param $times i32) (param $depth i32) (result i32)
    (local $sum i32)
    (loop $again
      (block $caught (result i32)
        (try_table (result i32) (catch $e $caught)
          (call $descend (local.get $times) (local.get $depth))))
      (local.set $sum (i32.add (local.get $sum)))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (local.get $sum))

  (func $pass (param $value i32) (result i32)
    (if (i32.eq (local.get $value) (i32.const -1)) (then (throw $e (local.get $value))))
    (local.get $value))

  (func (export "quiet") (param $times i32) (result i32)
    (local $sum i32)
    (loop $again
      (block $caught (result i32)
        (try_table (result i32) (catch $e $caught) (call $pass (local.get $times))))
      (local.set $sum (i32.add (local.get $sum)))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (local.get $sum)))
