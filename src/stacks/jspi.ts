/**
 * Fibers by the JavaScript Promise Integration API (WebAssembly/js-promise-integration, "API"; on by default from V8 13.7,
 * Node 25): a door that has to park calls a `Suspending` import, and goes on when its promise is resolved. A call that need
 * not park costs nothing of this. Going on happens in a microtask, so that only an asynchronous run can use it.
 */
import { assert } from '../assert.ts';
import {
  type Backend,
  type Doorway,
  type Fiber,
  type GuestFunction,
  MOST_NATIVE_STACKS,
  PlainFiber,
  type Shape,
  type Stop,
  tooManyStacks,
} from './backend.ts';
import { Companion } from './companion.ts';
import { GO_ON, PERISH } from './words.ts';

class Suspension extends PlainFiber {
  readonly entry: GuestFunction;
  readonly shape: Shape;
  readonly args: readonly unknown[];
  state: 'new' | 'running' | Stop = 'new';
  /** Resolves the promise that its stack waits for. */
  goOn: (demand: number) => void = () => {};
  /** Settled when it comes to its next stop. */
  stopped: (stop: Stop) => void = () => {};
  failed: (error: unknown) => void = () => {};

  constructor(entry: GuestFunction, shape: Shape, args: readonly unknown[]) {
    super();
    this.entry = entry;
    this.shape = shape;
    this.args = args;
  }
}

/** What TypeScript's library does not know yet. */
interface Jspi {
  readonly Suspending: new (call: () => Promise<number>) => unknown;
  promising(call: unknown): (...args: unknown[]) => Promise<unknown>;
}

export class JspiBackend implements Backend {
  readonly name = 'jspi';
  readonly suspends = true;
  /** V8 14.6 then takes the stack below for one with JavaScript frames on it, and will not suspend it any more. */
  readonly nests = false;
  readonly asynchronous = true;
  readonly direct = undefined;
  readonly doors: readonly unknown[];
  readonly #companion: Companion;
  readonly #begin: readonly (() => Promise<unknown>)[];
  /** Whose code runs, innermost last: a fiber begins above the one that called. */
  readonly #running: Suspension[] = [];
  #parking: Suspension | undefined;
  /** Those that have begun and not ended. */
  readonly #begun = new Set<Suspension>();

  constructor(doors: readonly Doorway[], shapes: readonly Shape[]) {
    const jspi = WebAssembly as unknown as Jspi;
    this.#companion = new Companion({
      doors,
      shapes,
      continuations: false,
      suspending: new jspi.Suspending(() => this.#suspend()),
      onEnd: (result) => this.#end(result),
    });
    this.doors = this.#companion.doors;
    this.#begin = shapes.map((_, k) => jspi.promising(this.#companion.exports[`b${k}`]));
  }

  create(entry: GuestFunction, shape: Shape, args: readonly unknown[]): Fiber {
    return new Suspension(entry, shape, args);
  }

  run(fiber: Fiber): Stop | Promise<Stop> {
    assert(fiber instanceof Suspension, 'a fiber of this backend');
    return fiber.state === 'new' ? this.#start(fiber) : this.#goOn(fiber);
  }

  park(fiber: Fiber, result: 'keep' | 'fetch'): void {
    this.#parking = fiber as Suspension;
    this.#companion.demand(result);
  }

  /** Merely dropped, it would hold its stack until the collector comes, which does not know how few there are. */
  discard(fiber: Fiber): void {
    const suspension = fiber as Suspension;
    if (suspension.state !== 'parked') return;
    this.#begun.delete(suspension);
    suspension.state = 'ended';
    suspension.failed = () => {};
    suspension.goOn(PERISH);
  }

  close(): void {
    for (const fiber of [...this.#begun]) this.discard(fiber);
  }

  #start(fiber: Suspension): Stop | Promise<Stop> {
    if (this.#begun.size >= MOST_NATIVE_STACKS) throw tooManyStacks();
    this.#begun.add(fiber);
    const begin = this.#begin[this.#companion.enter(fiber.entry, fiber.shape, fiber.args)]!;
    fiber.state = 'running';
    const depth = this.#running.push(fiber);
    begin().catch((error) => this.#fail(fiber, error));
    this.#running.length = depth - 1;
    const state = fiber.state as Suspension['state']; // the guest has run meanwhile
    return state === 'parked' || state === 'ended' ? state : this.#nextStop(fiber);
  }

  #goOn(fiber: Suspension): Promise<Stop> {
    assert(fiber.state === 'parked', 'what goes on was parked');
    fiber.state = 'running';
    this.#running.push(fiber);
    const stop = this.#nextStop(fiber);
    fiber.goOn(GO_ON);
    return stop;
  }

  #nextStop(fiber: Suspension): Promise<Stop> {
    return new Promise((resolve, reject) => {
      fiber.stopped = resolve;
      fiber.failed = reject;
    });
  }

  #suspend(): Promise<number> {
    const fiber = this.#parking;
    assert(fiber !== undefined, 'what suspends was asked to park');
    this.#parking = undefined;
    this.#stop(fiber, 'parked');
    return new Promise((resolve) => {
      fiber.goOn = resolve;
    });
  }

  #end(result: unknown): void {
    const fiber = this.#running.at(-1);
    assert(fiber !== undefined, 'a fiber runs');
    fiber.result = result;
    this.#stop(fiber, 'ended');
  }

  #stop(fiber: Suspension, stop: Stop): void {
    fiber.state = stop;
    if (stop === 'ended') this.#begun.delete(fiber);
    if (this.#running.at(-1) === fiber) this.#running.pop();
    fiber.stopped(stop);
  }

  #fail(fiber: Suspension, error: unknown): void {
    const at = this.#running.indexOf(fiber);
    if (at >= 0) this.#running.length = at;
    fiber.state = 'ended';
    this.#begun.delete(fiber);
    fiber.failed(error);
  }
}
