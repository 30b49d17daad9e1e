/** What the dispatcher needs of the machine, what it is told to run a handler with, and how it says that one failed. */
import type { Duration } from '../clock/instant.ts';
import type { InterruptController } from '../interrupts/controller.ts';
import type { ExceptionNumber } from '../interrupts/exceptions.ts';
import type { GuestFunction, Shape } from '../stacks/backend.ts';
import type { ShadowStack } from '../stacks/shadow-stack.ts';
import type { SchedulerLoop } from './loop.ts';
import type { Thread } from './thread.ts';

/** What the driver hands out to be waited for; a run that may not wait refuses it. */
export type Pause = Promise<unknown>;

export interface DispatcherOptions {
  readonly loop: SchedulerLoop;
  readonly controller: InterruptController;
  /** How long a task runs before its equals have their turn, in machine time. */
  readonly slice: Duration;
  /**
   * Whether threads may change stacks without asking: not where it matters how often the machine has been asked, since not all
   * kinds of stacks can do without.
   */
  readonly direct: boolean;
  /** Tells what a trap on a side stack or in a task does: true ends the run. */
  readonly faulted: (thread: Thread, error: unknown) => boolean;
  /** The processor goes on with another thread. */
  readonly switched: (thread: Thread) => void;
  /** Whether there is a signal to handle. */
  readonly signalWaits: () => boolean;
  readonly overrun: (thread: Thread, bytes: number) => void;
  /** Ends what is wrong about the guest's program. */
  readonly fail: (message: string) => never;
}

/** How a handler begins and ends, beyond its code. */
export interface HandlerStart {
  readonly exception: ExceptionNumber;
  readonly entry: GuestFunction;
  readonly shape: Shape;
  readonly args: readonly unknown[];
  /** Its own stack in linear memory; undefined where the guest has none. */
  readonly shadow: ShadowStack | undefined;
  readonly end: () => void;
}

/** A handler has failed, and how can only be learned by waiting. Thrown where no guest code is below. */
export class HandlerFailure extends Error {
  override readonly name = 'HandlerFailure';
  readonly reason: Pause;

  constructor(reason: Pause) {
    super('a handler failed');
    this.reason = reason;
  }
}
