/** The wall clock, monotonic. Nothing repeatable may depend on it: it ends runs that take too long, or is their time. */
import { setTimeout as delay } from 'node:timers/promises';
import type { RealTime } from '../clock/real-time.ts';
import { Doorbell } from './doorbell.ts';

export function wallMilliseconds(): number {
  return performance.now();
}

/** Node's timers reach no further, about 24 days: what is set later would ring at once. */
export function timerMs(ms: number): number {
  return Math.min(Math.ceil(ms), 2 ** 31 - 1);
}

/** Lets so much time pass, or less when it is aborted. */
export async function wallSleep(ms: number, signal: AbortSignal): Promise<void> {
  await delay(timerMs(ms), undefined, { signal }).catch(() => {});
}

export interface WallTimeOptions {
  /** How much faster than the wall clock machine time passes, 0.1 to 100. Default 1. */
  readonly ratio?: number | undefined;
  /** How other threads raise lines of the machine, and what to do then: `(line) => machine.raise(line)`. Default: nobody does. */
  readonly doorbell?: { readonly bell: Doorbell; readonly raise: (line: number) => void } | undefined;
}

/**
 * Real time for a machine on the calling thread, which sleeps while the guest waits.
 *
 * @example Machine.load(bytes, { realTime: wallTime() }).run();
 */
export function wallTime({ ratio, doorbell }: WallTimeOptions = {}): RealTime {
  const origin = process.hrtime.bigint();
  const bell = doorbell?.bell ?? new Doorbell();
  return {
    nowNs: () => Number(process.hrtime.bigint() - origin),
    rest: (ns) => bell.rest(ns === undefined ? undefined : ns / 1e6),
    ratio,
    outside: doorbell && bell.outside(doorbell.raise),
  };
}
