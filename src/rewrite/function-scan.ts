/**
 * One pass over a function body: where its loops begin, what to charge at each, whom it calls. Checks that blocks nest and that
 * every label, function and type exists; operand types are the engine's business.
 *
 * What is charged (at `loop` granularity). Every executed instruction counts one, structure (block, loop, else, end, nop …)
 * nothing: `costOf` in src/wasm/opcodes.ts. A *region* is a loop body without the loops inside it, or a function body without
 * its loops. Its weight is the cost of the longest path through it once, so a charge, made on entering a region, is never less
 * than what the region executes until it is entered again. A loop is charged at each iteration, at least one.
 */
import { WirqError } from '../errors.ts';
import { Instructions } from '../wasm/instructions.ts';
import { maxLocals, maxNesting } from '../wasm/limits.ts';
import type { Module } from '../wasm/module.ts';
import { costOf, Effect, opcodeNamed } from '../wasm/opcodes.ts';
import { badModule } from '../wasm/reader.ts';
import { readValueType } from '../wasm/types.ts';
import type { PrologueScan } from './stack-pointer.ts';

/** A loop of the original function. */
export interface LoopScan {
  /** Offset of the first instruction of its body: where each iteration begins. */
  readonly at: number;
  weight: number;
}

export interface FunctionScan {
  /** Parameters and declared locals: the index the next local gets. */
  readonly localCount: number;
  /** Groups in the local declarations, and where those begin (behind their count) and the code begins. */
  readonly localGroups: number;
  readonly localsAt: number;
  readonly codeAt: number;
  /** In order of their offsets. */
  readonly loops: readonly LoopScan[];
  readonly entryWeight: number;
  /** Function indices called directly, one element a call site. */
  readonly calls: readonly number[];
  /** Type indices called indirectly or through a reference, one element a call site. */
  readonly indirectCalls: readonly number[];
}

const refFunc = opcodeNamed('ref.func');

interface Frame {
  readonly effect: number;
  /** Which region the label belongs to: an index into the stack of regions. */
  readonly region: number;
  /** Greatest cost with which a branch reaches the end; −1 when none does. */
  reach: number;
  /** Cost before the block: where an else begins. */
  readonly entry: number;
  readonly catches: readonly number[];
  seenElse: boolean;
}

interface Region {
  /** Cost of the longest path to the current instruction; −1 in unreachable code. */
  cost: number;
  longest: number;
  readonly loop: LoopScan | undefined;
}

/** Reads the body of an own function. `referenced` gets the functions that its ref.func instructions name. */
export function scanFunction(module: Module, index: number, prologue: PrologueScan): FunctionScan {
  const body = module.bodies[index - module.importedFunctions]!;
  const code = new Instructions(module.bytes, body.start, body.end);
  try {
    return new FunctionScanner(module, index, code, prologue).run();
  } catch (error) {
    if (!(error instanceof WirqError) || error.place?.function !== undefined) throw error;
    const place = { ...error.place, function: module.functionName(index) };
    throw new WirqError(error.code, error.message, { place, advice: error.advice, cause: error });
  }
}

class FunctionScanner {
  readonly #module: Module;
  readonly #index: number;
  readonly #code: Instructions;
  readonly #prologue: PrologueScan;
  readonly #frames: Frame[] = [];
  readonly #regions: Region[] = [];
  readonly #loops: LoopScan[] = [];
  readonly #calls: number[] = [];
  readonly #indirectCalls: number[] = [];
  /** The innermost region. */
  #region: Region = { cost: 0, longest: 0, loop: undefined };

  constructor(module: Module, index: number, code: Instructions, prologue: PrologueScan) {
    this.#module = module;
    this.#index = index;
    this.#code = code;
    this.#prologue = prologue;
  }

  run(): FunctionScan {
    const { localCount, localGroups, localsAt } = this.#readLocals();
    const codeAt = this.#code.offset;
    const entry = this.#region;
    this.#regions.push(entry);
    this.#push(Effect.block, []);
    this.#walk();
    this.#code.expectEnd('a function body');
    return {
      localCount,
      localGroups,
      localsAt,
      codeAt,
      loops: this.#loops,
      entryWeight: entry.longest,
      calls: this.#calls,
      indirectCalls: this.#indirectCalls,
    };
  }

  #readLocals(): { localCount: number; localGroups: number; localsAt: number } {
    const code = this.#code;
    let localCount = this.#module.functionType(this.#index).params.length;
    const localGroups = code.count('groups of locals', maxLocals);
    const localsAt = code.offset;
    for (let i = 0; i < localGroups; i++) {
      const at = code.offset;
      localCount += code.u32();
      if (localCount > maxLocals) {
        throw new WirqError('limit', `over ${maxLocals} locals`, { place: { offset: at } });
      }
      readValueType(code);
    }
    return { localCount, localGroups, localsAt };
  }

  #walk(): void {
    const code = this.#code;
    const prologue = this.#prologue;
    prologue.begin();
    while (this.#frames.length > 0) {
      code.next();
      if (prologue.active) prologue.step(code);
      const region = this.#region;
      if (region.cost >= 0) {
        region.cost += costOf[code.opcode]!;
        if (region.cost > region.longest) region.longest = region.cost;
      }
      if (code.effect !== Effect.plain) this.#control();
      else if (code.opcode === refFunc) {
        this.#checkFunction(code.index);
        this.#module.referenced.add(code.index);
      }
    }
  }

  #control(): void {
    const code = this.#code;
    switch (code.effect) {
      case Effect.block:
      case Effect.try:
      case Effect.if:
        this.#push(code.effect, []);
        return;
      case Effect.loop:
        this.#enterLoop();
        return;
      case Effect.tryTable:
        for (const label of code.labels) this.#frame(label);
        this.#push(code.effect, [...code.labels]);
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
        this.#branch(code.index);
        return;
      case Effect.brTable:
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
        this.#checkFunction(code.index);
        this.#calls.push(code.index);
        break;
      case Effect.callIndirect:
      case Effect.callRef:
      case Effect.returnCallIndirect:
      case Effect.returnCallRef:
        if (this.#module.types[code.first]?.kind !== 'func')
          throw badModule(`type ${code.first} is no function type`, code.start);
        this.#indirectCalls.push(code.first);
        break;
      case Effect.switch:
        for (const label of code.labels) this.#branch(label);
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
    if (ends) this.#region.cost = -1;
  }

  #checkFunction(index: number): void {
    if (index >= this.#module.functions.length) throw badModule(`there is no function ${index}`, this.#code.start);
  }

  #push(effect: number, catches: readonly number[]): void {
    if (this.#frames.length >= maxNesting) {
      throw new WirqError('limit', `blocks nest deeper than ${maxNesting}`, { place: { offset: this.#code.start } });
    }
    const region = this.#regions.length - 1;
    this.#frames.push({ effect, region, reach: -1, entry: this.#region.cost, catches, seenElse: false });
  }

  #enterLoop(): void {
    const loop: LoopScan = { at: this.#code.offset, weight: 0 };
    this.#loops.push(loop);
    const reachable = this.#region.cost >= 0;
    this.#region = { cost: reachable ? 0 : -1, longest: 0, loop };
    this.#regions.push(this.#region);
    this.#push(Effect.loop, []);
  }

  #frame(label: number): Frame {
    const frame = this.#frames[this.#frames.length - 1 - label];
    if (frame === undefined) throw badModule(`there is no label ${label} here`, this.#code.start);
    return frame;
  }

  #branch(label: number): void {
    const frame = this.#frame(label);
    if (this.#region.cost < 0 || frame.effect === Effect.loop) return;
    // A region that is left for an outer one stands still in the outer one at the cost it was entered with.
    frame.reach = Math.max(frame.reach, this.#regions[frame.region]!.cost);
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
    const frame = this.#frames.pop()!;
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
    inner.loop!.weight = Math.max(1, inner.longest);
    this.#region = this.#regions[this.#regions.length - 1]!;
    // The loop's own instructions are charged at its header; behind it the path goes on as before it, if it falls through.
    if (inner.cost < 0) this.#region.cost = -1;
  }
}
