/**
 * Which functions an indirect call may reach, where the module alone says what its tables hold: no table is imported or exported,
 * and no reference crosses its border. A host that writes into its tables all the same is not reckoned with.
 */
import type { Module } from '../wasm/module.ts';
import { FunctionsByType } from './functions-by-type.ts';

/** More are not looked through. */
const maxTargets = 32;
const none: readonly number[] = [];

export class PrivateTables {
  readonly #referenced: FunctionsByType;

  /** To be made when all bodies have been scanned: they refer to functions too. */
  constructor(module: Module) {
    this.#referenced = new FunctionsByType(module);
    if (!isPrivate(module)) return;
    for (const index of module.referenced) this.#referenced.add(index);
  }

  /** All that a call of this type may reach; empty where that is not known, or many. */
  targets(typeIndex: number): readonly number[] {
    const targets = this.#referenced.of(typeIndex);
    return targets.length > maxTargets ? none : targets;
  }
}

function isPrivate({ types, tables, exports, globals }: Module): boolean {
  if (tables.some(({ imported }) => imported) || exports.some(({ kind }) => kind === 'table')) return false;
  const isReference = (type: string): boolean => type.includes('ref');
  if (globals.some(({ type }) => isReference(type))) return false;
  return types.every(
    ({ signature, subtyping }) =>
      signature !== undefined && !subtyping && ![...signature.params, ...signature.results].some(isReference),
  );
}
