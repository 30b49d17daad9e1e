/**
 * WASI's clocks in machine time. CLOCK_MONOTONIC counts nanoseconds since reset, the two CPU clocks those in which the
 * guest did not wait; CLOCK_REALTIME adds a fixed epoch, so that the calendar a guest sees is the same on every run.
 * All have a resolution of 1 ns. Nothing here reads a real clock.
 */
import { wasi } from '@bjorn3/browser_wasi_shim';
import { type Instant, MAX_NS } from '../clock/instant.ts';
import type { GuestServices } from './services.ts';
import type { WasiCalls } from './wasi-signatures.ts';

/** What CLOCK_REALTIME shows at reset: 2000-01-01T00:00:00Z, in nanoseconds since 1970. */
export const EPOCH_NS = 946_684_800_000_000_000n;

const LAST_CLOCK = wasi.CLOCKID_THREAD_CPUTIME_ID;

export function isClock(id: number): boolean {
  return id <= LAST_CLOCK;
}

function isCpuClock(id: number): boolean {
  return id === wasi.CLOCKID_PROCESS_CPUTIME_ID || id === wasi.CLOCKID_THREAD_CPUTIME_ID;
}

/** What the clock shows at `now`. */
export function reading(id: number, now: Instant): bigint {
  return BigInt(now) + (id === wasi.CLOCKID_REALTIME ? EPOCH_NS : 0n);
}

/** When the clock will show `time` (absolute), or when `time` will have passed; never before `now`, at most the end of time. */
export function deadlineOf(id: number, time: bigint, absolute: boolean, now: Instant): Instant {
  const origin = absolute ? reading(id, 0 as Instant) : -BigInt(now);
  const at = time - origin;
  if (at <= BigInt(now)) return now;
  return (at >= BigInt(MAX_NS) ? MAX_NS : Number(at)) as Instant;
}

/** clock_res_get and clock_time_get. */
export function clockCalls(services: GuestServices, view: () => DataView): WasiCalls {
  return {
    clock_res_get(id, pointer) {
      if (!isClock(id)) return wasi.ERRNO_INVAL;
      view().setBigUint64(pointer, 1n, true);
      return 0;
    },
    clock_time_get(id, _precision, pointer) {
      if (!isClock(id)) return wasi.ERRNO_INVAL;
      const time = isCpuClock(id) ? services.workedFor() : services.now();
      view().setBigUint64(pointer, reading(id, time), true);
      return 0;
    },
  };
}
