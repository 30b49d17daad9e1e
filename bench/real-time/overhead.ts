/**
 * What it costs to be interruptible natively when nothing interrupts: each kernel in a machine at `--preempt native`, with its
 * board attached, next to the unmodified kernel on the same thread.
 */
import { join } from 'node:path';
import type { Kernel } from '../kernels.ts';
import { geometricMean, median, quantile, ratios } from '../statistics.ts';
import { markdownTable, ratioCell } from '../table.ts';
import { doJob } from './link.ts';

export interface OverheadResult {
  readonly kernel: string;
  readonly originalMs: number;
  readonly ratio: number;
  readonly spread: number;
}

export async function measureOverhead(
  root: string,
  kernel: Kernel,
  compilations: number,
  rounds: number,
): Promise<OverheadResult> {
  const original: number[] = [];
  const pairs: number[] = [];
  for (let compilation = 0; compilation < compilations; compilation++) {
    const results = new Float64Array(new SharedArrayBuffer(8 * 2 * rounds));
    const { n, checksum } = kernel;
    const file = join(root, 'bench', 'kernels', `${kernel.name}.wasm`);
    await doJob('native', { kind: 'overhead', file, n, checksum, rounds, results: results.buffer });
    const base = [...results.subarray(0, rounds)];
    original.push(...base);
    pairs.push(...ratios([...results.subarray(rounds)], base));
  }
  return {
    kernel: kernel.name,
    originalMs: median(original),
    ratio: median(pairs),
    spread: quantile(pairs, 0.75) - quantile(pairs, 0.25),
  };
}

export function overheadTable(results: readonly OverheadResult[]): string {
  const worst = results.reduce((a, b) => (b.ratio > a.ratio ? b : a));
  const rows = results.map((each) => [
    each.kernel,
    each.originalMs.toFixed(1),
    ratioCell(each.ratio),
    (each.spread * 50).toFixed(0),
  ]);
  const mean = geometricMean(results.map((each) => each.ratio));
  return markdownTable(
    [
      { title: 'kernel', align: 'left' },
      { title: 'original, ms', align: 'right' },
      { title: 'native', align: 'right' },
      { title: '±', align: 'right' },
    ],
    [...rows, ['geometric mean', '', ratioCell(mean), ''], [`worst (${worst.kernel})`, '', ratioCell(worst.ratio), '']],
  );
}
