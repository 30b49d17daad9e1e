/**
 * What one interrupt costs from pend to return, through arbitration, accounting and an empty handler on the handler stack,
 * against the bare nested call of the same handler (out to JavaScript and in again) in the unmodified module; the same in
 * bursts of lines that follow one another, and among lines that are held back; and a machine that sleeps between ticks.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Machine } from '../src/machine/machine.ts';
import { interleave, median } from './statistics.ts';
import { stopwatch } from './stopwatch.ts';
import { markdownTable } from './table.ts';

export interface OneInterruptResult {
  /** The handler called by the host, which the guest called, in ns. */
  readonly nestedNs: number;
  /** Pended by the guest, to the return to it, in ns. */
  readonly interruptNs: number;
  /** By the number of lines that are pended behind PRIMASK and then handled in a row, one of them, in ns. */
  readonly burstNs: Readonly<Record<number, number>>;
  /** By the number of other lines that are pending behind BASEPRI, in ns. */
  readonly crowdedNs: Readonly<Record<number, number>>;
  /** Ten minutes of machine time in `wfi` with a tick of 1 kHz, in ms of wall time. */
  readonly sleepMs: number;
}

/** A multiple of all the numbers of lines. */
const INTERRUPTS = 240_000;
const BURSTS = [1, 32, 240] as const;
/** One line is the one that is handled. */
const CROWDS = [0, 31, 239] as const;
/** Ten minutes of 1 kHz, and the cycles of a tick at the default clock of 16 MHz. */
const TICKS = 600_000;
const TICK_CYCLES = 16_000;

export function measureOneInterrupt(root: string, rounds: number): OneInterruptResult {
  const bytes = readFileSync(join(root, 'bench/interrupts/interrupts.wasm'));
  const nested = bareLoop(bytes);
  const machine = new Loops(bytes);
  const times = interleave(
    [
      () => nested(INTERRUPTS),
      () => machine.run('pends', INTERRUPTS),
      ...BURSTS.map((lines) => () => machine.run('bursts', INTERRUPTS, lines)),
      ...CROWDS.map((lines) => () => machine.run('crowded', INTERRUPTS, lines)),
    ],
    rounds + 2, // the first ones warm up
  ).map((series) => (median(series.slice(2)) / INTERRUPTS) * 1e6);
  const [nestedNs, interruptNs, ...others] = times;
  const sleep = interleave([() => machine.run('sleeps', TICKS, TICK_CYCLES)], 3)[0]!;
  return {
    nestedNs: nestedNs!,
    interruptNs: interruptNs!,
    burstNs: Object.fromEntries(BURSTS.map((lines, at) => [lines, others[at]!])),
    crowdedNs: Object.fromEntries(CROWDS.map((lines, at) => [lines, others[BURSTS.length + at]!])),
    sleepMs: median(sleep),
  };
}

/** The same handler where the host does nothing but call it. */
function bareLoop(bytes: Uint8Array<ArrayBuffer>): (n: number) => number {
  let handle = () => {};
  const nothing = new Proxy({}, { get: () => () => 0 }) as WebAssembly.ModuleImports;
  const imports = { bench: { nested: () => handle() }, 'wirq/irq': nothing };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
  handle = exports.handle as () => void;
  const calls = exports.calls as (n: number) => number;
  return (n) => {
    const start = stopwatch();
    calls(n);
    return stopwatch() - start;
  };
}

/** All runs share a compiled module, so that V8's tiers settle. */
class Loops {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #module: WebAssembly.Module | undefined;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
  }

  /** @returns the ms from when the module is compiled. */
  run(loop: string, ...args: readonly number[]): number {
    let start = 0;
    const machine = Machine.load(this.#bytes, {
      invoke: loop,
      args: args.map(String),
      imports: { bench: { nested: { signature: '>', call: () => {} } } },
      compile: (bytes) => {
        this.#module ??= new WebAssembly.Module(bytes);
        start = stopwatch();
        return this.#module;
      },
    });
    machine.run();
    const ms = stopwatch() - start;
    let delivered = machine.delivered(-1);
    for (let line = 0; line < 240; line++) delivered += machine.delivered(line);
    if (delivered !== args[0]) throw new Error(`${loop}: ${delivered} interrupts instead of ${args[0]}`);
    return ms;
  }
}

export function oneInterruptTable(result: OneInterruptResult): string {
  const { nestedNs, interruptNs, burstNs, crowdedNs, sleepMs } = result;
  const row = (what: string, ns: number) => [what, ns.toFixed(0), (ns - nestedNs).toFixed(0), (1000 / ns).toFixed(1)];
  const table = markdownTable(
    [
      { title: '', align: 'left' },
      { title: 'ns', align: 'right' },
      { title: 'over a nested call, ns', align: 'right' },
      { title: 'millions a second', align: 'right' },
    ],
    [
      row('handler called by the host, bare', nestedNs),
      row('interrupt pended and handled', interruptNs),
      ...BURSTS.map((lines) => row(`one of a burst of ${lines}`, burstNs[lines]!)),
      ...CROWDS.map((lines) => row(`one beside ${lines} lines held back`, crowdedNs[lines]!)),
    ],
  );
  return `${table}\n\nTen minutes of machine time in \`wfi\` with a tick of 1 kHz: ${sleepMs.toFixed(0)} ms.`;
}
