/**
 * Events to come, ordered by (key, sequence): two events of one key happen in the order they were scheduled.
 * The key is a machine time in ns or an instruction count; the queue does not care which.
 *
 * A binary heap of events that know their place in it, so that nothing is allocated once the array has grown, and each can
 * be removed. Taking the first leaves its place vacant until somebody asks what is next: what is scheduled meanwhile,
 * which is what everything that repeats does, gets that place, and mostly stays there.
 */
import { assert } from '../assert.ts';
import { WirqError } from '../errors.ts';

/** Beyond any real board; a flood of `schedule` calls ends in a clear error instead of exhausted memory. */
export const MAX_EVENTS = 1_000_000;

/** What can be scheduled. All of it is the queue's to change. */
export class QueuedEvent {
  key = 0;
  /** Of two events with one key, the lower happens first. */
  sequence = 0;
  /** Where in the heap; undefined when it is not scheduled. */
  place: number | undefined;
}

export class EventQueue<T extends QueuedEvent> {
  readonly #heap: T[] = [];
  /** What was first is taken, and the heap has not been put in order yet. */
  #vacant = false;
  /** The key of the first, which is asked for many times for every event; nothing while `#empty`, or vacant. */
  #nextKey = 0;
  #empty = true;
  #sequence = 0;

  get size(): number {
    return this.#heap.length - (this.#vacant ? 1 : 0);
  }

  /** The key of the earliest event, or undefined when there is none. */
  get nextKey(): number | undefined {
    if (this.#vacant) this.#close();
    return this.#empty ? undefined : this.#nextKey;
  }

  /** Schedules an event that is not scheduled. */
  schedule(key: number, event: T): void {
    assert(event.place === undefined, 'an event is scheduled once');
    event.key = key;
    event.sequence = this.#sequence++;
    if (this.#vacant) this.#sink(0, event);
    else this.#append(event);
    this.#first();
  }

  /** Takes the earliest event whose key is at most `limit`; undefined when there is none. */
  takeDue(limit: number): T | undefined {
    if (this.#vacant) this.#close();
    if (this.#empty || this.#nextKey > limit) return undefined;
    const event = this.#heap[0]!;
    event.place = undefined;
    this.#vacant = true;
    return event;
  }

  /** Removes an event that is scheduled. */
  remove(event: T): void {
    if (this.#vacant) this.#close();
    const { place } = event;
    assert(place !== undefined, 'what is removed was scheduled');
    event.place = undefined;
    const last = this.#heap.pop()!;
    if (last !== event) this.#sink(this.#rise(place, last), last);
    this.#first();
  }

  /** The last event moves up to where the first was. */
  #close(): void {
    const last = this.#heap.pop()!;
    if (this.#heap.length > 0) this.#sink(0, last);
    this.#first();
  }

  #append(event: T): void {
    const size = this.#heap.length;
    if (size >= MAX_EVENTS) tooMany();
    this.#heap.push(event);
    this.#place(this.#rise(size, event), event);
  }

  /** All is in order again. */
  #first(): void {
    this.#vacant = false;
    this.#empty = this.#heap.length === 0;
    if (!this.#empty) this.#nextKey = this.#heap[0]!.key;
  }

  /** Moves down what comes later than an event on its way up from `from`. @returns where the event belongs. */
  #rise(from: number, event: T): number {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, this.#heap[parent]!)) break;
      this.#place(at, this.#heap[parent]!);
      at = parent;
    }
    return at;
  }

  /** Moves up what comes before an event on its way down from `from`, and places it. */
  #sink(from: number, event: T): void {
    const heap = this.#heap;
    const size = heap.length;
    let at = from;
    for (let child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (isBefore(event, heap[child]!)) break;
      this.#place(at, heap[child]!);
      at = child;
    }
    this.#place(at, event);
  }

  #place(at: number, event: T): void {
    this.#heap[at] = event;
    event.place = at;
  }
}

function isBefore(one: QueuedEvent, other: QueuedEvent): boolean {
  return one.key < other.key || (one.key === other.key && one.sequence < other.sequence);
}

function tooMany(): never {
  throw new WirqError('limit', `more than ${MAX_EVENTS} events are waiting`, {
    advice: 'schedule a periodic event instead of its occurrences',
  });
}
