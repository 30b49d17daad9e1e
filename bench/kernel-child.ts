/**
 * One kernel and its rewritten forms in a process of their own (kernel-ratios.ts); prints what it measured. The modules are compiled
 * afresh for each compilation, warmed up until V8's tiers settle, and run in interleaved rounds. A wrong checksum on any side ends
 * it: a ratio of wrong results means nothing. Argument: a KernelOrder, as JSON.
 */
import { WirqError } from '../src/errors.ts';
import { settle } from './engine.ts';
import type { KernelOrder, ProcessResult } from './kernel-ratios.ts';
import { type Kernel, kernelBytes, kernels } from './kernels.ts';
import { variants } from './references.ts';
import { root } from './root.ts';
import { interleave, median, ratios, timed } from './statistics.ts';
import { chooseClock } from './stopwatch.ts';
import { original, type Subject, type Variant, VariantMissing } from './subjects.ts';

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

async function measure(kernel: Kernel, wanted: readonly Variant[], order: KernelOrder): Promise<ProcessResult> {
  const bytes = kernelBytes(root, kernel);
  const offered: Variant[] = [];
  for (const variant of wanted) {
    if (await isOffered(variant, bytes)) offered.push(variant);
  }
  const pairRatios: number[][] = offered.map(() => []);
  const originalMs: number[] = [];
  const sizes: Record<string, number> = {};
  for (let compilation = 0; compilation < order.compilations; compilation++) {
    const prepared = [original, ...offered];
    const subjects = await Promise.all(prepared.map((variant) => variant.prepare(bytes, compilation)));
    const runs = subjects.map((subject, index) => timed(() => runChecked(kernel, subject, prepared[index]!)));
    await warmUp(runs);
    const [base, ...times] = interleave(runs, order.rounds);
    originalMs.push(...base!);
    for (const [index, series] of times.entries()) {
      pairRatios[index]!.push(...ratios(series, base!));
      sizes[offered[index]!.name] = subjects[index + 1]!.codeBytes / subjects[0]!.codeBytes;
    }
  }
  const medians = offered.map(({ name }, index) => [name, median(pairRatios[index]!)] as const);
  return { originalMs: median(originalMs), ratios: Object.fromEntries(medians), sizes };
}

const order = JSON.parse(process.argv[2]!) as KernelOrder;
await chooseClock(order.clock);
const kernel = kernels.find(({ name }) => name === order.kernel)!;
const wanted = variants.filter(({ name }) => order.variants.includes(name));
process.stdout.write(JSON.stringify(await measure(kernel, wanted, order)));
