import test from 'ava';
import fc from 'fast-check';
import { checkRewritten } from '../../src/rewrite/checker/check.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { wat } from '../support/wat.ts';
import { type Hosted, host, plain } from './harness.ts';

/** A safepoint that ends the run when it is called for the nth time. */
const stopAfter =
  (count: number) =>
  (machine: Hosted): void => {
    if (machine.calls.length === count) throw new Error('enough');
  };

/** A loop from `$i` on, by steps, while the counter differs from the bound. */
function counting(step: number, bound: string, compare: string): Uint8Array<ArrayBuffer> {
  return wat(`(module (memory 1)
    (func (export "run") (param $i i32) (param $n i32) (result i32) (local $s i32)
      (loop $again
        (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 31)) (i32.load8_u (i32.and (local.get $i) (i32.const 0xff)))))
        (i32.store8 (i32.and (local.get $i) (i32.const 0xff)) (local.get $s))
        ${compare.replaceAll('STEP', String(step)).replaceAll('BOUND', bound)})
      (i32.add (local.get $s) (local.get $i))))`);
}

const compares = [
  '(br_if $again (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const STEP))) BOUND))',
  '(br_if $again (i32.ne BOUND (local.tee $i (i32.add (local.get $i) (i32.const STEP)))))',
  '(local.set $i (i32.add (local.get $i) (i32.const STEP))) (br_if $again (i32.ne (local.get $i) BOUND))',
  '(local.set $i (i32.add (local.get $i) (i32.const STEP))) (br_if $again (i32.ne BOUND (local.get $i)))',
];
const zero = '(br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const STEP))))';

const steps = fc.constantFrom(1, 2, 4, 8, 16, -1, -2, -8);
const rounds = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 700 }));
const corners = fc.constantFrom(0, 1, -1, 0x7fff_ffff, -0x8000_0000, 1000);

test('a counted loop computes what it did, and costs the same, whatever budgets it is given', (t) => {
  fc.assert(
    fc.property(
      steps,
      rounds,
      corners,
      fc.nat(3),
      fc.integer({ min: 1, max: 400 }),
      (step, count, first, form, quantum) => {
        const bytes = counting(step, '(local.get $n)', compares[form]!);
        const bound = (first + step * count) | 0;
        const expected = plain(bytes).run!(first, bound);
        const calm = host(bytes);
        const busy = host(bytes, { quantum });
        t.is(calm.exports.run!(first, bound), expected);
        t.is(busy.exports.run!(first, bound), expected);
        t.is(calm.spent(), busy.spent(), 'the count does not depend on when somebody looks');
        t.true(calm.spent() >= count * 10);
      },
    ),
    { numRuns: 150 },
  );
});

test('a bound that is a constant, and a loop down to zero', (t) => {
  fc.assert(
    fc.property(rounds, fc.constantFrom(1, 2, 4), fc.integer({ min: 1, max: 100 }), (count, step, quantum) => {
      for (const bytes of [counting(step, `(i32.const ${count * step})`, compares[0]!), counting(step, '', zero)]) {
        const first = bytes.includes(0x6b) ? count * step : 0;
        const expected = plain(bytes).run!(first, 0);
        const [calm, busy] = [host(bytes), host(bytes, { quantum })];
        t.is(calm.exports.run!(first, 0), expected);
        t.is(busy.exports.run!(first, 0), expected);
        t.is(calm.spent(), busy.spent());
      }
    }),
    { numRuns: 60 },
  );
});

test('a loop that never meets its bound is interrupted all the same', (t) => {
  for (const [first, bound, step] of [
    [1, 0, 2],
    [0, 6, 4],
    [3, -7, -16],
  ] as const) {
    const bytes = counting(step, '(local.get $n)', compares[0]!);
    const endless = host(bytes, { quantum: 1000, onSafepoint: stopAfter(50) });
    t.throws(() => endless.exports.run!(first, bound));
    t.is(endless.calls.length, 50);
  }
});

test('a loop that steps over its bound does not pass for one that comes to it after many rounds', (t) => {
  for (const step of [64, 4096, -0x10000]) {
    const bytes = counting(step, '(local.get $n)', compares[0]!);
    const endless = host(bytes, { quantum: 2 ** 30, onSafepoint: stopAfter(2) });
    t.throws(() => endless.exports.run!(1, 2), { message: 'enough' });
    const { bytes: changed, hookNames } = instrument(bytes);
    t.deepEqual(checkRewritten(bytes, changed, hookNames).violations, []);
  }
});

test('a bound that is met only after going all around costs four thousand million rounds, one look at a time', (t) => {
  const bytes = counting(1, '(local.get $n)', compares[0]!);
  const long = host(bytes, { quantum: 2 ** 20, onSafepoint: stopAfter(20) });
  t.throws(() => long.exports.run!(5, 5));
  t.is(long.calls.length, 20);
});

test('a loop of a few rounds that constants tell has no safepoint; a longer one has one, and one with another way out', (t) => {
  const looping = (first: number, rest: string): Uint8Array =>
    wat(`(module (memory 1) (func (export "run") (local $i i32) (local.set $i (i32.const ${first}))
      (block $out (loop $again (i32.store8 (local.get $i) (i32.const 7)) ${rest}
        (br_if $again (local.tee $i (i32.add (local.get $i) (i32.const -1))))))))`);
  t.is(instrument(looping(20, '')).report.safepoints, 0);
  t.is(instrument(looping(20_000, '')).report.safepoints, 1);
  t.true(instrument(looping(20, '(br_if $out (i32.load8_u (local.get $i)))')).report.safepoints > 0);
});
