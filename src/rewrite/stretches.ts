/**
 * How much may be charged between two checks, over calls and returns; and which functions need an entry check to bound it.
 * Filled in callees first by call-graph.ts, which knows who calls whom.
 *
 * For each node: what is charged *through* it without passing a check, from its entry up to the first check (*head*), and from the
 * last check to its return (*tail*).
 */
import { maxStretch } from '../wasm/limits.ts';

/** Who calls whom: the targets of node n stand in `all` from `first[n]` up to `first[n + 1]`. */
export interface Targets {
  readonly first: Int32Array;
  readonly all: Int32Array;
}

/** What a node charges by itself. */
export interface Weights {
  /** At its entry, and on the way through it. */
  readonly entry: Float64Array;
  /** The most at one check of a loop. */
  readonly loop: Float64Array;
}

/** A callee worth a check when too many calls of unchecked functions stand in one function. */
const cheapCallee = 256;

export class Stretches {
  longest = 0;
  /** By node: 1 if its entry checks the budget. */
  readonly checked: Uint8Array;
  readonly #first: Int32Array;
  readonly #targets: Int32Array;
  readonly #functionCount: number;
  readonly #exact: boolean;
  readonly #weights: Weights;
  readonly #through: Float64Array;
  readonly #head: Float64Array;
  readonly #tail: Float64Array;

  /** Nodes up to `functionCount` are functions. `weights` need be right only once a node is added or checked. */
  constructor(targets: Targets, functionCount: number, weights: Weights, exact: boolean) {
    const count = targets.first.length - 1;
    this.#first = targets.first;
    this.#targets = targets.all;
    this.#functionCount = functionCount;
    this.#exact = exact;
    this.#weights = weights;
    this.checked = new Uint8Array(count);
    this.#through = new Float64Array(count);
    this.#head = new Float64Array(count);
    this.#tail = new Float64Array(count);
  }

  /** Gives a function an entry check; of a signature, all its functions. What was computed with it unchecked stays a bound. */
  check(node: number): void {
    if (this.checked[node] === 1) return;
    this.checked[node] = 1;
    this.#through[node] = 0;
    if (node < this.#functionCount) {
      this.#head[node] = this.#weights.entry[node]!;
      return;
    }
    for (let i = this.#first[node]!; i < this.#first[node + 1]!; i++) {
      if (!this.#doesNothing(this.#targets[i]!)) this.check(this.#targets[i]!);
    }
  }

  /** Neither charges nor calls: then callers rely on it to leave the budget alone. */
  #doesNothing(node: number): boolean {
    const { entry, loop } = this.#weights;
    return entry[node] === 0 && loop[node] === 0 && this.#first[node] === this.#first[node + 1];
  }

  /** A node off every cycle. */
  add(node: number): void {
    if (node >= this.#functionCount) {
      this.#addSignature(node);
      return;
    }
    const entry = this.#weights.entry[node]!;
    let calls = this.#sumThrough(node);
    if (calls > maxStretch) {
      this.#checkCallees(node, cheapCallee);
      calls = this.#sumThrough(node);
    }
    const tail = this.#most(this.#tail, node);
    const next = Math.max(this.#weights.loop[node]!, this.#most(this.#head, node));
    this.#through[node] = entry + calls;
    this.#head[node] = entry + calls + next;
    this.#tail[node] = calls + tail;
    this.longest = Math.max(this.longest, entry + calls + tail + next);
    if (entry + calls > maxStretch || this.checked[node] === 1) {
      this.checked[node] = 0;
      this.check(node);
    }
  }

  #addSignature(node: number): void {
    this.#through[node] = this.#most(this.#through, node);
    this.#head[node] = this.#most(this.#head, node);
    this.#tail[node] = this.#most(this.#tail, node);
  }

  /**
   * Functions that may call each other; `checked` are those that have to check. All they call that charges without a check gets
   * one too: then a return through any number of them, which passes no check, passes no charge either.
   */
  addCycle(component: Int32Array, checked: readonly number[]): void {
    if (this.#exact) {
      this.#addExactCycle(component);
      return;
    }
    for (const node of checked) this.check(node);
    let tail = 0;
    let next = 0;
    component.forEach((node) => {
      this.#checkCallees(node, 0);
    });
    component.forEach((node) => {
      tail = Math.max(tail, this.#most(this.#tail, node));
      next = Math.max(next, this.#mostAhead(node));
    });
    component.forEach((node) => {
      this.#tail[node] = tail;
      this.#head[node] = next;
    });
    this.longest = Math.max(this.longest, tail + next);
  }

  /** From a check or an entry in a node on a cycle to the next check. */
  #mostAhead(node: number): number {
    const { entry, loop } = this.#weights;
    return Math.max(entry[node]!, loop[node]!, this.#most(this.#head, node));
  }

  /**
   * There each call that may lead back checks before it, and each end behind such a call: so from one check to the next there is at
   * most one of them that is called and returns without a check of its own, what comes before that, and what behind.
   */
  #addExactCycle(component: Int32Array): void {
    let own = 0;
    let tail = 0;
    let head = 0;
    for (const node of component) {
      own = Math.max(own, this.#weights.entry[node]! + this.#sumThrough(node));
      tail = Math.max(tail, this.#most(this.#tail, node));
      head = Math.max(head, this.#weights.loop[node]!, this.#most(this.#head, node));
    }
    for (const node of component) {
      this.#through[node] = this.checked[node] === 1 ? 0 : own;
      this.#tail[node] = own + tail;
      this.#head[node] = own + head;
    }
    this.longest = Math.max(this.longest, 3 * own + tail + head);
  }

  #checkCallees(node: number, cheap: number): void {
    for (let i = this.#first[node]!; i < this.#first[node + 1]!; i++) {
      if (this.#through[this.#targets[i]!]! > cheap) this.check(this.#targets[i]!);
    }
  }

  #sumThrough(node: number): number {
    let sum = 0;
    for (let i = this.#first[node]!; i < this.#first[node + 1]!; i++) sum += this.#through[this.#targets[i]!]!;
    return sum;
  }

  /** The greatest value that a target of the node has. */
  #most(values: Float64Array, node: number): number {
    let most = 0;
    for (let i = this.#first[node]!; i < this.#first[node + 1]!; i++) {
      const value = values[this.#targets[i]!]!;
      if (value > most) most = value;
    }
    return most;
  }
}
