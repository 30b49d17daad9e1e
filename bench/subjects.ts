/**
 * What is compared with the unmodified module: each variant makes a runnable subject from a kernel's bytes.
 * Leaves out the machine: here a hook only refills the budget, so that nothing is measured but the rewritten code.
 */
import { type HookNames, type InstrumentOptions, instrument } from '../src/rewrite/instrument.ts';

export interface Subject {
  /** One measurement's work; returns the checksum. */
  readonly run: (n: number) => number;
  /** Size of the code section. */
  readonly codeBytes: number;
}

export interface Variant {
  readonly name: string;
  /** One line for the table's legend. */
  readonly meaning: string;
  /** @param nonce makes the module's bytes unique: V8 would hand out the machine code of an equal module again. */
  readonly prepare: (bytes: Uint8Array<ArrayBuffer>, nonce: number) => Subject | Promise<Subject>;
}

/** A variant that cannot be measured here, because the package that makes it is not installed. */
export class VariantMissing extends Error {}

export const original: Variant = {
  name: 'original',
  meaning: 'the unmodified module',
  prepare(bytes, nonce) {
    const { run } = new WebAssembly.Instance(compile(bytes, nonce), {}).exports;
    return { run: run as (n: number) => number, codeBytes: codeBytes(bytes) };
  },
};

/** Every budget the hook and the runs set: far enough that the hook is hardly ever called. */
const fullBudget = 0x7fff_ffff;

function rewritten(name: string, meaning: string, options: InstrumentOptions): Variant {
  return {
    name,
    meaning,
    prepare(bytes, nonce) {
      const { bytes: changed, hookNames } = instrument(bytes, options);
      return hooked(changed, hookNames, nonce);
    },
  };
}

/** Instantiates a rewritten module with hooks that do nothing but refill the budget. */
export function hooked(changed: Uint8Array<ArrayBuffer>, hookNames: HookNames, nonce: number): Subject {
  const { exports } = new WebAssembly.Instance(compile(changed, nonce), {});
  const hooks = exports[hookNames.hooks] as WebAssembly.Table;
  const trampoline = hookTrampoline();
  hooks.set(0, trampoline.safepoint);
  hooks.set(1, trampoline.probe);
  const setBudget = exports[hookNames.setBudget] as (budget: number) => void;
  const run = exports.run as (n: number) => number;
  return {
    run(n) {
      setBudget(fullBudget);
      return run(n);
    },
    codeBytes: codeBytes(changed),
  };
}

export const rewritings: readonly Variant[] = [
  rewritten('loop', 'safepoints at loops and recursion', {}),
  rewritten('no-unroll', 'the same without unrolling', { unroll: false }),
  rewritten('block', 'exact instruction counts', { granularity: 'block' }),
  rewritten('flag', 'asks only whether somebody wants attention', { counting: 'none' }),
  rewritten('access', 'also before every load, store and call', { granularity: 'access' }),
  rewritten('instruction', 'before every instruction', { granularity: 'instruction' }),
];

export function compile(bytes: Uint8Array<ArrayBuffer>, nonce: number): WebAssembly.Module {
  // An empty-bodied custom section called "n" with four bytes of nonce.
  const section = [0x00, 0x06, 0x01, 0x6e, nonce & 0xff, (nonce >> 8) & 0xff, (nonce >> 16) & 0xff, nonce >>> 24];
  const unique = new Uint8Array(bytes.length + section.length);
  unique.set(bytes);
  unique.set(section, bytes.length);
  return new WebAssembly.Module(unique);
}

/** Tables hold Wasm functions only: a module that imports the hooks and exports them again turns JavaScript into such. */
function hookTrampoline(): { safepoint: unknown; probe: unknown } {
  // (module (type (func (param i32 i32) (result i32))) (type (func (param i32)))
  //   (import "h" "s" (func (type 0))) (import "h" "p" (func (type 1))) (export "s" (func 0)) (export "p" (func 1)))
  const bytes = Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...[0x01, 0x0b, 0x02, 0x60, 0x02, 0x7f, 0x7f, 0x01, 0x7f, 0x60, 0x01, 0x7f, 0x00],
    ...[0x02, 0x0d, 0x02, 0x01, 0x68, 0x01, 0x73, 0x00, 0x00, 0x01, 0x68, 0x01, 0x70, 0x00, 0x01],
    ...[0x07, 0x09, 0x02, 0x01, 0x73, 0x00, 0x00, 0x01, 0x70, 0x00, 0x01],
  ]);
  const hooks = { s: () => fullBudget, p: () => {} };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { h: hooks });
  return { safepoint: exports.s, probe: exports.p };
}

/** Walks the section headers to the code section (core specification, 5.5.2). */
export function codeBytes(bytes: Uint8Array): number {
  let at = 8;
  while (at < bytes.length) {
    const id = bytes[at++]!;
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      size += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    if (id === 10) return size;
    at += size;
  }
  return 0;
}
