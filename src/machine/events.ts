/**
 * What happens in a run, as a stream of events: the source of the event log, the trace file and the digest.
 * Every event carries machine time and the count of instructions charged so far, both repeatable.
 * Nothing here formats; `trace/` does.
 */
import type { Instant } from '../clock/instant.ts';

/**
 * - `reset`      the guest is about to run: `{module: sha256 of the user's file, hz, seed}`, and `cause` when it is restarted
 * - `call`       the machine calls into the guest: `{function}` (an entry point)
 * - `pend`       a line or exception became pending: `{line, source}`; `coalesced: true` when it already was
 * - `enter`      its handler is entered: `{line, priority, depth}`
 * - `leave`      its handler returned: `{line, depth}`
 * - `post`       written to the mailbox: `{what: 'irq' | 'signal', number, value?}`; `overrun: true` when bit or ring was full
 * - `done`       the guest acknowledged a mailbox line through the outbox: `{line}`
 * - `guest`      an event the guest reported through the outbox: `{number, value}`
 * - `signal`     what happened to a Unix signal: `{signal, action, value?, source?, reason?, pending?, count?}`; actions are
 *   `generate` (by `source`), then `queue`, `coalesce`, `discard` (each for a `reason`), `post`, `accept` (by sigtimedwait),
 *   `deliver` to its handler and `return` of that, or `terminate`, `core`, `stop`, `continue`
 * - `pin`        a pin changed its level: `{pin, level, driver: 'guest' | 'outside'}`
 * - `uart-tx`    bytes the guest sent: `{port, text}` (Latin-1, so that every byte shows)
 * - `uart-rx`    bytes that arrived for the guest: `{port, text}`
 * - `device`     a device did something of its own: `{device, what, …}`
 * - `log`        a line of the guest's own: `{from, level?, message, values?}`
 * - `step`       a step of a scenario or script was taken: `{step, place?}`
 * - `expect`     an expectation was checked: `{what, passed, expected, actual}`
 * - `hardfault`  the guest trapped, and HardFault's handler is about to run: `{cause, message}`
 * - `mask`       PRIMASK or another mask changed: `{mask, value}`
 * - `sleep`      the guest waits (`wfi`, a sleep, a poll): `{}`; `wake` ends it
 * - `spawn`      a task was started: `{task, priority}`; `finish` ends it: `{task, code}`
 * - `switch`     the processor goes on with another task, or a handler that had waited: `{to}`
 * - `await`      the guest called what answers with a promise: `{call, number}`; `settle` ends it: `{call, number, result?}`
 * - `fault`      a trap ended a task or a side stack, and the others go on: `{in, message, backtrace}`
 * - `end`        the run ended: `{outcome, code}`
 */
export type EventKind =
  | 'reset'
  | 'call'
  | 'pend'
  | 'enter'
  | 'leave'
  | 'post'
  | 'done'
  | 'guest'
  | 'signal'
  | 'pin'
  | 'uart-tx'
  | 'uart-rx'
  | 'device'
  | 'log'
  | 'step'
  | 'expect'
  | 'hardfault'
  | 'mask'
  | 'sleep'
  | 'wake'
  | 'spawn'
  | 'finish'
  | 'switch'
  | 'fault'
  | 'await'
  | 'settle'
  | 'end';

/** Lines are shown by name: a configured name (`BUTTON`), else `IRQ3`, else the exception's (`SysTick`). */
export type EventDetails = Readonly<Record<string, string | number | boolean>>;

export interface MachineEvent {
  /** Machine time in nanoseconds since reset. */
  readonly time: Instant;
  /** Instructions charged since reset. */
  readonly instructions: number;
  readonly kind: EventKind;
  readonly details: EventDetails;
}

/** Called at once, in order, while the machine is paused. Must not call back into the machine. */
export type EventListener = (event: MachineEvent) => void;
