/**
 * Writes the rewritten code section: each original body byte by byte, with charges and checks put between its instructions.
 * The shape of a check: charge the region's weight to the budget, and when it falls below zero call the safepoint, off the path.
 */
import type { Body, Module } from '../wasm/module.ts';
import { u32Size, Writer } from '../wasm/writer.ts';
import type { BranchHint, BranchHints } from './branch-hints.ts';
import type { FunctionScan } from './function-scan.ts';
import { emptyBlock, type Layout, op, probeSlot } from './layout.ts';
import { OffsetMap } from './offsets.ts';

export interface FunctionPlan {
  readonly scan: FunctionScan;
  /** Whether the entry checks the budget; it is charged in any case. */
  readonly checked: boolean;
  readonly probed: boolean;
  readonly masked: boolean;
}

const i32 = 0x7f;

/** Writes function after function; offsets in `offsets` count from the first body's size field. */
export class CodeWriter {
  readonly code: Writer;
  readonly offsets = new OffsetMap();
  safepoints = 0;
  readonly #module: Module;
  readonly #layout: Layout;
  /** Hints of the rewritten module; `#originalHints` are the user's, by old offset. */
  readonly hints: BranchHints = new Map();
  readonly #originalHints: BranchHints;
  /** The body being written, before its size is known. */
  readonly #body = new Writer(4096);
  #runs: [oldOffset: number, newOffset: number, length: number][] = [];
  #hints: BranchHint[] = [];

  constructor(module: Module, layout: Layout, originalHints: BranchHints, capacity: number) {
    this.#module = module;
    this.#layout = layout;
    this.#originalHints = originalHints;
    this.code = new Writer(capacity);
  }

  /** Writes the body of own function `index`. */
  add(index: number, plan: FunctionPlan): void {
    const body = this.#module.bodies[index - this.#module.importedFunctions]!;
    this.#body.clear();
    this.#runs = [];
    this.#hints = [];
    this.#write(index, plan, body);
    const base = this.code.length + u32Size(this.#body.length);
    for (const [oldOffset, newOffset, length] of this.#runs) this.offsets.add(oldOffset, base + newOffset, length);
    this.code.u32(this.#body.length).bytes(this.#body.view());
    this.#moveHints(index, body);
  }

  #write(index: number, plan: FunctionPlan, body: Body): void {
    const { scan } = plan;
    const budget = scan.localCount;
    if (plan.checked || scan.loops.length > 0) {
      this.#body.u32(scan.localGroups + 1);
      this.#copy(scan.localsAt, scan.codeAt);
      this.#body.u32(1).u8(i32);
    } else {
      this.#copy(body.start, scan.codeAt);
    }
    // The probe comes first, so that a host which lowers the budget there is called again at once by the check.
    if (plan.probed) this.#probe(index);
    if (plan.checked) this.#check(Math.max(1, scan.entryWeight), budget, plan.masked);
    else if (scan.entryWeight > 0) this.#charge(scan.entryWeight);
    let from = scan.codeAt;
    for (const { at, weight } of scan.loops) {
      this.#copy(from, at);
      this.#check(weight, budget, plan.masked);
      from = at;
    }
    this.#copy(from, body.end);
  }

  #copy(start: number, end: number): void {
    this.#runs.push([start, this.#body.length, end - start]);
    this.#body.copy(this.#module.bytes, start, end);
  }

  #probe(index: number): void {
    const { probeType, hooksTable } = this.#layout;
    this.#body.u8(op.i32Const).s32(index).u8(op.i32Const).s32(probeSlot);
    this.#body.u8(op.callIndirect).u32(probeType).u32(hooksTable);
  }

  /** budget − weight → budget, where nothing has to look at it. */
  #charge(weight: number): void {
    const { budgetGlobal } = this.#layout;
    this.#body.u8(op.globalGet).u32(budgetGlobal).u8(op.i32Const).s32(weight).u8(op.i32Sub);
    this.#body.u8(op.globalSet).u32(budgetGlobal);
  }

  #check(weight: number, local: number, masked: boolean): void {
    const { budgetGlobal, safepointFunction } = this.#layout;
    const body = this.#body;
    body.u8(op.globalGet).u32(budgetGlobal).u8(op.i32Const).s32(weight).u8(op.i32Sub);
    body.u8(op.localTee).u32(local).u8(op.globalSet).u32(budgetGlobal);
    body.u8(op.localGet).u32(local).u8(op.i32Const).s32(0).u8(op.i32LtS);
    this.#hints.push({ offset: body.length, likely: false });
    body.u8(op.if).u8(emptyBlock);
    body
      .u8(op.localGet)
      .u32(local)
      .u8(op.i32Const)
      .s32(masked ? 1 : 0);
    body.u8(op.call).u32(safepointFunction).u8(op.drop).u8(op.end);
    this.safepoints++;
  }

  /** Joins the user's hints for this function, moved, with those of the checks. */
  #moveHints(index: number, body: Body): void {
    const original = this.#originalHints.get(index) ?? [];
    for (const { offset, likely } of original) {
      const at = body.start + offset;
      const run = this.#runs.find(([oldOffset, , length]) => at >= oldOffset && at < oldOffset + length);
      if (run !== undefined) this.#hints.push({ offset: run[1] + at - run[0], likely });
    }
    if (this.#hints.length > 0) this.hints.set(index, this.#hints);
  }
}
