/**
 * What an analogue input sees over time: a constant, a ramp, a sine, or recorded samples. Voltages in volts, times in
 * nanoseconds of machine time. A waveform is a function of time alone, so that it does not matter who asks, or how often.
 * The sine is worked out here: Math.sin may differ between engines in its last digits, and runs must not.
 */
import type { Duration, Instant } from '../clock/instant.ts';

export type Waveform =
  | { readonly kind: 'constant'; readonly volts: number }
  /** Rises (or falls) evenly from `from` to `to`, then begins again. */
  | { readonly kind: 'ramp'; readonly from: number; readonly to: number; readonly period: Duration }
  /** Begins in the middle, rising. */
  | { readonly kind: 'sine'; readonly low: number; readonly high: number; readonly period: Duration }
  /** One sample every 1 / hz seconds; then the last one for ever, or all of them again. */
  | { readonly kind: 'samples'; readonly volts: readonly number[]; readonly hz: number; readonly repeat: boolean };

/** The voltage at a moment. */
export function voltageAt(waveform: Waveform, at: Instant): number {
  switch (waveform.kind) {
    case 'constant':
      return waveform.volts;
    case 'ramp':
      return waveform.from + (waveform.to - waveform.from) * phase(at, waveform.period);
    case 'sine': {
      const middle = (waveform.high + waveform.low) / 2;
      return middle + ((waveform.high - waveform.low) / 2) * sineOfTurn(phase(at, waveform.period));
    }
    case 'samples':
      return sampleAt(waveform.volts, waveform.hz, waveform.repeat, at);
  }
}

/** How far into its period a wave is, 0 … below 1. */
function phase(at: Instant, period: Duration): number {
  return (at % period) / period;
}

function sampleAt(volts: readonly number[], hz: number, repeat: boolean, at: Instant): number {
  // Whole seconds apart: the product of a long time and a high rate is not exact.
  const seconds = Math.floor(at / 1e9);
  const within = Math.floor(((at - seconds * 1e9) * hz) / 1e9);
  const count = volts.length;
  const index = repeat ? ((((seconds % count) * (hz % count)) % count) + within) % count : seconds * hz + within;
  return volts[Math.min(index, count - 1)] ?? 0;
}

/** Coefficients of sin(πx/2) = x (c0 + c1 x² + …), the Taylor series: to 1e-9 at x = 1 with seven of them. */
const QUARTER = 1.5707963267948966; // π / 2
const COEFFICIENTS = taylor(QUARTER, 8);

/** sin(2π · turn) for 0 ≤ turn < 1, by additions, multiplications and divisions alone, which IEEE 754 fixes to the bit. */
export function sineOfTurn(turn: number): number {
  const half = turn < 0.5 ? turn : turn - 0.5;
  const quarters = half <= 0.25 ? half * 4 : 2 - half * 4;
  const square = quarters * quarters;
  let sum = 0;
  for (let at = COEFFICIENTS.length - 1; at >= 0; at--) sum = sum * square + COEFFICIENTS[at]!;
  const value = sum * quarters;
  return turn < 0.5 ? value : -value;
}

function taylor(scale: number, terms: number): readonly number[] {
  const coefficients: number[] = [];
  let term = scale;
  for (let n = 1; n <= terms; n++) {
    coefficients.push(term);
    term = (-term * scale * scale) / (2 * n * (2 * n + 1));
  }
  return coefficients;
}
