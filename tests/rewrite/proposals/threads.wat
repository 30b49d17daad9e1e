;; A shared memory and atomic instructions, as a single thread sees them; nobody waits, because nobody would wake it.
;; count gives 1000
;; wait gives 1
;; wait-timeout gives 2
;; notify gives 0
(module
  (memory (export "m") 1 1 shared)
  (func (export "count") (result i32) (local $i i32)
    (i32.atomic.store (i32.const 8) (i32.const 0))
    (loop $l
      (drop (i32.atomic.rmw.add (i32.const 8) (i32.const 1)))
      (drop (i64.atomic.rmw16.xchg_u (i32.const 16) (i64.const 77)))
      (drop (i32.atomic.rmw8.cmpxchg_u (i32.const 24) (i32.const 0) (local.get $i)))
      (atomic.fence)
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000))))
    (i32.atomic.load (i32.const 8)))
  (func (export "spin lock") (param $n i32) (result i32)
    (local.set $n (i32.and (local.get $n) (i32.const 255)))
    (loop $l
      (loop $acquire (br_if $acquire (i32.atomic.rmw.cmpxchg (i32.const 64) (i32.const 0) (i32.const 1))))
      (i32.store (i32.const 68) (i32.add (i32.load (i32.const 68)) (local.get $n)))
      (i32.atomic.store (i32.const 64) (i32.const 0))
      (br_if $l (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
    (i32.load (i32.const 68)))
  (func (export "wait") (result i32) (memory.atomic.wait32 (i32.const 128) (i32.const 1) (i64.const 1000)))
  (func (export "wait-timeout") (result i32) (memory.atomic.wait32 (i32.const 128) (i32.const 0) (i64.const 1000)))
  (func (export "notify") (result i32) (memory.atomic.notify (i32.const 128) (i32.const 10)))
  (func (export "unaligned") (result i32) (i32.atomic.load (i32.const 3))))
