/**
 * Fibers by the JavaScript Promise Integration API (WebAssembly/js-promise-integration, "API"; on by default from
 * Node 24, V8 13.6): a door that has to park calls a `Suspending` import, and goes on when its promise is resolved. A call that need
 * not park costs nothing of this. Going on happens in a microtask, so that only an asynchronous run can use it.
 */
import { assert } from '../assert.ts';
import {
  type Backend,
  type DirectSwitching,
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
import type { ShadowSwitch } from './shadow-switch.ts';
import { GO_ON, PERISH } from './words.ts';

class Suspension extends PlainFiber {
  readonly entry: GuestFunction;
  readonly shape: Shape;
  readonly args: readonly unknown[];
  state: 'new' | 'running' | Stop = 'new';
  /** The guest's number for it; 0 where it has none. */
  number = 0;
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

export class JspiBackend implements Backend, DirectSwitching {
  readonly name = 'jspi';
  readonly suspends = true;
  /** V8 14.6 then takes the stack below for one with JavaScript frames on it, and will not suspend it any more. */
  readonly nests = false;
  readonly asynchronous = true;
  direct: DirectSwitching | undefined;
  allowed: Fiber | undefined;
  stopped: Fiber | undefined;
  readonly doors: readonly unknown[];
  readonly #companion: Companion;
  readonly #begin: readonly (() => Promise<unknown>)[];
  /** Whose code runs, innermost last: a fiber begins above the one that called. */
  readonly #running: Suspension[] = [];
  #parking: Suspension | undefined;
  /** Who goes on in its place, without asking whoever runs fibers. */
  #target: Suspension | undefined;
  #shadows: ShadowSwitch | undefined;
  readonly #numbers = new Map<number, Suspension>();
  /** Those that have begun and not ended. */
  readonly #begun = new Set<Suspension>();

  constructor(doors: readonly Doorway[], shapes: readonly Shape[]) {
    const jspi = WebAssembly as unknown as Jspi;
    this.#companion = new Companion({
      doors: doors.map((door) => (door.switches === true ? this.#switching(door) : door)),
      shapes,
      continuations: false,
      suspending: new jspi.Suspending(() => this.#suspend()),
      onEnd: (result) => this.#end(result),
    });
    this.doors = this.#companion.doors;
    this.#begin = shapes.map((_, k) => jspi.promising(this.#companion.exports[`b${k}`]));
  }

  /** Once the guest is instantiated: undefined where its stacks in linear memory cannot be switched here. */
  connect(shadows: ShadowSwitch | 'none' | undefined): void {
    this.#shadows = shadows === 'none' ? undefined : shadows;
    if (shadows !== undefined) this.direct = this;
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
    this.#gone(suspension);
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
    const after = this.#running[depth - 1];
    if (after !== undefined && after !== fiber) return this.#nextStop(after);
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
    if (this.#target === undefined) this.#stop(fiber, 'parked');
    else this.#handOver(fiber, this.#target);
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
    if (stop === 'ended') this.#gone(fiber);
    this.stopped = fiber;
    if (this.#running.at(-1) === fiber) this.#running.pop();
    fiber.stopped(stop);
  }

  #fail(fiber: Suspension, error: unknown): void {
    const at = this.#running.indexOf(fiber);
    if (at >= 0) this.#running.length = at;
    if (fiber.state === 'ended') return; // it was told to perish
    this.#gone(fiber);
    this.stopped = fiber;
    fiber.failed(error);
  }

  #gone(fiber: Suspension): void {
    fiber.state = 'ended';
    this.#begun.delete(fiber);
    if (fiber.number !== 0) this.#numbers.delete(fiber.number);
  }

  // Direct switching

  allow(home: Fiber | undefined): void {
    this.allowed = home;
  }

  get running(): Fiber | undefined {
    return this.#running.at(-1);
  }

  number(fiber: Fiber, number: number): void {
    (fiber as Suspension).number = number;
    this.#numbers.set(number, fiber as Suspension);
  }

  #switching(door: Doorway): Doorway {
    return { ...door, call: (number: number) => (this.#goesOnWith(number) ? undefined : door.call(number)) };
  }

  /** @returns whether all is said: the guest may do it, and it is known that it can. */
  #goesOnWith(number: number): boolean {
    const home = this.allowed;
    if (home === undefined) return false;
    const target = number === 0 ? (home as Suspension) : this.#numbers.get(number);
    const running = this.#running[this.#running.length - 1];
    if (target === undefined || running === undefined) return false;
    if (target === running) return true;
    if (target.state !== 'parked' || (number !== 0 && !target.open)) return false;
    if (this.#shadows?.mayLeave(running) === false) return false;
    this.#target = target;
    this.park(running, 'keep');
    return true;
  }

  /** Whoever waits for one to stop waits for the other now. */
  #handOver(fiber: Suspension, target: Suspension): void {
    this.#target = undefined;
    this.#shadows?.change(fiber, target);
    fiber.state = 'parked';
    fiber.open = true;
    target.state = 'running';
    target.open = false;
    target.stopped = fiber.stopped;
    target.failed = fiber.failed;
    this.#running[this.#running.length - 1] = target;
    target.goOn(GO_ON);
  }
}
