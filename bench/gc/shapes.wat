;; Virtual calls and casts: an array of objects of four classes, each asked for its class and then
;; for a number that only its class knows.
(module
  (type $shape (sub (struct (field $id i32))))
  (type $circle (sub $shape (struct (field $id i32) (field $radius i32))))
  (type $square (sub $shape (struct (field $id i32) (field $side i32))))
  (type $box (sub final $square (struct (field $id i32) (field $side i32) (field $height i32))))
  (type $shapes (array (mut (ref null $shape))))

  (func $make (param $i i32) (result (ref $shape))
    (if (i32.eqz (i32.and (local.get $i) (i32.const 3)))
      (then (return (struct.new $shape (local.get $i)))))
    (if (i32.eq (i32.and (local.get $i) (i32.const 3)) (i32.const 1))
      (then (return (struct.new $circle (local.get $i) (local.get $i)))))
    (if (i32.eq (i32.and (local.get $i) (i32.const 3)) (i32.const 2))
      (then (return (struct.new $square (local.get $i) (local.get $i)))))
    (struct.new $box (local.get $i) (local.get $i) (i32.const 3)))

  (func $measure (param $shape (ref null $shape)) (result i32)
    (block $is_box (result (ref $box))
      (block $is_square (result (ref $square))
        (block $is_circle (result (ref $circle))
          (br_on_cast $is_circle (ref null $shape) (ref $circle) (local.get $shape))
          (br_on_cast $is_box (ref null $shape) (ref $box))
          (br_on_cast $is_square (ref null $shape) (ref $square))
          (return (struct.get $shape $id)))
        (return (i32.mul (struct.get $circle $radius) (i32.const 3))))
      (return (i32.mul (struct.get $square $side) (i32.const 4))))
    (struct.get $box $height))

  (func (export "run") (param $rounds i32) (result i32)
    (local $shapes (ref null $shapes)) (local $i i32) (local $sum i32)
    (local.set $shapes (array.new_default $shapes (i32.const 1000)))
    (loop $fill
      (array.set $shapes (local.get $shapes) (local.get $i)
        (call $make (i32.mul (local.get $i) (i32.const 0x9e3779b1))))
      (br_if $fill
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000))))
    (loop $round
      (local.set $i (i32.const 0))
      (loop $each
        (local.set $sum (i32.add (local.get $sum)
          (call $measure (array.get $shapes (local.get $shapes) (local.get $i)))))
        (br_if $each (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
          (array.len (local.get $shapes)))))
      (br_if $round (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
    (local.get $sum)))
