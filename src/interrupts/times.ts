/**
 * How long interrupts take: from pend to entry, in the handler, and behind masks. Always on: a few stores for each event,
 * and nothing allocated after a line's first. Times are cycles of the machine; the report makes nanoseconds of them.
 */

import { Account } from './accounts.ts';
import { type Distribution, Histogram } from './histogram.ts';

/** What is read of the clock, as of its last settling. */
export interface Cycles {
  /** Cycles since reset, worked and idle. */
  readonly elapsed: number;
  readonly instructions: number;
}

/** The times of one line; undefined what never happened. */
export interface LineTimes {
  /** From pend to entry, in cycles. A pend that found the line pending counts from the first. */
  readonly latency: Distribution | undefined;
  /** The same in instructions: without what passed while the guest slept. */
  readonly latencyInstructions: Distribution | undefined;
  /** From entry to return, in cycles, with what interrupted the handler. */
  readonly duration: Distribution | undefined;
}

/** A stretch of time during which a mask held interrupts back. */
export interface MaskedStretch {
  /** The elapsed cycles at its beginning, and how many it lasted. */
  readonly from: number;
  readonly cycles: number;
  readonly instructions: number;
  /** Made where the guest ended it: its stack says where that was. */
  readonly end: Error;
}

/**
 * The account of one exception with its times. Points in time are plain fields, which V8 keeps as integers as long as they
 * are small: as floats, in arrays, most of the time would go by converting them.
 */
export class TimedAccount extends Account {
  pendedAt = 0;
  pendedWork = 0;
  enteredAt = 0;
  readonly latency = new Histogram();
  /** Undefined while the guest never slept between pend and entry: then it is `latency`. */
  instructions: Histogram | undefined = undefined;
  readonly duration = new Histogram();

  get times(): LineTimes {
    return {
      latency: this.latency.distribution,
      latencyInstructions: (this.instructions ?? this.latency).distribution,
      duration: this.duration.distribution,
    };
  }
}

export class InterruptTimes {
  readonly #cycles: Cycles;
  #isMasked = false;
  #maskedFrom = 0;
  #maskedInstructions = 0;
  #longest: MaskedStretch | undefined;

  /** Without `cycles`, time stands still. */
  constructor(cycles: Cycles = { elapsed: 0, instructions: 0 }) {
    this.#cycles = cycles;
  }

  pended(line: TimedAccount): void {
    const cycles = this.#cycles;
    line.pendedAt = cycles.elapsed;
    line.pendedWork = cycles.instructions;
  }

  /** Its handler begins, or it is posted to the mailbox. */
  entered(line: TimedAccount): void {
    const { elapsed, instructions } = this.#cycles;
    const waited = elapsed - line.pendedAt;
    const worked = instructions - line.pendedWork;
    line.enteredAt = elapsed;
    if (worked !== waited || line.instructions !== undefined) recordWork(line, worked);
    line.latency.record(waited);
  }

  left(line: TimedAccount): void {
    line.duration.record(this.#cycles.elapsed - line.enteredAt);
  }

  /** A mask may have been set or cleared. */
  masked(isMasked: boolean): void {
    if (isMasked === this.#isMasked) return;
    this.#isMasked = isMasked;
    const { elapsed, instructions } = this.#cycles;
    if (isMasked) {
      this.#maskedFrom = elapsed;
      this.#maskedInstructions = instructions;
      return;
    }
    const cycles = elapsed - this.#maskedFrom;
    if (cycles <= (this.#longest?.cycles ?? 0)) return;
    const from = this.#maskedFrom;
    this.#longest = { from, cycles, instructions: instructions - this.#maskedInstructions, end: new Error('unmasked') };
  }

  /** Of the stretches that have ended. */
  get longestMasked(): MaskedStretch | undefined {
    return this.#longest;
  }
}

/** Before the latency is recorded, which was the same until then. */
function recordWork(line: TimedAccount, worked: number): void {
  line.instructions ??= line.latency.copy();
  line.instructions.record(worked);
}
