/**
 * What the first scan of a module's functions has passed over, so that the next need not look at it: for each instruction that it
 * read, how many bytes of plain instructions stand in front, and how many instructions those are. Sixteen bits each, since a large
 * module has more than a million; longer ones are passed over anew.
 */
import type { Instructions } from '../wasm/instructions.ts';

const countBits = 7;
const maxCount = 2 ** countBits - 1;
const maxBytes = 2 ** (16 - countBits) - 2;
const long = 0xffff;
/** As many bytes of code there are, at least, for an instruction that is read: room that is not filled is not touched. */
const bytesAStride = 8;

/** In the order in which a scan that calls `pass` and `next` in turn comes by, function after function. */
export class Strides {
  length = 0;
  #strides: Uint16Array;

  constructor(codeBytes: number) {
    this.#strides = new Uint16Array(64 + Math.ceil(codeBytes / bytesAStride));
  }

  add(bytes: number, count: number): void {
    if (this.length === this.#strides.length) this.#grow();
    this.#strides[this.length++] = bytes > maxBytes || count > maxCount ? long : (bytes << countBits) | count;
  }

  #grow(): void {
    const grown = new Uint16Array(2 * this.length);
    grown.set(this.#strides);
    this.#strides = grown;
  }

  /** As `Instructions.pass` up to the end did. */
  pass(code: Instructions, i: number): number {
    const stride = this.#strides[i]!;
    if (stride === long) return code.pass(code.end);
    code.offset += stride >> countBits;
    return stride & maxCount;
  }
}
