/**
 * Fibers by Asyncify (Binaryen, src/passes/Asyncify.cpp): code that was made able to unwind its stack into memory and to
 * rewind it. Works on any engine; costs size and time everywhere, and a switch takes the longer the deeper the stack is.
 * A stack that parks is copied out of the memory it unwinds into, so that one block of memory serves all of them.
 *
 * Left out: guests with 64-bit memories, whose stacks Asyncify lays out otherwise.
 */
import { assert } from '../assert.ts';
import { WirqError } from '../errors.ts';
import {
  type Backend,
  type Doorway,
  type Fiber,
  type GuestFunction,
  PlainFiber,
  placeholder,
  type Shape,
  type Stop,
} from './backend.ts';

/** Makes a rewritten module able to unwind (host/asyncify.ts has the one there is). */
export type AsyncifyAtOnce = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
/** The same, at once or after a while. */
export type Asyncify = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>;

/** Where the exports of an asyncified module begin their names. */
export const ASYNCIFY_PREFIX = 'asyncify_';
/** The name under which the second memory is exported, where the engine has several memories. */
export const ASYNCIFY_MEMORY = 'wirq:asyncify_memory';
/** The size of that memory, in pages: bounds how deep a parked stack can be. */
export const ASYNCIFY_MEMORY_PAGES = 16;

const PAGE_BYTES = 65536;
/** Before the stack: two words, where it ends now and where it must end. */
const HEADER_BYTES = 8;
/** In the guest's own memory: out of the way of address 0, for easier debugging. */
const BORROWED_BASE = 1024;

class Unwound extends PlainFiber {
  readonly entry: GuestFunction;
  readonly args: readonly unknown[];
  frames: Uint8Array<ArrayBuffer> | undefined;
  /** What the doorway returned when it was left, unless it fetches a result on the way back. */
  kept: unknown;
  fetches = false;
  unwinding = false;

  constructor(entry: GuestFunction, args: readonly unknown[]) {
    super();
    this.entry = entry;
    this.args = args;
  }
}

interface Controls {
  startUnwind(block: number): void;
  stopUnwind(): void;
  startRewind(block: number): void;
  stopRewind(): void;
}

/** The memory that stacks unwind into. */
interface Scratch {
  readonly memory: WebAssembly.Memory;
  readonly base: number;
  /** The guest's own memory was borrowed: what was there is put back. */
  readonly borrowed: boolean;
}

export class AsyncifyBackend implements Backend {
  readonly name = 'asyncify';
  readonly suspends = true;
  readonly nests = true;
  readonly asynchronous = false;
  readonly direct = undefined;
  readonly doors: readonly unknown[];
  #controls: Controls | undefined;
  #scratch: Scratch | undefined;
  #before: Uint8Array<ArrayBuffer> | undefined;
  #parking: { readonly fiber: Unwound; readonly fetches: boolean } | undefined;
  #rewinding: Unwound | undefined;

  constructor(doors: readonly Doorway[]) {
    this.doors = doors.map(
      (door) =>
        (...args: unknown[]) =>
          this.#rewinding === undefined ? this.#left(door, door.call(...args)) : this.#reached(door),
    );
  }

  /** Once the asyncified module is instantiated. `memory` is the guest's own. */
  connect(exports: WebAssembly.Exports, memory: WebAssembly.Memory | undefined): void {
    const own = exports[ASYNCIFY_MEMORY] as WebAssembly.Memory | undefined;
    const scratch = own ?? memory;
    assert(scratch !== undefined, 'a module without memory was given one');
    this.#scratch =
      own === undefined
        ? { memory: scratch, base: BORROWED_BASE, borrowed: true }
        : { memory: own, base: 0, borrowed: false };
    const control = (name: string) => exports[`${ASYNCIFY_PREFIX}${name}`] as (block?: number) => void;
    this.#controls = {
      startUnwind: control('start_unwind'),
      stopUnwind: control('stop_unwind'),
      startRewind: control('start_rewind'),
      stopRewind: control('stop_rewind'),
    };
  }

  create(entry: GuestFunction, _shape: Shape, args: readonly unknown[]): Fiber {
    return new Unwound(entry, args);
  }

  run(fiber: Fiber): Stop {
    assert(fiber instanceof Unwound, 'a fiber of this backend');
    if (fiber.frames !== undefined) this.#rewind(fiber, fiber.frames);
    return this.#call(fiber);
  }

  park(fiber: Fiber, result: 'keep' | 'fetch'): void {
    this.#parking = { fiber: fiber as Unwound, fetches: result === 'fetch' };
  }

  discard(fiber: Fiber): void {
    (fiber as Unwound).frames = undefined;
  }

  close(): void {
    // Frames are JavaScript's own memory: collected with the fibers.
  }

  #rewind(fiber: Unwound, frames: Uint8Array<ArrayBuffer>): void {
    fiber.frames = undefined;
    const view = this.#borrow(HEADER_BYTES + frames.length);
    const { base } = this.#scratch!;
    view.set(frames, HEADER_BYTES);
    this.#writeHeader(view, base + HEADER_BYTES + frames.length);
    this.#rewinding = fiber;
    this.#controls!.startRewind(base);
  }

  #call(fiber: Unwound): Stop {
    let result: unknown;
    try {
      result = fiber.entry(...fiber.args);
    } catch (error) {
      throw fiber.unwinding ? this.#tooDeep(fiber, error) : error;
    }
    if (!fiber.unwinding) {
      fiber.result = result;
      return 'ended';
    }
    fiber.unwinding = false;
    this.#controls!.stopUnwind();
    const { memory, base } = this.#scratch!;
    const end = new DataView(memory.buffer).getUint32(base, true);
    fiber.frames = new Uint8Array(memory.buffer, base + HEADER_BYTES, end - base - HEADER_BYTES).slice();
    this.#giveBack();
    return 'parked';
  }

  /** The only trap while a stack unwinds is that of Asyncify's own: there was no room for all of it. */
  #tooDeep(fiber: Unwound, cause: unknown): WirqError {
    fiber.unwinding = false;
    try {
      this.#controls!.stopUnwind(); // traps for the same reason, in its normal state again
    } catch (error) {
      assert(error instanceof WebAssembly.RuntimeError, 'the module is left in its normal state');
    }
    this.#giveBack();
    return new WirqError('limit', `a stack is too deep to be parked: its frames take more than ${this.#room()} bytes`, {
      advice: 'nest less deeply, or choose other stacks: those by wasmfx and jspi have no such limit',
      cause,
    });
  }

  /** A doorway returns: the stack begins to unwind if that was asked for. */
  #left(door: Doorway, result: unknown): unknown {
    const parking = this.#parking;
    if (parking === undefined) return result;
    this.#parking = undefined;
    const { fiber, fetches } = parking;
    fiber.kept = fetches ? undefined : result;
    fiber.fetches = fetches;
    fiber.unwinding = true;
    this.#writeHeader(this.#borrow(this.#room()), this.#scratch!.base + HEADER_BYTES);
    this.#controls!.startUnwind(this.#scratch!.base);
    return placeholder(door.results);
  }

  /** The stack has been wound up again as far as the doorway it left by. */
  #reached(door: Doorway): unknown {
    const fiber = this.#rewinding!;
    this.#rewinding = undefined;
    this.#controls!.stopRewind();
    this.#giveBack();
    const result = fiber.fetches ? door.fetch() : fiber.kept;
    fiber.kept = undefined;
    return this.#left(door, result);
  }

  /** All the room there is, but in the guest's own memory a page: all of it would have to be kept and put back. */
  #room(): number {
    const { memory, base, borrowed } = this.#scratch!;
    const rest = memory.buffer.byteLength - base;
    return borrowed ? Math.min(rest, PAGE_BYTES) : rest;
  }

  /** The bytes that stacks go through. In the guest's memory, what is there is kept. */
  #borrow(bytes: number): Uint8Array<ArrayBufferLike> {
    const { memory, base, borrowed } = this.#scratch!;
    if (memory.buffer.byteLength < base + bytes || bytes < HEADER_BYTES) {
      throw new WirqError('limit', 'the guest has too little memory for its stack to be unwound into', {
        advice: 'give it a page more, or choose other stacks',
      });
    }
    const view = new Uint8Array(memory.buffer, base, bytes);
    if (borrowed) this.#before = view.slice();
    return view;
  }

  #giveBack(): void {
    if (this.#before === undefined) return;
    const { memory, base } = this.#scratch!;
    new Uint8Array(memory.buffer, base).set(this.#before);
    this.#before = undefined;
  }

  #writeHeader(view: Uint8Array<ArrayBufferLike>, top: number): void {
    const words = new DataView(view.buffer, view.byteOffset);
    words.setUint32(0, top, true);
    words.setUint32(4, this.#scratch!.base + this.#room(), true);
  }
}
