/** What `inspect` says of a module is what a machine would do with it; what the engine refuses is told in the user's terms. */
import test from 'ava';
import { inspectModule } from '../../src/machine/inspection.ts';
import { Machine } from '../../src/machine/machine.ts';
import { Random } from '../../src/machine/random.ts';
import { wat } from '../support/wat.ts';
import { run } from './firmware.ts';

test('everything that a machine would find is reported', (t) => {
  const report = inspectModule(
    wat(`(module (import "wirq/irq" "wfi" (func $wfi)) (import "env" "gone" (func (param f32)))
      (memory (export "memory") 1 3) (global $__stack_pointer (mut i32) (i32.const 4096))
      (global (export "wirq_mailbox") i32 (i32.const 1024)) (global (export "wirq_handler_stack") i32 (i32.const 2048))
      (func $boot) (start $boot)
      (func (export "IRQ3_Handler") (param i32)) (func (export "SysTick_Handler")) (func (export "_initialize"))
      (func (export "main") (result i32) (loop (br 0)) (unreachable)))`),
    { irqs: { BUTTON: 3 } },
  );
  t.deepEqual(
    report.imports.map(({ name, provider }) => [name, provider]),
    [
      ['wfi', 'wirq/irq'],
      ['gone', undefined],
    ],
  );
  t.deepEqual(
    report.handlers.map((each) => [each.name, Number(each.line), each.export, each.takesLine]),
    [
      ['BUTTON', 3, 'IRQ3_Handler', true],
      ['SysTick', -1, 'SysTick_Handler', false],
    ],
  );
  t.like(report, {
    mailbox: 'exported global',
    start: 'boot',
    stackPointer: 'name',
    handlerStack: 'declared',
    functions: 5,
  });
  t.deepEqual(report.entry, ['_initialize', 'main']);
  t.is(report.memories.length, 1);
  t.true(report.safepoints >= 1 && report.longestStretch >= 1 && report.rewrittenBytes > report.bytes);
});

test('other ways to a mailbox and a handler stack', (t) => {
  const stack = '(memory 1) (global $__stack_pointer (mut i32) (i32.const 4096)) (func (export "IRQ3_Handler"))';
  const open = '(import "wirq/mailbox" "open" (func (param i32 i32) (result i32)))';
  const report = inspectModule(
    wat(`(module ${open} ${stack} (func (export "malloc") (param i32) (result i32) (i32.const 0)))`),
  );
  t.like(report, { mailbox: 'wirq/mailbox.open', handlerStack: 'from malloc' });
  t.is(inspectModule(wat(`(module ${stack})`)).handlerStack, 'shared with the program');
  t.like(inspectModule(wat('(module)')), { handlerStack: 'not needed', mailbox: undefined, stackPointer: undefined });
});

/** A module whose one function leaves an i32 where nothing is declared: well-formed, and not valid. */
const INVALID = Uint8Array.of(
  0,
  0x61,
  0x73,
  0x6d,
  1,
  0,
  0,
  0,
  1,
  4,
  1,
  0x60,
  0,
  0,
  3,
  2,
  1,
  0,
  7,
  5,
  1,
  1,
  0x66,
  0,
  0,
  10,
  6,
  1,
  4,
  0,
  0x41,
  1,
  0x0b,
);

test('a module that the engine refuses is refused as the user knows it, with the place in the original', (t) => {
  const expected = t.throws(() => new WebAssembly.Module(INVALID), { instanceOf: WebAssembly.CompileError });
  const offset = Number(/@\+(\d+)/.exec(expected!.message)![1]);
  const error = t.throws(() => Machine.load(INVALID, { file: 'bad.wasm' }).run(), { code: 'bad-module' }) as Error & {
    place?: { offset?: number };
  };
  t.is(error.place?.offset, offset);
  t.notRegex(error.message, /WebAssembly\.Module/);
});

test('a module cut off anywhere, or with any byte changed, gives an error of ours or runs', (t) => {
  const bytes =
    wat(`(module (memory 1) (table 2 funcref) (elem (i32.const 0) $f) (data (i32.const 5) "abc") (global (mut i64) (i64.const 3))
    (func $f (param i32) (result i32) (local.get 0)) (func (export "IRQ3_Handler"))
    (func (export "_start") (local $i i32) (loop $l (drop (call $f (local.get $i))) (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20))))))`);
  const attempt = (spoiled: Uint8Array, what: string) => {
    try {
      const machine = Machine.load(spoiled, { maxInstructions: 100_000 });
      machine.raise(3, { kind: 'instruction', count: 10 });
      machine.run();
    } catch (error) {
      if ((error as Error).name !== 'WirqError') t.fail(`${what}: ${(error as Error).stack}`);
    }
  };
  for (let length = 0; length < bytes.length; length++) attempt(bytes.slice(0, length), `cut at ${length}`);
  for (let at = 8; at < bytes.length; at++) {
    for (const change of [1, 0x40, 0x80, 0xff]) attempt(bytes.with(at, bytes[at]! ^ change), `byte ${at} ^ ${change}`);
  }
  t.pass();
});

test('the random source is xoshiro128**, and bytes come from its words in order', (t) => {
  const random = new Random(42);
  const words = Array.from({ length: 3 }, () => random.next());
  const bytes = new Uint8Array(10);
  new Random(42).fill(bytes);
  const view = new DataView(bytes.buffer);
  t.deepEqual(
    [view.getUint32(0, true), view.getUint32(4, true), view.getUint16(8, true)],
    [words[0]!, words[1]!, words[2]! & 0xffff],
  );
  // Each bit is set about half of the time; 6 standard deviations of 4000 draws.
  const counts = new Array(32).fill(0);
  for (let draw = 0; draw < 4000; draw++)
    for (let bits = random.next(), bit = 0; bit < 32; bit++) counts[bit] += (bits >>> bit) & 1;
  for (const count of counts) t.true(Math.abs(count - 2000) < 190, `${count}`);
});

test('priorities and names that are none are refused', (t) => {
  for (const priority of [-1, 256, 1.5, Number.NaN]) {
    t.throws(() => run('(module)', { irqs: { A: { line: 1, priority } } }), {
      code: 'bad-argument',
      message: /A: .* is not a priority/,
    });
  }
  t.throws(() => run('(module)', { irqs: { A: 240 } }), { code: 'bad-argument' });
  t.throws(() => run('(module)', { pins: { A: 256 } }), { code: 'bad-argument' });
  t.throws(() => run('(module)', { wires: [{ pin: 'A', line: 1 }] }), {
    code: 'bad-argument',
    message: /no pin is called A/,
  });
});

test('what the engine refuses is described all the same, with its reason', (t) => {
  // (func (result) i32.add) without operands: it can be read, and not be compiled
  const invalid = Uint8Array.from([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 5, 1, 3, 0, 0x6a, 0x0b,
  ]);
  const { functions, warnings } = inspectModule(invalid);
  t.is(functions, 1);
  t.is(warnings.length, 1);
  t.regex(warnings[0]!, /^this engine refuses it: function func\[0\], offset 0x17: not enough arguments/);
});
