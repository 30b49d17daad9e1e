/**
 * How the structures of <signal.h>, <time.h> and <sys/time.h> lie in a guest's memory (wasm32; docs/signals.md). Places
 * are word indices (`GuestWords`), so that nothing is allocated; whoever calls has checked that they lie in memory.
 */
import type { SignalInfo } from '../signals/siginfo.ts';
import { SI_TIMER } from '../signals/siginfo.ts';

export const SIGSET_BYTES = 8;
/** handler, padding, mask (8), flags, restorer. */
export const SIGACTION_BYTES = 24;
export const ACTION = { handler: 0, maskLow: 2, maskHigh: 3, flags: 4 } as const;
/** signo, errno, code; then pid, uid and value, or timer, overrun and value, or address. */
export const SIGINFO_BYTES = 128;
/** sp, flags, size. */
export const STACK_BYTES = 12;
/** flags, link, stack (12), sp, reserved (12), padding, mask (8). */
export const UCONTEXT_BYTES = 48;
export const UCONTEXT = { stack: 2, stackPointer: 5, maskLow: 10, maskHigh: 11 } as const;
/** value, signo, notify, thread. */
export const SIGEVENT_BYTES = 64;
/** Interval and value: seconds (i64) and microseconds (i64) each. */
export const ITIMERVAL_BYTES = 32;
/** Interval and value: seconds (i64) and nanoseconds (i32), padded to 16 bytes each. */
export const ITIMERSPEC_BYTES = 32;

/** Later than this is never. */
const MOST_SECONDS = 9_000_000;

export function writeSiginfo(words: Int32Array, at: number, info: SignalInfo): void {
  words.fill(0, at, at + SIGINFO_BYTES / 4);
  const isTimer = info.code === SI_TIMER;
  words[at] = info.signal;
  words[at + 2] = info.code;
  words[at + 3] = isTimer ? info.timer : info.address !== 0 ? info.address : info.pid;
  words[at + 4] = isTimer ? info.overrun : info.uid;
  words[at + 5] = info.value;
}

/** A 64-bit number, exact to 2^53. Small ones are no sum, which V8 would take for a float, and all that is worked out with it. */
function readWide(words: Int32Array, at: number): number {
  const high = words[at + 1]!;
  const low = words[at]! >>> 0;
  return high === 0 ? low : high * 0x1_0000_0000 + low;
}

function writeWide(words: Int32Array, at: number, value: number): void {
  words[at] = (value % 0x1_0000_0000) | 0;
  words[at + 1] = Math.floor(value / 0x1_0000_0000);
}

/** Nanoseconds of a struct timeval; undefined where it is none (EINVAL). */
export function readTimeval(words: Int32Array, at: number): number | undefined {
  return nanoseconds(readWide(words, at), readWide(words, at + 2), 1000);
}

export function writeTimeval(words: Int32Array, at: number, ns: number): void {
  const us = Math.ceil(ns / 1000);
  writeWide(words, at, Math.floor(us / 1e6));
  writeWide(words, at + 2, us % 1e6);
}

/**
 * Nanoseconds of a struct timespec since `origin` (in seconds; exact where a date would not be); undefined where it is
 * none (EINVAL).
 */
export function readTimespec(words: Int32Array, at: number, origin = 0): number | undefined {
  const seconds = readWide(words, at);
  return seconds < 0 ? undefined : nanoseconds(Math.max(0, seconds - origin), words[at + 2]!, 1);
}

export function writeTimespec(words: Int32Array, at: number, ns: number): void {
  writeWide(words, at, Math.floor(ns / 1e9));
  words[at + 2] = ns % 1e9;
  words[at + 3] = 0;
}

function nanoseconds(seconds: number, fraction: number, unit_ns: number): number | undefined {
  if (seconds < 0 || fraction < 0 || fraction * unit_ns >= 1e9) return undefined;
  return Math.min(seconds, MOST_SECONDS) * 1e9 + fraction * unit_ns;
}
