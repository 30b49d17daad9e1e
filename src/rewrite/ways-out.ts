/**
 * What leads out of loops while a body is written anew: branches get the labels that lead where theirs led, and on ways out of a
 * copy of a loop, or of one whose budget is in a local, stands what has to be charged or written back there.
 */
import { assert } from '../assert.ts';
import type { Instructions } from '../wasm/instructions.ts';
import { Effect } from '../wasm/opcodes.ts';
import type { BudgetCode } from './budget-code.ts';
import type { CopiedCode } from './copied-code.ts';
import type { Insertion } from './exact-insertions.ts';
import type { FunctionPlan } from './function-plan.ts';
import type { Labels } from './labels.ts';
import { emptyBlock, op } from './layout.ts';
import type { LoopScan } from './scan-types.ts';

/** What a body writer writes with; all look at the instruction just read. */
export interface Writing {
  readonly bytes: Uint8Array;
  readonly code: Instructions;
  readonly copied: CopiedCode;
  readonly labels: Labels;
  readonly budget: BudgetCode;
}

export class WaysOut {
  /** While a copy of a loop is written: how many blocks are open around the loop, and what leaving it from there charges. */
  copiedLoop = 0;
  exitCharge = 0;
  /** While the budget is in its local: how many blocks are open around the loop for which it is. */
  outside = 0;
  /** While a loop is written that has its one branch back checked where it stands: how many blocks are open around it, its weight. */
  checkedLoop = -1;
  #checkedWeight = 0;
  /** Whether the function gives the budget back beside its result, and returns say so. */
  carries = false;
  /** Whether it is an exact scan that puts what calls and returns need. */
  holds = false;
  readonly #bytes: Uint8Array;
  readonly #code: Instructions;
  readonly #copied: CopiedCode;
  readonly #labels: Labels;
  readonly #budget: BudgetCode;
  /** Where a call before an `unreachable` ends. */
  #finalCallEnd = 0;

  constructor({ bytes, code, copied, labels, budget }: Writing) {
    this.#bytes = bytes;
    this.#code = code;
    this.#copied = copied;
    this.#labels = labels;
    this.#budget = budget;
  }

  /** In a copy of a loop: charges for the copies before it, at what leaves the function (or is a call, which never returns here). */
  beforeLeaving(): void {
    const code = this.#code;
    const { inLocal } = this.#budget;
    if (this.holds) {
      if (code.effect === Effect.return) this.#chargeForCopies();
      return;
    }
    if (code.effect === Effect.return && this.carries) {
      this.#copied.flush(code.start);
      this.#budget.charge(this.exitCharge);
      this.#budget.push();
      return;
    }
    if (this.exitCharge === 0 && !inLocal && this.#finalCallEnd !== code.start) return;
    // Behind a call that does not return, all has been charged already.
    if (code.opcode === op.unreachable && code.start === this.#finalCallEnd) {
      this.#budget.resumeLocal();
      return;
    }
    const returns = code.effect === Effect.call && this.#bytes[code.offset] !== op.unreachable;
    if (returns) return;
    this.#finalCallEnd = code.effect === Effect.call ? code.offset : 0;
    this.#copied.flush(code.start);
    if (inLocal && code.effect === Effect.call) this.#budget.suspendLocal(this.exitCharge);
    else if (inLocal) this.#budget.spill(this.exitCharge);
    else this.#budget.charge(this.exitCharge);
  }

  #chargeForCopies(): void {
    if (this.exitCharge === 0) return;
    this.#copied.flush(this.#code.start);
    this.#budget.charge(this.exitCharge);
  }

  /** A call that returns. */
  call({ carriers, isLeaf, exact }: FunctionPlan): void {
    const { effect, index, offset } = this.#code;
    const direct = effect === Effect.call;
    const returns = this.#bytes[offset] !== op.unreachable;
    const looks = exact === undefined && this.#budget.inLocal && returns && !(direct && isLeaf(index));
    if (direct && carriers.has(index)) this.#passBudget();
    else if (looks) this.#showBudget();
    else this.beforeLeaving();
  }

  /** A call of a function that carries the budget. */
  #passBudget(): void {
    const { start, offset } = this.#code;
    this.#copied.flush(start);
    // Behind a call that does not return stands nothing to charge at.
    if (this.#bytes[offset] === op.unreachable) {
      this.#budget.charge(this.exitCharge);
      this.#finalCallEnd = offset;
    }
    this.#budget.push();
    this.#copied.flush(offset);
    this.#budget.take();
  }

  /** A call of one that looks for the budget in its global, while it is in the local. */
  #showBudget(): void {
    this.#copied.flush(this.#code.start);
    this.#budget.spill(0);
    this.#copied.flush(this.#code.offset);
    this.#budget.reload();
  }

  branch(own: Insertion | undefined): void {
    const code = this.#code;
    const target = this.#labels.depth - 1 - code.index;
    const amount = (own?.amount ?? 0) + (target < this.copiedLoop ? this.exitCharge : 0);
    const checked = own?.checked ?? false;
    const owed = own?.owed ?? 0;
    const leaves = this.#budget.inLocal && target < this.outside;
    if (target === this.checkedLoop) {
      this.#branchBack();
      return;
    }
    if (amount === 0 && !checked && !leaves) {
      this.relabel(code.labelStart, code.labelEnd, code.index);
    } else if (code.effect === Effect.br) {
      this.#copied.flush(code.start);
      if (leaves) this.#budget.spill(amount);
      else this.#budget.charge(amount);
      this.relabel(code.labelStart, code.labelEnd, code.index);
    } else {
      assert(
        code.opcode === op.brIf,
        'a loop with any other branch out is not copied, and has the budget in its global',
      );
      this.chargeWhenTaken(this.#labels.labelOf(target), { amount, checked, owed }, leaves);
    }
  }

  /** Writes another loop around one, up to its body: so the call of the safepoint behind its branch back is none of the loop's. */
  openCheckedLoop({ header, at, weight }: LoopScan): void {
    this.#copied.flush(header);
    this.#copied.body.u8(op.loop);
    this.#copied.copy(header + 1, at);
    this.#labels.height++;
    this.checkedLoop = this.#labels.depth;
    this.#checkedWeight = weight;
    this.#labels.open();
  }

  /** Behind the end of that loop. */
  closeCheckedLoop(): void {
    this.#copied.flush(this.#code.offset);
    this.#copied.body.u8(op.end);
    this.#labels.height--;
    this.checkedLoop = -1;
  }

  /** The one branch back of a loop that has another around it, for the call of the safepoint: then it is a loop without calls. */
  #branchBack(): void {
    const { effect, start, offset } = this.#code;
    const { body } = this.#copied;
    const conditional = effect !== Effect.br;
    const label = this.#labels.labelOf(this.checkedLoop) + (conditional ? 1 : 0);
    this.#copied.flush(start);
    this.#copied.standsFor(start);
    if (conditional) body.u8(op.if).u8(emptyBlock);
    this.#budget.compare(this.#checkedWeight, 0);
    body.u8(op.i32GeS);
    this.#budget.hint(true);
    body.u8(op.brIf).u32(label);
    this.#budget.call(0);
    body.u8(op.br).u32(label + 1);
    if (conditional) body.u8(op.end);
    this.#copied.goOnFrom(offset);
  }

  relabel(start: number, end: number, label: number): void {
    const now = this.#labels.labelOf(this.#labels.depth - 1 - label);
    if (now === label) return;
    this.#copied.flush(start);
    this.#copied.body.u32(now);
    this.#copied.goOnFrom(end);
  }

  /**
   * Makes the br_if just read an `if` around a charge and a `br` to a label counted from where the br_if stands. One that
   * leaves the loop for which the budget is in its local writes that back.
   */
  chargeWhenTaken(
    label: number,
    { amount, checked, owed }: Pick<Insertion, 'amount' | 'checked' | 'owed'>,
    leaves = false,
  ): void {
    const { start, offset } = this.#code;
    this.#copied.flush(start);
    this.#copied.standsFor(start);
    this.#copied.body.u8(op.if).u8(emptyBlock);
    if (checked) this.#budget.check(amount, undefined, owed);
    if (leaves) this.#budget.spill(checked ? 0 : amount);
    else if (!checked) this.#budget.charge(amount);
    this.#copied.body
      .u8(op.br)
      .u32(label + 1)
      .u8(op.end);
    this.#copied.goOnFrom(offset);
  }
}
