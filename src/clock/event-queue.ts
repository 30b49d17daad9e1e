/**
 * Events to come, ordered by (key, sequence): two events of one key happen in the order they were scheduled.
 * The key is a machine time in ns or an instruction count; the queue does not care which.
 * A binary heap in parallel arrays, so that scheduling and taking allocate nothing once the arrays have grown.
 */
import { WirqError } from '../errors.ts';

/** Beyond any real board; a flood of `schedule` calls ends in a clear error instead of exhausted memory. */
export const MAX_EVENTS = 1_000_000;

export class EventQueue<T> {
  readonly #keys: number[] = [];
  readonly #sequences: number[] = [];
  readonly #items: T[] = [];
  /** #keys[0]: asked many times for every event. */
  #nextKey: number | undefined;
  #sequence = 0;

  get size(): number {
    return this.#items.length;
  }

  /** The key of the earliest event, or undefined when there is none. */
  get nextKey(): number | undefined {
    return this.#nextKey;
  }

  /** The earliest event, left in place. */
  get first(): T | undefined {
    return this.#items[0];
  }

  /** The sequence number of the earliest event. */
  get firstSequence(): number | undefined {
    return this.#sequences[0];
  }

  /** @returns the event's sequence number, which no other event of this queue ever has. */
  schedule(key: number, item: T): number {
    if (this.#items.length >= MAX_EVENTS) {
      throw new WirqError('limit', `more than ${MAX_EVENTS} events are waiting`, {
        advice: 'schedule a periodic event instead of its occurrences',
      });
    }
    let at = this.#items.length;
    const sequence = this.#sequence++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(key, sequence, parent)) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#place(at, key, sequence, item);
    if (at === 0) this.#nextKey = key;
    return sequence;
  }

  /** Takes the earliest event whose key is at most `limit`; undefined when there is none. */
  takeDue(limit: number): T | undefined {
    const key = this.#nextKey;
    if (key === undefined || key > limit) return undefined;
    const item = this.#items[0];
    const lastKey = this.#keys.pop()!;
    const lastSequence = this.#sequences.pop()!;
    const last = this.#items.pop()!;
    if (this.#items.length === 0) this.#nextKey = undefined;
    else {
      this.#sink(lastKey, lastSequence, last);
      this.#nextKey = this.#keys[0];
    }
    return item;
  }

  /** Removes every event that `matches`. Linear: for cancelling, which is rare. */
  removeWhere(matches: (item: T, sequence: number) => boolean): void {
    const kept: [number, number, T][] = [];
    for (let at = 0; at < this.#items.length; at++) {
      const item = this.#items[at]!;
      if (!matches(item, this.#sequences[at]!)) kept.push([this.#keys[at]!, this.#sequences[at]!, item]);
    }
    if (kept.length === this.#items.length) return;
    kept.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    this.#keys.length = this.#sequences.length = this.#items.length = 0;
    kept.forEach(([key, sequence, item], at) => {
      this.#place(at, key, sequence, item); // a sorted array is a heap
    });
    this.#nextKey = kept[0]?.[0];
  }

  #sink(key: number, sequence: number, item: T): void {
    let at = 0;
    const size = this.#items.length;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#before(this.#keys[child + 1]!, this.#sequences[child + 1]!, child)) child++;
      if (this.#before(key, sequence, child)) break;
      this.#move(child, at);
      at = child;
    }
    this.#place(at, key, sequence, item);
  }

  #before(key: number, sequence: number, at: number): boolean {
    const other = this.#keys[at]!;
    return key < other || (key === other && sequence < this.#sequences[at]!);
  }

  #move(from: number, to: number): void {
    this.#place(to, this.#keys[from]!, this.#sequences[from]!, this.#items[from]!);
  }

  #place(at: number, key: number, sequence: number, item: T): void {
    this.#keys[at] = key;
    this.#sequences[at] = sequence;
    this.#items[at] = item;
  }
}
