/**
 * What is known of the budget at a place in a rewritten function: an abstract interpretation whose only concern is which cells
 * hold the *true* budget, the one from which everything charged so far is taken off. Cells are the budget global, the appended
 * locals, and operands that added code put on the stack.
 */

import type { PaidStrip, RoundsAhead, Strip } from './strips.ts';

/**
 * A value as far as it matters. A budget is told by how far it is ahead of the true one (5 misses a charge of 5), and by what has
 * been taken off it since it was read: a charge once that is stored. `length`: that for a length too (length-charge.ts).
 */
export type Value =
  | { readonly kind: 'budget'; readonly ahead: number; readonly taken: number; readonly length: boolean }
  | { readonly kind: 'constant'; readonly value: number }
  /** Whether that budget is below zero once `owed` is taken off too; `not`: whether it is not. */
  | { readonly kind: 'test'; readonly ahead: number; readonly owed: number; readonly not: boolean }
  /** What was computed from operands of the guest's, as length-charge.ts spells it. */
  | { readonly kind: 'formula'; readonly text: string }
  /** The bound of a strip of a counting loop's rounds, each of whose branches back was paid so much for: see strips.ts. */
  | { readonly kind: 'goal'; readonly decision: number; readonly weight: number }
  | { readonly kind: 'unknown' };

export const exactBudget: Value = { kind: 'budget', ahead: 0, taken: 0, length: false };
/** The guest's operand on top of the stack, until the next instruction of the original. */
export const topOperand: Value = { kind: 'formula', text: 'top' };
export const unknownValue: Value = { kind: 'unknown' };
export const zero: Value = { kind: 'constant', value: 0 };

/** Whether the safepoint has to be called now: a test has just found the true budget below zero. */
export type Due = 'no' | 'yes' | 'maybe';

export class BudgetState {
  /** The node of the original that comes next, or −2 − n where the original spins around node n doing nothing. */
  original: number;
  global: Value = exactBudget;
  locals: Value[];
  stack: Value[] = [];
  due: Due = 'no';
  /** While it is due: what that test took off the budget. */
  owed = 0;
  /** Cost of the branches that the original has passed since its last instruction; the rewritten function may be before them yet. */
  passed = 0;
  /** What has to be charged before the original goes on: the formula for the length of its last instruction. */
  lengthDue: string | undefined = undefined;
  /** That has been charged, and the budget has to be tested before the original goes on. */
  untested = false;
  /** The strip of rounds that is under way. */
  strip: Strip | undefined = undefined;
  /** In it: the goal has been taken for the bound; and the loop has met its goal, which may or may not be its bound. */
  atGoal: 'no' | 'compared' | 'met' = 'no';
  /** What is known of the rounds that a counting loop has left. */
  ahead: RoundsAhead | undefined = undefined;

  constructor(original: number, locals: Value[]) {
    this.original = original;
    this.locals = locals;
  }

  copy(original: number): BudgetState {
    const copy = new BudgetState(original, this.locals.slice());
    copy.global = this.global;
    copy.stack = this.stack.slice();
    copy.due = this.due;
    copy.owed = this.owed;
    copy.passed = this.passed;
    copy.lengthDue = this.lengthDue;
    copy.untested = this.untested;
    copy.strip = this.strip;
    copy.atGoal = this.atGoal;
    copy.ahead = this.ahead;
    return copy;
  }

  /** Whether both are in the same strip, or in none, and as far in it. */
  sameStrip({ strip, atGoal }: BudgetState): boolean {
    return this.strip?.end === strip?.end && this.atGoal === atGoal;
  }

  get globalIsExact(): boolean {
    return sameValue(this.global, exactBudget);
  }

  pop(): Value {
    return this.stack.pop() ?? unknownValue;
  }

  /** The value to store, and what storing it charges: what was taken off it is now off the true budget. */
  charge(value: Value): { readonly value: Value; readonly charged: number } {
    if (value.kind !== 'budget' || (value.taken === 0 && !value.length)) return { value, charged: 0 };
    const { taken: charged, length } = value;
    // How far others are ahead now is not known.
    const behind = (each: Value): Value => (length && isBudget(each) ? unknownValue : later(each, charged));
    this.global = behind(this.global);
    this.locals = this.locals.map(behind);
    this.stack = this.stack.map(behind);
    if (length) {
      this.lengthDue = undefined;
      this.untested = true;
    }
    return { value: { ...value, taken: 0, length: false }, charged };
  }

  /** The original executes an instruction; `formula` is what has to be charged for its length then. */
  execute(formula: string | undefined): void {
    if (this.ahead?.more === true) this.ahead = undefined;
    for (const [i, each] of this.locals.entries()) {
      if (each.kind !== 'formula') continue;
      const kept = formula !== undefined && each.text === 'top';
      this.locals[i] = kept ? { kind: 'formula', text: 'length' } : unknownValue;
    }
    this.lengthDue = formula;
  }

  /** Rounds were paid with the budget in one local, and others are behind. */
  enterStrip(strip: PaidStrip, local: number): void {
    this.strip = strip;
    this.global = unknownValue;
    this.locals = this.locals.map((each, i) => (i !== local && isBudget(each) ? unknownValue : each));
  }

  /** Other code ran, which keeps its budget in the global. */
  afterCall(): void {
    this.global = exactBudget;
    this.locals.fill(unknownValue);
  }

  /** Takes in what another path knows; true if that made this know less. The operands of both have to be as many. */
  join(other: BudgetState): boolean {
    let changed = false;
    const meet = (mine: Value, theirs: Value): Value => {
      if (sameValue(mine, theirs)) return mine;
      changed ||= mine.kind !== 'unknown';
      return unknownValue;
    };
    this.global = meet(this.global, other.global);
    this.locals = this.locals.map((mine, i) => meet(mine, other.locals[i]!));
    this.stack = this.stack.map((mine, i) => meet(mine, other.stack[i]!));
    if (this.ahead !== undefined && !sameAhead(this.ahead, other.ahead)) {
      this.ahead = undefined;
      changed = true;
    }
    if (other.passed > this.passed) {
      this.passed = other.passed;
      changed = true;
    }
    if ((this.due !== other.due || this.owed !== other.owed) && this.due !== 'maybe') {
      this.due = 'maybe';
      changed = true;
    }
    return changed;
  }
}

function later(value: Value, charged: number): Value {
  if (value.kind === 'budget' || value.kind === 'test') return { ...value, ahead: value.ahead + charged };
  return value;
}

function isBudget({ kind }: Value): boolean {
  return kind === 'budget' || kind === 'test';
}

function sameAhead(a: RoundsAhead, b: RoundsAhead | undefined): boolean {
  return b !== undefined && a.loop.decision === b.loop.decision && a.rounds === b.rounds && a.more === b.more;
}

export function sameValue(a: Value, b: Value): boolean {
  switch (a.kind) {
    case 'budget':
      return b.kind === 'budget' && a.ahead === b.ahead && a.taken === b.taken && a.length === b.length;
    case 'constant':
      return b.kind === 'constant' && a.value === b.value;
    case 'test':
      return b.kind === 'test' && a.ahead === b.ahead && a.owed === b.owed && a.not === b.not;
    case 'goal':
      return b.kind === 'goal' && a.decision === b.decision && a.weight === b.weight;
    case 'formula':
      return b.kind === 'formula' && a.text === b.text;
    default:
      return b.kind === 'unknown';
  }
}

/** `a − b` and `a + b`, 32 bits; budgets do not wrap around, as the longest stretch sees to. */
export function difference(a: Value, b: Value): Value {
  return b.kind === 'constant' ? sum(a, { kind: 'constant', value: -b.value }) : unknownValue;
}

export function sum(a: Value, b: Value): Value {
  if (b.kind !== 'constant') return a.kind === 'constant' ? sum(b, a) : unknownValue;
  if (a.kind === 'budget') return { ...a, taken: a.taken - b.value };
  return a.kind === 'constant' ? { kind: 'constant', value: (a.value + b.value) | 0 } : unknownValue;
}

/** `value < bound`, or `value >= bound`. */
export function comparison(value: Value, bound: Value, not: boolean): Value {
  if (bound.kind !== 'constant' || value.kind !== 'budget' || value.length) return unknownValue;
  return { kind: 'test', ahead: value.ahead, owed: value.taken + bound.value, not };
}

/** What an instruction gives that nothing is known of but its name: a formula, if all its operands are. */
export function applied(name: string, operands: readonly Value[]): Value {
  const texts: string[] = [];
  for (const operand of operands) {
    if (operand.kind === 'constant') texts.push(String(operand.value));
    else if (operand.kind === 'formula') texts.push(operand.text);
    else return unknownValue;
  }
  return { kind: 'formula', text: `${name}(${texts.join()})` };
}
