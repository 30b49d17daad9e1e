/**
 * Machine time as guest work done: one charged instruction is one cycle of `hz`; idling adds cycles without work.
 * Nothing here reads a real clock, so time is bit-identical on every run.
 *
 * The guest counts down a budget (see rewrite/); this clock knows what was granted and turns what is left of it
 * into elapsed work. Elapsed work is counted once, in `settle`.
 */
import { assert } from '../assert.ts';
import { Cycles } from './cycles.ts';
import type { Instant } from './instant.ts';
import type { MachineClock } from './machine-clock.ts';

/** The most a guest may be granted at once. Far below 2^31, so that charging below zero cannot wrap around. */
export const MAX_BUDGET = 1 << 30;

export class VirtualClock implements MachineClock {
  readonly hz: number;
  readonly #cycles: Cycles;
  /** What the guest's counter says. A safepoint may be told of work that the counter takes up only a little later. */
  #charged = 0;
  /** The most that #charged ever was: what the world is told, so that time never goes backwards. */
  #work = 0;
  #idleCycles = 0;
  #granted = 0;
  #nowCycle = 0;
  #now = 0 as Instant;
  /** The last instant that was asked for, usually the next event's, and its cycle. */
  #lastAt = -1;
  #lastCycle = 0;

  constructor(hz: number) {
    assert(Number.isSafeInteger(hz) && hz > 0, 'hz is a positive whole number');
    this.hz = hz;
    this.#cycles = new Cycles(hz);
  }

  /** Instructions charged since reset, as of the last `settle`. */
  get instructions(): number {
    return this.#work;
  }

  /** Cycles since reset, worked and idle, as of the last `settle`. */
  get elapsed(): number {
    return this.#work + this.#idleCycles;
  }

  /** Machine time as of the last `settle`. */
  get now(): Instant {
    // Asked for several times at one point in time.
    const elapsed = this.#work + this.#idleCycles;
    if (elapsed !== this.#nowCycle) {
      this.#nowCycle = elapsed;
      this.#now = this.#cycles.instantOf(elapsed);
    }
    return this.#now;
  }

  /** What the guest's counter holds, as of the last `settle` or `grant`. */
  get granted(): number {
    return this.#granted;
  }

  /** Accounts for the work done since `grant`: `remaining` is what the guest's counter now holds. */
  settle(remaining: number): void {
    this.#charged += this.#granted - remaining;
    this.#granted = remaining;
    if (this.#charged > this.#work) this.#work = this.#charged;
  }

  /** Notes what the guest's counter is about to be set to. Settle first. */
  grant(budget: number): void {
    assert(budget >= 0 && budget <= MAX_BUDGET, 'a budget within its bounds');
    this.#granted = budget;
  }

  /** Whole cycles from now until `at`: 0 when it is due. */
  cyclesUntil(at: Instant): number {
    const elapsed = this.#work + this.#idleCycles;
    return Math.max(0, this.#firstCycleAt(at) - elapsed);
  }

  /** Whether machine time is `at` or later. */
  isDue(at: Instant): boolean {
    return this.#work + this.#idleCycles >= this.#firstCycleAt(at);
  }

  /** How much the guest may charge until machine time is `at`: 0 when it is due. */
  budgetUntil(at: Instant): number {
    return this.cyclesUntil(at) + (this.#work - this.#charged);
  }

  /** How much the guest may charge until `count` instructions have been charged. */
  budgetUntilCount(count: number): number {
    return Math.max(0, count - this.#charged);
  }

  /** Lets cycles pass without work. */
  idle(cycles: number): void {
    this.#idleCycles += cycles;
  }

  /** Idles: moves time on to `at` without work. Does nothing when `at` is past. */
  jumpTo(at: Instant): void {
    this.#idleCycles += this.cyclesUntil(at);
  }

  #firstCycleAt(at: Instant): number {
    if (at !== this.#lastAt) {
      this.#lastAt = at;
      this.#lastCycle = this.#cycles.firstAt(at);
    }
    return this.#lastCycle;
  }
}
