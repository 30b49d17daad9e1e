/**
 * Fibers by the JavaScript Promise Integration API (WebAssembly/js-promise-integration, "API"; on by default from
 * Node 24, V8 13.6): a door that has to park calls a `Suspending` import, and goes on when its promise is resolved. A call that need
 * not park costs nothing of this. Going on happens in a microtask, so that only an asynchronous run can use it.
 *
 * The fibers of one thread may be switched between by the guest alone: its door finds out whether it may, changes what there is to
 * change in memory (switchboard.ts), and only the promises are JavaScript's.
 */
import { assert } from '../assert.ts';
import type { Backend, DirectSwitching, Doorway, Fiber, GuestFunction, Shape, Stop } from './backend.ts';
import { Companion, compiledOnce } from './companion.ts';
import { type GuestShadows, shadowModule } from './shadow-code.ts';
import { SlotFiber, Slots } from './slots.ts';
import { GO_ON, PERISH, SLOTS_FIT } from './words.ts';

class Suspension extends SlotFiber {
  state: 'new' | 'running' | Stop = 'new';
  /** Resolves the promise that its stack waits for. */
  goOn: (demand: number) => void = nobodyHears;
  /** The last that it was on the processor in. */
  run: Run | undefined;
}

const nobodyHears = (): void => {};

/** A fiber on the processor, and whom it hands over to, until one of them comes to a stop. */
class Run {
  fiber: Suspension | undefined;
  stop: Stop | undefined;
  stopped: (stop: Stop) => void = nobodyHears;
  failed: (error: unknown) => void = nobodyHears;
  /** What it begins above; undefined for the outermost, in which nothing runs. */
  readonly below: Run | undefined;
  #above: Run | undefined;

  constructor(below: Run | undefined) {
    this.below = below;
  }

  /** What begins above it: one after another is the same object, since each switch of tasks takes one. */
  begin(fiber: Suspension): Run {
    this.#above ??= new Run(this);
    const run = this.#above;
    run.fiber = fiber;
    run.stop = undefined;
    run.stopped = nobodyHears;
    run.failed = nobodyHears;
    fiber.run = run;
    return run;
  }

  get settled(): Promise<Stop> {
    return new Promise((resolve, reject) => {
      this.stopped = resolve;
      this.failed = reject;
    });
  }
}

/** What TypeScript's library does not know yet. */
interface Jspi {
  readonly Suspending: new (call: (target: number) => Promise<number>) => unknown;
  promising(call: unknown): (...args: unknown[]) => Promise<unknown>;
}

export class JspiBackend implements Backend {
  readonly name = 'jspi';
  readonly suspends = true;
  /** V8 14.6 then takes the stack below for one with JavaScript frames on it, and will not suspend it any more. */
  readonly nests = false;
  readonly asynchronous = true;
  direct: DirectSwitching | undefined;
  readonly doors: readonly unknown[];
  readonly #companion: Companion;
  readonly #slots: Slots<Suspension>;
  readonly #begin: readonly (() => Promise<unknown>)[];
  /** The innermost: a fiber begins above the one that called. */
  #run = new Run(undefined);

  constructor(doors: readonly Doorway[], shapes: readonly Shape[]) {
    assert(SLOTS_FIT, 'there is a record for each slot');
    const jspi = WebAssembly as unknown as Jspi;
    this.#companion = new Companion({
      doors,
      shapes,
      continuations: false,
      suspending: new jspi.Suspending((target) => (target === 0 ? this.#park() : this.#handOver(target))),
      onEnd: (result) => this.#end(result),
    });
    this.doors = this.#companion.doors;
    this.#slots = new Slots(this.#companion.words, (...made) => new Suspension(...made));
    this.#begin = shapes.map((_, k) => jspi.promising(this.#companion.exports[`b${k}`]));
    this.#changeBy(this.#companion.exports.alone!);
  }

  /** Once the guest is instantiated: undefined where its stacks in linear memory cannot be switched here. */
  connect(shadows: GuestShadows | 'none' | undefined): void {
    if (shadows === undefined) return;
    this.direct = this.#slots;
    if (shadows === 'none') return;
    const { exports } = new WebAssembly.Instance(compiledOnce('shadows', shadowModule), {
      w: { words: this.#companion.exports.words! },
      g: { ...shadows },
    });
    this.#changeBy(exports.change!);
  }

  #changeBy(change: WebAssembly.ExportValue): void {
    (this.#companion.exports.shadows as WebAssembly.Table).set(0, change);
  }

  create(entry: GuestFunction, shape: Shape, args: readonly unknown[]): Fiber {
    return this.#slots.create({ entry, shape, args });
  }

  run(fiber: Fiber): Stop | Promise<Stop> {
    assert(fiber instanceof Suspension, 'a fiber of this backend');
    return fiber.state === 'new' ? this.#start(fiber) : this.#goOn(fiber);
  }

  park(_fiber: Fiber, result: 'keep' | 'fetch'): void {
    this.#companion.demand(result);
  }

  /** Merely dropped, it would hold its stack until the collector comes, which does not know how few there are. */
  discard(fiber: Fiber): void {
    const suspension = fiber as Suspension;
    const { state } = suspension;
    if (state !== 'parked' && state !== 'new') return;
    this.#gone(suspension);
    if (state === 'parked') suspension.goOn(PERISH);
  }

  close(): void {
    for (const fiber of this.#slots.all) this.discard(fiber);
  }

  #start(fiber: Suspension): Stop | Promise<Stop> {
    const begin = this.#begin[this.#companion.enter(fiber.beginning)]!;
    const run = this.#enter(fiber);
    begin().catch((error) => this.#fail(fiber, error));
    if (run.stop !== undefined) return run.stop;
    // It has handed over, or failed: then it is not on the processor any more.
    if (run.fiber === fiber) this.#leave(run);
    return run.settled;
  }

  #goOn(fiber: Suspension): Promise<Stop> {
    assert(fiber.state === 'parked', 'what goes on was parked');
    const { settled } = this.#enter(fiber);
    fiber.goOn(GO_ON);
    return settled;
  }

  #enter(fiber: Suspension): Run {
    fiber.state = 'running';
    const run = this.#run.begin(fiber);
    this.#run = run;
    this.#slots.runningSlot = fiber.slot;
    return run;
  }

  #leave(run: Run): void {
    if (this.#run !== run || run.below === undefined) return;
    this.#run = run.below;
    this.#slots.runningSlot = run.below.fiber === undefined ? 0 : run.below.fiber.slot;
  }

  /** On the stack of the fiber that suspends, as what follows. */
  #park(): Promise<number> {
    const fiber = this.#stop('parked');
    return new Promise((resolve) => {
      fiber.goOn = resolve;
    });
  }

  /** Whoever waits for one to stop waits for the other now. */
  #handOver(slot: number): Promise<number> {
    const run = this.#run;
    const fiber = run.fiber!;
    const target = this.#slots.at(slot)!;
    run.fiber = target;
    target.run = run;
    fiber.state = 'parked';
    target.state = 'running';
    target.goOn(GO_ON);
    return new Promise((resolve) => {
      fiber.goOn = resolve;
    });
  }

  #end(result: unknown): void {
    const fiber = this.#stop('ended');
    fiber.result = result;
    this.#gone(fiber);
  }

  #stop(stop: Stop): Suspension {
    const run = this.#run;
    const { fiber } = run;
    assert(fiber !== undefined, 'a fiber runs');
    fiber.state = stop;
    run.stop = stop;
    this.#slots.stopped = fiber;
    this.#leave(run);
    run.stopped(stop);
    return fiber;
  }

  #fail(fiber: Suspension, error: unknown): void {
    if (fiber.state === 'ended') return; // it was told to perish
    const { run } = fiber;
    assert(run !== undefined, 'what fails was on the processor');
    this.#leave(run);
    this.#gone(fiber);
    this.#slots.stopped = fiber;
    run.failed(error);
  }

  #gone(fiber: Suspension): void {
    fiber.state = 'ended';
    this.#slots.release(fiber);
  }
}
