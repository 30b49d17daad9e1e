/** The arithmetic behind the benchmark's figures, and the fairness of the order in which things are measured. */
import test from 'ava';
import * as fc from 'fast-check';
import { geometricMean, interleave, median, quantile, ratios, turn } from '../../bench/statistics.ts';
import { codeBytes } from '../../bench/subjects.ts';
import { markdownTable } from '../../bench/table.ts';
import { wat } from '../support/wat.ts';

test('the median is the middle, or the mean of the two in the middle', (t) => {
  t.is(median([3, 1, 2]), 2);
  t.is(median([4, 1, 3, 2]), 2.5);
  t.throws(() => median([]), { instanceOf: RangeError });
});

test('one outlier moves the median no further than to a neighbour', (t) => {
  t.is(median([1, 1.01, 1.02, 1.03, 900]), 1.02);
});

test('quantiles interpolate between ranks', (t) => {
  t.is(quantile([10, 20, 30, 40, 50], 0.25), 20);
  t.is(quantile([0, 10], 0.75), 7.5);
  t.is(quantile([7], 0.9), 7);
});

test('in a geometric mean twice as fast and twice as slow cancel out', (t) => {
  t.is(geometricMean([0.5, 2]), 1);
  t.true(Math.abs(geometricMean([1, 10, 100]) - 10) < 1e-12);
});

test('ratios pair what was measured in the same round', (t) => {
  t.deepEqual(ratios([2, 9], [1, 3]), [2, 3]);
});

test('every subject runs once in every round, and each of them sometimes first', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 50 }), (count, round) => {
      const everybody = Array.from({ length: count }, (_, index) => index);
      return (
        turn(count, round)
          .toSorted((a, b) => a - b)
          .join() === everybody.join()
      );
    }),
  );
  const firsts = new Set(Array.from({ length: 6 }, (_, round) => turn(3, round)[0]));
  t.is(firsts.size, 3);
});

test('interleaving keeps each subject’s times apart', (t) => {
  let calls = 0;
  const counted = (): number => {
    calls++;
    return 10;
  };
  const times = interleave([counted, () => 20], 4);
  t.deepEqual(times, [
    [10, 10, 10, 10],
    [20, 20, 20, 20],
  ]);
  t.is(calls, 4);
});

test('the code section is found behind others and its size read', (t) => {
  t.is(codeBytes(wat('(module (memory 1) (func (export "f")) (data (i32.const 0) "abc"))')), 4);
  t.is(codeBytes(wat('(module)')), 0);
});

test('tables pad every column to its widest cell', (t) => {
  const table = markdownTable(
    [
      { title: 'name', align: 'left' },
      { title: 'ratio', align: 'right' },
    ],
    [
      ['crc32', '1.010'],
      ['a', '12.500'],
    ],
  );
  t.deepEqual(table.split('\n'), [
    '| name  |  ratio |',
    '| ----- | -----: |',
    '| crc32 |  1.010 |',
    '| a     | 12.500 |',
  ]);
});
