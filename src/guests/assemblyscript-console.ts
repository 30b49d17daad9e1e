/**
 * What asc's standard library imports from its host, made of the machine: `console.*`, `Date.now`, `performance.now`,
 * `process.exit`, `seed`, `trace`, and `Math.*` as far as every engine computes it exactly alike.
 * Left out: `Math.sin` and its kin (engines differ in the last bit; asc's own Math needs no import), `crypto` and
 * anything that takes or gives JavaScript objects.
 */
import { wasi } from '@bjorn3/browser_wasi_shim';
import type { GuestServices } from './services.ts';
import { reading } from './wasi-clock.ts';

/** What a guest calls: AssemblyScript passes only numbers. */
export type HostFunction = (...values: number[]) => number | undefined;

/** The most timers of `console.time` that run at once. */
export const MAX_TIMERS = 1024;
/** A longer label is cut. */
const MAX_LABEL_LENGTH = 256;

const NS_PER_MS = 1e6;
/** The numbers that `trace` can carry. */
const TRACE_VALUES = 5;

/** `text` reads a guest's string. */
export function consoleImports(
  services: GuestServices,
  text: (pointer: number) => string,
): Record<string, HostFunction> {
  const print = (stream: 'stdout' | 'stderr', line: string) =>
    services.output(stream, new TextEncoder().encode(`${line}\n`));
  const say = (level: string, stream: 'stdout' | 'stderr', message: string) => {
    services.log('console', { level, message });
    print(stream, message);
    return undefined;
  };
  const level = (name: string, stream: 'stdout' | 'stderr'): HostFunction => {
    return (message = 0) => say(name, stream, text(message));
  };
  return {
    trace(message = 0, count = 0, ...values) {
      const shown = values.slice(0, Math.min(Math.max(count, 0), TRACE_VALUES)).join(', ');
      const details = { message: text(message) };
      services.log('trace', shown === '' ? details : { ...details, values: shown });
      print('stderr', `trace: ${details.message}${shown === '' ? '' : ` ${shown}`}`);
      return undefined;
    },
    'console.log': level('log', 'stdout'),
    'console.info': level('info', 'stdout'),
    'console.debug': level('debug', 'stdout'),
    'console.warn': level('warn', 'stderr'),
    'console.error': level('error', 'stderr'),
    'console.assert': (condition = 0, message = 0) =>
      condition !== 0 ? undefined : say('assert', 'stderr', `Assertion failed: ${text(message)}`),
    ...timerImports(services, text, (line) => say('time', 'stdout', line)),
  };
}

/** `console.time` and its two companions, by machine time. */
function timerImports(
  services: GuestServices,
  text: (pointer: number) => string,
  report: (line: string) => undefined,
): Record<string, HostFunction> {
  const started = new Map<string, number>();
  const labelOf = (pointer: number) => text(pointer).slice(0, MAX_LABEL_LENGTH) || 'default';
  const reportElapsed = (label: string) => {
    const since = started.get(label);
    return since === undefined ? undefined : report(`${label}: ${(services.now() - since) / NS_PER_MS}ms`);
  };
  return {
    'console.time': (pointer = 0) => {
      const label = labelOf(pointer);
      // As in JavaScript, a timer that runs already goes on.
      if (!started.has(label) && started.size < MAX_TIMERS) started.set(label, services.now());
      return undefined;
    },
    'console.timeLog': (pointer = 0) => reportElapsed(labelOf(pointer)),
    'console.timeEnd': (pointer = 0) => {
      const label = labelOf(pointer);
      reportElapsed(label);
      started.delete(label);
      return undefined;
    },
  };
}

/** Time, chance and the end of the program. */
export function environmentImports(services: GuestServices): Record<string, HostFunction | number> {
  return {
    'Date.now': () => calendarMs(services),
    'performance.now': () => services.now() / NS_PER_MS,
    'process.exit': (code = 0) => services.exit(code),
    'Math.random': () => randomInteger(services) / 2 ** 53,
    // The bits become the generator's state: a whole number, because the bits of a NaN are the engine's choice.
    seed: () => randomInteger(services),
    ...Object.fromEntries(EXACT_MATH.map((name) => [`Math.${name}`, Math[name] as HostFunction])),
    ...Object.fromEntries(MATH_CONSTANTS.map((name) => [`Math.${name}`, Math[name]])),
  };
}

/** Milliseconds since 1970 by the machine's calendar, which begins in the year 2000. */
export function calendarMs(services: GuestServices): number {
  return Number(reading(wasi.CLOCKID_REALTIME, services.now()) / BigInt(NS_PER_MS));
}

/** A whole number from 0 to 2^53 − 1. */
function randomInteger(services: GuestServices): number {
  const bytes = new Uint8Array(8);
  services.random(bytes);
  return Number(new DataView(bytes.buffer).getBigUint64(0, true) >> 11n);
}

/** IEEE 754 and ECMAScript leave these no freedom. */
const EXACT_MATH = [
  'abs',
  'ceil',
  'clz32',
  'floor',
  'fround',
  'imul',
  'max',
  'min',
  'round',
  'sign',
  'sqrt',
  'trunc',
] as const;

const MATH_CONSTANTS = ['E', 'LN2', 'LN10', 'LOG2E', 'LOG10E', 'PI', 'SQRT1_2', 'SQRT2'] as const;
