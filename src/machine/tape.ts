/**
 * Where a run meets what is outside it, for whoever writes that down or does it again (trace/): what outsiders do to the
 * machine by calling it, and when code of theirs gets to run. What the machine asks of them comes through its options.
 */
import type { MachineClock } from '../clock/machine-clock.ts';
import type { SchedulerLoop } from '../scheduler/loop.ts';
import type { Outcome } from '../scheduler/outcome.ts';
import type { Lookout } from '../scheduler/participants.ts';
import type { RunResult } from './result.ts';
import type { Script } from './script.ts';

/** The machine, as the tape needs it. */
export interface TapedMachine {
  /** Instructions charged since reset. */
  readonly instructions: number;
  /** Cycles of machine time per second. */
  readonly hz: number;
  /** Ends the run as soon as its frames can be unwound. */
  conclude(outcome: Outcome): void;
}

/** `clock` and `loop` of the machine. */
export function tapedMachine({ clock, loop }: { clock: MachineClock; loop: SchedulerLoop }): TapedMachine {
  return {
    get instructions() {
      return clock.instructions;
    },
    hz: clock.hz,
    conclude: (outcome) => loop.conclude(outcome),
  };
}

export interface Tape {
  /** Looks in on the run now and then. */
  readonly lookout: Lookout;
  /** The machine is made. */
  connect(machine: TapedMachine): void;
  /** An outsider calls a method that acts on the machine, or asks it for the time. */
  called(method: string, args: readonly unknown[]): void;
  /** Code of an outsider's that the machine is going to call. */
  outsider(act: () => void): () => void;
  /** The script of the run, if there is one. */
  script(script: (() => Script) | undefined): (() => Script) | undefined;
  /** The machine stands still until a promise settles, while code of outsiders runs; and goes on. */
  pause(): void;
  resume(): void;
  /** The code that is going to run. */
  rewritten(bytes: Uint8Array): void;
  /** The run begins: what was asked for before it is all there is. */
  begin(): void;
  /** The run has ended. May throw what makes it worthless. */
  finish(result: RunResult): void;
}
