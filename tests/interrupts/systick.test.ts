/** SysTick's n-th period ends n * (reload + 1) / hz after its start, to the nanosecond, at every rate. */
import test from 'ava';
import fc from 'fast-check';
import { Alarms } from '../../src/clock/alarms.ts';
import { MAX_RELOAD, SysTick } from '../../src/interrupts/systick.ts';

function bench(hz: number) {
  let now = 0;
  const ticks: number[] = [];
  const alarms = new Alarms(() => now);
  const systick = new SysTick({
    hz,
    elapsed: () => Math.ceil((now * hz) / 1e9),
    alarm: (fire) => alarms.create(fire),
    pendSysTick: () => ticks.push(alarms.base),
  });
  /** Moves time on to each next expiry, `count` times. */
  const run = (count: number): number[] => {
    ticks.length = 0;
    for (let tick = 0; tick < count && alarms.nextKey !== undefined; tick++) {
      now = alarms.nextKey;
      alarms.runDue(now);
    }
    return ticks;
  };
  return { systick, run };
}

const hz = fc.oneof(fc.constantFrom(1, 32_768, 1_000_000, 16_000_000, 999_999_937), fc.integer({ min: 1, max: 1e9 }));
const reload = fc.oneof(fc.constantFrom(1, 2, 15_999, MAX_RELOAD), fc.integer({ min: 1, max: MAX_RELOAD }));

test('ticks come when n periods are over, rounded down, for all n', (t) => {
  fc.assert(
    fc.property(hz, reload, fc.integer({ min: 1, max: 300 }), (hz, reload, count) => {
      const { systick, run } = bench(hz);
      if (systick.configure(reload) !== 0) throw new Error('refused');
      run(count).forEach((tick, at) => {
        const exact = (BigInt(at + 1) * BigInt(reload + 1) * 1_000_000_000n) / BigInt(hz);
        if (BigInt(tick) !== exact) throw new Error(`tick ${at + 1} came at ${tick}, not ${exact}`);
      });
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('a reload that does not fit is refused, and leaves the timer as it was', (t) => {
  const { systick, run } = bench(1_000_000);
  systick.configure(9);
  for (const bad of [-1, MAX_RELOAD + 1, 0.5, Number.NaN]) t.is(systick.configure(bad), 1);
  t.deepEqual(run(2), [10_000, 20_000]);
  t.is(systick.configure(4), 0);
  t.deepEqual(run(2), [25_000, 30_000]);
  t.is(systick.configure(0), 0);
  t.deepEqual(run(1), []);
});

test('above 1 GHz a period is at least a nanosecond, and time goes on', (t) => {
  const { systick, run } = bench(10e9);
  systick.configure(1);
  t.deepEqual(run(3), [1, 2, 3]);
});
