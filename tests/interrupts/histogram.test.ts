/** A histogram's minimum and maximum are exact, its quantiles those of the sorted values within an eighth. */
import test from 'ava';
import fc from 'fast-check';
import { Histogram } from '../../src/interrupts/histogram.ts';

function histogramOf(values: readonly number[]) {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram.distribution;
}

const value = fc.oneof(fc.nat(40), fc.nat(2 ** 31 - 1), fc.constantFrom(15, 16, 17, 2 ** 30, 2 ** 31 - 1));

test('quantiles are nearest-rank, within an eighth below', (t) => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), (values) => {
      const sorted = values.toSorted((a, b) => a - b);
      const found = histogramOf(values)!;
      if (found.min !== sorted[0] || found.max !== sorted.at(-1)) throw new Error('the ends are not exact');
      for (const [share, is] of [
        [0.5, found.median],
        [0.99, found.p99],
      ] as const) {
        const exact = sorted[Math.ceil(sorted.length * share) - 1]!;
        if (is > exact || is < exact - exact / 8) throw new Error(`${is} is not ${exact}`);
        if (exact < 16 && is !== exact) throw new Error('small values are exact');
      }
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test('of a few values the 99th percentile is the maximum, exactly', (t) => {
  const values = Array.from({ length: 99 }, (_, k) => 1000 + k);
  t.is(histogramOf(values)!.p99, 1098);
  t.deepEqual(histogramOf([0, 67_500]), { min: 0, median: 0, p99: 67_500, max: 67_500 });
});

test('nothing recorded has no distribution, and what is beyond all buckets counts in the last', (t) => {
  t.is(histogramOf([]), undefined);
  t.deepEqual(histogramOf([7]), { min: 7, median: 7, p99: 7, max: 7 });
  const beyond = histogramOf([1, 2 ** 40, 2 ** 40])!;
  t.is(beyond.max, 2 ** 40);
  t.true(beyond.median >= 2 ** 30);
});
