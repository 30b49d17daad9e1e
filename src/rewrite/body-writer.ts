/**
 * Writes one function anew: its instructions as they stand, with charges and checks between them.
 *
 * Three shapes. A function without loops charges the *global* budget at its entry. One with loops keeps the counter in a *local*:
 * loaded at the entry, stored before and loaded after whatever may look at it (a call), stored at every exit. One that control
 * can enter other than by calls and returns (exception handlers, continuations) works on the global throughout.
 */
import { assert } from '../assert.ts';
import { Instructions } from '../wasm/instructions.ts';
import type { Module } from '../wasm/module.ts';
import { Effect } from '../wasm/opcodes.ts';
import { Writer } from '../wasm/writer.ts';
import type { BranchHint } from './branch-hints.ts';
import { type FunctionScan, frequency, type LoopScan } from './function-scan.ts';
import { type Additions, emptyBlock, type Layout, op, probeSlot } from './layout.ts';

export interface BodyOptions {
  /** Functions that leave the budget alone, their callers being charged for them. */
  readonly isLeaf: (index: number) => boolean;
  /** Whether small innermost loops are written several times, with one check a round. */
  readonly unroll: boolean;
}

export interface FunctionPlan {
  readonly scan: FunctionScan;
  /** What the entry charges; 0 where callers are charged. */
  readonly entryCharge: number;
  /** Whether the entry checks the budget. */
  readonly checked: boolean;
  readonly probed: boolean;
  readonly masked: boolean;
}

const i32 = 0x7f;
/** Bodies up to this size are copied: larger ones gain little, and the code grows. */
const maxUnrolledBytes = 64;
const unrolledCopies = 4;

/** Reused from function to function: `write`, then read the fields before the next. */
export class BodyWriter {
  /** The new body, without its size. */
  readonly body = new Writer(4096);
  /** Copied runs: old offset in the module, new offset in the body, length; flat. */
  readonly runs: number[] = [];
  readonly hints: BranchHint[] = [];
  safepoints = 0;
  readonly #module: Module;
  readonly #additions: Additions;
  readonly #layout: Layout;
  readonly #code: Instructions;
  /** Whether callers are charged for this function: then a call of it needs no care. */
  readonly #isLeaf: (index: number) => boolean;
  readonly #unroll: boolean;
  #plan!: FunctionPlan;
  /** Index of the appended local. */
  #local = 0;
  /** Whether the counter is kept in that local. */
  #cached = false;
  /** Start of what is not copied yet. */
  #from = 0;
  #nextLoop = 0;
  /** For each open block of the original, its position in the new nesting; `#height` is the depth of that. */
  readonly #positions: number[] = [];
  #height = 0;
  /** For each open block of the original, how many values its label takes. */
  readonly #arities: number[] = [];
  /** In a nest of loops without calls that alone keeps the counter in the local: how many blocks are open around it. */
  #nest: number | undefined;
  /** While a copy of a loop is written: how many blocks are open around the loop, and what leaving it gives back. */
  #copiedLoop = 0;
  #refund = 0;

  constructor(module: Module, additions: Additions, options: BodyOptions) {
    this.#isLeaf = options.isLeaf;
    this.#unroll = options.unroll;
    this.#module = module;
    this.#additions = additions;
    this.#layout = additions.layout;
    this.#code = new Instructions(module.bytes);
  }

  write(index: number, plan: FunctionPlan): void {
    const body = this.#module.bodies[index - this.#module.importedFunctions]!;
    const { scan } = plan;
    this.#plan = plan;
    this.#local = scan.localCount;
    this.#cached = scan.loops.length > 0 && prefersWhole(plan);
    this.#nest = undefined;
    this.body.clear();
    this.runs.length = 0;
    this.hints.length = 0;
    this.#nextLoop = 0;
    this.#locals(plan, body.start);
    this.#from = scan.codeAt;
    if (plan.probed) this.#probe(index);
    this.#entry();
    if (scan.loops.length === 0) this.#flush(body.end);
    else if (this.#cached) this.#wholeBody(index, body.end);
    else this.#mixedBody(index, body.end);
  }

  #locals(plan: FunctionPlan, start: number): void {
    const { scan } = plan;
    if (plan.checked || scan.loops.length > 0) {
      this.body.u32(scan.localGroups + 1);
      this.#copy(scan.localsAt, scan.codeAt);
      this.body.u32(1).u8(i32);
    } else {
      this.#copy(start, scan.codeAt);
    }
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

  /** Comes before the charge, so that a host which lowers the budget in it is called again at once by the check. */
  #probe(index: number): void {
    const { probeType, hooksTable } = this.#layout;
    this.body.u8(op.i32Const).s32(index).u8(op.i32Const).s32(probeSlot);
    this.body.u8(op.callIndirect).u32(probeType).u32(hooksTable);
  }

  #entry(): void {
    const { entryCharge, checked } = this.#plan;
    // A check has to charge something, or a hook that hands out nothing would never be reached.
    const weight = checked ? Math.max(1, entryCharge) : entryCharge;
    if (!this.#cached) {
      if (checked) this.#checkGlobal(weight);
      else if (weight > 0) this.#chargeGlobal(weight);
      return;
    }
    this.body.u8(op.globalGet).u32(this.#layout.budgetGlobal);
    if (weight > 0) this.body.u8(op.i32Const).s32(weight).u8(op.i32Sub);
    if (!checked) {
      this.body.u8(op.localSet).u32(this.#local);
      return;
    }
    this.body.u8(op.localTee).u32(this.#local);
    this.#callIfNegative();
  }

  #chargeGlobal(weight: number): void {
    const { budgetGlobal } = this.#layout;
    this.body.u8(op.globalGet).u32(budgetGlobal).u8(op.i32Const).s32(weight).u8(op.i32Sub);
    this.body.u8(op.globalSet).u32(budgetGlobal);
  }

  #checkGlobal(weight: number): void {
    const { budgetGlobal, safepointFunction } = this.#layout;
    const { body } = this;
    const local = this.#local;
    body.u8(op.globalGet).u32(budgetGlobal).u8(op.i32Const).s32(weight).u8(op.i32Sub);
    body.u8(op.localTee).u32(local).u8(op.globalSet).u32(budgetGlobal);
    body.u8(op.localGet).u32(local).u8(op.i32Const).s32(0).u8(op.i32LtS);
    this.hints.push({ offset: body.length, likely: false });
    body.u8(op.if).u8(emptyBlock);
    body
      .u8(op.localGet)
      .u32(local)
      .u8(op.i32Const)
      .s32(this.#plan.masked ? 1 : 0);
    body.u8(op.call).u32(safepointFunction).u8(op.drop).u8(op.end);
    this.safepoints++;
  }

  #charge(weight: number): void {
    this.body.u8(op.localGet).u32(this.#local).u8(op.i32Const).s32(weight).u8(op.i32Sub);
  }

  /** With the counter on the stack and in the local: calls the safepoint if it is below zero. */
  #callIfNegative(): void {
    this.body.u8(op.i32Const).s32(0).u8(op.i32LtS);
    this.hints.push({ offset: this.body.length, likely: false });
    this.body.u8(op.if).u8(emptyBlock);
    this.#call();
    this.body.u8(op.localSet).u32(this.#local).u8(op.end);
  }

  #call(): void {
    this.body
      .u8(op.localGet)
      .u32(this.#local)
      .u8(op.i32Const)
      .s32(this.#plan.masked ? 1 : 0);
    this.body.u8(op.call).u32(this.#layout.safepointFunction);
    this.safepoints++;
  }

  /** Stores the counter, with what the path was charged too much. */
  #spill(refund: number): void {
    this.body.u8(op.localGet).u32(this.#local);
    if (refund > 0) this.body.u8(op.i32Const).s32(refund).u8(op.i32Add);
    this.body.u8(op.globalSet).u32(this.#layout.budgetGlobal);
  }

  #reload(): void {
    this.body.u8(op.globalGet).u32(this.#layout.budgetGlobal).u8(op.localSet).u32(this.#local);
  }

  /** Keeps the counter in the local throughout. Branches to the function's own label land at the end of a block around everything. */
  #wholeBody(index: number, end: number): void {
    const wrapped = this.#plan.scan.branchesOut;
    const { results } = this.#module.functionType(index);
    this.#begin(wrapped ? 1 : 0, results.length);
    if (wrapped) this.body.u8(op.block).bytes(this.#additions.blockType(results));
    this.#instructions(this.#plan.scan.codeAt, end - 1);
    this.#flush(end - 1);
    if (wrapped) this.body.u8(op.end);
    this.#spill(0);
    this.#flush(end);
  }

  /** Keeps the counter in the global, and in the local while in loops that call nothing. */
  #mixedBody(index: number, end: number): void {
    this.#begin(0, this.#module.functionType(index).results.length);
    this.#instructions(this.#plan.scan.codeAt, end - 1);
    this.#flush(end);
  }

  #begin(wrappers: number, arity: number): void {
    this.#positions.length = 0;
    this.#arities.length = 0;
    this.#height = wrappers;
    this.#open(arity);
  }

  /** Opens a block of the original, whose label takes so many values. */
  #open(arity: number): void {
    this.#positions.push(this.#height++);
    this.#arities.push(arity);
  }

  #close(): void {
    this.#positions.pop();
    this.#arities.pop();
    this.#height--;
  }

  /** Rewrites the instructions in [from, to), which begin where `#from` is. */
  #instructions(from: number, to: number): void {
    const code = this.#code;
    code.offset = from;
    while (code.offset < to) {
      code.next();
      if (code.effect !== Effect.plain) this.#control();
    }
  }

  #control(): void {
    const code = this.#code;
    switch (code.effect) {
      case Effect.block:
      case Effect.if:
      case Effect.try:
      case Effect.tryTable:
        this.#open(this.#resultCount(code.index));
        break;
      case Effect.loop:
        this.#loop();
        break;
      case Effect.end:
      case Effect.delegate:
        this.#close();
        if (this.#nest !== undefined && this.#positions.length === this.#nest) this.#leaveNest();
        break;
      case Effect.br:
      case Effect.brIf:
        this.#branch();
        break;
      case Effect.brTable:
        this.#branchTable();
        break;
      case Effect.call:
      case Effect.callIndirect:
      case Effect.callRef:
        if (this.#cached && !this.#isLeafCall()) this.#aroundCall();
        break;
      case Effect.return:
      case Effect.stop:
      case Effect.returnCall:
      case Effect.returnCallIndirect:
      case Effect.returnCallRef:
        if (!this.#cached) break;
        this.#flush(code.start);
        this.#spill(this.#refund);
        break;
      default:
        break;
    }
  }

  #isLeafCall(): boolean {
    return this.#code.effect === Effect.call && this.#isLeaf(this.#code.index);
  }

  #aroundCall(): void {
    const code = this.#code;
    this.#flush(code.start);
    this.#spill(this.#refund);
    this.#flush(code.offset);
    // Behind a call that does not come back there is nothing to load for.
    if (this.#module.bytes[code.offset] !== op.unreachable) this.#reload();
  }

  /** The frame a label means, by its index in `#positions`. */
  #target(label: number): number {
    return this.#positions.length - 1 - label;
  }

  /** Whether a branch there leaves the loop with copies being written, so that what it was charged too much is given back. */
  #refundFor(target: number): number {
    return target < this.#copiedLoop ? this.#refund : 0;
  }

  #leavesNest(target: number): boolean {
    return this.#nest !== undefined && target < this.#nest;
  }

  #branch(): void {
    const code = this.#code;
    const label = code.index;
    const target = this.#target(label);
    const refund = this.#refundFor(target);
    const leaves = this.#leavesNest(target);
    if (refund === 0 && !leaves) {
      this.#relabel(code.labelStart, code.labelEnd, label);
      return;
    }
    if (code.opcode === op.brIf && this.#arities[target] === 0) {
      this.#flush(code.start);
      this.body.u8(op.if).u8(emptyBlock);
      this.#height++;
      this.#settle(leaves, refund);
      this.body
        .u8(op.br)
        .u32(this.#height - 1 - this.#positions[target]!)
        .u8(op.end);
      this.#height--;
      this.#from = code.offset;
      return;
    }
    this.#flush(code.start);
    // A branch that may not be taken cannot give back; it can store early.
    if (code.effect === Effect.br) this.#settle(leaves, refund);
    else if (leaves) this.#spill(0);
    this.#relabel(code.labelStart, code.labelEnd, label);
  }

  /** Makes the counter right for where a branch goes: in the global, or in the local. */
  #settle(leaves: boolean, refund: number): void {
    if (leaves) this.#spill(refund);
    else this.#giveBack(refund);
  }

  #giveBack(refund: number): void {
    if (refund === 0) return;
    this.body
      .u8(op.localGet)
      .u32(this.#local)
      .u8(op.i32Const)
      .s32(refund)
      .u8(op.i32Add)
      .u8(op.localSet)
      .u32(this.#local);
  }

  #branchTable(): void {
    const { labels, labelSpans, start } = this.#code;
    if (labels.some((label) => this.#leavesNest(this.#target(label)))) {
      this.#flush(start);
      this.#spill(0);
    }
    for (let i = 0; i < labels.length; i++) this.#relabel(labelSpans[2 * i]!, labelSpans[2 * i + 1]!, labels[i]!);
  }

  #relabel(start: number, end: number, label: number): void {
    const now = this.#height - 1 - this.#positions[this.#target(label)]!;
    if (now === label) return;
    this.#flush(start);
    this.body.u32(now);
    this.#from = end;
  }

  #resultCount(blockType: number): number {
    if (blockType >= 0) return this.#module.types[blockType]?.signature?.results.length ?? 0;
    return blockType === emptyBlock - 0x80 ? 0 : 1;
  }

  #parameterCount(blockType: number): number {
    return blockType < 0 ? 0 : (this.#module.types[blockType]?.signature?.params.length ?? 0);
  }

  #loop(): void {
    const loop = this.#plan.scan.loops[this.#nextLoop++]!;
    assert(loop.at === this.#code.offset, 'the scan has every loop');
    const parameters = this.#parameterCount(loop.blockType);
    if (!this.#cached && loop.calls === 0) this.#enterNest(loop);
    if (this.#cached && loop.innermost && loop.calls === 0 && parameters === 0) {
      this.#writeSplit(loop, this.#copies(loop));
      if (this.#nest === this.#positions.length) this.#leaveNest();
      return;
    }
    this.#flush(loop.at);
    this.#open(parameters);
    if (!this.#cached) {
      this.#checkGlobal(loop.weight);
      return;
    }
    this.#charge(loop.weight);
    this.body.u8(op.localTee).u32(this.#local);
    this.#callIfNegative();
  }

  #enterNest(loop: LoopScan): void {
    this.#flush(loop.header);
    this.#reload();
    this.#cached = true;
    this.#nest = this.#positions.length;
  }

  #leaveNest(): void {
    this.#flush(this.#code.offset);
    this.#spill(0);
    this.#cached = false;
    this.#nest = undefined;
  }

  #copies(loop: LoopScan): number {
    const bytes = loop.end - loop.at;
    return this.#unroll && bytes <= maxUnrolledBytes ? unrolledCopies : 1;
  }

  /**
   * An innermost loop without calls, apart from its cold path: V8 then treats it as a loop without calls.
   *
   *     block exit
   *       loop outer
   *         block spent
   *           loop                  ;; the original
   *             charge all copies; br_if spent
   *             block … body, its back edge aimed at the end of this block; give back; br exit; end
   *             body
   *           end
   *           br exit
   *         end
   *         safepoint; undo the charge; br outer
   */
  #writeSplit(loop: LoopScan, copies: number): void {
    const { header, at, end, weight } = loop;
    const { body } = this;
    this.#flush(header);
    body.u8(op.block).copy(this.#module.bytes, header + 1, at);
    body.u8(op.loop).u8(emptyBlock).u8(op.block).u8(emptyBlock);
    const exit = this.#height;
    this.#height += 3;
    this.#copy(header, at);
    this.#height++;
    this.#charge(copies * weight);
    body.u8(op.localTee).u32(this.#local).u8(op.i32Const).s32(0).u8(op.i32LtS);
    this.hints.push({ offset: body.length, likely: false });
    body.u8(op.brIf).u32(1);
    for (let i = 1; i < copies; i++) body.u8(op.block).u8(emptyBlock);
    this.#height += copies - 1;
    this.#copiedLoop = this.#positions.length;
    for (let i = 1; i <= copies; i++) {
      this.#positions.push(this.#height - 1);
      this.#arities.push(0);
      this.#refund = (copies - i) * weight;
      this.#from = at;
      this.#instructions(at, end);
      this.#flush(end);
      this.#positions.pop();
      this.#arities.pop();
      if (i === copies) continue;
      this.#giveBack(this.#refund);
      body
        .u8(op.br)
        .u32(this.#height - 1 - exit)
        .u8(op.end);
      this.#height--;
    }
    this.#copiedLoop = 0;
    this.#refund = 0;
    this.#copy(end, end + 1);
    body.u8(op.br).u32(2).u8(op.end);
    this.#call();
    body
      .u8(op.i32Const)
      .s32(copies * weight)
      .u8(op.i32Add)
      .u8(op.localSet)
      .u32(this.#local);
    body.u8(op.br).u32(0).u8(op.end).u8(op.unreachable).u8(op.end);
    this.#height = exit;
    this.#from = end + 1;
    this.#code.offset = end + 1;
  }
}

/** Whether to keep the counter in a local all through the function, or in loops without calls alone: what costs fewer accesses. */
function prefersWhole({ scan, checked, entryCharge }: FunctionPlan): boolean {
  if (scan.special) return false;
  const whole = 2 + 2 * scan.callFrequency;
  let mixed = checked || entryCharge > 0 ? 2 : 0;
  let behind = 0;
  for (const { at, end, calls, depth } of scan.loops) {
    if (at < behind) continue;
    mixed += 2 * frequency(calls > 0 ? depth : depth - 1);
    if (calls === 0) behind = end;
  }
  return whole < mixed;
}
