/** Loads WAT into a machine and keeps what its run shows: the events in one line each, the values, the end. */
import type { MachineEvent } from '../../src/machine/events.ts';
import { Machine } from '../../src/machine/machine.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import type { RunResult } from '../../src/machine/result.ts';
import { wat } from '../support/wat.ts';

/** One cycle is one nanosecond: times in events are counts of instructions as long as nothing waits. */
export const NS_PER_CYCLE = { hz: '1GHz' } as const;

export function firmware(source: string, options: MachineOptions = {}): Machine {
  return Machine.load(wat(source), options);
}

/** Everything the machine is going to report, as it happens. */
export function eventsOf(machine: Machine): MachineEvent[] {
  const events: MachineEvent[] = [];
  machine.onEvent((event) => events.push(event));
  return events;
}

/** `enter IRQ3 1`: the kind and what tells one event from another, without the moment. */
export function brief({ kind, details }: MachineEvent): string {
  return [kind, ...Object.values(details)].join(' ');
}

export interface Run {
  readonly machine: Machine;
  readonly result: RunResult;
  readonly events: readonly MachineEvent[];
  /** The events of the given kinds, in brief. */
  show(...kinds: MachineEvent['kind'][]): string[];
  u32(address: number): number;
}

/** Loads, prepares, runs. */
export function run(source: string, options: MachineOptions = {}, prepare: (machine: Machine) => void = () => {}): Run {
  const machine = firmware(source, options);
  const events = eventsOf(machine);
  prepare(machine);
  const result = machine.run();
  return {
    machine,
    result,
    events,
    show: (...kinds) => events.filter((event) => kinds.includes(event.kind)).map(brief),
    u32: (address) => new DataView(machine.readMemory(address, 4).buffer).getUint32(0, true),
  };
}

/** The message of a run that ended in a trap; undefined when it ended otherwise. */
export function trapOf(result: RunResult): string | undefined {
  return result.outcome.kind === 'trap' ? result.outcome.message : undefined;
}
