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
 * Safepoints are checks before every backward branch and behind every bulk instruction, whose length is charged there; in functions that can call themselves also before calls and returns;
 * with `access` also before every load, store and call, with `instruction` before every instruction.
 */

import { Instructions } from '../wasm/instructions.ts';
import type { Body, Module } from '../wasm/module.ts';
import { costOf, Effect, Imm, immediatesOf, opcodeNamed } from '../wasm/opcodes.ts';
import { type Bulk, chargeOf, lengthOf } from './bulk.ts';
import type { Callee } from './exact-scans.ts';
import type { FunctionScan } from './scan-types.ts';

/** Something to put in front of the instruction at `at`. */
export interface Insertion {
  readonly at: number;
  /**
   * `charge` takes the amount from the budget, `check` also calls the safepoint if that leaves it below zero; `branch` makes the br_if
   * there charge, or check, when it is taken; `else` gives an `if` without one an else that charges; `length` keeps that of the
   * bulk instruction, and `bulk`, behind it, charges for it too and checks.
   */
  readonly kind: 'charge' | 'check' | 'branch' | 'else' | 'length' | 'bulk';
  readonly amount: number;
  readonly checked: boolean;
  /** What stays owed behind it; 0 if not given. */
  readonly owed?: number;
  /** For `length` and `bulk`. */
  readonly bulk?: Bulk;
}

export interface ExactOptions {
  readonly granularity: ExactGranularity;
  /** Whether the function can call itself: then its calls and exits are safepoints. */
  readonly cyclic: boolean;
  /** What is to stay owed where the function returns; undefined for as little as some way to there owes. */
  readonly owed: number | undefined;
  /** What direct calls mean to the account. */
  readonly callee: (index: number) => Callee;
}

export type ExactGranularity = 'block' | 'access' | 'instruction';

/** A loop that is written with its check at the back edge. */
export interface ExactLoop {
  /** What an iteration adds to what is owed: charged at the back edge. */
  readonly weight: number;
  /** Owed at the header. */
  readonly base: number;
  /** Whether its body may stand several times: a check in a copy would not see what the copies before it owe. */
  readonly copyable: boolean;
}

export interface ExactScan {
  /** By rising offset. */
  readonly insertions: readonly Insertion[];
  /** By LoopScan.at; other loops are copied as they stand. */
  readonly loops: ReadonlyMap<number, ExactLoop>;
  /** What stays owed where the function returns. */
  readonly owed: number;
  /** Whether nobody can look at the budget in it. */
  readonly blind: boolean;
}

interface Edge {
  readonly at: number;
  readonly kind: 'charge' | 'branch' | 'else';
  /** Owed on arrival. */
  readonly owed: number;
  /** Of the same block: a list without an array, of which a large module would need a million. */
  next: Edge | undefined;
}

/** Reused from block to block. */
interface Frame {
  effect: number;
  blockType: number | undefined;
  /** Owed before an `if`'s arms; −1 in unreachable code. */
  before: number;
  firstEdge: Edge | undefined;
  lastEdge: Edge | undefined;
  /** Some edge cannot be charged for itself, so that nothing may be owed at the end. */
  settled: boolean;
  seenElse: boolean;
  catches: readonly number[];
  /** Of a loop whose back edges meet: where its body begins. */
  loopAt: number | undefined;
}

const brIf = opcodeNamed('br_if');
const unreachable = opcodeNamed('unreachable');
const bulkAccesses = new Set(['memory.init', 'memory.copy', 'memory.fill'].map(opcodeNamed));
const noLabels: readonly number[] = [];
const unreachablePath = -1;
const emptyBlockType = -0x40;

export class ExactScanner {
  readonly #module: Module;
  readonly #code: Instructions;
  readonly #granularity: ExactGranularity;
  /**
   * Whether what is charged is checked wherever nothing stays owed: with `access` and `instruction`, so that the next safepoint is
   * not missed; and in functions that can call themselves, so that returning through many of them is not one long stretch.
   */
  readonly #checksAll: boolean;
  readonly #frames: Frame[] = [];
  /** How many of the frames are open blocks. */
  #open = 0;
  readonly #insertions: Insertion[] = [];
  #owed = 0;
  readonly #scan: FunctionScan;
  readonly #loops = new Map<number, ExactLoop>();
  #nextLoop = 0;
  #nextBulk = 0;
  /** Where the last check stands. */
  #lastCheck = 0;
  readonly #options: ExactOptions;
  #blind = true;

  constructor(module: Module, body: Body, scan: FunctionScan, options: ExactOptions) {
    this.#module = module;
    this.#code = new Instructions(module.bytes, scan.codeAt, body.end);
    this.#scan = scan;
    this.#options = options;
    this.#granularity = options.granularity;
    this.#checksAll = options.cyclic || options.granularity !== 'block';
  }

  /** The body has been scanned before: it is well-formed. */
  run(): ExactScan {
    const code = this.#code;
    this.#push(Effect.block, undefined, noLabels);
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
    // Stable: what was put at one place stays in the order it was found.
    const insertions = this.#insertions.sort((a, b) => a.at - b.at);
    return { insertions, loops: this.#loops, owed: Math.max(0, this.#owed), blind: this.#blind };
  }

  #isSafepoint(cost: number): boolean {
    if (this.#granularity === 'block' || cost === 0) return false;
    if (this.#granularity === 'instruction') return true;
    const { opcode } = this.#code;
    return immediatesOf[opcode * 4] === Imm.memarg || bulkAccesses.has(opcode);
  }

  #bulk(bulk: Bulk): void {
    if (this.#owed === unreachablePath) return;
    this.#blind = false;
    this.#insert(lengthOf(bulk));
    this.#insert(chargeOf(bulk, this.#owed));
    this.#owed = 0;
  }

  /** Charges what is owed in front of `at`. */
  #settle(kind: 'charge' | 'check', at: number): void {
    const checked = kind === 'check' || this.#checksAll;
    if (this.#owed > 0) this.#insert({ at, kind: checked ? 'check' : 'charge', amount: this.#owed, checked });
    if (this.#owed !== unreachablePath) this.#owed = 0;
  }

  #insert(insertion: Insertion): void {
    if (insertion.checked) this.#blind = false;
    this.#insertions.push(insertion);
    if (insertion.checked) this.#lastCheck = Math.max(this.#lastCheck, insertion.at);
  }

  #push(effect: number, blockType: number | undefined, catches: readonly number[], loopAt?: number): void {
    const before = this.#owed;
    const known = this.#frames[this.#open++];
    if (known === undefined) {
      const edges = { firstEdge: undefined, lastEdge: undefined };
      this.#frames.push({ effect, blockType, before, ...edges, settled: false, seenElse: false, catches, loopAt });
      return;
    }
    known.effect = effect;
    known.blockType = blockType;
    known.before = before;
    known.firstEdge = undefined;
    known.lastEdge = undefined;
    known.settled = false;
    known.seenElse = false;
    known.catches = catches;
    known.loopAt = loopAt;
  }

  #control(): void {
    const code = this.#code;
    switch (code.effect) {
      case Effect.block:
      case Effect.if:
      case Effect.try:
        this.#push(code.effect, code.index, noLabels);
        return;
      case Effect.tryTable:
        this.#beforeCatching();
        this.#push(code.effect, code.index, [...code.labels]);
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
    this.#insert({ at: this.#code.start, kind: 'check', amount: this.#owed, checked: true });
    this.#owed = 0;
  }

  #leave(): void {
    const code = this.#code;
    const callee = code.effect === Effect.call ? this.#options.callee(code.index) : undefined;
    if (callee?.blind) {
      if (this.#owed !== unreachablePath) this.#owed += callee.owed;
      return;
    }
    if (code.effect === Effect.return && this.#options.granularity === 'block') {
      this.#edge(this.#frames[0]!, 'charge');
      this.#owed = unreachablePath;
      return;
    }
    if (code.effect !== Effect.return && code.opcode !== unreachable) this.#blind = false;
    this.#settle(code.effect === Effect.switch && this.#leadsBack() ? 'check' : 'charge', code.start);
    switch (code.effect) {
      case Effect.call:
        if (this.#owed !== unreachablePath) this.#owed = callee!.owed;
        return;
      case Effect.callIndirect:
      case Effect.callRef:
        return;
      case Effect.switch:
        for (const label of code.labels) this.#frame(label).settled = true;
        return;
      default:
        this.#owed = unreachablePath;
    }
  }

  #frame(label: number): Frame {
    return this.#frames[this.#open - 1 - label]!;
  }

  /** A path arrives at the end of a block, owing what it owes. */
  #edge(frame: Frame, kind: Edge['kind'], at = this.#code.start): void {
    if (this.#owed !== unreachablePath) addEdge(frame, at, kind, this.#owed);
  }

  #loop(): void {
    this.#blind = false;
    const loop = this.#scan.loops[this.#nextLoop++]!;
    const meets = loop.charge === 'back-edge' && loop.copyable && this.#owed !== unreachablePath;
    if (!meets) this.#settle('charge', this.#code.start);
    this.#push(Effect.loop, this.#code.index, noLabels, meets ? loop.at : undefined);
  }

  /** Whether a branch there goes back to a header at which nothing may be owed. */
  #goesRound({ effect, loopAt }: Frame): boolean {
    return effect === Effect.loop && loopAt === undefined;
  }

  #jump(label: number): void {
    const frame = this.#frame(label);
    if (this.#goesRound(frame)) this.#settle('check', this.#code.start);
    else this.#edge(frame, 'charge');
  }

  #conditional(label: number): void {
    const frame = this.#frame(label);
    if (this.#goesRound(frame)) {
      this.#settle('check', this.#code.start);
    } else if (this.#code.opcode === brIf && this.#takesNothing(frame)) {
      this.#edge(frame, 'branch');
    } else {
      this.#settle('charge', this.#code.start);
      frame.settled = true;
    }
  }

  #takesNothing({ blockType, effect }: Frame): boolean {
    // Only loops without parameters have back edges that meet.
    if (effect === Effect.loop) return true;
    if (blockType === undefined) return false;
    return blockType < 0
      ? blockType === emptyBlockType
      : this.#module.types[blockType]?.signature?.results.length === 0;
  }

  #several(labels: readonly number[]): void {
    const frames = labels.map((label) => this.#frame(label));
    const loops = frames.some(({ effect }) => effect === Effect.loop);
    this.#settle(loops ? 'check' : 'charge', this.#code.start);
    for (const frame of frames) frame.settled = true;
  }

  #else(): void {
    const frame = this.#frame(0);
    this.#edge(frame, 'charge');
    frame.seenElse = true;
    this.#owed = frame.before;
  }

  #end(): void {
    const frame = this.#frames[--this.#open]!;
    for (const label of frame.catches) this.#frame(label).settled = true;
    // A loop's end is no label: what falls through goes on as it is.
    if (frame.effect === Effect.loop) {
      if (frame.loopAt !== undefined && frame.firstEdge !== undefined) this.#meetAtHeader(frame, frame.loopAt);
      return;
    }
    const skips = frame.effect === Effect.if && !frame.seenElse && frame.before !== unreachablePath;
    const returns = this.#open === 0;
    const alone = frame.firstEdge === undefined && !skips && !frame.settled && !returns;
    if (alone && this.#owed !== unreachablePath) return;
    this.#edge(frame, 'charge');
    if (skips) addEdge(frame, this.#code.start, 'else', frame.before);
    if (frame.firstEdge === undefined) {
      this.#owed = frame.settled && this.#open > 0 ? 0 : unreachablePath;
      return;
    }
    const owed = this.#meet(frame, skips);
    for (let edge: Edge | undefined = frame.firstEdge; edge !== undefined; edge = edge.next) {
      const amount = edge.owed - owed;
      if (amount === 0) continue;
      const checked = this.#checksAll && (owed === 0 || this.#granularity === 'block') && amount > 0;
      this.#insert({
        at: edge.at,
        kind: edge.kind === 'charge' && checked ? 'check' : edge.kind,
        amount,
        checked,
        owed,
      });
    }
    this.#owed = owed;
  }

  #meetAtHeader({ firstEdge, before }: Frame, loopAt: number): void {
    const owed = leastOwed(firstEdge);
    for (let edge = firstEdge; edge !== undefined; edge = edge.next) {
      const amount = edge.owed - owed;
      if (amount > 0) this.#insert({ at: edge.at, kind: edge.kind, amount, checked: false });
    }
    this.#loops.set(loopAt, { weight: owed - before, base: before, copyable: this.#lastCheck < loopAt });
  }

  /** What is owed behind the end of a block, on whichever path it was reached. */
  #meet(frame: Frame, skips: boolean): number {
    if (frame.settled) return 0;
    if (this.#open === 0 && this.#options.owed !== undefined) return this.#options.owed;
    // The way round an `if` has no place of its own to charge at.
    if (skips) return frame.before;
    return leastOwed(frame.firstEdge);
  }
}

function addEdge(frame: Frame, at: number, kind: Edge['kind'], owed: number): void {
  const edge: Edge = { at, kind, owed, next: undefined };
  if (frame.lastEdge === undefined) frame.firstEdge = edge;
  else frame.lastEdge.next = edge;
  frame.lastEdge = edge;
}

function leastOwed(first: Edge | undefined): number {
  let least = Number.POSITIVE_INFINITY;
  for (let edge = first; edge !== undefined; edge = edge.next) least = Math.min(least, edge.owed);
  return least;
}
