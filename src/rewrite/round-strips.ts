/**
 * Strip mining of loops that count (counted-loops.ts), where nothing is counted but somebody may want attention: while more than so
 * many rounds are left, that many are made at once, and then the flag is looked at; the rest is made as it was written.
 *
 *     if more than `rounds` rounds are left
 *       loop
 *         goal = the counter's value after so many rounds
 *         the loop, with the goal for its bound
 *         look at the flag
 *         again if more than `rounds` are left
 *       end
 *     end
 *     the loop
 *
 * So no loop stands around one that is entered often for few rounds, which would cost a look at V8's own flag, and none has a
 * look in it, which would cost V8's unrolling.
 */
import type { Writer } from '../wasm/writer.ts';
import type { CountedLoop } from './counted-loops.ts';
import { emptyBlock, op } from './layout.ts';
import { pushBranchesBack } from './strip-code.ts';

/** Opens the block and the loop for strips. */
export function whileManyAreLeft(body: Writer, loop: CountedLoop, rounds: number): void {
  pushWhetherManyAreLeft(body, loop, rounds);
  body.u8(op.if).u8(emptyBlock).u8(op.loop).u8(emptyBlock);
}

export function stepToGoal(body: Writer, { counter, step }: CountedLoop, rounds: number, goal: number): void {
  body.u8(op.localGet).u32(counter);
  body
    .u8(op.i32Const)
    .s32(rounds * step)
    .u8(op.i32Add)
    .u8(op.localSet)
    .u32(goal);
}

/** Closes both. */
export function goOnWithStrips(body: Writer, loop: CountedLoop, rounds: number): void {
  pushWhetherManyAreLeft(body, loop, rounds);
  body.u8(op.brIf).u32(0).u8(op.end).u8(op.end);
}

/** One less than what is left is compared: a distance of zero is all the rounds that 32 bits can count. */
function pushWhetherManyAreLeft(body: Writer, loop: CountedLoop, rounds: number): void {
  pushBranchesBack(body, loop);
  body.u8(op.i32Const).s32(rounds).u8(op.i32GeU);
}
