/**
 * How an interface offered to the guest is written down: a name, the WebAssembly type, the function behind it.
 * The type is checked against the module's import at load, so that a wrong declaration is refused by name
 * instead of failing with a conversion error in the middle of a run.
 */
import { assert } from '../assert.ts';

/** `i` i32, `I` i64, `f` f32, `F` f64, with `>` between parameters and results: `iI>i`. */
export type Signature = string;

// biome-ignore lint/suspicious/noExplicitAny: the engine converts arguments by the signature beside it
export type HostCall = (...args: any[]) => unknown;

export interface HostFunction {
  /** Left out for functions whose type the module itself chooses; the engine then converts as it can. */
  readonly signature?: Signature | undefined;
  readonly call: HostCall;
  /**
   * It may return a promise: the guest's task waits for it as for any call, and others go on meanwhile. A module that imports
   * such a function runs on stacks that can park.
   */
  readonly async?: AsyncCall | undefined;
  /** It does not ask what time it is: its wrapper need not find out. */
  readonly timeless?: boolean | undefined;
  /** Nothing is wrapped around it: it never throws, and sees itself to what it makes deliverable. */
  readonly bare?: boolean | undefined;
}

/** How a call that takes its time appears to the guest. */
export interface AsyncCall {
  /**
   * Machine time from the call to its result, in ns; default 1 ms. In virtual time a promise takes just as long, whenever
   * it settles: should it not have settled by then, the machine stands still until it has.
   */
  readonly latency_ns?: number | undefined;
  /** What the guest gets when the promise is rejected. Default: the run ends as by a trap. */
  readonly rejected?: number | bigint | ((reason: unknown) => number | bigint) | RejectionException | undefined;
  /** Stands between what the promise gave, which `result` tells or throws, and the guest: for recording (trace/). */
  readonly answered?: ((result: () => HostAnswer) => HostAnswer) | undefined;
  /** An AbortSignal is the call's last argument: it is aborted when the task that waits, or the run, ends first. */
  readonly cancellable?: boolean | undefined;
}

/** A rejection that the guest can catch: the call throws an exception of its own. */
export interface RejectionException {
  /** The name of a tag that the guest exports, or imports from the function's module. */
  readonly exception: string;
  /** The values that go with it. Default: none, for a tag that takes none. */
  readonly payload?: ((reason: unknown) => readonly (number | bigint)[]) | undefined;
}

/** An exception that a call throws in the guest: the name of its tag, and the values that go with it. */
export interface GuestException {
  readonly exception: string;
  readonly payload: readonly (number | bigint)[];
}

/** What the guest gets for a promise. */
export type HostAnswer = number | bigint | undefined | GuestException;

export type HostModule = Readonly<Record<string, HostFunction>>;

/** What a user may write for a host function: with its type, or just the function. */
export type GivenFunction = HostFunction | HostCall;
export type GivenModules = Readonly<Record<string, Readonly<Record<string, GivenFunction>>>>;

/** What host functions can reach of the guest. */
export interface GuestOfHost {
  /** Undefined before the guest is there, and where it has none. */
  memory(): WebAssembly.Memory | undefined;
  /**
   * A function that the guest exports; undefined where there is none of that name. For calls from within a host function,
   * before it waits for anything: no handler and no other task runs meanwhile.
   */
  function(name: string): ((...args: unknown[]) => unknown) | undefined;
}

/** Known by their kind: what they answer is a promise. */
export function isAsyncFunction(call: HostCall): boolean {
  return call.constructor.name === 'AsyncFunction';
}

const LETTERS: Readonly<Record<string, string>> = { i: 'i32', I: 'i64', f: 'f32', F: 'f64' };

/** `(i32, i64) -> i32`, for messages. */
export function formatSignature(signature: Signature): string {
  const [params, results] = splitSignature(signature);
  return `(${params.join(', ')}) -> (${results.join(', ')})`;
}

/** The value types of parameters and results. */
export function splitSignature(signature: Signature): readonly [params: string[], results: string[]] {
  const [params, results] = signature.split('>');
  assert(params !== undefined && results !== undefined, `${signature} has a '>'`);
  return [expand(params), expand(results)];
}

function expand(letters: string): string[] {
  return [...letters].map((letter) => {
    const type = LETTERS[letter];
    assert(type !== undefined, `${letter} is a type letter`);
    return type;
  });
}
