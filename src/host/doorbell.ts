/**
 * Interrupts from other threads, without a message: shared memory that says which lines were raised, and how often. Any
 * number of threads may raise lines at any rate; the machine's thread takes them when it looks. Each is delivered, or counted
 * as coalesced with one that had not been taken; none is lost, and none has to wait.
 */
import type { Outside } from '../clock/real-time.ts';
import { WirqError } from '../errors.ts';

const LINES = 240;
const BITS = 32;
/** A word that counts rings, a bit for each line, and a word for each that counts how often it was raised. */
const [RINGS, RAISED] = [0, 1];
const COUNTS = RAISED + Math.ceil(LINES / BITS);
const WORDS = COUNTS + LINES;

export class Doorbell {
  /** To be handed to other threads: `new Doorbell(buffer)` there rings the same bell. */
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  #seen = 0;

  /** @throws WirqError `bad-argument` for what is no doorbell's buffer. */
  constructor(buffer = new SharedArrayBuffer(4 * WORDS)) {
    if (!(buffer instanceof SharedArrayBuffer) || buffer.byteLength !== 4 * WORDS) {
      throw new WirqError('bad-argument', "this is no doorbell's buffer", { advice: 'hand over that of a Doorbell' });
    }
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  /** Raises a line, on any thread. @throws WirqError `bad-argument`. */
  pend(line: number): void {
    if (!Number.isInteger(line) || line < 0 || line >= LINES) {
      throw new WirqError('bad-argument', `there is no interrupt line ${line}`, { advice: `lines are 0…${LINES - 1}` });
    }
    const words = this.#words;
    // The count first: who finds the bit finds the count. A bit that is there already has not been taken.
    Atomics.add(words, COUNTS + line, 1);
    Atomics.or(words, RAISED + (line >> 5), 1 << (line & 31));
    this.ring();
  }

  /** Wakes the machine, and has it look. */
  ring(): void {
    Atomics.add(this.#words, RINGS, 1);
    Atomics.notify(this.#words, RINGS);
  }

  // On the machine's thread

  /** Whether anybody has rung since the last `take`. */
  get rung(): boolean {
    return Atomics.load(this.#words, RINGS) !== this.#seen;
  }

  /** Takes all that was raised: `raise` is called once for each time. */
  take(raise: (line: number) => void): void {
    const words = this.#words;
    this.#seen = Atomics.load(words, RINGS);
    for (let word = 0; word < COUNTS - RAISED; word++) {
      if (Atomics.load(words, RAISED + word) === 0) continue;
      for (let bits = Atomics.exchange(words, RAISED + word, 0); bits !== 0; ) {
        const bit = 31 - Math.clz32(bits & -bits);
        bits &= bits - 1;
        const line = word * BITS + bit;
        for (let left = Atomics.exchange(words, COUNTS + line, 0) >>> 0; left > 0; left--) raise(line);
      }
    }
  }

  /** Sleeps until somebody rings, or so long. */
  rest(ms: number | undefined): void {
    Atomics.wait(this.#words, RINGS, this.#seen, ms);
  }

  /** What a machine is given whose lines this raises, and that lasts as long as nobody says otherwise. */
  outside(raise: (line: number) => void): Outside {
    const bell = this;
    return {
      open: true,
      get rung() {
        return bell.rung;
      },
      take: () => this.take(raise),
    };
  }
}
