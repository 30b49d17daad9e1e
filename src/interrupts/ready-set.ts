/**
 * The exceptions that are pending and enabled, by priority: the most urgent one is found in the same few steps whether one
 * is waiting or all are. A bitmap of numbers for each priority, and above these two levels of summaries.
 * Priorities are those of ARMv7-M (B1.5.4), -2 … 255; of one priority the lowest number comes first.
 */
import { EXCEPTION_COUNT, type ExceptionNumber } from './exceptions.ts';

const WORDS = EXCEPTION_COUNT / 32;
/** NMI has -2, HardFault -1: levels begin there. */
const LOWEST = -2;
const LEVELS = 256 - LOWEST;
/** Less urgent than any: nothing is there, whatever the limit. */
const NOTHING = 1 << 16;

export class ReadySet {
  /** A bit for each exception, `WORDS` words for each level. */
  readonly #numbers = new Int32Array(LEVELS * WORDS);
  /** For each level, a bit for each of its words that has any. */
  readonly #words = new Int32Array(LEVELS);
  /** A bit for each level that has any. */
  readonly #levels = new Int32Array(Math.ceil(LEVELS / 32));
  /** A bit for each word of #levels that has any. */
  #summary = 0;
  /**
   * The most urgent one, where it came after all others: it is in no bitmap, for mostly it is also the next to go. 0 where
   * the bitmaps tell.
   */
  #newest = 0;
  #newestPriority = 0;
  /** The most urgent priority in the bitmaps; `NOTHING` where they are empty. */
  #restPriority = NOTHING;

  get isEmpty(): boolean {
    return this.#newest === 0 && this.#restPriority === NOTHING;
  }

  add(n: ExceptionNumber, priority: number): void {
    if (this.#newest !== 0 || priority >= this.#restPriority) this.#addToOthers(n, priority);
    else {
      this.#newest = n;
      this.#newestPriority = priority;
    }
  }

  #addToOthers(n: number, priority: number): void {
    if (this.#newest !== 0) {
      this.#insert(this.#newest, this.#newestPriority);
      this.#newest = 0;
    }
    this.#insert(n, priority);
  }

  #insert(n: number, priority: number): void {
    const level = priority - LOWEST;
    const word = n >> 5;
    this.#numbers[level * WORDS + word]! |= 1 << (n & 31);
    this.#words[level]! |= 1 << word;
    this.#levels[level >> 5]! |= 1 << (level & 31);
    this.#summary |= 1 << (level >> 5);
    if (priority < this.#restPriority) this.#restPriority = priority;
  }

  /** Does nothing when `n` is not in the set. */
  delete(n: ExceptionNumber, priority: number): void {
    if (this.#newest === n) this.#newest = 0;
    else if (this.#restPriority !== NOTHING) this.#remove(n, priority);
  }

  #remove(n: number, priority: number): void {
    const level = priority - LOWEST;
    const word = n >> 5;
    const at = level * WORDS + word;
    this.#numbers[at]! &= ~(1 << (n & 31));
    if (this.#numbers[at] !== 0) return;
    this.#words[level]! &= ~(1 << word);
    if (this.#words[level] !== 0) return;
    this.#levels[level >> 5]! &= ~(1 << (level & 31));
    if (this.#levels[level >> 5] === 0) this.#summary &= ~(1 << (level >> 5));
    if (priority === this.#restPriority) this.#restPriority = this.#lookForPriority();
  }

  #lookForPriority(): number {
    if (this.#summary === 0) return NOTHING;
    const high = lowestBit(this.#summary);
    return high * 32 + lowestBit(this.#levels[high]!) + LOWEST;
  }

  /** The most urgent exception, if it is more urgent than `limit`. */
  first(limit: number): ExceptionNumber | undefined {
    if (this.#newest !== 0) return this.#newestPriority < limit ? (this.#newest as ExceptionNumber) : undefined;
    return this.#restPriority < limit ? this.#firstOfRest() : undefined;
  }

  #firstOfRest(): ExceptionNumber {
    const level = this.#restPriority - LOWEST;
    const word = lowestBit(this.#words[level]!);
    return (word * 32 + lowestBit(this.#numbers[level * WORDS + word]!)) as ExceptionNumber;
  }
}

/** The index of the lowest bit that is set; there has to be one. */
function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
