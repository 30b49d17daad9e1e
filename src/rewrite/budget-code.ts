/**
 * The instructions that charge the budget and look at it, in one function at a time. The budget lives in its global, where the
 * host, handlers and called functions find it; while nobody can look, it may move into a local, which costs less.
 * Where to charge, and where the budget may move, is for others to decide.
 */
import { assert } from '../assert.ts';
import type { Writer } from '../wasm/writer.ts';
import { packHint } from './branch-hints.ts';
import type { FunctionPlan } from './function-plan.ts';
import { emptyBlock, type Layout, op, probeSlot } from './layout.ts';
import { Numbers } from './numbers.ts';

export class BudgetCode {
  /** As packHint gives them. */
  readonly hints = new Numbers();
  safepoints = 0;
  readonly #body: Writer;
  /** Where the function's body begins. */
  #start = 0;
  readonly #layout: Layout;
  /** Index of the appended local. Holds the budget between a charge and its check, or for longer. */
  #local = 0;
  #masked = false;
  #inLocal = false;
  #suspended = false;
  #holds = false;
  /** Whether work is counted: else the budget is only a flag, below zero when somebody wants attention. */
  #counts = true;

  constructor(body: Writer, layout: Layout) {
    this.#body = body;
    this.#layout = layout;
  }

  begin(local: number, { masked, counts, holds }: Pick<FunctionPlan, 'masked' | 'counts' | 'holds'>): void {
    this.#counts = counts;
    this.#holds = holds;
    this.hints.length = 0;
    this.#start = this.#body.length;
    this.#local = local;
    this.#masked = masked;
    this.#inLocal = false;
    this.#suspended = false;
  }

  /**
   * From the beginning to the end of the function the budget is in the local, to which it is moved from that parameter. That is
   * made zero where the function may read it before it writes it.
   */
  carry(parameter: number, isRead: boolean): void {
    this.#inLocal = true;
    if (parameter === this.#local) return;
    this.#body.u8(op.localGet).u32(parameter).u8(op.localSet).u32(this.#local);
    if (isRead) this.#body.u8(op.i32Const).s32(0).u8(op.localSet).u32(parameter);
  }

  /** The same for a function that finds it in the global. */
  hold(): void {
    this.#inLocal = true;
    this.reload();
  }

  /** At the end of a function that has it in the local: puts it on the stack, less a charge, for the caller or the global. */
  giveBack(weight: number, carries: boolean): void {
    this.#get();
    this.#less(weight);
    if (!carries) this.#body.u8(op.globalSet).u32(this.#layout.budgetGlobal);
    else if (weight !== 0) this.#body.u8(op.localTee).u32(this.#local);
  }

  get local(): number {
    return this.#local;
  }

  /** Whether the global is behind. */
  get inLocal(): boolean {
    return this.#inLocal;
  }

  /** Until `spill`, the budget is in the local only. */
  moveToLocal(): void {
    assert(!this.#inLocal, 'the budget is where it should be');
    this.reload();
    this.#inLocal = true;
  }

  moveToGlobal(): void {
    this.spill(0);
    this.#inLocal = false;
  }

  /** Writes the local back, less a charge, for a call that does not return: until `resumeLocal` the budget is in the global. */
  suspendLocal(weight: number): void {
    this.spill(weight);
    this.#inLocal = false;
    this.#suspended = true;
  }

  /** Puts the budget on the stack, for who carries it; and takes it back from there. */
  push(): void {
    this.#get();
  }

  take(): void {
    if (this.#inLocal) this.#body.u8(op.localSet).u32(this.#local);
    else this.#body.u8(op.globalSet).u32(this.#layout.budgetGlobal);
  }

  /** Behind what left it in the global. */
  reload(): void {
    this.#body.u8(op.globalGet).u32(this.#layout.budgetGlobal).u8(op.localSet).u32(this.#local);
  }

  /** Behind the `unreachable` at which such a call's path ends, nothing has changed. */
  resumeLocal(): void {
    this.#inLocal ||= this.#suspended;
    this.#suspended = false;
  }

  /** Writes the local back, less a charge, for a way that leads out; other ways go on in the local. */
  spill(weight: number): void {
    assert(this.#inLocal, 'there is something to write back');
    this.#body.u8(op.localGet).u32(this.#local);
    this.#less(weight);
    this.#body.u8(op.globalSet).u32(this.#layout.budgetGlobal);
  }

  charge(weight: number): void {
    if (weight === 0 || !this.#counts) return;
    this.#get();
    this.#less(weight);
    this.take();
  }

  /**
   * Charges, and calls the safepoint if the budget is then below zero, or below what is still owed. `more` takes from the budget on
   * the stack what only the run tells.
   */
  check(weight: number, more?: () => void, owed = 0, closed = false): void {
    this.compare(weight, owed, more, closed);
    this.#body.u8(op.i32LtS);
    this.hint(false);
    this.#body.u8(op.if).u8(emptyBlock);
    this.call(owed);
    this.#body.u8(op.end);
  }

  /**
   * Charges, and puts the budget on the stack with what is owed of it, to be compared. A function that holds it in the local writes
   * it through to the global, so that a trap finds it there; but not in a `closed` loop.
   */
  compare(weight: number, owed: number, more?: () => void, closed = true): void {
    const { budgetGlobal } = this.#layout;
    this.#get();
    if (this.#counts) {
      more?.();
      this.#less(weight);
      if (this.#inLocal) this.#body.u8(op.localTee).u32(this.#local);
      if (this.#holds && !closed) {
        this.#body.u8(op.globalSet).u32(budgetGlobal).u8(op.localGet).u32(this.#local);
      } else if (!this.#inLocal) {
        // It is read again: for a test that nearly always comes out the same, nobody waits.
        this.#body.u8(op.globalSet).u32(budgetGlobal).u8(op.globalGet).u32(budgetGlobal);
      }
    }
    this.#body.u8(op.i32Const).s32(owed);
  }

  /** Charges what is known to be more than is left, in the local: so it calls the safepoint without a look. */
  chargeBeyond(weight: number): void {
    assert(this.#inLocal, 'a strip has the budget in its local');
    this.#callWith(weight);
    this.#body.u8(op.localSet).u32(this.#local);
  }

  /** Calls the safepoint, which leaves the new budget where the budget is. What is owed is charged meanwhile. */
  call(owed: number): void {
    if (!this.#inLocal && !this.#masked && owed === 0) {
      this.#body.u8(op.call).u32(this.#layout.globalSafepointFunction);
      this.safepoints++;
      return;
    }
    this.#callWith(owed);
    if (owed > 0) this.#body.u8(op.i32Const).s32(-owed).u8(op.i32Sub);
    if (this.#inLocal || owed > 0) this.take();
    else this.#body.u8(op.drop);
  }

  /** Leaves the new budget on the stack. */
  #callWith(owed: number): void {
    const { safepointFunction, maskedSafepointFunction } = this.#layout;
    this.#get();
    this.#less(owed);
    this.#body.u8(op.call).u32(this.#masked ? maskedSafepointFunction : safepointFunction);
    this.safepoints++;
  }

  /** Calls the probe hook with a function's index. */
  probe(index: number): void {
    const { probeType, hooksTable } = this.#layout;
    this.#body.u8(op.i32Const).s32(index).u8(op.i32Const).s32(probeSlot);
    this.#body.u8(op.callIndirect).u32(probeType).u32(hooksTable);
  }

  /** Of the branch that is written next. */
  hint(likely: boolean): void {
    this.hints.push(packHint(this.#body.length - this.#start, likely));
  }

  #get(): void {
    if (this.#inLocal) this.#body.u8(op.localGet).u32(this.#local);
    else this.#body.u8(op.globalGet).u32(this.#layout.budgetGlobal);
  }

  #less(weight: number): void {
    if (weight !== 0) this.#body.u8(op.i32Const).s32(weight).u8(op.i32Sub);
  }
}
