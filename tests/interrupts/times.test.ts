/** Latencies in cycles and in instructions are one while nobody sleeps, and from the first sleep on two. */
import test from 'ava';
import type { ExceptionNumber } from '../../src/interrupts/exceptions.ts';
import { InterruptTimes } from '../../src/interrupts/times.ts';

const LINE = 16 as ExceptionNumber;

test('what was waited awake counts in instructions too, after a sleep as before', (t) => {
  const clock = { elapsed: 0, instructions: 0 };
  const times = new InterruptTimes(clock);
  const deliver = (worked: number, slept: number) => {
    times.pended(LINE);
    clock.elapsed += worked + slept;
    clock.instructions += worked;
    times.entered(LINE);
    times.left(LINE);
  };
  t.is(times.of(LINE).latencyInstructions, undefined);
  deliver(3, 0);
  deliver(9, 0);
  t.deepEqual(times.of(LINE).latencyInstructions, { min: 3, median: 3, p99: 9, max: 9 });
  deliver(1, 13);
  deliver(5, 0);
  t.deepEqual(times.of(LINE).latency, { min: 3, median: 5, p99: 14, max: 14 });
  t.deepEqual(times.of(LINE).latencyInstructions, { min: 1, median: 3, p99: 9, max: 9 });
});
