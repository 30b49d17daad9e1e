/**
 * The run's source of randomness: everything random comes from one seed, so that two runs are identical.
 * The generator is xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), seeded
 * through splitmix32. Not for cryptography: a guest's keys made here are as guessable as the seed.
 */

export class Random {
  readonly #state = new Uint32Array(4);

  constructor(seed: number) {
    let x = seed >>> 0;
    for (let at = 0; at < 4; at++) {
      x = (x + 0x9e3779b9) >>> 0;
      let z = x ^ (x >>> 16);
      z = Math.imul(z, 0x85ebca6b);
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
      this.#state[at] = z ^ (z >>> 16);
    }
  }

  /** 32 uniformly distributed bits. */
  next(): number {
    const s = this.#state;
    const scrambled = Math.imul(rotateLeft(Math.imul(s[1]!, 5), 7), 9) >>> 0;
    const t = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= t;
    s[3] = rotateLeft(s[3]!, 11);
    return scrambled;
  }

  fill(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += 4) {
      let bits = this.next();
      for (let byte = at; byte < bytes.length && byte < at + 4; byte++, bits >>>= 8) bytes[byte] = bits & 0xff;
    }
  }
}

function rotateLeft(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
