/**
 * Handlers that do no work let no time pass, and a line that is never quiet would keep the machine from its limits: after so
 * many handlers one after the other these are looked at, and time is made to pass.
 */
import type { MachineClock } from '../clock/machine-clock.ts';
import type { Attention } from './attention.ts';

const LONGEST_STORM = 256;

export class Storm {
  readonly #clock: MachineClock;
  readonly #attention: Attention;
  /** Cycles that had elapsed when it was last noticed. */
  #elapsed = -1;

  constructor(clock: MachineClock, attention: Attention) {
    this.#clock = clock;
    this.#attention = attention;
  }

  /** So many handlers have run in a row. */
  notice(handlers: number): void {
    if (handlers % LONGEST_STORM === 0) this.#weather();
  }

  #weather(): void {
    this.#attention.changed();
    if (this.#clock.elapsed === this.#elapsed) {
      this.#clock.idle(1);
      this.#attention.budgetIsStale();
    }
    this.#elapsed = this.#clock.elapsed;
  }
}
