/**
 * Random programs of tasks and handlers do on the machine what a small model of the scheduler (model.ts) says. The programs are
 * data, which one firmware interprets: only what it is told differs from run to run.
 */
import { deepStrictEqual } from 'node:assert';
import test from 'ava';
import fc from 'fast-check';
import { enableStackSwitching } from '../../src/host/engine.ts';
import { Machine } from '../../src/machine/machine.ts';
import { asyncify, module } from '../stacks/machines.ts';
import { wat } from '../support/wat.ts';
import { type Modelled, ModelScheduler, type Op, type Program } from './model.ts';

/** Numbers of the operations in the firmware's br_table. */
const CODES = [
  'end',
  'say',
  'yield',
  'park',
  'sleep',
  'work',
  'spawn',
  'join',
  'wake',
  'priority',
  'exit',
  'interrupt',
];
const WORDS_AN_OP = 4;
const LINES = [0, 1, 2, 3];

const arm = (name: string, body: string) => `) ${body} (br $next) (; ${name} ;)`;
const A = '(local.get $a)';
const B = '(local.get $b)';
const C = '(local.get $c)';
/** 1000 instructions a microsecond at 1 GHz, five of them in each round. */
const WORK = `(local.set $i (i32.mul ${A} (i32.const 200)))
  (loop $l (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))`;
const WORDS = '(import "host" "word" (func $word (param i32) (result i32))) ';
const US = (value: string) => `(i64.mul (i64.extend_i32_u ${value}) (i64.const 1000))`;

const FIRMWARE = wat(
  module(
    `${WORDS}(table funcref (elem $run))
    (func $handler (param $line i32) (local $us i32)
      (call $say (i32.add (local.get $line) (i32.const 1000)))
      (local.set $us (i32.load offset=260 (i32.mul (local.get $line) (i32.const 8))))
      (call $task.wake (i32.load offset=256 (i32.mul (local.get $line) (i32.const 8))))
      (if (local.get $us) (then (call $task.sleep ${US('(local.get $us)')})))
      (call $say (i32.add (local.get $line) (i32.const 2000))))
    ${LINES.map((line) => `(export "IRQ${line}_Handler" (func $handler))`).join(' ')}
    (func $run (param $program i32) (result i32) (local $pc i32) (local $a i32) (local $b i32) (local $c i32) (local $i i32)
      (local.set $pc (call $word (i32.sub (i32.const -1) (local.get $program))))
      (loop $next
        (local.set $a (call $word (i32.add (local.get $pc) (i32.const 1))))
        (local.set $b (call $word (i32.add (local.get $pc) (i32.const 2))))
        (local.set $c (call $word (i32.add (local.get $pc) (i32.const 3))))
        (local.set $pc (i32.add (local.get $pc) (i32.const ${WORDS_AN_OP})))
        ${CODES.map(() => '(block').join(' ')}
        (br_table ${CODES.map((_, k) => k).join(' ')} (call $word (i32.sub (local.get $pc) (i32.const ${WORDS_AN_OP}))))
        ) (return (i32.const 0))
        ${arm('say', `(call $say ${A})`)}
        ${arm('yield', '(call $task.yield)')}
        ${arm('park', '(call $task.park)')}
        ${arm('sleep', `(call $task.sleep ${US(A)})`)}
        ${arm('work', WORK)}
        ${arm('spawn', `(drop (call $task.spawn (i32.const 0) (i32.add (local.get $program) ${A}) ${B}))`)}
        ${arm('join', `(call $say (call $task.join ${A}))`)}
        ${arm('wake', `(call $task.wake ${A})`)}
        ${arm('priority', `(call $task.set_priority ${A} ${B})`)}
        ${arm('exit', `(call $task.exit ${A})`)}
        ${arm(
          'interrupt',
          `(i32.store offset=256 (i32.mul ${A} (i32.const 8)) ${B}) (i32.store offset=260 (i32.mul ${A} (i32.const 8)) ${C})
          (call $irq.set_pending ${A})`,
        )})
      (i32.const 0))
    (func (export "_start") ${LINES.map((line) => `(call $irq.enable (i32.const ${line}))`).join(' ')}
      (drop (call $run (i32.const 0))))`,
    ['wirq/task', 'wirq/irq'],
  ),
);

function encode(op: Op): number[] {
  const [a = 0, b = 0, c = 0] = Object.entries(op).flatMap(([key, value]) => (key === 'do' ? [] : [Number(value)]));
  return [CODES.indexOf(op.do), a, b, c];
}

let compiled: WebAssembly.Module | undefined;
const kind = enableStackSwitching() ? 'wasmfx' : 'asyncify';

function runOnMachine(programs: readonly Program[], slice_us: number): Modelled {
  const words: number[] = [];
  const starts = programs.map((program) => {
    const start = words.length;
    words.push(...program.flatMap(encode), 0, 0, 0, 0);
    return start;
  });
  const machine = Machine.load(FIRMWARE, {
    hz: '1GHz',
    granularity: 'block',
    stacks: kind,
    asyncify,
    slice: `${slice_us}us`,
    maxInstructions: 100_000_000,
    // What is beyond the last program has ended already.
    imports: {
      host: {
        word: {
          signature: 'i>i',
          call: (at: number) => (at < 0 ? (starts[-1 - at] ?? words.length) : (words[at] ?? 0)),
        },
      },
    },
    compile: (bytes) => {
      compiled ??= new WebAssembly.Module(bytes);
      return compiled;
    },
  });
  const { outcome } = machine.run();
  const view = new DataView(machine.readMemory(2048, 4096).buffer);
  const said = Array.from({ length: view.getInt32(0, true) / 4 }, (_, k) => view.getInt32(4 + k * 4, true));
  const end = outcome.kind === 'exit' || outcome.kind === 'deadlock' ? outcome.kind : 'error';
  return { said, end };
}

const task = fc.constantFrom(0, 1, 1, 1, 2, 2, 3);
const us = fc.integer({ min: 40, max: 900 });
const priority = fc.constantFrom(100, 128, 128, 128, 150);
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('say' as const), n: fc.integer({ min: 0, max: 999 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('yield' as const, 'park' as const) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('sleep' as const, 'work' as const), us }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('spawn' as const), further: fc.integer({ min: 1, max: 2 }), priority }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('join' as const, 'wake' as const), task }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('priority' as const), task, priority }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('exit' as const), code: fc.integer({ min: 1, max: 99 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('interrupt' as const),
      line: fc.constantFrom(...LINES),
      task,
      us: fc.oneof(fc.constant(0), us),
    }),
  },
);
/** The main task begins with tasks, or little would happen. */
const main = fc
  .tuple(
    fc.array(fc.record({ do: fc.constant('spawn' as const), further: fc.integer({ min: 1, max: 3 }), priority }), {
      maxLength: 3,
    }),
    fc.array(op, { maxLength: 10, size: 'max' }),
  )
  .map(([first, then]): Program => [...first, ...then]);
const programs = fc
  .tuple(main, fc.array(fc.array(op, { maxLength: 8, size: 'max' }), { minLength: 1, maxLength: 3 }))
  .map(([first, others]) => [first, ...others]);

test('tasks and handlers do what the model says', (t) => {
  const ends = { exit: 0, deadlock: 0, error: 0 };
  let told = 0;
  fc.assert(
    fc.property(programs, fc.integer({ min: 100, max: 700 }), (each, slice_us) => {
      const modelled = new ModelScheduler(each, slice_us).run();
      fc.pre(modelled !== undefined);
      ends[modelled.end]++;
      told += modelled.said.length;
      deepStrictEqual(runOnMachine(each, slice_us), modelled);
    }),
    { numRuns: 500, maxSkipsPerRun: 50 },
  );
  // What it says is worth something only if things happen.
  t.true(ends.exit > 40 && ends.deadlock > 20 && told > 300, JSON.stringify({ ends, told }));
});
