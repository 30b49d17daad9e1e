/**
 * Which functions an indirect call may reach, where the module alone says what its tables hold: no table is imported or exported,
 * and no reference crosses its border. A host that writes into its tables all the same is not reckoned with.
 */
import type { Module } from '../wasm/module.ts';
import type { FunctionType } from '../wasm/types.ts';

/** More are not looked through. */
const maxTargets = 32;
const none: readonly number[] = [];

export class PrivateTables {
  readonly #module: Module;
  readonly #ofType = new Map<string, number[]>();

  /** To be made when all bodies have been scanned: they refer to functions too. */
  constructor(module: Module) {
    this.#module = module;
    if (!isPrivate(module)) return;
    for (const index of module.referenced) {
      const key = keyOf(module.functionType(index));
      const known = this.#ofType.get(key);
      if (known === undefined) this.#ofType.set(key, [index]);
      else known.push(index);
    }
  }

  /** All that a call of this type may reach; empty where that is not known, or many. */
  targets(typeIndex: number): readonly number[] {
    const signature = this.#module.types[typeIndex]?.signature;
    const targets = (signature && this.#ofType.get(keyOf(signature))) ?? none;
    return targets.length > maxTargets ? none : targets;
  }
}

const keyOf = ({ params, results }: FunctionType): string => `${params.join()}>${results.join()}`;

function isPrivate({ types, tables, exports, globals }: Module): boolean {
  if (tables.some(({ imported }) => imported) || exports.some(({ kind }) => kind === 'table')) return false;
  const isReference = (type: string): boolean => type.includes('ref');
  if (globals.some(({ type }) => isReference(type))) return false;
  return types.every(
    ({ signature, subtyping }) =>
      signature !== undefined && !subtyping && ![...signature.params, ...signature.results].some(isReference),
  );
}
