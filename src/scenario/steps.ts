/**
 * The steps of a scenario: one mapping each, with one command and perhaps a `name`.
 * The commands of Wokwi's version 1 that mean something on a board without a screen, and those of our own; the rest
 * of Wokwi's are refused by name, with the reason.
 */

import type { ResetCause } from '../devices/device.ts';
import {
  AT_ONCE,
  MAX_COUNT,
  readIrqAction,
  readLevel,
  readReleasePin,
  readReset,
  readSetAdc,
  readSetControl,
  readSetPin,
  readSignalAction,
  readWriteSerial,
} from './actions.ts';
import { type Names, readIrq, readPartPin, readPin } from './names.ts';
import { type Action, DEFAULT_TIMEOUT, type MemoryType, type MemoryValue, type Step } from './scenario.ts';
import { quote, suggest } from './suggest.ts';
import type { Fields, Value } from './value.ts';

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** A step before it has its name and place. */
type Body = DistributiveOmit<Step, 'place' | 'name'>;
type Command = (value: Value, names: Names) => Body;

const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['wait-serial', readWaitSerial],
  ['write-serial', (value) => atOnce(readWriteSerial(value))],
  ['irq', (value, names) => ({ kind: 'act', ...readIrqAction(value, names) })],
  ['signal', (value) => ({ kind: 'act', ...readSignalAction(value) })],
  ['delay', (value) => ({ kind: 'delay', duration: value.duration() })],
  ['set-pin', (value, names) => atOnce(readSetPin(value, names))],
  ['set-control', (value, names) => atOnce(readSetControl(value, names))],
  ['release-pin', (value, names) => atOnce(readReleasePin(value, names))],
  ['set-adc', (value) => atOnce(readSetAdc(value))],
  ['reset', (value) => atOnce(readReset(value))],
  ['wait-pin', readWaitPin],
  ['wait-irq', readWaitIrq],
  ['wait-event', readWaitEvent],
  ['wait-reset', readWaitReset],
  ['expect-reset', readExpectReset],
  ['expect-pin', readExpectPin],
  ['expect-irq', readExpectIrq],
  ['expect-mem', readExpectMemory],
  ['expect-exit', readExpectExit],
]);

/** Steps that Wokwi or habit suggests, and why there are none here. */
const REFUSED: ReadonlyMap<string, readonly [reason: string, advice: string]> = new Map([
  [
    'take-screenshot',
    ['nothing here has a screen', 'remove the step, or check what the firmware prints with wait-serial'],
  ],
  ['touch', ['nothing here has a touch screen', 'use set-pin or irq for the line that the touch controller drives']],
  [
    'touch-press',
    ['nothing here has a touch screen', 'use set-pin or irq for the line that the touch controller drives'],
  ],
  [
    'touch-release',
    ['nothing here has a touch screen', 'use set-pin or irq for the line that the touch controller drives'],
  ],
  [
    'touch-move',
    ['nothing here has a touch screen', 'use set-pin or irq for the line that the touch controller drives'],
  ],
  ['expect-chip-output', ['custom chips are not emulated', 'use wait-serial for what the firmware itself prints']],
  ['expect-serial', ['serial output is matched as it arrives', "write wait-serial: {text: 'ready', timeout: 10ms}"]],
]);

/** Fields of the commands that habit puts beside a command instead of inside it. */
const INNER_KEYS: ReadonlySet<string> = new Set(['timeout', 'value', 'at', 'every', 'count', 'port']);

export function readStep(value: Value, names: Names): Step {
  const entries = value.entries("'delay: 10ms'");
  const commands = [...entries.keys()].filter((key) => key !== 'name');
  for (const key of commands) refuseUnknown(key, entries.get(key)!, commands);
  const [first, second] = commands;
  if (first === undefined) return value.fail('a step does nothing', `add one of ${[...COMMANDS.keys()].join(', ')}`);
  if (second !== undefined) {
    entries
      .get(second)!
      .failAtKey(`'${first}' and '${second}' are in one step`, "begin the second with '- ' as a step of its own");
  }
  const name = entries.get('name')?.text('press the button');
  return { place: value.place, name, ...COMMANDS.get(first)!(entries.get(first)!, names) };
}

function refuseUnknown(key: string, value: Value, keys: readonly string[]): void {
  if (COMMANDS.has(key)) return;
  const refused = REFUSED.get(key);
  if (refused !== undefined) value.failAtKey(`there is no step '${key}': ${refused[0]}`, refused[1]);
  const command = keys.find((each) => COMMANDS.has(each));
  if (command !== undefined && INNER_KEYS.has(key)) {
    value.failAtKey(
      `'${key}' stands beside '${command}'`,
      `write it inside: ${command}: {..., ${key}: ${value.shown}}`,
    );
  }
  value.failAtKey(`unknown key ${quote(key)} in a step`, suggest(key, [...COMMANDS.keys(), 'name'], 'steps'));
}

function atOnce(action: Action): Body {
  return { kind: 'act', action, schedule: AT_ONCE };
}

function readTimeout(fields: Fields) {
  return fields.get('timeout')?.duration() ?? DEFAULT_TIMEOUT;
}

function readWaitSerial(value: Value): Body {
  if (!value.isMapping) return { kind: 'wait-serial', text: value.name('ready'), timeout: DEFAULT_TIMEOUT };
  const fields = value.fields(['text', 'timeout'], "{text: 'ready', timeout: 50ms}");
  const text = fields.need('text', "'text', for example {text: 'ready', timeout: 50ms}").name('ready');
  return { kind: 'wait-serial', text, timeout: readTimeout(fields) };
}

function readWaitPin(value: Value, names: Names): Body {
  const fields = value.fields(['pin', 'value', 'timeout'], '{pin: LED, value: 1, timeout: 10ms}');
  return { kind: 'wait-pin', ...readPinLevel(fields, names), timeout: readTimeout(fields) };
}

function readWaitIrq(value: Value, names: Names): Body {
  const fields = value.fields(['line', 'count', 'timeout'], '{line: BUTTON, count: 2, timeout: 10ms}');
  return {
    kind: 'wait-irq',
    irq: readLine(fields, names),
    count: fields.get('count')?.integer(1, MAX_COUNT) ?? 1,
    timeout: readTimeout(fields),
  };
}

/** Also as Wokwi has it, `{part-id: esp, pin: 2, value: 1}`, where newer versions write `name` for `pin`. */
function readExpectPin(value: Value, names: Names): Body {
  const fields = value.fields(['part-id', 'pin', 'name', 'value'], '{pin: LED, value: 1}');
  const pin = fields.either('pin', 'name', "'pin', for example {pin: LED, value: 1}");
  const part = fields.get('part-id')?.name('esp');
  return {
    kind: 'expect-pin',
    pin: pin.read((written) => (part === undefined ? readPin(written, names) : readPartPin(part, written, names))),
    level: readLevel(fields.need('value', "'value', 0 or 1")),
  };
}

function readPinLevel(fields: Fields, names: Names) {
  const pin = fields.need('pin', "'pin', for example {pin: LED, value: 1}");
  return {
    pin: pin.read((written) => readPin(written, names)),
    level: readLevel(fields.need('value', "'value', 0 or 1")),
  };
}

function readExpectIrq(value: Value, names: Names): Body {
  const fields = value.fields(['line', 'count'], '{line: BUTTON, count: 2}');
  const count = fields.need('count', "'count', the number of deliveries so far, for example count: 2");
  return { kind: 'expect-irq', irq: readLine(fields, names), count: count.integer(0, MAX_COUNT) };
}

/** `9`, or `{event: 9, value: 42, timeout: 10ms}`: what the guest tells by its mailbox. */
function readWaitEvent(value: Value): Body {
  const number = (each: Value) => each.integer(0, 2 ** 32 - 1);
  if (!value.isMapping) return { kind: 'wait-event', event: number(value), value: undefined, timeout: DEFAULT_TIMEOUT };
  const fields = value.fields(['event', 'value', 'timeout'], '{event: 9, value: 42, timeout: 10ms}');
  return {
    kind: 'wait-event',
    event: number(fields.need('event', "'event', the number that the guest gives it")),
    value: fields.get('value')?.bigInteger(-(2n ** 63n), 2n ** 64n - 1n),
    timeout: readTimeout(fields),
  };
}

function readWaitReset(value: Value): Body {
  const fields = value.fields(['count', 'timeout'], '{count: 1, timeout: 10ms}');
  return { kind: 'wait-reset', count: fields.get('count')?.integer(1, MAX_COUNT) ?? 1, timeout: readTimeout(fields) };
}

const CAUSES: readonly ResetCause[] = ['power-on', 'software', 'watchdog', 'pin'];

/** `1`, or `{count: 1, cause: watchdog}`. */
function readExpectReset(value: Value): Body {
  const number = (each: Value) => each.integer(0, MAX_COUNT);
  if (!value.isMapping) return { kind: 'expect-reset', count: number(value), cause: undefined };
  const fields = value.fields(['count', 'cause'], '{count: 1, cause: watchdog}');
  const count = number(fields.need('count', "'count', the number of resets so far, for example count: 1"));
  return { kind: 'expect-reset', count, cause: fields.get('cause')?.word(CAUSES) };
}

function readLine(fields: Fields, names: Names) {
  return fields.need('line', "'line', for example line: BUTTON").read((written) => readIrq(written, names));
}

const INTEGER_BITS: ReadonlyMap<MemoryType, number> = new Map([
  ['u8', 8],
  ['i8', 8],
  ['u16', 16],
  ['i16', 16],
  ['u32', 32],
  ['i32', 32],
  ['u64', 64],
  ['i64', 64],
]);
const MEMORY_TYPES: readonly MemoryType[] = [...INTEGER_BITS.keys(), 'f32', 'f64'];

function readExpectMemory(value: Value): Body {
  const fields = value.fields(['address', 'type', 'equals'], '{address: counter, type: u32, equals: 7}');
  const address = fields.need('address', "'address', a number or the name of an exported global");
  const type = fields.need('type', "'type', for example type: u32").word(MEMORY_TYPES);
  const equals = fields.need('equals', "'equals', the value to expect");
  return {
    kind: 'expect-mem',
    address: address.isNumber ? address.integer(0, 2 ** 32 - 1) : address.name('counter'),
    value: readMemoryValue(type, equals),
  };
}

function readMemoryValue(type: MemoryType, equals: Value): MemoryValue {
  if (type === 'f64') return { type, equals: equals.number() };
  if (type === 'f32') {
    const number = equals.number();
    const single = Math.fround(number);
    if (Number.isFinite(number) && !Number.isFinite(single)) {
      equals.fail(
        `${equals.what} is beyond an f32: ${equals.shown}`,
        'the largest is about 3.4e38; write .inf for infinity',
      );
    }
    return { type, equals: single };
  }
  const bits = BigInt(INTEGER_BITS.get(type)!);
  const signed = type.startsWith('i');
  const integer = equals.bigInteger(signed ? -(1n << (bits - 1n)) : 0n, (1n << (signed ? bits - 1n : bits)) - 1n);
  return type === 'u64' || type === 'i64' ? { type, equals: integer } : { type, equals: Number(integer) };
}

/** As a shell sees it: the low eight bits of the guest's own code, 134 for a trap, 128+n for a signal. */
function readExpectExit(value: Value): Body {
  const code = (each: Value) => each.integer(0, 255);
  if (!value.isMapping) return { kind: 'expect-exit', code: code(value), timeout: DEFAULT_TIMEOUT };
  const fields = value.fields(['code', 'timeout'], '{code: 0, timeout: 2s}');
  return {
    kind: 'expect-exit',
    code: code(fields.need('code', "'code', for example {code: 0}")),
    timeout: readTimeout(fields),
  };
}
