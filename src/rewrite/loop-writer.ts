/**
 * Writes loops anew that look at the budget at their branch back, or before they begin: with the safepoint's call where V8 minds it
 * least, and with their bodies once or several times. Which loop is written how is for loop-plan.ts and body-writer.ts to say.
 */
import type { Writer } from '../wasm/writer.ts';
import type { CountedLoop } from './counted-loops.ts';
import type { ExactLoop } from './exact-insertions.ts';
import { copiesOf, type FunctionPlan, hasCallWithin } from './function-plan.ts';
import { emptyBlock, op } from './layout.ts';
import { goOnWithStrips, stepToGoal, whileManyAreLeft } from './round-strips.ts';
import type { LoopScan } from './scan-types.ts';
import { enterStrip, leaveStrip, type StripLocals } from './strip-code.ts';
import type { WaysOut, Writing } from './ways-out.ts';

export class LoopWriter {
  readonly #writing: Writing;
  readonly #waysOut: WaysOut;
  /** Writes the instructions between two offsets, which may have been written before. */
  readonly #instructions: (from: number, to: number) => void;
  #plan!: FunctionPlan;
  #stripLocals: StripLocals = { goal: 0, left: 0 };

  constructor(writing: Writing, waysOut: WaysOut, instructions: (from: number, to: number) => void) {
    this.#writing = writing;
    this.#waysOut = waysOut;
    this.#instructions = instructions;
  }

  begin(plan: FunctionPlan): void {
    this.#plan = plan;
    const first = plan.scan.localCount;
    // Where nothing is counted there is no local for the budget before them.
    this.#stripLocals = plan.counts ? { goal: first + 1, left: first + 2 } : { goal: first, left: first };
  }

  get #body(): Writer {
    return this.#writing.copied.body;
  }

  /** A loop that looks at the budget before it begins: see strip-code.ts. Nothing leads out of it, so its labels stay as they are. */
  counted(loop: LoopScan, counted: CountedLoop): void {
    const { header, at, end } = loop;
    const { copied, code, budget } = this.#writing;
    copied.flush(header);
    if (this.#plan.counts) {
      this.#body.u8(op.loop);
      copied.copy(header + 1, at);
      enterStrip(this.#body, budget, counted, loop.weight, this.#stripLocals);
      this.#toGoal(loop, counted);
      leaveStrip(this.#body, budget, counted, loop.weight, this.#stripLocals);
      this.#body.u8(op.end);
    } else {
      const { goal } = this.#stripLocals;
      whileManyAreLeft(this.#body, counted, loop.ahead);
      stepToGoal(this.#body, counted, loop.ahead, goal);
      this.#toGoal(loop, counted);
      budget.check(0);
      goOnWithStrips(this.#body, counted, loop.ahead);
      copied.copy(header, end + 1);
    }
    copied.goOnFrom(end + 1);
    code.offset = end + 1;
  }

  /** The loop as it stands, but that it compares with the goal. */
  #toGoal({ header, end }: LoopScan, counted: CountedLoop): void {
    const { copied } = this.#writing;
    copied.copy(header, counted.boundFrom);
    this.#body.u8(op.localGet).u32(this.#stripLocals.goal);
    if (counted.boundFrom === counted.boundTo) this.#body.u8(op.i32Ne);
    copied.copy(counted.boundTo, end + 1);
  }

  /** Writes the first round of a loop before it: who makes but one has no loop to enter. The block around is open. */
  #firstRound({ at, end, weight }: LoopScan): void {
    const { copied, labels, budget } = this.#writing;
    this.#body.u8(op.block).u8(emptyBlock);
    labels.height++;
    labels.name();
    this.#waysOut.exitCharge = 0;
    copied.goOnFrom(at);
    this.#instructions(at, end);
    copied.flush(end);
    labels.unname();
    this.#body.u8(op.br).u32(1).u8(op.end);
    labels.height--;
    // Charges behind a recursive call could add up on the way back through any number of them.
    if (this.#plan.copied) budget.charge(weight);
    else budget.check(weight);
  }

  /**
   * A loop that has the safepoint's call outside itself: V8 then treats it as a loop without calls.
   *
   *     block exit
   *       loop
   *         loop again
   *           block …
   *             block
   *               body, its back edge aimed at the end of this block; br exit
   *             end
   *             … body; charge for one copy; br exit
   *           end
   *           charge for all copies; if the budget is not below zero: br again
   *         end
   *         safepoint; br to the outer loop
   *       end
   *       unreachable
   *     end
   *
   * In short functions the outer loop is left out, and the call stands in the one that is left: entering a loop costs a look at V8's own
   * flag.
   */
  backEdge(loop: LoopScan, { weight, base }: Pick<ExactLoop, 'weight' | 'base'>): void {
    const { header, at, end } = loop;
    const { copied, code, labels, budget } = this.#writing;
    const copies = copiesOf(this.#plan, loop);
    const within = hasCallWithin(this.#plan, loop);
    copied.flush(header);
    const exit = labels.height;
    this.#body.u8(op.block);
    copied.copy(header + 1, at);
    labels.height++;
    this.#waysOut.copiedLoop = labels.depth;
    if (this.#plan.peeled && loop.copies > 2) this.#firstRound(loop);
    if (!within) this.#body.u8(op.loop).u8(emptyBlock);
    copied.copy(header, header + 1);
    this.#body.u8(emptyBlock);
    labels.height += within ? 1 : 2;
    this.#copies(loop, { copies, exit, weight });
    budget.compare(copies * weight, base);
    this.#body.u8(op.i32GeS);
    budget.hint(true);
    this.#body.u8(op.brIf).u32(0);
    if (!within) copied.copy(end, end + 1);
    budget.call(base);
    this.#body.u8(op.br).u32(0);
    if (within) copied.copy(end, end + 1);
    else this.#body.u8(op.end);
    this.#body.u8(op.unreachable).u8(op.end);
    labels.height = exit;
    copied.goOnFrom(end + 1);
    code.offset = end + 1;
  }

  #copies({ at, end }: LoopScan, { copies, exit, weight }: Record<'copies' | 'exit' | 'weight', number>): void {
    const { copied, labels, budget } = this.#writing;
    for (let i = 0; i < copies; i++) this.#body.u8(op.block).u8(emptyBlock);
    labels.height += copies;
    for (let i = 0; i < copies; i++) {
      labels.name();
      this.#waysOut.exitCharge = i * weight;
      copied.goOnFrom(at);
      this.#instructions(at, end);
      copied.flush(end);
      labels.unname();
      budget.charge(this.#waysOut.exitCharge);
      this.#body
        .u8(op.br)
        .u32(labels.height - 1 - exit)
        .u8(op.end);
      labels.height--;
    }
    this.#waysOut.exitCharge = 0;
  }
}
