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
import { type Bulk, chargeOf, lengthOf } from './bulk.ts';
import { type Edge, Frame, type FrameStart, type Looks, leastOwed } from './exact-frames.ts';
import type { ExactLoop, ExactScan } from './exact-insertions.ts';
import type { Callee } from './exact-scans.ts';
import { InsertionList } from './insertion-list.ts';
import type { FunctionScan } from './scan-types.ts';

export type ExactGranularity = 'block' | 'access' | 'instruction';

export interface ExactOptions {
  readonly granularity: ExactGranularity;
  /** Whether the budget is in a local for the whole function. */
  readonly local: boolean;
  /** Whether the function can call itself: then its calls and exits are safepoints. */
  readonly cyclic: boolean;
  /** What is to stay owed where the function returns; undefined for as little as some way to there owes. */
  readonly owed: number | undefined;
  /** What direct calls mean to the account. */
  readonly callee: (index: number) => Callee;
}

const brIf = opcodeNamed('br_if');
const unreachable = opcodeNamed('unreachable');
const bulkAccesses = new Set(['memory.init', 'memory.copy', 'memory.fill'].map(opcodeNamed));
const noLabels: readonly number[] = [];
const unreachablePath = -1;
/** Whoever an indirect call reaches. */
const anybody: Callee = { owed: 0, blind: false, cyclic: true, touches: true, carries: false };

export class ExactScanner {
  readonly #module: Module;
  readonly #code: Instructions;
  readonly #granularity: ExactGranularity;
  /** Whether what is charged is checked wherever nothing stays owed, so that the next safepoint is not missed. */
  readonly #checksAll: boolean;
  readonly #frames: Frame[] = [];
  /** How many of the frames are open blocks. */
  #open = 0;
  readonly #found = new InsertionList();
  #owed = 0;
  readonly #scan: FunctionScan;
  readonly #loops = new Map<number, ExactLoop>();
  #nextLoop = 0;
  #nextBulk = 0;
  readonly #options: ExactOptions;
  /** How many loops are open. */
  #loopDepth = 0;
  readonly #looks: Looks = { unchecked: 0, dirty: false };
  /** What is known where an exception or another stack goes on. */
  readonly #anything: Looks;
  #exits = false;
  #exitCharge = 0;
  /** How many blocks are open around the first instruction of the outermost loop that only branches leave; 0 outside of such. */
  #closedFrom = 0;

  constructor(module: Module, body: Body, scan: FunctionScan, options: ExactOptions) {
    this.#module = module;
    this.#code = new Instructions(module.bytes, scan.codeAt, body.end);
    this.#scan = scan;
    this.#options = options;
    this.#granularity = options.granularity;
    this.#checksAll = options.granularity !== 'block';
    this.#anything = { unchecked: 0, dirty: options.cyclic };
  }

  /** The body has been scanned before: it is well-formed. */
  run(): ExactScan {
    const code = this.#code;
    this.#pushBlock(Effect.block, undefined);
    const between = this.#granularity === 'block' ? code.end : 0;
    while (this.#open > 0) {
      const passed = code.pass(between);
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
    return {
      insertions: this.#found.sorted(),
      loops: this.#loops,
      owed: Math.max(0, this.#owed),
      exitCharge: this.#exitCharge,
      exits: this.#exits,
      blind: this.#found.blind,
    };
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
    this.#found.add(lengthOf(bulk));
    this.#found.add({ ...chargeOf(bulk, this.#owed), closed: this.#closedFrom > 0 });
    this.#looked();
    this.#owed = 0;
  }

  /** Charges what is owed in front of `at`. */
  #settle(kind: 'charge' | 'check', at: number, closed = this.#closedFrom > 0): void {
    const checked = kind === 'check' || this.#checksAll;
    if (this.#owed > 0) {
      this.#found.add({ at, kind: checked ? 'check' : 'charge', amount: this.#owed, checked, closed });
      if (checked) this.#looked();
    }
    if (this.#owed !== unreachablePath) this.#owed = 0;
  }

  /** All ways to here look at the budget. */
  #looked(): void {
    this.#looks.unchecked = this.#loopDepth;
    this.#looks.dirty = false;
  }

  #know({ unchecked, dirty }: Looks): void {
    this.#looks.unchecked = unchecked;
    this.#looks.dirty = dirty;
  }

  #push(start: FrameStart): void {
    const frame = this.#frames[this.#open] ?? new Frame();
    this.#frames[this.#open++] = frame;
    frame.begin(start, this.#owed, this.#loopDepth, this.#looks);
  }

  #pushBlock(effect: number, blockType: number | undefined, catches = noLabels): void {
    this.#push({ effect, blockType, catches, loopAt: undefined, owing: false });
  }

  #control(): void {
    const code = this.#code;
    switch (code.effect) {
      case Effect.block:
      case Effect.if:
      case Effect.try:
        this.#pushBlock(code.effect, code.index);
        return;
      case Effect.tryTable:
        this.#beforeCatching();
        this.#pushBlock(code.effect, code.index, [...code.labels]);
        return;
      case Effect.loop:
        this.#loop();
        return;
      case Effect.else:
        this.#else();
        return;
      case Effect.catch:
        this.#edge(this.#frame(0), 'charge');
        // Whatever throws has been charged for all that came before.
        this.#owed = 0;
        this.#know(this.#anything);
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
        this.#several(code.labels);
        this.#owed = unreachablePath;
        return;
      default:
        this.#leave();
    }
  }

  /** Whether one of the labels leads back to a loop: to get there again control has to pass here, so that a check here breaks the cycle. */
  #leadsBack(): boolean {
    return this.#code.labels.some((label) => this.#frame(label).effect === Effect.loop);
  }

  #beforeCatching(): void {
    if (this.#owed === unreachablePath || !this.#leadsBack()) return;
    this.#found.add({ at: this.#code.start, kind: 'check', amount: this.#owed, checked: true });
    this.#looked();
    this.#owed = 0;
  }

  #leave(): void {
    const code = this.#code;
    switch (code.effect) {
      case Effect.call:
        this.#call(this.#options.callee(code.index));
        return;
      case Effect.callIndirect:
      case Effect.callRef:
        this.#call(anybody);
        return;
      case Effect.switch:
        this.#found.blind = false;
        this.#settle(this.#leadsBack() || this.#options.cyclic ? 'check' : 'charge', code.start);
        for (const label of code.labels) this.#arriveSettled(this.#frame(label), this.#anything);
        this.#looks.dirty = this.#options.cyclic;
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
    if (this.#options.local) {
      this.#exits = true;
      this.#found.add({ at: start, kind: 'return', amount: 0, checked: false, target: this.#open - 1, end: offset });
    }
    if (this.#granularity === 'block') this.#edge(this.#frames[0]!, 'charge');
    else this.#settle('charge', start);
  }

  /** Exceptions, traps, tail calls. */
  #stop(): void {
    const { opcode, start } = this.#code;
    if (opcode !== unreachable) this.#found.blind = false;
    if (this.#options.local && this.#owed > 0) {
      this.#found.add({ at: start, kind: 'lend', amount: this.#owed, checked: false });
    } else this.#settle(opcode !== unreachable && this.#options.cyclic ? 'check' : 'charge', start);
  }

  #call({ owed, blind, cyclic, touches, carries }: Callee): void {
    const { start, offset } = this.#code;
    // Also where control cannot come: the callee's type is another.
    const carry = { at: start, kind: 'carry', amount: 0, checked: false, end: offset } as const;
    if (this.#owed === unreachablePath) {
      if (carries) this.#found.add(carry);
      return;
    }
    const lends = this.#options.local && touches && !carries;
    if (blind) {
      if (lends) this.#found.add({ at: start, kind: 'lend', amount: 0, checked: false });
      this.#owed += owed;
    } else {
      this.#found.blind = false;
      const leadsBack = cyclic && this.#options.cyclic;
      // A check leaves the budget in its global too.
      if (lends && !leadsBack) this.#found.add({ at: start, kind: 'lend', amount: this.#owed, checked: false });
      else this.#settle(leadsBack ? 'check' : 'charge', start, false);
      if (leadsBack) this.#looks.dirty = true;
      this.#owed = owed;
    }
    if (carries) this.#found.add(carry);
    else if (lends) this.#found.add({ at: offset, kind: 'resume', amount: 0, checked: false });
  }

  #frame(label: number): Frame {
    if (label === this.#open - 1) this.#exits = true;
    return this.#frames[this.#open - 1 - label]!;
  }

  /** A path arrives at the end of a block, owing what it owes. */
  #edge(frame: Frame, kind: Edge['kind']): void {
    if (this.#owed === unreachablePath) return;
    const checked = this.#needsCheck(frame);
    frame.add({ at: this.#code.start, kind, owed: this.#owed, checked, next: undefined });
    if (!checked) frame.arrive(this.#looks);
  }

  /** Whether a branch to this label has to look at the budget. */
  #needsCheck(frame: Frame): boolean {
    if (frame.effect === Effect.loop) return frame.loops >= this.#looks.unchecked;
    return frame === this.#frames[0] && this.#looks.dirty && this.#granularity === 'block';
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
    this.#looks.dirty ||= cyclic && loop.open;
    const loopAt = goesOn && meets ? loop.at : undefined;
    this.#push({ effect: Effect.loop, blockType: index, catches: noLabels, loopAt, owing: goesOn && owes });
    this.#loopDepth++;
    if (local && !loop.open && this.#closedFrom === 0) this.#closedFrom = this.#open;
  }

  /** Whether a branch there goes back to a header at which nothing may be owed. */
  #goesRound({ effect, loopAt, owing }: Frame): boolean {
    return effect === Effect.loop && loopAt === undefined && !owing;
  }

  #jump(label: number): void {
    const frame = this.#frame(label);
    if (this.#goesRound(frame)) this.#settle(this.#needsCheck(frame) ? 'check' : 'charge', this.#code.start);
    else this.#edge(frame, 'charge');
  }

  #conditional(label: number): void {
    const frame = this.#frame(label);
    const takesNothing = labelTakesNothing(this.#module, frame.effect, frame.blockType);
    if (!this.#goesRound(frame) && this.#code.opcode === brIf && takesNothing) {
      this.#edge(frame, 'branch');
      return;
    }
    this.#settle(this.#needsCheck(frame) ? 'check' : 'charge', this.#code.start);
    if (frame.effect !== Effect.loop) this.#arriveSettled(frame, this.#looks);
  }

  #several(labels: readonly number[]): void {
    const frames = labels.map((label) => this.#frame(label));
    this.#settle(frames.some((frame) => this.#needsCheck(frame)) ? 'check' : 'charge', this.#code.start);
    for (const frame of frames) this.#arriveSettled(frame, this.#looks);
  }

  #else(): void {
    const frame = this.#frame(0);
    this.#edge(frame, 'charge');
    frame.seenElse = true;
    this.#owed = frame.before;
    this.#know(frame.looksBefore);
  }

  #end(): void {
    const frame = this.#frames[--this.#open]!;
    for (const label of frame.catches) this.#arriveSettled(this.#frame(label), this.#anything);
    // A loop's end is no label: what falls through goes on as it is.
    if (frame.effect === Effect.loop) {
      this.#endLoop(frame);
      return;
    }
    const skips = frame.effect === Effect.if && !frame.seenElse && frame.before !== unreachablePath;
    const returns = this.#open === 0;
    const alone = frame.firstEdge === undefined && !skips && !frame.settled && !returns;
    if (alone && this.#owed !== unreachablePath) return;
    this.#edge(frame, 'charge');
    if (skips) {
      frame.add({ at: this.#code.start, kind: 'else', owed: frame.before, checked: false, next: undefined });
      frame.arrive(frame.looksBefore);
    }
    this.#know(frame.looks);
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
    this.#loopDepth--;
    this.#looks.unchecked = Math.min(this.#looks.unchecked, this.#loopDepth);
    if (this.#open < this.#closedFrom) this.#closedFrom = 0;
    if (firstEdge === undefined) return;
    if (owing) this.#found.level(firstEdge, before, this.#checksAll);
    else if (loopAt !== undefined) this.#meetAtHeader(firstEdge, before, loopAt);
  }

  #meetAtHeader(firstEdge: Edge, before: number, loopAt: number): void {
    const owed = leastOwed(firstEdge);
    this.#found.levelBeforeCheck(firstEdge, owed);
    this.#loops.set(loopAt, { weight: owed - before, base: before, copyable: this.#found.lastCheck < loopAt });
  }

  /** What is owed behind the end of a block, on whichever path it was reached. */
  #meet(frame: Frame, skips: boolean): number {
    if (frame.settled) return 0;
    if (this.#open === 0 && this.#options.owed !== undefined && !this.#options.local) return this.#options.owed;
    // The way round an `if` has no place of its own to charge at.
    if (skips) return frame.before;
    return leastOwed(frame.firstEdge);
  }
}
