/**
 * Exact granularities: charges and execution differ by the same on every path to a place, and by nothing where somebody can look:
 * at calls, at throws, and where a function returns that anybody may call. At a safepoint the instruction that comes next may be
 * counted already, or branches that were just taken not yet. A function that only known callers call may return with a
 * difference, always the same, and they go on with it. One in which nobody looks may be called with any.
 * A loop in which the original executes nothing that can be told (`loop br 0 end`) is left out: rounds cannot be counted there.
 */
import { gain, type Imbalance } from './balance.ts';
import type { Calls } from './calls.ts';
import { type PathEdge, type PathGraph, Place } from './path-graph.ts';

/** For `block` and finer. */
export function inexactPaths(calls: Calls): Imbalance[] {
  return new ExactSearch(calls).run();
}

const notYet = Number.POSITIVE_INFINITY;

class ExactSearch {
  readonly #calls: Calls;
  /** By function: charged less executed from entry to return. */
  readonly #leaves: Float64Array;
  readonly #blind: Uint8Array;
  readonly #found: Imbalance[] = [];

  constructor(calls: Calls) {
    this.#calls = calls;
    this.#leaves = new Float64Array(calls.functions.length).fill(notYet);
    this.#blind = new Uint8Array(calls.functions.length);
  }

  run(): Imbalance[] {
    for (const members of this.#calls.components().list) {
      // A call whose callee's return is not known yet is not passed; each round knows more, until all is known that can be.
      for (let changed = true; changed && this.#found.length === 0; ) {
        changed = false;
        for (const own of members) {
          const before = this.#leaves[own]!;
          this.#walk(own);
          changed ||= this.#leaves[own] !== before;
        }
      }
      if (this.#found.length > 0) return this.#found;
      for (const own of members) this.#blind[own] = Number(this.#isBlind(own));
    }
    return this.#found;
  }

  /** Whether nobody looks at the budget in a function: those it calls are known already, or it is on a cycle with them. */
  #isBlind(own: number): boolean {
    const { graph } = this.#calls.functions[own]!;
    if (graph.probed) return false;
    return graph.place.every((place, node) => {
      if (place === Place.call) return this.#isBlindCall(graph, node);
      return place === Place.junction || place === Place.exit || place === Place.trap;
    });
  }

  /** Whether nobody looks at the budget in whatever a call may reach. */
  #isBlindCall(graph: PathGraph, node: number): boolean {
    const callee = graph.callee[node]!;
    const targets = this.#calls.reachesOwnOnly(callee) ? this.#calls.targets(callee) : [];
    return targets.length > 0 && targets.every((target) => this.#blind[target] === 1);
  }

  /** The only function that a call can reach, if it is not the host's. */
  #ownCallee(graph: PathGraph, node: number): number | undefined {
    const callee = graph.callee[node]!;
    return callee < 0 ? undefined : this.#calls.targets(callee)[0];
  }

  #walk(own: number): void {
    const { graph } = this.#calls.functions[own]!;
    const ahead = new Float64Array(graph.size).fill(notYet);
    const waiting = [0];
    ahead[0] = 0;
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      const fault = this.#fault(own, graph, node, ahead[node]!);
      if (fault !== undefined) {
        this.#found.push({ own, node, message: fault });
        return;
      }
      for (const edge of graph.edges[node]!) {
        const there = this.#behind(graph, node, edge, ahead[node]!);
        if (there === undefined) continue;
        if (ahead[edge.to] === notYet) {
          ahead[edge.to] = there;
          waiting.push(edge.to);
        } else if (ahead[edge.to] !== there) {
          const message = `on one path ${ahead[edge.to]} more are charged than executed, on another ${there}`;
          this.#found.push({ own, node: edge.to, message });
          return;
        }
      }
    }
  }

  /** What is wrong at a node that is reached with so much more charged than executed. */
  #fault(own: number, graph: PathGraph, node: number, ahead: number): string | undefined {
    const place = graph.place[node]!;
    if (graph.spins[node] || place === Place.junction || place === Place.trap) return undefined;
    if (place === Place.call && this.#isBlindCall(graph, node)) return undefined;
    const returns = place === Place.exit || place === Place.tailCall;
    if (returns && !this.#returns(own, graph, node, ahead)) {
      return `one return leaves ${this.#leaves[own]} more charged than executed, another ${ahead}`;
    }
    if (place === Place.exit && !this.#calls.referenced.has(own)) return undefined;
    const told = ahead + graph.owed[node]!;
    const most = place === Place.safepoint ? 1 : 0;
    if (told <= most && told >= -graph.passed[node]!) return undefined;
    return `${told} more are charged than executed here`;
  }

  /** Notes how a function returns; false if it returned otherwise elsewhere. */
  #returns(own: number, graph: PathGraph, node: number, ahead: number): boolean {
    let leaves = ahead;
    if (graph.place[node] === Place.tailCall) {
      const target = this.#ownCallee(graph, node);
      // What anybody may call leaves nothing.
      if (target !== undefined) leaves += this.#leaves[target]!;
      if (leaves === notYet) return true;
      if (this.#calls.referenced.has(own) && leaves !== 0) return false;
    }
    const same = this.#leaves[own] === notYet || this.#leaves[own] === leaves;
    this.#leaves[own] = leaves;
    return same;
  }

  /** How far charges are ahead at the end of an edge; undefined if nothing goes that way, or that is not known yet. */
  #behind(graph: PathGraph, node: number, edge: PathEdge, ahead: number): number | undefined {
    const there = ahead + gain(graph, node, edge);
    if (graph.place[node] !== Place.call) return there;
    // What throws is charged for, and where nobody looks nothing is thrown.
    if (edge.thrown) return this.#isBlindCall(graph, node) ? undefined : there;
    const target = this.#ownCallee(graph, node);
    // What others than direct calls reach leaves nothing.
    if (target === undefined) return there;
    const after = there + this.#leaves[target]!;
    return after === notYet ? undefined : after;
  }
}
