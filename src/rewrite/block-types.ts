/** What control instructions do: how many values a block takes and gives, what ends a path. Core specification 5.4.1 "Control". */
import type { Module } from '../wasm/module.ts';
import { Effect } from '../wasm/opcodes.ts';

/** 0x40 as a signed number: neither takes nor gives any. */
export const emptyBlockType = -0x40;

/** `blockType` is as Instructions.index gives it. */
export function parameterCount(module: Module, blockType: number): number {
  return blockType < 0 ? 0 : (module.types[blockType]?.signature?.params.length ?? 0);
}

/** Undefined where there is no such type: the engine says so. */
export function resultCount(module: Module, blockType: number): number | undefined {
  if (blockType < 0) return blockType === emptyBlockType ? 0 : 1;
  return module.types[blockType]?.signature?.results.length;
}

/** Whether a branch to the label of such a block brings no values along. */
export function labelTakesNothing(module: Module, effect: number, blockType: number | undefined): boolean {
  if (blockType === undefined) return false;
  const count = effect === Effect.loop ? parameterCount(module, blockType) : resultCount(module, blockType);
  return count === 0;
}

/** Whether nothing comes after, though the instruction has no label. */
export function endsPath(effect: number): boolean {
  switch (effect) {
    case Effect.return:
    case Effect.stop:
    case Effect.returnCall:
    case Effect.returnCallIndirect:
    case Effect.returnCallRef:
      return true;
    default:
      return false;
  }
}
