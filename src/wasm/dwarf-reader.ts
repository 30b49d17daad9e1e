/**
 * Reads the primitive values of DWARF (DWARF 5, 7.4 to 7.6): little-endian numbers of fixed size, LEB128 numbers of any length,
 * strings ended by a zero. Every bound is checked, as in reader.ts. Numbers above 2^53 come out inexact: no address, offset or
 * line of a WebAssembly module is that large.
 */
import { badModule, Reader } from './reader.ts';

/** Longer numbers and strings are nobody's: a paths' limit in most systems, and what 64 bits can take. */
const maxTextBytes = 4096;
const maxLebBytes = 10;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

export class DwarfReader extends Reader {
  /** An unsigned number of so many bytes. */
  fixed(size: number): number {
    let value = 0;
    let unit = 1;
    for (const byte of this.take(size)) {
      value += byte * unit;
      unit *= 256;
    }
    return value;
  }

  /** A length or an offset into another section: four bytes, or eight in 64-bit DWARF. */
  sized(wide: boolean): number {
    return this.fixed(wide ? 8 : 4);
  }

  s8(): number {
    return (this.u8() << 24) >> 24;
  }

  uleb(): number {
    let value = 0;
    let unit = 1;
    for (let i = 0; i < maxLebBytes; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
      unit *= 128;
    }
    throw badModule('a LEB128 number is too long', this.offset - 1);
  }

  sleb(): number {
    const start = this.offset;
    const value = this.uleb();
    const negative = (this.bytes[this.offset - 1]! & 0x40) !== 0;
    return negative ? value - 2 ** (7 * (this.offset - start)) : value;
  }

  /** UTF-8 up to a zero; what is no UTF-8 is replaced, because a name decides nothing. */
  text(): string {
    const limit = Math.min(this.end, this.offset + maxTextBytes);
    const zero = this.bytes.subarray(this.offset, limit).indexOf(0);
    if (zero < 0) throw badModule('a string does not end', this.offset);
    const text = utf8.decode(this.take(zero));
    this.offset++;
    return text;
  }
}
