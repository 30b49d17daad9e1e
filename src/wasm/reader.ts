/**
 * Reads the primitive values of the binary format (WebAssembly core specification, 5.2 "Values") with every bound checked.
 * Offsets are absolute in the user's file, so that each error can say where. Knows nothing of sections or instructions.
 */
import { WirqError } from '../errors.ts';

/** A malformed module: what is wrong, and the offset of the byte that shows it. */
export function badModule(message: string, offset: number): WirqError {
  return new WirqError('bad-module', message, { place: { offset } });
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Index spaces of which it is noted how far they are used; `other` stands for those of which nobody asks that. */
export const Space = { other: 0, type: 1, table: 2, global: 3, local: 4 } as const;

/** A cursor over `bytes[offset, end)`. Reading past the end throws `bad-module`. */
export class Reader {
  readonly bytes: Uint8Array;
  end: number;
  offset: number;
  /** By `Space`, the greatest index read so far; −1 for none. Whoever knows the index space's size compares. */
  readonly highest = [-1, -1, -1, -1, -1];

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  /** An index was read. */
  note(space: number, index: number): void {
    if (index > this.highest[space]!) this.highest[space] = index;
  }

  get done(): boolean {
    return this.offset >= this.end;
  }

  u8(): number {
    if (this.offset >= this.end) throw badModule('unexpected end', this.offset);
    return this.bytes[this.offset++]!;
  }

  /** Unsigned LEB128 of at most 32 bits; refuses encodings that are too long or too large, as the specification does. */
  u32(): number {
    const first = this.u8();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      const byte = this.u8();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    const last = this.u8();
    if (last > 0x0f) throw badModule('integer too large or too long', this.offset - 1);
    return (value | (last << 28)) >>> 0;
  }

  /** Unsigned LEB128 of at most 64 bits, for the offsets and limits of memory64. */
  u64(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 63n; shift += 7n) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    const last = this.u8();
    if (last > 0x01) throw badModule('integer too large or too long', this.offset - 1);
    return value | (BigInt(last) << 63n);
  }

  /** Signed LEB128 of at most 32 bits. */
  s32(): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.u8();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value << (25 - shift)) >> (25 - shift);
    }
    const last = this.u8();
    const sign = last & 0x78;
    if (last >= 0x80 || (sign !== 0 && sign !== 0x78))
      throw badModule('integer too large or too long', this.offset - 1);
    return value | (last << 28);
  }

  /** Passes over an unsigned LEB128 of at most 64 bits. */
  skipU64(): void {
    for (let i = 0; i < 9; i++) if (this.u8() < 0x80) return;
    if (this.u8() > 0x01) throw badModule('integer too large or too long', this.offset - 1);
  }

  /** Passes over a signed LEB128 of at most 64 bits. */
  skipS64(): void {
    for (let i = 0; i < 9; i++) if (this.u8() < 0x80) return;
    const last = this.u8();
    if (last !== 0 && last !== 0x7f) throw badModule('integer too large or too long', this.offset - 1);
  }

  /** The 33-bit signed number of a block type or heap type: negative for a shorthand, otherwise a type index. */
  s33(): number {
    const first = this.bytes[this.offset]!;
    if (this.offset < this.end && first < 0x80) {
      this.offset++;
      return first < 0x40 ? first : first - 0x80;
    }
    return Number(BigInt.asIntN(33, this.#signed(33)));
  }

  s64(): bigint {
    return BigInt.asIntN(64, this.#signed(64));
  }

  /** Signed LEB128: the unused bits of the last byte have to repeat the sign. */
  #signed(bits: number): bigint {
    const longest = Math.ceil(bits / 7);
    let value = 0n;
    for (let i = 0; i < longest; i++) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte >= 0x80) continue;
      if (i === longest - 1) this.#checkSignBits(byte, bits - 7 * i);
      return (byte & 0x40) === 0 ? value : value - (1n << BigInt(7 * (i + 1)));
    }
    throw badModule('integer too long', this.offset - 1);
  }

  #checkSignBits(byte: number, used: number): void {
    const above = (byte & 0x7f) >> (used - 1);
    const ones = 0x7f >> (used - 1);
    if (above !== 0 && above !== ones) throw badModule('integer too large', this.offset - 1);
  }

  /** Passes over `count` bytes. */
  skip(count: number): void {
    if (count > this.end - this.offset) throw badModule('unexpected end', this.end);
    this.offset += count;
  }

  /** A view of the next `count` bytes, not a copy. */
  take(count: number): Uint8Array {
    this.skip(count);
    return this.bytes.subarray(this.offset - count, this.offset);
  }

  /** The length of a vector; each element takes at least one byte, so a larger count is malformed whatever follows. */
  count(what: string, limit: number): number {
    const at = this.offset;
    const count = this.u32();
    if (count > this.end - this.offset) throw badModule(`${what}: ${count} announced, but the bytes end before`, at);
    if (count > limit) {
      throw new WirqError('limit', `${what}: ${count} is over the limit of ${limit}`, { place: { offset: at } });
    }
    return count;
  }

  /** A name: valid UTF-8 with its length in front. */
  name(limit: number): string {
    const at = this.offset;
    const length = this.u32();
    if (length > this.end - this.offset) throw badModule('a name reaches past the end', at);
    if (length > limit)
      throw new WirqError('limit', `a name of ${length} bytes, over ${limit}`, { place: { offset: at } });
    try {
      return utf8.decode(this.take(length));
    } catch {
      throw badModule('a name is not valid UTF-8', at);
    }
  }

  /** A reader of the next `length` bytes alone; this one moves past them. */
  section(length: number, what: string): Reader {
    this.skipSection(length, what);
    return new Reader(this.bytes, this.offset - length, this.offset);
  }

  /** Passes over the next `length` bytes, which `what` says it has. */
  skipSection(length: number, what: string): void {
    if (length > this.end - this.offset) {
      throw badModule(`${what} says ${length} bytes, but only ${this.end - this.offset} are left`, this.offset);
    }
    this.offset += length;
  }

  /** Everything has to be used up: bytes left over mean that a count or a size is wrong. */
  expectEnd(what: string): void {
    if (this.offset !== this.end) throw badModule(`${what} has ${this.end - this.offset} bytes too many`, this.offset);
  }
}
