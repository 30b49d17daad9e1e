/**
 * A set of signals 1 … 64 as two words: bit n - 1 of the 64 is signal n, as in the guest's sigset_t (POSIX.1-2024,
 * <signal.h>). Changed in place: a mask is changed with every handler, and nothing of that may allocate.
 */

/** The bit of a signal within its word. */
export function signalBit(signal: number): number {
  return 1 << ((signal - 1) & 31);
}

export class SignalSet {
  low = 0;
  high = 0;

  constructor(low = 0, high = 0) {
    this.low = low;
    this.high = high;
  }

  static of(...signals: readonly number[]): SignalSet {
    const set = new SignalSet();
    for (const signal of signals) set.add(signal);
    return set;
  }

  has(signal: number): boolean {
    return ((signal <= 32 ? this.low : this.high) & signalBit(signal)) !== 0;
  }

  /** Whether the two have a signal in common. */
  meets(other: SignalSet): boolean {
    return ((this.low & other.low) | (this.high & other.high)) !== 0;
  }

  get isEmpty(): boolean {
    return (this.low | this.high) === 0;
  }

  add(signal: number): void {
    if (signal <= 32) this.low |= signalBit(signal);
    else this.high |= signalBit(signal);
  }

  delete(signal: number): void {
    if (signal <= 32) this.low &= ~signalBit(signal);
    else this.high &= ~signalBit(signal);
  }

  set(low: number, high: number): void {
    this.low = low;
    this.high = high;
  }

  copy(): SignalSet {
    return new SignalSet(this.low, this.high);
  }

  /** The signals, in order. For messages. */
  members(): number[] {
    const members: number[] = [];
    for (let signal = 1; signal <= 64; signal++) if (this.has(signal)) members.push(signal);
    return members;
  }
}
