/**
 * Loops that make a few rounds, known before, without a safepoint in each: for the proofs, which are about graphs without such
 * cycles, the way back is taken out of the graph, and what all further rounds execute is put on the ways in. Where nothing is
 * counted there may be safepoints that some rounds pass; then it is put on the ways on from those as well.
 */
import { type PathEdge, type PathGraph, Place } from './path-graph.ts';

/** The most that a loop may execute without a safepoint. */
const maxFreeCost = 2 ** 16;

/** Takes the ways back out that have a number of rounds, wherever they are needed; inner loops first, as their code ends first. */
export function straightenFewRounds(graph: PathGraph, counts: boolean): void {
  const back: { from: number; edge: PathEdge; rounds: number }[] = [];
  graph.edges.forEach((edges, from) => {
    for (const edge of edges) if (edge.rounds !== undefined) back.push({ from, edge, rounds: edge.rounds });
  });
  back.sort((a, b) => graph.at[a.from]! - graph.at[b.from]!);
  for (const { from, edge, rounds } of back) straighten(graph, { from, edge, rounds }, counts);
}

function straighten(
  graph: PathGraph,
  { from, edge: back, rounds }: { readonly from: number; readonly edge: PathEdge; readonly rounds: number },
  counts: boolean,
): void {
  const loop = nodesOf(graph, back.to, from);
  for (const node of loop) {
    const place = graph.place[node];
    // What is called executes something in every round; and what is charged would not be the same in each.
    if (place === Place.call || place === Place.tailCall || (counts && place === Place.safepoint)) return;
  }
  const longest = longestRound(graph, loop, back.to, from);
  if (longest === undefined) return;
  const more = (rounds - 1) * (longest + back.executed - back.charged);
  if (more > maxFreeCost) return;
  const entries: [number, number][] = [];
  for (const [node, edges] of graph.edges.entries()) {
    const within = loop.has(node);
    for (const [i, edge] of edges.entries()) {
      if (!loop.has(edge.to) || (within && graph.place[node] !== Place.safepoint)) continue;
      // Who comes into the middle of a round from outside is no part of the count.
      if (!within && edge.to !== back.to) return;
      entries.push([node, i]);
    }
  }
  if (!entries.some(([node]) => !loop.has(node)) && back.to !== 0) return;
  for (const [node, i] of entries) {
    const edge = graph.edges[node]![i]!;
    graph.edges[node]![i] = { ...edge, executed: edge.executed + more };
  }
  graph.edges[from] = graph.edges[from]!.filter((edge) => edge !== back);
}

/** Nodes from which control can come to `last` without passing `first` again. */
function nodesOf(graph: PathGraph, first: number, last: number): ReadonlySet<number> {
  const before = new Map<number, number[]>();
  for (const [node, edges] of graph.edges.entries()) {
    for (const { to } of edges) {
      const known = before.get(to);
      if (known === undefined) before.set(to, [node]);
      else known.push(node);
    }
  }
  const nodes = new Set<number>();
  const waiting = [last];
  while (waiting.length > 0) {
    const node = waiting.pop()!;
    if (nodes.has(node)) continue;
    nodes.add(node);
    if (node !== first) waiting.push(...(before.get(node) ?? []));
  }
  return nodes;
}

/**
 * How much a round executes at most from its beginning to its end, or to a safepoint in it. Undefined if every round passes one: then
 * nothing has to be known of their number; and if control may go round within.
 */
function longestRound(graph: PathGraph, loop: ReadonlySet<number>, first: number, last: number): number | undefined {
  const longest = new Map<number, number>();
  const open = new Set<number>();
  let ends = false;
  /** From a node on; NaN on a cycle. */
  const search = (node: number): number => {
    if (open.has(node)) return Number.NaN;
    const known = longest.get(node);
    if (known !== undefined) return known;
    if (graph.place[node] === Place.safepoint) return 0;
    ends ||= node === last;
    open.add(node);
    let found = 0;
    for (const edge of graph.edges[node]!) {
      if (!loop.has(edge.to) || (node === last && edge.to === first)) continue;
      found = Math.max(found, edge.executed - edge.charged + search(edge.to));
    }
    open.delete(node);
    longest.set(node, found);
    return found;
  };
  const all = search(first);
  return ends && !Number.isNaN(all) ? all : undefined;
}
