/**
 * Functions of a rewritten module that carry the budget: their type has one i32 parameter more behind their own, in which callers
 * pass it, and one i32 result more, in which they give it back. Nothing but direct calls may reach them. And functions that leave
 * the budget alone, wherever it is: *quiet* ones, which neither read nor write it, nor call anybody who could.
 */
import { Instructions } from '../../wasm/instructions.ts';
import type { Module } from '../../wasm/module.ts';
import { Effect, opcodeNamed } from '../../wasm/opcodes.ts';
import { Reader } from '../../wasm/reader.ts';
import { readValueType } from '../../wasm/types.ts';
import type { Flow } from './flow.ts';
import type { Violations } from './violation.ts';

const numbered = (name: string): number => opcodeNamed(name)!;
const op = {
  localGet: numbered('local.get'),
  localSet: numbered('local.set'),
  localTee: numbered('local.tee'),
  const: numbered('i32.const'),
  globalGet: numbered('global.get'),
  globalSet: numbered('global.set'),
} as const;
const i32 = 0x7f;
/** Chains of calls that are longer are taken for ones that are not quiet. */
const deepestChain = 100;

/** Where the code that the original has begins, and which local holds the budget then. */
export interface CarriedEntry {
  readonly at: number;
  readonly local: number;
}

export class CarriedBudget {
  readonly #before: Module;
  readonly #after: Module;
  /** By function index, where it is known; while it is looked for, they are not. */
  readonly #quiet = new Map<number, boolean>();

  constructor(before: Module, after: Module) {
    this.#before = before;
    this.#after = after;
  }

  /** Whether a function of the original's is of another type now. */
  carries(index: number): boolean {
    if (index >= this.#before.functions.length) return false;
    return this.#after.functions[index]?.typeIndex !== this.#before.functions[index]!.typeIndex;
  }

  /** Whether an instruction hands the budget over: to a function that carries it, or from one to its caller. */
  takesBudget(flow: Flow, at: number, carries: boolean): boolean {
    const { effect, first, next } = flow;
    if (effect[at] === Effect.call) return this.carries(first[at]!);
    return carries && effect[at] === Effect.end && next[at] === -1;
  }

  /** Whether an instruction calls a quiet function. */
  callsQuietly({ effect, first }: Flow, at: number): boolean {
    return effect[at] === Effect.call && this.#isQuiet(first[at]!, 0);
  }

  /** All types are what they were, but for those of carriers; `referred` are functions that code refers to. */
  checkTypes(referred: ReadonlySet<number>, violations: Violations): void {
    const { functions, importedFunctions, start } = this.#before;
    for (const [index] of functions.entries()) {
      if (!this.carries(index)) continue;
      const own = this.#before.functionType(index);
      const now = this.#after.functionType(index);
      const shape = ({ params, results }: typeof own): string => `${params.join()}>${results.join()}`;
      const carrying = { params: [...own.params, 'i32'], results: [...own.results, 'i32'] };
      const name = this.#before.functionName(index);
      if (index < importedFunctions || shape(now) !== shape(carrying)) {
        violations.module('sections', `${name} has another type than it had`);
      } else if (this.#before.referenced.has(index) || referred.has(index) || index === start) {
        violations.module('sections', `${name} carries the budget, and others than direct calls may reach it`);
      }
    }
  }

  /** Whether the local variables are the original's, with others behind them; a carrier's parameter takes the place of the first. */
  sameLocals(index: number, old: Flow, now: Flow): boolean {
    const { bytes } = this.#before;
    let from = old.localsStart;
    let to = now.localsStart;
    if (this.carries(index) && old.localGroups > 0) {
      const [mine, theirs] = [firstGroup(this.#before, old), firstGroup(this.#after, now)];
      if (mine.type !== i32 || theirs.type !== i32 || mine.count === 0 || theirs.count !== mine.count - 1) return false;
      from = mine.end;
      to = theirs.end;
    }
    if (now.localGroups < old.localGroups || now.localsEnd - to < old.localsEnd - from) return false;
    return bytes.subarray(from, old.localsEnd).every((byte, i) => byte === this.#after.bytes[to + i]);
  }

  /**
   * Where a carrier's own code begins: the budget is in its last parameter; where that takes the place of a declared local, the
   * budget has to be moved away first, and the local made zero, unless the original writes it first. Undefined where that is not so.
   */
  entry(index: number, original: Flow, now: Flow, firstLocal: number): CarriedEntry | undefined {
    const parameter = this.#before.functionType(index).params.length;
    if (parameter === firstLocal) return { at: 0, local: parameter };
    const { opcode, index: local, constant } = now;
    const moved = local[1]!;
    const isMoved = opcode[0] === op.localGet && local[0] === parameter && opcode[1] === op.localSet;
    if (!isMoved || moved < firstLocal) return undefined;
    const isZero = opcode[2] === op.const && constant[2] === 0 && opcode[3] === op.localSet && local[3] === parameter;
    if (writesFirst(original, parameter)) return { at: 2, local: moved };
    return isZero ? { at: 4, local: moved } : undefined;
  }

  #isQuiet(index: number, depth: number): boolean {
    const known = this.#quiet.get(index);
    if (known !== undefined) return known;
    const body = this.#after.bodies[index - this.#after.importedFunctions];
    const isOwn = body !== undefined && index < this.#before.functions.length && !this.carries(index);
    if (!isOwn || depth > deepestChain) return false;
    // Who calls itself is not.
    this.#quiet.set(index, false);
    const code = new Instructions(this.#after.bytes, body.start, body.end);
    for (let groups = code.u32(); groups > 0; groups--) {
      code.u32();
      readValueType(code);
    }
    while (!code.done) {
      code.next();
      if (!this.#leavesAlone(code, depth)) return false;
    }
    this.#quiet.set(index, true);
    return true;
  }

  #leavesAlone({ opcode, effect, index }: Instructions, depth: number): boolean {
    if (opcode === op.globalGet || opcode === op.globalSet) return index < this.#before.globals.length;
    switch (effect) {
      case Effect.call:
        return this.#isQuiet(index, depth + 1);
      case Effect.callIndirect:
      case Effect.callRef:
      case Effect.returnCall:
      case Effect.returnCallIndirect:
      case Effect.returnCallRef:
      case Effect.switch:
      case Effect.try:
      case Effect.tryTable:
        return false;
      case Effect.stop:
        return opcode === opcodeNamed('unreachable');
      default:
        return true;
    }
  }
}

/** Whether every path writes a local before anything reads it, as far as the first branch tells. */
function writesFirst({ opcode, effect, index, count }: Flow, local: number): boolean {
  for (let node = 0; node < count; node++) {
    const isStraight = effect[node] === Effect.plain || effect[node] === Effect.block;
    if (!isStraight) return false;
    if (index[node] !== local) continue;
    if (opcode[node] === op.localSet || opcode[node] === op.localTee) return true;
    if (opcode[node] === op.localGet) return false;
  }
  return false;
}

function firstGroup({ bytes }: Module, { localsStart, localsEnd }: Flow): { count: number; type: number; end: number } {
  const reader = new Reader(bytes, localsStart, localsEnd);
  const count = reader.u32();
  const type = reader.u8();
  return { count, type, end: reader.offset };
}
