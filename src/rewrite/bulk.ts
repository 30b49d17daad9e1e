/**
 * What instructions in bulk are charged beyond the one they count like any other: by the length they work on, which only the run
 * tells. memory.copy, fill and init: one for each full eight bytes. table.copy, fill, init and grow, array.new, new_default,
 * new_data, new_elem, copy, fill, init_data and init_elem: one for each element; a table.grow that fails, nothing. At most
 * `maxLengthCharge`. Core specification 4.6; memory.grow, which touches nothing, and array.new_fixed are left out.
 *
 * The length is on top of the stack: a `local.tee` in front keeps it. It is charged *behind* the instruction, so that one that
 * traps costs nothing by its length, and the budget is checked at once, so that no two of these charges come together.
 */
import type { Instructions } from '../wasm/instructions.ts';
import type { Limits, Module } from '../wasm/module.ts';
import { opcodeNamed } from '../wasm/opcodes.ts';
import type { Writer } from '../wasm/writer.ts';
import type { InsertionList } from './insertion-list.ts';

/** Of a memory with 32-bit addresses nothing larger can come. A budget of 32 bits bears it, and a stretch before it. */
export const maxLengthCharge = 2 ** 29 - 1;

const i32 = 0x7f;
const i64 = 0x7e;
const one = (name: string): number => opcodeNamed(name)!;
const op = {
  localGet: one('local.get'),
  localTee: one('local.tee'),
  i32Const: one('i32.const'),
  i32Sub: one('i32.sub'),
  select: one('select'),
  wrap: one('i32.wrap_i64'),
} as const;
const [narrowOp, wideOp] = ['i32', 'i64'].map((type) => ({
  const: one(`${type}.const`),
  shiftRight: one(`${type}.shr_u`),
  less: one(`${type}.lt_u`),
  unequal: one(`${type}.ne`),
})) as [SizedOp, SizedOp];

interface SizedOp {
  readonly const: number;
  readonly shiftRight: number;
  readonly less: number;
  readonly unequal: number;
}

/** A bulk instruction in a function. */
export interface Bulk {
  /** Offsets in the file: of the instruction, and of what comes behind. */
  readonly at: number;
  readonly end: number;
  /** What is counted; `grown`: elements, unless the result says that there was no room. */
  readonly unit: 'bytes' | 'elements' | 'grown';
  /** Whether the length is an i64. */
  readonly wide: boolean;
}

const numbered = (names: string): readonly number[] => names.split(' ').map((name) => opcodeNamed(name)!);
const [memoryInit, memoryCopy, memoryFill, tableInit, tableCopy, tableGrow, tableFill] = numbered(
  'memory.init memory.copy memory.fill table.init table.copy table.grow table.fill',
);
const ofArrays = new Set([
  ...numbered('array.new array.new_default array.new_data array.new_elem'),
  ...numbered('array.copy array.fill array.init_data array.init_elem'),
]);

/** The instruction just read, if it works on a length that is not known before. */
export function bulkOf(module: Module, code: Instructions): Bulk | undefined {
  const { opcode, first, index, start: at, offset: end } = code;
  switch (opcode) {
    case memoryInit:
      return { at, end, unit: 'bytes', wide: false };
    case memoryCopy:
      return { at, end, unit: 'bytes', wide: isWide(module.memories, first) && isWide(module.memories, index) };
    case memoryFill:
      return { at, end, unit: 'bytes', wide: isWide(module.memories, first) };
    case tableInit:
      return { at, end, unit: 'elements', wide: false };
    case tableCopy:
      return { at, end, unit: 'elements', wide: isWide(module.tables, first) && isWide(module.tables, index) };
    case tableGrow:
      return { at, end, unit: 'grown', wide: isWide(module.tables, first) };
    case tableFill:
      return { at, end, unit: 'elements', wide: isWide(module.tables, first) };
    default:
      return ofArrays.has(opcode) ? { at, end, unit: 'elements', wide: false } : undefined;
  }
}

function isWide(space: readonly { readonly limits: Limits }[], index: number): boolean {
  return space[index]?.limits.wide ?? false;
}

const notNeeded = -1;

/** Puts a bulk instruction's length aside, and behind the instruction takes what that comes to off the budget. */
class Charges {
  /** Types of the locals that this takes, in order from `firstLocal` on. */
  readonly locals: number[] = [];
  readonly #firstLocal: number;
  /** Which those are: of lengths and of results, each narrow and wide. */
  readonly #slots = [notNeeded, notNeeded, notNeeded, notNeeded];

  constructor(bulks: readonly Bulk[], firstLocal: number) {
    this.#firstLocal = firstLocal;
    for (const { unit, wide } of bulks) {
      this.#local('length', wide);
      if (unit === 'grown') this.#local('result', wide);
    }
  }

  #local(what: 'length' | 'result', wide: boolean): number {
    const slot = (what === 'length' ? 0 : 2) + (wide ? 1 : 0);
    if (this.#slots[slot] === notNeeded) {
      this.#slots[slot] = this.#firstLocal + this.locals.push(wide ? i64 : i32) - 1;
    }
    return this.#slots[slot]!;
  }

  /** In front of the instruction keeps its length, behind it the result that says whether it was done. */
  keep(body: Writer, { unit, wide }: Bulk, inFront: boolean): void {
    if (inFront) body.u8(op.localTee).u32(this.#local('length', wide));
    else if (unit === 'grown') body.u8(op.localTee).u32(this.#local('result', wide));
  }

  /** Takes the charge off the budget on the stack. */
  charge(body: Writer, { unit, wide }: Bulk): void {
    const sized = wide ? wideOp : narrowOp;
    const length = this.#local('length', wide);
    pushCount(body, sized, unit, length);
    if (unit !== 'bytes' || wide) {
      body.u8(sized.const).s32(maxLengthCharge);
      pushCount(body, sized, unit, length);
      body.u8(sized.const).s32(maxLengthCharge).u8(sized.less).u8(op.select);
    }
    if (wide) body.u8(op.wrap);
    if (unit === 'grown') {
      body.u8(op.i32Const).s32(0).u8(op.localGet).u32(this.#local('result', wide));
      body.u8(sized.const).s32(-1).u8(sized.unequal).u8(op.select);
    }
    body.u8(op.i32Sub);
  }
}

/** What a length comes to. */
function pushCount(body: Writer, sized: SizedOp, unit: Bulk['unit'], length: number): void {
  body.u8(op.localGet).u32(length);
  if (unit === 'bytes') body.u8(sized.const).s32(3).u8(sized.shiftRight);
}

export type LengthCharges = Charges;

const none = new Charges([], 0);

/** `firstLocal` is free in the function that has these. */
export function lengthChargesOf(bulks: readonly Bulk[], firstLocal: number): LengthCharges {
  return bulks.length === 0 ? none : new Charges(bulks, firstLocal);
}

/** What to insert for the bulk instructions of a function whose other charges stand elsewhere. */
export function bulkInsertions(bulks: readonly Bulk[], into: InsertionList): InsertionList {
  into.clear();
  for (const bulk of bulks) {
    into.add(bulk.at, 'length', 0).bulk = bulk;
    into.add(bulk.end, 'bulk', 0, true).bulk = bulk;
  }
  return into;
}
