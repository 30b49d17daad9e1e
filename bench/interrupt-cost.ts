/**
 * What interrupts cost when there are many: kernels run by the Machine with a line raised at 1 kHz and at 1 MHz of virtual time,
 * against the unmodified module, and from the difference the price of one interrupt, from the safepoint to the handler and back.
 * At the default clock of 16 MHz, 1 MHz is an interrupt every 16 instructions: a storm, there to divide by its count.
 */
import { Machine } from '../src/machine/machine.ts';
import { type Kernel, kernelBytes, kernels } from './kernels.ts';
import { geometricMean, interleave, median, ratios, timed } from './statistics.ts';
import { stopwatch } from './stopwatch.ts';
import { markdownTable, ratioCell } from './table.ts';

/** Kernels of different character, with an `n` for the storm that makes a few ms of work. */
const interrupted: readonly { readonly name: string; readonly stormN: number }[] = [
  { name: 'crc32', stormN: 18 },
  { name: 'dispatch', stormN: 200_000 },
  { name: 'interpreter', stormN: 50 },
  { name: 'json', stormN: 200 },
  { name: 'matrix-float', stormN: 150 },
  { name: 'queens', stormN: 11 },
  { name: 'sort', stormN: 8 },
  { name: 'stride', stormN: 1 },
];

const periods = { '1 kHz': '1ms', '1 MHz': '1us' } as const;

export interface InterruptResult {
  readonly kernel: string;
  readonly originalMs: number;
  readonly quietRatio: number;
  readonly slowRatio: number;
  readonly stormRatio: number;
  /** One interrupt, in ns: the storm's extra time over its count. */
  readonly interruptNs: number;
  /** A call of the same handler from JavaScript and nothing else, in ns. */
  readonly bareCallNs: number;
}

export function measureInterrupts(
  root: string,
  rounds: number,
  filter: string,
  progress: (text: string) => void,
): InterruptResult[] {
  return interrupted
    .filter(({ name }) => name.includes(filter))
    .map(({ name, stormN }) => {
      progress(`interrupts: ${name}`);
      const kernel = kernels.find((each) => each.name === name)!;
      return measureOne(root, kernel, stormN, rounds);
    });
}

function measureOne(root: string, kernel: Kernel, stormN: number, rounds: number): InterruptResult {
  const bytes = kernelBytes(root, kernel);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
  const run = exports.run as (n: number) => number;
  const handler = exports.IRQ0_Handler as () => void;
  const stormChecksum = run(stormN);
  const machine = new MachineSubject(bytes, kernel.name);

  const calm = [
    timed(() => check(kernel.name, run(kernel.n), kernel.checksum)),
    () => machine.run(kernel.n, kernel.checksum, undefined).ms,
    () => machine.run(kernel.n, kernel.checksum, periods['1 kHz']).ms,
  ];
  let delivered = 0;
  const storm = [
    timed(() => check(kernel.name, run(stormN), stormChecksum)),
    () => machine.run(stormN, stormChecksum, undefined).ms,
    () => {
      const storm = machine.run(stormN, stormChecksum, periods['1 MHz']);
      delivered = storm.delivered;
      return storm.ms;
    },
  ];
  interleave(calm, 2);
  const [original, quiet, slow] = interleave(calm, rounds);
  interleave(storm, 1);
  const [shortOriginal, shortQuiet, stormy] = interleave(storm, rounds);
  if (delivered === 0) throw new Error(`${kernel.name}: no interrupt was delivered`);
  return {
    kernel: kernel.name,
    originalMs: median(original!),
    quietRatio: median(ratios(quiet!, original!)),
    slowRatio: median(ratios(slow!, original!)),
    stormRatio: median(ratios(stormy!, shortOriginal!)),
    interruptNs: (median(stormy!.map((ms, round) => ms - shortQuiet![round]!)) / delivered) * 1e6,
    bareCallNs: bareCall(handler, rounds),
  };
}

/** Runs a kernel in a machine; all runs share one compiled module, so that V8's tiers settle. */
class MachineSubject {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #name: string;
  #module: WebAssembly.Module | undefined;

  constructor(bytes: Uint8Array<ArrayBuffer>, name: string) {
    this.#bytes = bytes;
    this.#name = name;
  }

  /** Timed from when the module is compiled, so that rewriting and compiling are left out. */
  run(n: number, checksum: number, period: string | undefined): { ms: number; delivered: number } {
    let start = 0;
    const machine = Machine.load(this.#bytes, {
      invoke: 'run',
      args: [String(n)],
      compile: (bytes) => {
        this.#module ??= new WebAssembly.Module(bytes);
        start = stopwatch();
        return this.#module;
      },
    });
    if (period !== undefined) machine.at(period, () => machine.raise(0), { every: period });
    const result = machine.run();
    const ms = stopwatch() - start;
    check(this.#name, Number(result.returned[0]), checksum);
    return { ms, delivered: machine.delivered(0) };
  }
}

function check(name: string, checksum: number, expected: number): void {
  if (checksum !== expected) throw new Error(`${name}: the checksum is ${checksum}, must be ${expected}`);
}

function bareCall(handler: () => void, rounds: number): number {
  const calls = 300_000;
  const loop = timed(() => {
    for (let call = 0; call < calls; call++) handler();
  });
  interleave([loop], 3);
  return (median(interleave([loop], rounds)[0]!) / calls) * 1e6;
}

export function interruptTable(results: readonly InterruptResult[]): string {
  const mean = (of: (result: InterruptResult) => number): number => geometricMean(results.map(of));
  const interruptNs = mean((result) => result.interruptNs);
  const bareCallNs = mean((result) => result.bareCallNs);
  const row = (result: Omit<InterruptResult, 'originalMs'>, originalMs: string): string[] => [
    result.kernel,
    originalMs,
    ratioCell(result.quietRatio),
    ratioCell(result.slowRatio),
    result.stormRatio.toFixed(1),
    result.interruptNs.toFixed(0),
    result.bareCallNs.toFixed(1),
    (result.interruptNs / result.bareCallNs).toFixed(1),
  ];
  const means = {
    kernel: 'geometric mean',
    quietRatio: mean((result) => result.quietRatio),
    slowRatio: mean((result) => result.slowRatio),
    stormRatio: mean((result) => result.stormRatio),
    interruptNs,
    bareCallNs,
  };
  return markdownTable(
    [
      { title: 'kernel', align: 'left' },
      { title: 'original, ms', align: 'right' },
      { title: 'no interrupts', align: 'right' },
      { title: '1 kHz', align: 'right' },
      { title: '1 MHz', align: 'right' },
      { title: 'one interrupt, ns', align: 'right' },
      { title: 'bare call, ns', align: 'right' },
      { title: 'ratio', align: 'right' },
    ],
    [...results.map((result) => row(result, result.originalMs.toFixed(1))), row(means, '')],
  );
}
