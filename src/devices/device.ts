/**
 * What a device is, and what it sees of the machine it is plugged into. A device models one peripheral, keeps no time of
 * its own, and acts on the core only by its interrupt lines. A user's own device is built on the same interface as those
 * here, and is given the names, pins and ports of the board besides (docs/devices.md has a worked example).
 */
import type { Alarm } from '../clock/alarms.ts';
import type { Instant } from '../clock/instant.ts';
import type { LineNumber } from '../interrupts/exceptions.ts';

/** The kinds of events that devices report; machine/events.ts says what each carries. */
export type DeviceEvent = 'pin' | 'uart-tx' | 'uart-rx' | 'log' | 'device';

export interface Board {
  now(): Instant;
  /**
   * An alarm in machine time (ns) that calls `fire` between two instructions of the guest. Set while alarms run, it
   * counts from the moment its predecessor was due, so that a periodic alarm does not drift.
   */
  alarm(fire: () => void): Alarm;
  /** Makes the line pending: the edge of a pulse. */
  pend(line: LineNumber, source: string): void;
  /** Holds a level-triggered line asserted, or lets go of it. A line that is still asserted when its handler returns pends again. */
  hold(line: LineNumber, asserted: boolean, source: string): void;
  /** Pends NMI, which no mask holds back. */
  pendNmi(source: string): void;
  /** Restarts the firmware at the next point at which it can be left, with this cause to read. */
  reset(cause: ResetCause): void;
  /** Guest memory for a transfer: undefined when the bytes do not lie in it. Good until the guest runs on. */
  memory(address: number, length: number): Uint8Array | undefined;
  /** 32 bits from a stream of its own for each name, which depends on the seed alone. */
  random(stream: string): () => number;
  /** Whether anybody listens to `emit`: devices spare themselves the making of events that nobody sees. */
  readonly observed: boolean;
  /** A line for the event log. */
  emit(kind: DeviceEvent, details: Readonly<Record<string, string | number | boolean>>): void;
}

/** Why the firmware began to run. */
export type ResetCause = 'power-on' | 'software' | 'watchdog' | 'pin';

/** As `reset_cause()` tells it to firmware. */
export const RESET_CAUSE_CODES: Readonly<Record<ResetCause, number>> = {
  'power-on': 0,
  software: 1,
  watchdog: 2,
  pin: 3,
};

/** Counters by name, for the result of a run. */
export type DeviceAccount = Readonly<Record<string, number>>;

export interface Device {
  /** The firmware restarts: registers go to what they are after reset. What lies outside the chip does not notice. */
  reset?(cause: ResetCause): void;
  /** What the device did and what it lost, for the result. Nothing is lost without being counted here. */
  account?(): DeviceAccount;
  /** Something on the board changes: `control: temperature, value: 21.5` of a scenario. */
  control?(control: string, value: string | number | boolean): void;
}
