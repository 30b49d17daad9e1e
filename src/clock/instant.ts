/**
 * Points in machine time and distances between them, as whole nanoseconds, and their text form (`10ms`, `1.5s`).
 * Units are mandatory in text: a bare number is refused. Numbers, not BigInt: 2^53 ns is 104 days of machine
 * time, which is also the stated limit of a run.
 */
import { WirqError } from '../errors.ts';

/** A point in machine time: nanoseconds since reset. A whole number, 0 … MAX_NS. */
export type Instant = number & { readonly __unit: 'instant ns' };
/** A distance in machine time: whole nanoseconds, 0 … MAX_NS. */
export type Duration = number & { readonly __unit: 'duration ns' };

/** The last nanosecond a machine can count to: 2^53 − 1, about 104 days. */
export const MAX_NS = Number.MAX_SAFE_INTEGER;

export const RESET = 0 as Instant;

export function instant(ns: number): Instant {
  return checkedNs(ns) as Instant;
}

export function duration(ns: number): Duration {
  return checkedNs(ns) as Duration;
}

/** The instant `distance` after `from`; saturates at MAX_NS, the end of time. */
export function after(from: Instant, distance: Duration): Instant {
  return Math.min(from + distance, MAX_NS) as Instant;
}

function checkedNs(ns: number): number {
  if (!Number.isSafeInteger(ns) || ns < 0) {
    throw new WirqError('bad-argument', `${ns} is not a machine time`, {
      advice: 'times are whole nanoseconds from 0 to 2^53 - 1 (about 104 days)',
    });
  }
  return ns;
}

const NS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  min: 60e9,
  h: 3600e9,
};

/**
 * Reads `10ms`, `2.5s`, `100us`. Rounds to whole nanoseconds.
 *
 * @returns undefined when the text is not a number with a unit of time; the caller knows the place to report.
 * @example parseDuration('1.5ms') // 1_500_000
 */
export function parseDuration(text: string): Duration | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-zµ]+)$/.exec(text.trim());
  if (match === null) return undefined;
  const scale = NS_PER_UNIT[match[2]!];
  if (scale === undefined) return undefined;
  const ns = Math.round(Number(match[1]) * scale);
  return ns <= MAX_NS ? (ns as Duration) : undefined;
}

/** The shortest exact form with a unit: `10ms`, `1.5s`, `250ns`. */
export function formatDuration(ns: number): string {
  if (ns >= 1e9) return `${ns / 1e9}s`;
  if (ns >= 1e6) return `${ns / 1e6}ms`;
  if (ns >= 1e3) return `${ns / 1e3}us`;
  return `${ns}ns`;
}

/** Reads `16MHz`, `32.768kHz`, `1GHz`, `100Hz`. Whole hertz, 1 … 10 GHz; undefined otherwise. */
export function parseFrequency(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([kMG]?)Hz$/.exec(text.trim());
  if (match === null) return undefined;
  const scale = { '': 1, k: 1e3, M: 1e6, G: 1e9 }[match[2]!]!;
  const hz = Math.round(Number(match[1]) * scale);
  return hz >= 1 && hz <= 10e9 ? hz : undefined;
}
