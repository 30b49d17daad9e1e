/**
 * Loops that make a few rounds, known before, without a safepoint in each: for the proofs, which are about graphs without such
 * cycles, the way back is taken out of the graph, and what all further rounds execute is put on the ways in. Where nothing is
 * counted there may be safepoints that some rounds pass; then it is put on the ways on from those as well.
 */
import { type PathEdge, type PathGraph, Place } from './path-graph.ts';

/** The most that a loop may execute without a safepoint. */
const maxFreeCost = 2 ** 16;

/** Larger loops are left as they are, and need a safepoint in each round: else many loops around each other would take long. */
const maxNodes = 8192;

/** Takes the ways back out that have a number of rounds, wherever they are needed; inner loops first, as their code ends first. */
export function straightenFewRounds(graph: PathGraph, counts: boolean): void {
  const back: Back[] = [];
  const before: number[][] = graph.edges.map(() => []);
  graph.edges.forEach((edges, from) => {
    for (const edge of edges) {
      before[edge.to]!.push(from);
      if (edge.rounds !== undefined) back.push({ from, edge, rounds: edge.rounds });
    }
  });
  back.sort((a, b) => graph.at[a.from]! - graph.at[b.from]!);
  for (const each of back) straighten(graph, before, each, counts);
}

interface Back {
  readonly from: number;
  readonly edge: PathEdge;
  readonly rounds: number;
}

/** `before` has for each node those that lead to it. */
function straighten(
  graph: PathGraph,
  before: readonly number[][],
  { from, edge: back, rounds }: Back,
  counts: boolean,
): void {
  const loop = nodesOf(before, back.to, from);
  if (loop === undefined) return;
  for (const node of loop) {
    const place = graph.place[node];
    // What is called executes something in every round; and what is charged would not be the same in each.
    if (place === Place.call || place === Place.tailCall || (counts && place === Place.safepoint)) return;
  }
  const longest = longestRound(graph, loop, back.to, from);
  if (longest === undefined) return;
  const more = (rounds - 1) * (longest + back.executed - back.charged);
  if (more > maxFreeCost) return;
  const entries = entriesOf(graph, before, loop, back.to);
  if (entries === undefined) return;
  if (!entries.some(([node]) => !loop.has(node)) && back.to !== 0) return;
  for (const [node, i] of entries) {
    const edge = graph.edges[node]![i]!;
    graph.edges[node]![i] = { ...edge, executed: edge.executed + more };
  }
  graph.edges[from] = graph.edges[from]!.filter((edge) => edge !== back);
  before[back.to]!.splice(before[back.to]!.indexOf(from), 1);
}

/** The edges into a loop, and those on from safepoints in it. Undefined if one leads into the middle: its rounds are no part of the count. */
function entriesOf(
  graph: PathGraph,
  before: readonly number[][],
  loop: ReadonlySet<number>,
  first: number,
): readonly (readonly [number, number])[] | undefined {
  const entries: [number, number][] = [];
  const sources = new Set<number>();
  for (const node of loop) for (const source of before[node]!) sources.add(source);
  for (const node of sources) {
    const within = loop.has(node);
    if (within && graph.place[node] !== Place.safepoint) continue;
    for (const [i, edge] of graph.edges[node]!.entries()) {
      if (!loop.has(edge.to)) continue;
      if (!within && edge.to !== first) return undefined;
      entries.push([node, i]);
    }
  }
  return entries;
}

/** Nodes from which control can come to `last` without passing `first` again; undefined if there are too many. */
function nodesOf(before: readonly number[][], first: number, last: number): ReadonlySet<number> | undefined {
  const nodes = new Set<number>();
  const waiting = [last];
  while (waiting.length > 0) {
    const node = waiting.pop()!;
    if (nodes.has(node)) continue;
    nodes.add(node);
    if (nodes.size > maxNodes) return undefined;
    if (node !== first) waiting.push(...before[node]!);
  }
  return nodes;
}

/**
 * How much a round executes at most from its beginning to its end, or to a safepoint in it. Undefined if every round passes one: then
 * nothing has to be known of their number; and if control may go round within. Depth first, without recursion.
 */
function longestRound(graph: PathGraph, loop: ReadonlySet<number>, first: number, last: number): number | undefined {
  /** From a node on; of one on the path, as far as its edges have been followed. */
  const longest = new Map<number, number>();
  const next = new Map<number, number>();
  const path = [first];
  const open = new Set(path);
  let ends = false;
  while (path.length > 0) {
    const node = path[path.length - 1]!;
    const passes = graph.place[node] !== Place.safepoint;
    ends ||= passes && node === last;
    const at = next.get(node) ?? 0;
    const edge = passes ? graph.edges[node]![at] : undefined;
    if (edge === undefined) {
      if (!longest.has(node)) longest.set(node, 0);
      open.delete(node);
      path.pop();
      continue;
    }
    const leads = loop.has(edge.to) && !(node === last && edge.to === first);
    if (leads && open.has(edge.to)) return undefined;
    const rest = leads ? longest.get(edge.to) : 0;
    if (rest === undefined) {
      path.push(edge.to);
      open.add(edge.to);
      continue;
    }
    if (leads) longest.set(node, Math.max(longest.get(node) ?? 0, edge.executed - edge.charged + rest));
    next.set(node, at + 1);
  }
  return ends ? longest.get(first) : undefined;
}
