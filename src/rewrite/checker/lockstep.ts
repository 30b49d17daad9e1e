/**
 * Walks a rewritten function and its original side by side, along every path: added code is followed on the rewritten side only,
 * everything else has to be, byte for byte but for labels, what the original executes next, with as many operands below it, and
 * has to branch where the original branches. So each path of the one is a path of the other (a bisimulation), and taking the
 * added code away gives back the original. On the way the budget is followed (budget-state.ts) and a PathGraph is made.
 */
import type { Module } from '../../wasm/module.ts';
import { Effect, opcodeName, opcodeNamed } from '../../wasm/opcodes.ts';
import { AddedCode, type Appended, type Expected, type Fault } from './added-code.ts';
import { BudgetState, exactBudget, zero } from './budget-state.ts';
import { type Flow, Kind, mayThrow } from './flow.ts';
import { lengthFormula } from './length-charge.ts';
import { isSpinning, OriginalFlow } from './original-flow.ts';
import { anybody, type Callee, calledThrough, nobody, PathGraph, Place } from './path-graph.ts';
import { sameInstruction } from './same-instruction.ts';
import type { Violations } from './violation.ts';

const unreachable = opcodeNamed('unreachable');
const suspend = opcodeNamed('suspend');

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

/** Where a walk is: what was charged and executed since the last node of the graph. */
interface Walk {
  at: number;
  graphNode: number;
  charged: number;
  executed: number;
  accesses: number;
  advanced: boolean;
}

class Lockstep {
  readonly #graph = new PathGraph();
  readonly #bytes: Uint8Array;
  readonly #originalBytes: Uint8Array;
  readonly #flow: Flow;
  readonly #original: OriginalFlow;
  readonly #module: Module;
  readonly #added: AddedCode;
  readonly #expected: Expected;
  readonly #violations: Violations;
  /** By node of the rewritten flow: paths meet there, or begin. */
  readonly #isJunction: Uint8Array;
  readonly #states: (BudgetState | undefined)[] = [];
  readonly #waiting: number[] = [];
  #probes = 0;

  constructor(rewritten: Side, original: Side, appended: Appended, expected: Expected, violations: Violations) {
    this.#bytes = rewritten.module.bytes;
    this.#originalBytes = original.module.bytes;
    this.#flow = rewritten.flow;
    this.#original = new OriginalFlow(original.flow);
    this.#module = original.module;
    this.#added = new AddedCode(this.#bytes, rewritten.flow, appended, expected);
    this.#expected = expected;
    this.#violations = violations;
    this.#isJunction = this.#junctions();
  }

  run(): PathGraph {
    const { localCount } = this.#flow;
    const locals = new Array(localCount - this.#expected.firstLocal).fill(zero);
    const entry: Walk = {
      at: 0,
      graphNode: this.#graph.node(Place.junction, 0),
      charged: 0,
      executed: 0,
      accesses: 0,
      advanced: false,
    };
    this.#states[0] = new BudgetState(this.#original.settle(0), locals);
    // What structure before the first instruction costs is nothing, but a `br` may be there.
    const passed = this.#original.costTo(0);
    this.#states[0].passed = passed;
    this.#follow(entry, this.#states[0].copy(this.#states[0].original), passed);
    while (this.#waiting.length > 0) {
      const at = this.#waiting.pop()!;
      const state = this.#states[at]!;
      const graphNode = this.#graph.node(Place.junction, at);
      this.#follow(
        { at, graphNode, charged: 0, executed: 0, accesses: 0, advanced: false },
        state.copy(state.original),
        0,
      );
    }
    if (this.#expected.probed !== this.#probes > 0) {
      this.#fail(0, this.#states[0].original, { kind: 'safepoint', message: 'the entry calls no probe' });
    }
    return this.#graph;
  }

  /** Everything that a branch leads to, and the entry. */
  #junctions(): Uint8Array {
    const { next, choices, tries, count, size } = this.#flow;
    const junctions = new Uint8Array(size);
    junctions[0] = 1;
    const note = (node: number): void => {
      if (node >= 0) junctions[this.#onward(node)] = 1;
    };
    for (let node = 0; node < count; node++) if (next[node] !== node + 1) note(next[node]!);
    for (let node = count; node < size; node++) note(next[node]!);
    for (const nodes of choices.values()) nodes.forEach(note);
    for (const { clauses } of tries) for (const { target } of clauses) note(target);
    return junctions;
  }

  /** Past an edge that does nothing. */
  #onward(node: number): number {
    return node >= this.#flow.count && this.#flow.kind[node] === Kind.step ? this.#flow.next[node]! : node;
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
    const { graphNode, charged, executed, accesses, advanced } = walk;
    this.#graph.edges[graphNode]!.push({ to, charged, executed, accesses, advanced, thrown });
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
        walk.at = this.#onward(next[at]!);
        continue;
      }
      const goesOn =
        at < this.#flow.count && this.#added.isAdded(at, state)
          ? this.#runAdded(walk, state)
          : this.#match(walk, state);
      if (!goesOn) return;
    }
  }

  /** Leads a path into a junction, where what is known has to agree with what other paths bring. */
  #arrive(walk: Walk, to: number, state: BudgetState, thrown = false): void {
    const node = this.#onward(to);
    const unpaid = openLength(state);
    if (unpaid !== undefined) this.#fail(node, state.original, unpaid);
    this.#reach(walk, this.#graph.node(Place.junction, node), thrown);
    const known = this.#states[node];
    if (known === undefined) {
      this.#states[node] = state.copy(state.original);
      this.#waiting.push(node);
    } else if (known.original !== state.original) {
      const name = this.#nameOf(known.original);
      this.#fail(node, state.original, {
        kind: 'order',
        message: `paths meet that belong to different places: ${name}`,
      });
    } else if (known.stack.length !== state.stack.length) {
      this.#fail(node, state.original, { kind: 'budget', message: 'added code leaves operands behind' });
    } else if (known.join(state)) this.#waiting.push(node);
  }

  #nameOf(original: number): string {
    if (isSpinning(original)) return 'an empty loop';
    const opcode = this.#original.flow.opcode[original];
    return opcode === undefined ? 'a branch' : opcodeName(opcode);
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
    walk.at = this.#onward(this.#flow.next[at]!);
    return true;
  }

  #noteProbe(walk: Walk, state: BudgetState): void {
    const first = walk.graphNode === 0 && walk.charged === 0 && !walk.advanced;
    if (!this.#expected.probed || !first) {
      this.#fail(walk.at, state.original, { kind: 'safepoint', message: 'a probe stands where none was asked for' });
    }
    this.#probes++;
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
    const fault = this.#compare(at, state);
    if (fault !== undefined) {
      this.#fail(at, state.original, fault);
      return false;
    }
    const node = state.original;
    walk.executed += this.#original.cost(node);
    if (this.#original.isAccess(node)) walk.accesses++;
    walk.advanced = true;
    state.execute(lengthFormula(this.#module, this.#original.flow, node));
    const kind = this.#flow.kind[at];
    if (kind === Kind.stop || kind === Kind.call || kind === Kind.tailCall || kind === Kind.exit) {
      // Others can see the budget: the host, callers, callees, handlers of exceptions. A trap ends everything.
      if (!state.globalIsExact && !isTrap(this.#flow.opcode[at]))
        this.#fail(at, node, { kind: 'budget', message: 'the global is not the budget here' });
      this.#leave(walk, state);
      if (kind !== Kind.call) return false;
    }
    const choices = this.#flow.choices.get(at);
    if (choices !== undefined) {
      const originals = this.#original.flow.choices.get(node)!;
      for (const [i, to] of choices.entries()) this.#arriveAt(walk, to, originals[i]!, state);
      return false;
    }
    if (kind === Kind.stop) return false;
    const then = this.#original.flow.next[node]!;
    state.passed = this.#original.costTo(then);
    walk.executed += state.passed;
    state.original = this.#original.settle(then);
    walk.at = this.#onward(this.#flow.next[at]!);
    return true;
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
    else this.#enter(walk, kind === Kind.call ? Place.call : Place.tailCall, this.#calleeOf(state.original));
    const ends = kind === Kind.exit || kind === Kind.tailCall || this.#graph.place[walk.graphNode] === Place.trap;
    if (ends) return;
    state.afterCall();
    if (mayThrow(this.#flow.effect[at]!)) this.#catch(walk, state);
    walk.advanced = true;
  }

  #calleeOf(node: number): Callee {
    const { effect, first } = this.#original.flow;
    if (effect[node] === Effect.call || effect[node] === Effect.returnCall) return first[node]!;
    if (effect[node] !== Effect.switch) return calledThrough(first[node]!);
    return this.#original.flow.opcode[node] === suspend ? nobody : anybody;
  }

  /** Exceptions go to the same handlers, through the same tries. */
  #catch(walk: Walk, state: BudgetState): void {
    const { flow } = this.#original;
    let own = this.#flow.tryOf[walk.at]!;
    let theirs = flow.tryOf[state.original]!;
    while (own >= 0 && theirs >= 0) {
      const [mine, original] = [this.#flow.tries[own]!, flow.tries[theirs]!];
      const same =
        mine.clauses.length === original.clauses.length &&
        mine.clauses.every(({ key, base }, i) => {
          const clause = original.clauses[i]!;
          return key === clause.key && base === clause.base;
        });
      if (!same) break;
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

  /** Whether the instruction is the original's next; a fault if not. */
  #compare(at: number, state: BudgetState): Fault | undefined {
    const { original, due } = state;
    const rewritten = this.#flow;
    const { flow } = this.#original;
    if (due !== 'no') return lateSafepoint;
    const unpaid = openLength(state);
    if (unpaid !== undefined) return unpaid;
    const expected = this.#nameOf(original);
    if (isSpinning(original) || rewritten.kind[at] !== flow.kind[original]) {
      return { kind: 'order', message: `${this.#nameAt(at)} stands where the original has ${expected}` };
    }
    if (at >= rewritten.count) {
      const [mine, theirs] = [rewritten.drops.get(at)!, flow.drops.get(original)!];
      const same = mine.dropped === theirs.dropped && mine.kept === theirs.kept;
      return same
        ? undefined
        : { kind: 'control', message: `a branch drops ${mine.dropped} operands, not ${theirs.dropped}` };
    }
    if (rewritten.height[at] !== flow.height[original]) {
      return {
        kind: 'control',
        message: `${expected} has ${rewritten.height[at]} operands below it, not ${flow.height[original]}`,
      };
    }
    // An `if` and a `br_if` decide the same; where they lead is compared on the way.
    if (rewritten.kind[at] === Kind.condition || rewritten.kind[at] === Kind.exit) return undefined;
    if (
      sameInstruction({ bytes: this.#bytes, flow: rewritten, at }, { bytes: this.#originalBytes, flow, at: original })
    )
      return undefined;
    const message =
      rewritten.opcode[at] === flow.opcode[original]
        ? `the immediates of ${expected} are not those of the original`
        : `${this.#nameAt(at)} stands where the original has ${expected}`;
    return { kind: 'order', message };
  }

  #nameAt(at: number): string {
    return at < this.#flow.count ? opcodeName(this.#flow.opcode[at]!) : 'a branch that drops operands';
  }
}

const lateSafepoint: Fault = {
  kind: 'safepoint',
  message: 'the budget was found used up, but the safepoint is not called',
};

/** What is still to be done for the length of the instruction before. */
function openLength({ lengthDue, untested }: BudgetState): Fault | undefined {
  if (lengthDue !== undefined) return { kind: 'charge', message: `the length is not charged: ${lengthDue}` };
  return untested ? { kind: 'stretch', message: 'a length is charged, and the budget not tested behind' } : undefined;
}

function isTrap(opcode: number | undefined): boolean {
  return opcode === unreachable;
}
