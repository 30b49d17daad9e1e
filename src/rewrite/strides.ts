/**
 * What a function's first scan has passed over, so that the next need not look at it: for each instruction that it read, how many
 * bytes of plain instructions stand in front, and how many instructions those are. Sixteen bits each, since a large module has
 * more than a million; longer ones are passed over anew.
 */
import type { Instructions } from '../wasm/instructions.ts';

const countBits = 7;
const maxCount = 2 ** countBits - 1;
const maxBytes = 2 ** (16 - countBits) - 2;
const long = 0xffff;

/** In the order in which a scan that calls `pass` and `next` in turn comes by. */
export type Strides = Uint16Array;

export class CollectedStrides {
  #length = 0;
  #strides = new Uint16Array(1024);

  clear(): void {
    this.#length = 0;
  }

  add(bytes: number, count: number): void {
    if (this.#length === this.#strides.length) this.#grow();
    this.#strides[this.#length++] = bytes > maxBytes || count > maxCount ? long : (bytes << countBits) | count;
  }

  #grow(): void {
    const grown = new Uint16Array(2 * this.#length);
    grown.set(this.#strides);
    this.#strides = grown;
  }

  copy(): Strides {
    return this.#strides.slice(0, this.#length);
  }
}

/** As `Instructions.pass` up to the end. */
export function passBy(code: Instructions, stride: number): number {
  if (stride === long) return code.pass(code.end);
  code.offset += stride >> countBits;
  return stride & maxCount;
}
