;; Bulk instructions of every length in loops, in functions that only calls reach, behind branches; some trap half way through.
;; shift gives 19900
;; primes gives 168
(module
  (memory (export "m") 1)
  (data $text "a passive segment")
  (func $clear (param $at i32) (param $n i32) (memory.fill (local.get $at) (i32.const 0) (local.get $n)))
  (func (export "shift") (result i32) (local $i i32) (local $sum i32)
    (call $clear (i32.const 0) (i32.const 1000))
    (loop $fill
      (memory.copy (i32.const 1) (i32.const 0) (local.get $i))
      (i32.store8 (i32.const 0) (local.get $i))
      (br_if $fill (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 200))))
    (loop $add
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $i))))
      (br_if $add (local.get $i)))
    (local.get $sum))
  (func (export "primes") (result i32) (local $i i32) (local $k i32) (local $count i32)
    (call $clear (i32.const 2000) (i32.const 1000))
    (local.set $i (i32.const 1))
    (loop $next
      (if (i32.ge_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000))
        (then (return (local.get $count))))
      (br_if $next (i32.load8_u offset=2000 (local.get $i)))
      (local.set $count (i32.add (local.get $count) (i32.const 1)))
      (local.set $k (local.get $i))
      (loop $strike
        (br_if $next (i32.ge_u (local.tee $k (i32.add (local.get $k) (local.get $i))) (i32.const 1000)))
        (memory.fill (i32.add (local.get $k) (i32.const 2000)) (i32.const 1) (i32.const 1))
        (br $strike)))
    (unreachable))
  (func (export "until it traps") (param $n i32) (local $at i32)
    (local.set $n (i32.or (i32.and (local.get $n) (i32.const 0xfff)) (i32.const 0x100)))
    (loop $l
      (memory.init $text (local.get $at) (i32.const 1) (i32.and (local.get $at) (i32.const 15)))
      (memory.copy (i32.add (local.get $at) (i32.const 3)) (local.get $at) (local.get $n))
      (local.set $at (i32.add (local.get $at) (local.get $n)))
      (br $l)))
  (func (export "maybe") (param $n i32) (result i32)
    (block $skip
      (br_if $skip (i32.and (local.get $n) (i32.const 1)))
      (memory.fill (i32.const 100) (local.get $n) (i32.and (local.get $n) (i32.const 0x1ff)))
      (br_if $skip (i32.and (local.get $n) (i32.const 2)))
      (if (i32.and (local.get $n) (i32.const 4)) (then (call $clear (i32.const 100) (i32.const 20)))))
    (i32.load (i32.const 104))))
