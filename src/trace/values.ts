/**
 * JavaScript values as bytes, for recordings: numbers, bigints, text, bytes, arrays and plain objects, each behind a byte that
 * says what it is. Integers are LEB128; docs/recording.md has the table. What is read is not trusted: nothing is believed of
 * lengths but that so many bytes are there.
 */
import { assert } from '../assert.ts';

/** So many elements there are at most in one value, with all that is in it: samples of a waveform are a million. */
export const MAX_ELEMENTS = (1 << 20) + (1 << 16);
/** Also the depth to which values that are written may be nested. */
const MAX_DEPTH = 32;

const TAG = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  /** Zigzag. */
  integer: 4,
  /** IEEE 754, 8 bytes, little-endian: what is no integer, -0, and integers beyond 2^53. */
  double: 5,
  /** Its sign as a byte, then its magnitude as a length and bytes, little-endian. */
  bigint: 6,
  text: 7,
  bytes: 8,
  array: 9,
  /** A count, then names and values by turns. */
  object: 10,
} as const;

/** What a value of these bytes is not. */
export class MalformedValue extends Error {}

const encoder = new TextEncoder();

/** A buffer that grows. */
export class ByteWriter {
  readonly #capacity: number;
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;
  #left = MAX_ELEMENTS;

  constructor(capacity = 1 << 10) {
    this.#capacity = capacity;
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** A copy of what was written; then it is empty. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    // Something uncommonly large was in it.
    if (this.#bytes.length > 4 * this.#capacity) this.#bytes = new Uint8Array(this.#capacity);
    return taken;
  }

  /** Forgets what was written after so many bytes. */
  cutTo(length: number): void {
    assert(length <= this.#length, 'it only becomes shorter');
    this.#length = length;
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = value;
  }

  /** A byte and a count, for what is written most. */
  head(byte: number, count: number): void {
    const at = this.#length;
    if ((count & 0x7f) === count && at + 2 <= this.#bytes.length) {
      this.#bytes[at] = byte;
      this.#bytes[at + 1] = count;
      this.#length = at + 2;
    } else {
      this.byte(byte);
      this.count(count);
    }
  }

  /** Unsigned LEB128 of a whole number up to 2^53. */
  count(value: number): void {
    if ((value & 0x7f) === value && this.#length < this.#bytes.length) {
      this.#bytes[this.#length++] = value;
      return;
    }
    assert(Number.isSafeInteger(value) && value >= 0, 'a whole number');
    let rest = value;
    while (rest >= 0x8000_0000) {
      this.byte((rest % 128) | 0x80);
      rest = Math.floor(rest / 128);
    }
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  bytes(bytes: Uint8Array): void {
    this.count(bytes.length);
    if (this.#length + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** @throws TypeError for what is no value of a recording: a function, say. */
  value(value: unknown, depth = 0): void {
    if (depth > MAX_DEPTH) throw new TypeError('a value is nested too deeply to be recorded');
    if (depth === 0) this.#left = MAX_ELEMENTS;
    if (value === undefined) this.byte(TAG.undefined);
    else if (value === null) this.byte(TAG.null);
    else if (typeof value === 'boolean') this.byte(value ? TAG.true : TAG.false);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'bigint') this.#bigint(value);
    else if (typeof value === 'string') {
      this.byte(TAG.text);
      this.bytes(encoder.encode(value));
    } else if (value instanceof Uint8Array) {
      this.byte(TAG.bytes);
      this.bytes(value);
    } else if (Array.isArray(value)) {
      this.byte(TAG.array);
      this.#elements(value.length);
      for (const each of value) this.value(each, depth + 1);
    } else if (typeof value === 'object') {
      const entries = Object.entries(value);
      this.byte(TAG.object);
      this.#elements(entries.length);
      for (const [name, each] of entries) {
        this.bytes(encoder.encode(name));
        this.value(each, depth + 1);
      }
    } else throw new TypeError(`a ${typeof value} cannot be recorded`);
  }

  #elements(count: number): void {
    this.#left -= count;
    if (this.#left < 0) throw new TypeError('a value has too many elements to be recorded');
    this.count(count);
  }

  /** The same as `value([number])`. */
  listOf(number: number): void {
    this.byte(TAG.array);
    this.byte(1);
    this.#number(number);
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value) && Math.abs(value) < 2 ** 52 && !Object.is(value, -0)) {
      this.byte(TAG.integer);
      this.count(value < 0 ? -2 * value - 1 : 2 * value);
      return;
    }
    this.byte(TAG.double);
    const bytes = new DataView(new ArrayBuffer(8));
    bytes.setFloat64(0, value, true);
    for (let at = 0; at < 8; at++) this.byte(bytes.getUint8(at));
  }

  #bigint(value: bigint): void {
    this.byte(TAG.bigint);
    this.byte(value < 0n ? 1 : 0);
    const bytes: number[] = [];
    for (let rest = value < 0n ? -value : value; rest > 0n; rest >>= 8n) bytes.push(Number(rest & 0xffn));
    this.bytes(Uint8Array.from(bytes));
  }

  #grow(count: number): void {
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  /** Elements that the value which is being read may still have. */
  #left = MAX_ELEMENTS;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get at(): number {
    return this.#at;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new MalformedValue('it ends in the middle of a value');
    return byte;
  }

  count(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new MalformedValue('a number is too large');
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }

  /** A view, not a copy. */
  bytes(): Uint8Array {
    const length = this.count();
    if (length > this.#bytes.length - this.#at) throw new MalformedValue('it ends in the middle of a value');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.bytes());
    } catch (error) {
      throw error instanceof MalformedValue ? error : new MalformedValue('a text is not UTF-8');
    }
  }

  /** Each element takes at least a byte, so that a count can be believed as far as bytes are there. */
  value(depth = 0): unknown {
    if (depth > MAX_DEPTH) throw new MalformedValue('a value is nested too deeply');
    if (depth === 0) this.#left = MAX_ELEMENTS;
    switch (this.byte()) {
      case TAG.undefined:
        return undefined;
      case TAG.null:
        return null;
      case TAG.false:
        return false;
      case TAG.true:
        return true;
      case TAG.integer: {
        const zigzag = this.count();
        return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
      }
      case TAG.double: {
        const bytes = new DataView(new ArrayBuffer(8));
        for (let at = 0; at < 8; at++) bytes.setUint8(at, this.byte());
        return bytes.getFloat64(0, true);
      }
      case TAG.bigint:
        return this.#bigint();
      case TAG.text:
        return this.text();
      case TAG.bytes:
        return this.bytes().slice();
      case TAG.array:
        return this.#elements(() => this.value(depth + 1));
      case TAG.object:
        return Object.fromEntries(this.#elements(() => [this.text(), this.value(depth + 1)] as const));
      default:
        throw new MalformedValue('a value is of no known kind');
    }
  }

  #elements<T>(read: () => T): T[] {
    const count = this.count();
    if (count > this.#bytes.length - this.#at) throw new MalformedValue('it ends in the middle of a value');
    this.#left -= count;
    if (this.#left < 0) throw new MalformedValue('a value has too many elements');
    return Array.from({ length: count }, read);
  }

  #bigint(): bigint {
    const negative = this.byte() !== 0;
    const bytes = this.bytes();
    if (bytes.length > MAX_BIGINT_BYTES) throw new MalformedValue('a number is too large');
    let value = 0n;
    for (let at = bytes.length - 1; at >= 0; at--) value = (value << 8n) | BigInt(bytes[at]!);
    return negative ? -value : value;
  }
}

/** Guests have none beyond 64 bits; building a long one takes time that grows with the square of its length. */
const MAX_BIGINT_BYTES = 64;
