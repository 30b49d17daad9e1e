/**
 * The host functions that a user gives: what may be written for one, checked when they are given, and whether what they
 * answer is a value of the type that the guest takes. Refuses what would fail as a conversion in the engine, or be ignored.
 */
import { WirqError } from '../errors.ts';
import {
  type GivenFunction,
  type GivenModules,
  type HostFunction,
  type HostModule,
  isAsyncFunction,
} from '../guests/interface.ts';
import { GuestFault } from './guest-fault.ts';

const FUNCTION_KEYS = ['signature', 'call', 'async', 'timeless', 'bare'];
const ASYNC_KEYS = ['latency_ns', 'rejected', 'cancellable', 'answered'];
/** Not for users. */
const INTERNAL = ['timeless', 'bare', 'answered'];

/** All in one form. Async functions are known by their kind. @throws WirqError `bad-argument`. */
export function hostModulesOf(given: GivenModules): Readonly<Record<string, HostModule>> {
  const all = Object.entries(given).map(([name, functions]) => {
    if (typeof functions !== 'object' || functions === null) throw bad(`the module ${name} is no object of functions`);
    const each = Object.entries(functions).map(([key, value]) => [key, hostFunction(`${name}.${key}`, value)]);
    return [name, Object.fromEntries(each) as HostModule];
  });
  return Object.fromEntries(all);
}

function hostFunction(name: string, given: GivenFunction): HostFunction {
  if (typeof given === 'function') return isAsyncFunction(given) ? { call: given, async: {} } : { call: given };
  if (typeof given !== 'object' || given === null || typeof given.call !== 'function') {
    throw bad(`${name} is neither a function nor {call}`);
  }
  checkKeys(name, given, FUNCTION_KEYS);
  if (given.async !== undefined) checkAsync(name, given.async);
  return given;
}

function checkAsync(name: string, given: NonNullable<HostFunction['async']>): void {
  if (typeof given !== 'object' || given === null) throw bad(`${name}: async is no object`);
  checkKeys(`${name}: async`, given, ASYNC_KEYS);
  const { latency_ns = 0, rejected } = given;
  if (!Number.isSafeInteger(latency_ns) || latency_ns < 0) {
    throw bad(`${name}: ${latency_ns} is no latency in nanoseconds`);
  }
  const kinds: readonly unknown[] = ['undefined', 'number', 'bigint', 'function'];
  const exception = typeof rejected === 'object' && rejected !== null && typeof rejected.exception === 'string';
  if (!exception && !kinds.includes(typeof rejected)) {
    throw bad(`${name}: rejected is neither a number, a function of the reason, nor {exception}`);
  }
}

function checkKeys(what: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    const shown = known.filter((key) => !INTERNAL.includes(key));
    throw bad(`${what}: there is no ${unknown}`, `there are ${shown.join(', ')}`);
  }
}

function bad(message: string, advice?: string): WirqError {
  return new WirqError('bad-argument', message, { advice });
}

/**
 * What a host function gave, as a value of the type that the guest takes, where that is a number: anything else is left to the
 * engine. @throws GuestFault.
 */
export function fitting(name: string, type: string | undefined, value: unknown): unknown {
  if (type === 'i64') {
    if (typeof value !== 'number') return value;
    if (Number.isInteger(value)) return BigInt(value);
    throw new GuestFault(`${name} gave ${value} for an i64`, 'an i64 is a BigInt, or a whole number');
  }
  const isNumber = type === 'i32' || type === 'f32' || type === 'f64';
  if (typeof value !== 'bigint' || !isNumber) return value;
  throw new GuestFault(`${name} gave the BigInt ${value} for an ${type}`, 'BigInts are for i64; give a number');
}
