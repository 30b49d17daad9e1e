/**
 * A companion module brought to life: its imports connected to the doorways, and arguments and results carried to and
 * from the functions that fibers begin with. What `wasmfx` and `jspi` have in common.
 */
import { assert } from '../assert.ts';
import type { Doorway, GuestFunction, Shape } from './backend.ts';
import { DEMAND_WORD, FETCH, KEEP, PERISH, SLOT_WORD, switchboard } from './switchboard.ts';

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

export class Companion {
  readonly doors: readonly unknown[];
  readonly exports: WebAssembly.Exports;
  readonly #words: Int32Array;
  readonly #entry: WebAssembly.Table;
  readonly #shapes: readonly string[];
  #args: readonly unknown[] = [];

  constructor(options: CompanionOptions) {
    const { doors, shapes } = options;
    const bytes = switchboard({ doors, shapes, continuations: options.continuations });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), this.#imports(options));
    this.exports = exports;
    this.doors = doors.map((_, k) => exports[`d${k}`]);
    this.#words = new Int32Array((exports.words as WebAssembly.Memory).buffer);
    this.#entry = exports.entry as WebAssembly.Table;
    this.#shapes = shapes.map(keyOf);
  }

  /** Prepares for a function to begin. @returns the number of its shape. */
  enter(entry: GuestFunction, shape: Shape, args: readonly unknown[]): number {
    const k = this.#shapes.indexOf(keyOf(shape));
    assert(k >= 0, 'the shape of what begins was announced');
    this.#entry.set(0, entry);
    this.#args = args;
    return k;
  }

  demand(result: 'keep' | 'fetch', slot: number): void {
    this.#words[DEMAND_WORD] = result === 'keep' ? KEEP : FETCH;
    this.#words[SLOT_WORD] = slot;
  }

  /** Whatever goes on in `act` traps at once. */
  perishing(act: () => void): void {
    const demand = this.#words[DEMAND_WORD]!;
    this.#words[DEMAND_WORD] = PERISH;
    try {
      act();
    } finally {
      this.#words[DEMAND_WORD] = demand;
    }
  }

  #imports({ doors, shapes, suspending, onEnd }: CompanionOptions): WebAssembly.Imports {
    const calls: Record<string, WebAssembly.ImportValue> = {};
    const fetches: Record<string, WebAssembly.ImportValue> = {};
    const args: Record<string, WebAssembly.ImportValue> = {};
    const results: Record<string, WebAssembly.ImportValue> = {};
    doors.forEach(({ call, fetch }, k) => {
      calls[k] = call;
      fetches[k] = fetch;
    });
    shapes.forEach((shape, k) => {
      shape.params.forEach((_, i) => {
        args[`${k}.${i}`] = () => this.#args[i];
      });
      const many = shape.results.length > 1;
      results[k] = many ? (...values: unknown[]) => onEnd(values) : (value: unknown) => onEnd(value);
    });
    return { c: calls, f: fetches, a: args, r: results, s: { s: suspending as WebAssembly.ImportValue } };
  }
}

function keyOf({ params, results }: Shape): string {
  return `${params}>${results}`;
}
