;; Builds and walks complete binary trees, most of them short-lived, beside one that lives long.
;; `run` takes the depth of the largest and gives the number of nodes walked.
(module
  (type $tree (sub final (struct (field $left (ref null $tree)) (field $right (ref null $tree)))))

  (func $build (param $depth i32) (result (ref $tree))
    (if (i32.eqz (local.get $depth))
      (then (return (struct.new_default $tree))))
    (struct.new $tree
      (call $build (i32.sub (local.get $depth) (i32.const 1)))
      (call $build (i32.sub (local.get $depth) (i32.const 1)))))

  (func $count (param $tree (ref null $tree)) (result i32)
    (if (ref.is_null (struct.get $tree $left (local.get $tree)))
      (then (return (i32.const 1))))
    (i32.add
      (i32.add (i32.const 1) (call $count (struct.get $tree $left (local.get $tree))))
      (call $count (struct.get $tree $right (local.get $tree)))))

  (func (export "run") (param $max i32) (result i32)
    (local $long (ref null $tree))
    (local $depth i32) (local $left i32) (local $sum i32)
    (local.set $long (call $build (local.get $max)))
    (local.set $depth (i32.const 4))
    (loop $depths
      (local.set $left (i32.shl (i32.const 1)
        (i32.add (i32.sub (local.get $max) (local.get $depth)) (i32.const 4))))
      (loop $trees
        (local.set $sum (i32.add (local.get $sum) (call $count (call $build (local.get $depth)))))
        (br_if $trees (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (br_if $depths
        (i32.le_u (local.tee $depth (i32.add (local.get $depth) (i32.const 2))) (local.get $max))))
    (i32.add (local.get $sum) (call $count (local.get $long)))))
