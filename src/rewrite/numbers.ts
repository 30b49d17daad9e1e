/**
 * A list of numbers of 32 bits that keeps its room when it is emptied, to be filled again: an array would have to grow anew. What
 * is found out about functions, one after the other, is millions of numbers in a large module.
 */
export class Numbers {
  length = 0;
  #numbers = new Uint32Array(256);

  push(number: number): void {
    if (this.length === this.#numbers.length) this.#grow();
    this.#numbers[this.length++] = number;
  }

  #grow(): void {
    const grown = new Uint32Array(2 * this.length);
    grown.set(this.#numbers);
    this.#numbers = grown;
  }

  at(i: number): number {
    return this.#numbers[i]!;
  }

  /** Those there are, as a view: valid until the next is added. */
  view(): Uint32Array {
    return this.#numbers.subarray(0, this.length);
  }
}
