/**
 * The cycles of a clock in machine time and back, exactly. A cycle begins at its time rounded down to a whole nanosecond.
 *
 * Close behind a landmark, a point where both are whole, this is arithmetic of small whole numbers, for which V8 has
 * the fastest code; the landmark is taken along. Elsewhere products are still exact, or are split into seconds and a rest.
 */
import { type Instant, MAX_NS } from './instant.ts';

/** Cycles beyond this are not counted exactly: time ends with them, earlier than MAX_NS would say above 1 GHz. */
const MAX_CYCLES = Number.MAX_SAFE_INTEGER;

/** Products up to here are exact. */
const MAX_EXACT = Number.MAX_SAFE_INTEGER;

/** Products up to here are small, and twice as much is still a number of 32 bits. */
const SMALL = 2 ** 30;

export class Cycles {
  readonly #hz: number;
  // Fields begin as whole numbers: those that begin as undefined can hold anything, for V8.
  /** A cycle lasts nanoseconds / cycles of the hz in lowest terms: 125 ns for 2 cycles at 16 MHz. */
  readonly #cycles: number = 1;
  readonly #nanoseconds: number = 1;
  /** 1 / #cycles and 1 / #nanoseconds: multiplying takes a fraction of the time of dividing. */
  readonly #perCycles: number;
  readonly #perNanoseconds: number;
  /** How far from the landmark products are small. Below 0 for a rate without landmarks to speak of. */
  readonly #reachCycles: number = 0;
  readonly #reachNs: number = 0;
  #landmarkCycle = 0;
  #landmarkNs = 0;

  constructor(hz: number) {
    const common = greatestCommonDivisor(hz, 1e9);
    this.#hz = hz;
    this.#cycles = hz / common;
    this.#nanoseconds = 1e9 / common;
    this.#perCycles = 1 / this.#cycles;
    this.#perNanoseconds = 1 / this.#nanoseconds;
    const hasLandmarks = this.#cycles * this.#nanoseconds <= SMALL;
    this.#reachCycles = hasLandmarks ? Math.floor(SMALL / this.#nanoseconds) : -1;
    this.#reachNs = hasLandmarks ? Math.floor(SMALL / this.#cycles) : -1;
  }

  /** The time of a cycle: of the present one, for the landmark follows. */
  instantOf(cycle: number): Instant {
    const distance = cycle - this.#landmarkCycle;
    if (distance < 0 || distance > this.#reachCycles) return this.#follow(cycle);
    return (this.#landmarkNs + smallQuotient(distance * this.#nanoseconds, this.#perCycles)) as Instant;
  }

  /** The first cycle whose time is `at` or later. */
  firstAt(at: Instant): number {
    const distance = at - this.#landmarkNs;
    if (distance < 0 || distance > this.#reachNs) return this.#workOutFirstAt(at);
    const roundedUp = distance * this.#cycles + (this.#nanoseconds - 1);
    return this.#landmarkCycle + smallQuotient(roundedUp, this.#perNanoseconds);
  }

  #follow(cycle: number): Instant {
    const rounds = exactQuotient(cycle, this.#cycles);
    // Not near the end of time, which comes early.
    if (this.#reachCycles >= 0 && Math.max(cycle, rounds * this.#nanoseconds) <= MAX_EXACT - SMALL) {
      this.#landmarkCycle = rounds * this.#cycles;
      this.#landmarkNs = rounds * this.#nanoseconds;
    }
    return this.#workOutInstantOf(cycle);
  }

  /** Beyond exact products it is split into whole seconds and a rest, whose product is exact or close. */
  #workOutInstantOf(cycle: number): Instant {
    const product = cycle * this.#nanoseconds;
    if (product <= MAX_EXACT) return exactQuotient(product, this.#cycles) as Instant;
    if (cycle >= MAX_CYCLES) return MAX_NS as Instant;
    const seconds = Math.floor(cycle / this.#hz);
    const rest = cycle - seconds * this.#hz;
    return Math.min(seconds * 1e9 + Math.floor((rest * 1e9) / this.#hz), MAX_NS) as Instant;
  }

  /** An estimate, then corrected, so that it is right by construction. */
  #workOutFirstAt(at: Instant): number {
    const product = at * this.#cycles;
    if (product <= MAX_EXACT - this.#nanoseconds) {
      return exactQuotient(product + this.#nanoseconds - 1, this.#nanoseconds); // rounded up
    }
    const seconds = Math.floor(at / 1e9);
    const estimate = seconds * this.#hz + Math.floor(((at - seconds * 1e9) * this.#hz) / 1e9);
    let cycle = Math.min(estimate, MAX_CYCLES);
    while (cycle > 0 && this.#workOutInstantOf(cycle - 1) >= at) cycle--;
    while (this.#workOutInstantOf(cycle) < at) cycle++;
    return cycle;
  }
}

/**
 * The quotient of small whole numbers, rounded down, given the reciprocal of the divisor. The half keeps away from whole
 * quotients what the reciprocal, which is rounded, may be wrong by: far less than half a divisor.
 */
function smallQuotient(dividend: number, reciprocal: number): number {
  return ((dividend + 0.5) * reciprocal) | 0;
}

/** The quotient of exact integers, rounded down: the division itself may round up to the next one. */
function exactQuotient(dividend: number, divisor: number): number {
  const quotient = Math.floor(dividend / divisor);
  return quotient * divisor > dividend ? quotient - 1 : quotient;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
