/**
 * A companion module brought to life: its imports connected to the doorways, and arguments and results carried to and
 * from the functions that fibers begin with. What `wasmfx` and `jspi` have in common.
 */
import { assert } from '../assert.ts';
import type { Doorway, Shape } from './backend.ts';
import type { Beginning } from './slots.ts';
import { switchboard } from './switchboard.ts';
import { DEMAND_WORD, FETCH, KEEP, PERISH } from './words.ts';

export interface CompanionOptions {
  readonly doors: readonly Doorway[];
  /** The shapes of the functions that fibers can begin with. */
  readonly shapes: readonly Shape[];
  readonly continuations: boolean;
  /** What suspends, without continuations. */
  readonly suspending?: unknown;
  /** Hears what the function that ran in a fiber returned, on that fiber's stack. */
  readonly onEnd: (result: unknown) => void;
}

/** Kept from machine to machine, so that what V8 has learnt of them is. */
const COMPILED_KEPT = 16;
const compiled = new Map<string, WebAssembly.Module>();

/** A companion module by what it was made of. */
export function compiledOnce(key: string, make: () => Uint8Array<ArrayBuffer>): WebAssembly.Module {
  const known = compiled.get(key);
  const module = known ?? new WebAssembly.Module(make());
  compiled.delete(key);
  compiled.set(key, module);
  if (compiled.size > COMPILED_KEPT) compiled.delete(compiled.keys().next().value!);
  return module;
}

type ImportsByName = Record<string, WebAssembly.ImportValue>;

export class Companion {
  readonly doors: readonly unknown[];
  readonly exports: WebAssembly.Exports;
  readonly words: Int32Array;
  /** What the module that begins fibers has to import. */
  readonly runnerImports: WebAssembly.Imports;
  readonly #shapes: readonly string[];
  #entry: WebAssembly.Table | undefined;
  #args: readonly unknown[] = [];

  constructor(options: CompanionOptions) {
    const { doors, shapes, continuations, suspending } = options;
    this.runnerImports = this.#forRunners(options);
    const module = compiledOnce(`board ${continuations} ${doors.map(doorKey)} ${shapes.map(keyOf)}`, () =>
      switchboard({ doors, shapes, continuations }),
    );
    const { exports } = new WebAssembly.Instance(module, {
      ...this.runnerImports,
      ...doorImports(doors),
      s: { s: suspending as WebAssembly.ImportValue },
    });
    this.exports = exports;
    this.doors = doors.map((_, k) => exports[`d${k}`]);
    this.words = new Int32Array((exports.words as WebAssembly.Memory).buffer);
    this.#entry = exports.entry as WebAssembly.Table | undefined;
    this.#shapes = shapes.map(keyOf);
  }

  /** The table of the module that begins fibers, where that is another one. */
  beginThrough(entry: WebAssembly.Table): void {
    this.#entry = entry;
  }

  /** Prepares for a function to begin. @returns the number of its shape. */
  enter({ entry, shape, args }: Beginning): number {
    const k = this.#shapes.indexOf(keyOf(shape));
    assert(k >= 0 && this.#entry !== undefined, 'the shape of what begins was announced');
    this.#entry.set(0, entry);
    this.#args = args;
    return k;
  }

  demand(result: 'keep' | 'fetch'): void {
    this.words[DEMAND_WORD] = result === 'keep' ? KEEP : FETCH;
  }

  /** Whatever goes on in `act` traps at once. */
  perishing(act: () => void): void {
    const demand = this.words[DEMAND_WORD]!;
    this.words[DEMAND_WORD] = PERISH;
    try {
      act();
    } finally {
      this.words[DEMAND_WORD] = demand;
    }
  }

  #forRunners({ shapes, onEnd }: CompanionOptions): WebAssembly.Imports {
    const args: ImportsByName = {};
    const results: ImportsByName = {};
    shapes.forEach((shape, k) => {
      shape.params.forEach((_, i) => {
        args[`${k}.${i}`] = () => this.#args[i];
      });
      const many = shape.results.length > 1;
      results[k] = many ? (...values: unknown[]) => onEnd(values) : (value: unknown) => onEnd(value);
    });
    return { a: args, r: results };
  }
}

function doorImports(doors: readonly Doorway[]): WebAssembly.Imports {
  const calls: ImportsByName = {};
  const fetches: ImportsByName = {};
  doors.forEach(({ call, fetch }, k) => {
    calls[k] = call;
    fetches[k] = fetch;
  });
  return { c: calls, f: fetches };
}

function doorKey({ switches = false, ...shape }: Doorway): string {
  return `${keyOf(shape)}${switches ? '!' : ''};`;
}

export function keyOf({ params, results }: Shape): string {
  return `${params}>${results}`;
}
