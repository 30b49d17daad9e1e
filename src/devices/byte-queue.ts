/**
 * Bytes waiting in line, each with a mark that says whether it arrived damaged: the wire and the FIFOs of a serial port.
 * Grows as far as its limit; says what did not fit, and loses nothing of what it took.
 */

const MARK = 0x100;

export class ByteQueue {
  readonly limit: number;
  #items: Uint16Array<ArrayBuffer>;
  #head = 0;
  #tail = 0;

  /** @param limit the most bytes it holds. */
  constructor(limit: number) {
    this.limit = limit;
    this.#items = new Uint16Array(Math.min(64, limit));
  }

  get length(): number {
    return this.#tail - this.#head;
  }

  get room(): number {
    return this.limit - this.length;
  }

  /** Adds the byte, which there has to be room for. */
  push(byte: number, marked = false): void {
    if (this.#tail === this.#items.length) this.#makeRoom();
    this.#items[this.#tail++] = marked ? byte | MARK : byte;
  }

  /** Takes the first byte, of which there has to be one. @returns it, and whether it was marked. */
  shift(): { readonly byte: number; readonly marked: boolean } {
    const item = this.#items[this.#head++]!;
    if (this.#head === this.#tail) this.#head = this.#tail = 0;
    return { byte: item & 0xff, marked: item >= MARK };
  }

  /** Takes up to `into.length` bytes. @returns how many there were. */
  read(into: Uint8Array): number {
    const count = Math.min(into.length, this.length);
    for (let at = 0; at < count; at++) into[at] = this.#items[this.#head + at]! & 0xff;
    this.#head += count;
    if (this.#head === this.#tail) this.#head = this.#tail = 0;
    return count;
  }

  /** Forgets everything. @returns how many bytes that were. */
  clear(): number {
    const lost = this.length;
    this.#head = this.#tail = 0;
    return lost;
  }

  #makeRoom(): void {
    const { length } = this;
    if (length * 2 <= this.#items.length) {
      this.#items.copyWithin(0, this.#head, this.#tail);
    } else {
      const roomier = new Uint16Array(this.#items.length * 2);
      roomier.set(this.#items.subarray(this.#head, this.#tail));
      this.#items = roomier;
    }
    this.#head = 0;
    this.#tail = length;
  }
}
