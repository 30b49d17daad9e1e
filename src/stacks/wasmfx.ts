/**
 * Fibers as continuations of the core language (stack-switching proposal, Explainer.md): a door suspends, and control is
 * back where the fiber was begun or resumed. V8 has it from 14.6, behind `--experimental-wasm-wasmfx`.
 */
import { assert } from '../assert.ts';
import {
  type Backend,
  type Doorway,
  type Fiber,
  type GuestFunction,
  MOST_NATIVE_STACKS,
  type Shape,
  type Stop,
  tooManyStacks,
} from './backend.ts';
import { Companion } from './companion.ts';

/** The table of parked continuations grows by so many. */
const GROW_BY = 64;

class Continuation implements Fiber {
  result: unknown;
  readonly entry: GuestFunction;
  readonly shape: Shape;
  readonly args: readonly unknown[];
  /** Where it parks; undefined until it has begun. */
  slot: number | undefined;

  constructor(entry: GuestFunction, shape: Shape, args: readonly unknown[]) {
    this.entry = entry;
    this.shape = shape;
    this.args = args;
  }
}

export class WasmfxBackend implements Backend {
  readonly name = 'wasmfx';
  readonly suspends = true;
  readonly nests = true;
  readonly asynchronous = false;
  readonly doors: readonly unknown[];
  readonly #companion: Companion;
  readonly #begin: (() => number)[];
  readonly #resume: (slot: number) => number;
  readonly #grow: (by: number) => number;
  readonly #free: number[] = [];
  #slots = 0;
  /** What the fiber that just ended has returned. */
  #returned: unknown;

  constructor(doors: readonly Doorway[], shapes: readonly Shape[]) {
    this.#companion = new Companion({
      doors,
      shapes,
      continuations: true,
      onEnd: (result) => {
        this.#returned = result;
      },
    });
    const { exports } = this.#companion;
    this.doors = this.#companion.doors;
    this.#begin = shapes.map((_, k) => exports[`b${k}`] as () => number);
    this.#resume = exports.resume as (slot: number) => number;
    this.#grow = exports.grow as (by: number) => number;
  }

  create(entry: GuestFunction, shape: Shape, args: readonly unknown[]): Fiber {
    return new Continuation(entry, shape, args);
  }

  run(fiber: Fiber): Stop {
    assert(fiber instanceof Continuation, 'a fiber of this backend');
    let parked: number;
    try {
      parked = fiber.slot === undefined ? this.#start(fiber) : this.#resume(fiber.slot);
    } catch (error) {
      this.#free.push(fiber.slot!);
      throw error;
    }
    if (parked !== 0) return 'parked';
    fiber.result = this.#returned;
    this.#returned = undefined;
    this.#free.push(fiber.slot!);
    return 'ended';
  }

  park(fiber: Fiber, result: 'keep' | 'fetch'): void {
    this.#companion.demand(result, (fiber as Continuation).slot!);
  }

  discard(fiber: Fiber): void {
    const { slot } = fiber as Continuation;
    if (slot === undefined) return;
    this.#perish(slot);
    this.#free.push(slot);
  }

  close(): void {
    const free = new Set(this.#free);
    for (let slot = 0; slot < this.#slots; slot++) if (!free.has(slot)) this.#perish(slot);
  }

  /** Merely dropped, it would hold its stack until the collector comes, which does not know how few there are. */
  #perish(slot: number): void {
    this.#companion.perishing(() => {
      try {
        this.#resume(slot);
      } catch {
        // It trapped, as it was told to.
      }
    });
  }

  #start(fiber: Continuation): number {
    fiber.slot = this.#takeSlot();
    return this.#begin[this.#companion.enter(fiber.entry, fiber.shape, fiber.args)]!();
  }

  #takeSlot(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#slots >= MOST_NATIVE_STACKS) throw tooManyStacks();
    if (this.#slots % GROW_BY === 0) this.#grow(GROW_BY);
    return this.#slots++;
  }
}
