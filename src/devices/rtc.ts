/**
 * A real-time clock: the date, an alarm that pends its line, and a battery: it goes on through every reset.
 * Its time is machine time from a configured start, so that a run is the same on every day. In nanoseconds since
 * 1970-01-01T00:00:00Z, without leap seconds (POSIX.1, "Seconds Since the Epoch"); BigInt, because 2^53 ns are 104 days.
 */
import type { Alarm } from '../clock/alarms.ts';
import { MAX_NS } from '../clock/instant.ts';
import type { LineNumber } from '../interrupts/exceptions.ts';
import type { Board, Device, DeviceAccount } from './device.ts';

/** 2000-01-01T00:00:00Z, where CLOCK_REALTIME of WASI begins, too. */
export const DEFAULT_START = 946_684_800_000_000_000n;

export interface RtcConfig {
  readonly line: LineNumber;
  /** What it shows at machine time 0, in ns since the epoch. */
  readonly start?: bigint | undefined;
}

export class Rtc implements Device {
  readonly #board: Board;
  readonly #line: LineNumber;
  readonly #alarm: Alarm;
  /** What has to be added to machine time. */
  #offset: bigint;
  /** When the alarm is to ring; undefined when it is off. */
  #ring: bigint | undefined;
  #rings = 0;

  constructor(board: Board, config: RtcConfig) {
    this.#board = board;
    this.#line = config.line;
    this.#offset = config.start ?? DEFAULT_START;
    this.#alarm = board.alarm(() => {
      this.#ring = undefined;
      this.#rings++;
      board.pend(this.#line, 'rtc');
    });
  }

  get time(): bigint {
    return this.#offset + BigInt(this.#board.now());
  }

  /** Sets the clock. An alarm keeps its date: set past it, the clock rings at once. */
  set(time: bigint): void {
    this.#offset = time - BigInt(this.#board.now());
    this.#schedule();
  }

  /** Rings at this date; at once when it is past. undefined turns the alarm off. */
  setAlarm(time: bigint | undefined): void {
    this.#ring = time;
    this.#schedule();
  }

  account(): DeviceAccount {
    return { rings: this.#rings };
  }

  #schedule(): void {
    this.#alarm.cancel();
    if (this.#ring === undefined) return;
    const at = this.#ring - this.#offset;
    const now = this.#board.now();
    if (at <= BigInt(MAX_NS)) this.#alarm.at(at > BigInt(now) ? Number(at) : now);
  }
}
