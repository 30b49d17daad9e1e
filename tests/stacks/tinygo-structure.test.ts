/**
 * A module built as TinyGo builds its own (src/internal/task/task_asyncify_wasm.S and .go, builder/build.go: `wasm-opt --asyncify
 * -Oz -g`): launch, unwind and rewind with a C stack for each goroutine, a scheduler that rewinds them and sleeps in poll_oneoff, and handlers,
 * one of them a `//go:wasmexport`, which runs a goroutine of its own to its end. What the compiler does is not here.
 */
import test from 'ava';
import binaryen from 'binaryen';
import type { Duration } from '../../src/clock/instant.ts';
import { Machine } from '../../src/machine/machine.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import { PARKING } from './machines.ts';

/** Tasks lie 64 bytes apart from 1024: entry, arguments, Asyncify's end, C stack, canary, launched, ready, when to wake. */
const SOURCE = `(module
  (import "asyncify" "start_unwind" (func $start_unwind (param i32)))
  (import "asyncify" "stop_unwind" (func $stop_unwind))
  (import "asyncify" "start_rewind" (func $start_rewind (param i32)))
  (import "asyncify" "stop_rewind" (func $stop_rewind))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock_time_get (param i32 i64 i32) (result i32)))
  (memory (export "memory") 2)
  (global $__stack_pointer (mut i32) (i32.const 131072))
  (global $current (mut i32) (i32.const 0))
  (global $done (mut i32) (i32.const 0))
  (table funcref (elem $computes $sleeps $main $handles))
  (type $entry (func (param i32)))

  (func $tinygo_unwind (param $state i32)
    (if (i32.load8_u (i32.const 16))
      (then (call $stop_rewind) (i32.store8 (i32.const 16) (i32.const 0)))
      (else
        (i32.store offset=4 (local.get $state) (global.get $__stack_pointer))
        (call $start_unwind (local.get $state)))))
  (func $tinygo_launch (param $task i32) (local $previous i32)
    (local.set $previous (global.get $__stack_pointer))
    (global.set $__stack_pointer (i32.load offset=12 (local.get $task)))
    (call_indirect (type $entry) (i32.load offset=4 (local.get $task)) (i32.load (local.get $task)))
    (call $stop_unwind)
    (global.set $__stack_pointer (local.get $previous)))
  (func $tinygo_rewind (param $task i32) (local $previous i32)
    (local.set $previous (global.get $__stack_pointer))
    (global.set $__stack_pointer (i32.load offset=12 (local.get $task)))
    (i32.store8 (i32.const 16) (i32.const 1))
    (call $start_rewind (i32.add (local.get $task) (i32.const 8)))
    (call_indirect (type $entry) (i32.load offset=4 (local.get $task)) (i32.load (local.get $task)))
    (call $stop_unwind)
    (global.set $__stack_pointer (local.get $previous)))

  (func $initialize (param $task i32) (param $fn i32) (param $args i32) (param $stack i32)
    (i32.store (local.get $task) (local.get $fn))
    (i32.store offset=4 (local.get $task) (local.get $args))
    (i32.store (local.get $stack) (i32.const 0x33b83bf5))
    (i32.store offset=16 (local.get $task) (local.get $stack))
    (i32.store offset=8 (local.get $task) (i32.add (local.get $stack) (i32.const 4)))
    (i32.store offset=12 (local.get $task) (i32.add (local.get $stack) (i32.const 4096)))
    (i32.store offset=20 (local.get $task) (i32.const 0))
    (i32.store offset=24 (local.get $task) (i32.const 1)))
  (func $pause
    (if (i32.ne (i32.load (i32.load offset=16 (global.get $current))) (i32.const 0x33b83bf5)) (then (unreachable)))
    (call $tinygo_unwind (i32.add (global.get $current) (i32.const 8))))
  (func $resume (param $task i32) (local $previous i32)
    (local.set $previous (global.get $current))
    (global.set $current (local.get $task))
    (i32.store offset=24 (local.get $task) (i32.const 0))
    (if (i32.load offset=20 (local.get $task))
      (then (call $tinygo_rewind (local.get $task)))
      (else (call $tinygo_launch (local.get $task)) (i32.store offset=20 (local.get $task) (i32.const 1))))
    (global.set $current (local.get $previous))
    (if (i32.gt_u (i32.load offset=8 (local.get $task)) (i32.load offset=12 (local.get $task))) (then (unreachable))))
  (func $gosched (i32.store offset=24 (global.get $current) (i32.const 1)) (call $pause))
  (func $now (result i64)
    (drop (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 8)))
    (i64.load (i32.const 8)))
  (func $sleep (param $ns i64)
    (i64.store offset=32 (global.get $current) (i64.add (call $now) (local.get $ns)))
    (i32.store offset=24 (global.get $current) (i32.const 2))
    (call $pause))

  (func $deep (param $n i32) (param $k i32) (result i32) (local $i i32) (local $s i32) (local $frame i32)
    (global.set $__stack_pointer (local.tee $frame (i32.sub (global.get $__stack_pointer) (i32.const 16))))
    (i32.store (local.get $frame) (i32.add (local.get $n) (local.get $k)))
    (loop $l
      (local.set $s (i32.add (local.get $s) (i32.mul (local.get $i) (local.get $k))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5))))
    (if (local.get $n)
      (then (local.set $s (i32.add (local.get $s) (call $deep (i32.sub (local.get $n) (i32.const 1)) (local.get $k)))))
      (else (call $gosched)))
    (if (i32.ne (i32.load (local.get $frame)) (i32.add (local.get $n) (local.get $k))) (then (unreachable)))
    (global.set $__stack_pointer (i32.add (local.get $frame) (i32.const 16)))
    (i32.add (local.get $s) (i32.const 1)))
  (func $finish (global.set $done (i32.add (global.get $done) (i32.const 1))) (call $pause))
  (func $computes (param $k i32) (local $i i32) (local $total i32)
    (loop $l
      (local.set $total (i32.add (i32.mul (local.get $total) (i32.const 31)) (call $deep (i32.const 6) (local.get $k))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 60))))
    (i32.store offset=200 (i32.mul (local.get $k) (i32.const 4)) (local.get $total))
    (call $finish))
  (func $sleeps (param $k i32) (local $i i32)
    (loop $l
      (call $sleep (i64.const 50000))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5))))
    (i32.store offset=200 (i32.mul (local.get $k) (i32.const 4)) (local.get $i))
    (call $finish))
  (func $main (param i32)
    (loop $l (call $sleep (i64.const 20000)) (br_if $l (i32.lt_u (global.get $done) (i32.const 3))))
    (global.set $done (i32.const 4))
    (call $pause))
  (func $handles (param $n i32) (i32.store (i32.const 244) (i32.add (i32.load (i32.const 244)) (call $adds (local.get $n)))) (call $pause))
  (func $adds (param $n i32) (result i32)
    (if (result i32) (local.get $n)
      (then (i32.add (i32.const 1) (call $adds (i32.sub (local.get $n) (i32.const 1))))) (else (i32.const 0))))

  (func $idle
    (i64.store (i32.const 32) (i64.const 0))
    (i32.store8 offset=8 (i32.const 32) (i32.const 0))
    (i32.store offset=16 (i32.const 32) (i32.const 1))
    (i64.store offset=24 (i32.const 32) (i64.const 10000))
    (i64.store offset=32 (i32.const 32) (i64.const 0))
    (i32.store16 offset=40 (i32.const 32) (i32.const 0))
    (drop (call $poll_oneoff (i32.const 32) (i32.const 96) (i32.const 1) (i32.const 128))))
  (func $scheduler (local $task i32) (local $any i32)
    (loop $forever
      (local.set $any (i32.const 0))
      (local.set $task (i32.const 1024))
      (loop $l
        (if (i32.eq (i32.load offset=24 (local.get $task)) (i32.const 2))
          (then (if (i64.ge_u (call $now) (i64.load offset=32 (local.get $task)))
            (then (i32.store offset=24 (local.get $task) (i32.const 1))))))
        (if (i32.eq (i32.load offset=24 (local.get $task)) (i32.const 1))
          (then (local.set $any (i32.const 1)) (call $resume (local.get $task))))
        (br_if $l (i32.lt_u (local.tee $task (i32.add (local.get $task) (i32.const 64))) (i32.const 1280))))
      (if (i32.eqz (local.get $any)) (then (call $idle)))
      (br_if $forever (i32.ne (global.get $done) (i32.const 4)))))

  (func $start (export "go") (result i32)
    (call $initialize (i32.const 1024) (i32.const 0) (i32.const 1) (i32.const 8192))
    (call $initialize (i32.const 1088) (i32.const 0) (i32.const 2) (i32.const 12288))
    (call $initialize (i32.const 1152) (i32.const 1) (i32.const 3) (i32.const 16384))
    (call $initialize (i32.const 1216) (i32.const 2) (i32.const 0) (i32.const 20480))
    (call $scheduler)
    (i32.add (i32.load (i32.const 212)) (i32.xor (i32.load (i32.const 204)) (i32.load (i32.const 208)))))
  (func (export "IRQ3_Handler") (i32.store (i32.const 240) (i32.add (i32.load (i32.const 240)) (call $adds (i32.const 3)))))
  (func (export "IRQ4_Handler")
    (call $initialize (i32.const 1408) (i32.const 3) (i32.const 4) (i32.const 24576))
    (call $resume (i32.const 1408)))
  )`;

function built(source: string): Uint8Array<ArrayBuffer> {
  const module = binaryen.parseText(source);
  try {
    module.setFeatures(binaryen.Features.MVP | binaryen.Features.MutableGlobals);
    binaryen.setPassArgument('asyncify-in-secondary-memory', null as unknown as string);
    module.runPasses(['asyncify']);
    binaryen.setOptimizeLevel(2);
    binaryen.setShrinkLevel(2);
    binaryen.setDebugInfo(true);
    module.optimize();
    return new Uint8Array(module.emitBinary());
  } finally {
    module.dispose();
  }
}

const BYTES = built(SOURCE);

/** What it computes with nobody around. */
const expected = (() => {
  let now = 0n;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(BYTES), {
    wasi_snapshot_preview1: {
      clock_time_get: (_clock: number, _precision: bigint, at: number) => {
        new DataView((exports.memory as WebAssembly.Memory).buffer).setBigUint64(at, now, true);
        return 0;
      },
      poll_oneoff: () => {
        now += 10_000n;
        return 0;
      },
    },
  });
  return (exports.go as () => number)();
})();

function interrupted(bytes: Uint8Array<ArrayBuffer>, options: MachineOptions): Machine {
  const machine = Machine.load(bytes, { hz: '1GHz', invoke: 'go', timeout: '100ms', ...options });
  machine.raise(3, { kind: 'every', period: 1009 as Duration });
  machine.raise(4, { kind: 'every', period: 1511 as Duration });
  return machine;
}

function handlersDid(machine: Machine): readonly number[] {
  const bytes = machine.readMemory(240, 8);
  return [...new Uint32Array(bytes.buffer, bytes.byteOffset, 2)];
}

test('alone it computes what its goroutines are worth', (t) => {
  t.not(expected, 0);
});

for (const granularity of ['loop', 'block', 'access', 'instruction'] as const) {
  test(`goroutines under two timers, interrupted at ${granularity}s, compute what they do alone`, (t) => {
    const machine = interrupted(BYTES, { granularity });
    const { returned, outcome } = machine.run();
    t.deepEqual(returned, [expected], JSON.stringify(outcome));
    t.deepEqual(handlersDid(machine), [machine.delivered(3) * 3, machine.delivered(4) * 4]);
    t.true(machine.delivered(3) > 100 && machine.delivered(4) > 100, `${machine.delivered(3)} ${machine.delivered(4)}`);
  });
}

for (const stacks of PARKING.filter((each) => each !== 'asyncify')) {
  test(`goroutines on stacks by ${stacks}`, async (t) => {
    const machine = interrupted(BYTES, { stacks });
    const { returned, outcome } = await machine.runAsync();
    t.deepEqual(returned, [expected], JSON.stringify(outcome));
    t.true(machine.delivered(4) > 100);
  });
}

test('a handler whose goroutine waits for others is told to be one that unwinds', (t) => {
  const leaves = built(SOURCE.replace('(export "IRQ4_Handler")', '(export "IRQ4_Handler") (call $gosched)'));
  const { outcome, exitCode } = interrupted(leaves, {}).run();
  t.is(exitCode, 134);
  t.regex(JSON.stringify(outcome), /the handler of IRQ4 began to unwind the stack/);
});
