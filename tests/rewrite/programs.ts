/** Programs that several tests of the rewriter put through it. */
import { wat } from '../support/wat.ts';

/** Loops of every shape, left by every kind of branch: what the writer of copied and cached loops has to get right. */
export const shapes = wat(`(module
  (type $pair (func (result i32 i32)))
  (import "h" "look" (func $look))
  (memory 1)
  (func $leaf (param i32) (result i32) (i32.xor (local.get 0) (i32.const 0x55)))
  (func $die (unreachable))
  (func (export "exits") (param $n i32) (result i32) (local $s i32)
    (block $out
      (loop $l
        (br_if $out (i32.eq (local.get $s) (i32.const 77)))
        (if (i32.eq (local.get $n) (i32.const 1000)) (then (return (i32.const -1))))
        (local.set $s (i32.add (local.get $s) (call $leaf (local.get $n))))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (local.get $s))
  (func (export "value") (param $n i32) (result i32) (local $s i32)
    (block $out (result i32)
      (loop $l (result i32)
        (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 3)) (local.get $n)))
        (drop (br_if $out (local.get $s) (i32.gt_u (local.get $s) (i32.const 100000))))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))
        (i32.add (local.get $s) (i32.const 1)))))
  (func (export "table") (param $n i32) (result i32) (local $s i32)
    (block $a (block $b
      (loop $l
        (local.set $s (i32.add (local.get $s) (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_table $b $l $l $a $l (i32.and (local.get $n) (i32.const 7)))))
      (return (i32.add (local.get $s) (i32.const 5))))
    (local.get $s))
  (func (export "nested") (param $n i32) (result i32) (local $i i32) (local $s i32)
    (loop $outer
      (call $look)
      (local.set $i (local.tee $n (i32.sub (local.get $n) (i32.const 1))))
      (block $skip
        (loop $middle
          (loop $inner
            (local.set $s (i32.add (local.get $s) (local.get $i)))
            (br_if $skip (i32.eq (i32.and (local.get $s) (i32.const 31)) (i32.const 17)))
            (br_if $outer (i32.and (i32.gt_s (local.get $n) (i32.const 0)) (i32.and (local.get $s) (i32.const 8))))
            (br_if $inner (i32.and (local.tee $i (i32.sub (local.get $i) (i32.const 1))) (i32.const 3))))
          (br_if $middle (i32.gt_s (local.get $i) (i32.const 0)))))
      (if (i32.lt_s (local.get $n) (i32.const 0)) (then (call $die) (unreachable)))
      (br_if $outer (local.get $n)))
    (local.get $s))
  (func (export "pair") (param $n i32) (result i32 i32)
    (loop $l (type $pair)
      (br_if 1 (local.get $n) (i32.const 4) (i32.eq (local.get $n) (i32.const 3)))
      (drop) (drop)
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))
      (i32.const 8) (local.get $n))))`);
