/** What the delivery of signals (signal-delivery.ts) needs of the loop and the machine around it. Only the interface. */
import type { Instant } from '../clock/instant.ts';
import type { WaitOutcome } from '../guests/services.ts';
import type { Outcome } from '../scheduler/outcome.ts';
import type { SignalInfo } from '../signals/siginfo.ts';
import type { EventDetails } from './events.ts';

export interface DeliveryHost {
  readonly observed: boolean;
  log(details: EventDetails): void;
  attend(): void;
  /** A handler is about to be called: with the signal, on the interrupted stack, or framed, on the one that begins at `top`. */
  enterHandler(): void;
  prepare(signal: number): void;
  prepareFramed(signal: number, info: number, context: number, top: number): void;
  /** Runs the handler in a slot, and those that are stacked up below it. */
  run(slot: number): void;
  settle(): void;
  wait(options: { deadline: Instant | undefined; ready: () => boolean }): WaitOutcome;
  now(): Instant;
  stop(outcome: Outcome): never;
  /** A handler is about to be called; and has returned, or left in another way. */
  began(signal: number): void;
  returned(): void;
  /** A signal has stopped the program. */
  stopped(): void;
  /** Whether signals may go by mailbox. */
  readonly hasMailbox: boolean;
  /** Posts the signal if it goes by mailbox. @returns whether it did. */
  post(info: SignalInfo): boolean;
}
