/**
 * What a program that drives a machine can ask for, one entry a command: reads its fields, acts on the machine, and gives
 * what goes into the answer. docs/control.md describes each; `help` lists them from here.
 */
import type { Level } from '../devices/gpio.ts';
import type { Machine } from '../machine/machine.ts';
import { bytesOfValue, MEMORY_TYPES, readMemoryValue } from '../scenario/memory-value.ts';
import type { MemoryType } from '../scenario/scenario.ts';
import { MOST_BYTES, type Request, refusal, toHex } from './request.ts';

export type Answer = Readonly<Record<string, unknown>>;

/** What the machine is run with, and what commands may do besides acting on it. */
export interface CommandHost {
  readonly machine: Machine;
  /** How the machine runs, for `status`. */
  readonly surroundings: Answer;
  /** Whether the guest sleeps. */
  readonly asleep: boolean;
  /** Standard input of a program that reads it. */
  writeStdin(bytes: Uint8Array | undefined): void;
  /** Which kinds of events the asker hears from now on; undefined for all. */
  subscribe(kinds: readonly string[] | undefined): void;
}

export interface Command {
  /** Its fields, as `help` shows them. */
  readonly fields: string;
  readonly act: (request: Request, host: CommandHost) => Answer;
}

const NOTHING: Answer = {};

export const COMMANDS: Readonly<Record<string, Command>> = {
  help: {
    fields: '',
    act: () => ({ commands: { ...BOARD_COMMANDS, ...mapped(COMMANDS, ({ fields }) => fields) } }),
  },
  status: {
    fields: '',
    act: (_, { machine, surroundings, asleep }) => {
      const { stopped, handling, mailbox, ...status } = machine.console.status;
      const state = stopped ? 'stopped' : asleep ? 'asleep' : 'running';
      return { state, handling: handling ?? null, ...status, mailbox: mailbox ?? null, ...surroundings };
    },
  },
  pend: {
    fields: 'line',
    act: acting((request, machine) => {
      const line = request.name('line', 'BUTTON');
      return () => machine.raise(line);
    }),
  },
  clear: {
    fields: 'line',
    act: (request, { machine }) => {
      const line = request.name('line', 'BUTTON');
      request.done();
      return { cleared: machine.console.clear(line) };
    },
  },
  'set-line': {
    fields: 'line, value: 0 or 1',
    act: acting((request, machine) => {
      const line = request.name('line', 'BUTTON');
      const level = request.integer('value', 0, 1) as Level;
      return () => machine.setLine(line, level);
    }),
  },
  signal: {
    fields: 'signal, value?',
    act: acting((request, machine) => {
      const signal = request.name('signal', 'SIGUSR1');
      const value = request.has('value') ? request.integer('value', -(2 ** 31), 2 ** 31 - 1) : undefined;
      return () => machine.signal(signal, { value });
    }),
  },
  'set-pin': {
    fields: 'pin, value: 0 or 1',
    act: acting((request, machine) => {
      const pin = request.name('pin', 'BUTTON');
      const level = request.integer('value', 0, 1) as Level;
      return () => machine.setPin(pin, level);
    }),
  },
  'release-pin': {
    fields: 'pin',
    act: acting((request, machine) => {
      const pin = request.name('pin', 'BUTTON');
      return () => machine.releasePin(pin);
    }),
  },
  'read-pin': {
    fields: 'pin',
    act: (request, { machine }) => {
      const pin = request.name('pin', 'LED');
      request.done();
      return { value: machine.pin(pin) };
    },
  },
  'set-adc': {
    fields: 'channel, value: volts, such as 1.2V',
    act: acting((request, machine) => {
      const channel = request.integer('channel', 0, 255);
      const constant = request.scalar('value');
      return () => machine.setAnalog(channel, { constant });
    }),
  },
  device: {
    fields: 'device, control, value',
    act: acting((request, machine) => {
      const [device, control] = [request.text('device', 'thermo'), request.text('control', 'temperature')];
      const value = request.scalar('value');
      return () => machine.control(device, control, value);
    }),
  },
  'write-uart': {
    fields: 'text or hex, port?',
    act: acting((request, machine) => {
      const bytes = request.bytes();
      const port = request.has('port') ? request.integer('port', 0, 255) : undefined;
      return () => machine.writeSerial(bytes, { port });
    }),
  },
  'write-stdin': {
    fields: 'text or hex, or end: true',
    act: (request, host) => {
      const bytes = request.flag('end') ? undefined : request.bytes();
      request.done();
      host.writeStdin(bytes);
      return NOTHING;
    },
  },
  'read-memory': {
    fields: 'address: a number or an exported name, type or length',
    act: (request, { machine }) => {
      const { address, type } = readPlace(request, machine);
      if (type === undefined) {
        const length = request.integer('length', 0, MOST_BYTES);
        request.done();
        return { address, hex: toHex(machine.readMemory(address, length)) };
      }
      request.done();
      return { address, value: shown(readMemoryValue(machine, address, type)) };
    },
  },
  'write-memory': {
    fields: 'address: a number or an exported name, type and value, or text or hex',
    act: (request, { machine }) => {
      const { address, type } = readPlace(request, machine);
      const bytes = type === undefined ? request.bytes() : readValue(request, type);
      request.done();
      machine.console.writeMemory(address, bytes);
      return { address, length: bytes.length };
    },
  },
  reset: {
    fields: 'cause?: pin or power-on',
    act: acting((request, machine) => {
      const cause = request.word('cause', ['pin', 'power-on']);
      return () => machine.reset(cause);
    }),
  },
  stop: { fields: '', act: acting((_, machine) => () => machine.console.end()) },
  subscribe: {
    fields: 'events?: a list of kinds (docs/trace.md)',
    act: (request, host) => {
      const kinds = request.has('events') ? request.texts('events', '["enter", "leave"]') : undefined;
      request.done();
      host.subscribe(kinds);
      return { events: kinds ?? 'all' };
    },
  },
  unsubscribe: {
    fields: '',
    act: (request, host) => {
      request.done();
      host.subscribe([]);
      return NOTHING;
    },
  },
};

/** Answered before they come here, on the board's thread. */
const BOARD_COMMANDS: Readonly<Record<string, string>> = { ping: '', kill: '' };

function mapped<T, U>(from: Readonly<Record<string, T>>, to: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, to(value)]));
}

/** Reads all of a request before anything happens, and answers nothing. */
function acting(read: (request: Request, machine: Machine) => () => void): Command['act'] {
  return (request, { machine }) => {
    const act = read(request, machine);
    request.done();
    act();
    return NOTHING;
  };
}

function readPlace(request: Request, machine: Machine): { address: number; type: MemoryType | undefined } {
  const where = request.name('address', 'counter');
  const address = typeof where === 'string' ? machine.addressOf(where) : where;
  const type = request.has('type') ? request.word('type', MEMORY_TYPES) : undefined;
  return { address, type };
}

/** A whole number of 64 bits may be given as text: JSON's numbers are too small for it. */
function readValue(request: Request, type: MemoryType): Uint8Array {
  const given = request.scalar('value');
  const whole = typeof given === 'string' && /^-?\d{1,20}$/.test(given) ? BigInt(given) : given;
  const bytes = typeof whole === 'string' ? undefined : bytesOfValue(whole, type);
  if (bytes !== undefined) return bytes;
  throw refusal(`${JSON.stringify(given)} is no ${type}`, 'write a number that fits, as text where it has 64 bits');
}

/** What JSON has no number for is text. */
function shown(value: number | bigint): number | string {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}
