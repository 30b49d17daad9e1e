/**
 * The custom section `metadata.code.branch_hint` (branch hinting proposal): which branches are likely, by function and by offset
 * in its body. Hints the module came with are kept, moved to where their branches went. A malformed section is dropped: it is
 * advice, and engines ignore it too.
 */
import { WirqError } from '../errors.ts';
import { Reader } from '../wasm/reader.ts';
import { Writer } from '../wasm/writer.ts';
import type { Numbers } from './numbers.ts';

export const branchHintSection = 'metadata.code.branch_hint';

export interface BranchHint {
  /** From the start of the function's body (its local declarations), size field excluded. */
  readonly offset: number;
  readonly likely: boolean;
}

/** Hints by function index. */
export type BranchHints = Map<number, BranchHint[]>;

/** Reads the section's contents. */
export function readBranchHints(contents: Uint8Array): BranchHints {
  const hints: BranchHints = new Map();
  const reader = new Reader(contents);
  try {
    const functions = reader.count('hinted functions', 1_000_000);
    for (let i = 0; i < functions; i++) {
      const index = reader.u32();
      const count = reader.count('hints', 10_000_000);
      const list: BranchHint[] = [];
      for (let j = 0; j < count; j++) {
        const offset = reader.u32();
        const length = reader.u32();
        const value = reader.take(length);
        list.push({ offset, likely: value[0] === 1 });
      }
      hints.set(index, list);
    }
    reader.expectEnd(branchHintSection);
  } catch (error) {
    if (!(error instanceof WirqError)) throw error;
    return new Map();
  }
  return hints;
}

/** The section to be, function by function in rising order. */
export class HintSection {
  readonly #functions: Writer;
  #count = 0;

  /** `capacity` is a guess, in bytes. */
  constructor(capacity: number) {
    this.#functions = new Writer(capacity);
  }

  /** Each hint as `packHint` gives it. Sorts them. */
  add(index: number, hints: Numbers): void {
    if (hints.length === 0) return;
    this.#count++;
    this.#functions.u32(index).u32(hints.length);
    if (!isRising(hints)) hints.view().sort();
    for (let i = 0; i < hints.length; i++) {
      const hint = hints.at(i);
      this.#functions
        .u32(hint >>> 1)
        .u8(1)
        .u8(hint & 1);
    }
  }

  /** The whole custom section in pieces, its id and size included; none when there is nothing to hint. */
  pieces(): readonly Uint8Array[] {
    if (this.#count === 0) return [];
    const start = new Writer(64).name(branchHintSection).u32(this.#count);
    const size = new Writer(16).u8(0).u32(start.length + this.#functions.length);
    return [size.view(), start.view(), this.#functions.view()];
  }
}

/** In one number: a large module has many. A body's length takes far fewer bits. */
export function packHint(offset: number, likely: boolean): number {
  return 2 * offset + (likely ? 1 : 0);
}

function isRising(hints: Numbers): boolean {
  for (let i = 1; i < hints.length; i++) if (hints.at(i) < hints.at(i - 1)) return false;
  return true;
}
