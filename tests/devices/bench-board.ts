/** A board for devices under test: a clock that the test moves, and a list of what they pended and said. */
import { Alarms } from '../../src/clock/alarms.ts';
import { instant } from '../../src/clock/instant.ts';
import type { Board } from '../../src/devices/device.ts';

export class BenchBoard implements Board {
  /** `pend 5 uart 0`, `pin 3 1 guest`: in order. */
  readonly seen: string[] = [];
  observed = true;
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

  emit(kind: string, details: Readonly<Record<string, unknown>>): void {
    this.seen.push([kind, ...Object.values(details)].join(' '));
  }

  /** Moves time on. @returns what was seen meanwhile. */
  advance(to: number): string[] {
    const before = this.seen.length;
    this.#now = to;
    this.#alarms.runDue(to);
    return this.seen.slice(before);
  }
}
