/**
 * The code around a loop that pays in advance for a strip of its rounds: recognised instruction by instruction, because what it
 * computes is beyond an abstract interpretation of budgets. With b the budget, i the counter, w the cost of a branch back:
 *
 *     x = ((bound − i) rotr log2 step) − 1, or the like counting down: how often the loop branches back before it meets its bound,
 *         or more than any budget can pay where it does not
 *     if (b − x·w >= 0, in 64 bits) { b = b − x·w; goal = bound } else { k = max(b, 0) ÷ w; b = b − k·w; goal = (k + 1)·step + i }
 *     the loop, which compares with the goal
 *     if (goal != bound) …: k branches back were paid, the budget cannot pay the next one
 *
 * So in the loop every branch back is paid, and the budget is not below zero behind any of them: each is taken for one that charges w
 * and passes a safepoint (strip-walk.ts). Where nothing is counted:
 *
 *     if (x >= n, unsigned): more than n rounds are left; a loop of { goal = n·step + i; the loop, which compares with the goal; a look
 *         at the flag; again if (x >= n) }
 *     the loop, which makes n rounds at most
 */
import { opcodeNamed } from '../../wasm/opcodes.ts';
import { Reader } from '../../wasm/reader.ts';
import type { BudgetState, Value } from './budget-state.ts';
import { exactBudget, sameValue } from './budget-state.ts';
import { type CountingLoop, countingLoops } from './counting-loops.ts';
import { type Flow, Kind } from './flow.ts';
import type { OriginalFlow } from './original-flow.ts';

const numbered = (name: string): number => opcodeNamed(name)!;
const localGet = numbered('local.get');
const localSet = numbered('local.set');
const localTee = numbered('local.tee');
const i32Const = numbered('i32.const');
const i64Const = numbered('i64.const');
const notEqual = numbered('i32.ne');

/** A local or a constant, by what is known of it already or is to be found out. */
type Token = readonly [opcode: string, value?: number];

/** The code before a strip: where it ends, the local with the goal, and what is paid for each branch back or how many rounds it makes. */
export interface Strip {
  readonly end: number;
  readonly goal: number;
  readonly weight: number;
  readonly rounds: number | undefined;
  readonly loop: CountingLoop;
}

/** One that is paid for, and the local with the budget. */
export interface PaidStrip extends Strip {
  readonly budget: number;
}

/** What a look at a counting loop's counter tells: whether more than so many rounds are left. */
export interface RoundsAhead {
  readonly loop: CountingLoop;
  readonly rounds: number;
  readonly more: boolean;
}

export class Strips {
  readonly #bytes: Uint8Array;
  readonly #flow: Flow;
  readonly #firstLocal: number;
  readonly #byDecision: ReadonlyMap<number, CountingLoop>;
  /** By the first instruction of a round that does something. */
  readonly #byStart = new Map<number, CountingLoop>();

  constructor(bytes: Uint8Array, rewritten: Flow, original: OriginalFlow, firstLocal: number) {
    this.#bytes = bytes;
    this.#flow = rewritten;
    this.#firstLocal = firstLocal;
    this.#byDecision = countingLoops(original.flow);
    for (const loop of this.#byDecision.values()) this.#byStart.set(original.settle(loop.inside), loop);
  }

  loop(decision: number): CountingLoop | undefined {
    return this.#byDecision.get(decision);
  }

  /** The strip that begins at a node of the rewritten flow, if it is all there and what it does is allowed. */
  entry(at: number, state: BudgetState): PaidStrip | undefined {
    const loop = this.#byStart.get(state.original);
    const budget = this.#local(at, localGet);
    if (loop === undefined || budget === undefined) return undefined;
    const known = sameValue(state.locals[budget - this.#firstLocal]!, exactBudget);
    if (!known || state.stack.length > 0 || state.due !== 'no' || state.strip !== undefined) return undefined;
    const size = stepSize(loop);
    if (size === undefined) return undefined;
    const prefix = [
      ['local.get', budget],
      ['i64.extend_i32_s'],
      ...branchesBack(loop, size),
      ['i64.extend_i32_u'],
    ] as const;
    if (!this.#matches(at, prefix)) return undefined;
    const at64 = at + prefix.length;
    const weight = this.#constant(at64, i64Const);
    const left = this.#local(at64 + 3, localTee);
    const goal = this.#local(at64 + 11, localSet);
    if (weight === undefined || weight < 1 || left === undefined || goal === undefined) return undefined;
    // Who steps over the bound goes on for ever. No budget may pay for the rounds from which that cannot be told, 2³² ÷ step.
    if (size > 2 * weight) return undefined;
    if (goal === budget || left === budget || left === goal) return undefined;
    const rest = afterPrefix(loop, { budget, left, goal, weight });
    if (!this.#matches(at64, rest)) return undefined;
    return { end: at64 + rest.length, budget, goal, weight, rounds: undefined, loop };
  }

  /** Whether a node takes the goal of the strip that the state is in. */
  takesGoal(at: number, state: BudgetState): boolean {
    const local = this.#local(at, localGet);
    const value = local === undefined ? undefined : state.locals[local - this.#firstLocal];
    return value?.kind === 'goal' && value.decision === state.strip?.loop.decision;
  }

  /** Whether the comparison of the goal with zero's stand-in is here: two instructions that the original does not have. */
  comparesWithGoal(at: number, state: BudgetState): boolean {
    return this.takesGoal(at, state) && this.#flow.opcode[at + 1] === notEqual;
  }

  /** The `if` that asks whether a strip came to the end of its loop; undefined if something else is here. */
  exit(at: number, state: BudgetState): number | undefined {
    const strip = state.strip;
    if (strip === undefined || !this.takesGoal(at, state)) return undefined;
    return this.#matches(at + 1, [bound(strip.loop), ['i32.ne'], ['if']]) ? at + 3 : undefined;
  }

  /**
   * The question whether more than so many rounds are left, at the beginning of a counting loop's round: as many as it branches back,
   * and one. Gives the node that branches on it, and how many are asked for. A step that misses the bound leaves more than any.
   */
  question(at: number, state: BudgetState): (Omit<RoundsAhead, 'more'> & { readonly branch: number }) | undefined {
    const loop = this.#byStart.get(state.original);
    if (loop === undefined || !loop.closed || state.stack.length > 0 || state.strip !== undefined) return undefined;
    const size = stepSize(loop);
    if (size === undefined || !this.#matches(at, branchesBack(loop, size))) return undefined;
    const then = at + branchesBack(loop, size).length;
    const rounds = this.#constant(then, i32Const);
    if (rounds === undefined || rounds < 1 || rounds * size >= 2 ** 31) return undefined;
    if (!this.#matches(then, [['i32.const', rounds], ['i32.ge_u']])) return undefined;
    const branch = then + 2;
    return this.#flow.kind[branch] === Kind.condition ? { loop, rounds, branch } : undefined;
  }

  /** A strip of as many rounds as are known to be left, and more: the code that sets its goal. */
  ofRounds(at: number, { loop, rounds, more }: RoundsAhead): Strip | undefined {
    const goal = this.#local(at + 3, localSet);
    if (!more || goal === undefined) return undefined;
    const tokens = [
      ['local.get', loop.counter],
      ['i32.const', rounds * loop.step],
      ['i32.add'],
      ['local.set', goal],
    ] as const;
    return this.#matches(at, tokens) ? { end: at + tokens.length, goal, weight: 0, rounds, loop } : undefined;
  }

  #local(at: number, opcode: number): number | undefined {
    if (this.#flow.opcode[at] !== opcode) return undefined;
    const index = this.#flow.index[at]!;
    return index >= this.#firstLocal ? index : undefined;
  }

  #constant(at: number, opcode: number): number | undefined {
    if (this.#flow.opcode[at] !== opcode) return undefined;
    if (opcode === i32Const) return this.#flow.constant[at]!;
    // Of 64 bits only what fits in one byte to five, as weights do.
    const reader = new Reader(this.#bytes, this.#flow.start[at]! + 1, this.#flow.end(at));
    const value = this.#flow.end(at) - reader.offset <= 5 ? reader.s33() : undefined;
    return value === undefined || value >= 2 ** 31 ? undefined : value;
  }

  #matches(at: number, tokens: readonly Token[]): boolean {
    return tokens.every(([name, value], i) => {
      const node = at + i;
      const opcode = opcodeNamed(name);
      if (node >= this.#flow.count || this.#flow.opcode[node] !== opcode) return false;
      if (value === undefined) return true;
      const constant = opcode === i32Const || opcode === i64Const;
      return (constant ? this.#constant(node, opcode) : this.#flow.index[node]) === value;
    });
  }
}

export function goalOf({ loop, weight }: Strip): Value {
  return { kind: 'goal', decision: loop.decision, weight };
}

/** What strips can step by: a power of two. */
function stepSize({ step }: CountingLoop): number | undefined {
  const size = Math.abs(step);
  return size > 0 && (size & (size - 1)) === 0 ? size : undefined;
}

function bound({ bound }: CountingLoop): Token {
  return 'local' in bound ? ['local.get', bound.local] : ['i32.const', bound.constant];
}

function branchesBack(loop: CountingLoop, size: number): readonly Token[] {
  const counter: Token = ['local.get', loop.counter];
  const distance = loop.step > 0 ? [bound(loop), counter] : [counter, bound(loop)];
  const turned: readonly Token[] = size === 1 ? [] : [['i32.const', Math.log2(size)], ['i32.rotr']];
  return [...distance, ['i32.sub'], ...turned, ['i32.const', 1], ['i32.sub']];
}

interface StripLocals {
  readonly budget: number;
  readonly left: number;
  readonly goal: number;
  readonly weight: number;
}

function afterPrefix(loop: CountingLoop, { budget, left, goal, weight }: StripLocals): readonly Token[] {
  return [
    ...([
      ['i64.const', weight],
      ['i64.mul'],
      ['i64.sub'],
      ['local.tee', left],
      ['i64.const', 0],
      ['i64.ge_s'],
    ] as const),
    ...([['if'], ['local.get', left], ['i32.wrap_i64'], ['local.set', budget]] as const),
    ...([bound(loop), ['local.set', goal], ['else']] as const),
    ...([
      ['local.get', budget],
      ['i32.const', 0],
      ['local.get', budget],
      ['i32.const', 0],
    ] as const),
    ...([['i32.gt_s'], ['select'], ['i32.const', weight], ['i32.div_u'], ['local.set', goal]] as const),
    ...([['local.get', budget], ['local.get', goal], ['i32.const', weight], ['i32.mul'], ['i32.sub']] as const),
    ...([['local.set', budget], ['local.get', goal], ['i32.const', 1], ['i32.add']] as const),
    ...([
      ['i32.const', loop.step],
      ['i32.mul'],
      ['local.get', loop.counter],
      ['i32.add'],
      ['local.set', goal],
    ] as const),
    ['end'],
  ];
}
