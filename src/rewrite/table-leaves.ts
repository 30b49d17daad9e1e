/**
 * Short functions that calls through a table or a reference reach, and that do nothing but compute: they are charged where they
 * are called, at each such call the costliest one of its type, instead of writing the budget themselves. A host that calls one
 * through the table is not charged for it. Left out: exported functions, and those without a result, which may be handlers.
 */
import { WirqError } from '../errors.ts';
import { Instructions } from '../wasm/instructions.ts';
import type { Body, Module } from '../wasm/module.ts';
import { Effect, opcodeNamed } from '../wasm/opcodes.ts';
import { readValueType, type ValueType } from '../wasm/types.ts';
import { FunctionsByType } from './functions-by-type.ts';

/** Counted instructions at most: bounds how wrong an estimate can be, and what a host is not charged. */
export const maxTableLeafWeight = 32;
/** A body of so few counted instructions is not longer, as a rule. */
const maxBodyBytes = 128;
const numbers: ReadonlySet<ValueType> = new Set(['i32', 'i64', 'f32', 'f64', 'v128']);
const unreachable = opcodeNamed('unreachable');

export class TableLeaves {
  readonly #leaves: FunctionsByType;
  /** By the leaves that a call may reach. */
  readonly #charges = new Map<readonly number[], number>();

  constructor(module: Module, excluded: ReadonlySet<number>) {
    this.#leaves = new FunctionsByType(module);
    // Where function types have subtypes, a call of one type may reach functions of another.
    if (module.types.some(({ kind, subtyping }) => kind === 'func' && subtyping)) return;
    const code = new Instructions(module.bytes);
    for (const index of module.referenced) {
      const body = module.bodies[index - module.importedFunctions];
      if (body === undefined || excluded.has(index)) continue;
      const type = module.functionType(index);
      const simple = type.results.length > 0 && [...type.params, ...type.results].every((each) => numbers.has(each));
      if (simple && isShortAndPlain(code, body)) this.#leaves.add(index);
    }
  }

  all(): readonly number[] {
    return this.#leaves.all();
  }

  /** What a call of this type is charged; `weightOf` tells what one of the functions costs. */
  chargeOf(typeIndex: number, weightOf: (index: number) => number): number {
    const leaves = this.#leaves.of(typeIndex);
    const known = this.#charges.get(leaves);
    if (known !== undefined) return known;
    let charge = 0;
    for (const index of leaves) charge = Math.max(charge, weightOf(index));
    this.#charges.set(leaves, charge);
    return charge;
  }
}

function isShortAndPlain(code: Instructions, { start, end }: Body): boolean {
  if (end - start > maxBodyBytes) return false;
  code.aim(start, end);
  try {
    for (let groups = code.u32(); groups > 0; groups--) {
      code.u32();
      readValueType(code);
    }
    while (!code.done) {
      code.next();
      if (!isPlain(code)) return false;
    }
  } catch (error) {
    // Who scans the function says what is wrong with it.
    if (error instanceof WirqError) return false;
    throw error;
  }
  return true;
}

/** Neither calls nor goes round. What works on a length is found out when it is scanned. */
function isPlain({ effect, opcode }: Instructions): boolean {
  switch (effect) {
    case Effect.plain:
    case Effect.block:
    case Effect.if:
    case Effect.else:
    case Effect.end:
    case Effect.br:
    case Effect.brIf:
    case Effect.brTable:
    case Effect.return:
      return true;
    default:
      return opcode === unreachable;
  }
}
