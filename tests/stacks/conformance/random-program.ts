/**
 * A program that decides by a generator of random numbers what its tasks do next, on their own stacks and on others: yield, sleep, switch,
 * free, trap, change priority, wait for an interrupt, mask, pend interrupts of two priorities, whose handlers may wait and switch too.
 * Kinds of stacks must not tell in it.
 */
import { type InterfaceName, module } from '../machines.ts';

const INTERFACES: readonly InterfaceName[] = ['wirq/task', 'wirq/stack', 'wirq/irq'];

/** `main(seed)`. Line 4 is for a timer. */
export const RANDOM_PROGRAM = module(
  `
  (global $__stack_pointer (mut i32) (i32.const 65536))
  (table funcref (elem $worker $side $handler_side))
  (global $random (mut i32) (i32.const 1))
  (global $hash (mut i32) (i32.const 0))
  (func $below (param $n i32) (result i32)
    (global.set $random (i32.add (i32.mul (global.get $random) (i32.const 1103515245)) (i32.const 12345)))
    (i32.rem_u (i32.shr_u (global.get $random) (i32.const 12)) (local.get $n)))
  (func $note (param i32) (global.set $hash (i32.add (i32.mul (global.get $hash) (i32.const 31)) (local.get 0))))
  (func $works (local $i i32)
    (local.set $i (call $below (i32.const 600)))
    (loop $l (br_if $l (i32.gt_s (local.tee $i (i32.sub (local.get $i) (i32.const 1))) (i32.const 0)))))
  (func $naps (call $task.sleep (i64.extend_i32_u (call $below (i32.const 40000)))))
  (func $alive (param $id i32) (result i32)
    (if (result i32) (local.get $id) (then (call $stack.alive (local.get $id))) (else (i32.const 0))))
  (func $slot (param $k i32) (result i32)
    (i32.add (i32.const 1024) (i32.mul (i32.const 4) (i32.add (i32.mul (local.get $k) (i32.const 4)) (call $below (i32.const 4))))))
  (func $goes (param $k i32) (local $slot i32) (local $id i32)
    (local.set $id (i32.load (local.tee $slot (call $slot (local.get $k)))))
    (if (i32.eqz (call $alive (local.get $id)))
      (then (i32.store (local.get $slot) (local.tee $id (call $stack.new (i32.const 1) (local.get $k))))))
    (call $stack.switch (local.get $id)))
  (func $frees (param $k i32) (local $id i32)
    (local.set $id (i32.load (call $slot (local.get $k))))
    (if (call $alive (local.get $id))
      (then (if (i32.ne (call $stack.current) (local.get $id)) (then (call $stack.free (local.get $id)))))))
  (func $masks
    (drop (call $irq.set_primask (i32.const 1)))
    (call $works) (call $irq.set_pending (i32.const 3))
    (drop (call $irq.set_primask (i32.const 0))))
  (func $acts (param $k i32) (local $frame i32)
    (global.set $__stack_pointer (local.tee $frame (i32.sub (global.get $__stack_pointer) (i32.const 32))))
    (i32.store (local.get $frame) (local.get $k))
    (block $done
      (block $11 (block $10 (block $9 (block $8 (block $7 (block $6 (block $5 (block $4 (block $3 (block $2 (block $1 (block $0
        (br_table $0 $1 $2 $3 $4 $5 $6 $7 $8 $9 $10 $11 (call $below (i32.const 12))))
        (call $task.yield) (br $done))
        (call $naps) (br $done))
        (call $goes (local.get $k)) (br $done))
        (call $goes (local.get $k)) (br $done))
        (call $stack.switch (i32.const 0)) (br $done))
        (call $frees (local.get $k)) (br $done))
        (call $irq.set_pending (i32.const 3)) (br $done))
        (call $works) (br $done))
        (call $task.set_priority (call $task.current) (i32.add (i32.const 100) (call $below (i32.const 4)))) (br $done))
        (call $masks) (br $done))
        (call $irq.wfi) (br $done))
        (call $irq.set_pending (i32.const 5)))
    (call $note (i32.add (local.get $k) (call $stack.current)))
    (if (i32.ne (i32.load (local.get $frame)) (local.get $k)) (then (unreachable)))
    (global.set $__stack_pointer (i32.add (local.get $frame) (i32.const 32))))
  (func $worker (param $k i32) (result i32) (local $i i32)
    (loop $l
      (call $acts (local.get $k))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 60))))
    (local.get $k))
  (func $side (param $k i32) (local $i i32)
    (local.set $i (call $below (i32.const 12)))
    (loop $l
      (call $acts (local.get $k))
      (br_if $l (i32.gt_s (local.tee $i (i32.sub (local.get $i) (i32.const 1))) (i32.const 0))))
    (if (i32.eqz (call $below (i32.const 9))) (then (unreachable))))
  (func $handler_side
    (call $note (i32.const 77))
    (if (call $below (i32.const 2)) (then (call $naps)))
    (call $stack.switch (i32.const 0))
    (call $note (i32.const 78)))
  (func (export "IRQ3_Handler") (local $id i32)
    (call $note (i32.const 99))
    (if (i32.eqz (call $below (i32.const 3))) (then (call $naps)))
    (if (i32.eqz (call $below (i32.const 3)))
      (then
        (call $stack.switch (local.tee $id (call $stack.new (i32.const 2) (i32.const 0))))
        (call $stack.switch (local.get $id))
        (if (call $alive (local.get $id)) (then (call $stack.free (local.get $id))))))
    (call $note (i32.const 98)))
  (func (export "IRQ4_Handler") (call $note (i32.const 44)))
  (func (export "IRQ5_Handler")
    (call $note (i32.const 55))
    (call $works)
    (if (i32.eqz (call $below (i32.const 4))) (then (call $irq.wfi)))
    (call $irq.set_pending (i32.const 3)))
  (func (export "malloc") (param i32) (result i32) (i32.const 0))
  (func (export "main") (param $seed i32) (result i32) (local $k i32)
    (global.set $random (local.get $seed))
    (local.set $k (i32.const 3))
    (loop $l
      (call $irq.enable (local.get $k))
      (br_if $l (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 6))))
    (call $irq.set_priority (i32.const 4) (i32.const 32))
    (call $irq.set_priority (i32.const 3) (i32.const 64))
    (call $irq.set_priority (i32.const 5) (i32.const 128))
    (local.set $k (i32.const 0))
    (loop $l
      (i32.store
        (i32.add (i32.const 512) (i32.mul (local.get $k) (i32.const 4)))
        (call $task.spawn (i32.const 0) (local.get $k) (i32.add (i32.const 100) (call $below (i32.const 3)))))
      (br_if $l (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 4))))
    (local.set $k (i32.const 0))
    (loop $l
      (call $note (call $task.join (i32.load (i32.add (i32.const 512) (i32.mul (local.get $k) (i32.const 4))))))
      (br_if $l (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 4))))
    (global.get $hash))`,
  INTERFACES,
);
