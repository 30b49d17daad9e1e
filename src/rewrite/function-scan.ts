/**
 * One pass over a function body: where its loops begin, what to charge at each, whom it calls. Checks that blocks nest and that
 * every label, function and type exists; operand types are the engine's business.
 *
 * What is charged (at `loop` granularity). Every executed instruction counts one, structure (block, loop, else, end, nop …)
 * nothing: `costOf` in src/wasm/opcodes.ts. A *region* is charged as a whole when it is entered, with the cost of the longest
 * path through it, so that never less is charged than is executed. Regions are: a function body, or an iteration of a loop.
 * Loops that contain calls, bulk instructions (bulk.ts) or loops are charged at their header, and no part of the region around.
 * Innermost loops without calls are charged at their back edge; so their first iteration belongs to the region around, and a loop that makes but
 * one round costs nothing extra. Every iteration is charged at least one. Short functions are charged in their callers' regions
 * (module-scan.ts).
 */
import { WirqError } from '../errors.ts';
import { Instructions } from '../wasm/instructions.ts';
import { maxNesting } from '../wasm/limits.ts';
import { readLocals } from '../wasm/locals.ts';
import { type Body, checkIndices, type Module } from '../wasm/module.ts';
import { costOf, Effect, opcodeNamed } from '../wasm/opcodes.ts';
import { badModule } from '../wasm/reader.ts';
import { type Bulk, bulkOf } from './bulk.ts';
import type { CallSites, Frame, FunctionScan, LoopScan, Region, ScanContext } from './scan-types.ts';
import { PrologueScan } from './stack-pointer.ts';

/** 0x40 as the signed number that Instructions gives. */
const emptyBlockType = -0x40;
const brIf = opcodeNamed('br_if');
const suspend = opcodeNamed('suspend');
const refFunc = opcodeNamed('ref.func');
const unreachable = opcodeNamed('unreachable');

const copiesOfSmall = 4;

const noLabels: readonly number[] = [];
const noCalls = (): CallSites => ({ direct: [], indirect: [], any: false });

/** Reads bodies of functions, one after the other. `context` answers what a call of another one costs. */
export class FunctionScanner {
  readonly #module: Module;
  #index = 0;
  readonly #code: Instructions;
  readonly #context: ScanContext;
  readonly #prologue: PrologueScan;
  readonly #frames: Frame[] = [];
  /** How many of the frames are open blocks. */
  #open = 0;
  readonly #regions: Region[] = [];
  #loops: LoopScan[] = [];
  #bulks: Bulk[] = [];
  #entryCalls = noCalls();
  #loopCalls = noCalls();
  #special = false;
  /** A call that `unreachable` follows never returns into the loop it stands in: it has to be told from one that does. */
  #pendingCall = false;
  /** The innermost region. */
  #region: Region = { cost: 0, longest: 0, loop: undefined };

  constructor(module: Module, context: ScanContext) {
    this.#module = module;
    this.#code = new Instructions(module.bytes);
    this.#context = context;
    this.#prologue = new PrologueScan(context.prologues);
  }

  /** Reads the body of the function of that index. */
  run(index: number, body: Body): FunctionScan {
    this.#begin(index, body);
    const parameters = this.#module.functionType(index).params.length;
    const { localCount, localGroups, localsAt } = readLocals(this.#code, parameters);
    const codeAt = this.#code.offset;
    const entry = this.#region;
    this.#regions.push(entry);
    this.#push(Effect.block, noLabels, undefined);
    this.#walk();
    const code = this.#code;
    code.expectEnd('a function body');
    checkIndices(this.#module, code, code.end);
    if (code.highestLocal >= localCount) throw badModule(`there is no local ${code.highestLocal}`, code.end);
    return {
      localCount,
      localGroups,
      localsAt,
      codeAt,
      loops: this.#loops,
      bulks: this.#bulks,
      entryWeight: entry.longest,
      entryCalls: this.#entryCalls,
      loopCalls: this.#loopCalls,
      special: this.#special,
    };
  }

  #begin(index: number, { start, end }: Body): void {
    this.#index = index;
    this.#code.aim(start, end);
    this.#prologue.begin();
    this.#open = 0;
    this.#regions.length = 0;
    this.#loops = [];
    this.#bulks = [];
    this.#entryCalls = noCalls();
    this.#loopCalls = noCalls();
    this.#special = false;
    this.#pendingCall = false;
    this.#region = { cost: 0, longest: 0, loop: undefined };
  }

  #walk(): void {
    const code = this.#code;
    const prologue = this.#prologue;
    while (this.#open > 0) {
      let cost = prologue.active || this.#pendingCall ? 0 : code.pass(code.end);
      code.next();
      if (this.#pendingCall) this.#settleCall();
      if (prologue.active) prologue.step(code);
      const region = this.#region;
      if (region.cost >= 0) {
        cost += costOf[code.opcode]!;
        region.cost += cost;
        if (region.cost > region.longest) region.longest = region.cost;
      }
      if (code.effect !== Effect.plain) this.#control();
      else if (code.opcode === refFunc) {
        this.#checkFunction(code.index);
        this.#module.referenced.add(code.index);
      } else if (code.opcode > 0xff) this.#noteBulk();
    }
  }

  /** A check stands behind what works on a length: so its loop is like one with a call. */
  #noteBulk(): void {
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
        this.#push(code.effect, noLabels, code.index);
        return;
      case Effect.loop:
        this.#enterLoop();
        return;
      case Effect.try:
        this.#noteSpecial();
        this.#push(code.effect, noLabels, code.index);
        return;
      case Effect.tryTable:
        this.#noteSpecial();
        for (const label of code.labels) this.#frame(label);
        this.#push(code.effect, [...code.labels], code.index);
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
        this.#frame(code.index + 1);
        this.#end();
        return;
      case Effect.br:
        this.#branch(code.index);
        this.#region.cost = -1;
        return;
      case Effect.brIf:
        if (!this.#canSettle(code.index)) this.#forbidCopies();
        this.#branch(code.index);
        return;
      case Effect.brTable:
        this.#forbidCopies();
        for (const label of code.labels) this.#branch(label);
        this.#region.cost = -1;
        return;
      default:
        this.#leave();
        return;
    }
  }

  /** Calls, and what ends a path without a label. */
  #leave(): void {
    const code = this.#code;
    switch (code.effect) {
      case Effect.call:
      case Effect.returnCall:
        this.#callDirectly(code.index);
        break;
      case Effect.callIndirect:
      case Effect.callRef:
      case Effect.returnCallIndirect:
      case Effect.returnCallRef:
        if (this.#module.types[code.first]?.kind !== 'func')
          throw badModule(`type ${code.first} is no function type`, code.start);
        this.#callSites.indirect.push(code.first);
        this.#pendingCall = true;
        break;
      case Effect.switch:
        this.#noteSpecial();
        if (code.opcode !== suspend) this.#callSites.any = true;
        for (const label of code.labels) this.#branch(label);
        break;
      case Effect.stop:
        if (code.opcode !== unreachable) this.#noteSpecial();
        break;
      default:
        break;
    }
    const ends =
      code.effect === Effect.return ||
      code.effect === Effect.stop ||
      code.effect === Effect.returnCall ||
      code.effect === Effect.returnCallIndirect ||
      code.effect === Effect.returnCallRef;
    if (!ends) return;
    this.#region.cost = -1;
    this.#pendingCall = false;
  }

  get #callSites(): CallSites {
    return this.#region.loop === undefined ? this.#entryCalls : this.#loopCalls;
  }

  #callDirectly(callee: number): void {
    this.#checkFunction(callee);
    const charge = this.#context.chargeOfCall(callee, this.#index);
    const region = this.#region;
    if (charge !== undefined && region.cost >= 0) {
      region.cost += charge;
      if (region.cost > region.longest) region.longest = region.cost;
    }
    if (charge !== undefined && this.#context.isLeaf(callee)) return;
    this.#callSites.direct.push(callee);
    this.#pendingCall = true;
  }

  /** Exceptions and continuations. */
  #noteSpecial(): void {
    this.#special = true;
    this.#chargeAtHeader();
  }

  #settleCall(): void {
    this.#pendingCall = false;
    if (this.#code.opcode !== unreachable) this.#chargeAtHeader();
  }

  #checkFunction(index: number): void {
    if (index >= this.#module.functions.length) throw badModule(`there is no function ${index}`, this.#code.start);
  }

  #push(effect: number, catches: readonly number[], blockType: number | undefined): void {
    if (this.#open >= maxNesting) {
      throw new WirqError('limit', `blocks nest deeper than ${maxNesting}`, { place: { offset: this.#code.start } });
    }
    const region = this.#regions.length - 1;
    const entry = this.#region.cost;
    const frame = this.#frames[this.#open++];
    if (frame === undefined) {
      this.#frames.push({ effect, region, reach: -1, entry, catches, blockType, seenElse: false });
      return;
    }
    frame.effect = effect;
    frame.region = region;
    frame.reach = -1;
    frame.entry = entry;
    frame.catches = catches;
    frame.blockType = blockType;
    frame.seenElse = false;
  }

  #enterLoop(): void {
    const { offset, start, index } = this.#code;
    const loop: LoopScan = {
      at: offset,
      header: start,
      end: offset,
      blockType: index,
      weight: 0,
      charge: this.#parameterCount(index) === 0 ? 'back-edge' : 'header',
      copies: 1,
      copyable: true,
    };
    this.#chargeAtHeader();
    this.#loops.push(loop);
    const reachable = this.#region.cost >= 0;
    this.#region = { cost: reachable ? 0 : -1, longest: 0, loop };
    this.#regions.push(this.#region);
    this.#push(Effect.loop, noLabels, index);
  }

  /** A loop with a loop or a call in it is charged at its header: then the call is never far behind a check. */
  #chargeAtHeader(): void {
    if (this.#region.loop !== undefined) this.#region.loop.charge = 'header';
  }

  #parameterCount(blockType: number): number {
    return blockType < 0 ? 0 : (this.#module.types[blockType]?.signature?.params.length ?? 0);
  }

  /**
   * Whether a conditional branch can be told that it leaves a copy of a loop, to charge what that took: a plain br_if, whose
   * label takes no values if it is outside the loop.
   */
  #canSettle(label: number): boolean {
    if (this.#region.loop === undefined) return true;
    const { region, effect, blockType } = this.#frame(label);
    if (this.#code.opcode !== brIf) return false;
    if (region === this.#regions.length - 1) return true;
    if (blockType === undefined) return false;
    if (effect === Effect.loop) return this.#parameterCount(blockType) === 0;
    const signature = this.#module.types[blockType]?.signature;
    return blockType < 0 ? blockType === emptyBlockType : signature?.results.length === 0;
  }

  #forbidCopies(): void {
    if (this.#region.loop !== undefined) this.#region.loop.copyable = false;
  }

  #frame(label: number): Frame {
    const frame = label < this.#open ? this.#frames[this.#open - 1 - label] : undefined;
    if (frame === undefined) throw badModule(`there is no label ${label} here`, this.#code.start);
    return frame;
  }

  #branch(label: number): void {
    const frame = this.#frame(label);
    if (this.#region.cost < 0 || frame.effect === Effect.loop) return;
    frame.reach = Math.max(frame.reach, this.#costIn(frame.region));
  }

  /**
   * The cost of the path to here in a region around. It stands still at what it was when an inner region was entered; but the
   * first iteration of a loop that is charged at its back edge belongs to the region around it.
   */
  #costIn(region: number): number {
    const { cost } = this.#regions[region]!;
    const inner = region === this.#regions.length - 2 && this.#region.loop?.charge === 'back-edge';
    return inner ? cost + this.#region.cost : cost;
  }

  #else(): void {
    const frame = this.#frame(0);
    if (frame.effect !== Effect.if || frame.seenElse) throw badModule('an else without its if', this.#code.start);
    frame.seenElse = true;
    frame.reach = Math.max(frame.reach, this.#region.cost);
    this.#region.cost = frame.entry;
  }

  #catch(): void {
    const frame = this.#frame(0);
    if (frame.effect !== Effect.try) throw badModule('a catch without its try', this.#code.start);
    frame.reach = Math.max(frame.reach, this.#region.cost);
    // An exception may come from anywhere in the try block, so from its costliest point.
    this.#region.cost = frame.entry < 0 ? -1 : this.#region.longest;
  }

  #end(): void {
    const frame = this.#frames[--this.#open]!;
    if (this.#code.effect === Effect.delegate && frame.effect !== Effect.try) {
      throw badModule('a delegate without its try', this.#code.start);
    }
    if (frame.effect === Effect.loop) {
      this.#leaveLoop();
      return;
    }
    let cost = Math.max(this.#region.cost, frame.reach);
    if (frame.effect === Effect.if && !frame.seenElse) cost = Math.max(cost, frame.entry);
    this.#region.cost = cost;
    if (frame.entry < 0) return;
    for (const label of frame.catches) {
      const target = this.#frame(label);
      if (target.effect === Effect.loop) continue;
      const region = this.#regions[target.region]!;
      target.reach = Math.max(target.reach, region === this.#region ? region.longest : region.cost);
    }
  }

  #leaveLoop(): void {
    const inner = this.#regions.pop()!;
    const loop = inner.loop!;
    loop.end = this.#code.start;
    const small = loop.end - loop.at <= this.#context.maxCopiedBytes;
    if (loop.charge === 'back-edge' && loop.copyable && small) loop.copies = copiesOfSmall;
    loop.weight = Math.max(1, inner.longest);
    this.#region = this.#regions[this.#regions.length - 1]!;
    const region = this.#region;
    if (region.cost >= 0 && loop.charge === 'back-edge') {
      region.longest = Math.max(region.longest, region.cost + inner.longest);
      region.cost += Math.max(0, inner.cost);
    }
    if (inner.cost < 0) region.cost = -1;
  }
}
