/**
 * What the outside world does to the machine, in a scenario's words: `irq`, `signal`, `write-serial`, `set-pin` and
 * Wokwi's `set-control` of a push button; and when: `at`, `every`, `count`.
 * Steps and triggers share these readers; a trigger says when beside the action, a step inside it.
 */

import { ADC_CHANNEL_COUNT } from '../devices/adc.ts';
import type { Level } from '../devices/gpio.ts';
import { PORT_COUNT } from '../devices/uart.ts';
import { numbered, readScalar, readWaveform } from './board-section.ts';
import { parseSignal, parseWhen } from './injection.ts';
import { type Names, readIrq, readPin } from './names.ts';
import { type Action, MAX_WRITE_BYTES, type Schedule } from './scenario.ts';
import { nearest, suggest } from './suggest.ts';
import type { Fields, Value } from './value.ts';

/** Repetitions are counted in a 32-bit word everywhere. */
export const MAX_COUNT = 2 ** 32 - 1;

export const AT_ONCE: Schedule = { when: undefined, every: undefined, count: undefined };

export interface ScheduledAction {
  readonly action: Action;
  readonly schedule: Schedule;
}

/** `BUTTON`, `3`, or `{line: 3, at: '10ms', every: 1ms, count: 5}`. */
export function readIrqAction(value: Value, names: Names): ScheduledAction {
  if (!value.isMapping) return { action: readPlainIrq(value, names), schedule: AT_ONCE };
  const fields = value.fields(['line', 'at', 'every', 'count'], "{line: 3, at: '10ms'}");
  const line = fields.need('line', "'line', for example {line: 3, at: '10ms'}");
  return {
    action: { kind: 'irq', irq: line.read((written) => readIrq(written, names)) },
    schedule: readSchedule(fields),
  };
}

export function readPlainIrq(value: Value, names: Names): Action {
  return { kind: 'irq', irq: value.read((written) => readIrq(written, names)) };
}

/** `SIGUSR1`, `10`, or `{sig: SIGUSR1, value: 42, at: '2s'}`. */
export function readSignalAction(value: Value): ScheduledAction {
  if (!value.isMapping) return { action: readPlainSignal(value), schedule: AT_ONCE };
  const fields = value.fields(['sig', 'value', 'at', 'every', 'count'], '{sig: SIGUSR1, value: 42}');
  return { action: signalOf(fields), schedule: readSchedule(fields) };
}

/** A signal without a moment of its own, for triggers. */
export function readPlainSignal(value: Value): Action {
  if (value.isMapping) return signalOf(value.fields(['sig', 'value'], '{sig: SIGUSR1, value: 42}'));
  return { kind: 'signal', signal: value.read(parseSignal), value: undefined };
}

function signalOf(fields: Fields): Action {
  return {
    kind: 'signal',
    signal: fields.need('sig', "'sig', for example {sig: SIGUSR1}").read(parseSignal),
    value: fields.get('value')?.integer(-(2 ** 31), 2 ** 31 - 1),
  };
}

/** Text, a list of bytes, or either in a mapping that names the port. */
export function readWriteSerial(value: Value): Action {
  if (!value.isMapping) return { kind: 'write-serial', port: 0, bytes: readBytes(value) };
  const fields = value.fields(['text', 'bytes', 'port', 'error'], "{text: 'go', port: 1}");
  const text = fields.get('text');
  const bytes = fields.get('bytes');
  if ((text === undefined) === (bytes === undefined)) {
    const complaint = text === undefined ? "has neither 'text' nor 'bytes'" : "has both 'text' and 'bytes'";
    return value.fail(`${value.what} ${complaint}`, "write one, for example {text: 'go'} or {bytes: [1, 2]}");
  }
  const contents = text === undefined ? readByteList(bytes!) : encode(text, text.text('go'));
  const port = fields.get('port')?.integer(0, PORT_COUNT - 1) ?? 0;
  const error = fields.get('error')?.word(['framing']);
  const action = { kind: 'write-serial' as const, port, bytes: contents };
  return error === undefined ? action : { ...action, damaged: true };
}

function readBytes(value: Value): Uint8Array {
  return value.isList ? readByteList(value) : encode(value, value.text('go'));
}

function readByteList(value: Value): Uint8Array {
  const bytes = value.items('a byte', MAX_WRITE_BYTES).map((item) => item.integer(0, 255));
  if (bytes.length === 0) value.fail(`${value.what} sends nothing`, 'list at least one byte');
  return Uint8Array.from(bytes);
}

function encode(value: Value, text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length === 0) value.fail(`${value.what} sends nothing`, "write for example 'go'");
  if (bytes.length > MAX_WRITE_BYTES)
    value.fail(`${value.what} sends ${bytes.length} bytes`, `the limit is ${MAX_WRITE_BYTES}`);
  return bytes;
}

export function readSetPin(value: Value, names: Names): Action {
  const fields = value.fields(['pin', 'value'], '{pin: BUTTON, value: 1}');
  return {
    kind: 'set-pin',
    pin: fields.need('pin', "'pin', for example {pin: BUTTON, value: 1}").read((written) => readPin(written, names)),
    level: readLevel(fields.need('value', "'value', 0 or 1")),
  };
}

/**
 * Wokwi's push button (docs.wokwi.com/parts/wokwi-pushbutton): `{part-id: btn1, control: pressed, value: 1}`, where
 * `machine: {pins: {btn1: 4}}` says which pin the button is wired to, and `active: low` that it pulls to ground.
 */
export function readSetControl(value: Value, names: Names): Action {
  const fields = value.fields(['part-id', 'control', 'name', 'value'], '{part-id: btn1, control: pressed, value: 1}');
  const part = fields.need('part-id', "'part-id', for example {part-id: btn1, control: pressed, value: 1}");
  const control = fields.either('control', 'name', "'control', for example control: pressed"); // Wokwi's newer word: name
  if (part.isText && names.devices?.has(part.written) === true) {
    const value = readScalar(fields.need('value', "'value'"));
    return { kind: 'control', device: part.written, control: control.name('pressed'), value };
  }
  if (control.text('pressed') !== 'pressed') {
    control.fail(
      `there is no control ${control.shown} here`,
      "only a push button's 'pressed'; other parts are not emulated",
    );
  }
  const id = part.name('btn1');
  const config = names.pins.get(id);
  if (config === undefined) {
    const close = nearest(id, names.pins.keys());
    const example = `say which pin it is wired to, machine: {pins: {${id}: 4}}, with {pin: 4, active: low} if it pulls to ground`;
    return part.fail(
      `there is no part ${part.shown}`,
      close === undefined ? example : suggest(id, names.pins.keys(), 'parts'),
    );
  }
  const pressed = readLevel(fields.need('value', "'value', 0 or 1"));
  const level = config.active === 'high' ? pressed : pressed === 1 ? 0 : 1;
  return { kind: 'set-pin', pin: { pin: config.pin, label: id }, level };
}

/** `KEY`, `4`: nothing outside drives the pin any more. */
export function readReleasePin(value: Value, names: Names): Action {
  return { kind: 'release-pin', pin: value.read((written) => readPin(written, names)) };
}

/** `{channel: A0, value: 1.2V}`; the value may be any waveform. */
export function readSetAdc(value: Value): Action {
  const fields = value.fields(['channel', 'value'], '{channel: A0, value: 1.2V}');
  const channel = fields.need('channel', "'channel', for example channel: A0");
  const waveform = readWaveform(fields.need('value', "'value', for example value: 1.2V"));
  return { kind: 'set-adc', channel: numbered(channel.name('A0'), 'A', ADC_CHANNEL_COUNT, channel), waveform };
}

/** `pin`, or `power`: off and on again. */
export function readReset(value: Value): Action {
  return { kind: 'reset', cause: value.word(['pin', 'power']) === 'pin' ? 'pin' : 'power-on' };
}

export function readLevel(value: Value): Level {
  return value.integer(0, 1) === 1 ? 1 : 0;
}

/** `at`, `every` and `count` of a mapping that may have them. */
export function readSchedule(fields: Fields): Schedule {
  const at = fields.get('at');
  const when = at?.read(parseWhen);
  const everyValue = fields.get('every');
  const every = everyValue?.period();
  if (at !== undefined && when?.kind === 'every' && everyValue !== undefined) {
    at.fail("'at' and 'every' both say a period", "write 'every' once");
  }
  const count = fields.get('count');
  if (count !== undefined && every === undefined && when?.kind !== 'every') {
    count.fail("'count' has nothing to count", 'add a period, for example every: 1ms');
  }
  return {
    when: when ?? (every === undefined ? undefined : { kind: 'every', period: every }),
    every: when === undefined ? undefined : every,
    count: count?.integer(1, MAX_COUNT),
  };
}
