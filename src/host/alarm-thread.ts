/**
 * The thread of alarm-clock.ts: sleeps until the moment that is set, tells the board, and sleeps until another one is.
 * Sleeping at shared memory is exact to some 50 µs, where Node's timers are whole milliseconds.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type AlarmMemory, SETTINGS } from './alarm-clock.ts';

const { settings, moment, origin } = workerData as AlarmMemory;

for (;;) {
  const setting = Atomics.load(settings, SETTINGS);
  const at_ns = Number(Atomics.load(moment, 0));
  const left_ms = at_ns < 0 ? Number.POSITIVE_INFINITY : (at_ns - Number(process.hrtime.bigint() - origin)) / 1e6;
  if (left_ms > 0 && Atomics.wait(settings, SETTINGS, setting, left_ms) !== 'timed-out') continue;
  if (Atomics.load(settings, SETTINGS) !== setting) continue;
  parentPort!.postMessage(setting);
  Atomics.wait(settings, SETTINGS, setting);
}
