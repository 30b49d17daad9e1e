/** The wall clock, monotonic. Nothing repeatable may depend on it: it only ends runs that take too long. */
import { setTimeout as delay } from 'node:timers/promises';

export function wallMilliseconds(): number {
  return performance.now();
}

/** Lets so much time pass, or less when it is aborted. */
export async function wallSleep(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
}
