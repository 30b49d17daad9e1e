/**
 * Loops that make a few rounds, known before, and pass no safepoint: for the proofs, which are about graphs without such cycles,
 * the way back is taken out of the graph, and what all further rounds execute is put on the ways in.
 */
import { type PathEdge, type PathGraph, Place } from './path-graph.ts';

/** The most that a loop may execute without a safepoint. */
const maxFreeCost = 2 ** 16;

/** Takes the ways back out that have a number of rounds, wherever they are needed; inner loops first, as their code ends first. */
export function straightenFewRounds(graph: PathGraph): void {
  const back: { from: number; edge: PathEdge; rounds: number }[] = [];
  graph.edges.forEach((edges, from) => {
    for (const edge of edges) if (edge.rounds !== undefined) back.push({ from, edge, rounds: edge.rounds });
  });
  back.sort((a, b) => graph.at[a.from]! - graph.at[b.from]!);
  for (const { from, edge, rounds } of back) straighten(graph, from, edge, rounds);
}

function straighten(graph: PathGraph, from: number, back: PathEdge, rounds: number): void {
  const round = longestRound(graph, back.to, from);
  if (round === undefined) return;
  const more = (rounds - 1) * (round.longest + back.executed - back.charged);
  if (more > maxFreeCost) return;
  const entries: [number, number][] = [];
  for (const [node, edges] of graph.edges.entries()) {
    for (const [i, edge] of edges.entries()) {
      if (round.nodes.has(node) || !round.nodes.has(edge.to)) continue;
      // Who enters in the middle of a round is no part of the count.
      if (edge.to !== back.to) return;
      entries.push([node, i]);
    }
  }
  if (entries.length === 0 && back.to !== 0) return;
  for (const [node, i] of entries) {
    const edge = graph.edges[node]![i]!;
    graph.edges[node]![i] = { ...edge, executed: edge.executed + more };
  }
  graph.edges[from] = graph.edges[from]!.filter((edge) => edge !== back);
}

/** Nodes from which control can come to `last` without a safepoint and without passing `first` again. */
function nodesBetween(graph: PathGraph, first: number, last: number): ReadonlySet<number> {
  const before = new Map<number, number[]>();
  for (const [node, edges] of graph.edges.entries()) {
    for (const { to } of edges) {
      const known = before.get(to);
      if (known === undefined) before.set(to, [node]);
      else known.push(node);
    }
  }
  const within = new Set<number>();
  const waiting = [last];
  while (waiting.length > 0) {
    const node = waiting.pop()!;
    if (within.has(node) || graph.place[node] === Place.safepoint) continue;
    within.add(node);
    if (node !== first) waiting.push(...(before.get(node) ?? []));
  }
  return within;
}

/** The ways from one node to another without a safepoint, and how much the longest executes; undefined if there is none. */
function longestRound(
  graph: PathGraph,
  first: number,
  last: number,
): { nodes: Set<number>; longest: number } | undefined {
  const within = nodesBetween(graph, first, last);
  const longest = new Map<number, number | undefined>();
  const open = new Set<number>();
  /** From a node to `last`; undefined where that cannot be reached; NaN on a cycle. */
  const search = (node: number): number | undefined => {
    if (!within.has(node)) return undefined;
    if (open.has(node)) return Number.NaN;
    if (longest.has(node)) return longest.get(node);
    open.add(node);
    let found: number | undefined = node === last ? 0 : undefined;
    for (const edge of graph.edges[node]!) {
      const rest = node === last && edge.to === first ? undefined : search(edge.to);
      if (rest === undefined) continue;
      found = Math.max(found ?? rest, edge.executed - edge.charged + rest);
    }
    open.delete(node);
    longest.set(node, found);
    return found;
  };
  const all = search(first);
  if (all === undefined || Number.isNaN(all)) return undefined;
  const nodes = new Set([...longest.keys()].filter((node) => longest.get(node) !== undefined));
  return { nodes, longest: all };
}
