/**
 * The event log for people (`-v`): one line an event, time and instruction count in columns, then what happened in words.
 * Carries the same events as the JSON Lines trace, of which it may leave details out; no program should read it.
 */
import { unreachable } from '../assert.ts';
import type { EventDetails, MachineEvent } from '../machine/events.ts';
import { EVENT_FIELDS } from './jsonl.ts';
import { painter, printable, quoted, type Style } from './terminal.ts';

/** Wide enough for 999 s; a longer run only pushes its lines to the right. */
const TIME_WIDTH = 13;
const INSTRUCTIONS_WIDTH = 12;
const KIND_WIDTH = 7;
/** Of a long serial burst the beginning is enough here; the trace file has all of it. */
const MOST_TEXT = 120;

const STYLES: Readonly<Partial<Record<MachineEvent['kind'], Style>>> = {
  pend: 'yellow',
  enter: 'cyan',
  leave: 'cyan',
  post: 'cyan',
  done: 'cyan',
  signal: 'yellow',
  pin: 'blue',
  'uart-tx': 'blue',
  'uart-rx': 'blue',
  step: 'bold',
  end: 'bold',
};

/**
 * An event as one line, without the line's end.
 *
 * @example formatLogLine(event) // ' 0.010000000s       160000  pend     BUTTON from injection'
 */
export function formatLogLine(event: MachineEvent, options: { readonly color?: boolean | undefined } = {}): string {
  const paint = painter(options.color ?? false);
  const time = formatSeconds(event.time).padStart(TIME_WIDTH);
  const count = String(event.instructions).padStart(INSTRUCTIONS_WIDTH);
  const failed = event.kind === 'expect' && event.details.passed === false;
  const style = failed ? 'red' : event.kind === 'expect' ? 'green' : STYLES[event.kind];
  const kind = event.kind.padEnd(KIND_WIDTH);
  const words = describe(event);
  const line = `${paint('dim', `${time} ${count}`)}  ${style === undefined ? kind : paint(style, kind)}`;
  return words === '' ? line.trimEnd() : `${line}  ${failed ? paint('red', words) : words}`;
}

/** `0.010000000s`: all nine digits, so that the points stand below one another. Exact up to 2^53 ns. */
function formatSeconds(ns: number): string {
  return `${Math.floor(ns / 1e9)}.${String(ns % 1e9).padStart(9, '0')}s`;
}

function describe({ kind, details }: MachineEvent): string {
  const text = (field: string) => printable(String(details[field] ?? ''));
  switch (kind) {
    case 'reset':
      return `module ${text('module').slice(0, 12)}, ${text('hz')} Hz, seed ${text('seed')}${details.cause === undefined ? '' : `, after ${text('cause')}`}`;
    case 'call':
      return text('function');
    case 'pend':
      return `${text('line')} from ${text('source')}${details.coalesced === true ? ', was pending already' : ''}`;
    case 'enter':
      return `${text('line')} at priority ${text('priority')}, depth ${text('depth')}`;
    case 'leave':
      return `${text('line')}, depth ${text('depth')}`;
    case 'post':
      return `${text('what')} ${text('number')}${withValue(details)}${details.overrun === true ? ', overrun' : ''}`;
    case 'done':
      return text('line');
    case 'guest':
      return `event ${text('number')}${withValue(details)}`;
    case 'signal':
      return describeSignal(details);
    case 'pin':
      return `pin ${text('pin')} = ${text('level')} by ${text('driver') === 'guest' ? 'the guest' : 'the board'}`;
    case 'uart-tx':
    case 'uart-rx':
      return `port ${text('port')} ${cut(String(details.text ?? ''))}`;
    case 'device':
      return `${text('device')}: ${text('what')}${others(details, 'device')}`;
    case 'log':
      return describeLog(details);
    case 'step':
      return `${text('step')}${details.place === undefined ? '' : ` (${text('place')})`}`;
    case 'expect':
      return details.passed === true
        ? `${text('what')} is ${text('actual')}`
        : `${text('what')}: expected ${text('expected')}, actual ${text('actual')}`;
    case 'hardfault':
      return `${text('message')} (cause ${text('cause')})`;
    case 'mask':
      return `${text('mask')} = ${text('value')}`;
    case 'sleep':
    case 'wake':
      return '';
    case 'spawn':
      return `task ${text('task')} at priority ${text('priority')}`;
    case 'finish':
      return `task ${text('task')}, code ${text('code')}`;
    case 'switch':
      return `to ${text('to')}`;
    case 'await':
      return `${text('call')}, promise ${text('number')}`;
    case 'settle':
      return `${text('call')}, promise ${text('number')}${details.result === undefined ? '' : ` = ${text('result')}`}`;
    case 'fault':
      return `${text('in')}: ${text('message')}${details.backtrace === '' ? '' : ` in ${text('backtrace')}`}`;
    case 'end':
      return `${text('outcome')}, exit code ${text('code')}`;
    default:
      return unreachable(kind);
  }
}

/** `SIGUSR1: queue, because it is blocked (2 pending)`. */
function describeSignal(details: EventDetails): string {
  const text = (field: string, before: string, after = '') =>
    details[field] === undefined ? '' : `${before}${printable(String(details[field]))}${after}`;
  const number = `${text('pending', ' (', ' pending)')}${text('count', ' (', ' of them)')}`;
  const cause = `${text('source', ' by ')}${text('reason', ', because ')}`;
  return `${text('signal', '')}: ${text('action', '')}${cause}${withValue(details)}${number}`;
}

function withValue(details: EventDetails): string {
  return details.value === undefined ? '' : `, value ${printable(String(details.value))}`;
}

function cut(text: string): string {
  return text.length > MOST_TEXT
    ? `${quoted(text.slice(0, MOST_TEXT))} and ${text.length - MOST_TEXT} more`
    : quoted(text);
}

/** `console warn: low water`, `trace: counter 1, 2`; details of a kind of their own are shown as they are named. */
function describeLog(details: EventDetails): string {
  const text = (field: string, before: string) =>
    details[field] === undefined ? '' : `${before}${printable(String(details[field]))}`;
  return `${text('from', '')}${text('level', ' ')}${text('message', ': ')}${text('values', ' ')}${others(details, 'log')}`;
}

/** Details of a kind of their own, as they are named. */
function others(details: EventDetails, kind: 'log' | 'device'): string {
  return Object.keys(details)
    .filter((field) => !EVENT_FIELDS[kind].includes(field))
    .sort()
    .map((field) => ` ${printable(field)}=${printable(String(details[field]))}`)
    .join('');
}
