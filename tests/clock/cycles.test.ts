/** Cycles and instants say the same as exact arithmetic, near a landmark, across it and far away, in whatever order they are asked. */
import test from 'ava';
import fc from 'fast-check';
import { Cycles } from '../../src/clock/cycles.ts';
import type { Instant } from '../../src/clock/instant.ts';

/** Rates of real chips, and such as make large fractions; not so high that products of a day are no longer exact. */
const hz = fc.oneof(
  fc.constantFrom(1, 3, 32_768, 1_000_000, 14_745_600, 16_000_000, 33_333_333, 72_000_000, 168_000_000, 1e9),
  fc.integer({ min: 1, max: 200e6 }),
);
const DAY_NS = 86_400_000_000_000;
/** Steps that stay near, that leave the landmark, and back to anywhere. */
const places = fc.array(fc.oneof(fc.nat(1000), fc.nat(2 ** 28), fc.nat(2 ** 31), fc.nat(DAY_NS)), {
  minLength: 1,
  maxLength: 12,
});

const instantOf = (hz: number, cycle: number) => Number((BigInt(cycle) * 1_000_000_000n) / BigInt(hz));
const firstAt = (hz: number, at: number) => Number((BigInt(at) * BigInt(hz) + 999_999_999n) / 1_000_000_000n);

test('the time of a cycle and the first cycle at a time are exact, wherever the landmark is', (t) => {
  fc.assert(
    fc.property(hz, places, places, (hz, cycles, times) => {
      const clock = new Cycles(hz);
      const product = (n: number, by: number) => n * by <= Number.MAX_SAFE_INTEGER;
      for (let k = 0; k < cycles.length; k++) {
        const cycle = cycles[k]!;
        if (product(cycle, 1e9) && Number(clock.instantOf(cycle)) !== instantOf(hz, cycle)) return false;
        const at = times[k % times.length]!;
        if (product(at, hz) && clock.firstAt(at as Instant) !== firstAt(hz, at)) return false;
      }
      return true;
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

test('so they are for every cycle and every nanosecond around a landmark that has just moved', (t) => {
  for (const hz of [16_000_000, 14_745_600, 48_000_000, 32_768]) {
    const clock = new Cycles(hz);
    for (const start of [0, 3 * hz + 1, 7 * hz - 1, 5 * hz]) {
      for (let cycle = Math.max(0, start - 200); cycle < start + 200; cycle++) {
        t.is(Number(clock.instantOf(cycle)), instantOf(hz, cycle));
      }
      const ns = instantOf(hz, start);
      for (let at = Math.max(0, ns - 500); at < ns + 500; at++) {
        if (clock.firstAt(at as Instant) !== firstAt(hz, at)) t.fail(`${at} ns at ${hz} Hz`);
      }
    }
  }
});
