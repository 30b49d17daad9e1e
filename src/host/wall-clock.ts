/** The wall clock, monotonic. Nothing repeatable may depend on it: it ends runs that take too long, or is their time. */
import { setTimeout as delay } from 'node:timers/promises';
import type { RealTime } from '../clock/real-time.ts';

export function wallMilliseconds(): number {
  return performance.now();
}

/** Lets so much time pass, or less when it is aborted. */
export async function wallSleep(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
}

/**
 * Real time for a machine on the calling thread, which sleeps while the guest waits. `ratio`: how much faster than the
 * wall clock machine time passes, 0.1 to 100. Nothing arrives from outside meanwhile; for that there is the command line.
 *
 * @example Machine.load(bytes, { realTime: wallTime() }).run();
 */
export function wallTime(ratio = 1): RealTime {
  const origin = process.hrtime.bigint();
  const never = new Int32Array(new SharedArrayBuffer(4));
  return {
    nowNs: () => Number(process.hrtime.bigint() - origin),
    rest: (ns) => {
      Atomics.wait(never, 0, 0, ns === undefined ? undefined : ns / 1e6);
    },
    ratio,
  };
}
