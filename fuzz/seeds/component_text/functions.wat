(component $C
  (import "i" (instance $i (export "r" (type $r (sub resource)))
    (export "f" (func (param "x" (borrow $r)) (result (option string))))))
  (core module $L (memory (export "m") 1) (func (export "f") (param i32) (result i32) local.get 0))
  (core instance $l (instantiate $L (with "e" (instance (export "f" (func 0))))))
  (core func $lo (canon lower (func $i "f") (memory (core memory $l "m")) string-encoding=utf16))
  (func $g (export "g") async (param "a" (list u8)) (canon lift (core func $l "f") async
    (callback (core func $l "f"))))
  (canon stream.read 0 async (memory 0) (core func $read))
  (canon task.return (result u8) (core func))
  (export $e "h" (implements "a:b/c") (func $g) (func)))
