/**
 * Functions by what they take and give: those that a call of a type may reach, where function types have no subtypes. Types that
 * are written alike are the same; whether references to types of their own may be, is for others to leave out.
 */
import type { Module } from '../wasm/module.ts';
import type { FunctionType } from '../wasm/types.ts';

const none: readonly number[] = [];

export class FunctionsByType {
  readonly #module: Module;
  readonly #functions = new Map<string, number[]>();

  constructor(module: Module) {
    this.#module = module;
  }

  add(index: number): void {
    const key = keyOf(this.#module.functionType(index));
    const known = this.#functions.get(key);
    if (known === undefined) this.#functions.set(key, [index]);
    else known.push(index);
  }

  /** Those added of that type, always in the same list; empty for what is no function's. */
  of(typeIndex: number): readonly number[] {
    const signature = this.#module.types[typeIndex]?.signature;
    return (signature && this.#functions.get(keyOf(signature))) ?? none;
  }

  all(): readonly number[] {
    return [...this.#functions.values()].flat();
  }
}

const keyOf = ({ params, results }: FunctionType): string => `${params.join()}>${results.join()}`;
