/**
 * Every way in which guest code can end other than returning, turned into one outcome: an end already known, a trap, a fault
 * that a handler takes as a signal or as HardFault. And how an error passes out through the guest's frames.
 */
import { HARD_FAULT } from '../interrupts/exceptions.ts';
import type { Frame, Outcome } from '../scheduler/outcome.ts';
import type { MachineCore } from './core.ts';
import { canTakeFault, faultCause, lockUp, takeFault } from './faults.ts';
import { endBySignal } from './signal-host.ts';
import { type TrapOutcome, trapOutcome } from './trap-outcome.ts';

/** What this needs of the guest. */
export interface EndingGuest {
  /** Its module imports from `wirq/signal`. */
  readonly usesSignals: boolean;
  framesOf(error: Error): readonly Frame[];
  /** Throws a trap. */
  unwind(): never;
}

export class GuestEnds {
  readonly #core: MachineCore;
  readonly #guest: EndingGuest;
  /** What was thrown by a host call or handler, kept while a trap unwinds the guest in its place. */
  #thrown: { readonly error: unknown } | undefined;

  constructor(core: MachineCore, guest: EndingGuest) {
    this.#core = core;
    this.#guest = guest;
  }

  /** Whether the run is over, and what unwinds is its end. */
  get isEnding(): boolean {
    const { loop } = this.#core;
    return loop.outcome !== undefined || loop.restarting || this.#thrown !== undefined;
  }

  /**
   * An error on its way out through guest frames. A trap passes as it is, for the guest cannot catch it; anything else
   * is kept, and a trap unwinds in its place.
   */
  failed(error: unknown): never {
    if (error instanceof WebAssembly.RuntimeError) throw error;
    if (error === this.#core.signals.escaping && error !== undefined) throw error; // a handler's siglongjmp
    this.#thrown ??= { error };
    return this.#guest.unwind();
  }

  /** A call into the guest has thrown: concludes the run. */
  conclude(error: unknown): void {
    const { loop } = this.#core;
    this.#settle();
    const cause = this.#thrown === undefined ? error : this.#thrown.error;
    // The unwinding of an end already known, or of a reset.
    if ((loop.outcome !== undefined || loop.restarting) && this.#thrown === undefined) return;
    const outcome = this.#outcomeOf(error);
    const handled = this.#asSignal(cause, outcome) ?? this.#asHardFault(cause, outcome);
    if (!loop.restarting) loop.conclude(handled ?? outcome);
  }

  /** What was executed up to a trap counts. A handler may have returned meanwhile, and its stack be found overrun. */
  #settle(): void {
    const { registers } = this.#core.loop;
    try {
      registers.settleReturned();
    } catch (error) {
      this.#thrown ??= { error };
      registers.settleReturned();
    }
  }

  /** What was thrown through guest frames, as the outcome of the run. */
  #outcomeOf(error: unknown): TrapOutcome {
    const cause = this.#thrown === undefined ? error : this.#thrown.error;
    const frames = cause instanceof Error ? this.#guest.framesOf(cause) : [];
    const known = frames.length > 0 || !(error instanceof Error);
    const outcome = trapOutcome(cause, known ? frames : this.#guest.framesOf(error));
    if (outcome === undefined) throw cause;
    return outcome;
  }

  /** A program that uses signals gets a fault as one, now that its frames are gone. */
  #asSignal(cause: unknown, outcome: Outcome): Outcome | undefined {
    if (!this.#guest.usesSignals) return undefined;
    this.#thrown = undefined;
    try {
      return endBySignal(this.#core, cause, outcome);
    } catch (again) {
      this.conclude(again);
      return undefined; // that was the end
    }
  }

  /** Firmware that handles HardFault gets a trap as one. @returns how it ended, if not as the trap. */
  #asHardFault(cause: unknown, outcome: TrapOutcome): Outcome | undefined {
    const core = this.#core;
    const code = faultCause(cause);
    if (code === undefined || core.loop.outcome !== undefined || !core.vectors.has(HARD_FAULT)) return undefined;
    if (!canTakeFault(core)) return lockUp(outcome, undefined);
    this.#thrown = undefined;
    try {
      takeFault(core, code, outcome.message);
      return undefined;
    } catch (again) {
      const { outcome: end, restarting } = core.loop;
      const known = (end !== undefined || restarting) && this.#thrown === undefined;
      const fault = known ? undefined : this.#outcomeOf(again);
      return fault === undefined ? end : lockUp(fault, outcome);
    }
  }
}
