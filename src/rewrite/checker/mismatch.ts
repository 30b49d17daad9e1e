/**
 * Whether an instruction of a rewritten function is the one that the original executes next, and may stand where it does; and how
 * to name the two when they differ. Where branches lead is compared on the way, by lockstep.ts.
 */
import { opcodeName } from '../../wasm/opcodes.ts';
import type { Fault } from './added-code.ts';
import type { BudgetState } from './budget-state.ts';
import { type Flow, Kind, type TryBlock } from './flow.ts';
import { isSpinning } from './original-flow.ts';
import { sameInstruction } from './same-instruction.ts';

interface SideCode {
  readonly bytes: Uint8Array;
  readonly flow: Flow;
}

export interface Sides {
  readonly rewritten: SideCode;
  readonly original: SideCode;
}

export const lateSafepoint: Fault = {
  kind: 'safepoint',
  message: 'the budget was found used up, but the safepoint is not called',
};

/** What is still to be done for the length of the instruction before. */
export function openLength({ lengthDue, untested }: BudgetState): Fault | undefined {
  if (lengthDue !== undefined) return { kind: 'charge', message: `the length is not charged: ${lengthDue}` };
  return untested ? { kind: 'stretch', message: 'a length is charged, and the budget not tested behind' } : undefined;
}

/** Why the instruction is not the original's next; undefined if it is. */
export function mismatch(sides: Sides, at: number, state: BudgetState): Fault | undefined {
  if (state.due !== 'no') return lateSafepoint;
  return openLength(state) ?? otherPlace(sides, at, state) ?? otherInstruction(sides, at, state.original);
}

function otherPlace({ rewritten, original }: Sides, at: number, state: BudgetState): Fault | undefined {
  const place = state.original;
  // A budget that is handed over lies above them.
  const added = state.stack.length;
  const expected = nameOf(original.flow, place);
  if (isSpinning(place) || rewritten.flow.kind[at] !== original.flow.kind[place]) {
    return { kind: 'order', message: `${nameAt(rewritten.flow, at)} stands where the original has ${expected}` };
  }
  if (at >= rewritten.flow.count) {
    const [mine, theirs] = [rewritten.flow.drops.get(at)!, original.flow.drops.get(place)!];
    if (mine.dropped === theirs.dropped && mine.kept === theirs.kept + added) return undefined;
    return { kind: 'control', message: `a branch drops ${mine.dropped} operands, not ${theirs.dropped}` };
  }
  const [height, originalHeight] = [rewritten.flow.height[at]! - added, original.flow.height[place]];
  if (height === originalHeight) return undefined;
  return { kind: 'control', message: `${expected} has ${height} operands below it, not ${originalHeight}` };
}

function otherInstruction({ rewritten, original }: Sides, at: number, place: number): Fault | undefined {
  const { flow } = rewritten;
  // An `if` and a `br_if` decide the same.
  if (at >= flow.count || flow.kind[at] === Kind.condition || flow.kind[at] === Kind.exit) return undefined;
  if (sameInstruction({ ...rewritten, at }, { ...original, at: place })) return undefined;
  const expected = nameOf(original.flow, place);
  const message =
    flow.opcode[at] === original.flow.opcode[place]
      ? `the immediates of ${expected} are not those of the original`
      : `${nameAt(flow, at)} stands where the original has ${expected}`;
  return { kind: 'order', message };
}

/** Whether two tries catch the same, with as many operands below. */
export function sameClauses(one: TryBlock, other: TryBlock): boolean {
  if (one.clauses.length !== other.clauses.length) return false;
  return one.clauses.every(({ key, base }, i) => key === other.clauses[i]!.key && base === other.clauses[i]!.base);
}

/** A place of the original, in words. */
export function nameOf(flow: Flow, place: number): string {
  if (isSpinning(place)) return 'an empty loop';
  const opcode = flow.opcode[place];
  return opcode === undefined ? 'a branch' : opcodeName(opcode);
}

function nameAt(flow: Flow, at: number): string {
  return at < flow.count ? opcodeName(flow.opcode[at]!) : 'a branch that drops operands';
}
