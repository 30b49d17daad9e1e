/**
 * Fibers as continuations of the core language (stack-switching proposal, Explainer.md): a door suspends, and control is
 * back where the fiber was begun or resumed. V8 has it from 14.6, behind `--experimental-wasm-wasmfx`. The fibers of one
 * thread may be switched between by the guest alone (continuations.ts): what is known of them lies in the memory of words.
 */
import { assert } from '../assert.ts';
import {
  type Backend,
  type DirectSwitching,
  type Doorway,
  type Fiber,
  type GuestFunction,
  MOST_NATIVE_STACKS,
  type Shape,
  type Stop,
  tooManyStacks,
} from './backend.ts';
import { Companion, compiledOnce, keyOf } from './companion.ts';
import { continuations } from './continuations.ts';
import {
  CANARY,
  HOME_WORD,
  NUMBERS,
  NUMBERS_WORD,
  OPEN,
  POINTER,
  RUNNING_WORD,
  SLOTS_FIT,
  SLOTS_WORD,
  WORDS_A_SLOT,
} from './words.ts';

/** The table of parked continuations grows by so many. */
const GROW_BY = 64;

class Continuation implements Fiber {
  result: unknown;
  holder: unknown;
  begun = false;
  /** The guest's number for it; 0 where it has none. */
  number = 0;
  readonly entry: GuestFunction;
  readonly shape: Shape;
  readonly args: readonly unknown[];
  readonly slot: number;
  readonly #words: Int32Array;
  readonly #record: number;
  #hasPointer = false;

  constructor(words: Int32Array, slot: number, entry: GuestFunction, shape: Shape, args: readonly unknown[]) {
    this.entry = entry;
    this.shape = shape;
    this.args = args;
    this.slot = slot;
    this.#words = words;
    this.#record = SLOTS_WORD + slot * WORDS_A_SLOT;
    words.fill(0, this.#record, this.#record + WORDS_A_SLOT);
  }

  get pointer(): number | undefined {
    return this.#hasPointer ? this.#words[this.#record + POINTER]! >>> 0 : undefined;
  }

  set pointer(address: number | undefined) {
    this.#hasPointer = address !== undefined;
    this.#words[this.#record + POINTER] = address ?? 0;
  }

  set canary(address: number) {
    this.#words[this.#record + CANARY] = address;
  }

  set open(anybodyMayGoOn: boolean) {
    this.#words[this.#record + OPEN] = anybodyMayGoOn ? 1 : 0;
  }
}

/** What the driver needs of the guest for stacks in linear memory. */
export interface GuestShadows {
  readonly memory: WebAssembly.Memory;
  readonly pointer: WebAssembly.Global;
}

interface Drive {
  readonly begin: readonly (() => number)[];
  resume(slot: number): number;
  grow(by: number): number;
}

export class WasmfxBackend implements Backend, DirectSwitching {
  readonly name = 'wasmfx';
  readonly suspends = true;
  readonly nests = true;
  readonly asynchronous = false;
  readonly doors: readonly unknown[];
  direct: DirectSwitching | undefined;
  readonly #companion: Companion;
  readonly #words: Int32Array;
  readonly #shapes: readonly Shape[];
  #drive: Drive | undefined;
  readonly #free: number[] = [];
  /** By slot; 0 is none. */
  readonly #fibers: (Continuation | undefined)[] = [undefined];
  #room = 0;
  stopped: Fiber | undefined;
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
    this.#words = this.#companion.words;
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
    if (shadows !== undefined) this.direct = this;
  }

  create(entry: GuestFunction, shape: Shape, args: readonly unknown[]): Fiber {
    const slot = this.#free.pop() ?? this.#fibers.length;
    if (slot > MOST_NATIVE_STACKS) throw tooManyStacks();
    const fiber = new Continuation(this.#words, slot, entry, shape, args);
    this.#fibers[slot] = fiber;
    return fiber;
  }

  run(fiber: Fiber): Stop {
    assert(fiber instanceof Continuation, 'a fiber of this backend');
    const words = this.#words;
    const below = words[RUNNING_WORD]!;
    words[RUNNING_WORD] = fiber.slot;
    try {
      if ((fiber.begun ? this.#driving.resume(fiber.slot) : this.#begin(fiber)) !== 0) {
        this.stopped = this.#fibers[words[RUNNING_WORD]!];
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
      words[RUNNING_WORD] = below;
    }
  }

  /** The fiber that ran is gone. */
  #left(): Continuation {
    const fiber = this.#fibers[this.#words[RUNNING_WORD]!]!;
    this.stopped = fiber;
    this.#release(fiber);
    return fiber;
  }

  park(_fiber: Fiber, result: 'keep' | 'fetch'): void {
    this.#companion.demand(result);
  }

  discard(fiber: Fiber): void {
    assert(fiber instanceof Continuation, 'a fiber of this backend');
    if (this.#fibers[fiber.slot] !== fiber) return;
    if (fiber.begun) this.#perish(fiber);
    this.#release(fiber);
  }

  close(): void {
    for (const fiber of this.#fibers) if (fiber?.begun === true) this.#perish(fiber);
  }

  // Direct switching

  allow(home: Fiber | undefined): void {
    this.#words[HOME_WORD] = home === undefined ? 0 : (home as Continuation).slot;
  }

  get allowed(): Fiber | undefined {
    return this.#fibers[this.#words[HOME_WORD]!];
  }

  get running(): Fiber | undefined {
    return this.#fibers[this.#words[RUNNING_WORD]!];
  }

  number(fiber: Fiber, number: number): void {
    const { slot } = fiber as Continuation;
    (fiber as Continuation).number = number;
    const at = numberAt(number);
    this.#words[at] = number;
    this.#words[at + 1] = slot;
  }

  get #driving(): Drive {
    if (this.#drive === undefined) this.connect('none');
    return this.#drive!;
  }

  #begin(fiber: Continuation): number {
    const { begin, grow } = this.#driving;
    for (; this.#room <= fiber.slot; this.#room += GROW_BY) grow(GROW_BY);
    fiber.begun = true;
    return begin[this.#companion.enter(fiber.entry, fiber.shape, fiber.args)]!();
  }

  /** Merely dropped, it would hold its stack until the collector comes, which does not know how few there are. */
  #perish(fiber: Continuation): void {
    const running = this.#words[RUNNING_WORD]!;
    this.#words[RUNNING_WORD] = fiber.slot;
    this.#companion.perishing(() => {
      try {
        this.#driving.resume(fiber.slot);
      } catch {
        // It trapped, as it was told to.
      }
    });
    this.#words[RUNNING_WORD] = running;
  }

  #release(fiber: Fiber): void {
    const { slot, number } = fiber as Continuation;
    this.#fibers[slot] = undefined;
    this.#free.push(slot);
    const at = numberAt(number);
    if (number !== 0 && this.#words[at] === number) this.#words[at] = 0;
  }
}

function numberAt(number: number): number {
  return NUMBERS_WORD + (number % NUMBERS) * 2;
}
