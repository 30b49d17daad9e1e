/**
 * A source of random bytes, from the run's seed: the same on every run, as everything here. It has a stream of its own,
 * so that what it gives does not depend on who else asks for random numbers, and it goes on through resets.
 * Not for keys: what comes of it is as guessable as the seed.
 */
import type { Board, Device, DeviceAccount } from './device.ts';

export class Entropy implements Device {
  readonly #next: () => number;
  #bytes = 0;

  constructor(board: Board) {
    this.#next = board.random('entropy');
  }

  /** 32 uniformly distributed bits. */
  word(): number {
    this.#bytes += 4;
    return this.#next() | 0;
  }

  fill(into: Uint8Array): void {
    this.#bytes += into.length;
    for (let at = 0; at < into.length; at += 4) {
      let bits = this.#next();
      for (let byte = at; byte < into.length && byte < at + 4; byte++, bits >>>= 8) into[byte] = bits & 0xff;
    }
  }

  account(): DeviceAccount {
    return { bytes: this.#bytes };
  }
}
