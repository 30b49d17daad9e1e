/** Cycles and nanoseconds agree with each other at every rate, up to the end of time. */
import test from 'ava';
import fc from 'fast-check';
import { type Instant, MAX_NS } from '../../src/clock/instant.ts';
import { MAX_BUDGET, VirtualClock } from '../../src/clock/virtual-clock.ts';

const hz = fc.oneof(
  fc.constantFrom(1, 3, 32_768, 1_000_000, 16_000_000, 33_333_333, 1e9, 1e9 + 1, 10e9),
  fc.integer({ min: 1, max: 10e9 }),
);
const anytime = fc.oneof(fc.nat(1000), fc.integer({ min: 0, max: 1e12 }), fc.maxSafeNat(), fc.constant(MAX_NS));
const work = fc.oneof(fc.nat(100), fc.nat(MAX_BUDGET));

/** A clock that has executed `cycles` instructions. */
function worked(hz: number, cycles: number): VirtualClock {
  const clock = new VirtualClock(hz);
  clock.grant(cycles);
  clock.settle(0);
  return clock;
}

test('n cycles take n / hz seconds, rounded down', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), work, (hz, cycles) => {
      const exact = Math.min(Number((BigInt(cycles) * 1_000_000_000n) / BigInt(hz)), MAX_NS);
      return Math.abs(worked(hz, cycles).now - exact) <= (hz > 16_000_000 ? 1 : 0);
    }),
  );
  t.is(Number(worked(16_000_000, 16).now), 1000);
  t.is(Number(worked(3, 1).now), 333_333_333);
});

test('after cyclesUntil more cycles an instant is reached, and not one cycle sooner', (t) => {
  fc.assert(
    fc.property(hz, work, fc.integer({ min: 0, max: 1e9 }), (hz, cycles, ns) => {
      const clock = worked(hz, cycles);
      const at = Math.min(clock.now + ns, MAX_NS) as Instant;
      const distance = clock.cyclesUntil(at);
      if (ns === 0) return distance === 0;
      if (distance > MAX_BUDGET || distance === 0) return clock.now >= at || distance > 0;
      const sooner = worked(hz, cycles);
      sooner.grant(distance);
      sooner.settle(1);
      const before = sooner.now;
      sooner.settle(0);
      return before < at && sooner.now >= at;
    }),
  );
  t.pass();
});

test('jumping reaches every instant, once and for all, without work', (t) => {
  fc.assert(
    fc.property(hz, work, anytime, anytime, (hz, cycles, first, second) => {
      const clock = worked(hz, cycles);
      for (const at of [first, second]) {
        const before = clock.now;
        clock.jumpTo(at as Instant);
        if (clock.now < at || clock.now < before) throw new Error(`at ${clock.now} after a jump to ${at}`);
        // No further than the first cycle that is not too early.
        if (at > before && at + 1e9 / hz + 1 < clock.now && clock.now < MAX_NS)
          throw new Error(`${clock.now} is past ${at}`);
        if (clock.cyclesUntil(at as Instant) !== 0) throw new Error(`${at} is still to come at ${clock.now}`);
      }
      return clock.instructions === cycles;
    }),
    { numRuns: 1000 },
  );
  t.pass();
});

test('work is counted once, however often it is settled', (t) => {
  const clock = new VirtualClock(1000);
  clock.grant(100);
  clock.settle(60);
  clock.settle(60);
  t.is(clock.instructions, 40);
  clock.settle(-3);
  t.is(clock.instructions, 103);
  clock.grant(10);
  clock.settle(10);
  t.is(clock.instructions, 103);
  t.is(Number(clock.now), 103e6);
});

test('time stands still at its end', (t) => {
  const clock = worked(10e9, 12345);
  clock.jumpTo(MAX_NS as Instant);
  t.is(Number(clock.now), MAX_NS);
  clock.grant(1000);
  clock.settle(0);
  t.is(Number(clock.now), MAX_NS);
  t.is(clock.instructions, 13345);
  t.is(clock.cyclesUntil(MAX_NS as Instant), 0);
});
