/**
 * Machine time as guest work done: one charged instruction is one cycle of `hz`; idling adds cycles without work.
 * Nothing here reads a real clock, so time is bit-identical on every run.
 *
 * The guest counts down a budget (see rewrite/); this clock knows what was granted and turns what is left of it
 * into elapsed work. Elapsed work is counted once, in `settle`.
 */
import { assert } from '../assert.ts';
import { type Instant, MAX_NS } from './instant.ts';
import type { MachineClock } from './machine-clock.ts';

/** The most a guest may be granted at once. Far below 2^31, so that charging below zero cannot wrap around. */
export const MAX_BUDGET = 1 << 30;

/** Cycles beyond this are not counted exactly: time ends with them, earlier than MAX_NS would say above 1 GHz. */
const MAX_CYCLES = Number.MAX_SAFE_INTEGER;

/** Products up to here are exact. */
const MAX_EXACT = Number.MAX_SAFE_INTEGER;

export class VirtualClock implements MachineClock {
  readonly hz: number;
  /** A cycle lasts nanoseconds / cycles of the hz in lowest terms: 125 ns for 2 cycles at 16 MHz. */
  readonly #cycles: number;
  readonly #nanoseconds: number;
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
    const common = greatestCommonDivisor(hz, 1e9);
    this.#cycles = hz / common;
    this.#nanoseconds = 1e9 / common;
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
    // Asked for several times at one point in time, and a division each.
    const elapsed = this.#work + this.#idleCycles;
    if (elapsed !== this.#nowCycle) {
      this.#nowCycle = elapsed;
      this.#now = this.#instantOf(elapsed);
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

  /** Beyond exact products it is split into whole seconds and a rest, whose product is exact or close. */
  #instantOf(cycles: number): Instant {
    const product = cycles * this.#nanoseconds;
    if (product <= MAX_EXACT) return exactQuotient(product, this.#cycles) as Instant;
    if (cycles >= MAX_CYCLES) return MAX_NS as Instant;
    const seconds = Math.floor(cycles / this.hz);
    const rest = cycles - seconds * this.hz;
    return Math.min(seconds * 1e9 + Math.floor((rest * 1e9) / this.hz), MAX_NS) as Instant;
  }

  /** The first cycle whose time is `at` or later: an estimate, then corrected, so that it is right by construction. */
  #firstCycleAt(at: Instant): number {
    if (at !== this.#lastAt) {
      this.#lastAt = at;
      this.#lastCycle = this.#workOutCycleAt(at);
    }
    return this.#lastCycle;
  }

  #workOutCycleAt(at: Instant): number {
    const product = at * this.#cycles;
    if (product <= MAX_EXACT - this.#nanoseconds) {
      return exactQuotient(product + this.#nanoseconds - 1, this.#nanoseconds); // rounded up
    }
    const seconds = Math.floor(at / 1e9);
    const estimate = seconds * this.hz + Math.floor(((at - seconds * 1e9) * this.hz) / 1e9);
    let cycle = Math.min(estimate, MAX_CYCLES);
    while (cycle > 0 && this.#instantOf(cycle - 1) >= at) cycle--;
    while (this.#instantOf(cycle) < at) cycle++;
    return cycle;
  }
}

/** The quotient of exact integers, rounded down: the division itself may round up to the next one. */
function exactQuotient(dividend: number, divisor: number): number {
  const quotient = Math.floor(dividend / divisor);
  return quotient * divisor > dividend ? quotient - 1 : quotient;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
