/**
 * The price of being interruptible when nothing interrupts: each kernel rewritten against the same kernel unmodified.
 * Every kernel is compiled afresh several times, warmed up until V8's tiers settle, and measured in interleaved rounds.
 * A wrong checksum on either side ends the benchmark: a ratio of wrong results means nothing.
 */
import { WirqError } from '../src/errors.ts';
import { settle } from './engine.ts';
import { type Kernel, kernelBytes } from './kernels.ts';
import { geometricMean, interleave, median, quantile, ratios, timed } from './statistics.ts';
import { original, type Subject, type Variant, VariantMissing } from './subjects.ts';
import { type Column, markdownTable, ratioCell } from './table.ts';

export interface Effort {
  /** Fresh compilations of each module: where code lands in memory moves figures by some per cent. */
  readonly compilations: number;
  /** Interleaved rounds on each. */
  readonly rounds: number;
}

export interface KernelResult {
  readonly kernel: Kernel;
  readonly originalMs: number;
  /** By variant name; no entry where the rewriter does not offer the variant. */
  readonly ratios: Readonly<Record<string, number>>;
  /** Upper minus lower quartile of the pair ratios: how far to trust the median. */
  readonly spreads: Readonly<Record<string, number>>;
  readonly sizes: Readonly<Record<string, number>>;
}

export interface VariantSummary {
  readonly variant: string;
  /** How many kernels it was measured on: the others it cannot rewrite. */
  readonly kernels: number;
  readonly mean: number;
  readonly worst: number;
  readonly worstKernel: string;
  readonly size: number;
}

export async function measureKernel(
  root: string,
  kernel: Kernel,
  variants: readonly Variant[],
  effort: Effort,
): Promise<KernelResult> {
  const bytes = kernelBytes(root, kernel);
  const offered: Variant[] = [];
  for (const variant of variants) {
    if (await isOffered(variant, bytes)) offered.push(variant);
  }
  const pairRatios: number[][] = offered.map(() => []);
  const originalMs: number[] = [];
  const sizes: Record<string, number> = {};
  for (let compilation = 0; compilation < effort.compilations; compilation++) {
    const subjects = await Promise.all([original, ...offered].map((variant) => variant.prepare(bytes, compilation)));
    const runs = subjects.map((subject, index) =>
      timed(() => runChecked(kernel, subject, [original, ...offered][index]!)),
    );
    await warmUp(runs);
    const [base, ...times] = interleave(runs, effort.rounds);
    originalMs.push(...base!);
    for (const [index, series] of times.entries()) {
      pairRatios[index]!.push(...ratios(series, base!));
      sizes[offered[index]!.name] = subjects[index + 1]!.codeBytes / subjects[0]!.codeBytes;
    }
  }
  const names = offered.map((variant) => variant.name);
  return {
    kernel,
    originalMs: median(originalMs),
    ratios: Object.fromEntries(names.map((name, index) => [name, median(pairRatios[index]!)])),
    spreads: Object.fromEntries(
      names.map((name, index) => [name, quantile(pairRatios[index]!, 0.75) - quantile(pairRatios[index]!, 0.25)]),
    ),
    sizes,
  };
}

/** Whether the rewriter offers this variant at all; any other failure is one of the benchmark's. */
async function isOffered(variant: Variant, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
  try {
    await variant.prepare(bytes, 0);
    return true;
  } catch (error) {
    if (error instanceof VariantMissing) return false;
    if (error instanceof WirqError && error.code === 'unsupported') return false;
    throw error;
  }
}

function runChecked(kernel: Kernel, subject: Subject, variant: Variant): void {
  const checksum = subject.run(kernel.n);
  if (checksum === kernel.checksum) return;
  throw new Error(`${kernel.name}, ${variant.name}: run(${kernel.n}) gave ${checksum}, must be ${kernel.checksum}`);
}

/** Runs of 20 to 60 ms: a few are enough for every hot function to be optimised, in the background, while we wait. */
async function warmUp(runs: readonly (() => number)[]): Promise<void> {
  for (let pass = 0; pass < 3; pass++) {
    for (const run of runs) run();
    await settle();
  }
}

export function summarise(results: readonly KernelResult[], variants: readonly Variant[]): VariantSummary[] {
  const summaries: VariantSummary[] = [];
  for (const { name } of variants) {
    const measured = results.filter((result) => result.ratios[name] !== undefined);
    if (measured.length === 0) continue;
    const worst = measured.reduce((a, b) => (b.ratios[name]! > a.ratios[name]! ? b : a));
    summaries.push({
      variant: name,
      kernels: measured.length,
      mean: geometricMean(measured.map((result) => result.ratios[name]!)),
      worst: worst.ratios[name]!,
      worstKernel: worst.kernel.name,
      size: geometricMean(measured.map((result) => result.sizes[name]!)),
    });
  }
  return summaries;
}

/** Half the distance between the quartiles, in hundredths. */
function deviation(spread: number): string {
  return (spread * 50).toFixed(0);
}

/** Two tables: each kernel's ratio and code size, then each variant's mean and worst. */
export function ratioTables(results: readonly KernelResult[], variants: readonly Variant[]): string {
  const summaries = summarise(results, variants);
  const names = summaries.map((summary) => summary.variant);
  const columns: Column[] = [
    { title: 'kernel', align: 'left' },
    { title: 'character', align: 'left' },
    { title: 'original, ms', align: 'right' },
    ...names.flatMap((name): Column[] => [
      { title: name, align: 'right' },
      { title: '±', align: 'right' },
      { title: `${name} size`, align: 'right' },
    ]),
  ];
  const rows = results.map(({ kernel, originalMs, ratios: ratio, spreads, sizes }) => [
    kernel.name,
    kernel.character,
    originalMs.toFixed(1),
    ...names.flatMap((name) => [ratioCell(ratio[name]), deviation(spreads[name]!), ratioCell(sizes[name])]),
  ]);
  const summaryColumns: Column[] = [
    { title: 'variant', align: 'left' },
    { title: 'what it is', align: 'left' },
    { title: 'kernels', align: 'right' },
    { title: 'geometric mean', align: 'right' },
    { title: 'worst', align: 'right' },
    { title: 'code size', align: 'right' },
  ];
  const summaryRows = summaries.map((summary) => [
    summary.variant,
    variants.find((variant) => variant.name === summary.variant)?.meaning ?? '',
    String(summary.kernels),
    ratioCell(summary.mean),
    `${ratioCell(summary.worst)} (${summary.worstKernel})`,
    ratioCell(summary.size),
  ]);
  const missing = variants.map(({ name }) => name).filter((name) => !names.includes(name));
  const remark = missing.length === 0 ? '' : `\n\nNot to be had here, so not measured: ${missing.join(', ')}.`;
  return `${markdownTable(columns, rows)}\n\n${markdownTable(summaryColumns, summaryRows)}${remark}`;
}
