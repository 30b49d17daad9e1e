;; Exceptions with try_table: caught with and without references, thrown again, through calls and loops.
;; rounds gives 165
;; again gives 12
(module
  (import "fuzzing-support" "log-i32" (func $log (param i32)))
  (tag $e (param i32)) (tag $f)
  (func $thrower (param i32)
    (if (i32.and (local.get 0) (i32.const 1)) (then (throw $e (local.get 0))))
    (if (i32.and (local.get 0) (i32.const 2)) (then (throw $f))))
  (func (export "rounds") (result i32) (local $n i32) (local $sum i32)
    (loop $l
      (block $next
        (block $other
          (local.set $sum (i32.add (local.get $sum) (block $number (result i32)
            (try_table (catch $e $number) (catch_all $other)
              (if (i32.eq (local.get $n) (i32.const 9)) (then (call $log (local.get $n))))
              (call $thrower (local.get $n)))
            (i32.const 3))))
          (br $next))
        (local.set $sum (i32.add (local.get $sum) (i32.const 5))))
      (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 20))))
    (i32.add (local.get $sum) (i32.const 25)))
  (func $rethrows (param i32)
    (throw_ref (block $caught (result exnref)
      (try_table (catch_all_ref $caught) (call $thrower (local.get 0)))
      (return))))
  (func (export "again") (result i32) (local $n i32) (local $sum i32)
    (loop $l
      (local.set $sum (i32.add (local.get $sum) (block $h (result i32)
        (try_table (catch $e $h) (catch_all $l) (call $rethrows (local.tee $n (i32.add (local.get $n) (i32.const 1)))))
        (i32.const 3))))
      (br_if $l (i32.lt_u (local.get $n) (i32.const 5))))
    (local.get $sum))
  (func (export "uncaught") (param i32) (call $thrower (local.get 0))))
