;; Typed function references: called, and called as tails; null or not.
;; sum gives 3000
;; tail gives 0
(module
  (type $f (func (param i32) (result i32)))
  (table $t 4 (ref null $f))
  (elem (table $t) (i32.const 0) (ref null $f) (ref.func $one) (ref.func $two))
  (elem declare func $down)
  (func $one (type $f) (local.get 0))
  (func $two (type $f) (i32.mul (local.get 0) (i32.const 2)))
  (func $call (param (ref null $f)) (result i32)
    (block $null
      (return (call_ref $f (i32.const 10) (br_on_null $null (local.get 0)))))
    (i32.const 0))
  (func (export "sum") (result i32) (local $i i32) (local $sum i32)
    (loop $l
      (local.set $sum (i32.add (local.get $sum) (call $call (table.get $t (i32.and (local.get $i) (i32.const 3))))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 400))))
    (local.get $sum))
  (func $down (type $f)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
    (return_call_ref $f (i32.sub (local.get 0) (i32.const 1)) (ref.func $down)))
  (func (export "tail") (result i32) (call $down (i32.const 1000)))
  (func (export "null") (result i32) (call_ref $f (i32.const 1) (ref.null $f)))
  (func (export "not null") (param i32) (result i32)
    (block $some (result (ref $f))
      (br_on_non_null $some (table.get $t (i32.and (local.get 0) (i32.const 7))))
      (return (i32.const -1)))
    (call $call)))
