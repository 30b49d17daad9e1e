/**
 * Who is ready to run, by level: first in, first out within a level, the lowest level first. Taking and adding cost the
 * same however many wait.
 */
export const LEVELS = 544;

/** A queue in an array: what was taken is dropped when it outweighs what is left. */
class Lane<T> {
  #items: (T | undefined)[] = [];
  #first = 0;

  get size(): number {
    return this.#items.length - this.#first;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  unshift(item: T): void {
    if (this.#first > 0) this.#items[--this.#first] = item;
    else this.#items.unshift(item);
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#first];
    this.#items[this.#first++] = undefined;
    if (this.#first > 32 && this.#first * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }

  remove(item: T): boolean {
    const at = this.#items.indexOf(item, this.#first);
    if (at < 0) return false;
    this.#items.splice(at, 1);
    return true;
  }
}

export class RunQueue<T extends { readonly level: number }> {
  readonly #lanes: (Lane<T> | undefined)[] = new Array(LEVELS).fill(undefined);
  /** One bit a level that somebody waits in. */
  readonly #occupied = new Int32Array(LEVELS / 32);
  /** One bit a word of those that is not 0. */
  #words = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The level of who comes next; undefined when nobody does. */
  get topLevel(): number | undefined {
    const words = this.#words;
    if (words === 0) return undefined;
    const word = 31 - Math.clz32(words & -words);
    const bits = this.#occupied[word]!;
    return word * 32 + 31 - Math.clz32(bits & -bits);
  }

  /** Behind its equals, or in front of them: whoever was interrupted goes on first. */
  add(item: T, place: 'front' | 'back'): void {
    const { level } = item;
    this.#lanes[level] ??= new Lane();
    const lane = this.#lanes[level];
    if (place === 'back') lane.push(item);
    else lane.unshift(item);
    this.#occupied[level >> 5]! |= 1 << (level & 31);
    this.#words |= 1 << (level >> 5);
    this.#size++;
  }

  take(): T | undefined {
    const level = this.topLevel;
    if (level === undefined) return undefined;
    const lane = this.#lanes[level]!;
    const item = lane.shift();
    this.#shrunk(level, lane);
    return item;
  }

  /** Takes one out of the middle: before its level changes, or because it has ended. */
  remove(item: T): void {
    const lane = this.#lanes[item.level];
    if (lane?.remove(item) === true) this.#shrunk(item.level, lane);
  }

  #shrunk(level: number, lane: Lane<T>): void {
    this.#size--;
    if (lane.size > 0) return;
    this.#occupied[level >> 5]! &= ~(1 << (level & 31));
    if (this.#occupied[level >> 5] === 0) this.#words &= ~(1 << (level >> 5));
  }
}
