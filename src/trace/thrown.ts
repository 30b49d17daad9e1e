/** What outsiders' code threw, as a value on a tape, so that the same can be thrown again. */
import { type ErrorCode, WirqError } from '../errors.ts';
import { GuestFault } from '../machine/guest-fault.ts';
import { isRecord } from './recording-file.ts';

/** A value, or what was thrown in its place. */
export function outcomeOf(work: () => unknown): { readonly value: unknown } | { readonly error: unknown } {
  try {
    return { value: work() };
  } catch (error) {
    return { error };
  }
}

/** @returns `[value]`, or what describes an error. */
export function describeOutcome(outcome: ReturnType<typeof outcomeOf>): unknown {
  if ('value' in outcome) return [outcome.value];
  const { error } = outcome;
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  const advice = error instanceof WirqError || error instanceof GuestFault ? error.advice : undefined;
  return { name, message, advice, code: error instanceof WirqError ? error.code : undefined };
}

/** The value again. @throws what was thrown then. */
export function repeatOutcome(described: unknown): unknown {
  if (Array.isArray(described)) return described[0];
  if (isRecord(described)) throw errorFrom(described);
  return undefined;
}

function errorFrom({ name, message, advice, code }: Readonly<Record<string, unknown>>): Error {
  const text = String(message);
  const hint = advice === undefined ? undefined : String(advice);
  switch (name) {
    case 'GuestFault':
      return new GuestFault(text, hint);
    case 'WirqError':
      return new WirqError(String(code) as ErrorCode, text, { advice: hint });
    case 'RuntimeError':
      return new WebAssembly.RuntimeError(text);
    case 'RangeError':
      return new RangeError(text);
    default:
      return Object.assign(new Error(text), { name: String(name) });
  }
}
