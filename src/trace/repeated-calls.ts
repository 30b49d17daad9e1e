/** Calls of a machine that are on a tape, made again. Their arguments are not trusted: what makes no sense is refused. */
import type { Machine } from '../machine/machine.ts';
import type { Time } from '../machine/options.ts';
import type { When } from '../machine/when.ts';
import { isRecord } from './recording-file.ts';

type Level = 0 | 1;
/** @returns false where the arguments make no sense. */
type Repeat = (machine: Machine, args: readonly unknown[], moment: () => void) => boolean;

const isLevel = (value: unknown): value is Level => value === 0 || value === 1;
const isName = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number';
const isText = (value: unknown): value is string => typeof value === 'string';
const isOptions = (value: unknown): value is { when?: When } => isRecord(value) && isWhen(value.when);

const WHENS: ReadonlySet<unknown> = new Set(['time', 'instruction', 'function', 'every']);

function isWhen(value: unknown): value is When | Time | undefined {
  return value === undefined || isName(value) || (isRecord(value) && WHENS.has(value.kind));
}

const CALLS: Readonly<Record<string, Repeat>> = {
  now: (machine) => machine.now >= 0,
  at(machine, [when, repeat], moment) {
    if (!isWhen(when) || !isRecord(repeat)) return false;
    machine.at(when, moment, repeat);
    return true;
  },
  raise(machine, [line, when]) {
    if (!isName(line) || !isWhen(when)) return false;
    machine.raise(line, when);
    return true;
  },
  setLine(machine, [line, level, when]) {
    if (!isName(line) || !isLevel(level) || !isWhen(when)) return false;
    machine.setLine(line, level, when);
    return true;
  },
  signal(machine, [signal, options]) {
    if (!isName(signal) || !isOptions(options)) return false;
    machine.signal(signal, options);
    return true;
  },
  writeSerial(machine, [bytes, options]) {
    if (!(bytes instanceof Uint8Array) || !isOptions(options)) return false;
    machine.writeSerial(bytes, options);
    return true;
  },
  setPin(machine, [pin, level, when]) {
    if (!isName(pin) || !isLevel(level) || !isWhen(when)) return false;
    machine.setPin(pin, level, when);
    return true;
  },
  releasePin(machine, [pin, when]) {
    if (!isName(pin) || !isWhen(when)) return false;
    machine.releasePin(pin, when);
    return true;
  },
  control(machine, [device, control, value, when]) {
    if (!isText(device) || !isText(control) || !isName(value) || !isWhen(when)) return false;
    machine.control(device, control, value, when);
    return true;
  },
  setAnalog(machine, [channel, waveform, when]) {
    if (typeof channel !== 'number' || !isRecord(waveform) || !isWhen(when)) return false;
    machine.setAnalog(channel, waveform as unknown as Parameters<Machine['setAnalog']>[1], when);
    return true;
  },
  reset(machine, [cause, when]) {
    if ((cause !== 'pin' && cause !== 'power-on') || !isWhen(when)) return false;
    machine.reset(cause, when);
    return true;
  },
  clear(machine, [line]) {
    if (!isName(line)) return false;
    machine.console.clear(line);
    return true;
  },
  writeMemory(machine, [address, bytes]) {
    if (typeof address !== 'number' || !(bytes instanceof Uint8Array)) return false;
    machine.console.writeMemory(address, bytes);
    return true;
  },
  end(machine) {
    machine.console.end();
    return true;
  },
  delay(machine, [time]) {
    if (!isName(time)) return false;
    machine.delay(time);
    return true;
  },
  logStep(machine, [step, place]) {
    if (!isText(step) || !(place === undefined || isText(place))) return false;
    machine.logStep(step, place);
    return true;
  },
  logExpectation(machine, [what, passed, expected, actual]) {
    if (!isText(what) || typeof passed !== 'boolean' || !isText(expected) || !isText(actual)) return false;
    machine.logExpectation(what, passed, expected, actual);
    return true;
  },
};

/** Calls the machine as the record says. `moment`: what happens at moments that are asked for. @returns false for nonsense. */
export function repeatCall(machine: Machine, record: unknown, moment: () => void): boolean {
  if (!Array.isArray(record) || !isText(record[0]) || !Object.hasOwn(CALLS, record[0])) return false;
  return CALLS[record[0]]!(machine, record.slice(1), moment);
}
