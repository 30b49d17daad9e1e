/**
 * Where to charge so that the count is exact: the granularities `block`, `access` and `instruction`.
 *
 * The count is charged late: along a path the cost of what was executed is *owed*, a number known at rewriting time, and charged
 * only where it has to be: before a call, a backward branch, an exit; and where paths meet that owe different amounts, on those
 * that differ from the one chosen (a path may be charged less than nothing). So at every call of the host, every safepoint and every
 * return the budget is exact to the instruction, the call itself included. Within a block it lags behind; a trap in mid-block is
 * counted up to the last charge.
 *
 * What is owed at a return may be left to the callers: exact-scans.ts.
 * A loop that is charged at its back edge (function-scan.ts) may go on owing at its header what was owed before it; its check takes
 * that into account.
 *
 * Safepoints are checks before backward branches and behind every bulk instruction, whose length is charged there; in functions
 * that can call themselves also before calls that may lead back, and at ends behind such calls. A branch back needs none if every
 * way round passes one. With `access` they are also before every load, store and call, with `instruction` before every instruction.
 */

import { Instructions } from '../wasm/instructions.ts';
import type { Body, Module } from '../wasm/module.ts';
import { costOf, Effect, Imm, immediatesOf, opcodeNamed } from '../wasm/opcodes.ts';
import { labelTakesNothing, parameterCount } from './block-types.ts';
import type { Bulk } from './bulk.ts';
import { type Frame, type Looks, leastOwed, OpenBlocks } from './exact-frames.ts';
import type { ExactGranularity, ExactLoop, ExactOptions, ExactScan, Insertion } from './exact-insertions.ts';
import type { Callee, Callees } from './exact-scans.ts';
import { InsertionList } from './insertion-list.ts';
import type { FunctionScan } from './scan-types.ts';
import type { Strides } from './strides.ts';

const brIf = opcodeNamed('br_if');
const unreachable = opcodeNamed('unreachable');
const bulkAccesses = new Set(['memory.init', 'memory.copy', 'memory.fill'].map(opcodeNamed));
const unreachablePath = -1;
const noLoops: ReadonlyMap<number, ExactLoop> = new Map();

/** Scans bodies of functions, one after the other. */
export class ExactScanner {
  readonly #module: Module;
  readonly #code: Instructions;
  readonly #granularity: ExactGranularity;
  readonly #callees: Callees;
  readonly #strides: Strides | undefined;
  /** Whether what is charged is checked wherever nothing stays owed, so that the next safepoint is not missed. */
  readonly #checksAll: boolean;
  readonly #blocks = new OpenBlocks();
  #found = new InsertionList();
  #owed = 0;
  #scan!: FunctionScan;
  #options!: ExactOptions;
  #loops: Map<number, ExactLoop> | undefined;
  #nextLoop = 0;
  #nextBulk = 0;
  /** What is known where an exception or another stack goes on. */
  readonly #anything: Looks = { unchecked: 0, dirty: false };
  #exitCharge = 0;
  /** Whether the budget is in its global still, behind a call, though the function has a local for it. */
  #lent = false;
  /** How many blocks are open around the first instruction of the outermost loop that only branches leave; 0 outside of such. */
  #closedFrom = 0;

  /** There are `strides` only for `block`: in the other granularities there is something to do in between. */
  constructor(module: Module, granularity: ExactGranularity, callees: Callees, strides: Strides | undefined) {
    this.#strides = strides;
    this.#module = module;
    this.#code = new Instructions(module.bytes);
    this.#granularity = granularity;
    this.#callees = callees;
    this.#checksAll = granularity !== 'block';
  }

  /** The body has been scanned before: it is well-formed. What is to be put into it comes `into` a list. */
  run(body: Body, scan: FunctionScan, into: InsertionList, options: ExactOptions): ExactScan {
    const code = this.#code;
    this.#found = into;
    this.#begin(body, scan, options);
    this.#blocks.push(Effect.block, undefined, this.#owed);
    const strides = this.#strides;
    let stride = scan.firstStride;
    while (this.#blocks.count > 0) {
      const passed = strides === undefined ? 0 : strides.pass(code, stride++);
      if (this.#owed !== unreachablePath) this.#owed += passed;
      code.next();
      const cost = costOf[code.opcode]!;
      if (this.#owed !== unreachablePath) {
        if (this.#isSafepoint(cost)) this.#settle('check', code.start);
        this.#owed += cost;
      }
      if (code.effect !== Effect.plain) this.#control();
      else if (code.start === this.#scan.bulks[this.#nextBulk]?.at) this.#bulk(this.#scan.bulks[this.#nextBulk++]!);
    }
    const insertions = this.#found;
    insertions.sift();
    const owed = Math.max(0, this.#owed);
    const loops = this.#loops ?? noLoops;
    return {
      insertions,
      loops,
      owed,
      exitCharge: this.#exitCharge,
      exits: this.#blocks.exits,
      blind: insertions.blind,
    };
  }

  #begin(body: Body, scan: FunctionScan, options: ExactOptions): void {
    this.#code.aim(scan.codeAt, body.end);
    this.#scan = scan;
    this.#options = options;
    this.#found.clear();
    this.#lent = false;
    this.#loops = undefined;
    this.#blocks.clear();
    this.#owed = this.#nextLoop = this.#nextBulk = this.#closedFrom = this.#exitCharge = 0;
    this.#anything.dirty = options.cyclic;
  }

  #isSafepoint(cost: number): boolean {
    if (this.#granularity === 'block' || cost === 0) return false;
    if (this.#granularity === 'instruction') return true;
    const { opcode } = this.#code;
    return immediatesOf[opcode * 4] === Imm.memarg || bulkAccesses.has(opcode);
  }

  #bulk(bulk: Bulk): void {
    if (this.#owed === unreachablePath) return;
    this.#found.blind = false;
    this.#resume();
    this.#found.add(bulk.at, 'length', 0).bulk = bulk;
    const charge = this.#found.add(bulk.end, 'bulk', this.#owed, true);
    charge.bulk = bulk;
    charge.closed = this.#closedFrom > 0;
    this.#blocks.looked();
    this.#owed = 0;
  }

  /** Charges what is owed in front of `at`. */
  #settle(kind: 'charge' | 'check', at: number, closed = this.#closedFrom > 0): void {
    const checked = kind === 'check' || this.#checksAll;
    if (this.#owed > 0) {
      this.#found.add(at, checked ? 'check' : 'charge', this.#owed, checked).closed = closed;
      if (checked) this.#blocks.looked();
    }
    if (this.#owed !== unreachablePath) this.#owed = 0;
  }

  /** In front of what needs the budget in the local. */
  #resume(): void {
    if (this.#lent) this.#found.add(this.#code.start, 'resume', 0);
    this.#lent = false;
  }

  #control(): void {
    const code = this.#code;
    if (code.effect !== Effect.call && code.effect !== Effect.callIndirect) this.#resume();
    switch (code.effect) {
      case Effect.block:
      case Effect.if:
      case Effect.try:
        this.#blocks.push(code.effect, code.index, this.#owed);
        return;
      case Effect.tryTable:
        this.#beforeCatching();
        this.#blocks.push(code.effect, code.index, this.#owed).catches = code.labels;
        return;
      case Effect.loop:
        this.#loop();
        return;
      case Effect.else:
        this.#else();
        return;
      case Effect.catch:
        this.#edge(this.#blocks.at(0), 'charge');
        // Whatever throws has been charged for all that came before.
        this.#owed = 0;
        this.#blocks.know(this.#anything);
        return;
      case Effect.end:
      case Effect.delegate:
        this.#end();
        return;
      case Effect.br:
        this.#jump(code.index);
        this.#owed = unreachablePath;
        return;
      case Effect.brIf:
        this.#conditional(code.index);
        return;
      case Effect.brTable:
        this.#several();
        this.#owed = unreachablePath;
        return;
      default:
        this.#leave();
    }
  }

  /** Whether a label leads back to a loop: to get there again control has to pass here, so that a check here breaks the cycle. */
  #leadsBack(): boolean {
    return this.#code.labels.some((label) => this.#blocks.at(label).effect === Effect.loop);
  }

  #beforeCatching(): void {
    if (this.#leadsBack()) this.#settle('check', this.#code.start);
  }

  #leave(): void {
    const code = this.#code;
    switch (code.effect) {
      case Effect.call:
        this.#call(this.#callees.callee(code.index));
        return;
      case Effect.callIndirect:
      case Effect.callRef:
        this.#call(this.#callees.indirect(code.first));
        return;
      case Effect.switch:
        this.#found.blind = false;
        this.#settle(this.#leadsBack() || this.#options.cyclic ? 'check' : 'charge', code.start);
        for (const label of code.labels) this.#arriveSettled(this.#blocks.at(label), this.#anything);
        this.#blocks.looks.dirty = this.#options.cyclic;
        return;
      case Effect.return:
        this.#return();
        break;
      default:
        this.#stop();
    }
    this.#owed = unreachablePath;
  }

  #return(): void {
    const { start, offset } = this.#code;
    if (this.#granularity === 'block') this.#edge(this.#blocks.outermost, 'charge');
    else this.#settle('charge', start);
    if (!this.#options.local) return;
    this.#blocks.exits = true;
    this.#replace('return', this.#blocks.count - 1, offset);
  }

  #replace(kind: 'carry' | 'return', target: number, end: number): void {
    const insertion = this.#found.add(this.#code.start, kind, 0);
    insertion.target = target;
    insertion.end = end;
  }

  /** Exceptions, traps, tail calls. */
  #stop(): void {
    const { opcode, start } = this.#code;
    if (opcode !== unreachable) this.#found.blind = false;
    if (this.#options.local && this.#owed > 0) this.#found.add(start, 'lend', this.#owed);
    else this.#settle(opcode !== unreachable && this.#options.cyclic ? 'check' : 'charge', start);
  }

  #call({ owed, blind, cyclic, touches, carries }: Callee): void {
    const { start, offset } = this.#code;
    // Also where control cannot come: the callee's type is another.
    if (this.#owed === unreachablePath) {
      if (carries) this.#replace('carry', 0, offset);
      return;
    }
    const lends = this.#options.local && touches && !carries;
    // Calls in which nobody looks may follow each other without the budget coming back between them.
    if (touches && !(lends && blind)) this.#resume();
    if (blind) {
      if (lends && !this.#lent) this.#found.add(start, 'lend', 0);
      this.#owed += owed;
    } else {
      this.#found.blind = false;
      const leadsBack = cyclic && this.#options.cyclic;
      // A check leaves the budget in its global too.
      if (lends && !leadsBack) this.#found.add(start, 'lend', this.#owed);
      else this.#settle(leadsBack ? 'check' : 'charge', start, false);
      if (leadsBack) this.#blocks.looks.dirty = true;
      this.#owed = owed;
    }
    if (carries) this.#replace('carry', 0, offset);
    if (touches) this.#lent = lends;
  }

  /** A path arrives at the end of a block, owing what it owes. */
  #edge(frame: Frame, kind: 'charge' | 'branch'): void {
    if (this.#owed === unreachablePath) return;
    const checked = this.#needsCheck(frame);
    frame.add(this.#found.addEdge(this.#code.start, kind, this.#owed, checked));
    if (!checked) frame.arrive(this.#blocks.looks);
  }

  /** Whether a branch to this label has to look at the budget. */
  #needsCheck(frame: Frame): boolean {
    if (frame.effect === Effect.loop) return frame.loops >= this.#blocks.looks.unchecked;
    return frame === this.#blocks.outermost && this.#blocks.looks.dirty && this.#granularity === 'block';
  }

  /** An edge that cannot be charged for itself. */
  #arriveSettled(frame: Frame, looks: Looks): void {
    frame.settled = true;
    frame.arrive(looks);
  }

  #loop(): void {
    this.#found.blind = false;
    const loop = this.#scan.loops[this.#nextLoop++]!;
    const { index, start } = this.#code;
    const { local, cyclic } = this.#options;
    const meets = loop.charge === 'back-edge';
    const owes = local && !meets && parameterCount(this.#module, index) === 0;
    const goesOn = (meets || owes) && loop.copyable && this.#owed !== unreachablePath;
    if (!goesOn) this.#settle('charge', start);
    // On the way round a call may have returned.
    this.#blocks.looks.dirty ||= cyclic && loop.open;
    const frame = this.#blocks.push(Effect.loop, index, this.#owed);
    if (goesOn && meets) frame.loopAt = loop.at;
    frame.owing = goesOn && owes;
    this.#blocks.loops++;
    if (local && !loop.open && this.#closedFrom === 0) this.#closedFrom = this.#blocks.count;
  }

  /** Whether a branch there goes back to a header at which nothing may be owed. */
  #goesRound({ effect, loopAt, owing }: Frame): boolean {
    return effect === Effect.loop && loopAt === undefined && !owing;
  }

  #jump(label: number): void {
    const frame = this.#blocks.at(label);
    if (this.#goesRound(frame)) this.#settle(this.#needsCheck(frame) ? 'check' : 'charge', this.#code.start);
    else this.#edge(frame, 'charge');
  }

  #conditional(label: number): void {
    const frame = this.#blocks.at(label);
    const takesNothing = labelTakesNothing(this.#module, frame.effect, frame.blockType);
    if (!this.#goesRound(frame) && this.#code.opcode === brIf && takesNothing) {
      this.#edge(frame, 'branch');
      return;
    }
    this.#settle(this.#needsCheck(frame) ? 'check' : 'charge', this.#code.start);
    if (frame.effect !== Effect.loop) this.#arriveSettled(frame, this.#blocks.looks);
  }

  #several(): void {
    const code = this.#code;
    let checked = false;
    for (let i = 0; i < code.labelCount; i++) checked ||= this.#needsCheck(this.#blocks.at(code.label(i)));
    this.#settle(checked ? 'check' : 'charge', code.start);
    for (let i = 0; i < code.labelCount; i++) {
      this.#arriveSettled(this.#blocks.at(code.label(i)), this.#blocks.looks);
    }
  }

  #else(): void {
    const frame = this.#blocks.at(0);
    this.#edge(frame, 'charge');
    frame.seenElse = true;
    this.#owed = frame.before;
    this.#blocks.know(frame.looksBefore);
  }

  #end(): void {
    const frame = this.#blocks.pop();
    if (frame.catches.length > 0) {
      for (const label of frame.catches) this.#arriveSettled(this.#blocks.at(label), this.#anything);
    }
    // A loop's end is no label: what falls through goes on as it is.
    if (frame.effect === Effect.loop) {
      this.#endLoop(frame);
      return;
    }
    const skips = frame.effect === Effect.if && !frame.seenElse && frame.before !== unreachablePath;
    const returns = this.#blocks.count === 0;
    const alone = frame.firstEdge === undefined && !skips && !frame.settled && !returns;
    if (alone && this.#owed !== unreachablePath) return;
    this.#edge(frame, 'charge');
    if (skips) {
      frame.add(this.#found.addEdge(this.#code.start, 'else', frame.before, false));
      frame.arrive(frame.looksBefore);
    }
    this.#blocks.know(frame.looks);
    if (frame.firstEdge === undefined) {
      this.#owed = frame.settled && !returns ? 0 : unreachablePath;
      return;
    }
    const owed = this.#meet(frame, skips);
    this.#found.level(frame.firstEdge, owed, this.#checksAll);
    this.#owed = owed;
    const left = this.#options.owed;
    if (!returns || !this.#options.local || left === undefined) return;
    this.#exitCharge = owed - left;
    this.#owed = left;
  }

  #endLoop({ loopAt, firstEdge, owing, before }: Frame): void {
    this.#blocks.loops--;
    this.#blocks.looks.unchecked = Math.min(this.#blocks.looks.unchecked, this.#blocks.loops);
    if (this.#blocks.count < this.#closedFrom) this.#closedFrom = 0;
    if (firstEdge === undefined) return;
    if (owing) this.#found.level(firstEdge, before, this.#checksAll);
    else if (loopAt !== undefined) this.#meetAtHeader(firstEdge, before, loopAt);
  }

  #meetAtHeader(firstEdge: Insertion, before: number, loopAt: number): void {
    const owed = leastOwed(firstEdge);
    this.#found.levelBeforeCheck(firstEdge, owed);
    this.#loops ??= new Map();
    this.#loops.set(loopAt, { weight: owed - before, base: before, copyable: this.#found.lastCheck < loopAt });
  }

  /** What is owed behind the end of a block, on whichever path it was reached. */
  #meet(frame: Frame, skips: boolean): number {
    if (frame.settled) return 0;
    if (this.#blocks.count === 0 && this.#options.owed !== undefined && !this.#options.local) return this.#options.owed;
    // The way round an `if` has no place of its own to charge at.
    if (skips) return frame.before;
    return leastOwed(frame.firstEdge);
  }
}
