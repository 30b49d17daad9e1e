/**
 * What a device sees of the machine it is plugged into. A device models one peripheral, keeps no time of its own, and
 * acts on the core only by pending a line.
 */
import type { Alarm } from '../clock/alarms.ts';
import type { Instant } from '../clock/instant.ts';
import type { LineNumber } from '../interrupts/exceptions.ts';

export interface Board {
  now(): Instant;
  /** An alarm in machine time (ns) that calls `fire` between two instructions of the guest. */
  alarm(fire: () => void): Alarm;
  /** Makes the line pending. */
  pend(line: LineNumber, source: string): void;
  /** Whether anybody listens to `emit`: devices spare themselves the making of events that nobody sees. */
  readonly observed: boolean;
  /** A line for the event log. */
  emit(kind: 'pin' | 'uart-tx' | 'uart-rx' | 'log', details: Readonly<Record<string, string | number | boolean>>): void;
}
