/**
 * Fibers of which companion modules have to know something: each has a slot, and a record for it in the memory of words
 * (words.ts), where code finds by the guest's number which one is meant, and whether it may go on with it.
 */
import {
  type DirectSwitching,
  type Fiber,
  type GuestFunction,
  MOST_NATIVE_STACKS,
  type Shape,
  tooManyStacks,
} from './backend.ts';
import {
  CANARY,
  HOME_WORD,
  NUMBERS,
  NUMBERS_WORD,
  OPEN,
  POINTER,
  RUNNING_WORD,
  SLOTS_WORD,
  WORDS_A_SLOT,
} from './words.ts';

/** What a fiber begins with. */
export interface Beginning {
  readonly entry: GuestFunction;
  readonly shape: Shape;
  readonly args: readonly unknown[];
}

export class SlotFiber implements Fiber {
  result: unknown;
  holder: unknown;
  /** The guest's number for it; 0 where it has none. */
  number = 0;
  readonly beginning: Beginning;
  readonly slot: number;
  readonly #words: Int32Array;
  readonly #record: number;
  #hasPointer = false;

  constructor(words: Int32Array, slot: number, beginning: Beginning) {
    this.beginning = beginning;
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

/** All fibers of a backend. */
export class Slots<F extends SlotFiber> implements DirectSwitching {
  stopped: F | undefined;
  readonly #words: Int32Array;
  readonly #make: (words: Int32Array, slot: number, beginning: Beginning) => F;
  readonly #free: number[] = [];
  /** By slot; 0 is none. */
  readonly #fibers: (F | undefined)[] = [undefined];

  constructor(words: Int32Array, make: (words: Int32Array, slot: number, beginning: Beginning) => F) {
    this.#words = words;
    this.#make = make;
  }

  create(beginning: Beginning): F {
    const slot = this.#free.pop() ?? this.#fibers.length;
    if (slot > MOST_NATIVE_STACKS) throw tooManyStacks();
    const fiber = this.#make(this.#words, slot, beginning);
    this.#fibers[slot] = fiber;
    return fiber;
  }

  at(slot: number): F | undefined {
    return this.#fibers[slot];
  }

  has(fiber: F): boolean {
    return this.#fibers[fiber.slot] === fiber;
  }

  get all(): readonly F[] {
    return this.#fibers.filter((fiber) => fiber !== undefined);
  }

  release({ slot, number }: F): void {
    this.#fibers[slot] = undefined;
    this.#free.push(slot);
    const at = numberAt(number);
    if (number !== 0 && this.#words[at] === number) this.#words[at] = 0;
  }

  /** The slot of the fiber that runs; 0 for none. */
  get runningSlot(): number {
    return this.#words[RUNNING_WORD]!;
  }

  set runningSlot(slot: number) {
    this.#words[RUNNING_WORD] = slot;
  }

  // Direct switching

  allow(home: Fiber | undefined): void {
    this.#words[HOME_WORD] = home === undefined ? 0 : (home as F).slot;
  }

  get allowed(): F | undefined {
    return this.#fibers[this.#words[HOME_WORD]!];
  }

  get running(): F | undefined {
    return this.#fibers[this.#words[RUNNING_WORD]!];
  }

  number(fiber: Fiber, number: number): void {
    const numbered = fiber as F;
    numbered.number = number;
    const at = numberAt(number);
    this.#words[at] = number;
    this.#words[at + 1] = numbered.slot;
  }
}

function numberAt(number: number): number {
  return NUMBERS_WORD + (number % NUMBERS) * 2;
}
