/**
 * Whether what is charged fits what is executed.
 *
 * `loop` granularity: wherever somebody can look at the budget (a safepoint, a call that may reach the host, the return of a
 * function that anybody may call), at least as much has been charged as was executed since the host called in; and no loop
 * executes more a round than it charges. Callers may pay in advance for callees, and loops for their rounds. A host that calls a
 * short function through the table, one that only computes, may not be charged for it.
 * Exact granularities are exact-balance.ts's business.
 * A loop in which the original executes nothing that can be told (`loop br 0 end`) is left out: rounds cannot be counted there.
 */
import type { Calls } from './calls.ts';
import { type PathEdge, type PathGraph, Place } from './path-graph.ts';

/** What a host that calls a short function through the table is not charged for, at most. */
const freeOfCharge = 32;

/** What does not hold: where, and by how much. */
export interface Imbalance {
  readonly own: number;
  readonly node: number;
  readonly message: string;
}

const unknown = Number.POSITIVE_INFINITY;
/** Debts that grow beyond what any budget holds grow for ever. */
const deepest = -(2 ** 40);

export function gain(graph: PathGraph, from: number, edge: PathEdge): number {
  return graph.spins[from] ? 0 : edge.charged - edge.executed;
}

/** For `loop`: where less is charged than executed. */
export function underchargedPaths(calls: Calls): Imbalance[] {
  return new DebtSearch(calls).run();
}

/** How far charges are ahead of execution at least, at each node of a function; and at its return and throws. */
interface Lead {
  nodes: Float64Array;
  atReturn: number;
  atThrow: number;
}

class DebtSearch {
  readonly #calls: Calls;
  readonly #leads: Lead[];
  readonly #orders: number[][];
  readonly #found: Imbalance[] = [];

  constructor(calls: Calls) {
    this.#calls = calls;
    this.#orders = calls.functions.map(({ graph }) => graph.order((from) => graph.place[from] === Place.safepoint));
    this.#leads = calls.functions.map(({ graph }) => ({
      nodes: new Float64Array(graph.size).fill(unknown),
      atReturn: unknown,
      atThrow: unknown,
    }));
  }

  run(): Imbalance[] {
    const { list } = this.#calls.components();
    for (const members of list) {
      for (let changed = true; changed && this.#found.length === 0; ) {
        changed = false;
        for (const own of members) changed = this.#improve(own) || changed;
      }
      if (this.#found.length > 0) return this.#found;
    }
    this.#lookFromOutside(list);
    return this.#found;
  }

  /** What a call at least charges beyond what it executes. */
  #ofCall(graph: PathGraph, node: number, key: 'atReturn' | 'atThrow'): number {
    const callee = graph.callee[node]!;
    const targets = this.#calls.targets(callee);
    const mayBeHost = callee < 0 || targets.length === 0;
    let least = mayBeHost ? 0 : unknown;
    for (const target of targets) least = Math.min(least, this.#leads[target]![key]);
    return least;
  }

  /** Works out one function anew; true if less is known to be charged than before. Bellman and Ford's algorithm, in a good order. */
  #improve(own: number): boolean {
    const { graph } = this.#calls.functions[own]!;
    const lead = this.#leads[own]!;
    const { atReturn, atThrow } = lead;
    const order = this.#orders[own]!;
    const dirty = new Uint8Array(graph.size);
    lead.nodes.fill(unknown);
    lead.nodes[0] = 0;
    dirty[0] = 1;
    for (let round = 0; round <= graph.size + 1; round++) {
      let last: number | undefined;
      for (const node of order) {
        if (dirty[node] === 0) continue;
        dirty[node] = 0;
        for (const to of this.#pass(lead, graph, node)) {
          dirty[to] = 1;
          last = to;
        }
      }
      if (last === undefined) return lead.atReturn < atReturn || lead.atThrow < atThrow;
      if (round <= graph.size) continue;
      this.#found.push({ own, node: last, message: 'a loop executes more than it charges' });
    }
    return false;
  }

  /** Takes what is known at a node along its edges; gives the nodes of which less is known to be charged now. */
  #pass(lead: Lead, graph: PathGraph, node: number): number[] {
    const { nodes } = lead;
    const place = graph.place[node]!;
    const isCall = place === Place.call || place === Place.tailCall;
    const after = nodes[node]! + (isCall ? this.#ofCall(graph, node, 'atReturn') : 0);
    const thrown = nodes[node]! + (isCall ? this.#ofCall(graph, node, 'atThrow') : 0);
    if (place === Place.exit || place === Place.tailCall) lead.atReturn = Math.min(lead.atReturn, after);
    if (place === Place.throw || isCall) lead.atThrow = Math.min(lead.atThrow, thrown);
    const lowered: number[] = [];
    for (const edge of graph.edges[node]!) {
      const there = (edge.thrown ? thrown : after) + gain(graph, node, edge);
      if (there >= nodes[edge.to]!) continue;
      nodes[edge.to] = there;
      lowered.push(edge.to);
    }
    return lowered;
  }

  /** From the functions that the host can call, down to what they call. */
  #lookFromOutside(components: readonly (readonly number[])[]): void {
    const { functions, referenced } = this.#calls;
    const atEntry = new Float64Array(functions.length).fill(unknown);
    for (const own of referenced) atEntry[own] = 0;
    for (const members of [...components].reverse()) {
      let waiting = [...members].filter((own) => atEntry[own] !== unknown);
      while (waiting.length > 0) {
        const next = new Set<number>();
        for (const own of waiting) {
          for (const target of this.#callees(own, atEntry)) if (members.includes(target)) next.add(target);
          if (atEntry[own]! > deepest) continue;
          this.#found.push({ own, node: 0, message: 'recursion executes more than is charged' });
          return;
        }
        waiting = [...next];
      }
    }
    for (const own of functions.keys()) this.#checkVisible(own, atEntry[own]!);
  }

  /** Lowers what is known at the entry of functions that `own` calls; gives those for which it did. */
  #callees(own: number, atEntry: Float64Array): number[] {
    const { graph } = this.#calls.functions[own]!;
    const { nodes } = this.#leads[own]!;
    const lowered: number[] = [];
    graph.place.forEach((place, node) => {
      if ((place !== Place.call && place !== Place.tailCall) || nodes[node] === unknown) return;
      const here = atEntry[own]! + nodes[node]!;
      for (const target of this.#calls.targets(graph.callee[node]!)) {
        if (here >= atEntry[target]!) continue;
        atEntry[target] = here;
        lowered.push(target);
      }
    });
    return lowered;
  }

  #checkVisible(own: number, atEntry: number): void {
    if (atEntry === unknown) return;
    const { graph } = this.#calls.functions[own]!;
    const { nodes } = this.#leads[own]!;
    const anybodyReturns = this.#calls.referenced.has(own);
    for (const [node, place] of graph.place.entries()) {
      const isHost = place === Place.call && this.#calls.targets(graph.callee[node]!).length === 0;
      const visible = place === Place.safepoint || isHost || (place === Place.exit && anybodyReturns);
      // A function that anybody may call is called with nothing paid for it; others may have been paid in advance.
      const lead = nodes[node]! + graph.owed[node]! + graph.passed[node]! + (place === Place.exit ? 0 : atEntry);
      if (!visible || nodes[node] === unknown || lead >= 0) continue;
      // Calls in the guest are charged for it.
      if (lead >= -freeOfCharge && this.#calls.isTableLeaf(own)) continue;
      const message = `${-lead} more are executed than charged here`;
      this.#found.push({ own, node, message });
      return;
    }
  }
}
