/**
 * The offset map: which byte of the rewritten module is which byte of the user's file. Traps, backtraces and debug information
 * speak of the original; engines speak of the rewritten module. A list of copied runs, ordered by their new offsets.
 *
 * A large module has a million runs, and most lie close together: so each is kept as how far it begins from the end of the run
 * before, in both, and its length; in blocks that can be found and moved as a whole.
 */
import { assert } from '../assert.ts';
import { Reader } from '../wasm/reader.ts';
import { Writer } from '../wasm/writer.ts';
import { Numbers } from './numbers.ts';

/** More take longer to look through, fewer take more room. */
const runsInBlock = 64;

/** [old offset, new offset, length]. */
type Run = readonly [number, number, number];

export class OffsetMap {
  /** All runs but the last: see `#close`. */
  readonly #packed: Writer;
  /** Of each block: where its first run begins, in both, and where it stands in `#packed`. */
  readonly #oldStarts = new Numbers();
  readonly #newStarts = new Numbers();
  readonly #places = new Numbers();
  /** How many runs the last block has; as many as it can if the next run begins another. */
  #inBlock = runsInBlock;
  #closed = 0;
  /** Where the last run in `#packed` ends, in both. */
  #oldEnd = 0;
  #newEnd = 0;
  /** The last run, which may become longer. */
  #old = 0;
  #new = 0;
  #length = 0;

  /** `capacity` is a guess at how many bytes it will take. */
  constructor(capacity = 4096) {
    this.#packed = new Writer(capacity);
  }

  /** Notes that `length` bytes at `oldOffset` were copied to `newOffset`. In rising order of `newOffset`. */
  add(oldOffset: number, newOffset: number, length: number): void {
    if (length === 0) return;
    const end = this.#new + this.#length;
    assert(newOffset >= end, 'copied runs are noted in order');
    if (newOffset === end && oldOffset === this.#old + this.#length && this.#length > 0) {
      this.#length += length;
      return;
    }
    this.#close();
    this.#old = oldOffset;
    this.#new = newOffset;
    this.#length = length;
  }

  /** The last run will not become longer. */
  #close(): void {
    if (this.#length === 0) return;
    if (this.#inBlock === runsInBlock) this.#beginBlock();
    this.#packed
      .s32(this.#old - this.#oldEnd)
      .u32(this.#new - this.#newEnd)
      .u32(this.#length);
    this.#oldEnd = this.#old + this.#length;
    this.#newEnd = this.#new + this.#length;
    this.#length = 0;
    this.#inBlock++;
    this.#closed++;
  }

  #beginBlock(): void {
    this.#oldStarts.push(this.#old);
    this.#newStarts.push(this.#new);
    this.#places.push(this.#packed.length);
    this.#oldEnd = this.#old;
    this.#newEnd = this.#new;
    this.#inBlock = 0;
  }

  /** Whatever is added from here on can be moved: gives a number for `shift`. */
  mark(): number {
    this.#close();
    this.#inBlock = runsInBlock;
    return this.#places.length;
  }

  /** Notes that `bytes` were put in before what was added since `mark`, which gave that number. */
  shift(mark: number, bytes: number): void {
    this.#close();
    if (mark === this.#places.length) return;
    const starts = this.#newStarts.view();
    for (let block = mark; block < starts.length; block++) starts[block]! += bytes;
    this.#newEnd += bytes;
    this.#new += bytes;
  }

  /** The number of copied runs. */
  get size(): number {
    return this.#closed + (this.#length > 0 ? 1 : 0);
  }

  /** The runs as [old offset, new offset, length], by rising new offset: what `wirq instrument` writes out. */
  *runs(): Generator<Run> {
    this.#close();
    for (let block = 0; block < this.#places.length; block++) yield* this.#runsOf(block);
  }

  *#runsOf(block: number): Generator<Run> {
    const last = block + 1 === this.#places.length;
    const packed = this.#packed.view();
    const reader = new Reader(packed, this.#places.at(block), last ? packed.length : this.#places.at(block + 1));
    let oldEnd = this.#oldStarts.at(block);
    let newEnd = this.#newStarts.at(block);
    while (!reader.done) {
      const oldOffset = oldEnd + reader.s32();
      const newOffset = newEnd + reader.u32();
      const length = reader.u32();
      yield [oldOffset, newOffset, length];
      oldEnd = oldOffset + length;
      newEnd = newOffset + length;
    }
  }

  /** The last run that begins at or before `newOffset`; undefined if none does. */
  #runBefore(newOffset: number): Run | undefined {
    this.#close();
    let low = 0;
    let high = this.#places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#newStarts.at(middle) <= newOffset) low = middle + 1;
      else high = middle;
    }
    let found: Run | undefined;
    if (low === 0) return found;
    for (const run of this.#runsOf(low - 1)) {
      if (run[1] > newOffset) break;
      found = run;
    }
    return found;
  }

  /** Whether the byte at `newOffset` stands for one of the original; others were inserted. */
  isCopied(newOffset: number): boolean {
    const run = this.#runBefore(newOffset);
    return run !== undefined && newOffset - run[1] < run[2];
  }

  /**
   * The offset in the original file of a byte of the rewritten module. For an inserted byte, the offset of the original byte
   * that the insertion stands before; 0 for what stands before all that was copied.
   */
  toOriginal(newOffset: number): number {
    const run = this.#runBefore(newOffset);
    if (run === undefined) return 0;
    const [oldStart, newStart, length] = run;
    return oldStart + Math.min(newOffset - newStart, length);
  }

  /**
   * The offset in the rewritten module of a byte of the original, of its first copy; undefined for a byte that was not kept. Looks
   * through all runs: who asks for many does so in one go, over `runs`.
   */
  toRewritten(oldOffset: number): number | undefined {
    for (const [oldStart, newStart, length] of this.runs()) {
      const into = oldOffset - oldStart;
      if (into >= 0 && into < length) return newStart + into;
    }
    return undefined;
  }
}
