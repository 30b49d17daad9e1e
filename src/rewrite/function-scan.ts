/**
 * One pass over a function body: where its loops begin, what to charge at each, whom it calls. Checks that blocks nest and that
 * every label, function and type exists; operand types are the engine's business.
 *
 * What is charged (at `loop` granularity). Every executed instruction counts one, structure (block, loop, else, end, nop …)
 * nothing: `costOf` in src/wasm/opcodes.ts. A *region* is charged as a whole when it is entered, with the cost of the longest
 * path through it, so that never less is charged than is executed. Regions are: a function body, or an iteration of a loop.
 * Loops that count a few rounds, known before, belong to the region around with all of them. Of the others, those that contain
 * calls, bulk instructions (bulk.ts) or loops are charged at their header, and no part of the region around; innermost ones at
 * their back edge, so that their first iteration belongs to the region around. Every iteration is charged at least one. Short
 * functions are charged in their callers' regions (module-scan.ts).
 */
import { Instructions } from '../wasm/instructions.ts';
import { readLocals } from '../wasm/locals.ts';
import { type Body, checkIndices, type Module } from '../wasm/module.ts';
import { costOf, Effect, opcodeNamed } from '../wasm/opcodes.ts';
import { badModule, Space } from '../wasm/reader.ts';
import { endsPath, labelTakesNothing, parameterCount } from './block-types.ts';
import { type Bulk, bulkOf } from './bulk.ts';
import { Collected, CollectedCalls } from './call-sites.ts';
import { beginLoop, encloseLoop, planLoop } from './loop-plan.ts';
import { noLabels, ScanFrames } from './scan-frames.ts';
import type { FunctionScan, LoopScan, Region, ScanContext } from './scan-types.ts';
import { PrologueScan } from './stack-pointer.ts';

const brIf = opcodeNamed('br_if');
const suspend = opcodeNamed('suspend');
const refFunc = opcodeNamed('ref.func');
const unreachable = opcodeNamed('unreachable');
const waits = [opcodeNamed('memory.atomic.wait32'), opcodeNamed('memory.atomic.wait64')];

/** Reads bodies of functions, one after the other. `context` answers what a call of another one costs. */
export class FunctionScanner {
  readonly #module: Module;
  #index = 0;
  readonly #code: Instructions;
  readonly #context: ScanContext;
  readonly #prologue: PrologueScan;
  readonly #frames = new ScanFrames();
  readonly #regions: Region[] = [];
  readonly #loops = new Collected<LoopScan>();
  readonly #bulks = new Collected<Bulk>();
  readonly #entryCalls = new CollectedCalls();
  readonly #loopCalls = new CollectedCalls();
  #special = false;
  #branchesOut = false;
  #branches = false;
  /** A call that `unreachable` follows never returns into the loop it stands in: it has to be told from one that does. */
  #pendingCall = false;
  #callOpens = false;
  /** The innermost region. */
  #region: Region = { cost: 0, longest: 0, loop: undefined, straight: 0 };
  #straight = 0;

  constructor(module: Module, context: ScanContext) {
    this.#module = module;
    this.#code = new Instructions(module.bytes);
    this.#context = context;
    this.#prologue = new PrologueScan(context.prologues);
  }

  /** Reads the body of the function of that index. */
  run(index: number, body: Body): FunctionScan {
    this.#begin(index, body);
    const code = this.#code;
    const { params } = this.#module.functionType(index);
    const { localCount, localGroups, localsAt } = readLocals(code, params.length);
    const codeAt = code.offset;
    code.limit(localCount, this.#module.globals.length);
    this.#straight = codeAt;
    const firstStride = this.#context.strides?.length ?? 0;
    this.#regions.push(this.#region);
    this.#push(Effect.block, noLabels, undefined);
    this.#walk();
    code.expectEnd('a function body');
    checkIndices(this.#module, code, code.end);
    const highest = code.highest[Space.local]!;
    if (highest >= localCount) throw badModule(`there is no local ${highest}`, code.end);
    return {
      localCount,
      localGroups,
      localsAt,
      codeAt,
      loops: this.#loops.take(),
      bulks: this.#bulks.take(),
      entryWeight: this.#regions[0]!.longest,
      branches: this.#branches,
      entryCalls: this.#entryCalls.take(),
      loopCalls: this.#loopCalls.take(),
      special: this.#special,
      branchesOut: this.#branchesOut,
      firstStride,
    };
  }

  #begin(index: number, { start, end }: Body): void {
    this.#index = index;
    this.#code.aim(start, end);
    this.#prologue.begin();
    this.#frames.open = this.#regions.length = 0;
    this.#loops.length = this.#bulks.length = 0;
    this.#entryCalls.clear();
    this.#loopCalls.clear();
    this.#special = this.#branchesOut = this.#branches = this.#pendingCall = this.#callOpens = false;
    this.#region = { cost: 0, longest: 0, loop: undefined, straight: 0 };
  }

  #walk(): void {
    const code = this.#code;
    const prologue = this.#prologue;
    const { strides } = this.#context;
    while (this.#frames.open > 0) {
      const from = code.offset;
      const cost = prologue.active || this.#pendingCall ? 0 : code.pass(code.end);
      strides?.add(code.offset - from, cost);
      code.next();
      if (this.#pendingCall) this.#settleCall();
      if (prologue.active) prologue.step(code);
      this.#addCost(cost + costOf[code.opcode]!);
      if (code.effect !== Effect.plain) this.#control();
      else if (code.opcode === refFunc) {
        this.#checkFunction(code.index);
        this.#module.referenced.add(code.index);
      } else if (code.opcode > 0xff) this.#notePrefixed();
    }
  }

  #addCost(cost: number): void {
    const region = this.#region;
    if (region.cost < 0) return;
    region.cost += cost;
    if (region.cost > region.longest) region.longest = region.cost;
  }

  /** A check stands behind what works on a length: so its loop is like one with a call. */
  #notePrefixed(): void {
    if (waits.includes(this.#code.opcode)) this.#noteSpecial();
    const bulk = bulkOf(this.#module, this.#code);
    if (bulk === undefined || this.#region.cost < 0) return;
    this.#bulks.push(bulk);
    this.#chargeAtHeader();
  }

  #control(): void {
    const code = this.#code;
    switch (code.effect) {
      case Effect.block:
      case Effect.if:
      case Effect.try:
        if (code.effect === Effect.try) this.#noteSpecial();
        else this.#branches ||= code.effect === Effect.if;
        this.#push(code.effect, noLabels, code.index);
        return;
      case Effect.loop:
        this.#enterLoop();
        return;
      case Effect.tryTable:
        this.#noteSpecial();
        for (const label of code.labels) this.#frames.at(label, this.#code.start);
        this.#push(code.effect, code.labels, code.index);
        return;
      case Effect.else:
        this.#else();
        return;
      case Effect.catch:
        this.#catch();
        return;
      case Effect.end:
        this.#end();
        return;
      case Effect.delegate:
        this.#frames.at(code.index + 1, this.#code.start);
        this.#end();
        return;
      case Effect.br:
        this.#branch(code.index);
        this.#region.cost = -1;
        return;
      case Effect.brIf:
        if (!this.#canSettle(code.index)) this.#forbidCopies();
        if (!this.#takesNothing(code.index)) this.#unseal(code.index);
        this.#branch(code.index);
        return;
      case Effect.brTable:
        this.#forbidCopies();
        for (let i = 0; i < code.labelCount; i++) {
          this.#unseal(code.label(i));
          this.#branch(code.label(i));
        }
        this.#region.cost = -1;
        return;
      default:
        this.#leave();
    }
  }

  /** Calls, and what ends a path without a label. */
  #leave(): void {
    const code = this.#code;
    switch (code.effect) {
      case Effect.call:
      case Effect.returnCall:
        if (code.effect === Effect.returnCall) this.#callSites.tails.push(code.index);
        this.#callDirectly(code.index);
        break;
      case Effect.callIndirect:
      case Effect.callRef:
      case Effect.returnCallIndirect:
      case Effect.returnCallRef:
        if (this.#module.types[code.first]?.kind !== 'func')
          throw badModule(`type ${code.first} is no function type`, code.start);
        this.#callSites.indirect.push(code.first);
        this.#addCost(this.#context.chargeOfIndirectCall(code.first));
        if (endsPath(code.effect)) this.#callSites.tails.push(-1);
        this.#pendingCall = this.#callOpens = true;
        break;
      case Effect.switch:
        this.#noteSpecial();
        if (code.opcode !== suspend) this.#callSites.any = true;
        for (const label of code.labels) this.#branch(label);
        break;
      case Effect.stop:
        if (code.opcode !== unreachable) this.#noteSpecial();
        break;
    }
    if (!endsPath(code.effect)) return;
    this.#branches = true;
    if (this.#region.loop !== undefined) this.#region.loop.exits = true;
    this.#region.cost = -1;
    this.#pendingCall = false;
  }

  get #callSites(): CollectedCalls {
    return this.#region.loop === undefined ? this.#entryCalls : this.#loopCalls;
  }

  #callDirectly(callee: number): void {
    this.#checkFunction(callee);
    const charge = this.#context.chargeOfCall(callee, this.#index);
    if (charge !== undefined) this.#addCost(charge);
    if (charge !== undefined && this.#context.isLeaf(callee)) {
      if (this.#region.loop !== undefined) this.#region.loop.calls = true;
      return;
    }
    this.#callSites.direct.push(callee);
    this.#pendingCall = true;
    this.#callOpens = !this.#context.mayCarry(callee);
  }

  /** Exceptions and continuations; and waits, over which V8's baseline compiler up to 11.3 loses the locals that are in registers. */
  #noteSpecial(): void {
    this.#special = true;
    this.#chargeAtHeader();
    this.#expose();
  }

  #settleCall(): void {
    this.#pendingCall = false;
    if (this.#code.opcode === unreachable) return;
    this.#chargeAtHeader();
    if (this.#callOpens) this.#expose();
  }

  /** Loops around learn of it when this one ends. */
  #expose(): void {
    if (this.#region.loop !== undefined) this.#region.loop.open = true;
  }

  /** The loops that a branch leaves which may also stay, or brings values along. */
  #unseal(label: number): void {
    for (let region = this.#frames.at(label, this.#code.start).region + 1; region < this.#regions.length; region++) {
      this.#regions[region]!.loop!.sealed = false;
    }
  }

  #checkFunction(index: number): void {
    if (index >= this.#module.functions.length) throw badModule(`there is no function ${index}`, this.#code.start);
  }

  #push(effect: number, catches: readonly number[], blockType: number | undefined): void {
    const frame = this.#frames.push(this.#code.start, effect, this.#regions.length - 1, this.#region.cost);
    frame.catches = catches;
    frame.blockType = blockType;
  }

  #enterLoop(): void {
    const { offset, start, index } = this.#code;
    const loop = beginLoop({ at: offset, header: start, depth: this.#frames.open, blockType: index });
    if (parameterCount(this.#module, index) > 0) loop.charge = 'header';
    this.#loops.push(loop);
    const reachable = this.#region.cost >= 0;
    this.#region = { cost: reachable ? 0 : -1, longest: 0, loop, straight: this.#straight };
    this.#straight = offset;
    this.#regions.push(this.#region);
    this.#push(Effect.loop, noLabels, index);
  }

  /** A loop with a loop or a call in it is charged at its header: then the call is never far behind a check. */
  #chargeAtHeader(): void {
    if (this.#region.loop !== undefined) this.#region.loop.charge = 'header';
  }

  /**
   * Whether a conditional branch can be told that it leaves a copy of a loop, to charge what that took: a plain br_if, whose
   * label takes no values if it is outside the loop.
   */
  #canSettle(label: number): boolean {
    if (this.#region.loop === undefined) return true;
    const stays = this.#frames.at(label, this.#code.start).region === this.#regions.length - 1;
    return this.#code.opcode === brIf && (stays || this.#takesNothing(label));
  }

  /** Whether a branch to this label is a br_if that brings no values with it. */
  #takesNothing(label: number): boolean {
    const { effect, blockType } = this.#frames.at(label, this.#code.start);
    return this.#code.opcode === brIf && labelTakesNothing(this.#module, effect, blockType);
  }

  #forbidCopies(): void {
    if (this.#region.loop !== undefined) this.#region.loop.copyable = false;
  }

  #branch(label: number): void {
    this.#branches = true;
    const frame = this.#frames.at(label, this.#code.start);
    if (label === this.#frames.open - 1) this.#branchesOut = true;
    for (let region = frame.region + 1; region < this.#regions.length; region++) {
      this.#regions[region]!.loop!.exits = true;
    }
    if (frame.effect === Effect.loop) {
      const { opcode, effect } = this.#code;
      this.#regions[frame.region]!.loop!.branchesBack += opcode === brIf || effect === Effect.br ? 1 : 2;
    } else if (this.#region.cost >= 0) frame.reach = Math.max(frame.reach, this.#costIn(frame.region));
  }

  /**
   * The cost of the path to here in a region around. It stands still at what it was when an inner region was entered; but the
   * first iteration of a loop that is charged at its back edge belongs to the region around it.
   */
  #costIn(region: number): number {
    const { cost } = this.#regions[region]!;
    const isFirstRound = region === this.#regions.length - 2 && this.#region.loop?.charge === 'back-edge';
    return isFirstRound ? cost + this.#region.cost : cost;
  }

  #else(): void {
    const frame = this.#frames.at(0, this.#code.start);
    if (frame.effect !== Effect.if || frame.seenElse) throw badModule('an else without its if', this.#code.start);
    frame.seenElse = true;
    this.#straight = this.#code.offset;
    frame.reach = Math.max(frame.reach, this.#region.cost);
    this.#region.cost = frame.entry;
  }

  #catch(): void {
    const frame = this.#frames.at(0, this.#code.start);
    if (frame.effect !== Effect.try) throw badModule('a catch without its try', this.#code.start);
    frame.reach = Math.max(frame.reach, this.#region.cost);
    this.#straight = this.#code.offset;
    // An exception may come from anywhere in the try block, so from its costliest point.
    this.#region.cost = frame.entry < 0 ? -1 : this.#region.longest;
  }

  #end(): void {
    const frame = this.#frames.pop();
    this.#straight = this.#code.offset;
    if (this.#code.effect === Effect.delegate && frame.effect !== Effect.try) {
      throw badModule('a delegate without its try', this.#code.start);
    }
    if (frame.effect === Effect.loop) {
      this.#leaveLoop();
      return;
    }
    const besides = frame.effect === Effect.if && !frame.seenElse ? frame.entry : -1;
    this.#region.cost = Math.max(this.#region.cost, frame.reach, besides);
    if (frame.entry >= 0 && frame.catches.length > 0) this.#arriveInCatches(frame.catches);
  }

  #arriveInCatches(catches: readonly number[]): void {
    for (const label of catches) {
      const target = this.#frames.at(label, this.#code.start);
      if (target.effect === Effect.loop) continue;
      const region = this.#regions[target.region]!;
      target.reach = Math.max(target.reach, region === this.#region ? region.longest : region.cost);
    }
  }

  #leaveLoop(): void {
    const inner = this.#regions.pop()!;
    const loop = inner.loop!;
    loop.end = this.#code.start;
    planLoop(loop, inner, this.#context);
    this.#region = this.#regions[this.#regions.length - 1]!;
    const region = this.#region;
    if (region.loop !== undefined) encloseLoop(loop, region.loop, this.#context);
    if (region.cost >= 0 && loop.charge !== 'header') {
      const before = (loop.ahead - 1) * inner.longest;
      region.longest = Math.max(region.longest, region.cost + before + inner.longest);
      region.cost += before + Math.max(0, inner.cost);
    }
    if (inner.cost < 0) region.cost = -1;
  }
}
