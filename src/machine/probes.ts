/**
 * Moments in the user's functions: acts to do when a function is entered for the n-th time. The rewriter puts a call out
 * at the beginning of each function that is watched, which therefore has to be known before the module is rewritten.
 */
import { WirqError } from '../errors.ts';
import type { Module } from '../wasm/module.ts';

interface Probe {
  readonly entry: number;
  readonly act: () => void;
}

export class Probes {
  readonly #module: Module;
  readonly #probes = new Map<number, Probe[]>();
  readonly #entries = new Map<number, number>();

  constructor(module: Module) {
    this.#module = module;
  }

  /** The functions to watch. */
  get functions(): number[] {
    return [...this.#probes.keys()];
  }

  /** Acts at the `entry`-th entry of a function. `fixed`: the module is rewritten already. */
  add(name: string, entry: number, act: () => void, fixed: boolean): void {
    const index = this.#functionNamed(name);
    const probes = this.#probes.get(index);
    if (fixed && probes === undefined) {
      throw new WirqError('bad-argument', `entries of ${name} are not watched`, {
        advice: 'a moment in a function must be known before the machine runs',
      });
    }
    if (probes === undefined) this.#probes.set(index, [{ entry, act }]);
    else probes.push({ entry, act });
  }

  /** The function is entered. @returns what is to be done now. */
  enter(index: number): readonly Probe[] {
    const entered = (this.#entries.get(index) ?? 0) + 1;
    this.#entries.set(index, entered);
    return this.#probes.get(index)?.filter((probe) => probe.entry === entered) ?? [];
  }

  /** Moments that never came. */
  get warnings(): readonly string[] {
    const warnings: string[] = [];
    for (const [index, probes] of this.#probes) {
      const entered = this.#entries.get(index) ?? 0;
      for (const probe of probes) {
        if (probe.entry <= entered) continue;
        warnings.push(
          `entry ${probe.entry} of ${this.#module.functionName(index)} never came: it was entered ${entered} times`,
        );
      }
    }
    return warnings;
  }

  #functionNamed(name: string): number {
    const module = this.#module;
    for (let index = module.importedFunctions; index < module.functions.length; index++) {
      if (module.functionName(index) === name) return index;
    }
    const exported = module.exports.find((each) => each.kind === 'func' && each.name === name);
    if (exported !== undefined && exported.index >= module.importedFunctions) return exported.index;
    const own = module.bodies.map((_, at) => module.functionName(module.importedFunctions + at));
    throw new WirqError('bad-argument', `the module has no function ${name} of its own`, {
      advice: own.length === 0 ? 'it has no functions' : `it has ${own.slice(0, 12).join(', ')}`,
    });
  }
}
