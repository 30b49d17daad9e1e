/**
 * An interrupt allocates nothing: from the pend through arbitration, accounting and its handler to the return. Neither does a
 * signal, whether the guest raises it or a timer sends it into a loop.
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { Machine } from '../../src/machine/machine.ts';
import { wat } from '../support/wat.ts';

const INTERRUPTS = 300_000;
/** Far less than the least there is to allocate, a number on the heap; for what the engine does meanwhile. */
const BYTES_EACH = 4;

type Kind = 'pend' | 'raise' | 'timer' | 'timer_create';

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

const SIGALRM = 14;
const SIGUSR1 = 10;

/** Handles signals until so many have come: each raised, or all sent by a timer while it spins. */
const signals = (kind: Exclude<Kind, 'pend'>) =>
  wat(`(module
  (import "wirq/signal" "sigaction" (func $sigaction (param i32 i32 i32) (result i32)))
  (import "wirq/signal" "setitimer" (func $setitimer (param i32 i32 i32) (result i32)))
  (import "wirq/signal" "timer_create" (func $timer_create (param i32 i32 i32) (result i32)))
  (import "wirq/signal" "timer_settime" (func $timer_settime (param i32 i32 i32 i32) (result i32)))
  (import "wirq/signal" "raise" (func $raise (param i32) (result i32)))
  (import "test" "used" (func $used))
  (import "test" "waste" (func $waste))
  (memory (export "memory") 1)
  (table (export "__indirect_function_table") 2 funcref)
  (elem (i32.const 1) $handle)
  (global $handled (mut i32) (i32.const 0))
  (global $wasteful (mut i32) (i32.const 0))
  (func $handle (param i32)
    (if (global.get $wasteful) (then (call $waste)))
    (global.set $handled (i32.add (global.get $handled) (i32.const 1))))
  (func $until (param $count i32)
    (loop $next
      ${kind === 'raise' ? `(drop (call $raise (i32.const ${SIGUSR1})))` : ''}
      (br_if $next (i32.lt_u (global.get $handled) (local.get $count)))))
  (func (export "main") (param i32) (result i32)
    (global.set $wasteful (local.get 0))
    (i32.store (i32.const 64) (i32.const 1))
    (drop (call $sigaction (i32.const ${kind === 'raise' ? SIGUSR1 : SIGALRM}) (i32.const 64) (i32.const 0)))
    ;; A microsecond as two of struct timeval, and as two of struct timespec.
    (i64.store (i32.const 136) (i64.const 1))
    (i64.store (i32.const 152) (i64.const 1))
    (i64.store (i32.const 200) (i64.const 1000))
    (i64.store (i32.const 216) (i64.const 1000))
    ${kind === 'timer' ? '(drop (call $setitimer (i32.const 0) (i32.const 128) (i32.const 0)))' : ''}
    ${
      kind === 'timer_create'
        ? `(drop (call $timer_create (i32.const 1) (i32.const 0) (i32.const 256)))
    (drop (call $timer_settime (i32.load (i32.const 256)) (i32.const 0) (i32.const 192) (i32.const 0)))`
        : ''
    }
    (call $until (i32.const ${INTERRUPTS}))
    (call $used)
    (call $until (i32.const ${2 * INTERRUPTS}))
    (call $used)
    (global.get $handled)))`);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** The bytes that the heap grew by for each interrupt. What was there before is collected first, so that it is not meanwhile. */
function growth(t: import('ava').ExecutionContext, module: Uint8Array<ArrayBuffer>, wasteful: boolean): number {
  const used: number[] = [];
  const kept: object[] = [];
  const machine = Machine.load(module, {
    invoke: 'main',
    args: [wasteful ? '1' : '0'],
    imports: {
      test: {
        used: {
          signature: '>',
          call: () => {
            if (used.length === 0) collect();
            used.push(getHeapStatistics().used_heap_size);
          },
        },
        waste: { signature: '>', call: () => kept.push({}) },
      },
    },
  });
  const result = machine.run();
  t.deepEqual(result.returned, [2 * INTERRUPTS]);
  t.is(kept.length, wasteful ? 2 * INTERRUPTS : 0);
  return (used[1]! - used[0]!) / INTERRUPTS;
}

const KINDS: readonly (readonly [what: string, kind: Kind])[] = [
  ['an interrupt that the guest pends', 'pend'],
  ['a signal that the guest raises', 'raise'],
  ["a signal of setitimer's", 'timer'],
  ["a signal of timer_create's", 'timer_create'],
];
for (const [what, kind] of KINDS) {
  test(`${what} allocates nothing, and one object for each would be noticed`, (t) => {
    const module = kind === 'pend' ? PENDS : signals(kind);
    growth(t, module, false); // so that all is compiled
    const each = growth(t, module, false);
    t.true(Math.abs(each) < BYTES_EACH, `${each.toFixed(1)} bytes each`);
    t.true(growth(t, module, true) >= BYTES_EACH);
  });
}
