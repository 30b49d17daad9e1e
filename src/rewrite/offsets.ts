/**
 * The offset map: which byte of the rewritten module is which byte of the user's file. Traps, backtraces and debug information
 * speak of the original; engines speak of the rewritten module. A list of copied runs, ordered by their new offsets.
 */
import { assert } from '../assert.ts';

export class OffsetMap {
  /** Parallel arrays, one element a copied run. */
  readonly #old: number[] = [];
  readonly #new: number[] = [];
  readonly #length: number[] = [];
  /** Runs ordered by old offset, made when first asked for. */
  #byOld: Uint32Array | undefined;

  /** Notes that `length` bytes at `oldOffset` were copied to `newOffset`. In rising order of `newOffset`. */
  add(oldOffset: number, newOffset: number, length: number): void {
    if (length === 0) return;
    const last = this.#old.length - 1;
    if (last >= 0) {
      const end = this.#new[last]! + this.#length[last]!;
      assert(newOffset >= end, 'copied runs are noted in order');
      if (end === newOffset && this.#old[last]! + this.#length[last]! === oldOffset) {
        this.#length[last]! += length;
        return;
      }
    }
    this.#old.push(oldOffset);
    this.#new.push(newOffset);
    this.#length.push(length);
    this.#byOld = undefined;
  }

  /** Takes over the runs of `other`, whose new offsets count from `base`. */
  addAll(other: OffsetMap, base: number): void {
    for (let i = 0; i < other.#old.length; i++) this.add(other.#old[i]!, other.#new[i]! + base, other.#length[i]!);
  }

  /** Whether the byte at `newOffset` stands for one of the original; others were inserted. */
  isCopied(newOffset: number): boolean {
    const run = this.#runBefore(newOffset);
    return run >= 0 && newOffset - this.#new[run]! < this.#length[run]!;
  }

  /** The last run that begins at or before `newOffset`; −1 if none does. */
  #runBefore(newOffset: number): number {
    let low = 0;
    let high = this.#new.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#new[middle]! <= newOffset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The number of copied runs. */
  get size(): number {
    return this.#old.length;
  }

  /** The runs as [old offset, new offset, length], by rising new offset: what `wirq instrument` writes out. */
  *runs(): Generator<readonly [number, number, number]> {
    for (let i = 0; i < this.#old.length; i++) yield [this.#old[i]!, this.#new[i]!, this.#length[i]!];
  }

  /**
   * The offset in the original file of a byte of the rewritten module. For an inserted byte, the offset of the original byte
   * that the insertion stands before; 0 for what stands before all that was copied.
   */
  toOriginal(newOffset: number): number {
    const run = this.#runBefore(newOffset);
    if (run < 0) return 0;
    const into = newOffset - this.#new[run]!;
    if (into < this.#length[run]!) return this.#old[run]! + into;
    return this.#old[run]! + this.#length[run]!;
  }

  /** The offset in the rewritten module of a byte of the original, of its first copy; undefined for a byte that was not kept. */
  toRewritten(oldOffset: number): number | undefined {
    this.#byOld ??= this.#sortByOld();
    const order = this.#byOld;
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#old[order[middle]!]! <= oldOffset) low = middle + 1;
      else high = middle;
    }
    // Copies of an unrolled loop overlap in the original; the run wanted is among the nearest before.
    for (let i = low - 1; i >= 0 && i > low - 64; i--) {
      const run = order[i]!;
      const into = oldOffset - this.#old[run]!;
      if (into < this.#length[run]!) return this.#new[run]! + into;
    }
    return undefined;
  }

  #sortByOld(): Uint32Array {
    const order = Uint32Array.from(this.#old.keys());
    // Among copies of one run the first (lowest new offset) has to come last, where the search looks first.
    return order.sort((a, b) => this.#old[a]! - this.#old[b]! || b - a);
  }
}
