/**
 * What a script sees of the events that the guest tells by its mailbox (outbox kind 7): they are looked for in their order,
 * and finding one consumes it and those before it, so that a second wait for the same event waits for its second occurrence.
 */

/** Of events that nobody has waited for, the latest; older ones are forgotten. */
const MAX_KEPT = 10_000;

interface GuestEvent {
  readonly number: number;
  /** Unsigned. */
  readonly value: bigint;
}

export class GuestEvents {
  #kept: GuestEvent[] = [];
  #searched = 0;

  note(number: number, value: bigint): void {
    this.#kept.push({ number, value });
    if (this.#kept.length < 2 * MAX_KEPT) return;
    this.#searched = Math.max(0, this.#searched - MAX_KEPT);
    this.#kept = this.#kept.slice(MAX_KEPT);
  }

  /** Looks for an event with this number, and with this value if one is given, and consumes everything up to it. */
  take(number: number, value: bigint | undefined): boolean {
    while (this.#searched < this.#kept.length) {
      const event = this.#kept[this.#searched++]!;
      if (event.number !== number || (value !== undefined && event.value !== value)) continue;
      this.#kept = this.#kept.slice(this.#searched);
      this.#searched = 0;
      return true;
    }
    return false;
  }

  /** Restarts the search for another event from the first that is not consumed. */
  rewind(): void {
    this.#searched = 0;
  }

  /** The latest that has not been consumed, for messages. */
  get last(): string {
    const last = this.#kept.at(-1);
    return last === undefined ? 'it has told nothing else' : `the last was event ${last.number} with ${last.value}`;
  }
}
