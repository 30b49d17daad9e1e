/**
 * What a rewritten function does, boiled down: places where paths meet, calls, safepoints and ends, and between them how much is
 * charged and executed. Made by lockstep.ts; the proofs about cycles, stretches and charges are made on it.
 */

export const Place = {
  /** Where paths meet or begin. */
  junction: 0,
  /** A test of the budget, behind which it is not below zero or the safepoint has been called. */
  safepoint: 1,
  call: 2,
  tailCall: 3,
  exit: 4,
  /** A throw. */
  throw: 5,
  /** `unreachable`. */
  trap: 6,
} as const;

export interface PathEdge {
  readonly to: number;
  /** Instructions counted off the budget, and those of the original that are executed. */
  readonly charged: number;
  readonly executed: number;
  /** Loads and stores among those, of whatever width and length. */
  readonly accesses: number;
  /** The original went on: something of it was executed. */
  readonly advanced: boolean;
  /** An exception goes this way, out of the call or throw at its beginning. */
  readonly thrown: boolean;
  /** The way back of a loop that makes so many rounds, known before. */
  readonly rounds: number | undefined;
}

/** Who is called: a function index, −1 − type index for an indirect call, anybody (a continuation), nobody (a suspension). */
export type Callee = number;
export const nobody: Callee = Number.MIN_SAFE_INTEGER + 1;
export const anybody: Callee = Number.MIN_SAFE_INTEGER;
export const calledThrough = (type: number): Callee => -1 - type;
export const typeOfCallee = (callee: Callee): number => -1 - callee;

/** Node 0 is the entry. */
export class PathGraph {
  readonly place: number[] = [];
  /** By node: its instruction in the rewritten function. */
  readonly at: number[] = [];
  readonly callee: Callee[] = [];
  /** By node: the original goes round there without executing anything that can be told. */
  readonly spins: boolean[] = [];
  /** By node: what a test takes off the budget, without charging it, before it looks. */
  readonly owed: number[] = [];
  /** By node: cost of branches that are counted as executed already, though they may come behind a test. */
  readonly passed: number[] = [];
  /** Safepoints that are none in the code: branches back that were paid for in advance (strips.ts). */
  readonly paid = new Set<number>();
  /** Whether the host is told of entries. */
  probed = false;
  readonly edges: PathEdge[][] = [];
  readonly #byKey = new Map<number, number>();

  get size(): number {
    return this.place.length;
  }

  /** The node for an instruction as junction, or as what happens there. */
  node(place: number, at: number, callee: Callee = 0): number {
    const key = place === Place.junction ? 2 * at : 2 * at + 1;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const node = this.place.push(place) - 1;
    this.#byKey.set(key, node);
    this.at.push(at);
    this.callee.push(callee);
    this.spins.push(false);
    this.owed.push(0);
    this.passed.push(0);
    this.edges.push([]);
    return node;
  }

  /**
   * A node on some cycle of what is left when some edges are left out; undefined when there is none. Depth first, without recursion.
   */
  nodeOnCycle(isLeftOut: (from: number, edge: PathEdge) => boolean): number | undefined {
    const state = new Uint8Array(this.size);
    const next = new Int32Array(this.size);
    for (let root = 0; root < this.size; root++) {
      if (state[root] !== 0) continue;
      const path = [root];
      state[root] = 1;
      while (path.length > 0) {
        const node = path[path.length - 1]!;
        const edge = this.edges[node]![next[node]!++];
        if (edge === undefined) {
          state[node] = 2;
          path.pop();
        } else if (!isLeftOut(node, edge)) {
          if (state[edge.to] === 1) return edge.to;
          if (state[edge.to] === 0) {
            state[edge.to] = 1;
            path.push(edge.to);
          }
        }
      }
    }
    return undefined;
  }

  /** All nodes, each before those its edges lead to, but for the edges left out; there must be no cycle of others. */
  order(isLeftOut: (from: number, edge: PathEdge) => boolean): number[] {
    const seen = new Uint8Array(this.size);
    const next = new Int32Array(this.size);
    const order: number[] = [];
    for (let root = this.size - 1; root >= 0; root--) {
      if (seen[root] === 1) continue;
      const path = [root];
      seen[root] = 1;
      while (path.length > 0) {
        const node = path[path.length - 1]!;
        const edge = this.edges[node]![next[node]!++];
        if (edge === undefined) {
          order.push(node);
          path.pop();
        } else if (seen[edge.to] === 0 && !isLeftOut(node, edge)) {
          seen[edge.to] = 1;
          path.push(edge.to);
        }
      }
    }
    return order.reverse();
  }
}
