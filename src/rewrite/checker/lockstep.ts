/**
 * Walks a rewritten function and its original side by side, along every path: added code is followed on the rewritten side only,
 * everything else has to be, byte for byte but for labels, what the original executes next, with as many operands below it, and
 * has to branch where the original branches. So each path of the one is a path of the other (a bisimulation), and taking the
 * added code away gives back the original. On the way the budget is followed (budget-state.ts) and a PathGraph is made.
 */
import type { Module } from '../../wasm/module.ts';
import { AddedCode, type Appended, type Expected, type Fault } from './added-code.ts';
import { BudgetState, exactBudget, sameValue, unknownValue, zero } from './budget-state.ts';
import type { CarriedBudget } from './carried-budget.ts';
import { straightenFewRounds } from './few-rounds.ts';
import { type Flow, isTrap, Kind, mayThrow } from './flow.ts';
import { lengthFormula } from './length-charge.ts';
import { lateSafepoint, mismatch, nameOf, openLength, type Sides, sameClauses } from './mismatch.ts';
import { isSpinning, OriginalFlow } from './original-flow.ts';
import { type Callee, PathGraph, Place } from './path-graph.ts';
import { PaidStrips, type Paths, RoundStrips, type StripWalk } from './strip-walk.ts';
import { Strips } from './strips.ts';
import type { Violations } from './violation.ts';
import { beginning, type Walk } from './walk.ts';

/** One of the two modules, and the function in it. */
export interface Side {
  readonly module: Module;
  readonly flow: Flow;
}

/** Follows one function; violations go to `violations`. Gives its graph, of as much as could be followed. */
export function followInLockstep(
  rewritten: Side,
  original: Side,
  appended: Appended,
  expected: Expected,
  violations: Violations,
): PathGraph {
  return new Lockstep(rewritten, original, appended, expected, violations).run();
}

class Lockstep {
  readonly #graph = new PathGraph();
  readonly #bytes: Uint8Array;
  readonly #sides: Sides;
  readonly #flow: Flow;
  readonly #original: OriginalFlow;
  readonly #module: Module;
  readonly #added: AddedCode;
  readonly #expected: Expected;
  readonly #carried: CarriedBudget;
  readonly #violations: Violations;
  /** By node of the rewritten flow: paths meet there, or begin. */
  readonly #isJunction: Uint8Array;
  /** Where counts are exact there are none. */
  readonly #strips: StripWalk | undefined;
  readonly #states: (BudgetState | undefined)[] = [];
  readonly #waiting: number[] = [];
  #probes = 0;

  constructor(rewritten: Side, original: Side, appended: Appended, expected: Expected, violations: Violations) {
    this.#bytes = rewritten.module.bytes;
    this.#flow = rewritten.flow;
    this.#original = new OriginalFlow(original.flow);
    this.#module = original.module;
    this.#added = new AddedCode(this.#bytes, rewritten.flow, appended, expected);
    this.#expected = expected;
    this.#carried = expected.carried;
    this.#violations = violations;
    this.#isJunction = rewritten.flow.junctions();
    this.#sides = {
      rewritten: { bytes: this.#bytes, flow: this.#flow },
      original: { bytes: original.module.bytes, flow: original.flow },
    };
    if (expected.exact) return;
    const strips = new Strips(this.#bytes, rewritten.flow, this.#original, expected.firstLocal);
    const paths: Paths = {
      flow: this.#flow,
      original: this.#original,
      graph: this.#graph,
      firstLocal: expected.firstLocal,
      fail: (...args) => this.#fail(...args),
      advance: (...args) => this.#advance(...args),
      reach: (...args) => this.#reach(...args),
      enter: (...args) => this.#enter(...args),
      arrive: (...args) => this.#arrive(...args),
      arriveAt: (...args) => this.#arriveAt(...args),
    };
    this.#strips = expected.counts ? new PaidStrips(strips, paths) : new RoundStrips(strips, paths);
  }

  run(): PathGraph {
    const locals = new Array(this.#flow.localCount - this.#expected.firstLocal).fill(zero);
    const entry = beginning(0, this.#graph.node(Place.junction, 0));
    this.#states[0] = new BudgetState(this.#original.settle(0), locals);
    if (this.#expected.carries) this.#takeBudget(entry, this.#states[0]);
    // What structure before the first instruction costs is nothing, but a `br` may be there.
    const passed = this.#original.costTo(0);
    this.#states[0].passed = passed;
    this.#follow(entry, this.#states[0].copy(this.#states[0].original), passed);
    while (this.#waiting.length > 0) {
      const at = this.#waiting.pop()!;
      const state = this.#states[at]!;
      const graphNode = this.#graph.node(Place.junction, at);
      this.#follow(beginning(at, graphNode), state.copy(state.original), 0);
    }
    if (this.#expected.probed !== this.#probes > 0) {
      this.#fail(0, this.#states[0].original, { kind: 'safepoint', message: 'the entry calls no probe' });
    }
    if (!this.#expected.exact) straightenFewRounds(this.#graph, this.#expected.counts);
    return this.#graph;
  }

  /** A function that carries the budget gets it from its caller, and does not know what is in the global. */
  #takeBudget(entry: Walk, state: BudgetState): void {
    const { index, firstLocal } = this.#expected;
    const taken = this.#carried.entry(index, this.#original.flow, this.#flow, firstLocal);
    state.global = unknownValue;
    if (taken === undefined) {
      this.#fail(0, state.original, { kind: 'budget', message: 'the parameter with the budget is not moved away' });
      return;
    }
    entry.at = taken.at;
    state.locals[taken.local - firstLocal] = exactBudget;
  }

  #fail(node: number, original: number, { kind, message }: Fault): void {
    const { flow } = this.#original;
    const settled = isSpinning(original) ? -2 - original : original;
    this.#violations.add({
      kind,
      message,
      function: this.#module.functionName(this.#expected.index),
      rewrittenOffset: this.#flow.start[this.#flow.instructionOf(node)],
      originalOffset: flow.start[flow.instructionOf(settled)],
    });
  }

  /** Adds an edge from the walk's last node, and goes on from `to`. */
  #reach(walk: Walk, to: number, thrown = false): void {
    const { graphNode, charged, executed, accesses, advanced, rounds } = walk;
    this.#graph.edges[graphNode]!.push({ to, charged, executed, accesses, advanced, thrown, rounds });
  }

  /** Goes to an event of the graph, which is then what the walk comes from. */
  #enter(walk: Walk, place: number, callee: Callee = 0): void {
    const node = this.#graph.node(place, walk.at, callee);
    this.#graph.edges[node]!.length = 0;
    this.#reach(walk, node);
    walk.graphNode = node;
    walk.charged = walk.executed = walk.accesses = 0;
    walk.advanced = false;
  }

  /** Follows instructions from a junction to the next junctions, or to an end. */
  #follow(walk: Walk, state: BudgetState, executed: number): void {
    const { kind, next } = this.#flow;
    this.#graph.edges[walk.graphNode]!.length = 0;
    this.#graph.spins[walk.graphNode] = isSpinning(state.original);
    walk.executed = executed;
    for (let first = true; ; first = false) {
      const { at } = walk;
      if (!first && this.#isJunction[at] === 1) {
        this.#arrive(walk, at, state);
        return;
      }
      if (kind[at] === Kind.step) {
        walk.at = this.#flow.onward(next[at]!);
        continue;
      }
      const goesOn = this.#strips?.run(walk, state) ?? this.#runOther(walk, state);
      if (!goesOn) return;
    }
  }

  #runOther(walk: Walk, state: BudgetState): boolean {
    const own = walk.at >= this.#flow.count || this.#takesBudget(walk.at);
    const added = !own && this.#added.isAdded(walk.at, state);
    if (!added) return this.#match(walk, state);
    if (state.strip === undefined) return this.#runAdded(walk, state);
    this.#fail(walk.at, state.original, { kind: 'order', message: 'added code stands among the rounds of a strip' });
    return false;
  }

  #takesBudget(at: number): boolean {
    return this.#carried.takesBudget(this.#flow, at, this.#expected.carries);
  }

  /** Leads a path into a junction, where what is known has to agree with what other paths bring. */
  #arrive(walk: Walk, to: number, state: BudgetState, thrown = false): void {
    const node = this.#flow.onward(to);
    const unpaid = openLength(state);
    if (unpaid !== undefined) this.#fail(node, state.original, unpaid);
    this.#reach(walk, this.#graph.node(Place.junction, node), thrown);
    const known = this.#states[node];
    if (known === undefined) {
      this.#states[node] = state.copy(state.original);
      this.#waiting.push(node);
    } else if (known.original !== state.original) {
      const name = nameOf(this.#original.flow, known.original);
      this.#fail(node, state.original, {
        kind: 'order',
        message: `paths meet that belong to different places: ${name}`,
      });
    } else if (known.stack.length !== state.stack.length) {
      this.#fail(node, state.original, { kind: 'budget', message: 'added code leaves operands behind' });
    } else if (!known.sameStrip(state)) {
      this.#fail(node, state.original, { kind: 'order', message: 'paths meet of which one is in a strip of rounds' });
    } else if (known.join(state)) this.#waiting.push(node);
  }

  #runAdded(walk: Walk, state: BudgetState): boolean {
    const { at } = walk;
    if (this.#flow.kind[at] === Kind.condition) return this.#test(walk, state);
    const step = this.#added.run(at, state);
    if ('kind' in step) {
      this.#fail(at, state.original, step);
      return false;
    }
    walk.charged += step.charged;
    if (step.probe) this.#noteProbe(walk, state);
    walk.at = this.#flow.onward(this.#flow.next[at]!);
    return true;
  }

  #noteProbe(walk: Walk, state: BudgetState): void {
    const first = walk.graphNode === 0 && walk.charged === 0 && !walk.advanced;
    if (!this.#expected.probed || !first) {
      this.#fail(walk.at, state.original, { kind: 'safepoint', message: 'a probe stands where none was asked for' });
    }
    this.#probes++;
    this.#graph.probed = true;
  }

  /** An added branch: whether the budget is used up. Both ways lead to the same place of the original. */
  #test(walk: Walk, state: BudgetState): boolean {
    const test = state.pop();
    state.untested = false;
    if (test.kind !== 'test' || test.ahead !== 0) {
      this.#fail(walk.at, state.original, { kind: 'safepoint', message: 'an added branch does not test the budget' });
      return false;
    }
    if (state.due !== 'no') this.#fail(walk.at, state.original, lateSafepoint);
    this.#enter(walk, Place.safepoint);
    this.#graph.spins[walk.graphNode] = isSpinning(state.original);
    this.#graph.owed[walk.graphNode] = test.owed;
    this.#graph.passed[walk.graphNode] = state.passed;
    const [taken, otherwise] = this.#flow.choices.get(walk.at)!;
    for (const [to, isTaken] of [
      [taken!, true],
      [otherwise!, false],
    ] as const) {
      const after = state.copy(state.original);
      after.due = isTaken === test.not ? 'no' : 'yes';
      after.owed = after.due === 'yes' ? test.owed : 0;
      this.#arrive(walk, to, after);
    }
    return false;
  }

  /** The instruction has to be the next of the original. False when the path ends or branches here. */
  #match(walk: Walk, state: BudgetState): boolean {
    const { at } = walk;
    const fault = mismatch(this.#sides, at, state);
    if (fault !== undefined) {
      this.#fail(at, state.original, fault);
      return false;
    }
    const node = state.original;
    walk.executed += this.#original.cost(node);
    if (this.#original.isAccess(node)) walk.accesses++;
    walk.advanced = true;
    state.execute(this.#expected.counts ? lengthFormula(this.#module, this.#original.flow, node) : undefined);
    const kind = this.#flow.kind[at];
    if (kind === Kind.stop || kind === Kind.call || kind === Kind.tailCall || kind === Kind.exit) {
      this.#showBudget(at, state);
      this.#leave(walk, state);
      if (kind !== Kind.call) return false;
    }
    const choices = this.#flow.choices.get(at);
    if (choices !== undefined) {
      const originals = this.#original.flow.choices.get(node)!;
      if (state.atGoal === 'compared') {
        this.#strips!.decide(walk, state, originals);
        return false;
      }
      const rounds = this.#strips?.roundsOf(node, state);
      for (const [i, to] of choices.entries()) {
        if (i > 0 && state.ahead?.loop.decision === node) state.ahead = undefined;
        this.#arriveAt({ ...walk, rounds: i === 0 ? rounds : undefined }, to, originals[i]!, state);
      }
      return false;
    }
    if (kind === Kind.stop) return false;
    this.#goOn(walk, state);
    return true;
  }

  /** Others can see the budget: the host, callers, callees, handlers of exceptions. A trap ends everything. */
  #showBudget(at: number, state: BudgetState): void {
    let message: string | undefined;
    if (this.#takesBudget(at)) {
      const exact = sameValue(state.pop(), exactBudget) && state.stack.length === 0;
      if (!exact) message = 'what is handed over is not the budget';
    } else if (this.#expected.carries && this.#flow.kind[at] === Kind.tailCall) message = 'a carrier ends by a call';
    else if (!state.globalIsExact && !isTrap(this.#flow.opcode[at]) && !this.#carried.callsQuietly(this.#flow, at))
      message = 'the global is not the budget here';
    if (message !== undefined) this.#fail(at, state.original, { kind: 'budget', message });
  }

  /** Past an instruction that the original has too. */
  #advance(walk: Walk, state: BudgetState): boolean {
    walk.executed += this.#original.cost(state.original);
    walk.advanced = true;
    this.#goOn(walk, state);
    return true;
  }

  #goOn(walk: Walk, state: BudgetState): void {
    const then = this.#original.flow.next[state.original]!;
    state.passed = this.#original.costTo(then);
    walk.executed += state.passed;
    state.original = this.#original.settle(then);
    walk.at = this.#flow.onward(this.#flow.next[walk.at]!);
  }

  /** Leads on to two nodes that have to be the same place of the original. */
  #arriveAt(walk: Walk, to: number, original: number, state: BudgetState, thrown = false): void {
    const arriving = state.copy(this.#original.settle(original));
    arriving.passed = this.#original.costTo(original);
    const executed = walk.executed + arriving.passed;
    this.#arrive({ ...walk, executed, advanced: true }, to, arriving, thrown);
  }

  /** Enters the graph's node for a call, throw or exit, and follows exceptions. */
  #leave(walk: Walk, state: BudgetState): void {
    const { at } = walk;
    const kind = this.#flow.kind[at]!;
    if (kind === Kind.exit) this.#enter(walk, Place.exit);
    else if (kind === Kind.stop) this.#enter(walk, isTrap(this.#flow.opcode[at]!) ? Place.trap : Place.throw);
    else this.#enter(walk, kind === Kind.call ? Place.call : Place.tailCall, this.#original.calleeOf(state.original));
    const ends = kind === Kind.exit || kind === Kind.tailCall || this.#graph.place[walk.graphNode] === Place.trap;
    if (ends) return;
    if (!this.#carried.callsQuietly(this.#flow, at)) state.afterCall();
    if (mayThrow(this.#flow.effect[at]!)) this.#catch(walk, state);
    if (this.#takesBudget(at)) {
      state.global = unknownValue;
      state.stack.push(exactBudget);
    }
    walk.advanced = true;
  }

  /** Exceptions go to the same handlers, through the same tries. */
  #catch(walk: Walk, state: BudgetState): void {
    const { flow } = this.#original;
    let own = this.#flow.tryOf[walk.at]!;
    let theirs = flow.tryOf[state.original]!;
    while (own >= 0 && theirs >= 0) {
      const [mine, original] = [this.#flow.tries[own]!, flow.tries[theirs]!];
      if (!sameClauses(mine, original)) break;
      const caught = state.copy(state.original);
      caught.global = exactBudget;
      mine.clauses.forEach(({ target }, i) => {
        this.#arriveAt(walk, target, original.clauses[i]!.target, caught, true);
      });
      own = mine.parent;
      theirs = original.parent;
    }
    if (own === theirs || (own < 0 && theirs < 0)) return;
    this.#fail(walk.at, state.original, { kind: 'control', message: 'exceptions go elsewhere' });
  }
}
