/**
 * Strip mining of loops that count (counted-loops.ts): instead of looking at the budget in every round, such a loop looks once
 * how far the budget reaches, pays for that in advance, and runs up to there as it was written. What is charged, and where the
 * safepoint is met, is the same as if every branch back paid for itself.
 *
 *     loop strip
 *       if the budget pays for all branches back that are left: pay for them; goal = bound
 *       else: pay for as many as it can; goal = the counter's value after one more
 *       the loop, with the goal for its bound
 *       if goal != bound: pay for that one, which the budget cannot; safepoint; br strip
 *     end
 */
import type { Writer } from '../wasm/writer.ts';
import type { BudgetCode } from './budget-code.ts';
import type { CountedLoop } from './counted-loops.ts';
import { emptyBlock, op } from './layout.ts';

/** Appended locals, beside that of the budget. */
export interface StripLocals {
  /** i32: the bound of this strip. */
  readonly goal: number;
  /** i64: what is left of the budget. */
  readonly left: number;
}

/** Writes what comes before the loop. The budget has to be in its local. */
export function enterStrip(
  body: Writer,
  budget: BudgetCode,
  loop: CountedLoop,
  weight: number,
  locals: StripLocals,
): void {
  const { counter, step } = loop;
  const { goal, left } = locals;
  const { local } = budget;
  body.u8(op.localGet).u32(local).u8(op.i64ExtendS);
  pushBranchesBack(body, loop);
  body.u8(op.i64ExtendU).u8(op.i64Const).s32(weight).u8(op.i64Mul).u8(op.i64Sub).u8(op.localTee).u32(left);
  body.u8(op.i64Const).s32(0).u8(op.i64GeS);
  budget.hint(true);
  body.u8(op.if).u8(emptyBlock);
  body.u8(op.localGet).u32(left).u8(op.i32Wrap).u8(op.localSet).u32(local);
  pushBound(body, loop);
  body.u8(op.localSet).u32(goal);
  body.u8(op.else);
  // A budget below zero, where a check is due already, pays for none.
  body.u8(op.localGet).u32(local).u8(op.i32Const).s32(0);
  body.u8(op.localGet).u32(local).u8(op.i32Const).s32(0).u8(op.i32GtS).u8(op.select);
  body.u8(op.i32Const).s32(weight).u8(op.i32DivU).u8(op.localSet).u32(goal);
  body.u8(op.localGet).u32(local).u8(op.localGet).u32(goal).u8(op.i32Const).s32(weight).u8(op.i32Mul).u8(op.i32Sub);
  body.u8(op.localSet).u32(local);
  body.u8(op.localGet).u32(goal).u8(op.i32Const).s32(1).u8(op.i32Add);
  body.u8(op.i32Const).s32(step).u8(op.i32Mul).u8(op.localGet).u32(counter).u8(op.i32Add).u8(op.localSet).u32(goal);
  body.u8(op.end);
}

/** Writes what comes behind the loop; `strip` is the label of the loop around. */
export function leaveStrip(
  body: Writer,
  budget: BudgetCode,
  loop: CountedLoop,
  weight: number,
  locals: StripLocals,
): void {
  body.u8(op.localGet).u32(locals.goal);
  pushBound(body, loop);
  body.u8(op.i32Ne);
  budget.hint(false);
  body.u8(op.if).u8(emptyBlock);
  budget.chargeBeyond(weight);
  body.u8(op.br).u32(1).u8(op.end);
}

/**
 * Pushes how often the loop branches back before it meets its bound, one less than its rounds: (bound − counter) ÷ step − 1. By
 * rotation: where the step does not divide the distance, and so never meets it, the rest makes the number too large for any budget.
 * So does a distance of zero.
 */
export function pushBranchesBack(body: Writer, loop: CountedLoop): void {
  const { counter, step } = loop;
  if (step > 0) {
    pushBound(body, loop);
    body.u8(op.localGet).u32(counter);
    body.u8(op.i32Sub);
  } else {
    body.u8(op.localGet).u32(counter);
    pushBound(body, loop);
    body.u8(op.i32Sub);
  }
  const size = Math.abs(step);
  if (size > 1)
    body
      .u8(op.i32Const)
      .s32(31 - Math.clz32(size))
      .u8(op.i32Rotr);
  body.u8(op.i32Const).s32(1).u8(op.i32Sub);
}

function pushBound(body: Writer, { bound }: CountedLoop): void {
  if ('local' in bound) body.u8(op.localGet).u32(bound.local);
  else body.u8(op.i32Const).s32(bound.constant);
}
