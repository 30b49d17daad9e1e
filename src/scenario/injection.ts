/**
 * The inline form of an injection, as `--irq` and `--signal` take it: `3@10ms`, `BUTTON@func:main_loop#3`,
 * `SIGUSR1@2s`; and the text form of the moment in it, which a scenario's `at:` shares.
 * Leaves names unresolved: only a machine's configuration knows which line BUTTON is (names.ts resolves them).
 */
import { type Duration, type Instant, instant, parseDuration } from '../clock/instant.ts';
import { WirqError } from '../errors.ts';
import {
  defaultLineName,
  isLine,
  LINE_COUNT,
  type LineNumber,
  lineOf,
  SYSTEM_EXCEPTIONS,
} from '../interrupts/exceptions.ts';
import type { When } from '../machine/when.ts';
import { SIGNAL_NAMES, SIGRTMAX, signalName, signalNumber } from '../signals/numbers.ts';
import { brief, nearest, quote, suggest } from './suggest.ts';

/** A line or system exception by its number, or the name that a configuration gives to a line. */
export type IrqSpelling = LineNumber | string;

/** One interrupt to raise. */
export interface Injection {
  readonly irq: IrqSpelling;
  readonly when: When;
}

/** One signal to send. */
export interface SignalInjection {
  /** Linux's number, 1 … 64. */
  readonly signal: number;
  readonly when: When;
}

const MOMENTS = 'write a time such as 10ms, or insn:1234, func:main_loop#3 or every:1ms';

/**
 * Reads `LINE@WHEN`.
 *
 * @throws WirqError `bad-argument`, quoting the text, with a right example.
 * @example parseInjection('3@10ms') // { irq: 3, when: { kind: 'time', at: 10_000_000 } }
 */
export function parseInjection(text: string): Injection {
  const [target, moment] = splitAtSign(
    text,
    'an interrupt',
    '3@10ms, 3@insn:1234, BUTTON@func:main_loop#3 or 3@every:1ms',
  );
  return {
    irq: within(text, () => parseIrqSpelling(target)),
    when: within(text, () => parseWhen(moment)),
  };
}

/**
 * Reads `SIGNAL@WHEN`.
 *
 * @throws WirqError `bad-argument`, quoting the text, with a right example.
 * @example parseSignalInjection('SIGUSR1@2s') // { signal: 10, when: { kind: 'time', at: 2_000_000_000 } }
 */
export function parseSignalInjection(text: string): SignalInjection {
  const [target, moment] = splitAtSign(text, 'a signal', 'SIGUSR1@2s, 10@insn:1234 or SIGALRM@every:1ms');
  return {
    signal: within(text, () => parseSignal(target)),
    when: within(text, () => parseWhen(moment)),
  };
}

/** The inline form of an injection. `parseInjection` reads it back unchanged. */
export function formatInjection(injection: Injection): string {
  const { irq, when } = injection;
  return `${typeof irq === 'number' && irq < 0 ? defaultLineName(irq) : irq}@${formatWhen(when)}`;
}

/** The inline form of a signal injection. `parseSignalInjection` reads it back unchanged. */
export function formatSignalInjection(injection: SignalInjection): string {
  const name = signalName(injection.signal);
  // 32 and 33 have no name that could be read back: they belong to the C library.
  return `${signalNumber(name) === undefined ? injection.signal : name}@${formatWhen(injection.when)}`;
}

/**
 * Reads a moment: `10ms`, `insn:1234`, `func:main_loop`, `func:main_loop#3`, `every:1ms`.
 *
 * @throws WirqError `bad-argument`.
 */
export function parseWhen(text: string): When {
  const colon = text.indexOf(':');
  if (colon < 0) return { kind: 'time', at: instant(parseTime(text)) };
  const kind = text.slice(0, colon);
  const rest = text.slice(colon + 1);
  switch (kind) {
    case 'insn':
      return { kind: 'instruction', count: parseCount(rest) };
    case 'func':
      return parseEntry(rest);
    case 'every': {
      const period = parseTime(rest);
      if (period === 0) refuse('a period of 0 never lets the machine run', 'write for example every:1ms');
      return { kind: 'every', period };
    }
    default: {
      const close = nearest(kind, ['insn', 'func', 'every']);
      return refuse(
        `${quote(`${kind}:`)} is no kind of moment`,
        close === undefined ? MOMENTS : `did you mean '${close}:'?`,
      );
    }
  }
}

/** The text of a moment. `parseWhen` reads it back unchanged. */
export function formatWhen(when: When): string {
  switch (when.kind) {
    case 'time':
      return formatExact(when.at);
    case 'instruction':
      return `insn:${when.count}`;
    case 'function':
      // A name may itself end like a count, so that the first entry needs its count spelt out too.
      return when.entry === 1 && !/#\d+$/.test(when.name) ? `func:${when.name}` : `func:${when.name}#${when.entry}`;
    case 'every':
      return `every:${formatExact(when.period)}`;
  }
}

/**
 * Reads a line's number, a system exception's name, or a name still to be looked up in a configuration.
 *
 * @throws WirqError `bad-argument` for a number that is no line and a word that is no name.
 */
export function parseIrqSpelling(text: string): IrqSpelling {
  if (/^[+-]?\d+$/.test(text)) return checkedLine(text);
  const exception = SYSTEM_EXCEPTIONS.find((each) => each.name === text);
  if (exception !== undefined) return lineOf(exception.number);
  if (!isIrqName(text)) {
    refuse(
      `${quote(text)} is neither a line's number nor a name`,
      'write a number from 0 to 239, SysTick, PendSV or a name',
    );
  }
  return text;
}

/** Names of lines are identifiers, because `<NAME>_IRQHandler` is looked up among a module's exports. */
export function isIrqName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);
}

/**
 * Reads a signal's number or name, with or without its `SIG`.
 *
 * @throws WirqError `bad-argument` for what is no signal, with the nearest name.
 */
export function parseSignal(text: string): number {
  const signal = signalNumber(text);
  if (signal !== undefined) return signal;
  if (/^[+-]?\d+$/.test(text)) {
    return refuse(`signal ${brief(text)} is out of range`, `signals are 1 to ${SIGRTMAX}, for example SIGUSR1 (10)`);
  }
  return refuse(`there is no signal ${quote(text)}`, suggest(text, SIGNAL_NAMES, 'signals'));
}

function checkedLine(text: string): LineNumber {
  const line = Number(text) + 0; // makes -0 a 0
  if (line >= 0 && isLine(line)) return line;
  return refuse(
    `line ${brief(text)} is out of range`,
    `lines are 0 to ${LINE_COUNT - 1}${line < 0 ? '; system exceptions go by name, for example SysTick' : ''}`,
  );
}

function parseTime(text: string): Duration {
  const time = parseDuration(text);
  if (time !== undefined) return time;
  if (/^\d+(\.\d+)?$/.test(text)) {
    return refuse(
      `${quote(text)} has no unit`,
      `write ${brief(text)}ms, ${brief(text)}us or ${brief(text)}s for a time, insn:1234 for a count`,
    );
  }
  if (/^\d+(\.\d+)?\s*(ns|us|µs|ms|s|m|min|h)$/.test(text)) {
    return refuse(`${quote(text)} is beyond the end of machine time`, 'a run ends after about 104 days, 9007199s');
  }
  return refuse(`${quote(text)} is not a moment`, MOMENTS);
}

function parseCount(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(count)) return count;
  return refuse(
    `${quote(text)} is not a count of instructions`,
    'write a whole number below 2^53, for example insn:1234',
  );
}

/** The count behind the last `#` is the entry; AssemblyScript puts a `#` into names of its own (`Pump#start`). */
function parseEntry(text: string): When {
  const match = /^(.*)#(\d+)$/s.exec(text);
  const name = match === null ? text : match[1]!;
  const entry = match === null ? 1 : Number(match[2]);
  if (name === '') refuse('the function has no name', 'write for example func:main_loop#3');
  if (entry < 1 || !Number.isSafeInteger(entry)) {
    refuse(`entry ${brief(match?.[2] ?? '')} is out of range`, 'entries count from 1, for example func:main_loop#3');
  }
  return { kind: 'function', name, entry };
}

function splitAtSign(text: string, what: string, examples: string): [string, string] {
  const sign = text.indexOf('@');
  if (sign <= 0 || sign === text.length - 1) {
    const missing = sign === 0 ? `does not name ${what}` : 'does not say when';
    refuse(`${quote(text)} ${missing}`, `write for example ${examples}`);
  }
  return [text.slice(0, sign), text.slice(sign + 1)];
}

/** Adds the whole text to a complaint about a part of it. */
function within<T>(text: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof WirqError)) throw error;
    throw new WirqError(error.code, `${quote(text)}: ${error.message}`, { advice: error.advice });
  }
}

const UNITS: readonly (readonly [unit: string, ns: number])[] = [
  ['s', 1e9],
  ['ms', 1e6],
  ['us', 1e3],
];

/** Whole numbers only, so that it is read back to the nanosecond however long it is. */
function formatExact(ns: Duration | Instant): string {
  for (const [unit, size] of UNITS) {
    if (ns >= size && ns % size === 0) return `${ns / size}${unit}`;
  }
  return `${ns}ns`;
}

function refuse(message: string, advice: string): never {
  throw new WirqError('bad-argument', message, { advice });
}
