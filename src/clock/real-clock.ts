/**
 * Machine time as real time passes: the host's monotonic clock since the guest was connected, times a ratio. Work is
 * counted where the guest counts it, and says nothing of time. The host's clock is read when somebody wants to know, and then
 * stands still until the next `settle`; mostly it is only asked whether something is due, and nothing is.
 *
 * Where the guest counts down a budget, that only makes it come by: often enough to be in time, rarely enough to be fast.
 */
import { assert } from '../assert.ts';
import { type Instant, MAX_NS } from './instant.ts';
import type { MachineClock } from './machine-clock.ts';
import type { RealTime } from './real-time.ts';

/** The guest comes by after so many instructions: some 10 µs, of which looking takes less than a hundredth. */
export const REAL_TIME_BUDGET = 1 << 14;

export class RealClock implements MachineClock {
  readonly hz: number;
  readonly #time: RealTime;
  readonly #ratio: number;
  /** The host's time at machine time 0; undefined until the guest is connected. */
  #origin: number | undefined;
  /** As it was when it was last read. */
  #now = 0 as Instant;
  /** Time may have passed since. */
  #isStale = false;
  /** That it is not yet was found out since. */
  #notYet = Number.POSITIVE_INFINITY;
  #instructions = 0;
  /** What the guest's counter says, which may lag behind what a safepoint was told. */
  #charged = 0;
  #granted = 0;

  constructor(hz: number, time: RealTime) {
    this.hz = hz;
    this.#time = time;
    this.#ratio = time.ratio ?? 1;
    assert(this.#ratio > 0, 'time passes');
  }

  get now(): Instant {
    if (this.#isStale) this.#read();
    return this.#now;
  }

  get instructions(): number {
    return this.#instructions;
  }

  get elapsed(): number {
    return Math.floor((this.now * this.hz) / 1e9);
  }

  get granted(): number {
    return this.#granted;
  }

  settle(remaining: number): void {
    this.#charged += this.#granted - remaining;
    this.#granted = remaining;
    if (this.#charged > this.#instructions) this.#instructions = this.#charged;
    this.#isStale = true;
    this.#notYet = Number.POSITIVE_INFINITY;
  }

  grant(budget: number): void {
    this.#origin ??= this.#time.nowNs();
    this.#granted = budget;
  }

  isDue(at: Instant): boolean {
    if (!this.#isStale || this.#now >= at || this.#origin === undefined) return this.#now >= at;
    if (at >= this.#notYet) return false;
    const reached = this.#reached(this.hostTimeOf(at));
    if (reached === undefined) this.#notYet = at;
    else this.#set(reached);
    return this.#now >= at;
  }

  budgetUntil(at: Instant): number {
    return this.isDue(at) ? 0 : REAL_TIME_BUDGET;
  }

  budgetUntilCount(count: number): number {
    return Math.max(0, count - this.#charged);
  }

  jumpTo(at: Instant): void {
    this.#isStale = true;
    const { now } = this;
    if (at > now) this.#time.rest(at === MAX_NS ? undefined : (at - now) / this.#ratio);
    this.#isStale = true;
    this.#notYet = Number.POSITIVE_INFINITY;
  }

  /** Time passes by itself. */
  idle(): void {}

  /** When, by the host's clock, machine time is `at`. */
  hostTimeOf(at: Instant): number {
    return (this.#origin ?? this.#time.nowNs()) + at / this.#ratio;
  }

  #read(): void {
    if (this.#origin === undefined) this.#isStale = false;
    else this.#set(this.#time.nowNs());
  }

  #reached(hostTime: number): number | undefined {
    if (this.#time.reached !== undefined) return this.#time.reached(hostTime);
    const now = this.#time.nowNs();
    return now >= hostTime ? now : undefined;
  }

  /** A monotonic clock that is not is none of the guest's business. */
  #set(hostTime: number): void {
    this.#isStale = false;
    const elapsed = Math.floor((hostTime - this.#origin!) * this.#ratio);
    if (elapsed > this.#now) this.#now = Math.min(elapsed, MAX_NS) as Instant;
  }
}
