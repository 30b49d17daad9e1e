/** The offset map is packed in blocks: it has to say what a plain list of copied runs says. */
import test from 'ava';
import fc from 'fast-check';
import { OffsetMap } from '../../src/rewrite/offsets.ts';

type Run = readonly [old: number, now: number, length: number];

/** As a rewriter makes them: mostly forwards, with insertions of a few bytes between, now and then back to copy a loop once more. */
const copies = fc.array(
  fc.record({
    from: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: -300, max: 5000 })),
    inserted: fc.oneof({ weight: 5, arbitrary: fc.nat(12) }, fc.nat(100_000)),
    length: fc.oneof({ weight: 5, arbitrary: fc.nat(40) }, fc.nat(1_000_000)),
  }),
  { minLength: 1, maxLength: 400 },
);

function fill(map: OffsetMap, list: readonly { from: number; inserted: number; length: number }[]): Run[] {
  const runs: Run[] = [];
  let oldEnd = 1000;
  let newEnd = 0;
  for (const { from, inserted, length } of list) {
    const run: Run = [Math.max(0, oldEnd + from), newEnd + inserted, length];
    map.add(...run);
    oldEnd = run[0] + length;
    newEnd = run[1] + length;
    if (length === 0) continue;
    const last = runs[runs.length - 1];
    const goesOn = last !== undefined && last[0] + last[2] === run[0] && last[1] + last[2] === run[1];
    if (goesOn) runs[runs.length - 1] = [last[0], last[1], last[2] + length];
    else runs.push(run);
  }
  return runs;
}

function originalOf(runs: readonly Run[], offset: number): number {
  const run = runs.findLast(([, now]) => now <= offset);
  return run === undefined ? 0 : run[0] + Math.min(offset - run[1], run[2]);
}

test('runs come out as they were noted, and places between and in them are found', (t) => {
  fc.assert(
    fc.property(copies, fc.array(fc.nat(2_000_000), { maxLength: 20 }), (list, offsets) => {
      const map = new OffsetMap();
      const runs = fill(map, list);
      t.is(map.size, runs.length);
      t.deepEqual([...map.runs()], runs);
      const edges = runs.flatMap(([, now, length]) => [now - 1, now, now + length - 1, now + length]);
      for (const offset of [...offsets, ...edges.slice(0, 200)]) {
        t.is(map.toOriginal(offset), originalOf(runs, offset));
        t.is(
          map.isCopied(offset),
          runs.some(([, now, length]) => offset >= now && offset < now + length),
        );
      }
      for (const [old, , length] of runs.slice(0, 20)) {
        const first = runs.find((run) => old + length - 1 >= run[0] && old + length - 1 < run[0] + run[2])!;
        t.is(map.toRewritten(old + length - 1), first[1] + old + length - 1 - first[0]);
      }
    }),
    { numRuns: 200 },
  );
});

test('what was noted since a mark moves, what was noted before stays', (t) => {
  for (const before of [0, 1, 63, 64, 65, 200]) {
    for (const behind of [0, 1, 64, 100]) {
      const map = new OffsetMap();
      for (let i = 0; i < before; i++) map.add(10 * i, 20 * i, 5);
      const mark = map.mark();
      for (let i = before; i < before + behind; i++) map.add(10 * i, 20 * i, 5);
      map.shift(mark, 7);
      const last = before + behind;
      map.add(10 * last, 20 * last + 7, 5);
      const expected = Array.from({ length: last + 1 }, (_, i) => [10 * i, 20 * i + (i < before ? 0 : 7), 5]);
      t.deepEqual([...map.runs()], expected as never);
      if (behind > 0) t.is(map.toOriginal(20 * before + 8), 10 * before + 1);
    }
  }
});
