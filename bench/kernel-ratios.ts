/**
 * The price of being interruptible when nothing interrupts: each kernel rewritten against the same kernel unmodified.
 * Where a process has its code and its memory makes a kernel faster or slower by several per cent, the original as well as a
 * rewritten one, and stays so as long as the process lives: so each kernel is measured in several (kernel-child.ts), one after the
 * other, and a figure is the median of what they found, beside the lowest and the highest.
 */
import { execFileSync } from 'node:child_process';
import { type Tiers, v8Flags } from './engine.ts';
import type { Kernel } from './kernels.ts';
import { sibling } from './root.ts';
import { cleanEnvironment } from './start-up.ts';
import { geometricMean, median } from './statistics.ts';
import type { Clock } from './stopwatch.ts';
import type { Variant } from './subjects.ts';
import { type Column, markdownTable, ratioCell } from './table.ts';

export interface Effort {
  readonly processes: number;
  /** Fresh compilations of each module, in each process. */
  readonly compilations: number;
  /** Interleaved rounds on each. */
  readonly rounds: number;
}

/** What kernel-child.ts is to measure. */
export interface KernelOrder extends Omit<Effort, 'processes'> {
  readonly kernel: string;
  readonly variants: readonly string[];
  readonly clock: Clock;
}

/** What one process found: by variant, the median of its pairs' ratios. No entry where the rewriter does not offer a variant. */
export interface ProcessResult {
  readonly originalMs: number;
  readonly ratios: Readonly<Record<string, number>>;
  readonly sizes: Readonly<Record<string, number>>;
}

export interface KernelResult {
  readonly kernel: Kernel;
  readonly originalMs: number;
  /** By variant name, one ratio from each process. */
  readonly ratios: Readonly<Record<string, readonly number[]>>;
  readonly sizes: Readonly<Record<string, number>>;
}

export interface VariantSummary {
  readonly variant: string;
  /** How many kernels it was measured on: the others it cannot rewrite. */
  readonly kernels: number;
  /** Over the kernels, of the medians over processes; and of the first process of each, of the second, and so on. */
  readonly mean: number;
  readonly means: readonly number[];
  readonly worst: number;
  /** That kernel's ratio in each process. */
  readonly worstRatios: readonly number[];
  readonly worstKernel: string;
  readonly size: number;
}

/** Process by process, all kernels in each turn: so what passes on the machine does not meet one kernel only. */
export function measureKernels(
  kernels: readonly Kernel[],
  variants: readonly Variant[],
  how: { readonly effort: Effort; readonly tiers: Tiers; readonly clock: Clock },
  progress: (text: string) => void,
): KernelResult[] {
  const { processes, compilations, rounds } = how.effort;
  const found: ProcessResult[][] = kernels.map(() => []);
  const names = variants.map(({ name }) => name);
  for (let i = 0; i < processes; i++) {
    for (const [index, { name: kernel }] of kernels.entries()) {
      progress(`${i * kernels.length + index + 1}/${processes * kernels.length} ${kernel}`);
      const { tiers, clock } = how;
      const order: KernelOrder = { kernel, variants: names, clock, compilations, rounds };
      // Set while the process is running, they meet functions that V8 is just compiling by others, and it may end in a failed check.
      const args = [...process.execArgv, ...v8Flags(tiers), sibling('kernel-child'), JSON.stringify(order)];
      const printed = execFileSync(process.execPath, args, { encoding: 'utf8', env: cleanEnvironment() });
      found[index]!.push(JSON.parse(printed) as ProcessResult);
    }
  }
  return kernels.map((kernel, index) => {
    const each = found[index]!;
    const offered = names.filter((name) => each[0]!.ratios[name] !== undefined);
    return {
      kernel,
      originalMs: median(each.map(({ originalMs }) => originalMs)),
      ratios: Object.fromEntries(offered.map((name) => [name, each.map(({ ratios }) => ratios[name]!)])),
      sizes: each[0]!.sizes,
    };
  });
}

export function summarise(results: readonly KernelResult[], variants: readonly Variant[]): VariantSummary[] {
  const summaries: VariantSummary[] = [];
  for (const { name } of variants) {
    const measured = results.filter((result) => result.ratios[name] !== undefined);
    if (measured.length === 0) continue;
    const medians = measured.map((result) => median(result.ratios[name]!));
    const worst = Math.max(...medians);
    const worstResult = measured[medians.indexOf(worst)]!;
    summaries.push({
      variant: name,
      kernels: measured.length,
      mean: geometricMean(medians),
      means: worstResult.ratios[name]!.map((_, i) => geometricMean(measured.map(({ ratios }) => ratios[name]![i]!))),
      worst,
      worstRatios: worstResult.ratios[name]!,
      worstKernel: worstResult.kernel.name,
      size: geometricMean(measured.map((result) => result.sizes[name]!)),
    });
  }
  return summaries;
}

/** The lowest and the highest of the processes; nothing if there was but one. */
function range(ratios: readonly number[]): string {
  return ratios.length < 2 ? '' : `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
}

function withRange(ratio: number, ratios: readonly number[]): string {
  return ratios.length < 2 ? ratioCell(ratio) : `${ratioCell(ratio)} (${range(ratios)})`;
}

/** How it was measured, for who reads the tables. */
export function effortLine({ processes, compilations, rounds }: Effort): string {
  const times = (count: number, what: string, many: string): string =>
    count === 1 ? `one ${what}` : `${count} ${many}`;
  const within = `${times(compilations, 'compilation', 'compilations')} of ${times(rounds, 'round', 'rounds')}`;
  if (processes === 1)
    return `Each kernel in one process, ${within}: another process may find several per cent more or less.`;
  return `Each kernel in ${processes} processes, ${within} in each: the median over processes, and the lowest and highest.`;
}

/** Two tables: each kernel's ratio and code size, then each variant's mean and worst. */
export function ratioTables(results: readonly KernelResult[], variants: readonly Variant[], effort: Effort): string {
  const summaries = summarise(results, variants);
  const names = summaries.map((summary) => summary.variant);
  const ranges = effort.processes > 1;
  const columns: Column[] = [
    { title: 'kernel', align: 'left' },
    { title: 'character', align: 'left' },
    { title: 'original, ms', align: 'right' },
    ...names.flatMap((name): Column[] => [
      { title: name, align: 'right' },
      ...(ranges ? [{ title: 'range', align: 'right' } as const] : []),
      { title: `${name} size`, align: 'right' },
    ]),
  ];
  const rows = results.map(({ kernel, originalMs, ratios, sizes }) => [
    kernel.name,
    kernel.character,
    originalMs.toFixed(1),
    ...names.flatMap((name) => [
      ratioCell(ratios[name] && median(ratios[name])),
      ...(ranges ? [ratios[name] ? range(ratios[name]) : '-'] : []),
      ratioCell(sizes[name]),
    ]),
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
    withRange(summary.mean, summary.means),
    `${summary.worstKernel} ${withRange(summary.worst, summary.worstRatios)}`,
    ratioCell(summary.size),
  ]);
  const missing = variants.map(({ name }) => name).filter((name) => !names.includes(name));
  const remark = missing.length === 0 ? '' : `\n\nNot to be had here, so not measured: ${missing.join(', ')}.`;
  return `${effortLine(effort)}\n\n${markdownTable(columns, rows)}\n\n${markdownTable(summaryColumns, summaryRows)}${remark}`;
}
