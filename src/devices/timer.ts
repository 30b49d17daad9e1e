/**
 * Hardware timers 0 … 15: periodic, one-shot, or capturing the moments of a pin's edges; each pends its own line.
 * Periods are nanoseconds of machine time, without prescalers. A timer may feed another device (a DMA channel that takes
 * a sample on each expiry): then that device hears of it instead of the core.
 */
import type { Alarm } from '../clock/alarms.ts';
import type { Duration, Instant } from '../clock/instant.ts';
import type { LineNumber } from '../interrupts/exceptions.ts';
import type { Board, Device, DeviceAccount } from './device.ts';
import type { Edge, Gpio, Level } from './gpio.ts';

export const TIMER_COUNT = 16;

class Timer {
  readonly line: LineNumber;
  readonly source: string;
  alarm: Alarm;
  period = 0 as Duration;
  repeat = false;
  /** When the present period began. */
  began = 0 as Instant;
  feeds: ((at: Instant) => void) | undefined;
  /** The pin and edge whose moments are captured. */
  capture: { readonly pin: number; readonly edge: Edge } | undefined;
  captured: Instant | undefined;

  constructor(line: LineNumber, source: string, alarm: Alarm) {
    this.line = line;
    this.source = source;
    this.alarm = alarm;
  }
}

export class Timers implements Device {
  readonly #board: Board;
  readonly #gpio: Gpio;
  readonly #timers: readonly Timer[];
  /** Pins that are being listened to: a listener stays for good, and asks whether a timer still captures. */
  readonly #watched = new Set<number>();
  #captures = 0;
  #overcaptures = 0;

  /** `lines[id]` is what timer `id` pends. */
  constructor(board: Board, gpio: Gpio, lines: readonly LineNumber[]) {
    this.#board = board;
    this.#gpio = gpio;
    this.#timers = lines.map((line, id) => {
      const timer: Timer = new Timer(
        line,
        `timer ${id}`,
        board.alarm(() => this.#expire(timer)),
      );
      return timer;
    });
  }

  /** Expires `period` from now, and again every period when it repeats. A period of 0 stops it. */
  start(id: number, period: Duration, repeat: boolean): void {
    const timer = this.#timers[id]!;
    timer.period = period;
    timer.repeat = repeat;
    timer.began = this.#board.now();
    if (period === 0) timer.alarm.cancel();
    else timer.alarm.after(period);
  }

  /** Neither expires nor captures any more. */
  stop(id: number): void {
    const timer = this.#timers[id]!;
    timer.alarm.cancel();
    timer.capture = undefined;
  }

  /** Nanoseconds since it was started or last expired; undefined while it does not run. */
  elapsed(id: number): number | undefined {
    const { alarm, began } = this.#timers[id]!;
    return alarm.isSet ? this.#board.now() - began : undefined;
  }

  /**
   * Each expiry of the timer calls `listener`, with the moment at which it was due, instead of pending the line; undefined
   * ends that. Machine time may be a little later by then: the guest came to a safepoint only now.
   */
  feed(id: number, listener: ((at: Instant) => void) | undefined): void {
    this.#timers[id]!.feeds = listener;
  }

  /** Notes the moment of each such edge of the pin, and pends the timer's line. */
  capture(id: number, pin: number, edge: Edge): void {
    const timer = this.#timers[id]!;
    timer.capture = { pin, edge };
    timer.captured = undefined;
    if (this.#watched.has(pin)) return;
    this.#watched.add(pin);
    this.#gpio.watch(pin, (level, at) => this.#notice(pin, level, at));
  }

  /** The moment captured last; undefined when it was taken already, or none came. One that is not taken in time is overwritten, and counted. */
  takeCaptured(id: number): Instant | undefined {
    const timer = this.#timers[id]!;
    const { captured } = timer;
    timer.captured = undefined;
    return captured;
  }

  reset(): void {
    for (const timer of this.#timers) {
      timer.alarm.cancel();
      timer.capture = undefined;
      timer.captured = undefined;
      timer.feeds = undefined;
    }
  }

  account(): DeviceAccount {
    return { captures: this.#captures, overcaptures: this.#overcaptures };
  }

  #expire(timer: Timer): void {
    timer.began = (timer.began + timer.period) as Instant;
    if (timer.repeat) timer.alarm.after(timer.period);
    if (timer.feeds !== undefined) timer.feeds(timer.began);
    else this.#board.pend(timer.line, timer.source);
  }

  #notice(pin: number, level: Level, at: Instant): void {
    for (const timer of this.#timers) {
      const { capture } = timer;
      if (capture?.pin !== pin) continue;
      if (capture.edge !== 'both' && (capture.edge === 'rising') !== (level === 1)) continue;
      this.#captures++;
      if (timer.captured !== undefined) this.#overcaptures++;
      timer.captured = at;
      this.#board.pend(timer.line, timer.source);
    }
  }
}
