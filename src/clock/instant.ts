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
  const match = /^(\d+)(?:\.(\d+))?\s*([a-zµ]+)$/.exec(text.trim());
  if (match === null || !Object.hasOwn(NS_PER_UNIT, match[3]!)) return undefined;
  const ns = scaled(match[1]!, match[2], NS_PER_UNIT[match[3]!]!);
  return ns <= MAX_NS ? (ns as Duration) : undefined;
}

/** `whole.fraction * scale`, rounded. Whole part and fraction apart, so that no digit of a large number is lost. */
function scaled(whole: string, fraction: string | undefined, scale: number): number {
  return Number(whole) * scale + Math.round(Number(`0.${fraction ?? ''}`) * scale);
}

/** The shortest exact form with a unit: `10ms`, `1.5s`, `250ns`. */
export function formatDuration(exact: number): string {
  const ns = Math.round(exact);
  for (const [unit, scale] of [
    ['s', 1e9],
    ['ms', 1e6],
    ['us', 1e3],
  ] as const) {
    if (ns < scale) continue;
    const whole = Math.floor(ns / scale);
    const rest = ns - whole * scale; // exact, as ns / scale is not
    if (rest === 0) return `${whole}${unit}`;
    const digits = String(rest).padStart(String(scale).length - 1, '0');
    return `${whole}.${digits.replace(/0+$/, '')}${unit}`;
  }
  return `${ns}ns`;
}

/** Reads `16MHz`, `32.768kHz`, `1GHz`, `100Hz`. Whole hertz, 1 … 10 GHz; undefined otherwise. */
export function parseFrequency(text: string): number | undefined {
  const match = /^(\d+)(?:\.(\d+?)0*)?\s*([kMG]?)Hz$/.exec(text.trim());
  if (match === null) return undefined;
  const [, whole, fraction = '', prefix] = match;
  const digits = { '': 0, k: 3, M: 6, G: 9 }[prefix!]!;
  if (fraction.length > digits && fraction !== '0') return undefined;
  const hz = scaled(whole!, fraction, 10 ** digits);
  return hz >= 1 && hz <= 10e9 ? hz : undefined;
}
