/** A host in a few lines: rewrites a module, fills its hooks, keeps account of what its safepoints report. */
import { type Instrumented, type InstrumentOptions, instrument } from '../../src/rewrite/instrument.ts';

/** Gives JavaScript functions the shape of Wasm functions, as table slots demand. Hand-made bytes: two imports, re-exported. */
export const trampoline = new WebAssembly.Module(
  Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, 11, 2, 0x60, 2, 0x7f, 0x7f, 1, 0x7f, 0x60, 1, 0x7f, 0],
    ...[2, 13, 2, 1, 0x68, 1, 0x73, 0, 0, 1, 0x68, 1, 0x70, 0, 1],
    ...[7, 9, 2, 1, 0x73, 0, 0, 1, 0x70, 0, 1],
  ),
);

// biome-ignore lint/suspicious/noExplicitAny: exports of test modules have whatever shape the test gave them
export type Exports = Record<string, any>;

export interface Hosted {
  readonly exports: Exports;
  readonly instrumented: Instrumented;
  /** Charged so far. */
  spent(): number;
  /** Safepoints that called out, as [budget, masked]. */
  readonly calls: [number, number][];
  readonly probes: number[];
}

export interface HostOptions extends InstrumentOptions {
  readonly imports?: WebAssembly.Imports;
  /** Budget handed out each time; default practically endless. */
  readonly quantum?: number;
  /** Called at each safepoint that calls out. */
  readonly onSafepoint?: (host: Hosted) => void;
}

export function host(bytes: Uint8Array, options: HostOptions = {}): Hosted {
  const instrumented = instrument(bytes, options);
  const { hookNames } = instrumented;
  const instance = new WebAssembly.Instance(new WebAssembly.Module(instrumented.bytes), options.imports ?? {});
  const exports = instance.exports as Exports;
  const quantum = options.quantum ?? 0x7fff_ffff;
  let granted = quantum;
  const hosted: Hosted = {
    exports,
    instrumented,
    spent: () => granted - exports[hookNames.getBudget](),
    calls: [],
    probes: [],
  };
  const safepoint = (budget: number, masked: number): number => {
    hosted.calls.push([budget, masked]);
    options.onSafepoint?.(hosted);
    granted += quantum;
    return exports[hookNames.getBudget]() + quantum;
  };
  const probe = (index: number): void => {
    hosted.probes.push(index);
  };
  const hooks = new WebAssembly.Instance(trampoline, { h: { s: safepoint, p: probe } }).exports as Exports;
  exports[hookNames.hooks].set(0, hooks.s);
  exports[hookNames.hooks].set(1, hooks.p);
  exports[hookNames.setBudget](quantum);
  return hosted;
}

/** The unmodified module. */
export function plain(bytes: Uint8Array<ArrayBuffer>, imports: WebAssembly.Imports = {}): Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports as Exports;
}
