/**
 * What runs guest code on native stacks of its own: one interface, four ways to do it. `nested` calls and cannot park;
 * `wasmfx` uses the core stack-switching instructions, `jspi` the JavaScript Promise Integration API, `asyncify` code
 * that Binaryen has made able to unwind. All of them start and park fibers at the same points, so that nothing above
 * can tell them apart. Knows nothing of tasks, handlers or time.
 */
import { WirqError } from '../errors.ts';

export type BackendName = 'nested' | 'wasmfx' | 'jspi' | 'asyncify';

export const BACKEND_NAMES: readonly BackendName[] = ['nested', 'wasmfx', 'jspi', 'asyncify'];

/** How a fiber came to a stop. What the guest threw is thrown, or rejects the promise. */
export type Stop = 'parked' | 'ended';

/** Value types that pass between JavaScript and WebAssembly in this interface. */
export type Passing = 'i32' | 'i64' | 'f32' | 'f64' | 'externref' | 'funcref';

export const PASSING: readonly string[] = ['i32', 'i64', 'f32', 'f64', 'externref', 'funcref'];

export interface Shape {
  readonly params: readonly Passing[];
  readonly results: readonly Passing[];
}

// biome-ignore lint/suspicious/noExplicitAny: the engine converts by the shape beside it
export type HostCode = (...args: any[]) => any;

/** A host function that the guest calls, and during which the calling fiber may be asked to park. */
export interface Doorway extends Shape {
  readonly call: HostCode;
  /** Gives the result when the fiber goes on after it was parked with `fetch`. It may park the fiber once more. */
  readonly fetch: () => unknown;
  /** It is `switch(number)` of stacks, and may be done without asking. */
  readonly switches?: boolean | undefined;
}

/** A guest function that a fiber can begin with. */
export type GuestFunction = (...args: unknown[]) => unknown;

/** One flow of guest code with a native stack of its own. */
export interface Fiber {
  /** What its function returned, once it has ended. */
  result: unknown;
  /** Whoever made it; nothing to the backend. */
  holder: unknown;
  /** The guest's stack pointer while it does not run; undefined where it runs on whatever is there. */
  pointer: number | undefined;
  /** Of its stack in linear memory, where it has one. */
  canary: number;
  /** Whether the guest may go on with it, while it is parked. */
  open: boolean;
}

/** What backends remember of fibers for others. */
export class PlainFiber implements Fiber {
  result: unknown;
  holder: unknown;
  pointer: number | undefined;
  canary = 0;
  open = false;
}

/**
 * Where the guest switches between the fibers of one thread by itself, without asking the host: nothing but the fiber and the stack
 * pointer changes. Whoever looks afterwards finds another fiber running.
 */
export interface DirectSwitching {
  /** Lets it, with this fiber as number 0; undefined: not. */
  allow(home: Fiber | undefined): void;
  readonly allowed: Fiber | undefined;
  readonly running: Fiber | undefined;
  /** Which one the last `run` came to a stop on. */
  readonly stopped: Fiber | undefined;
  /** The guest's number for a fiber. */
  number(fiber: Fiber, number: number): void;
}

export interface Backend {
  readonly name: BackendName;
  /** Whether fibers can park. */
  readonly suspends: boolean;
  /** Whether `run` gives promises: only an asynchronous run can use it. */
  readonly asynchronous: boolean;
  /** Whether a fiber can begin above another, from a doorway. */
  readonly nests: boolean;
  /** Undefined where the guest cannot switch by itself. */
  readonly direct: DirectSwitching | undefined;
  /** The functions to give to the guest, one for each doorway. */
  readonly doors: readonly unknown[];
  /** A fiber that will begin with a guest function. */
  create(entry: GuestFunction, shape: Shape, args: readonly unknown[]): Fiber;
  /**
   * Begins a fiber or goes on with it, until it parks or ends. One that begins may do so from a doorway: it then runs above
   * the one that called. Going on needs a place with no guest frame below. A promise for a fiber that begins tells that
   * it failed, and that how can only be learned by waiting.
   */
  run(fiber: Fiber): Stop | Promise<Stop>;
  /**
   * Asks the fiber whose doorway is open to park as soon as it returns: keeping its result, or fetching one when it goes on.
   * Withdrawn by nothing: the doorway must return.
   */
  park(fiber: Fiber, result: 'keep' | 'fetch'): void;
  /** Forgets a fiber that has not begun or is parked, and gives back what it holds. */
  discard(fiber: Fiber): void;
  /** The same with all that are left: nothing runs any more. */
  close(): void;
}

/**
 * So many stacks of the engine's own can be begun at once. Each takes two mappings of memory, of which Linux gives a
 * process 65530 (vm.max_map_count); V8 ends the process when there are none left.
 */
export const MOST_NATIVE_STACKS = 24_000;

export function tooManyStacks(): WirqError {
  return new WirqError('limit', `more than ${MOST_NATIVE_STACKS} stacks have begun and not ended`, {
    advice: 'by asyncify there is no such limit',
  });
}

/** The name in the companion modules' name sections: their frames are not the guest's. */
export const COMPANION_NAME = 'wirq:stacks';

export function isPassing(types: readonly string[]): types is readonly Passing[] {
  return types.every((type) => PASSING.includes(type));
}

/** What a doorway returns when its result is not there yet: the engine wants a value of the type. */
export function placeholder(results: readonly Passing[]): unknown {
  if (results.length === 0) return undefined;
  const values = results.map((type) => (type === 'i64' ? 0n : type.endsWith('ref') ? null : 0));
  return values.length === 1 ? values[0] : values;
}
