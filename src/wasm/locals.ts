/**
 * The locals a function declares, in front of its code. Core specification 5.5.13 "Code Section". Their types are left to the
 * engine, but for whether they are types at all.
 */
import { WirqError } from '../errors.ts';
import { maxFunctionBytes, maxLocals } from './limits.ts';
import type { Reader } from './reader.ts';
import { readValueType } from './types.ts';

export interface Locals {
  /** Parameters and declared locals: the index the next local gets. */
  readonly localCount: number;
  /** Groups in the declarations, and where those begin, behind their count. */
  readonly localGroups: number;
  readonly localsAt: number;
}

/** Reads the declarations at the start of a body; the code begins behind them. */
export function readLocals(reader: Reader, parameters: number): Locals {
  let localCount = parameters;
  // Groups may be empty, so that there can be more of them than locals.
  const localGroups = reader.count('groups of locals', maxFunctionBytes);
  const localsAt = reader.offset;
  for (let i = 0; i < localGroups; i++) {
    const at = reader.offset;
    localCount += reader.u32();
    if (localCount > maxLocals) {
      throw new WirqError('limit', `over ${maxLocals} locals`, { place: { offset: at } });
    }
    readValueType(reader);
  }
  return { localCount, localGroups, localsAt };
}
