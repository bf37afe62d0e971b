;; Sorts an array of i32, and one of references to structs by a field.
(module
  (type $ints (array (mut i32)))
  (type $item (sub final (struct (field $key i32))))
  (type $items (array (mut (ref null $item))))
  (global $seed (mut i32) (i32.const 42))

  (func $random (result i32)
    (global.set $seed (i32.add (i32.mul (global.get $seed) (i32.const 1664525))
      (i32.const 1013904223)))
    (i32.shr_u (global.get $seed) (i32.const 8)))

  (func $sift_ints (param $a (ref null $ints)) (param $at i32) (param $end i32)
    (local $child i32) (local $value i32)
    (local.set $value (array.get $ints (local.get $a) (local.get $at)))
    (block $done
      (loop $down
        (local.set $child (i32.add (i32.shl (local.get $at) (i32.const 1)) (i32.const 1)))
        (br_if $done (i32.ge_u (local.get $child) (local.get $end)))
        (if (i32.lt_u (i32.add (local.get $child) (i32.const 1)) (local.get $end))
          (then
            (if (i32.lt_u (array.get $ints (local.get $a) (local.get $child))
                (array.get $ints (local.get $a) (i32.add (local.get $child) (i32.const 1))))
              (then (local.set $child (i32.add (local.get $child) (i32.const 1)))))))
        (br_if $done (i32.ge_u (local.get $value)
          (array.get $ints (local.get $a) (local.get $child))))
        (array.set $ints (local.get $a) (local.get $at)
          (array.get $ints (local.get $a) (local.get $child)))
        (local.set $at (local.get $child))
        (br $down)))
    (array.set $ints (local.get $a) (local.get $at) (local.get $value)))

  (func $sort_ints (param $n i32) (result i32)
    (local $a (ref null $ints)) (local $i i32) (local $value i32)
    (local.set $a (array.new_default $ints (local.get $n)))
    (loop $fill
      (array.set $ints (local.get $a) (local.get $i) (call $random))
      (br_if $fill (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.set $i (i32.shr_u (local.get $n) (i32.const 1)))
    (loop $build
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (call $sift_ints (local.get $a) (local.get $i) (local.get $n))
      (br_if $build (local.get $i)))
    (local.set $i (local.get $n))
    (loop $take
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (local.set $value (array.get $ints (local.get $a) (local.get $i)))
      (array.set $ints (local.get $a) (local.get $i)
        (array.get $ints (local.get $a) (i32.const 0)))
      (array.set $ints (local.get $a) (i32.const 0) (local.get $value))
      (call $sift_ints (local.get $a) (i32.const 0) (local.get $i))
      (br_if $take (i32.gt_u (local.get $i) (i32.const 1))))
    (array.get $ints (local.get $a) (i32.shr_u (local.get $n) (i32.const 1))))

  (func $sift_items (param $a (ref null $items)) (param $at i32) (param $end i32)
    (local $child i32) (local $value (ref null $item))
    (local.set $value (array.get $items (local.get $a) (local.get $at)))
    (block $done
      (loop $down
        (local.set $child (i32.add (i32.shl (local.get $at) (i32.const 1)) (i32.const 1)))
        (br_if $done (i32.ge_u (local.get $child) (local.get $end)))
        (if (i32.lt_u (i32.add (local.get $child) (i32.const 1)) (local.get $end))
          (then
            (if (i32.lt_u
                (struct.get $item $key (array.get $items (local.get $a) (local.get $child)))
                (struct.get $item $key
                  (array.get $items (local.get $a) (i32.add (local.get $child) (i32.const 1)))))
              (then (local.set $child (i32.add (local.get $child) (i32.const 1)))))))
        (br_if $done (i32.ge_u (struct.get $item $key (local.get $value))
          (struct.get $item $key (array.get $items (local.get $a) (local.get $child)))))
        (array.set $items (local.get $a) (local.get $at)
          (array.get $items (local.get $a) (local.get $child)))
        (local.set $at (local.get $child))
        (br $down)))
    (array.set $items (local.get $a) (local.get $at) (local.get $value)))

  (func $sort_items (param $n i32) (result i32)
    (local $a (ref null $items)) (local $i i32) (local $value (ref null $item))
    (local.set $a (array.new_default $items (local.get $n)))
    (loop $fill
      (array.set $items (local.get $a) (local.get $i) (struct.new $item (call $random)))
      (br_if $fill (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.set $i (i32.shr_u (local.get $n) (i32.const 1)))
    (loop $build
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (call $sift_items (local.get $a) (local.get $i) (local.get $n))
      (br_if $build (local.get $i)))
    (local.set $i (local.get $n))
    (loop $take
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (local.set $value (array.get $items (local.get $a) (local.get $i)))
      (array.set $items (local.get $a) (local.get $i)
        (array.get $items (local.get $a) (i32.const 0)))
      (array.set $items (local.get $a) (i32.const 0) (local.get $value))
      (call $sift_items (local.get $a) (i32.const 0) (local.get $i))
      (br_if $take (i32.gt_u (local.get $i) (i32.const 1))))
    (struct.get $item $key (array.get $items (local.get $a) (i32.shr_u (local.get $n) (i32.const 1)))))

  (func (export "run") (param $n i32) (result i32)
    (i32.add (call $sort_ints (local.get $n)) (call $sort_items (local.get $n)))))
