/**
 * The custom section `metadata.code.branch_hint` (branch hinting proposal): which branches are likely, by function and by offset
 * in its body. Hints the module came with are kept, moved to where their branches went. A malformed section is dropped: it is
 * advice, and engines ignore it too.
 */
import { WirqError } from '../errors.ts';
import { maxBranchHints, maxFunctions } from '../wasm/limits.ts';
import { Reader } from '../wasm/reader.ts';
import { u32Size, Writer } from '../wasm/writer.ts';
import type { Numbers } from './numbers.ts';

export const branchHintSection = 'metadata.code.branch_hint';

/** What a hint takes besides its offset: its length, which is one, and its value. */
const hintBytes = 2;

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
    const functions = reader.count('hinted functions', maxFunctions);
    for (let i = 0; i < functions; i++) {
      const index = reader.u32();
      const count = reader.count('hints', maxBranchHints);
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

/** The section to be, function by function in rising order. Kept in fewer bytes than it will take, since it can have millions. */
export class HintSection {
  /** Of each function: its index, how many hints, and how much each is more than the one before. */
  readonly #packed: Writer;
  #functions = 0;
  /** What all functions take in the section. */
  #bytes = 0;

  /** `capacity` is a guess, in bytes. */
  constructor(capacity: number) {
    this.#packed = new Writer(capacity);
  }

  /** Each hint as `packHint` gives it. Sorts them. */
  add(index: number, hints: Numbers): void {
    if (hints.length === 0) return;
    if (!isRising(hints)) hints.view().sort();
    this.#functions++;
    this.#bytes += u32Size(index) + u32Size(hints.length) + hintBytes * hints.length;
    this.#packed.u32(index).u32(hints.length);
    let before = 0;
    for (let i = 0; i < hints.length; i++) {
      const hint = hints.at(i);
      this.#bytes += u32Size(hint >>> 1);
      this.#packed.u32(hint - before);
      before = hint;
    }
  }

  /** How long the whole custom section is, its id and size included; 0 when there is nothing to hint. */
  get size(): number {
    if (this.#functions === 0) return 0;
    const contents = this.#head().length + this.#bytes;
    return 1 + u32Size(contents) + contents;
  }

  #head(): Writer {
    return new Writer(64).name(branchHintSection).u32(this.#functions);
  }

  write(to: Writer): void {
    if (this.#functions === 0) return;
    const head = this.#head();
    to.u8(0)
      .u32(head.length + this.#bytes)
      .bytes(head.view());
    const packed = new Reader(this.#packed.view());
    while (!packed.done) {
      const index = packed.u32();
      const count = packed.u32();
      to.u32(index).u32(count);
      let hint = 0;
      for (let i = 0; i < count; i++) {
        hint += packed.u32();
        to.u32(hint >>> 1)
          .u8(1)
          .u8(hint & 1);
      }
    }
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
