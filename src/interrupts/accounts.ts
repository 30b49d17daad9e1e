/**
 * What happened to every exception since reset, counted where it happens: nothing is lost unaccounted.
 * raised = delivered + coalesced + cleared + dropped + (1 if pending).
 */
import { EXCEPTION_COUNT, type ExceptionNumber } from './exceptions.ts';

/** What happened to one exception since reset. */
export interface LineAccount {
  readonly raised: number;
  /** Its handler was entered, or it was posted to the mailbox. */
  readonly delivered: number;
  /** Raised while already pending: two became one. */
  readonly coalesced: number;
  /** Taken back by `clear_pending` before it was delivered. */
  readonly cleared: number;
  /** Delivered to nobody: it had no handler and became a HardFault, or a reset came first. */
  readonly dropped: number;
  /** Posted to a mailbox where its bit was still set or the ring was full. Counts as delivered too. */
  readonly overrun: number;
  readonly pending: boolean;
}

/** Counts as floats: they do not wrap around in 285 years of a billion a second. */
export class Accounts {
  readonly raised = new Float64Array(EXCEPTION_COUNT);
  readonly delivered = new Float64Array(EXCEPTION_COUNT);
  readonly coalesced = new Float64Array(EXCEPTION_COUNT);
  readonly cleared = new Float64Array(EXCEPTION_COUNT);
  readonly dropped = new Float64Array(EXCEPTION_COUNT);
  readonly overrun = new Float64Array(EXCEPTION_COUNT);

  of(n: ExceptionNumber, pending: boolean): LineAccount {
    return {
      raised: this.raised[n]!,
      delivered: this.delivered[n]!,
      coalesced: this.coalesced[n]!,
      cleared: this.cleared[n]!,
      dropped: this.dropped[n]!,
      overrun: this.overrun[n]!,
      pending,
    };
  }
}
