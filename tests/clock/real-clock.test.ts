import test from 'ava';
import type { Instant } from '../../src/clock/instant.ts';
import { REAL_TIME_BUDGET, RealClock } from '../../src/clock/real-clock.ts';

/** A host whose time passes when it is told to, and when it sleeps. */
function host(ratio?: number) {
  const slept: (number | undefined)[] = [];
  const fake = {
    at: 1000,
    slept,
    nowNs: () => fake.at,
    rest(ns: number | undefined) {
      slept.push(ns);
      fake.at += ns ?? 0;
    },
    ratio,
  };
  return fake;
}

const instant = (ns: number) => ns as Instant;

test('time begins when the guest is connected, and stands still between two settlements', (t) => {
  const time = host();
  const clock = new RealClock(16_000_000, time);
  time.at = 5000;
  clock.settle(0);
  t.is(clock.now, instant(0));
  clock.grant(0);
  time.at = 5700;
  t.is(clock.now, instant(0));
  clock.settle(0);
  t.is(clock.now, instant(700));
  time.at = 5600;
  clock.settle(0);
  t.is(clock.now, instant(700), 'and never goes back');
});

test('the ratio scales time, sleep and the host time of an instant', (t) => {
  const time = host(2);
  const clock = new RealClock(16_000_000, time);
  clock.grant(0);
  time.at += 50;
  clock.settle(0);
  t.is(clock.now, instant(100));
  clock.jumpTo(instant(300));
  t.deepEqual(time.slept, [100]);
  t.is(clock.now, instant(300));
  t.is(clock.hostTimeOf(instant(500)), 1250);
});

test('an instant that is past needs no sleep; the end of time is waited for without a limit', (t) => {
  const time = host();
  const clock = new RealClock(16_000_000, time);
  clock.grant(0);
  time.at += 50;
  clock.jumpTo(instant(20));
  t.deepEqual(time.slept, []);
  clock.jumpTo(instant(Number.MAX_SAFE_INTEGER));
  t.deepEqual(time.slept, [undefined]);
});

test('work is counted, but is not time; the guest comes by often', (t) => {
  const time = host();
  const clock = new RealClock(16_000_000, time);
  clock.grant(0);
  clock.grant(100);
  clock.settle(30);
  t.is(clock.instructions, 70);
  t.is(clock.now, instant(0));
  t.is(clock.budgetUntil(instant(1_000_000_000)), REAL_TIME_BUDGET);
  t.is(clock.budgetUntil(instant(0)), 0);
  t.is(clock.budgetUntilCount(100), 30);
});
