/**
 * Where the budget is while a function runs, where counts are exact at `block`: in its *global*, where everybody finds it; or in a
 * *local*, read at the entry, lent to the global while others run that look there, and given back at the end. Those that only direct
 * calls reach are handed it by their callers, and hand it back: carriers.ts.
 *
 * Functions with exceptions, tail calls or stack switching keep the global, and so do those that leave all they execute to their
 * callers, and do nothing with the budget.
 */
import { maxLocals } from '../wasm/limits.ts';
import type { Module } from '../wasm/module.ts';
import { Candidates, Carriers, typeByte } from './carriers.ts';
import type { FunctionScan } from './scan-types.ts';

/** Appended beside the budget: lengths and results of bulk instructions. */
const spareLocals = 8;
/** A function that executes more does not leave it to its callers: what calls add up to stays small. */
export const maxOwed = 256;
/** How deep callees are looked at. */
const maxDepth = 32;
const notKnown = -2;
const touches = -1;

export class BudgetHomes {
  readonly carriers: Carriers;
  readonly #module: Module;
  readonly #scans: readonly FunctionScan[];
  /** By own function: 1 if it has the budget in a local. */
  readonly #local: Uint8Array;
  /** By own function that leaves all it executes to its callers: how much that is. */
  readonly #leaves: Int32Array;
  /** Functions that others than direct calls reach. */
  readonly #reached: ReadonlySet<number>;

  constructor(module: Module, scans: readonly FunctionScan[], probes: readonly number[]) {
    this.#module = module;
    this.#scans = scans;
    this.#local = new Uint8Array(scans.length);
    this.#leaves = new Int32Array(scans.length).fill(notKnown);
    const { importedFunctions, referenced, start } = module;
    this.#reached = new Set([...referenced, ...probes, ...(start === undefined ? [] : [start]), ...tailCalled(scans)]);
    const probed = new Set(probes);
    scans.forEach((_, i) => {
      const holds = !probed.has(importedFunctions + i) && this.#canHold(i) && this.#untouched(i, 0) < 0;
      this.#local[i] = Number(holds);
    });
    const candidates = new Candidates(module, this.#reached, { large: true });
    this.carriers = new Carriers(module, candidates, (index) => this.isLocal(index - importedFunctions));
  }

  /** Whether own function `i` has the budget in a local from its beginning to its end. */
  isLocal(i: number): boolean {
    return this.#local[i] === 1;
  }

  #canHold(i: number): boolean {
    const { special, entryCalls, loopCalls, localCount } = this.#scans[i]!;
    if (special || entryCalls.tails.length > 0 || loopCalls.tails.length > 0) return false;
    const { results } = this.#module.functionType(this.#module.importedFunctions + i);
    const plain = results.length === 0 || (results.length === 1 && typeByte(results[0]!) !== undefined);
    return plain && localCount + spareLocals <= maxLocals;
  }

  /** What a function executes that only goes one way, if that is left to its callers; `touches` for others. */
  #untouched(i: number, depth: number): number {
    const known = this.#leaves[i]!;
    if (known !== notKnown) return known;
    this.#leaves[i] = touches;
    const { branches, loops, bulks, entryCalls, entryWeight, special } = this.#scans[i]!;
    const { importedFunctions } = this.#module;
    if (branches || special || loops.length > 0 || bulks.length > 0) return touches;
    if (depth === maxDepth || this.#reached.has(importedFunctions + i) || callsOtherwise(this.#scans[i]!))
      return touches;
    let sum = entryWeight;
    for (const callee of entryCalls.direct) {
      const left = callee < importedFunctions ? touches : this.#untouched(callee - importedFunctions, depth + 1);
      if (left < 0) return touches;
      sum += left;
    }
    if (sum > maxOwed) return touches;
    this.#leaves[i] = sum;
    return sum;
  }
}

function callsOtherwise({ entryCalls }: FunctionScan): boolean {
  return entryCalls.indirect.length > 0 || entryCalls.tails.length > 0 || entryCalls.any;
}

function tailCalled(scans: readonly FunctionScan[]): number[] {
  const found: number[] = [];
  for (const { entryCalls, loopCalls } of scans) {
    if (entryCalls.tails.length + loopCalls.tails.length > 0) found.push(...entryCalls.tails, ...loopCalls.tails);
  }
  return found.filter((to) => to >= 0);
}
