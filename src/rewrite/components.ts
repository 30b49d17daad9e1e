/**
 * Strongly connected components of a graph, those that others lead to first: Tarjan's algorithm ("Depth-first search and linear graph
 * algorithms", 1972), without recursion.
 */
import type { Targets } from './stretches.ts';

/** The nodes, one component after the other, and where each component ends. */
export interface Components {
  readonly nodes: Int32Array;
  readonly ends: readonly number[];
}

export function componentsOf(targets: Targets): Components {
  return new Search(targets);
}

const notSeen = -1;

class Search implements Components {
  readonly nodes: Int32Array;
  readonly ends: number[] = [];
  readonly #targets: Targets;
  /** By node: when it was entered, the earliest on the stack that it leads to, and which of its targets is next. */
  readonly #order: Int32Array;
  readonly #low: Int32Array;
  readonly #next: Int32Array;
  /** Nodes whose component is not known yet; and those that are being looked through. */
  readonly #stack: Int32Array;
  readonly #onStack: Uint8Array;
  readonly #path: Int32Array;
  #entered = 0;
  #stacked = 0;
  #depth = 0;
  #done = 0;

  constructor(targets: Targets) {
    const count = targets.first.length - 1;
    this.#targets = targets;
    this.#order = new Int32Array(count).fill(notSeen);
    this.#low = new Int32Array(count);
    this.#next = targets.first.slice();
    this.#stack = new Int32Array(count);
    this.#onStack = new Uint8Array(count);
    this.#path = new Int32Array(count);
    this.nodes = new Int32Array(count);
    for (let root = 0; root < count; root++) if (this.#order[root] === notSeen) this.#search(root);
  }

  #search(root: number): void {
    this.#enter(root);
    while (this.#depth > 0) {
      const node = this.#path[this.#depth - 1]!;
      const target = this.#lookOn(node);
      if (target === notSeen) this.#leave(node);
      else this.#enter(target);
    }
  }

  #enter(node: number): void {
    this.#order[node] = this.#low[node] = this.#entered++;
    this.#onStack[node] = 1;
    this.#stack[this.#stacked++] = node;
    this.#path[this.#depth++] = node;
  }

  /** Looks at the targets that are left, up to one that has not been seen, which it gives. */
  #lookOn(node: number): number {
    const { first, all } = this.#targets;
    const order = this.#order;
    const end = first[node + 1]!;
    let low = this.#low[node]!;
    let found = notSeen;
    let i = this.#next[node]!;
    while (i < end && found === notSeen) {
      const target = all[i++]!;
      if (order[target] === notSeen) found = target;
      else if (this.#onStack[target] === 1 && order[target]! < low) low = order[target]!;
    }
    this.#next[node] = i;
    this.#low[node] = low;
    return found;
  }

  #leave(node: number): void {
    const low = this.#low;
    this.#depth--;
    if (this.#depth > 0) {
      const from = this.#path[this.#depth - 1]!;
      low[from] = Math.min(low[from]!, low[node]!);
    }
    if (low[node] === this.#order[node]) this.#complete(node);
  }

  /** All that were entered since this one are of its component. */
  #complete(root: number): void {
    let node: number;
    do {
      node = this.#stack[--this.#stacked]!;
      this.#onStack[node] = 0;
      this.nodes[this.#done++] = node;
    } while (node !== root);
    this.ends.push(this.#done);
  }
}
