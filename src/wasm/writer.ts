/**
 * Writes the primitive values of the binary format (WebAssembly core specification, 5.2) into one growing buffer.
 * The counterpart of reader.ts; always writes the shortest LEB128, except where a size is patched in afterwards.
 */

import { assert } from '../assert.ts';

/** How many bytes the unsigned LEB128 of `value` takes. */
export function u32Size(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}

const utf8 = new TextEncoder();

export class Writer {
  #buffer: Uint8Array<ArrayBuffer>;
  #length = 0;

  /** `capacity` is a guess in bytes; the buffer grows by half when it is too small. */
  constructor(capacity = 256) {
    this.#buffer = new Uint8Array(Math.max(16, capacity));
  }

  get length(): number {
    return this.#length;
  }

  #reserve(count: number): void {
    if (this.#length + count > this.#buffer.length) this.#grow(this.#length + count);
  }

  #grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, this.#buffer.length + (this.#buffer.length >> 1)));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }

  u8(value: number): this {
    if (this.#length === this.#buffer.length) this.#grow(this.#length + 1);
    this.#buffer[this.#length++] = value;
    return this;
  }

  u32(value: number): this {
    let rest = value >>> 0;
    if (rest < 0x80) return this.u8(rest);
    this.#reserve(5);
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#length++] = rest;
    return this;
  }

  /** Signed LEB128 of a 32-bit integer. */
  s32(value: number): this {
    let rest = value | 0;
    if (rest >= -0x40 && rest < 0x40) return this.u8(rest & 0x7f);
    this.#reserve(5);
    while (rest < -0x40 || rest > 0x3f) {
      this.#buffer[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>= 7;
    }
    this.#buffer[this.#length++] = rest & 0x7f;
    return this;
  }

  bytes(source: Uint8Array | readonly number[]): this {
    this.#reserve(source.length);
    this.#buffer.set(source, this.#length);
    this.#length += source.length;
    return this;
  }

  /** Copies `source[start, end)`. */
  copy(source: Uint8Array, start: number, end: number): this {
    const count = end - start;
    this.#reserve(count);
    // A loop beats `subarray` and `set` for the few bytes between two insertions, and leaves no garbage.
    if (count < 192) {
      const buffer = this.#buffer;
      let to = this.#length;
      for (let from = start; from < end; from++) buffer[to++] = source[from]!;
    } else {
      this.#buffer.set(source.subarray(start, end), this.#length);
    }
    this.#length += count;
    return this;
  }

  /** Has `write` write `count` bytes at `at`; what stands behind moves. */
  insert(at: number, count: number, write: (to: this) => void): void {
    this.#reserve(count);
    const end = this.#length + count;
    this.#buffer.copyWithin(at + count, at, this.#length);
    this.#length = at;
    write(this);
    assert(this.#length === at + count, 'what is put in is as long as was said');
    this.#length = end;
  }

  name(text: string): this {
    const encoded = utf8.encode(text);
    return this.u32(encoded.length).bytes(encoded);
  }

  /** Leaves five bytes for a size that is not known yet; `patch` fills them. */
  gap(): number {
    this.#reserve(5);
    const at = this.#length;
    this.#length += 5;
    return at;
  }

  /** Fills a gap with the number of bytes written since, padded to five bytes. */
  patch(gap: number): void {
    let rest = this.#length - gap - 5;
    for (let i = 0; i < 4; i++) {
      this.#buffer[gap + i] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[gap + 4] = rest;
  }

  /**
   * Leaves room for the size of what is written next, as much as `guess` takes. Gives where that begins, for `endSized`: which writes
   * the size, and gives where it begins now.
   */
  beginSized(guess: number): number {
    this.#reserve(5);
    this.#length += u32Size(guess);
    return this.#length;
  }

  endSized(start: number, guess: number): number {
    const size = this.#length - start;
    const moved = u32Size(size) - u32Size(guess);
    const end = this.#length + moved;
    if (moved > 0) this.#reserve(moved);
    if (moved !== 0) this.#buffer.copyWithin(start + moved, start, this.#length);
    this.#length = start - u32Size(guess);
    this.u32(size);
    this.#length = end;
    return start + moved;
  }

  /** Forgets what was written since the length was this. */
  rewind(length: number): void {
    this.#length = length;
  }

  /** What was written so far, as a view: valid until the next write. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.#length);
  }
}
