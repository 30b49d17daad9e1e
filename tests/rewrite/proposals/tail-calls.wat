;; Tail calls, direct and through tables, from loops and out of blocks that have to be left.
;; even gives 1
;; through gives 777
(module
  (type $t (func (param i32 i32) (result i32)))
  (table funcref (elem $count $last))
  (func $even (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 1))))
    (return_call $odd (i32.sub (local.get 0) (i32.const 1))))
  (func $odd (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
    (return_call $even (i32.sub (local.get 0) (i32.const 1))))
  (func (export "even") (result i32) (call $even (i32.const 20000)))
  (func $last (type $t) (local.get 1))
  (func $count (type $t) (local $i i32)
    (block $b (block $c
      (loop $l
        (br_if $b (i32.gt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 7)))
        (br_if $l (local.get 0)))
      (return_call_indirect (type $t) (i32.const 0) (local.get 1) (i32.const 1))))
    (return_call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.add (local.get 1) (i32.const 7))
      (i32.const 0)))
  (func (export "through") (result i32) (call $count (i32.const 100) (i32.const 77))))
