/**
 * Writes one function anew: its instructions as they stand, with charges and checks between them. The budget stays in its global
 * throughout, so that it is right wherever somebody may look: in the host, in a handler, after a trap.
 * What is charged where is function-scan.ts's business.
 */
import { assert } from '../assert.ts';
import { WirqError } from '../errors.ts';
import { Instructions } from '../wasm/instructions.ts';
import { maxLocals } from '../wasm/limits.ts';
import type { Module } from '../wasm/module.ts';
import { Effect } from '../wasm/opcodes.ts';
import { Writer } from '../wasm/writer.ts';
import type { BranchHint } from './branch-hints.ts';
import { type Bulk, bulkInsertions, type LengthCharges, lengthChargesOf } from './bulk.ts';
import type { ExactLoop, ExactScan, Insertion } from './exact-scan.ts';
import type { FunctionPlan } from './function-plan.ts';
import { emptyBlock, type Layout, op, probeSlot } from './layout.ts';
import { Runs } from './offsets.ts';
import type { LoopScan } from './scan-types.ts';

const i32 = 0x7f;
const noInsertions: readonly Insertion[] = [];

/** Reused from function to function: `write`, then read the fields before the next. */
export class BodyWriter {
  /** The new body, without its size. */
  readonly body = new Writer(4096);
  /** Copied runs: old offset in the module, new offset in the body, length; flat. */
  readonly runs = new Runs();
  readonly hints: BranchHint[] = [];
  safepoints = 0;
  readonly #module: Module;
  readonly #layout: Layout;
  readonly #code: Instructions;
  #plan!: FunctionPlan;
  /** Index of the appended local, which holds the budget between a charge and its check. */
  #local = 0;
  #lengths!: LengthCharges;
  /** Start of what is not copied yet. */
  #from = 0;
  #nextLoop = 0;
  /** For each open block of the original, its position in the new nesting; `#height` is the depth of that. */
  readonly #positions: number[] = [];
  #height = 0;
  /** While a copy of a loop is written: how many blocks are open around the loop, and what leaving it from there charges. */
  #copiedLoop = 0;
  #exitCharge = 0;
  /** Where a call before an `unreachable` ends. */
  #finalCallEnd = 0;
  #insertions = noInsertions;
  #nextInsertion = 0;

  constructor(module: Module, layout: Layout) {
    this.#module = module;
    this.#layout = layout;
    this.#code = new Instructions(module.bytes);
  }

  write(index: number, plan: FunctionPlan): void {
    const { start, end } = this.#module.bodies[index - this.#module.importedFunctions]!;
    const { scan, checked, entryCharge } = plan;
    this.#plan = plan;
    this.#local = scan.localCount;
    this.#lengths = lengthChargesOf(scan.bulks, this.#local + 1);
    this.body.clear();
    this.runs.length = 0;
    this.hints.length = 0;
    this.#locals(plan, start);
    this.#from = scan.codeAt;
    // The probe comes before the charge, so that a host which lowers the budget in it is called again at once by the check.
    if (plan.probed) this.#probe(index);
    if (plan.exact !== undefined) {
      if (checked) this.#check(0);
      this.#exactBody(plan.exact, end);
      return;
    }
    // A check has to charge something, or a hook that hands out nothing would not be reached.
    if (checked) this.#check(Math.max(1, entryCharge));
    else this.#charge(entryCharge);
    const insertions = scan.bulks.length === 0 ? noInsertions : bulkInsertions(scan.bulks);
    if (scan.loops.some(({ charge }) => charge === 'back-edge')) this.#restructured(insertions, end);
    else this.#insertAll(insertions, scan.loops);
    this.#flush(end);
  }

  #locals(plan: FunctionPlan, start: number): void {
    const { scan, exact } = plan;
    const checks = exact
      ? exact.loops.size > 0 || exact.insertions.some(({ checked }) => checked)
      : scan.loops.length + scan.bulks.length > 0;
    const { locals } = this.#lengths;
    if (plan.checked || checks) {
      if (scan.localCount + locals.length >= maxLocals) {
        const advice = 'safepoints need a few locals more; split the function';
        throw new WirqError('limit', `${scan.localCount} locals leave no room`, { place: { offset: start }, advice });
      }
      this.body.u32(scan.localGroups + 1 + locals.length);
      this.#copy(scan.localsAt, scan.codeAt);
      for (const type of [i32, ...locals]) this.body.u32(1).u8(type);
    } else {
      this.#copy(start, scan.codeAt);
    }
  }

  #exactBody({ insertions, loops }: ExactScan, end: number): void {
    if (loops.size > 0) this.#restructured(insertions, end);
    else this.#insertAll(insertions, []);
    this.#flush(end);
  }

  /** Writes instruction by instruction, because labels change. */
  #restructured(insertions: readonly Insertion[], end: number): void {
    this.#insertions = insertions;
    this.#nextInsertion = 0;
    this.#nextLoop = 0;
    this.#positions.length = 0;
    this.#height = 0;
    this.#open();
    this.#instructions(this.#plan.scan.codeAt, end);
  }

  /** Where all labels stay as they are, what stands between is copied unread. */
  #insertAll(insertions: readonly Insertion[], loops: readonly LoopScan[]): void {
    let loop = 0;
    const checkLoops = (last: number): void => {
      for (; loop < loops.length && loops[loop]!.at <= last; loop++) {
        this.#flush(loops[loop]!.at);
        this.#check(loops[loop]!.weight);
      }
    };
    for (const insertion of insertions) {
      checkLoops(insertion.at);
      this.#flush(insertion.at);
      if (insertion.kind === 'branch') {
        this.#code.offset = insertion.at;
        this.#code.next();
        this.#chargeWhenTaken(this.#code.index, insertion.amount, insertion.checked);
      } else this.#put(insertion);
    }
    checkLoops(Number.POSITIVE_INFINITY);
  }

  #put({ kind, amount, checked, bulk }: Insertion): void {
    if (bulk !== undefined) this.#lengths.keep(this.body, bulk, kind === 'length');
    if (kind === 'else') this.body.u8(op.else);
    if (checked) this.#check(amount, bulk);
    else this.#charge(amount);
  }

  /** What the exact scan puts in front of the instruction just read. Gives what is for the instruction itself to do. */
  #putInsertions(): Insertion | undefined {
    const { start } = this.#code;
    let own: Insertion | undefined;
    for (;;) {
      const insertion = this.#insertions[this.#nextInsertion];
      if (insertion === undefined || insertion.at !== start) return own;
      this.#nextInsertion++;
      if (insertion.kind === 'branch') {
        own = insertion;
        continue;
      }
      this.#flush(start);
      this.#put(insertion);
    }
  }

  /** Makes the br_if just read an `if` around a charge and a `br` to a label counted from where the br_if stands. */
  #chargeWhenTaken(label: number, amount: number, checked: boolean): void {
    const { start, offset } = this.#code;
    this.#flush(start);
    // The `if` stands for the br_if: what points at one has to find the other.
    this.runs.push(start, this.body.length, 1);
    this.body.u8(op.if).u8(emptyBlock);
    if (checked) this.#check(amount);
    else this.#charge(amount);
    this.body.u8(op.br).u32(label + 1);
    this.body.u8(op.end);
    this.#from = offset;
  }

  #copy(start: number, end: number): void {
    if (start === end) return;
    this.runs.push(start, this.body.length, end - start);
    this.body.copy(this.#module.bytes, start, end);
  }

  /** Copies what stands before `to`; what comes next is written from there. */
  #flush(to: number): void {
    assert(to >= this.#from, 'code is copied forwards');
    this.#copy(this.#from, to);
    this.#from = to;
  }

  #probe(index: number): void {
    const { probeType, hooksTable } = this.#layout;
    this.body.u8(op.i32Const).s32(index).u8(op.i32Const).s32(probeSlot);
    this.body.u8(op.callIndirect).u32(probeType).u32(hooksTable);
  }

  #charge(weight: number): void {
    if (weight === 0) return;
    const { budgetGlobal } = this.#layout;
    this.body.u8(op.globalGet).u32(budgetGlobal).u8(op.i32Const).s32(weight).u8(op.i32Sub);
    this.body.u8(op.globalSet).u32(budgetGlobal);
  }

  /** Charges, keeps the budget in the local too, and puts it on the stack with what is owed of it, to be compared. */
  #chargeAndKeep(weight: number, base = 0, bulk?: Bulk): void {
    const { budgetGlobal } = this.#layout;
    this.body.u8(op.globalGet).u32(budgetGlobal);
    if (bulk !== undefined) this.#lengths.charge(this.body, bulk);
    if (bulk === undefined || weight !== 0) this.body.u8(op.i32Const).s32(weight).u8(op.i32Sub);
    this.body.u8(op.localTee).u32(this.#local).u8(op.globalSet).u32(budgetGlobal);
    this.body.u8(op.localGet).u32(this.#local).u8(op.i32Const).s32(base);
  }

  /** `bulk` is the instruction in front, to be charged for its length too. */
  #check(weight: number, bulk?: Bulk): void {
    this.#chargeAndKeep(weight, 0, bulk);
    this.body.u8(op.i32LtS);
    this.hints.push({ offset: this.body.length, likely: false });
    this.body.u8(op.if).u8(emptyBlock);
    this.#call();
    this.body.u8(op.end);
  }

  /** Calls the safepoint, which leaves the new budget in the global. What is owed is charged meanwhile. */
  #call(owed = 0): void {
    const { safepointFunction, budgetGlobal } = this.#layout;
    this.body.u8(op.localGet).u32(this.#local);
    if (owed > 0) this.body.u8(op.i32Const).s32(owed).u8(op.i32Sub);
    this.body
      .u8(op.i32Const)
      .s32(this.#plan.masked ? 1 : 0)
      .u8(op.call)
      .u32(safepointFunction);
    if (owed > 0) this.body.u8(op.i32Const).s32(-owed).u8(op.i32Sub).u8(op.globalSet).u32(budgetGlobal);
    else this.body.u8(op.drop);
    this.safepoints++;
  }

  #open(): void {
    this.#positions.push(this.#height++);
  }

  #close(): void {
    this.#positions.pop();
    this.#height--;
  }

  /** Rewrites the instructions in [from, to), which begin where `#from` is. */
  #instructions(from: number, to: number): void {
    const code = this.#code;
    code.offset = from;
    while (code.offset < to) {
      code.pass(Math.min(to, this.#insertions[this.#nextInsertion]?.at ?? to));
      if (code.offset >= to) break;
      code.next();
      const own = this.#putInsertions();
      if (code.effect !== Effect.plain) this.#control(own);
    }
  }

  /** `own` is a charge for the br_if just read to make when it is taken. */
  #control(own: Insertion | undefined): void {
    const code = this.#code;
    switch (code.effect) {
      case Effect.block:
      case Effect.if:
      case Effect.try:
      case Effect.tryTable:
        this.#open();
        break;
      case Effect.loop:
        this.#loop();
        break;
      case Effect.end:
      case Effect.delegate:
        this.#close();
        break;
      case Effect.br:
      case Effect.brIf:
        this.#branch(own);
        break;
      case Effect.brTable:
        for (let i = 0; i < code.labels.length; i++) {
          this.#relabel(code.labelSpans[2 * i]!, code.labelSpans[2 * i + 1]!, code.labels[i]!);
        }
        break;
      case Effect.call:
      case Effect.return:
      case Effect.stop:
      case Effect.callIndirect:
      case Effect.callRef:
      case Effect.returnCall:
      case Effect.returnCallIndirect:
      case Effect.returnCallRef:
        this.#beforeLeaving();
        break;
      default:
        break;
    }
  }

  /** In a copy of a loop: charges for the copies before it, at what leaves the function (or is a call, which never returns here). */
  #beforeLeaving(): void {
    const code = this.#code;
    if (this.#exitCharge === 0) return;
    // Behind a call that does not return, all has been charged already.
    if (code.opcode === op.unreachable && code.start === this.#finalCallEnd) return;
    const returns = code.effect === Effect.call && this.#module.bytes[code.offset] !== op.unreachable;
    if (returns) return;
    this.#finalCallEnd = code.effect === Effect.call ? code.offset : 0;
    this.#flush(code.start);
    this.#charge(this.#exitCharge);
  }

  #branch(own: Insertion | undefined): void {
    const code = this.#code;
    const target = this.#positions.length - 1 - code.index;
    const amount = (own?.amount ?? 0) + (target < this.#copiedLoop ? this.#exitCharge : 0);
    const checked = own?.checked ?? false;
    if (amount === 0 && !checked) {
      this.#relabel(code.labelStart, code.labelEnd, code.index);
    } else if (code.effect === Effect.br) {
      this.#flush(code.start);
      this.#charge(amount);
      this.#relabel(code.labelStart, code.labelEnd, code.index);
    } else {
      assert(code.opcode === op.brIf, 'a loop with any other branch out is not copied');
      this.#chargeWhenTaken(this.#height - 1 - this.#positions[target]!, amount, checked);
    }
  }

  #relabel(start: number, end: number, label: number): void {
    const now = this.#height - 1 - this.#positions[this.#positions.length - 1 - label]!;
    if (now === label) return;
    this.#flush(start);
    this.body.u32(now);
    this.#from = end;
  }

  #loop(): void {
    const loop = this.#plan.scan.loops[this.#nextLoop++]!;
    assert(loop.at === this.#code.offset, 'the scan has every loop');
    const { exact, copied } = this.#plan;
    const copies = copied ? loop.copies : 1;
    const exactLoop = exact?.loops.get(loop.at);
    if (exactLoop !== undefined) {
      this.#backEdgeLoop(loop, exactLoop.copyable ? copies : 1, exactLoop);
    } else if (exact === undefined && loop.charge === 'back-edge') {
      this.#backEdgeLoop(loop, copies, { weight: loop.weight, base: 0 });
    } else {
      this.#flush(loop.at);
      this.#open();
      if (exact === undefined) this.#check(loop.weight);
    }
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
   */
  #backEdgeLoop(loop: LoopScan, copies: number, { weight, base }: Pick<ExactLoop, 'weight' | 'base'>): void {
    const { header, at, end } = loop;
    const { body } = this;
    this.#flush(header);
    const exit = this.#height;
    body.u8(op.block);
    this.#copy(header + 1, at);
    body.u8(op.loop).u8(emptyBlock);
    this.#copy(header, header + 1);
    body.u8(emptyBlock);
    this.#height += 3;
    for (let i = 0; i < copies; i++) body.u8(op.block).u8(emptyBlock);
    this.#height += copies;
    this.#copiedLoop = this.#positions.length;
    const firstInsertion = this.#nextInsertion;
    for (let i = 0; i < copies; i++) {
      this.#positions.push(this.#height - 1);
      this.#exitCharge = i * weight;
      this.#from = at;
      this.#nextInsertion = firstInsertion;
      this.#instructions(at, end);
      this.#flush(end);
      this.#positions.pop();
      this.#charge(this.#exitCharge);
      body.u8(op.br).u32(this.#height - 1 - exit);
      body.u8(op.end);
      this.#height--;
    }
    this.#exitCharge = 0;
    this.#chargeAndKeep(copies * weight, base);
    body.u8(op.i32GeS);
    this.hints.push({ offset: body.length, likely: true });
    body.u8(op.brIf).u32(0);
    this.#copy(end, end + 1);
    this.#call(base);
    body.u8(op.br).u32(0).u8(op.end).u8(op.unreachable).u8(op.end);
    this.#height = exit;
    this.#from = end + 1;
    this.#code.offset = end + 1;
  }
}
