/**
 * The stack in linear memory that handlers run on. LLVM's code keeps a shadow stack behind `__stack_pointer`, growing
 * down, and leaf functions use 128 bytes *below* it without moving it (the red zone): a handler entered on the same
 * pointer would overwrite them. So a handler starts on memory of its own, or failing that below the red zone.
 *
 * The region is painted at boot; its lowest 16 bytes are a canary that is checked after every handler. Modules without a
 * stack pointer (AssemblyScript, hand-written ones) have no shadow stack and need none of this.
 */
import { WirqError } from '../errors.ts';

/** LLVM's red zone for wasm32 (WebAssemblyFrameLowering: RedZoneSize). */
export const RED_ZONE_BYTES = 128;
/** The tool conventions' stack alignment (BasicCABI.md, "The linear stack"). */
export const STACK_ALIGNMENT = 16;
/** What is asked of the guest's allocator when the firmware declares no region. */
export const DEFAULT_BYTES = 8192;
/** The least that is of any use: a canary, a red zone and a frame. */
export const MIN_BYTES = 512;

/** "wirq" little-endian: unlikely in real frames, and recognisable in a dump. Twice as a float, which is read in one go. */
const PAINT = 0x71726977;
const PAINTED = new Float64Array(Int32Array.of(PAINT, PAINT).buffer)[0]!;

/** Where the region came from, for `inspect` and the report. */
export type Origin = 'declared' | 'allocated' | 'shared';

export interface StackRegion {
  /** Lowest address, aligned as the stack is. */
  readonly low: number;
  /** One past the highest address; the stack grows down from here. */
  readonly high: number;
  readonly origin: 'declared' | 'allocated';
}

/** The guest's stack pointer, as functions exported by the rewritten module. Addresses are not negative. */
export interface StackPointer {
  get(): number;
  set(address: number): void;
}

export class HandlerStack {
  readonly #memory: WebAssembly.Memory;
  readonly #pointer: StackPointer;
  readonly #region: StackRegion | undefined;
  #words: Int32Array;
  /** For the canary alone, which is the float at this index and the next. */
  #floats: Float64Array;
  readonly #canary: number = 0; // not undefined at first: V8 keeps it as a small integer
  /** One past the highest address; 0 without a region. */
  readonly #top: number = 0;
  #depth = 0;

  /** With no region, handlers run on the interrupted stack, below the red zone. */
  constructor(memory: WebAssembly.Memory, pointer: StackPointer, region: StackRegion | undefined) {
    this.#memory = memory;
    this.#pointer = pointer;
    this.#region = region;
    this.#words = new Int32Array(memory.buffer);
    this.#floats = floatsOf(memory);
    this.#top = region?.high ?? 0;
    this.#canary = ((region?.low ?? 0) / 8) | 0;
    if (region !== undefined) this.#words.fill(PAINT, region.low / 4, region.high / 4);
  }

  get origin(): Origin {
    return this.#region?.origin ?? 'shared';
  }

  /** Its memory; undefined when handlers share the interrupted stack. */
  get region(): StackRegion | undefined {
    return this.#region;
  }

  /** Size in bytes; undefined when handlers share the interrupted stack. */
  get bytes(): number | undefined {
    return this.#region === undefined ? undefined : this.#region.high - this.#region.low;
  }

  /** Moves the stack pointer to where a handler may begin. @returns the pointer to give back to `leave`. */
  enter(): number {
    const interrupted = this.#pointer.get();
    const top = this.begin();
    const from = top === 0 ? interrupted - RED_ZONE_BYTES : top;
    this.#pointer.set(Math.floor(from / STACK_ALIGNMENT) * STACK_ALIGNMENT);
    return interrupted;
  }

  /** Puts the stack pointer back and checks the canary. */
  leave(interrupted: number): void {
    this.#pointer.set(interrupted);
    this.end();
  }

  /** For callers that move the stack pointer themselves. @returns where the handler's stack ends; 0 for below the red zone. */
  begin(): number {
    return this.#depth++ === 0 ? this.#top : 0;
  }

  /** A trap has taken all handlers' frames: the next one begins anew. */
  unwind(): void {
    this.#depth = 0;
  }

  /** The handler has returned, and the stack pointer is what it was. Checks the canary. */
  end(): void {
    this.#depth--;
    // Not asking first whether the memory has grown: that would take longer than all the rest.
    const floats = this.#floats;
    const at = this.#canary;
    if (floats[at] !== PAINTED || floats[at + 1] !== PAINTED) this.#lookAgain();
  }

  /** There is no canary, or only an old view of it; or it was overwritten. */
  #lookAgain(): void {
    if (this.#top === 0) return;
    if (this.#floats.length === 0) {
      this.#floats = floatsOf(this.#memory);
      if (this.#floats[this.#canary] === PAINTED && this.#floats[this.#canary + 1] === PAINTED) return;
    }
    throw new WirqError('stack-overflow', `a handler overran its stack of ${this.bytes} bytes`, {
      advice: 'declare a larger one (WIRQ_HANDLER_STACK in sdk/c/wirq.h) or nest less deeply',
    });
  }

  /** The most bytes that handlers have used so far; undefined when they share the interrupted stack. */
  get highWaterMark(): number | undefined {
    if (this.#region === undefined) return undefined;
    const words = this.#view();
    let at = this.#region.low / 4;
    const end = this.#region.high / 4;
    while (at < end && words[at] === PAINT) at++;
    return (end - at) * 4;
  }

  /**
   * Memory that grew leaves the old view empty, or, where it is shared, as long as it was, which still holds the region.
   * Asking the memory for its buffer every time would cost more than all the rest of a check.
   */
  #view(): Int32Array {
    if (this.#words.length === 0) this.#words = new Int32Array(this.#memory.buffer);
    return this.#words;
  }
}

function floatsOf({ buffer }: WebAssembly.Memory): Float64Array {
  return new Float64Array(buffer, 0, Math.floor(buffer.byteLength / 8));
}

/** A region from an address and a size, its bounds aligned inwards; undefined when it does not lie in memory or is too small. */
export function stackRegion(
  memory: WebAssembly.Memory,
  address: number,
  bytes: number,
  origin: StackRegion['origin'],
): StackRegion | undefined {
  // Not by bit operations: addresses above 2 GiB are negative to them.
  const low = Math.ceil(address / STACK_ALIGNMENT) * STACK_ALIGNMENT;
  const high = Math.floor((address + bytes) / STACK_ALIGNMENT) * STACK_ALIGNMENT;
  if (address <= 0 || high - low < MIN_BYTES || high > memory.buffer.byteLength) return undefined;
  return { low, high, origin };
}
