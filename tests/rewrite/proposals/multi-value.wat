;; Blocks, loops and functions with parameters and several results, and constants that are computed.
;; fibonacci gives [121393 75025]
;; constant gives 1042
(module
  (global $base i32 (i32.const 1000))
  (global $sum i32 (i32.add (global.get $base) (i32.mul (i32.const 6) (i32.const 7))))
  (memory (export "m") 1)
  (data (offset (i32.sub (global.get $base) (i32.const 990))) "placed")
  (func $swap (param i32 i32) (result i32 i32) (local.get 1) (local.get 0))
  (func (export "fibonacci") (result i32 i32) (local $n i32) (local $t i32)
    (local.set $n (i32.const 24))
    (i32.const 1) (i32.const 1)
    (loop $l (param i32 i32) (result i32 i32)
      (call $swap)
      (local.set $t)
      (local.get $t)
      (i32.add)
      (local.get $t)
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $l (i32.gt_s (local.get $n) (i32.const 0)))
      (if (param i32 i32) (result i32 i32) (local.get $n) (then (call $swap)) (else))))
  (func (export "constant") (result i32) (global.get $sum)))
