/** An interrupt allocates nothing: from the pend through arbitration, accounting and its handler to the return. */
import { getHeapStatistics } from 'node:v8';
import test from 'ava';
import { Machine } from '../../src/machine/machine.ts';
import { wat } from '../support/wat.ts';

const INTERRUPTS = 300_000;
/** Far less than the least there is to allocate, a number on the heap; for what the engine does meanwhile. */
const BYTES_EACH = 4;

const PENDS = wat(`(module
  (import "wirq/irq" "set_pending" (func $pend (param i32)))
  (import "test" "used" (func $used))
  (import "test" "waste" (func $waste))
  (global $handled (mut i32) (i32.const 0))
  (func (export "IRQ0_Handler") (global.set $handled (i32.add (global.get $handled) (i32.const 1))))
  (func $pends (param $wasteful i32) (local $left i32)
    (local.set $left (i32.const ${INTERRUPTS}))
    (loop $next
      (call $pend (i32.const 0))
      (if (local.get $wasteful) (then (call $waste)))
      (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))
  (func (export "main") (param $wasteful i32) (result i32)
    (call $pends (local.get $wasteful))
    (call $used)
    (call $pends (local.get $wasteful))
    (call $used)
    (global.get $handled)))`);

/** The bytes that the heap grew by for each interrupt: a collection shows as a negative number, but for what is kept. */
function growth(t: import('ava').ExecutionContext, wasteful: boolean): number {
  const used: number[] = [];
  const kept: object[] = [];
  const machine = Machine.load(PENDS, {
    invoke: 'main',
    args: [wasteful ? '1' : '0'],
    imports: {
      test: {
        used: { signature: '>', call: () => used.push(getHeapStatistics().used_heap_size) },
        waste: { signature: '>', call: () => kept.push({}) },
      },
    },
  });
  const result = machine.run();
  t.deepEqual(result.returned, [2 * INTERRUPTS]);
  t.is(kept.length, wasteful ? 2 * INTERRUPTS : 0);
  return (used[1]! - used[0]!) / INTERRUPTS;
}

test('an interrupt that the guest pends allocates nothing, and one object for each would be noticed', (t) => {
  growth(t, false); // so that all is compiled
  const each = growth(t, false);
  t.true(Math.abs(each) < BYTES_EACH, `${each.toFixed(1)} bytes each`);
  t.true(growth(t, true) >= BYTES_EACH);
});
