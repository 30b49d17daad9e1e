/**
 * Modules that went through Asyncify in their own toolchain, interrupted as often as can be: a scheduler inside the module,
 * as TinyGo has one, and an import that unwinds by the module's exports, as Emscripten's do.
 */
import test from 'ava';
import binaryen from 'binaryen';
import type { Duration } from '../../src/clock/instant.ts';
import type { GivenModules, GuestOfHost } from '../../src/guests/interface.ts';
import { Machine } from '../../src/machine/machine.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import { asyncify, PARKING } from './machines.ts';

function asyncified(source: string): Uint8Array<ArrayBuffer> {
  const module = binaryen.parseText(source);
  try {
    module.setFeatures(binaryen.Features.MVP | binaryen.Features.MutableGlobals);
    binaryen.setPassArgument('asyncify-in-secondary-memory', null as unknown as string);
    module.runPasses(['asyncify']);
    return new Uint8Array(module.emitBinary());
  } finally {
    module.dispose();
  }
}

const UNWIND = `(import "asyncify" "start_unwind" (func $start_unwind (param i32)))`;
const STOP_UNWIND = `(import "asyncify" "stop_unwind" (func $stop_unwind))`;
const START_REWIND = `(import "asyncify" "start_rewind" (func $start_rewind (param i32)))`;
const STOP_REWIND = `(import "asyncify" "stop_rewind" (func $stop_rewind))`;

/** Two coroutines of 100 steps that recurse and add up; each has a block of 4 KiB for its frames. */
const TASKS = `
  (global $unwound (mut i32) (i32.const 0))
  (global $rewinding (mut i32) (i32.const 0))
  (global $block (mut i32) (i32.const 0))
  (global $total (mut i32) (i32.const 0))
  (global $handled (mut i32) (i32.const 0))
  (func $deep (param $n i32) (param $k i32) (result i32) (local $i i32) (local $s i32)
    (loop $l
      (local.set $s (i32.add (local.get $s) (i32.mul (local.get $i) (local.get $k))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3))))
    (if (local.get $n)
      (then (local.set $s (i32.add (local.get $s) (call $deep (i32.sub (local.get $n) (i32.const 1)) (local.get $k)))))
      (else (call $yield)))
    (i32.add (local.get $s) (i32.const 1)))
  (func $task (param $k i32) (local $i i32)
    (loop $l
      (global.set $total (i32.add (i32.mul (global.get $total) (i32.const 31)) (call $deep (i32.const 6) (local.get $k))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100)))))
  (func $noise (param $n i32) (result i32)
    (if (result i32) (i32.eq (local.get $n) (i32.const 99)) (then (call $yield) (i32.const 0))
      (else (if (result i32) (local.get $n)
        (then (i32.add (i32.const 1) (call $noise (i32.sub (local.get $n) (i32.const 1))))) (else (i32.const 1))))))
  (func (export "IRQ3_Handler") (global.set $handled (i32.add (global.get $handled) (call $noise (i32.const 3)))))
  (func (export "handled") (result i32) (global.get $handled))`;

const RUN = `
  (func $run (param $k i32) (param $rewind i32)
    (global.set $block (i32.mul (local.get $k) (i32.const 4096)))
    (if (local.get $rewind)
      (then (global.set $rewinding (i32.const 1)) (call $start_rewind (global.get $block)))
      (else
        (i32.store (global.get $block) (i32.add (global.get $block) (i32.const 8)))
        (i32.store offset=4 (global.get $block) (i32.add (global.get $block) (i32.const 4096)))))
    (global.set $unwound (i32.const 0))
    (call $task (local.get $k))
    (if (global.get $unwound) (then (call $stop_unwind))))
  (func (export "main") (result i32) (local $a i32) (local $b i32)
    (loop $l
      (call $run (i32.const 1) (local.get $a))
      (local.set $a (global.get $unwound))
      (call $run (i32.const 2) (local.get $b))
      (local.set $b (global.get $unwound))
      (br_if $l (i32.or (local.get $a) (local.get $b))))
    (global.get $total))`;

const INSIDE = asyncified(`(module ${UNWIND} ${STOP_UNWIND} ${START_REWIND} ${STOP_REWIND} (memory (export "memory") 1)
  (func $yield
    (if (global.get $rewinding)
      (then (call $stop_rewind) (global.set $rewinding (i32.const 0)))
      (else (global.set $unwound (i32.const 1)) (call $start_unwind (global.get $block)))))
  ${TASKS} ${RUN})`);

const OUTSIDE = asyncified(`(module (import "env" "yield" (func $yield)) ${STOP_UNWIND} ${START_REWIND}
  (memory (export "memory") 1)
  (func (export "block") (result i32) (global.get $block))
  (func (export "set_unwound") (global.set $unwound (i32.const 1)))
  ${TASKS} ${RUN})`);

/** What Emscripten's JavaScript does. */
const unwinder = (guest: GuestOfHost): GivenModules => {
  const call = (name: string, ...args: number[]) => guest.function(name)!(...args) as number;
  return {
    env: {
      yield: {
        signature: '>',
        call: () => {
          if (call('asyncify_get_state') === 2) {
            call('asyncify_stop_rewind');
            return;
          }
          call('set_unwound');
          call('asyncify_start_unwind', call('block'));
        },
      },
    },
  };
};

/** What the module computes by itself. */
function alone(bytes: Uint8Array<ArrayBuffer>, withImport: boolean): number {
  let exports: WebAssembly.Exports = {};
  const { env } = unwinder({ memory: () => undefined, function: (name) => exports[name] as () => unknown });
  const imports = withImport ? { env: { yield: (env!.yield as { call: () => void }).call } } : {};
  ({ exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports));
  return (exports.main as () => number)();
}

function interrupted(bytes: Uint8Array<ArrayBuffer>, options: MachineOptions) {
  const machine = Machine.load(bytes, { hz: '1GHz', invoke: 'main', timeout: '10ms', ...options });
  machine.raise(3, { kind: 'every', period: 1009 as Duration });
  return machine;
}

for (const [name, bytes, outside] of [
  ['a scheduler inside the module', INSIDE, false],
  ['an import that unwinds by exports', OUTSIDE, true],
] as const) {
  const expected = alone(bytes, outside);
  const imports = outside ? unwinder : {};
  for (const granularity of ['loop', 'block', 'instruction'] as const) {
    test(`${name}, interrupted at ${granularity}s, computes what it computes alone`, (t) => {
      const machine = interrupted(bytes, { granularity, imports });
      const { returned, outcome } = machine.run();
      t.deepEqual(returned, [expected], JSON.stringify(outcome));
      t.true(machine.delivered(3) > 100, `${machine.delivered(3)} interrupts`);
    });
  }

  for (const stacks of PARKING.filter((each) => each !== 'asyncify')) {
    test(`${name}, on stacks by ${stacks}`, async (t) => {
      const machine = interrupted(bytes, { stacks, imports });
      const { returned, outcome } = await machine.runAsync();
      t.deepEqual(returned, [expected], JSON.stringify(outcome));
      t.true(machine.delivered(3) > 100);
    });
  }

  test(`${name}: its exports are its own, and stacks by asyncify leave it alone`, (t) => {
    const names = WebAssembly.Module.exports(new WebAssembly.Module(bytes)).map((each) => each.name);
    t.true(names.includes('asyncify_start_unwind'));
    t.throws(() => Machine.load(bytes, { stacks: 'asyncify', asyncify, imports }), {
      message: /went through Asyncify already/,
    });
  });
}

test('an import that Emscripten would answer by unwinding may be async instead: the task parks, and nothing unwinds', async (t) => {
  const env = { yield: async () => {} };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(OUTSIDE), { env: { yield: () => {} } });
  const expected = (exports.main as () => number)();
  for (const stacks of PARKING.filter((each) => each !== 'asyncify')) {
    const { returned } = await interrupted(OUTSIDE, { stacks, imports: { env }, timeout: '10s' }).runAsync();
    t.deepEqual(returned, [expected], stacks);
  }
  t.not(expected, alone(OUTSIDE, true), 'the other order of the same work');
});

test('an entry that returns because it unwinds has not ended: nobody is here to call it again, as Emscripten would', (t) => {
  const waits = asyncified(`(module (import "env" "sleep" (func $sleep)) (memory (export "memory") 1)
    (func (export "_start") (call $sleep)))`);
  const imports = (guest: GuestOfHost): GivenModules => ({
    env: {
      sleep: {
        signature: '>',
        call: () => {
          new DataView(guest.memory()!.buffer).setUint32(4, 4096, true);
          guest.function('asyncify_start_unwind')!(0);
        },
      },
    },
  });
  const { outcome, exitCode } = Machine.load(waits, { imports }).run();
  t.is(exitCode, 134);
  t.regex(JSON.stringify(outcome), /_start returned because the module unwinds its stack.*async function/);
});
