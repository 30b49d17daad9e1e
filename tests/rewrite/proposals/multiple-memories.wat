;; Multiple memories: every kind of access names one; copies go between two.
;; copy-sum gives 4950
;; grow gives 3
(module
  (memory $a 1) (memory $b 2 5) (memory $c 1)
  (data $text "0123456789")
  (export "a" (memory $a)) (export "b" (memory $b)) (export "c" (memory $c))
  (func (export "copy-sum") (result i32) (local $i i32) (local $sum i32)
    (loop $fill
      (i32.store8 $b offset=65536 (local.get $i) (local.get $i))
      (br_if $fill (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))
    (memory.copy $a $b (i32.const 7) (i32.const 65536) (i32.const 100))
    (memory.init $c $text (i32.const 1) (i32.const 2) (i32.const 8))
    (memory.fill $c (i32.const 100) (i32.const 5) (i32.const 33))
    (loop $add
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u $a offset=7 (local.get $i))))
      (br_if $add (local.get $i)))
    (local.get $sum))
  (func (export "grow") (result i32)
    (drop (memory.grow $c (i32.const 1)))
    (drop (memory.grow $b (i32.const 1)))
    (if (i32.eq (memory.size $c) (i32.const 1)) (then (unreachable)))
    (select (i32.const 3) (memory.size $b) (i32.ge_s (memory.size $b) (i32.const 3))))
  (func (export "store") (param $at i32) (param $value i64)
    (i64.store $c (i32.and (local.get $at) (i32.const 0xffff)) (local.get $value))
    (i64.store $b (local.get $at) (local.get $value))))
