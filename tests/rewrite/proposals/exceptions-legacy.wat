;; Exceptions as they were first encoded: try, catch, catch_all, rethrow, delegate.
;; rounds gives 175
(module
  (import "fuzzing-support" "log-i32" (func $log (param i32)))
  (tag $e (param i32)) (tag $f)
  (func $thrower (param i32)
    (if (i32.and (local.get 0) (i32.const 1)) (then (throw $e (local.get 0))))
    (if (i32.and (local.get 0) (i32.const 2)) (then (throw $f))))
  (func (export "rounds") (result i32) (local $n i32) (local $sum i32)
    (loop $l
      (try $outer
        (do
          (try $inner
            (do
              (if (i32.eq (local.get $n) (i32.const 9)) (then (call $log (local.get $n))))
              (try (do (call $thrower (local.get $n))) (delegate $inner)))
            (catch $e (local.set $sum (i32.add (local.get $sum))))
            (catch_all (local.set $sum (i32.add (local.get $sum) (i32.const 10))) (rethrow $inner))))
        (catch_all (local.set $sum (i32.add (local.get $sum) (i32.const 5)))))
      (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 20))))
    (local.get $sum))
  (func (export "uncaught") (param i32) (try (do (call $thrower (local.get 0))) (catch $f))))
