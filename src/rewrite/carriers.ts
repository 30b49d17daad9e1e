/**
 * Functions that carry the budget: they take it as one parameter more, behind their own, and give it back as one result more. So it
 * stays in a register through calls and recursion, where a global would be read and written at every step, each waiting for the
 * one before. Only functions that nothing but direct calls can reach may have another type than they had; their numbers stay.
 *
 * The parameter takes the place of the first declared local, which has to be an i32 then, so that no local changes its number: on
 * entry it is moved into an appended local and the declared one made zero, unless it is written first. Where no local is declared it is an appended one itself.
 *
 * Left out: functions with more than one result or with parameters that are references; and, where counts are estimates, whole
 * modules that have tail calls, exceptions or stack switching, where control leaves a function by other ways than its end, or much
 * code. Where they are exact (budget-homes.ts) only such functions are left out.
 */
import type { Instructions } from '../wasm/instructions.ts';
import { maxParameters } from '../wasm/limits.ts';
import type { Module } from '../wasm/module.ts';
import { Effect } from '../wasm/opcodes.ts';
import { Reader } from '../wasm/reader.ts';
import type { FunctionType, ValueType } from '../wasm/types.ts';
import { op } from './layout.ts';

/** Firmware is smaller; in large modules writing calls anew would take longer than most of their calls are worth. */
const maxCodeBytes = 1024 * 1024;
const i32 = 0x7f;
const numbers = new Map<ValueType, number>([
  ['i32', i32],
  ['i64', 0x7e],
  ['f32', 0x7d],
  ['f64', 0x7c],
  ['v128', 0x7b],
]);

/** A function type, as the type section spells it. */
export interface CarryingType {
  readonly params: readonly number[];
  readonly results: readonly number[];
}

/** Declared locals of a function, as carriers are concerned. */
export interface FirstLocals {
  /** How many the first group has; 0 where no local is declared. */
  readonly count: number;
  /** Where the next group begins. */
  readonly end: number;
}

export class Carriers {
  /** The types they get, in the order in which they are appended. */
  readonly types: CarryingType[] = [];
  readonly #module: Module;
  /** By function index: 1 + the number of its type, 0 where it carries nothing. */
  readonly #typeOf: Uint32Array;

  /** `carries` is asked once about each function that may. */
  constructor(module: Module, candidates: Candidates | undefined, carries: (index: number) => boolean) {
    this.#module = module;
    this.#typeOf = new Uint32Array(module.functions.length);
    if (candidates === undefined) return;
    const known = new Map<string, number>();
    for (let index = module.importedFunctions; index < module.functions.length; index++) {
      if (!candidates.has(index) || !carries(index)) continue;
      const { params, results } = module.functionType(index);
      const key = `${params.join()}>${results.join()}`;
      const number = known.get(key) ?? this.types.push(carryingType(module.functionType(index)));
      known.set(key, number);
      this.#typeOf[index] = number;
    }
  }

  has(index: number): boolean {
    return this.#typeOf[index] !== 0;
  }

  /** The number of its type among `types`; undefined where it keeps its own. */
  typeOf(index: number): number | undefined {
    const number = this.#typeOf[index]!;
    return number === 0 ? undefined : number - 1;
  }

  /** How many parameters it has of its own: the number of the local in which it gets the budget. */
  parameter(index: number): number {
    return this.#module.functionType(index).params.length;
  }
}

/** Which functions may carry the budget, as far as can be told without reading their code. */
export class Candidates {
  readonly #may: Uint8Array;

  /** `excluded` are functions that others than direct calls reach; `large`: whatever the module has, and however large it is. */
  constructor(module: Module, excluded: Iterable<number>, { large = false }: { readonly large?: boolean } = {}) {
    this.#may = new Uint8Array(module.functions.length);
    const code = module.bodies.reduce((sum, { start, end }) => sum + end - start, 0);
    if (!large && (code > maxCodeBytes || module.tags.length > 0)) return;
    const isSimple = module.types.map(({ signature }) => signature !== undefined && hasOnlyNumbers(signature));
    for (let index = module.importedFunctions; index < module.functions.length; index++) {
      if (isSimple[module.functions[index]!.typeIndex]! && firstLocals(module, index) !== undefined)
        this.#may[index] = 1;
    }
    for (const index of excluded) this.#may[index] = 0;
  }

  has(index: number): boolean {
    return this.#may[index] === 1;
  }
}

/** Whether a function of this type can be handed a parameter and asked for a result more. */
function hasOnlyNumbers({ params, results }: FunctionType): boolean {
  if (params.length >= maxParameters) return false;
  return results.length < 2 && [...params, ...results].every((type) => numbers.has(type));
}

/** The byte that spells a number's type; undefined for references. */
export function typeByte(type: ValueType): number | undefined {
  return numbers.get(type);
}

/** Undefined where the first declared local cannot make room. */
export function firstLocals(module: Module, index: number): FirstLocals | undefined {
  const { start, end } = module.bodies[index - module.importedFunctions]!;
  const reader = new Reader(module.bytes, start, end);
  const groups = reader.u32();
  if (groups === 0) return { count: 0, end: reader.offset };
  const count = reader.u32();
  return count > 0 && reader.u8() === i32 ? { count, end: reader.offset } : undefined;
}

/** Whether a local may be read before it is written: looks through the straight code that is next. */
export function mayReadFirst(code: Instructions, local: number): boolean {
  for (;;) {
    code.next();
    const { opcode, effect, index } = code;
    if (effect !== Effect.plain && effect !== Effect.block) return true;
    const isLocal = opcode === op.localGet || opcode === op.localSet || opcode === op.localTee;
    if (isLocal && index === local) return opcode === op.localGet;
  }
}

function carryingType({ params, results }: FunctionType): CarryingType {
  const byte = (type: ValueType): number => numbers.get(type)!;
  return { params: [...params.map(byte), i32], results: [...results.map(byte), i32] };
}
