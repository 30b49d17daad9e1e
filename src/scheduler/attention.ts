/**
 * Why the scheduler loop has something to look at, as bits of one number: it is asked several times for every interrupt, and
 * mostly there is nothing.
 */

/** Something may have changed: a look at everything. */
const CHANGED = 1;
/** An exception may have become deliverable, and nothing else happened: a look at the controller is enough. */
const OFFERED = 2;
/** What the guest holds of its budget would not bring it here in time for the next event. */
const STALE = 4;
/** The run is over. */
const OVER = 8;
/** Somebody wants to look each time. */
const WATCHED = 16;
/** Somebody wants to hear of each handler's return; there is nothing to look at. */
const HEARD = 32;

export class Attention {
  #reasons = 0;

  changed(): void {
    this.#reasons |= CHANGED;
  }

  offered(): void {
    this.#reasons |= OFFERED;
  }

  budgetIsStale(): void {
    this.#reasons |= STALE;
  }

  budgetIsRenewed(): void {
    this.#reasons &= ~STALE;
  }

  isOver(): void {
    this.#reasons |= OVER;
  }

  watched(): void {
    this.#reasons |= WATCHED;
  }

  heard(): void {
    this.#reasons |= HEARD;
  }

  /** What had changed is being looked at. `more`: there is more. */
  looked(more: boolean): void {
    this.#reasons = more ? this.#reasons | CHANGED : this.#reasons & ~CHANGED;
  }

  /** The controller is being looked at. */
  controllerLooked(): void {
    this.#reasons &= ~OFFERED;
  }

  /** A host call did nothing that anybody has to look at. */
  get isCalm(): boolean {
    return (this.#reasons & (CHANGED | OFFERED | OVER)) === 0;
  }

  /** There may be something to see. */
  get hasNews(): boolean {
    return (this.#reasons & (CHANGED | OFFERED)) !== 0;
  }

  /** There is more to see than the controller. */
  get wantsLook(): boolean {
    return (this.#reasons & ~(OFFERED | HEARD)) !== 0;
  }

  /** There is nothing to see, and nobody who wants to. */
  get isQuiet(): boolean {
    return this.#reasons === 0;
  }

  get hasChanged(): boolean {
    return (this.#reasons & CHANGED) !== 0;
  }

  get isBudgetStale(): boolean {
    return (this.#reasons & STALE) !== 0;
  }
}
