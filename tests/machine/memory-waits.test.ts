/** Waits in shared memory take machine time, end when the value changes, and hold up no limit of the run. */
import test from 'ava';
import { Machine } from '../../src/machine/machine.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import type { RunResult } from '../../src/machine/result.ts';
import { verifyRewriting } from '../../src/machine/verify.ts';
import { asyncify, PARKING } from '../stacks/machines.ts';
import { newWat } from '../support/binaryen.ts';

const WAIT = '(memory.atomic.wait32 (i32.const 128) (i32.const 0) (i64.const -1))';

function moduleOf(expression: string): Uint8Array<ArrayBuffer> {
  return newWat(`(module
    (memory (export "memory") 1 1 shared)
    (func (export "main") (result i32) ${expression})
    (func (export "IRQ3_Handler") (i64.store (i32.const 128) (i64.const 7)))
    (func (export "IRQ4_Handler") (drop (memory.atomic.notify (i32.const 128) (i32.const 1)))))`);
}

/** What the expression gives, as the exit code of a module that runs it. */
function waiting(expression: string, options: MachineOptions = {}, prepare: (machine: Machine) => void = () => {}) {
  const bytes = moduleOf(expression);
  const machine = Machine.load(bytes, { verify: verifyRewriting, ...options });
  prepare(machine);
  return { bytes, result: machine.run() };
}

const code = ({ outcome }: RunResult): unknown => (outcome.kind === 'exit' ? outcome.code : outcome.kind);
const milliseconds = ({ time }: RunResult): number => Math.floor(time / 1e6);

for (const granularity of ['loop', 'block', 'access', 'instruction'] as const) {
  test(`a wait takes its time and is then over, at ${granularity}`, (t) => {
    for (const bits of [32, 64]) {
      const wait = `(memory.atomic.wait${bits} (i32.const 128) (i${bits}.const 0) (i64.const 5000000))`;
      const { result } = waiting(wait, { granularity });
      t.is(code(result), 2);
      t.is(milliseconds(result), 5);
      t.true(result.instructions < 40);
    }
  });

  test(`a handler that changes the value ends a wait, at ${granularity}`, (t) => {
    for (const address of ['(i32.const 128)', 'offset=120 (i32.const 8)']) {
      const { result } = waiting(WAIT.replace('(i32.const 128)', address), { granularity }, (m) => m.raise(3, '2ms'));
      t.is(code(result), 0);
      t.is(milliseconds(result), 2);
    }
    const wide = '(memory.atomic.wait64 (i32.const 128) (i64.const 0) (i64.const -1))';
    t.is(code(waiting(wide, { granularity }, (m) => m.raise(3, '2ms')).result), 0);
  });
}

for (const stacks of PARKING) {
  test(`on stacks by ${stacks} another task ends a wait too`, async (t) => {
    const bytes = newWat(`(module
      (import "wirq/task" "spawn" (func $spawn (param i32 i32 i32) (result i32)))
      (import "wirq/task" "sleep" (func $sleep (param i64)))
      (memory (export "memory") 1 1 shared)
      (table (export "__indirect_function_table") 1 funcref)
      (elem (i32.const 0) $task)
      (func $task (param i32)
        (call $sleep (i64.const 3000000))
        (i32.store (i32.const 128) (i32.const 1)))
      (func (export "main") (result i32)
        (drop (call $spawn (i32.const 0) (i32.const 7) (i32.const 100)))
        ${WAIT}))`);
    const result = await Machine.load(bytes, { stacks, asyncify, verify: verifyRewriting }).runAsync();
    t.is(code(result), 0);
    t.is(milliseconds(result), 3);
  });

  test(`on stacks by ${stacks} a handler ends a wait, and time does`, async (t) => {
    const wait = WAIT.replace('-1', '4000000');
    const run = (at: string) => {
      const machine = Machine.load(moduleOf(wait), { stacks, asyncify });
      machine.raise(3, at);
      return machine.runAsync();
    };
    t.is(code(await run('2ms')), 0);
    t.is(code(await run('5ms')), 2);
  });
}

test('another value is seen at once; no time is no wait', (t) => {
  const differs = waiting('(memory.atomic.wait32 (i32.const 128) (i32.const 1) (i64.const -1))').result;
  t.is(code(differs), 1);
  t.is(milliseconds(differs), 0);
  t.is(code(waiting('(memory.atomic.wait32 (i32.const 128) (i32.const 0) (i64.const 0))').result), 2);
});

test('a negative value is expected as such', (t) => {
  const store = '(i32.store (i32.const 128) (i32.const -5))';
  const wait = '(memory.atomic.wait32 (i32.const 128) (i32.const -5) (i64.const 5000000))';
  t.is(code(waiting(`${store} ${wait}`).result), 2);
});

test('a notification that changes nothing wakes nobody', (t) => {
  const { result } = waiting(WAIT, {}, (m) => m.raise(4, '2ms'));
  t.is(result.outcome.kind, 'deadlock');
});

test('who waits for ever is in a deadlock, or ended by the limits of the run', (t) => {
  t.is(waiting(WAIT).result.outcome.kind, 'deadlock');
  const { result } = waiting(WAIT, { timeout: '3ms' });
  t.is(result.outcome.kind, 'timeout');
  t.is(milliseconds(result), 3);
});

test('an unaligned wait traps, at the offset it has in the file', (t) => {
  const wait = '(memory.atomic.wait32 (i32.const 3) (i32.const 0) (i64.const -1))';
  const { bytes, result } = waiting(wait);
  const { outcome } = result;
  t.is(outcome.kind, 'trap');
  const [frame, ...others] = outcome.kind === 'trap' ? outcome.backtrace : [];
  t.deepEqual(others, []);
  t.is(frame?.function, 'main');
  t.is(frame?.offset, Buffer.from(bytes).indexOf(Buffer.of(0xfe, 0x01)));
});

test('in other memories than the first too, and at 64-bit addresses', (t) => {
  for (const [memories, address] of [
    ['(memory 1) (memory $m 1 1 shared)', '(i32.const 128)'],
    ['(memory $m i64 1 1 shared)', '(i64.const 128)'],
  ] as const) {
    const bytes = newWat(`(module ${memories}
      (func (export "main") (result i32) ${WAIT.replace('(i32.const 128)', `$m offset=8 ${address}`)})
      (func (export "IRQ3_Handler") (i32.store $m offset=8 ${address} (i32.const 1))))`);
    if (!WebAssembly.validate(bytes)) {
      t.pass('this engine lacks it');
      continue;
    }
    const machine = Machine.load(bytes, { verify: verifyRewriting });
    machine.raise(3, '2ms');
    const result = machine.run();
    t.is(code(result), 0);
    t.is(milliseconds(result), 2);
  }
});

test('in a memory that is not shared a wait traps as it does without wirq', (t) => {
  const bytes = newWat(`(module (memory 1) (func (export "main") (drop ${WAIT})))`);
  if (!WebAssembly.validate(bytes)) t.pass('this engine refuses it');
  else t.is(Machine.load(bytes).run().outcome.kind, 'trap');
});
