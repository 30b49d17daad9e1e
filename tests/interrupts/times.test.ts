/** Latencies in cycles and in instructions are one while nobody sleeps, and from the first sleep on two. */
import test from 'ava';
import { InterruptTimes, TimedAccount } from '../../src/interrupts/times.ts';

test('what was waited awake counts in instructions too, after a sleep as before', (t) => {
  const clock = { elapsed: 0, instructions: 0 };
  const line = new TimedAccount();
  const times = new InterruptTimes(clock);
  const deliver = (worked: number, slept: number) => {
    times.pended(line);
    clock.elapsed += worked + slept;
    clock.instructions += worked;
    times.entered(line);
    times.left(line);
  };
  t.is(line.times.latencyInstructions, undefined);
  deliver(3, 0);
  deliver(9, 0);
  t.deepEqual(line.times.latencyInstructions, { min: 3, median: 3, p99: 9, max: 9 });
  deliver(1, 13);
  deliver(5, 0);
  t.deepEqual(line.times.latency, { min: 3, median: 5, p99: 14, max: 14 });
  t.deepEqual(line.times.latencyInstructions, { min: 1, median: 3, p99: 9, max: 9 });
});
