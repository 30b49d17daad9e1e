/**
 * Whose turn it is, and how long it runs before its equals have theirs. A slice has an end only where somebody of the same level waits
 * for it: a task that is alone is not interrupted for nothing. The alarm is left where it is from slice to slice, and set
 * anew only when it has come too early: tasks that give way by themselves do so far more often than slices end.
 */
import type { Alarm } from '../clock/alarms.ts';
import type { Duration } from '../clock/instant.ts';
import type { SchedulerLoop } from './loop.ts';
import type { Thread } from './thread.ts';

export class Slices {
  readonly #loop: SchedulerLoop;
  readonly #length: Duration;
  readonly #alarm: Alarm;
  #end = 0;
  #over = false;
  /** An equal waits for it. */
  #needed = false;
  /** Whose slice it is. */
  #thread: Thread | undefined;
  /** Who last had the processor: a switch is to another one. */
  #latest: Thread;

  constructor(loop: SchedulerLoop, length: Duration, first: Thread) {
    this.#latest = first;
    this.#loop = loop;
    this.#length = length;
    this.#alarm = loop.timeline.create(() => this.#fired());
  }

  /** Whether the present slice has ended. */
  get over(): boolean {
    return this.#over;
  }

  /** A thread gets the processor. @returns whether another one had it before. */
  turn(thread: Thread, topLevel: number | undefined): boolean {
    const wasAway = thread !== this.#latest;
    this.#latest = thread;
    if (wasAway || thread.freshSlice) this.#begin(thread, topLevel);
    thread.freshSlice = false; // a switch of stacks is a turn too, and begins no slice
    return wasAway;
  }

  #begin(thread: Thread, topLevel: number | undefined): void {
    this.#over = this.#needed = false;
    this.#end = this.#loop.now + this.#length;
    this.#thread = thread;
    this.watch(topLevel);
  }

  /** Nobody is ready: time must not stop for a slice. */
  rest(): void {
    this.#alarm.cancel();
  }

  stop(): void {
    this.#alarm.cancel();
    this.#thread = undefined;
  }

  /** Somebody has become ready. */
  watch(topLevel: number | undefined): void {
    const thread = this.#thread;
    if (thread === undefined || this.#over || this.#needed) return;
    if (thread.kind !== 'task' || topLevel !== thread.level) return;
    this.#needed = true;
    if (!this.#alarm.isSet) this.#alarm.at(Math.max(this.#end, this.#loop.now));
  }

  #fired(): void {
    if (!this.#needed) return;
    if (this.#loop.now < this.#end) this.#alarm.at(this.#end);
    else this.#over = true;
  }
}
