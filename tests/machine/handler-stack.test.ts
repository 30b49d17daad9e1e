/**
 * Handlers run on a stack of their own in linear memory: the interrupted code's frame and the red zone below it stay as
 * they are, an overrun is noticed, the use is measured. Modules are shaped as LLVM shapes them (`__stack_pointer`).
 */
import test from 'ava';
import { duration } from '../../src/clock/instant.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import { NS_PER_CYCLE, run, trapOf } from './firmware.ts';

const DECLARED = 8192;
const DECLARED_BYTES = 1024;

/** A leaf function keeps values in its red zone, checks them in a loop, and answers how many were changed. */
const LEAF = `
  (func $leaf (export "run") (result i32) (local $sp i32) (local $at i32) (local $round i32) (local $changed i32)
    (local.set $sp (global.get $__stack_pointer))
    (local.set $at (i32.const 128))
    (loop $fill
      (i32.store (i32.sub (local.get $sp) (local.get $at)) (i32.add (local.get $at) (i32.const 0x1000)))
      (br_if $fill (local.tee $at (i32.sub (local.get $at) (i32.const 4)))))
    (loop $round
      (local.set $at (i32.const 128))
      (loop $check
        (local.set $changed (i32.add (local.get $changed)
          (i32.ne (i32.load (i32.sub (local.get $sp) (local.get $at))) (i32.add (local.get $at) (i32.const 0x1000)))))
        (br_if $check (local.tee $at (i32.sub (local.get $at) (i32.const 4)))))
      (br_if $round (i32.lt_u (local.tee $round (i32.add (local.get $round) (i32.const 1))) (i32.const 80))))
    (i32.add (local.get $changed) (i32.mul (i32.const 1000) (i32.ne (local.get $sp) (global.get $__stack_pointer)))))`;

/** A handler with a frame of so many bytes, all of them written. */
const handler = (frame: number, body = '', name = 'IRQ3_Handler') => `
  (func (export "${name}") (local $sp i32)
    (global.set $__stack_pointer (local.tee $sp (i32.sub (global.get $__stack_pointer) (i32.const ${frame}))))
    (memory.fill (local.get $sp) (i32.const 0xee) (i32.const ${frame}))
    ${body}
    (global.set $__stack_pointer (i32.add (local.get $sp) (i32.const ${frame}))))`;

const module = (...parts: string[]) => `(module
  (import "wirq/irq" "set_pending" (func $set_pending (param i32)))
  (memory (export "memory") 1)
  (global $__stack_pointer (mut i32) (i32.const 4096))
  ${parts.join('\n')})`;

const declared = (address = DECLARED, bytes = DECLARED_BYTES) => `
  (global (export "wirq_handler_stack") i32 (i32.const ${address}))
  (data (i32.const ${address & 0xffff}) "${[0, 8, 16, 24].map((shift) => `\\${((bytes >>> shift) & 0xff).toString(16).padStart(2, '0')}`).join('')}")`;

const MALLOC = `
  (global $heap (mut i32) (i32.const 16384))
  (func (export "malloc") (param $bytes i32) (result i32)
    (global.get $heap) (global.set $heap (i32.add (global.get $heap) (local.get $bytes))))`;

function interrupted(source: string, options: MachineOptions = {}) {
  return run(source, { ...NS_PER_CYCLE, invoke: 'run', args: [], ...options }, (machine) => {
    machine.raise(3, { kind: 'every', period: duration(151) });
  });
}

for (const [origin, part, bytes] of [
  ['shared', '', undefined],
  ['declared', declared(), DECLARED_BYTES],
  ['allocated', MALLOC, 8192],
] as const) {
  test(`the red zone of a leaf function survives handlers on a stack that is ${origin}`, (t) => {
    const { result } = interrupted(module(LEAF, handler(96), part));
    t.deepEqual(result.outcome, { kind: 'exit', code: 0 });
    t.deepEqual(result.returned, [0]);
    t.true(result.lines[0]!.delivered > 50);
    t.is(result.handlerStack?.origin, origin);
    t.is(result.handlerStack?.bytes, bytes);
    t.is(result.handlerStack?.highWaterMark, bytes === undefined ? undefined : 96);
  });
}

test('a shared stack begins below the red zone, aligned to 16', (t) => {
  const seen = '(i32.store (i32.const 0) (i32.add (local.get $sp) (i32.const 32)))';
  const { u32 } = run(
    module(
      '(func (export "_start") (global.set $__stack_pointer (i32.const 2345)) (call $set_pending (i32.const 3)))',
      handler(32, seen),
    ),
  );
  t.is(u32(0), (2345 - 128) & -16);
});

test('code interrupted on its own frame finds it as it was, and nothing below is touched by a handler with its own stack', (t) => {
  const { machine } = interrupted(module(LEAF, handler(512), declared()));
  const below = machine.readMemory(1024, 4096 - 128 - 1024);
  t.true(below.every((byte) => byte === 0));
});

test('a handler that leaves the stack pointer elsewhere does not move that of the interrupted code', (t) => {
  const { result } = interrupted(
    module(LEAF, '(func (export "IRQ3_Handler") (global.set $__stack_pointer (i32.const 64)))'),
  );
  t.deepEqual(result.returned, [0]);
});

test('a handler that overruns its stack stops the machine, and says so', (t) => {
  const { result } = interrupted(module(LEAF, handler(DECLARED_BYTES), declared()));
  t.is(trapOf(result), 'a handler overran its stack of 1024 bytes');
  t.regex(result.outcome.kind === 'trap' ? (result.outcome.advice ?? '') : '', /WIRQ_HANDLER_STACK/);
  t.is(result.exitCode, 134);
  t.is(result.handlerStack?.highWaterMark, DECLARED_BYTES);
});

test('a handler may use all of its stack but the canary', (t) => {
  const { result } = interrupted(module(LEAF, handler(DECLARED_BYTES - 16), declared()));
  t.deepEqual(result.returned, [0]);
  t.is(result.handlerStack?.highWaterMark, DECLARED_BYTES - 16);
});

test('nested handlers share one stack, each below the red zone of the one it interrupts', (t) => {
  const { result, show } = run(
    module(
      '(func (export "_start") (call $set_pending (i32.const 3)) (call $set_pending (i32.const 3)))',
      handler(64, '(call $set_pending (i32.const 4)) (i32.store (i32.const 0) (i32.load8_u (local.get $sp)))'),
      handler(80, '', 'IRQ4_Handler'),
      declared(),
    ),
    { irqs: { LOW: { line: 3, priority: 9 }, HIGH: { line: 4, priority: 1 } } },
  );
  t.deepEqual(show('enter', 'leave').slice(0, 4), ['enter LOW 9 1', 'enter HIGH 1 2', 'leave HIGH 2', 'leave LOW 1']);
  t.is(result.handlerStack?.highWaterMark, 64 + 128 + 80);
  t.is(result.deepestNesting, 2);
});

test('memory that a handler grows keeps canary and high-water mark readable', (t) => {
  const { result } = interrupted(module(LEAF, handler(48, '(drop (memory.grow (i32.const 1)))'), declared()), {
    maxInstructions: 100_000,
  });
  t.deepEqual(result.returned, [0]);
  t.is(result.handlerStack?.highWaterMark, 48);
});

test('a declared stack that is none is refused, with its address and size', (t) => {
  for (const [address, bytes] of [
    [DECLARED, 511],
    [DECLARED, 60_000],
    [DECLARED, 0],
    [65_532, 1024],
    [70_000, 1024],
    [-16, 1024],
  ] as const) {
    t.throws(() => interrupted(module(LEAF, handler(32), declared(address, bytes))), {
      code: 'bad-module',
      message: /wirq_handler_stack at address -?\d+ is no stack of \d+ bytes/,
    });
  }
});

test('a declared stack at an odd address is aligned inwards', (t) => {
  const { result } = interrupted(module(LEAF, handler(96), declared(DECLARED + 4, 1020)));
  t.deepEqual(result.returned, [0]);
  t.is(result.handlerStack?.bytes, 1008);
  t.is(result.handlerStack?.highWaterMark, 96);
});

test('an allocator that has no memory, or is none, leaves handlers on the interrupted stack', (t) => {
  for (const malloc of [
    '(func (export "malloc") (param i32) (result i32) (i32.const 0))',
    '(func (export "malloc") (param i32) (result i32) (i32.const 65000))',
    '(func (export "malloc") (param i64) (result i32) (i32.const 16384))',
    '(global (export "malloc") i32 (i32.const 16384))',
  ]) {
    const { result } = interrupted(module(LEAF, handler(96), malloc));
    t.is(result.handlerStack?.origin, 'shared');
    t.deepEqual(result.returned, [0]);
  }
});

test('an allocator that traps ends the run as any trap does', (t) => {
  const { result } = interrupted(
    module(LEAF, handler(96), '(func $broken (export "malloc") (param i32) (result i32) unreachable)'),
  );
  t.is(trapOf(result), 'unreachable');
  t.deepEqual(result.outcome.kind === 'trap' && result.outcome.backtrace.map((frame) => frame.function), ['broken']);
});

test('an allocator that never ends is stopped by the limits of the run', (t) => {
  const source = module(
    LEAF,
    handler(96),
    '(func (export "malloc") (param i32) (result i32) (loop (br 0)) (unreachable))',
  );
  for (const limit of [{ timeout: '1us' }, { maxInstructions: 1000 }]) {
    const { result } = interrupted(source, limit);
    t.is(result.exitCode, 124);
    t.true(result.instructions >= 1000 && result.instructions < 1100, `${result.instructions}`);
  }
});

test('the allocator runs after the start function, which may still set up its heap, and uninterrupted', (t) => {
  const source = module(
    LEAF,
    handler(96),
    `(global $heap (mut i32) (i32.const 999)) (global $calls (export "calls") (mut i32) (i32.const 0))
     (func $init (global.set $heap (i32.const 16384))) (start $init)
     (func (export "malloc") (param $bytes i32) (result i32) (local $i i32)
       (loop $slow (br_if $slow (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 300))))
       (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
       (global.get $heap) (global.set $heap (i32.add (global.get $heap) (local.get $bytes))))`,
  );
  const { result, events, machine } = interrupted(source);
  t.is(result.handlerStack?.origin, 'allocated');
  t.is(machine.addressOf('calls'), 1);
  t.is(events[0]!.kind, 'reset');
  const called = events.findIndex(({ kind, details }) => kind === 'call' && details.function === 'run');
  const entered = events.findIndex(({ kind }) => kind === 'enter');
  t.true(called > 0 && entered > called, 'no handler before the entry');
  t.deepEqual(result.returned, [0]);
});

test('a module without a stack pointer needs no handler stack', (t) => {
  const { result } = run(`(module (memory 1) (func (export "_start")) (func (export "IRQ3_Handler")))`);
  t.is(result.handlerStack, undefined);
});
