/**
 * How much can be counted between two safepoints, along the worst path through any calls; and whether calls can go round without
 * a safepoint at all. A call of the host is a safepoint. Works on graphs in which every cycle passes a safepoint.
 */
import type { Calls } from './calls.ts';
import { type PathEdge, type PathGraph, Place } from './path-graph.ts';

/** Which of an edge's numbers to add up. */
export type Measure = (edge: PathEdge) => number;

const never = Number.NEGATIVE_INFINITY;

/** Of one function; `never` where no path is such. */
interface Summary {
  /** Entry to return, no safepoint on the way; entry to a throw likewise. */
  through: number;
  throughThrow: number;
  /** Entry to the first safepoint, or as far as it goes. */
  head: number;
  /** Last safepoint to return; to a throw. */
  tail: number;
  tailThrow: number;
  /** Between two safepoints within, or to a place where it stops. */
  inner: number;
}

/** The host: nothing is counted, and it is a safepoint. */
const host: Summary = { through: never, throughThrow: never, head: 0, tail: 0, tailThrow: 0, inner: 0 };

const passesSafepoint = (graph: PathGraph) => (from: number) => graph.place[from] === Place.safepoint;

/** Own functions that can call themselves, through others or not, with no safepoint on the way. */
export function unsafeRecursion(calls: Calls): number | undefined {
  const reached = calls.functions.map(({ graph }) => calleesBeforeSafepoint(calls, graph));
  const state = new Uint8Array(reached.length);
  const next = new Int32Array(reached.length);
  for (let root = 0; root < reached.length; root++) {
    if (state[root] !== 0) continue;
    const path = [root];
    state[root] = 1;
    while (path.length > 0) {
      const own = path[path.length - 1]!;
      const target = reached[own]![next[own]!++];
      if (target === undefined) {
        state[own] = 2;
        path.pop();
      } else if (state[target] === 1) return target;
      else if (state[target] === 0) {
        state[target] = 1;
        path.push(target);
      }
    }
  }
  return undefined;
}

function calleesBeforeSafepoint(calls: Calls, graph: PathGraph): number[] {
  const seen = new Uint8Array(graph.size);
  const waiting = [0];
  const callees = new Set<number>();
  seen[0] = 1;
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const place = graph.place[node];
    if (place === Place.safepoint) continue;
    if (place === Place.call || place === Place.tailCall) {
      for (const target of calls.targets(graph.callee[node]!)) callees.add(target);
    }
    for (const { to } of graph.edges[node]!) {
      if (seen[to] === 1) continue;
      seen[to] = 1;
      waiting.push(to);
    }
  }
  return [...callees];
}

export interface Longest {
  readonly length: number;
  /** The function in which the longest begins or ends; undefined in a module without code. */
  readonly own: number | undefined;
  /** Returning from recursion adds up without a bound. */
  readonly unbounded: boolean;
}

/**
 * `measure` is what to count. With `recursionBegins`, returning into a function from one that it may be called by begins a new
 * stretch: what is executed while a deep recursion returns is bounded by the engine's stack only.
 */
export function longestStretch(calls: Calls, measure: Measure, recursionBegins: boolean): Longest {
  return new StretchSearch(calls, measure, recursionBegins).run();
}

/** A summary cannot grow more often than this unless it grows for ever. */
const maxRounds = 1000;

class StretchSearch {
  readonly #calls: Calls;
  readonly #measure: Measure;
  readonly #recursionBegins: boolean;
  readonly #summaries: Summary[];
  readonly #orders: number[][];
  readonly #component: Int32Array;
  readonly #components: readonly (readonly number[])[];

  constructor(calls: Calls, measure: Measure, recursionBegins: boolean) {
    this.#calls = calls;
    this.#measure = measure;
    this.#recursionBegins = recursionBegins;
    const summary = { through: never, throughThrow: never, head: 0, tail: never, tailThrow: never, inner: 0 };
    this.#summaries = calls.functions.map(() => ({ ...summary }));
    this.#orders = calls.functions.map(({ graph }) => graph.order(passesSafepoint(graph)));
    const { list, component } = calls.components();
    this.#components = list;
    this.#component = component;
  }

  run(): Longest {
    let unbounded = false;
    for (const members of this.#components) unbounded ||= !this.#settle(members);
    let length = 0;
    let worst: number | undefined;
    this.#summaries.forEach(({ inner, head, tail }, own) => {
      const most = Math.max(inner, head, tail);
      if (most <= length) return;
      length = most;
      worst = own;
    });
    return { length: unbounded ? Number.POSITIVE_INFINITY : length, own: worst, unbounded };
  }

  /** False if the members' summaries grow without end. */
  #settle(members: readonly number[]): boolean {
    for (let round = 0; round < maxRounds; round++) {
      let changed = false;
      for (const own of members) changed = this.#improve(own) || changed;
      if (!changed) return true;
    }
    return false;
  }

  #called(own: number, node: number): Summary {
    const { graph } = this.#calls.functions[own]!;
    const callee = graph.callee[node]!;
    const targets = this.#calls.targets(callee);
    const sum: Summary = { ...host };
    // An indirect call may reach an import as well, which is what `host` stands for.
    if (callee >= 0 && targets.length > 0) Object.assign(sum, { head: 0, tail: never, tailThrow: never });
    for (const target of targets) {
      const each = this.#summaries[target]!;
      sum.through = Math.max(sum.through, each.through);
      sum.throughThrow = Math.max(sum.throughThrow, each.throughThrow);
      sum.head = Math.max(sum.head, each.head);
      const returns = this.#recursionBegins && this.#component[target] === this.#component[own];
      sum.tail = Math.max(sum.tail, returns ? Math.min(0, each.tail) : each.tail);
      sum.tailThrow = Math.max(sum.tailThrow, returns ? Math.min(0, each.tailThrow) : each.tailThrow);
    }
    return sum;
  }

  /** Works out one function anew; true if its summary grew. */
  #improve(own: number): boolean {
    const { graph } = this.#calls.functions[own]!;
    const entry = new Float64Array(graph.size).fill(never);
    const since = new Float64Array(graph.size).fill(never);
    entry[0] = 0;
    graph.place.forEach((place, node) => {
      if (place !== Place.safepoint) return;
      for (const edge of graph.edges[node]!) since[edge.to] = Math.max(since[edge.to]!, this.#measure(edge));
    });
    const summary = this.#summaries[own]!;
    const before = { ...summary };
    for (const node of this.#orders[own]!) this.#pass(own, node, entry, since);
    return (Object.keys(before) as (keyof Summary)[]).some((key) => summary[key] > before[key]);
  }

  #pass(own: number, node: number, entry: Float64Array, since: Float64Array): void {
    const { graph } = this.#calls.functions[own]!;
    const summary = this.#summaries[own]!;
    const place = graph.place[node]!;
    let [fromEntry, fromSafepoint] = [entry[node]!, since[node]!];
    summary.head = Math.max(summary.head, fromEntry);
    summary.inner = Math.max(summary.inner, fromSafepoint);
    let thrown = [fromEntry, fromSafepoint] as const;
    if (place === Place.safepoint) return;
    if (place === Place.call || place === Place.tailCall) {
      const called = this.#called(own, node);
      summary.head = Math.max(summary.head, fromEntry + called.head);
      summary.inner = Math.max(summary.inner, fromSafepoint + called.head);
      thrown = [fromEntry + called.throughThrow, Math.max(fromSafepoint + called.throughThrow, called.tailThrow)];
      [fromEntry, fromSafepoint] = [fromEntry + called.through, Math.max(fromSafepoint + called.through, called.tail)];
    }
    if (place === Place.exit || place === Place.tailCall) {
      summary.through = Math.max(summary.through, fromEntry);
      summary.tail = Math.max(summary.tail, fromSafepoint);
    }
    if (place === Place.throw || place === Place.call || place === Place.tailCall) {
      summary.throughThrow = Math.max(summary.throughThrow, thrown[0]);
      summary.tailThrow = Math.max(summary.tailThrow, thrown[1]);
    }
    for (const edge of graph.edges[node]!) {
      const length = this.#measure(edge);
      entry[edge.to] = Math.max(entry[edge.to]!, (edge.thrown ? thrown[0] : fromEntry) + length);
      since[edge.to] = Math.max(since[edge.to]!, (edge.thrown ? thrown[1] : fromSafepoint) + length);
    }
  }
}
