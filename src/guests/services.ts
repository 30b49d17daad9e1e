/**
 * What the interfaces offered to a guest (wirq/*, WASI, AssemblyScript) need from the machine behind them.
 * Guests are written against this interface alone, so that each is testable with a few lines of fake board.
 */
import type { Instant } from '../clock/instant.ts';

/** How a wait ended: its time ran out, its condition came true, or a handler ran. */
export type WaitOutcome = 'elapsed' | 'ready' | 'interrupted';

export interface WaitOptions {
  readonly deadline: Instant | undefined;
  readonly ready?: () => boolean;
  readonly wakeOnInterrupt?: boolean;
}

export interface GuestServices {
  /** Machine time, exact at every host call. */
  now(): Instant;
  /** The guest's linear memory (memory 0), or undefined if it has none. */
  memory(): WebAssembly.Memory | undefined;
  /** Fills with bytes from the run's seed: the same on every run. */
  random(bytes: Uint8Array): void;
  /**
   * Idles until `deadline` (undefined: for ever) or until `ready()` holds, in machine time; interrupts and events happen meanwhile.
   * With `wakeOnInterrupt`, also returns as soon as a handler has run.
   */
  wait(options: WaitOptions): WaitOutcome;
  /** How long the guest has worked: its CPU time, in which waiting does not count. */
  workedFor(): Instant;
  /**
   * As `wait`, for a call that a signal's handler ends: `'interrupted'`. With `restarts`, one with SA_RESTART does not
   * (signal(7), "Interruption of system calls and library functions by signal handlers").
   */
  waitInterruptibly(options: { deadline: Instant | undefined; ready?: () => boolean; restarts: boolean }): WaitOutcome;
  /** Whether the guest has asked that the next such wait happen under a mask of its own, and an end to that. */
  waitsUnderMask(): boolean;
  endWaitMask(): void;
  /**
   * Only where tasks can park: waits as `wait` does while others go on, and `then` makes the call's result. What `block`
   * returns has to be what the call returns, for the result is not known yet.
   */
  readonly block?: ((options: WaitOptions, then: (outcome: WaitOutcome) => unknown) => unknown) | undefined;
  /** Signals' handlers that have run since reset. */
  handledSignals(): number;
  /** Ends the run with the guest's own exit code. Never returns. */
  exit(code: number): never;
  /** A Unix signal raised by the guest against itself. May not return. */
  raise(signal: number): void;
  /** Bytes the guest wrote to its standard output or standard error. */
  output(stream: 'stdout' | 'stderr', bytes: Uint8Array): void;
  /**
   * Takes up to `max` bytes of standard input that have arrived by now.
   * An empty result means none yet; undefined means end of input.
   */
  input(max: number): Uint8Array | undefined;
  /** A line for the event log, of the guest's own making (AssemblyScript `trace`, console.log, …). */
  log(kind: string, details: Readonly<Record<string, string | number | boolean>>): void;
  /** Stops the run because of what the guest did (an abort, an internal error): exit 134 with this message. */
  fail(message: string): never;
}
