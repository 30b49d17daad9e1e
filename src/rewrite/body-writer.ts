/**
 * Writes one function anew: its instructions as they stand, with charges and checks between them. The budget is in its global
 * wherever somebody may look: in the host, in a handler, in what is called. Loops in which nobody can look have it in a local.
 * What is charged where is function-scan.ts's business.
 */
import { assert } from '../assert.ts';
import { Instructions } from '../wasm/instructions.ts';
import type { Module } from '../wasm/module.ts';
import { Effect } from '../wasm/opcodes.ts';
import type { Writer } from '../wasm/writer.ts';
import { BudgetCode } from './budget-code.ts';
import { bulkInsertions, type LengthCharges, lengthChargesOf } from './bulk.ts';
import { firstLocals, mayReadFirst, typeByte } from './carriers.ts';
import { CopiedCode } from './copied-code.ts';
import type { CountedLoop } from './counted-loops.ts';
import { declareLocals } from './declared-locals.ts';
import type { ExactScan, Insertion } from './exact-insertions.ts';
import { budgetLocals, type FunctionPlan, isSecluded } from './function-plan.ts';
import { InsertionList } from './insertion-list.ts';
import { InsertionWriter } from './insertion-writer.ts';
import { Labels } from './labels.ts';
import { emptyBlock, type Layout, op } from './layout.ts';
import { LoopWriter } from './loop-writer.ts';
import type { Numbers } from './numbers.ts';
import type { LoopScan } from './scan-types.ts';
import { WaysOut } from './ways-out.ts';

/** Reused from function to function: `write`, then read the fields before the next. */
export class BodyWriter {
  readonly #copied: CopiedCode;
  readonly #labels = new Labels();
  /** With what it has written: hints, and safepoints since the beginning. */
  readonly budget: BudgetCode;
  readonly #module: Module;
  readonly #code: Instructions;
  #plan!: FunctionPlan;
  #lengths!: LengthCharges;
  #nextLoop = 0;
  readonly #waysOut: WaysOut;
  readonly #loops: LoopWriter;
  readonly #inserted: InsertionWriter;
  readonly #ofBulks = new InsertionList();
  #insertions = this.#ofBulks;
  #nextInsertion = 0;
  /** While the budget is in its local: where the loop ends for which it is. */
  #outsideFrom = 0;

  /** Writes `into` what has the bodies before. */
  constructor(module: Module, layout: Layout, into: Writer) {
    this.#module = module;
    this.#copied = new CopiedCode(module.bytes, into);
    this.budget = new BudgetCode(this.body, layout);
    this.#code = new Instructions(module.bytes);
    const writing = {
      bytes: module.bytes,
      code: this.#code,
      copied: this.#copied,
      labels: this.#labels,
      budget: this.budget,
    };
    this.#waysOut = new WaysOut(writing);
    this.#loops = new LoopWriter(writing, this.#waysOut, (from, to) => this.#again(from, to));
    this.#inserted = new InsertionWriter(this.#copied, this.budget, this.#waysOut);
  }

  get body(): Writer {
    return this.#copied.body;
  }

  /** Copied runs: old offset in the module, new offset in the body, length; flat. */
  get runs(): Numbers {
    return this.#copied.runs;
  }

  write(index: number, plan: FunctionPlan): void {
    const { start, end } = this.#module.bodies[index - this.#module.importedFunctions]!;
    const { scan } = plan;
    this.#plan = plan;
    this.#loops.begin(plan);
    const ofBudget = budgetLocals(plan);
    this.#lengths = lengthChargesOf(scan.bulks, scan.localCount + ofBudget.length);
    this.#inserted.begin(this.#lengths);
    this.#copied.begin();
    this.budget.begin(scan.localCount, plan);
    this.#waysOut.carries = plan.carries;
    this.#waysOut.holds = plan.holds;
    const added = [...ofBudget, ...this.#lengths.locals];
    const first = plan.carries ? firstLocals(this.#module, index) : undefined;
    if (added.length > 0) declareLocals(this.#copied, scan, added, first);
    else this.#copied.copy(start, scan.codeAt);
    this.#copied.goOnFrom(scan.codeAt);
    if (plan.carries) {
      const parameter = plan.carriers.parameter(index);
      this.#code.offset = scan.codeAt;
      this.budget.carry(parameter, mayReadFirst(this.#code, parameter));
    } else if (plan.holds) this.budget.hold();
    if (this.budget.inLocal) this.#outsideFrom = this.#waysOut.outside = 0;
    // The probe comes before the charge, so that a host which lowers the budget in it is called again at once by the check.
    if (plan.probed) this.budget.probe(index);
    if (plan.exact === undefined) this.#estimatedBody(index, end);
    else this.#exactBody(index, plan.exact, end);
    this.#copied.flush(end);
  }

  #estimatedBody(index: number, end: number): void {
    const plan = this.#plan;
    const { scan, checked, entryCharge } = plan;
    // A check has to charge something, or a hook that hands out nothing would not be reached.
    if (checked) this.budget.check(Math.max(1, entryCharge));
    else this.budget.charge(entryCharge);
    this.#begin(bulkInsertions(scan.bulks, this.#ofBulks));
    if (plan.carries) this.#beforeGivingBack(index, scan.branchesOut);
    if (plan.carries || plan.callsCarriers) this.#all(end);
    else this.#whereNeeded(end);
    if (plan.carries) this.#giveBack(scan.branchesOut, 0, end);
  }

  #exactBody(index: number, { insertions, exits, exitCharge }: ExactScan, end: number): void {
    if (this.#plan.checked) this.budget.check(0);
    this.#begin(insertions);
    if (this.#plan.holds) this.#beforeGivingBack(index, exits);
    this.#whereNeeded(end);
    if (this.#plan.holds) this.#giveBack(exits, exitCharge, end);
  }

  /** Where the budget is in the local, ways out from within may lead to the end of a block around the code, where it is given back. */
  #beforeGivingBack(index: number, exits: boolean): void {
    if (!exits) return;
    const [result] = this.#module.functionType(index).results;
    this.body.u8(op.block).u8(result === undefined ? emptyBlock : typeByte(result)!);
  }

  #giveBack(exits: boolean, charge: number, end: number): void {
    this.#copied.flush(exits ? end : end - 1);
    this.budget.giveBack(charge, this.#plan.carries);
    if (exits) this.body.u8(op.end);
  }

  #begin(insertions: InsertionList): void {
    this.#insertions = insertions;
    this.#nextInsertion = 0;
    this.#nextLoop = 0;
    this.#waysOut.checkedLoop = -1;
  }

  /** Writes instruction by instruction: calls or returns are written in another way. */
  #all(end: number): void {
    this.#labels.begin(1);
    this.#instructions(this.#plan.scan.codeAt, end);
  }

  /** Instruction by instruction only loops are written in which labels change: what stands elsewhere is copied unread. */
  #whereNeeded(end: number): void {
    const { exact, scan } = this.#plan;
    while (this.#nextLoop < scan.loops.length) {
      const loop = scan.loops[this.#nextLoop]!;
      if (this.#changesLabels(loop)) {
        this.#insertBefore(loop.header + 1);
        this.#labels.begin(loop.depth);
        this.#instructions(loop.header, loop.end + 1);
        continue;
      }
      this.#nextLoop++;
      if (exact !== undefined || loop.charge === 'none') continue;
      this.#insertBefore(loop.at);
      this.#copied.flush(loop.at);
      this.budget.check(loop.weight);
    }
    this.#insertBefore(end);
  }

  #changesLabels(loop: LoopScan): boolean {
    const { exact } = this.#plan;
    const changes = exact === undefined ? loop.charge === 'back-edge' : exact.loops.has(loop.at);
    return changes || isSecluded(this.#plan, loop);
  }

  #insertBefore(end: number): void {
    for (;;) {
      const insertion = this.#insertions.at(this.#nextInsertion);
      if (insertion === undefined || insertion.at >= end) return;
      this.#nextInsertion++;
      this.#copied.flush(insertion.at);
      if (insertion.kind === 'branch') {
        this.#code.offset = insertion.at;
        this.#code.next();
        this.#waysOut.chargeWhenTaken(this.#code.index, insertion);
      } else this.#inserted.put(insertion);
    }
  }

  /** What the exact scan puts in front of the instruction just read. Gives what is for the instruction itself to do. */
  #putInsertions(): Insertion | undefined {
    const { start } = this.#code;
    let own: Insertion | undefined;
    for (;;) {
      const insertion = this.#insertions.at(this.#nextInsertion);
      if (insertion === undefined || insertion.at !== start) return own;
      this.#nextInsertion++;
      if (insertion.kind === 'branch' || insertion.kind === 'return' || insertion.kind === 'carry') {
        own = insertion;
        continue;
      }
      this.#copied.flush(start);
      this.#inserted.put(insertion);
    }
  }

  /** Writes instructions that may have been written before, and what is put between them. */
  #again(from: number, to: number): void {
    while (this.#nextInsertion > 0 && this.#insertions.at(this.#nextInsertion - 1)!.at >= from) this.#nextInsertion--;
    this.#instructions(from, to);
  }

  /** Rewrites the instructions in [from, to), which begin where `#from` is. */
  #instructions(from: number, to: number): void {
    const code = this.#code;
    code.offset = from;
    while (code.offset < to) {
      code.pass(Math.min(to, this.#insertions.at(this.#nextInsertion)?.at ?? to));
      if (code.offset >= to) break;
      code.next();
      const own = this.#putInsertions();
      if (own !== undefined && own.kind !== 'branch') this.#replace(own);
      else if (code.effect !== Effect.plain) this.#control(own);
    }
  }

  #replace(own: Insertion): void {
    if (own.kind === 'return') this.#waysOut.beforeLeaving();
    this.#copied.flush(this.#code.start);
    own.target = this.#labels.labelOf(0);
    this.#inserted.put(own);
  }

  /** `own` is a charge for the br_if just read to make when it is taken. */
  #control(own: Insertion | undefined): void {
    const code = this.#code;
    switch (code.effect) {
      case Effect.block:
      case Effect.if:
      case Effect.try:
      case Effect.tryTable:
        this.#labels.open();
        break;
      case Effect.loop:
        this.#loop();
        break;
      case Effect.end:
      case Effect.delegate:
        this.#labels.close();
        if (this.#labels.depth === this.#waysOut.checkedLoop) this.#waysOut.closeCheckedLoop();
        if (this.budget.inLocal && code.start === this.#outsideFrom) {
          this.#copied.flush(code.offset);
          this.#endSeclusion(code.start);
        }
        break;
      case Effect.br:
      case Effect.brIf:
        this.#waysOut.branch(own);
        break;
      case Effect.brTable:
        for (let i = 0; i < code.labelCount; i++) {
          this.#waysOut.relabel(code.startOfLabel(i), code.endOfLabel(i), code.label(i));
        }
        break;
      case Effect.call:
      case Effect.callIndirect:
      case Effect.callRef:
        this.#waysOut.call(this.#plan);
        break;
      case Effect.return:
      case Effect.stop:
      case Effect.returnCall:
      case Effect.returnCallIndirect:
      case Effect.returnCallRef:
        this.#waysOut.beforeLeaving();
        break;
      default:
        break;
    }
  }

  #loop(): void {
    const loop = this.#plan.scan.loops[this.#nextLoop++]!;
    assert(loop.at === this.#code.offset, 'the scan has every loop');
    const { exact } = this.#plan;
    if (!this.budget.inLocal && isSecluded(this.#plan, loop)) {
      this.#copied.flush(loop.header);
      this.budget.moveToLocal();
      this.#waysOut.outside = this.#labels.depth;
      this.#outsideFrom = loop.end;
    }
    const exactLoop = exact?.loops.get(loop.at);
    if (exactLoop !== undefined) {
      this.#loops.backEdge(loop, exactLoop);
      this.#endSeclusion(loop.end);
    } else if (exact === undefined && loop.charge === 'back-edge' && loop.counted !== undefined) {
      this.#countedLoop(loop, loop.counted);
    } else if (exact === undefined && loop.charge === 'back-edge' && this.#plan.compact && loop.branchesBack === 1) {
      this.#waysOut.openCheckedLoop(loop);
    } else if (exact === undefined && loop.charge === 'back-edge') {
      this.#loops.backEdge(loop, { weight: loop.weight, base: 0 });
      this.#endSeclusion(loop.end);
    } else {
      this.#copied.flush(loop.at);
      this.#labels.open();
      if (exact === undefined && loop.charge !== 'none') this.budget.check(loop.weight);
    }
  }

  /** A loop that is copied as it stands, and those in it: they make few rounds, or it would not count. */
  #countedLoop(loop: LoopScan, counted: CountedLoop): void {
    const { loops } = this.#plan.scan;
    while (loops[this.#nextLoop] !== undefined && loops[this.#nextLoop]!.at < loop.end) this.#nextLoop++;
    this.#loops.counted(loop, counted);
    this.#endSeclusion(loop.end);
  }

  /** Behind the `end` at this offset: the budget goes back where all can see it, if it is the end of that. */
  #endSeclusion(end: number): void {
    if (this.budget.inLocal && end === this.#outsideFrom) this.budget.moveToGlobal();
  }
}
