/**
 * How lockstep.ts walks through strips of a counting loop's rounds (strips.ts), whose code it cannot follow instruction by
 * instruction. Those that are paid for in advance: every branch back in them is one that charges and passes a safepoint. Those that
 * only have an end, where nothing is counted: their branches back are so many at most; more of the loop's rounds are left behind them,
 * so that at their end the original branches back as well.
 */
import { type BudgetState, unknownValue } from './budget-state.ts';
import type { Flow } from './flow.ts';
import type { OriginalFlow } from './original-flow.ts';
import { type PathGraph, Place } from './path-graph.ts';
import { goalOf, type Strip, type Strips } from './strips.ts';
import type { ViolationKind } from './violation.ts';
import type { Walk } from './walk.ts';

/** What lockstep.ts does on a path. */
export interface Paths {
  /** Of the rewritten function. */
  readonly flow: Flow;
  readonly original: OriginalFlow;
  readonly graph: PathGraph;
  readonly firstLocal: number;
  fail(node: number, original: number, fault: { readonly kind: ViolationKind; readonly message: string }): void;
  /** Past an instruction that the original has too. */
  advance(walk: Walk, state: BudgetState): boolean;
  reach(walk: Walk, to: number): void;
  enter(walk: Walk, place: number): void;
  arrive(walk: Walk, to: number, state: BudgetState): void;
  arriveAt(walk: Walk, to: number, original: number, state: BudgetState): void;
}

export interface StripWalk {
  /** Follows what belongs to a strip: whether the path goes on; undefined where nothing does. */
  run(walk: Walk, state: BudgetState): boolean | undefined;
  /** The branch back of a strip, which has compared with its goal. */
  decide(walk: Walk, state: BudgetState, originals: readonly number[]): void;
  /** How many rounds a loop makes at most that branches back at a node of the original, if that is known. */
  roundsOf(node: number, state: BudgetState): number | undefined;
}

/** The comparison with the goal in the place of the bound; undefined where there is none. */
function compareWithGoal(strips: Strips, paths: Paths, walk: Walk, state: BudgetState): boolean | undefined {
  const { at } = walk;
  if (state.strip === undefined || !strips.takesGoal(at, state)) return undefined;
  const { boundAt, decision } = state.strip.loop;
  state.atGoal = 'compared';
  if (boundAt !== undefined && state.original === boundAt) return paths.advance(walk, state);
  const compares = boundAt === undefined && state.original === decision;
  if (!compares || !strips.comparesWithGoal(at, state)) return undefined;
  walk.at = paths.flow.onward(at + 2);
  return true;
}

function forgetStrip(state: BudgetState, { goal }: Strip, { firstLocal }: Paths): void {
  state.locals[goal - firstLocal] = unknownValue;
  state.strip = undefined;
  state.atGoal = 'no';
}

export class PaidStrips implements StripWalk {
  readonly #strips: Strips;
  readonly #paths: Paths;

  constructor(strips: Strips, paths: Paths) {
    this.#strips = strips;
    this.#paths = paths;
  }

  roundsOf(node: number): number | undefined {
    return this.#strips.loop(node)?.rounds;
  }

  run(walk: Walk, state: BudgetState): boolean | undefined {
    const { flow, firstLocal } = this.#paths;
    if (walk.at >= flow.count) return undefined;
    if (state.atGoal === 'met') return this.#leave(walk, state);
    if (state.strip !== undefined && this.#strips.takesGoal(walk.at, state)) {
      return compareWithGoal(this.#strips, this.#paths, walk, state);
    }
    const entered = this.#strips.entry(walk.at, state);
    if (entered === undefined) return undefined;
    state.enterStrip(entered, entered.budget - firstLocal);
    state.locals[entered.goal - firstLocal] = goalOf(entered);
    walk.at = flow.onward(entered.end);
    return true;
  }

  /** Paid for where it is taken; else it is not known yet whether the original would take it. */
  decide(walk: Walk, state: BudgetState, originals: readonly number[]): void {
    const { flow, graph } = this.#paths;
    const { at } = walk;
    const [taken, otherwise] = flow.choices.get(at)!;
    state.atGoal = 'no';
    const node = graph.node(Place.safepoint, at);
    graph.paid.add(node);
    graph.edges[node]!.length = 0;
    this.#paths.reach({ ...walk, charged: walk.charged + state.strip!.weight }, node);
    const from = { ...walk, graphNode: node, charged: 0, executed: 0, accesses: 0 };
    this.#paths.arriveAt(from, taken!, originals[0]!, state);
    const met = state.copy(state.original);
    met.atGoal = 'met';
    this.#paths.arrive(walk, otherwise!, met);
  }

  /** Behind a strip: the goal was the bound, and the original goes on; or not, and it has taken its branch back. */
  #leave(walk: Walk, state: BudgetState): boolean {
    const exit = this.#strips.exit(walk.at, state);
    if (exit === undefined) {
      this.#paths.fail(walk.at, state.original, {
        kind: 'control',
        message: 'a strip ends without a look at the bound',
      });
      return false;
    }
    const strip = state.strip!;
    forgetStrip(state, strip, this.#paths);
    const originals = this.#paths.original.flow.choices.get(strip.loop.decision)!;
    const [taken, otherwise] = this.#paths.flow.choices.get(exit)!;
    this.#paths.arriveAt(walk, otherwise!, originals[1]!, state);
    // What is left cannot pay for this branch back: so the safepoint is due as behind a test that took the price off.
    walk.charged += strip.weight;
    this.#paths.enter(walk, Place.safepoint);
    // The call makes that charge, which here counts from before it.
    walk.charged = -strip.weight;
    state.due = 'yes';
    state.owed = strip.weight;
    this.#paths.arriveAt(walk, taken!, originals[0]!, state);
    return false;
  }
}

export class RoundStrips implements StripWalk {
  readonly #strips: Strips;
  readonly #paths: Paths;

  constructor(strips: Strips, paths: Paths) {
    this.#strips = strips;
    this.#paths = paths;
  }

  /** As constants say, or as a question has told when the loop began. */
  roundsOf(node: number, { ahead }: BudgetState): number | undefined {
    if (ahead?.loop.decision === node && !ahead.more) return ahead.rounds;
    return this.#strips.loop(node)?.rounds;
  }

  run(walk: Walk, state: BudgetState): boolean | undefined {
    const { flow, firstLocal } = this.#paths;
    const { at } = walk;
    if (at >= flow.count) return undefined;
    if (state.strip !== undefined) return compareWithGoal(this.#strips, this.#paths, walk, state);
    const strip = state.ahead && this.#strips.ofRounds(at, state.ahead);
    if (strip !== undefined) {
      state.strip = strip;
      state.ahead = undefined;
      state.locals[strip.goal - firstLocal] = goalOf(strip);
      walk.at = flow.onward(strip.end);
      return true;
    }
    const asked = this.#strips.question(at, state);
    if (asked === undefined) return undefined;
    flow.choices.get(asked.branch)!.forEach((to, i) => {
      const after = state.copy(state.original);
      after.ahead = { loop: asked.loop, rounds: asked.rounds, more: i === 0 };
      this.#paths.arrive(walk, to, after);
    });
    return false;
  }

  /** So many rounds are made, and more are left: the original branches back in any case. */
  decide(walk: Walk, state: BudgetState, [back]: readonly number[]): void {
    const [taken, otherwise] = this.#paths.flow.choices.get(walk.at)!;
    const strip = state.strip!;
    state.atGoal = 'no';
    this.#paths.arriveAt({ ...walk, rounds: strip.rounds }, taken!, back!, state);
    forgetStrip(state, strip, this.#paths);
    this.#paths.arriveAt(walk, otherwise!, back!, state);
  }
}
