/**
 * What turns timings into figures: medians, geometric means, and rounds in which everything compared runs next to everything else.
 * A ratio is taken within a round, so that a machine that slows down for a while slows both sides of it.
 */

import { stopwatch } from './stopwatch.ts';

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Linear interpolation between the closest ranks; `at` from 0 to 1. */
export function quantile(values: readonly number[], at: number): number {
  if (values.length === 0) throw new RangeError('no values to take a quantile of');
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * at;
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (position - below);
}

/** The mean that fits ratios: twice as slow and twice as fast cancel out. */
export function geometricMean(ratios: readonly number[]): number {
  if (ratios.length === 0) throw new RangeError('no ratios to take a mean of');
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
}

/**
 * Runs all subjects once a round and gives each subject's times in milliseconds, one per round; a subject returns its own time.
 * The order turns and reverses from round to round: nobody always runs first, or always after the same neighbour.
 */
export function interleave(subjects: readonly (() => number)[], rounds: number): number[][] {
  const times: number[][] = subjects.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const index of turn(subjects.length, round)) times[index]!.push(subjects[index]!());
  }
  return times;
}

/** The same for subjects that have to be waited for. */
export async function interleaveLater(
  subjects: readonly (() => number | Promise<number>)[],
  rounds: number,
): Promise<number[][]> {
  const times: number[][] = subjects.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const index of turn(subjects.length, round)) times[index]!.push(await subjects[index]!());
  }
  return times;
}

/** A subject whose time is all that it does. */
export function timed(work: () => void): () => number {
  return () => {
    const start = stopwatch();
    work();
    return stopwatch() - start;
  };
}

/** The order of a round: rotated by every second round, and every other one backwards. */
export function turn(count: number, round: number): number[] {
  const order = Array.from({ length: count }, (_, index) => (index + (round >> 1)) % count);
  return round % 2 === 0 ? order : order.reverse();
}

/** Divides two equally long series element by element. */
export function ratios(times: readonly number[], base: readonly number[]): number[] {
  return times.map((time, round) => time / base[round]!);
}
