/** The same module, options and injections give the same events, every time; what only watches changes nothing. */
import test from 'ava';
import fc from 'fast-check';
import { duration } from '../../src/clock/instant.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import { firmware, run } from './firmware.ts';

/** A random program: nested loops, calls, memory, interrupts of its own, waits, pins and random numbers. */
const statement = fc.letrec<{ statement: string; block: string }>((tie) => ({
  block: fc.array(tie('statement'), { minLength: 1, maxLength: 4 }).map((all) => all.join('\n')),
  statement: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant('(local.set $x (i32.add (i32.mul (local.get $x) (i32.const 33)) (i32.const 7)))'),
    fc.constant('(i32.store (i32.and (local.get $x) (i32.const 0xfffc)) (local.get $x))'),
    fc.constant('(local.set $x (i32.xor (local.get $x) (i32.load (i32.const 40000))))'),
    fc.constant('(local.set $x (call $random (i32.const 40000) (i32.const 4)))'),
    fc.constantFrom(3, 4, 5).map((line) => `(call $set_pending (i32.const ${line}))`),
    fc.constantFrom(0, 1).map((mask) => `(drop (call $set_primask (i32.const ${mask})))`),
    fc.constant('(call $gpio_write (i32.const 7) (i32.and (local.get $x) (i32.const 1)))'),
    fc.constant('(local.set $x (call $leaf (local.get $x)))'),
    fc.tuple(fc.integer({ min: 1, max: 30 }), tie('block')).map(
      ([
        times,
        body,
      ]) => `(i32.store (i32.sub (global.get $d) (i32.const 4)) (i32.const ${times})) (global.set $d (i32.sub (global.get $d) (i32.const 4)))
          (loop ${body} (i32.store (global.get $d) (i32.sub (i32.load (global.get $d)) (i32.const 1))) (br_if 0 (i32.load (global.get $d))))
          (global.set $d (i32.add (global.get $d) (i32.const 4)))`,
    ),
    tie('block').map((body) => `(if (i32.and (local.get $x) (i32.const 4)) (then ${body}))`),
  ),
}));

const program = fc.tuple(statement.block, statement.block).map(
  ([main, handler]) => `(module
  (import "wirq/irq" "set_pending" (func $set_pending (param i32)))
  (import "wirq/irq" "set_primask" (func $set_primask (param i32) (result i32)))
  (import "wirq/board" "gpio_write" (func $gpio_write (param i32 i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 1) (global $d (mut i32) (i32.const 65536))
  (func $leaf (param $x i32) (result i32) (local $i i32)
    (loop $l (local.set $x (i32.rotl (local.get $x) (i32.const 5))) (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 9))))
    (local.get $x))
  (func (export "IRQ3_Handler") (local $x i32) ${handler.replaceAll('set_pending', 'leave_pending').replaceAll('(call $leave_pending (i32.const 3))', '').replaceAll('(call $leave_pending (i32.const 4))', '').replaceAll('leave_pending', 'set_pending')})
  (func (export "IRQ4_Handler") (local $x i32) (local.set $x (call $leaf (local.get $x))))
  (func (export "IRQ5_Handler"))
  (func (export "_start") (local $x i32) ${main} ${main}))`,
);

/** What is left of a run that nobody listened to: handlers return quietly then (scheduler/quiet-return.ts). */
function unheard(source: string, options: MachineOptions, prepare: (machine: Machine) => void): string {
  const machine = firmware(source, { maxInstructions: 60_000, ...options });
  prepare(machine);
  return JSON.stringify(machine.run());
}

function record(source: string, options: MachineOptions, prepare: (machine: Machine) => void = () => {}) {
  const { events, result } = run(source, { maxInstructions: 60_000, ...options }, prepare);
  return JSON.stringify({ events, result });
}

test('two runs of a random program are the same, event by event; so are watched and bounded ones', (t) => {
  fc.assert(
    fc.property(program, fc.nat(5000), fc.integer({ min: 200, max: 9000 }), fc.nat(99), (source, at, period, seed) => {
      const prepare = (machine: Machine) => {
        machine.raise(4, { kind: 'every', period: duration(period * 62) });
        machine.raise(3, { kind: 'instruction', count: at });
        machine.raise('IRQ5', { kind: 'function', name: 'leaf', entry: 3 });
      };
      const options: MachineOptions = { seed, irqs: { A: { line: 4, priority: 1 }, B: { line: 3, priority: 7 } } };
      const first = record(source, options, prepare);
      if (record(source, options, prepare) !== first) throw new Error('two runs differ');
      if (unheard(source, options, prepare) !== JSON.stringify(JSON.parse(first).result)) {
        throw new Error('listening changes the run');
      }
      let looks = 0;
      const walled = record(source, { ...options, wall: { nowMs: () => looks++ / 1e6, limitMs: 1e6 } }, prepare);
      if (walled !== first) throw new Error('a wall clock limit changes the run');
    }),
    { numRuns: 60 },
  );
  t.pass();
});

test('the seed decides what is random, and nothing else does', (t) => {
  const source = `(module (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
    (memory (export "memory") 1) (func (export "_start") (drop (call $random (i32.const 0) (i32.const 32)))))`;
  const bytes = (seed: number | undefined) =>
    Buffer.from(run(source, { seed }).machine.readMemory(0, 32)).toString('hex');
  t.is(bytes(5), bytes(5));
  t.is(bytes(undefined), bytes(0));
  t.is(new Set([0, 1, 2, 0xffff_ffff].map(bytes)).size, 4);
});

/** Rings its mailbox's bell early, in a loop that is long enough for several looks at the wall clock. */
const POLLED = `(module (memory (export "memory") 1) (global (export "wirq_mailbox") i32 (i32.const 0))
  (data (i32.const 0) "WIQR") (data (i32.const 0) "\\57\\49\\52\\51\\01\\00\\40\\00")
  (data (i32.const 40) "\\01\\00\\00\\00") (data (i32.const 64) "\\07\\00\\00\\00\\63\\00\\00\\00")
  (func (export "_start") (local $i i32)
    (i32.store (i32.const 48) (i32.const 1)) (i32.store (i32.const 36) (i32.const 1))
    (loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4000000))))))`;

test('a wall clock limit does not make the outbox be polled at other times', (t) => {
  const options = { mailboxPoll: '1s' };
  const free = run(POLLED, options);
  t.deepEqual(free.show('guest'), ['guest 99 0']);
  const walled = run(POLLED, { ...options, wall: { nowMs: () => 0, limitMs: 1000 } });
  t.deepEqual(walled.events, free.events);
});
