/**
 * What a machine in real time is given by its host: the time, a way to sleep, what comes from outside, and, where the
 * guest runs on a thread of its own, native interrupts. Only the host has any of these; here they are described.
 */

/** What arrives from outside the machine: host signals, input. */
export interface Outside {
  /** Whether something may still arrive: else a guest that waits for nothing that is known is deadlocked. */
  readonly open: boolean;
  /** Whether something has arrived that was not taken. Cheap: asked after every call of the guest. */
  readonly rung: boolean;
  /** Lets what has arrived act on the machine. Called by the scheduler loop. */
  take(): void;
  /** A signal has stopped the program, until another one comes. */
  stopped?(): void;
}

/** Interrupts that land in the middle of a guest's code, at the engine's own checks. */
export interface NativeInterrupts {
  /** Tells what to call in the middle of whatever the guest's thread is doing. */
  connect(interrupt: () => void): void;
  /** Asks for an interrupt at this time of the host's clock (ns), in place of what was asked for before. */
  alarm(at_ns: number | undefined): void;
  /** The run ended in the middle of guest code, which cannot be unwound from there. `finish` gives the run's result. */
  left(finish: () => unknown): void;
}

/** What another thread needs to post into a guest's mailbox while it runs (interrupts/mailbox-door.ts). */
export interface SharedMailbox {
  readonly memory: WebAssembly.Memory;
  readonly address: number;
  readonly ledger: SharedArrayBuffer;
  /** The host's time at machine time 0, in ns. */
  readonly origin: number;
}

export interface RealTime {
  /** Nanoseconds by a monotonic clock. */
  readonly nowNs: () => number;
  /**
   * The time, once it is `ns` or later; undefined before. Asked far more often than it is answered, so that whoever writes
   * down a run (trace/) writes down answers alone. Default: compares what `nowNs` gives.
   */
  readonly reached?: ((ns: number) => number | undefined) | undefined;
  /** Sleeps for so long, or less if something arrives. Without a duration until something does. */
  readonly rest: (ns: number | undefined) => void;
  /** How much faster machine time passes than the host's: 0.1 to 100. Default 1. */
  readonly ratio?: number | undefined;
  /** Default: nothing ever arrives. */
  readonly outside?: Outside | undefined;
  /** Told which handler runs now: an exception's number, 256 and a signal's, or undefined for none or one that waits. */
  readonly handling?: ((handler: number | undefined) => void) | undefined;
  /** The guest has a mailbox that other threads may post into. Default: they cannot, and raise lines instead. */
  readonly shareMailbox?: ((mailbox: SharedMailbox) => void) | undefined;
  /** Undefined where the guest runs on the thread that would have to interrupt it. */
  readonly native?: NativeInterrupts | undefined;
}

export const NOTHING_OUTSIDE: Outside = { open: false, rung: false, take() {} };
