/** Bounds-checked access to the guest's memory: an address from the guest is checked before anything is read or written. */

/** What one call writes at most, in bytes; the rest is a short write, which every program has to expect. */
export const MOST_AT_ONCE = 1 << 24;

/** The bytes at `pointer`, or undefined when they do not all lie in memory. Not to be kept: memory may grow. */
export function guestBytes(
  memory: WebAssembly.Memory | undefined,
  pointer: number,
  length: number,
): Uint8Array | undefined {
  const from = pointer >>> 0;
  const count = length >>> 0;
  if (memory === undefined || from + count > memory.buffer.byteLength) return undefined;
  return new Uint8Array(memory.buffer, from, count);
}

/** The guest's memory as words, for structures that are read and written often. Addresses are multiples of 4. */
export class GuestWords {
  readonly #memory: () => WebAssembly.Memory | undefined;
  #words = new Int32Array(0);

  constructor(memory: () => WebAssembly.Memory | undefined) {
    this.#memory = memory;
  }

  /** The index of the word at `pointer`, or undefined when `bytes` bytes there are misaligned or not all in memory. */
  at(pointer: number, bytes: number): number | undefined {
    const from = pointer >>> 0;
    if ((from & 3) !== 0) return undefined;
    // Memory that grew leaves the old view empty or, where it is shared, too short.
    if (from + bytes > this.#words.byteLength) {
      const memory = this.#memory();
      if (memory !== undefined) this.#words = new Int32Array(memory.buffer);
      if (from + bytes > this.#words.byteLength) return undefined;
    }
    return from >>> 2;
  }

  /** Not to be kept; ask `at` first. */
  get words(): Int32Array {
    return this.#words;
  }
}
