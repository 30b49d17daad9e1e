;; A memory with 64-bit addresses: accesses with wide offsets, in bulk, grown; and accesses out of bounds, which trap.
;; sum gives 499500n
;; size gives 3n
(module
  (memory $m (export "m") i64 2 4)
  (data $text "some text")
  (func (export "sum") (result i64) (local $i i64) (local $sum i64)
    (loop $fill
      (i64.store offset=8 (i64.mul (local.get $i) (i64.const 8)) (local.get $i))
      (br_if $fill (i64.lt_u (local.tee $i (i64.add (local.get $i) (i64.const 1))) (i64.const 1000))))
    (memory.copy (i64.const 65536) (i64.const 8) (i64.const 8000))
    (loop $add
      (local.set $i (i64.sub (local.get $i) (i64.const 1)))
      (local.set $sum (i64.add (local.get $sum) (i64.load offset=65536 (i64.shl (local.get $i) (i64.const 3)))))
      (br_if $add (i64.ne (local.get $i) (i64.const 0))))
    (memory.fill (i64.const 9000) (i32.const 9) (i64.const 77))
    (memory.init $text (i64.const 20000) (i32.const 1) (i32.const 8))
    (local.get $sum))
  (func (export "size") (result i64)
    (if (i64.lt_u (memory.size) (i64.const 3)) (then (drop (memory.grow (i64.const 1)))))
    (drop (memory.grow (i64.const 0x7fffffffffff)))
    (memory.size))
  (func (export "far") (result i32) (i32.load (i64.const 0x100000000)))
  (func (export "fill far") (memory.fill (i64.const 16) (i32.const 1) (i64.const 0x7fffffffffffffff)))
  (func (export "fill") (param $n i64) (memory.fill (i64.const 16) (i32.const 1) (local.get $n))))
