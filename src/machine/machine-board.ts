/**
 * The board that devices are plugged into: the one way in which they act on a machine. Time and alarms are the loop's;
 * lines go through the same path as those that a script raises; a level is held for as long as any device holds it.
 */
import type { Alarm } from '../clock/alarms.ts';
import type { Instant } from '../clock/instant.ts';
import type { Board, DeviceEvent, ResetCause } from '../devices/device.ts';
import { guestBytes } from '../guests/memory.ts';
import { type ExceptionNumber, exceptionOf, type LineNumber, NMI } from '../interrupts/exceptions.ts';
import type { EventDetails } from './events.ts';
import { Random } from './random.ts';

/** What the board needs of the machine's inside. */
export interface BoardHost {
  readonly observed: boolean;
  readonly seed: number;
  now(): Instant;
  alarm(fire: () => void): Alarm;
  pend(exception: ExceptionNumber, source: string): void;
  /** Notes the level of a line's input. */
  level(exception: ExceptionNumber, asserted: boolean): void;
  emit(kind: DeviceEvent, details: EventDetails): void;
  /** Something changed: the loop has to look before the guest runs on. */
  attend(): void;
  memory(): WebAssembly.Memory | undefined;
  reset(cause: ResetCause): void;
}

export class MachineBoard implements Board {
  readonly #host: BoardHost;
  /** Who holds each level-triggered line asserted: lines without holders are not in it. */
  readonly #holders = new Map<ExceptionNumber, Set<string>>();

  constructor(host: BoardHost) {
    this.#host = host;
  }

  get observed(): boolean {
    return this.#host.observed;
  }

  now(): Instant {
    return this.#host.now();
  }

  /** Set while the guest runs, an alarm may be due before the budget is used up that the guest was granted. */
  alarm(fire: () => void): Alarm {
    const alarm = this.#host.alarm(fire);
    const host = this.#host;
    return {
      get isSet() {
        return alarm.isSet;
      },
      after: (distance) => {
        alarm.after(distance);
        host.attend();
      },
      at: (key) => {
        alarm.at(key);
        host.attend();
      },
      cancel: () => alarm.cancel(),
    };
  }

  pend(line: LineNumber, source: string): void {
    this.#host.pend(exceptionOf(line), source);
  }

  hold(line: LineNumber, asserted: boolean, source: string): void {
    const exception = exceptionOf(line);
    const holders = this.#holders.get(exception);
    if (!asserted) {
      if (holders?.delete(source) !== true || holders.size > 0) return;
      this.#holders.delete(exception);
      this.#host.level(exception, false);
    } else if (holders !== undefined) {
      holders.add(source);
    } else {
      this.#holders.set(exception, new Set([source]));
      this.#host.level(exception, true);
      this.#host.pend(exception, source);
    }
  }

  pendNmi(source: string): void {
    this.#host.pend(NMI, source);
  }

  reset(cause: ResetCause): void {
    this.#host.reset(cause);
  }

  memory(address: number, length: number): Uint8Array | undefined {
    return guestBytes(this.#host.memory(), address, length);
  }

  random(stream: string): () => number {
    const random = new Random(this.#host.seed ^ hash(stream));
    return () => random.next();
  }

  emit(kind: DeviceEvent, details: EventDetails): void {
    this.#host.emit(kind, details);
  }
}

/** FNV-1a, 32 bits: a stream's name becomes a seed of its own. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}
