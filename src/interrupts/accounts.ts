/**
 * What happened to every exception since reset, counted where it happens: nothing is lost unaccounted.
 * raised = delivered + coalesced + cleared + dropped + (1 if pending).
 */
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

/** Of one exception. One object each, and not an array for each count: an interrupt changes several of one exception. */
export class Account {
  raised = 0;
  delivered = 0;
  coalesced = 0;
  cleared = 0;
  dropped = 0;
  overrun = 0;

  /** So many were raised and delivered, or overran, without passing through the controller. */
  count(posted: number, overruns: number): void {
    this.raised += posted;
    this.delivered += posted;
    this.overrun += overruns;
  }

  copy(pending: boolean): LineAccount {
    const { raised, delivered, coalesced, cleared, dropped, overrun } = this;
    return { raised, delivered, coalesced, cleared, dropped, overrun, pending };
  }
}
