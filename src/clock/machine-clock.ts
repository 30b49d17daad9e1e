/** What the scheduler loop asks of a clock, whether time is work done (virtual-clock.ts) or the wall's (real-clock.ts). */
import type { Instant } from './instant.ts';

export interface MachineClock {
  /** Cycles of machine time per second. */
  readonly hz: number;
  /** Instructions charged since reset, as of the last `settle`. */
  readonly instructions: number;
  /** Machine time as of the last `settle`. */
  readonly now: Instant;
  /** Cycles of machine time since reset, as of the last `settle`. */
  readonly elapsed: number;
  /** What the guest's counter holds, as of the last `settle` or `grant`. */
  readonly granted: number;
  /** Brings time up to date: `remaining` is what the guest's counter now holds. */
  settle(remaining: number): void;
  /** Notes what the guest's counter is about to be set to. Settle first. */
  grant(budget: number): void;
  /** Whether machine time is `at` or later. */
  isDue(at: Instant): boolean;
  /** How much the guest may charge before it is to be looked at for what happens `at`: 0 when that is due. */
  budgetUntil(at: Instant): number;
  /** How much the guest may charge until `count` instructions have been charged. */
  budgetUntilCount(count: number): number;
  /** Idles: lets time pass until `at`, or in real time until something arrives. */
  jumpTo(at: Instant): void;
  /** Lets cycles pass that nobody works, where time does not pass by itself. */
  idle(cycles: number): void;
}
