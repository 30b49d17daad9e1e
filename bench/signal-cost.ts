/**
 * What signals cost: one raised in a loop and handled, against the bare nested call of the same handler (out to JavaScript
 * and in again) in the unmodified module; one that a timer delivers into a loop; and a pair of changes of the mask.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Machine } from '../src/machine/machine.ts';
import { interleave, median } from './statistics.ts';
import { stopwatch } from './stopwatch.ts';
import { markdownTable } from './table.ts';

export interface SignalResult {
  /** The handler called by the host, which the guest called, in ns. */
  readonly nestedNs: number;
  /** A signal that the guest raises, to the return from `raise`, in ns. */
  readonly signalNs: number;
  /** A signal that a timer delivers into a loop, in ns. */
  readonly timedNs: number;
  /** sigprocmask twice, in ns. */
  readonly maskPairNs: number;
}

const CALLS = 200_000;
/** Iterations of the loop into which a timer delivers: some 195,000 signals, about as many as are raised, so that V8 is as settled. */
const SPINS = 600_000;

export function measureSignals(root: string, rounds: number): SignalResult {
  const bytes = readFileSync(join(root, 'bench/signals/signals.wasm'));
  const nested = bareLoop(bytes);
  const subject = new SignalSubject(bytes);
  const times = interleave(
    [
      () => nested(CALLS),
      () => subject.run('signals', CALLS).ms,
      () => subject.run('masks', CALLS).ms,
      () => subject.run('quiet', SPINS).ms,
      () => subject.run('timed', SPINS).ms,
    ],
    rounds + 2,
  ).map((series) => series.slice(2));
  const delivered = subject.run('timed', SPINS).result;
  const each = (series: number, count: number) => (median(times[series]!) / count) * 1e6;
  return {
    nestedNs: each(0, CALLS),
    signalNs: each(1, CALLS),
    maskPairNs: each(2, CALLS),
    timedNs: (median(times[4]!.map((ms, round) => ms - times[3]![round]!)) / delivered) * 1e6,
  };
}

/** The same loop where the host does nothing but call the handler. */
function bareLoop(bytes: Uint8Array<ArrayBuffer>): (n: number) => number {
  let handle: (signal: number) => void = () => {};
  const nothing = new Proxy({}, { get: () => () => 0 }) as WebAssembly.ModuleImports;
  const imports = { bench: { nested: (signal: number) => handle(signal) }, 'wirq/signal': nothing };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
  handle = exports.handle as (signal: number) => void;
  const calls = exports.calls as (n: number) => number;
  return (n) => {
    const start = stopwatch();
    const handled = calls(n);
    const ms = stopwatch() - start;
    if (handled !== n) throw new Error(`${handled} calls instead of ${n}`);
    return ms;
  };
}

/** All runs of one loop share a compiled module, so that V8's tiers settle. */
class SignalSubject {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #module: WebAssembly.Module | undefined;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
  }

  run(loop: string, n: number): { ms: number; result: number } {
    let start = 0;
    const machine = Machine.load(this.#bytes, {
      invoke: loop,
      args: [String(n)],
      imports: { bench: { nested: { signature: 'i>', call: () => {} } } },
      compile: (bytes) => {
        this.#module ??= new WebAssembly.Module(bytes);
        start = stopwatch();
        return this.#module;
      },
    });
    const { returned } = machine.run();
    const ms = stopwatch() - start;
    const result = Number(returned[0]);
    if (loop !== 'timed' && result !== n) throw new Error(`${loop}: ${result} instead of ${n}`);
    return { ms, result };
  }
}

export function signalTable({ nestedNs, signalNs, timedNs, maskPairNs }: SignalResult): string {
  const row = (what: string, ns: number, over: string) => [what, ns.toFixed(0), over];
  const over = (ns: number) => (ns - nestedNs).toFixed(0);
  return markdownTable(
    [
      { title: '', align: 'left' },
      { title: 'ns', align: 'right' },
      { title: 'over a nested call, ns', align: 'right' },
    ],
    [
      row('handler called by the host, bare', nestedNs, ''),
      row('signal raised and handled', signalNs, over(signalNs)),
      row("timer's signal delivered into a loop and handled", timedNs, over(timedNs)),
      row('signal blocked and unblocked', maskPairNs, ''),
    ],
  );
}
