/** Where nothing is counted, loops that count look at the flag once in many rounds: what they compute, and when they look. */
import test from 'ava';
import fc from 'fast-check';
import { checkRewritten } from '../../src/rewrite/checker/check.ts';
import { formatViolation } from '../../src/rewrite/checker/violation.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { wat } from '../support/wat.ts';
import { type Hosted, host, plain } from './harness.ts';

const counting = 'none' as const;
/** The most that is executed in strips between two looks: docs/counting.md. */
const mostUncounted = 8192;
/** Executed in a round of the loops below. */
const roundCost = 20;

function loop(step: number, again: string): Uint8Array<ArrayBuffer> {
  return wat(`(module (memory 1)
    (func (export "run") (param $i i32) (param $n i32) (result i32) (local $s i32)
      (loop $again
        (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 31)) (i32.load8_u (i32.and (local.get $i) (i32.const 0xff)))))
        (i32.store8 (i32.and (local.get $i) (i32.const 0xff)) (local.get $s))
        ${again.replaceAll('STEP', String(step))})
      (i32.add (local.get $s) (local.get $i))))`);
}

const comparisons = [
  '(br_if $again (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const STEP))) (local.get $n)))',
  '(br_if $again (i32.ne (local.get $n) (local.tee $i (i32.add (local.get $i) (i32.const STEP)))))',
  '(local.set $i (i32.add (local.get $i) (i32.const STEP))) (br_if $again (i32.ne (local.get $i) (local.get $n)))',
];
const toZero = '(br_if $again (local.tee $i (i32.add (local.get $i) (i32.const STEP))))';

const stopAfter =
  (count: number) =>
  (machine: Hosted): void => {
    if (machine.calls.length === count) throw new Error('enough');
  };

function proved(bytes: Uint8Array): readonly string[] {
  const rewritten = instrument(bytes, { counting });
  return checkRewritten(bytes, rewritten.bytes, rewritten.hookNames, { counting }).violations.map(formatViolation);
}

const steps = fc.constantFrom(1, 2, 4, 64, -1, -2, -64);
const rounds = fc.oneof(
  fc.integer({ min: 1, max: 3 }),
  fc.integer({ min: 700, max: 900 }),
  fc.integer({ min: 1, max: 9000 }),
);
const firsts = fc.constantFrom(0, 1, -1, 0x7fff_ffff, -0x8000_0000, 1000);

test('whatever a loop counts, it computes the same, and looks often enough', (t) => {
  fc.assert(
    fc.property(steps, rounds, firsts, fc.nat(comparisons.length), (step, count, start, form) => {
      const bytes = loop(step, comparisons[form] ?? toZero);
      const first = comparisons[form] === undefined ? -step * count : start;
      const bound = (first + step * count) | 0;
      const expected = plain(bytes).run!(first, bound);
      const calm = host(bytes, { counting });
      const busy = host(bytes, { counting, quantum: -1 });
      t.is(calm.exports.run!(first, bound), expected);
      t.is(calm.calls.length, 0);
      t.is(busy.exports.run!(first, bound), expected);
      t.true(busy.calls.length >= Math.floor((count * (roundCost - 4)) / mostUncounted) - 1);
      t.true(busy.calls.length <= Math.ceil((count * (roundCost + 4)) / mostUncounted));
    }),
    { numRuns: 120 },
  );
});

test('a loop that never meets its bound still looks', (t) => {
  // From its bound on it makes all the rounds there are; a step that passes the bound by makes no end of them.
  for (const [step, first, bound] of [
    [1, 7, 7],
    [-1, 7, 7],
    [4, 1, 8],
    [-8, 1, 8],
    [64, 0, 1],
  ] as const) {
    const bytes = loop(step, comparisons[0]!);
    t.deepEqual(proved(bytes), []);
    const machine = host(bytes, { counting, quantum: -1, onSafepoint: stopAfter(5) });
    t.throws(() => machine.exports.run!(first, bound), { message: 'enough' });
  }
});

test('every form is proved, and is written in strips', (t) => {
  for (const step of [1, 4, -1, -2]) {
    for (const again of [...comparisons, toZero]) {
      const bytes = loop(step, again);
      t.deepEqual(proved(bytes), [], again);
      t.is(instrument(bytes, { counting }).report.safepoints, 1);
      // A step that is no power of two is no strip's: then the loop looks in every round, in each of its forms.
      t.deepEqual(proved(loop(step * 3, again)), []);
    }
  }
});

/** Sixteen walks down a chain, of any length. */
const walks = wat(`(module (memory 1)
  (func (export "run") (param $n i32) (result i32) (local $i i32) (local $at i32) (local $s i32)
    (local.set $i (i32.const 0))
    (loop $each
      (local.set $at (local.get $n))
      (loop $walk
        (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 5)) (i32.xor (local.get $at) (local.get $i))))
        (br_if $walk (i32.gt_s (local.tee $at (i32.div_s (i32.sub (local.get $at) (i32.const 1)) (i32.const 2))) (i32.const 0))))
      (br_if $each (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 16))))
    (local.get $s)))`);

test('a loop of few rounds leaves looking to the loop in it', (t) => {
  t.deepEqual(proved(walks), []);
  t.is(instrument(walks, { counting }).report.safepoints, 1);
  const [calm, busy] = [host(walks, { counting }), host(walks, { counting, quantum: -1 })];
  for (const n of [0, 1, 2, 7, 1000, 123_456_789]) {
    const expected = plain(walks).run!(n);
    t.is(calm.exports.run!(n), expected);
    t.is(busy.exports.run!(n), expected);
  }
  t.true(busy.calls.length > 16);
});
