;; Tables with 64-bit indices: calls through them, and every instruction on tables.
;; calls gives 500
;; size gives 12n
(module
  (type $f (func (param i32) (result i32)))
  (table $t (export "t") i64 4 12 funcref)
  (table $u 8 funcref)
  (elem (table $t) (i64.const 0) func $once $twice)
  (elem $passive func $twice $once $twice)
  (func $once (param i32) (result i32) (local.get 0))
  (func $twice (param i32) (result i32) (i32.shl (local.get 0) (i32.const 1)))
  (func (export "calls") (result i32) (local $i i64) (local $sum i32)
    (table.init $t $passive (i64.const 2) (i32.const 0) (i32.const 1))
    (table.set $t (i64.const 3) (table.get $t (i64.const 0)))
    (loop $l
      (local.set $sum (i32.add (local.get $sum)
        (call_indirect $t (type $f) (i32.const 5) (i64.and (local.get $i) (i64.const 2)))))
      (local.set $i (i64.add (local.get $i) (i64.const 2)))
      (br_if $l (i64.lt_u (local.get $i) (i64.const 132))))
    (i32.add (local.get $sum) (i32.const 5)))
  (func (export "size") (result i64)
    (drop (table.grow $t (ref.func $twice) (i64.const 0x7fffffffffff)))
    (if (i64.eq (table.size $t) (i64.const 4)) (then (drop (table.grow $t (ref.func $twice) (i64.const 8)))))
    (table.fill $t (i64.const 6) (ref.func $once) (i64.const 5))
    (table.copy $t $t (i64.const 4) (i64.const 6) (i64.const 3))
    (table.size $t))
  (func (export "out of bounds") (result i32) (call_indirect $t (type $f) (i32.const 5) (i64.const 0x100000000)))
  (func (export "fill out of bounds") (table.fill $t (i64.const 6) (ref.null func) (i64.const -1))))
