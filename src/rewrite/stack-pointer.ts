/**
 * Finds the global that holds LLVM's shadow stack pointer, so that a handler can be given a stack of its own.
 * By name (`__stack_pointer`) where there is one; else by the prologue that clang and rustc write: read, subtract, keep, write.
 */
import type { Instructions } from '../wasm/instructions.ts';
import type { Module } from '../wasm/module.ts';
import { opcodeNamed } from '../wasm/opcodes.ts';

export interface StackPointer {
  readonly globalIndex: number;
  readonly how: 'name' | 'export' | 'pattern';
}

const stackPointerName = '__stack_pointer';
const stackAlignment = 16;
/** The prologue comes first in a function; what looks like one further in is arithmetic. */
const prologueInstructions = 12;

const globalGet = opcodeNamed('global.get')!;
const globalSet = opcodeNamed('global.set')!;
const i32Const = opcodeNamed('i32.const')!;
const i32Sub = opcodeNamed('i32.sub')!;
const i32Add = opcodeNamed('i32.add')!;
const localTee = opcodeNamed('local.tee')!;

/** Watches the first instructions of a function for `global.get g · i32.const 16k · i32.sub · local.tee · global.set g`. */
export class PrologueScan {
  active = false;
  readonly #counts: Map<number, number>;
  #left = 0;
  #matched = 0;
  #global = 0;
  /** The instruction that moves the pointer down by the constant just read. */
  #down = 0;

  /** `counts` is how many functions have such a prologue, by global. */
  constructor(counts: Map<number, number>) {
    this.#counts = counts;
  }

  /** Watches another function, from its first instruction. */
  begin(): void {
    this.active = true;
    this.#left = prologueInstructions;
    this.#matched = 0;
  }

  step(code: Instructions): void {
    this.active = --this.#left > 0;
    const opcode = code.opcode;
    if (opcode === globalGet) {
      this.#global = code.index;
      this.#matched = 1;
    } else if (
      this.#matched === 1 &&
      opcode === i32Const &&
      code.constant !== 0 &&
      (code.constant & (stackAlignment - 1)) === 0
    ) {
      this.#matched = 2;
      this.#down = code.constant > 0 ? i32Sub : i32Add;
    } else if (this.#matched === 2 && opcode === this.#down) {
      this.#matched = 3;
    } else if (this.#matched === 3 && opcode === localTee) {
      this.#matched = 4;
    } else if (this.#matched === 4 && opcode === globalSet && code.index === this.#global) {
      this.#counts.set(this.#global, (this.#counts.get(this.#global) ?? 0) + 1);
      this.active = false;
    } else {
      this.#matched = 0;
    }
  }
}

function isPointer(module: Module, index: number): boolean {
  const global = module.globals[index];
  return global?.mutable === true && (global.type === 'i32' || global.type === 'i64');
}

/** The stack pointer of a module, given how many functions have a prologue that moves it; undefined if nothing looks like one. */
export function findStackPointer(module: Module, prologues: ReadonlyMap<number, number>): StackPointer | undefined {
  for (const [globalIndex, name] of module.names.globals) {
    if (name === stackPointerName && isPointer(module, globalIndex)) return { globalIndex, how: 'name' };
  }
  for (const { kind, name, index } of module.exports) {
    if (kind === 'global' && name === stackPointerName && isPointer(module, index))
      return { globalIndex: index, how: 'export' };
  }
  for (const { kind, name, index } of module.imports) {
    if (kind === 'global' && name === stackPointerName && isPointer(module, index))
      return { globalIndex: index, how: 'name' };
  }
  return byPattern(module, prologues);
}

/** Several functions have to agree; a single one does if the global also begins as an aligned address above its frame. */
function byPattern(module: Module, prologues: ReadonlyMap<number, number>): StackPointer | undefined {
  let best: number | undefined;
  for (const [index, count] of prologues) {
    if (!isPointer(module, index) || module.globals[index]!.type !== 'i32') continue;
    const initial = module.globals[index]!.initial;
    const plausible = initial !== undefined && initial > 0 && initial % stackAlignment === 0;
    if (count < 2 && !(plausible && index === 0)) continue;
    if (best === undefined || count > prologues.get(best)!) best = index;
  }
  return best === undefined ? undefined : { globalIndex: best, how: 'pattern' };
}
