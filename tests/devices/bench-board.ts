/** A board for devices under test: a clock that the test moves, and a list of what they pended and said. */
import { Alarms } from '../../src/clock/alarms.ts';
import { instant } from '../../src/clock/instant.ts';
import type { Board, ResetCause } from '../../src/devices/device.ts';
import { Random } from '../../src/machine/random.ts';

export class BenchBoard implements Board {
  /** `pend 5 uart 0`, `pin 3 1 guest`: in order. */
  readonly seen: string[] = [];
  observed = true;
  /** What devices find as the guest's memory. */
  readonly bytes = new Uint8Array(4096);
  seed = 0;
  #now = 0;
  readonly #alarms = new Alarms(() => this.#now);

  now() {
    return instant(this.#now);
  }

  alarm(fire: () => void) {
    return this.#alarms.create(fire);
  }

  pend(line: number, source: string): void {
    this.seen.push(`pend ${line} ${source}`);
  }

  hold(line: number, asserted: boolean, source: string): void {
    this.seen.push(`${asserted ? 'hold' : 'let go'} ${line} ${source}`);
  }

  pendNmi(source: string): void {
    this.seen.push(`NMI ${source}`);
  }

  reset(cause: ResetCause): void {
    this.seen.push(`reset ${cause}`);
  }

  memory(address: number, length: number): Uint8Array | undefined {
    return address + length > this.bytes.length ? undefined : this.bytes.subarray(address, address + length);
  }

  random(stream: string): () => number {
    const random = new Random(this.seed + stream.length);
    return () => random.next();
  }

  emit(kind: string, details: Readonly<Record<string, unknown>>): void {
    this.seen.push([kind, ...Object.values(details)].join(' '));
  }

  /** Moves time on. @returns what was seen meanwhile. */
  advance(to: number): string[] {
    const before = this.seen.length;
    // Each alarm finds the clock at its own time, as in a machine whose guest waits.
    for (let next = this.#alarms.nextKey; next !== undefined && next <= to; next = this.#alarms.nextKey) {
      this.#now = Math.max(this.#now, next);
      this.#alarms.runDue(this.#now);
    }
    this.#now = to;
    return this.seen.slice(before);
  }
}
