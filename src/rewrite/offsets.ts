/**
 * The offset map: which byte of the rewritten module is which byte of the user's file. Traps, backtraces and debug information
 * speak of the original; engines speak of the rewritten module. A list of copied runs, ordered by their new offsets.
 */
import { assert } from '../assert.ts';

/** Runs of one function, before it is known where it will stand. Reused: an array that is emptied would have to grow again. */
export class Runs {
  #numbers = new Uint32Array(3 * 256);
  /** How many numbers there are: three a run. */
  length = 0;

  push(oldOffset: number, newOffset: number, length: number): void {
    if (this.length === this.#numbers.length) {
      const grown = new Uint32Array(2 * this.length);
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    this.#numbers[this.length] = oldOffset;
    this.#numbers[this.length + 1] = newOffset;
    this.#numbers[this.length + 2] = length;
    this.length += 3;
  }

  at(i: number): number {
    return this.#numbers[i]!;
  }
}

/** Runs are kept in blocks of so many: a large module has a million, and a growing array would hold them twice. */
const blockSize = 4096;

export class OffsetMap {
  /** Copied runs, three numbers each: old offset, new offset, length. */
  readonly #blocks: Uint32Array[] = [];
  #size = 0;
  /** Where the last run ends, in both. */
  #oldEnd = 0;
  #newEnd = 0;
  /** Runs ordered by old offset, made when first asked for. */
  #byOld: Uint32Array | undefined;

  /** Notes that `length` bytes at `oldOffset` were copied to `newOffset`. In rising order of `newOffset`. */
  add(oldOffset: number, newOffset: number, length: number): void {
    if (length === 0) return;
    assert(newOffset >= this.#newEnd, 'copied runs are noted in order');
    if (this.#size > 0 && newOffset === this.#newEnd && oldOffset === this.#oldEnd) {
      const last = this.#size - 1;
      this.#blocks[Math.floor(last / blockSize)]![3 * (last % blockSize) + 2]! += length;
    } else {
      const place = this.#size % blockSize;
      if (place === 0) this.#blocks.push(new Uint32Array(3 * blockSize));
      const block = this.#blocks[this.#blocks.length - 1]!;
      block[3 * place] = oldOffset;
      block[3 * place + 1] = newOffset;
      block[3 * place + 2] = length;
      this.#size++;
    }
    this.#oldEnd = oldOffset + length;
    this.#newEnd = newOffset + length;
    this.#byOld = undefined;
  }

  /** Notes that `bytes` were put in before the run numbered `first`. */
  shift(first: number, bytes: number): void {
    for (let i = first; i < this.#size; i++) {
      this.#blocks[Math.floor(i / blockSize)]![3 * (i % blockSize) + 1]! += bytes;
    }
    if (first < this.#size) this.#newEnd += bytes;
  }

  #old(run: number): number {
    return this.#blocks[Math.floor(run / blockSize)]![3 * (run % blockSize)]!;
  }

  #new(run: number): number {
    return this.#blocks[Math.floor(run / blockSize)]![3 * (run % blockSize) + 1]!;
  }

  #length(run: number): number {
    return this.#blocks[Math.floor(run / blockSize)]![3 * (run % blockSize) + 2]!;
  }

  /** Whether the byte at `newOffset` stands for one of the original; others were inserted. */
  isCopied(newOffset: number): boolean {
    const run = this.#runBefore(newOffset);
    return run >= 0 && newOffset - this.#new(run) < this.#length(run);
  }

  /** The last run that begins at or before `newOffset`; −1 if none does. */
  #runBefore(newOffset: number): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#new(middle) <= newOffset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The number of copied runs. */
  get size(): number {
    return this.#size;
  }

  /** The runs as [old offset, new offset, length], by rising new offset: what `wirq instrument` writes out. */
  *runs(): Generator<readonly [number, number, number]> {
    for (let i = 0; i < this.#size; i++) yield [this.#old(i), this.#new(i), this.#length(i)];
  }

  /**
   * The offset in the original file of a byte of the rewritten module. For an inserted byte, the offset of the original byte
   * that the insertion stands before; 0 for what stands before all that was copied.
   */
  toOriginal(newOffset: number): number {
    const run = this.#runBefore(newOffset);
    if (run < 0) return 0;
    const into = newOffset - this.#new(run);
    if (into < this.#length(run)) return this.#old(run) + into;
    return this.#old(run) + this.#length(run);
  }

  /** The offset in the rewritten module of a byte of the original, of its first copy; undefined for a byte that was not kept. */
  toRewritten(oldOffset: number): number | undefined {
    this.#byOld ??= this.#sortByOld();
    const order = this.#byOld;
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#old(order[middle]!) <= oldOffset) low = middle + 1;
      else high = middle;
    }
    // Copies of an unrolled loop overlap in the original; the run wanted is among the nearest before.
    for (let i = low - 1; i >= 0 && i > low - 64; i--) {
      const run = order[i]!;
      const into = oldOffset - this.#old(run);
      if (into < this.#length(run)) return this.#new(run) + into;
    }
    return undefined;
  }

  #sortByOld(): Uint32Array {
    const order = new Uint32Array(this.#size).map((_, run) => run);
    // Among copies of one run the first (lowest new offset) has to come last, where the search looks first.
    return order.sort((a, b) => this.#old(a) - this.#old(b) || b - a);
  }
}
