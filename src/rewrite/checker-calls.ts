/**
 * The checker's view across calls: what a function leaves its callers to pay, cycles of calls, and charges between safepoints.
 * Works on the graphs of the rewritten functions; an indirect call reaches every function of the type that anything refers to.
 */
import type { Module } from '../wasm/module.ts';
import { Effect } from '../wasm/opcodes.ts';
import { exit, type Node } from './checker-graph.ts';

export interface CallSummary {
  readonly nodes: readonly Node[];
  /** Per node: what it charges, whether it is the branch of a check, whether it was copied from the original. */
  readonly charges: Int32Array;
  readonly checks: Uint8Array;
  readonly copied: Uint8Array;
}

/** Charges along a call, see `Stretch`; −1 where there is no such path. */
interface Stretch {
  /** From the entry to the return, passing no check. */
  through: number;
  /** From the entry to the first check, and from the last check to the return. */
  head: number;
  tail: number;
  /** Between two checks. */
  inner: number;
}

const none = -1;

/** Undefined if all is well; else what is wrong. */
export function checkCalls(module: Module, summaries: readonly CallSummary[], bound: number): string | undefined {
  return new CallCheck(module, summaries, bound).run();
}

class CallCheck {
  readonly #module: Module;
  readonly #summaries: readonly CallSummary[];
  readonly #bound: number;
  readonly #debts: number[];
  /** Own functions known to leave the budget alone, or not to. */
  readonly #quiet: (boolean | undefined)[] = [];
  readonly #stretches: Stretch[];
  /** Referenced functions by type index of the call. */
  readonly #targetsOfType = new Map<number, readonly number[]>();

  constructor(module: Module, summaries: readonly CallSummary[], bound: number) {
    this.#module = module;
    this.#summaries = summaries;
    this.#bound = bound;
    this.#debts = summaries.map(() => 0);
    this.#stretches = summaries.map(() => ({ through: none, head: none, tail: none, inner: none }));
  }

  run(): string | undefined {
    return this.#checkDebts() ?? this.#checkCycles() ?? this.#checkStretches();
  }

  #name(i: number): string {
    return `function ${this.#module.functionName(this.#module.importedFunctions + i)}`;
  }

  /** Own functions that a node may call. */
  #callees({ effect, immediate }: Node): readonly number[] {
    switch (effect) {
      case Effect.call:
      case Effect.returnCall: {
        const own = immediate - this.#module.importedFunctions;
        return own >= 0 && own < this.#summaries.length ? [own] : [];
      }
      case Effect.callIndirect:
      case Effect.callRef:
      case Effect.returnCallIndirect:
      case Effect.returnCallRef:
        return this.#ofType(immediate);
      default:
        return [];
    }
  }

  #ofType(type: number): readonly number[] {
    const known = this.#targetsOfType.get(type);
    if (known !== undefined) return known;
    const { types, functions, referenced, importedFunctions } = this.#module;
    const subtyping = types.some((candidate) => candidate.kind === 'func' && candidate.subtyping);
    const shape = (index: number): string => JSON.stringify(types[index]?.signature).replaceAll(/\d+\)/g, ')');
    const targets: number[] = [];
    // A type beyond the original's is that of the probe's call, which reaches the host.
    if (type >= types.length) return targets;
    for (const index of referenced) {
      if (index < importedFunctions || index - importedFunctions >= this.#summaries.length) continue;
      if (subtyping || shape(functions[index]!.typeIndex) === shape(type)) targets.push(index - importedFunctions);
    }
    this.#targetsOfType.set(type, targets);
    return targets;
  }

  /** Executed minus charged never grows beyond what callers pay; and functions that anybody may call pay for themselves. */
  #checkDebts(): string | undefined {
    for (let round = 0, changed = true; changed; round++) {
      if (round > this.#summaries.length + 1) return 'functions calling each other never pay for what they execute';
      changed = false;
      for (const [i, summary] of this.#summaries.entries()) {
        const debt = this.#debt(summary);
        if (debt === undefined) return `${this.#name(i)}: a cycle executes more than it is charged`;
        changed ||= debt !== this.#debts[i];
        this.#debts[i] = debt;
      }
    }
    const { referenced, importedFunctions, start } = this.#module;
    for (const index of start === undefined ? referenced : [...referenced, start]) {
      const debt = this.#debts[index - importedFunctions];
      if (debt !== undefined && debt > 0)
        return `${this.#name(index - importedFunctions)} executes ${debt} more than is charged`;
    }
    return undefined;
  }

  /**
   * The most by which what was executed is ahead of what was charged, wherever anybody may look: at checks, calls and exits.
   * Undefined if it grows for ever. (Within a round of a copied loop it may be ahead for a moment.)
   */
  #debt({ nodes, charges, checks, copied }: CallSummary): number | undefined {
    const at = new Float64Array(nodes.length).fill(Number.NEGATIVE_INFINITY);
    at[0] = 0;
    let debt = 0;
    for (let sweep = 0, changed = true; changed; sweep++) {
      if (sweep > nodes.length + 1) return undefined;
      changed = false;
      for (const [i, node] of nodes.entries()) {
        if (at[i] === Number.NEGATIVE_INFINITY) continue;
        let owed = at[i]! + (copied[i] === 1 ? node.cost : 0) - charges[i]!;
        let paidForCallee = 0;
        for (const callee of this.#callees(node)) paidForCallee = Math.max(paidForCallee, this.#debts[callee]!);
        owed += paidForCallee;
        if (this.#isSeen(node, checks[i] === 1)) debt = Math.max(debt, owed);
        for (const next of node.next) {
          if (next === exit || owed <= at[next]!) continue;
          at[next] = owed;
          changed = true;
        }
      }
    }
    return debt;
  }

  #isSeen(node: Node, isCheck: boolean): boolean {
    if (isCheck || node.next.length === 0 || node.next.includes(exit)) return true;
    return node.effect !== Effect.plain && this.#mayLook(node);
  }

  /** Whether what a node calls does anything with the budget. */
  #mayLook(node: Node): boolean {
    const { effect, immediate } = node;
    if (effect !== Effect.call && effect !== Effect.returnCall) {
      return effect === Effect.callIndirect || effect === Effect.callRef || effect === Effect.switch;
    }
    const own = immediate - this.#module.importedFunctions;
    const callee = this.#summaries[own];
    if (own < 0 || callee === undefined) return true;
    const known = this.#quiet[own];
    if (known !== undefined) return !known;
    // Until it is known: what calls itself is no leaf.
    this.#quiet[own] = false;
    this.#quiet[own] =
      callee.charges.every((charge) => charge === 0) && !callee.nodes.some((inner) => this.#mayLook(inner));
    return !this.#quiet[own];
  }

  /** Nodes that a function reaches before any check. */
  #unchecked({ nodes, checks }: CallSummary): readonly number[] {
    const seen = new Uint8Array(nodes.length);
    const found: number[] = [0];
    seen[0] = 1;
    for (const node of found) {
      if (checks[node] === 1) continue;
      for (const next of nodes[node]!.next) {
        if (next === exit || seen[next] === 1) continue;
        seen[next] = 1;
        found.push(next);
      }
    }
    return found;
  }

  /** Calls made before any check form no cycle: then every cycle of calls passes one. */
  #checkCycles(): string | undefined {
    const state = new Uint8Array(this.#summaries.length);
    const targets = this.#summaries.map((summary) => [
      ...new Set(this.#unchecked(summary).flatMap((node) => this.#callees(summary.nodes[node]!))),
    ]);
    const path: [i: number, place: number][] = [];
    for (let root = 0; root < targets.length; root++) {
      if (state[root] === 0) path.push([root, 0]);
      while (path.length > 0) {
        const top = path[path.length - 1]!;
        state[top[0]] = 1;
        const target = targets[top[0]]![top[1]++];
        if (target === undefined) {
          state[top[0]] = 2;
          path.pop();
        } else if (state[target] === 1) {
          return `${this.#name(target)} can call itself without a safepoint`;
        } else if (state[target] === 0) path.push([target, 0]);
      }
    }
    return undefined;
  }

  #checkStretches(): string | undefined {
    // Values only grow, and along no cycle for ever if returning from recursion charges nothing: a few rounds settle them.
    for (let round = 0, changed = true; changed; round++) {
      if (round > this.#summaries.length + 2) return 'charges between safepoints add up without a bound';
      changed = false;
      for (const [i, summary] of this.#summaries.entries())
        changed = this.#stretch(summary, this.#stretches[i]!) || changed;
      for (const [i, { through, head, tail, inner }] of this.#stretches.entries()) {
        const longest = Math.max(through, head, tail, inner);
        if (longest > this.#bound)
          return `${this.#name(i)}: ${longest} may be charged between safepoints, over ${this.#bound}`;
      }
    }
    return undefined;
  }

  /** Recomputes one function's stretches; true if any grew. */
  #stretch({ nodes, charges, checks }: CallSummary, stretch: Stretch): boolean {
    // Charged since the entry without a check, and since the last check.
    const fromEntry = new Float64Array(nodes.length).fill(none);
    const fromCheck = new Float64Array(nodes.length).fill(none);
    fromEntry[0] = 0;
    const { through, head, tail, inner } = stretch;
    // Without the checks the graph has no cycles, so a sweep in order has to be repeated only where loops lead backwards.
    for (let changed = true; changed; ) {
      changed = false;
      for (const [i, node] of nodes.entries()) {
        if (fromEntry[i] === none && fromCheck[i] === none) continue;
        const [entry, check] = this.#pass(node, fromEntry[i]!, fromCheck[i]!, charges[i]!, checks[i] === 1, stretch);
        for (const next of node.next) {
          if (next === exit) {
            stretch.through = Math.max(stretch.through, entry);
            stretch.tail = Math.max(stretch.tail, check);
          } else if (entry > fromEntry[next]! || check > fromCheck[next]!) {
            fromEntry[next] = Math.max(entry, fromEntry[next]!);
            fromCheck[next] = Math.max(check, fromCheck[next]!);
            changed = true;
          }
        }
      }
    }
    return stretch.through > through || stretch.head > head || stretch.tail > tail || stretch.inner > inner;
  }

  /** What is charged behind a node, since the entry and since the last check. */
  #pass(
    node: Node,
    entry: number,
    check: number,
    charge: number,
    isCheck: boolean,
    stretch: Stretch,
  ): [number, number] {
    const add = (to: number, what: number): number => (to === none || what === none ? none : to + what);
    let since: [number, number] = [add(entry, charge), add(check, charge)];
    if (isCheck) {
      stretch.head = Math.max(stretch.head, since[0]);
      stretch.inner = Math.max(stretch.inner, since[1]);
      since = [none, 0];
    }
    const callees = this.#callees(node);
    if (callees.length === 0) return since;
    let behind: [number, number] = [none, none];
    for (const callee of callees) {
      const called = this.#stretches[callee]!;
      stretch.head = Math.max(stretch.head, add(since[0], called.head));
      stretch.inner = Math.max(stretch.inner, add(since[1], called.head), called.inner);
      behind = [
        Math.max(behind[0], add(since[0], called.through)),
        Math.max(behind[1], add(since[1], called.through), called.tail),
      ];
    }
    return behind;
  }
}
