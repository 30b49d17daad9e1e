/**
 * Fibers as continuations of the core language (stack-switching proposal, Explainer.md): a door suspends, and control is
 * back where the fiber was begun or resumed. V8 has it from 14.6, behind `--experimental-wasm-wasmfx`. The fibers of one
 * thread may be switched between by the guest alone (continuations.ts): what is known of them lies in the memory of words.
 */
import { assert } from '../assert.ts';
import type { Backend, DirectSwitching, Doorway, Fiber, GuestFunction, Shape, Stop } from './backend.ts';
import { Companion, compiledOnce, keyOf } from './companion.ts';
import { continuations } from './continuations.ts';
import type { GuestShadows } from './shadow-code.ts';
import { SlotFiber, Slots } from './slots.ts';
import { SLOTS_FIT } from './words.ts';

/** The table of parked continuations grows by so many. */
const GROW_BY = 64;

class Continuation extends SlotFiber {
  begun = false;
}

interface Drive {
  readonly begin: readonly (() => number)[];
  resume(slot: number): number;
  grow(by: number): number;
}

export class WasmfxBackend implements Backend {
  readonly name = 'wasmfx';
  readonly suspends = true;
  readonly nests = true;
  readonly asynchronous = false;
  readonly doors: readonly unknown[];
  direct: DirectSwitching | undefined;
  readonly #companion: Companion;
  readonly #slots: Slots<Continuation>;
  readonly #shapes: readonly Shape[];
  #drive: Drive | undefined;
  #room = 0;
  /** What the fiber that just ended has returned. */
  #returned: unknown;

  constructor(doors: readonly Doorway[], shapes: readonly Shape[]) {
    assert(SLOTS_FIT, 'there is a record for each slot');
    this.#shapes = shapes;
    this.#companion = new Companion({
      doors,
      shapes,
      continuations: true,
      onEnd: (result) => {
        this.#returned = result;
      },
    });
    this.doors = this.#companion.doors;
    this.#slots = new Slots(this.#companion.words, (...made) => new Continuation(...made));
  }

  /** Once the guest is instantiated: undefined where its stacks in linear memory cannot be switched here. */
  connect(shadows: GuestShadows | 'none' | undefined): void {
    const plain = shadows === undefined || shadows === 'none' ? undefined : shadows;
    const { exports: board, runnerImports } = this.#companion;
    const options = { shapes: this.#shapes, shadows: plain !== undefined };
    const key = `continuations ${options.shadows} ${options.shapes.map(keyOf)}`;
    const { exports } = new WebAssembly.Instance(
      compiledOnce(key, () => continuations(options)),
      {
        ...runnerImports,
        w: { words: board.words!, parked: board.parked! },
        g: { ...plain },
      },
    );
    this.#companion.beginThrough(exports.entry as WebAssembly.Table);
    this.#drive = {
      begin: this.#shapes.map((_, k) => exports[`b${k}`] as () => number),
      resume: exports.resume as Drive['resume'],
      grow: exports.grow as Drive['grow'],
    };
    if (shadows !== undefined) this.direct = this.#slots;
  }

  create(entry: GuestFunction, shape: Shape, args: readonly unknown[]): Fiber {
    return this.#slots.create({ entry, shape, args });
  }

  run(fiber: Fiber): Stop {
    assert(fiber instanceof Continuation, 'a fiber of this backend');
    const slots = this.#slots;
    const below = slots.runningSlot;
    slots.runningSlot = fiber.slot;
    try {
      if ((fiber.begun ? this.#driving.resume(fiber.slot) : this.#begin(fiber)) !== 0) {
        slots.stopped = slots.running;
        return 'parked';
      }
      const ended = this.#left();
      ended.result = this.#returned;
      this.#returned = undefined;
      return 'ended';
    } catch (error) {
      this.#left();
      throw error;
    } finally {
      slots.runningSlot = below;
    }
  }

  /** The fiber that ran is gone. */
  #left(): Continuation {
    const fiber = this.#slots.running!;
    this.#slots.stopped = fiber;
    this.#slots.release(fiber);
    return fiber;
  }

  park(_fiber: Fiber, result: 'keep' | 'fetch'): void {
    this.#companion.demand(result);
  }

  discard(fiber: Fiber): void {
    assert(fiber instanceof Continuation, 'a fiber of this backend');
    if (!this.#slots.has(fiber)) return;
    if (fiber.begun) this.#perish(fiber);
    this.#slots.release(fiber);
  }

  close(): void {
    for (const fiber of this.#slots.all) if (fiber.begun) this.#perish(fiber);
  }

  get #driving(): Drive {
    if (this.#drive === undefined) this.connect('none');
    return this.#drive!;
  }

  #begin(fiber: Continuation): number {
    const { begin, grow } = this.#driving;
    for (; this.#room <= fiber.slot; this.#room += GROW_BY) grow(GROW_BY);
    fiber.begun = true;
    return begin[this.#companion.enter(fiber.beginning)]!();
  }

  /** Merely dropped, it would hold its stack until the collector comes, which does not know how few there are. */
  #perish(fiber: Continuation): void {
    const slots = this.#slots;
    const running = slots.runningSlot;
    slots.runningSlot = fiber.slot;
    this.#companion.perishing(() => {
      try {
        this.#driving.resume(fiber.slot);
      } catch {
        // It trapped, as it was told to.
      }
    });
    slots.runningSlot = running;
  }
}
