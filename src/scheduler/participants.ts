/**
 * Who takes part in the scheduler loop, as the loop sees them: the guest, what wants to be looked at, signals, and what
 * the loop is given. Only interfaces.
 */
import type { Instant } from '../clock/instant.ts';
import type { MachineClock } from '../clock/machine-clock.ts';
import type { Outside } from '../clock/real-time.ts';
import type { InterruptController } from '../interrupts/controller.ts';
import type { ExceptionNumber } from '../interrupts/exceptions.ts';
import type { Outcome } from './outcome.ts';
import type { Following } from './registers.ts';

/** The guest's side: its counter, and a way into its handlers. */
export interface Core {
  /**
   * Nobody but the loop carries the guest's counter to and from the registers (`fetch`, `store`). Else what stands between
   * the guest and the host does, and the loop only where it is called from elsewhere.
   */
  readonly isBare: boolean;
  /** What the guest's counter holds. */
  fetch(): number;
  /** Sets the guest's counter. */
  store(budget: number): void;
  /**
   * Begins an exception and sets the registers for its handler. @returns its slot, which the caller runs; 0 where that was
   * done already, or it escalated.
   */
  begin(n: ExceptionNumber): number;
  /** The handler in this slot, which began last, has returned, in a clock that is settled. */
  end(slot: number): void;
  /** Calls the handler in a slot, and those that `SchedulerLoop.left` names after it. */
  run(slot: number, following: Following): void;
}

/** Something that wants to be looked at each time the loop runs. Must be cheap when there is nothing to do. */
export type Attendant = () => void;

/** The other source of handlers: signals, for when no interrupt is deliverable and none is being handled. */
export interface SignalSource {
  readonly deliverable: boolean;
  /** Whether the end of the handler that begins next leads on, as things stand: to another one, or out of a wait. */
  readonly endLeadsOn: boolean;
  /** Begins what is deliverable. @returns the slot of the handler to call, for which `enterHandler` was called; 0 for none. */
  next(): number;
  /** The handler that was called last has returned. @returns the slot of the next one. `alone`: of none that was not begun. */
  left(alone: boolean): number;
}

/** Somebody who looks in on the run every now and then, and may end it, but does not change it. Asked often, so cheaply. */
export interface Lookout {
  /** How far, at most, the guest may run before the next look. */
  readonly distance: number;
  /** How the run ends, if it is to end now. */
  look(): Outcome | undefined;
}

export interface LoopOptions {
  readonly clock: MachineClock;
  readonly controller: InterruptController;
  /** Throws through guest frames in a way that the guest cannot catch. */
  readonly unwind: () => never;
  /** Told of each beginning and end of a wait. */
  readonly onSleep: (asleep: boolean) => void;
  /** What arrives in real time; undefined in virtual time. */
  readonly outside?: Outside | undefined;
  /** Monotonic wall-clock milliseconds; only read when there is a wall-clock limit. */
  readonly wall?: { readonly nowMs: () => number; readonly limitMs: number } | undefined;
  readonly lookout?: Lookout | undefined;
}

export interface WaitOptions {
  readonly deadline: Instant | undefined;
  readonly ready?: (() => boolean) | undefined;
  readonly wakeOnInterrupt?: boolean | undefined;
  /** Who waits for what, should nothing be left that could end the wait. */
  readonly explain?: (() => string) | undefined;
}
