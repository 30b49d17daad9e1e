;; Continuations: a generator that is resumed, one that is bound to its arguments, one that is ended by an exception; a handler
;; that is the loop around.
;; generate gives 5050
;; bound gives 42
;; thrown gives 7
;; loop gives 15
(module
  (type $void (func))
  (type $gen (cont $void))
  (type $binary (func (param i32 i32) (result i32)))
  (type $binaryc (cont $binary))
  (type $unary (func (param i32) (result i32)))
  (type $unaryc (cont $unary))
  (tag $yield (param i32))
  (tag $stop (param i32))
  (elem declare func $numbers $few $add $ends)
  (func $numbers (local $i i32)
    (loop $l
      (suspend $yield (local.get $i))
      (br_if $l (i32.le_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100)))))
  (func $add (type $binary) (i32.add (local.get 0) (local.get 1)))
  (func (export "generate") (result i32) (local $c (ref null $gen)) (local $sum i32)
    (local.set $c (cont.new $gen (ref.func $numbers)))
    (block $done
      (loop $l
        (block $on (result i32 (ref $gen))
          (resume $gen (on $yield $on) (local.get $c))
          (br $done))
        (local.set $c)
        (local.set $sum (i32.add (local.get $sum)))
        (br $l)))
    (local.get $sum))
  (func (export "bound") (result i32)
    (resume $unaryc (i32.const 2) (cont.bind $binaryc $unaryc (i32.const 40) (cont.new $binaryc (ref.func $add)))))
  (func $ends
    (block $caught (result i32)
      (try_table (catch $stop $caught) (loop $l (suspend $yield (i32.const 1)) (br $l)))
      (unreachable))
    (throw $stop))
  (func (export "thrown") (result i32) (local $c (ref null $gen))
    (block $out (result i32)
      (try_table (catch $stop $out)
        (block $on (result i32 (ref $gen))
          (resume $gen (on $yield $on) (cont.new $gen (ref.func $ends)))
          (return (i32.const 1)))
        (local.set $c)
        (drop)
        (resume_throw $gen $stop (i32.const 7) (local.get $c)))
      (i32.const 2)))
  ;; A table of branches before, whose labels are no handlers of `suspend`.
  (func $few (local $n i32)
    (block $a (block $b (block $c (block $d (br_table $a $b $c $d (local.get $n))))))
    (suspend $yield (i32.const 4)) (suspend $yield (i32.const 5)) (suspend $yield (i32.const 6)))
  (func (export "loop") (result i32) (local $c (ref null $gen)) (local $sum i32)
    (i32.const 0)
    (cont.new $gen (ref.func $few))
    (loop $l (param i32 (ref $gen))
      (local.set $c)
      (local.set $sum (i32.add (local.get $sum)))
      (resume $gen (on $yield $l) (local.get $c)))
    (local.get $sum)))
