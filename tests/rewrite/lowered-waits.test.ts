/** Waits in memory become calls in as many bytes, and the checker accepts these and no others. */
import test from 'ava';
import { checkLoweredWaits } from '../../src/rewrite/checker/lowered-waits.ts';
import { formatViolation } from '../../src/rewrite/checker/violation.ts';
import { lowerWaits } from '../../src/rewrite/memory-waits.ts';
import { parseModule } from '../../src/wasm/module.ts';
import { newEngine, newWat } from '../support/binaryen.ts';

const source = (memory: string, table = ''): Uint8Array<ArrayBuffer> => {
  const address = memory.includes('i64') ? 'i64' : 'i32';
  const at = (n: number): string => `(${address}.const ${n})`;
  return newWat(`(module
    (import "h" "look" (func $look))
    (memory (export "waits") ${memory}) ${table}
    (global $g (mut i32) (i32.const 5))
    (func (export "a") (result i32) (local $i i64)
      (call $look)
      (memory.atomic.wait32 ${at(64)} (i32.const 2) (i64.const -1)))
    (func (export "b") (result i32)
      (loop $l (br_if $l (memory.atomic.wait64 offset=100000 ${at(0)} (i64.const 0) (i64.const 5))))
      (drop (memory.atomic.wait32 ${at(64)} (i32.const 3) (i64.const 1)))
      (global.get $g)))`);
};
const original = source('1 1 shared');
const lowered = lowerWaits(parseModule(original))!;

const verdict = (bytes: Uint8Array, hook = lowered.hook): string[] =>
  checkLoweredWaits(original, bytes, hook).map(formatViolation);

test('nothing in the code moves, and the rest is what it was', (t) => {
  t.deepEqual(verdict(lowered.bytes), []);
  t.true(WebAssembly.validate(lowered.bytes));
  t.not(lowered.hook, 'waits', 'the module has that');
  const [before, after] = [parseModule(original), parseModule(lowered.bytes)];
  t.is(after.functions.length, before.functions.length + 2, 'one for each kind and place of the operand');
  before.bodies.forEach(({ start, end }, i) => {
    t.is(after.bodies[i]!.end - after.bodies[i]!.start, end - start);
    t.is(lowered.offsets.toOriginal(after.bodies[i]!.start), start);
  });
});

test('with tables, more memories and 64-bit addresses too', (t) => {
  const second = source('1 1 shared', '(memory $n 1 1 shared) (table 1 funcref)');
  for (const bytes of [source('1 1 shared', '(table 1 funcref)'), source('i64 1 1 shared'), second]) {
    const { bytes: after, hook } = lowerWaits(parseModule(bytes))!;
    t.deepEqual(checkLoweredWaits(bytes, after, hook).map(formatViolation), []);
    t.true(WebAssembly.validate(after) || !newEngine);
  }
});

test('what does not wait, or not in shared memory, stays as it is', (t) => {
  t.is(lowerWaits(parseModule(source('1 1'))), undefined);
  const counts = newWat('(module (memory 1 1 shared) (func (drop (i32.atomic.load (i32.const 0)))))');
  t.is(lowerWaits(parseModule(counts)), undefined);
});

test('the checker misses no byte that differs', (t) => {
  const code = parseModule(lowered.bytes).sections.find(({ id }) => id === 10)!;
  let tried = 0;
  for (let at = 8; at < lowered.bytes.length; at++) {
    const mutated = lowered.bytes.slice();
    mutated[at]! ^= 1;
    if (!WebAssembly.validate(mutated)) continue;
    tried++;
    const found = verdict(mutated);
    t.true(found.length > 0, `byte ${at}${at >= code.start ? ' of the code' : ''}`);
  }
  t.true(tried > 30, `${tried}`);
});

test('a wait that is left, and another name, are found', (t) => {
  t.true(verdict(original).length > 0);
  t.true(verdict(lowered.bytes, 'another').length > 0);
});
