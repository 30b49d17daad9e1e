/**
 * Hardware timers 0 … 15: periodic or one-shot, each pending its own line when it expires.
 * First form: no capture, no prescaler; a period is given in nanoseconds of machine time.
 */
import type { Alarm } from '../clock/alarms.ts';
import type { Duration } from '../clock/instant.ts';
import type { LineNumber } from '../interrupts/exceptions.ts';
import type { Board } from './device.ts';

export const TIMER_COUNT = 16;

interface Timer {
  readonly alarm: Alarm;
  period: Duration;
  repeat: boolean;
}

export class Timers {
  readonly #timers: readonly Timer[];

  /** `lines[id]` is what timer `id` pends. */
  constructor(board: Board, lines: readonly LineNumber[]) {
    this.#timers = lines.map((line, id) => {
      const source = `timer ${id}`;
      const timer: Timer = {
        alarm: board.alarm(() => {
          if (timer.repeat) timer.alarm.after(timer.period);
          board.pend(line, source);
        }),
        period: 0 as Duration,
        repeat: false,
      };
      return timer;
    });
  }

  /** Expires `period` from now, and again every period when it repeats. A period of 0 stops it. */
  start(id: number, period: Duration, repeat: boolean): void {
    const timer = this.#timers[id]!;
    timer.period = period;
    timer.repeat = repeat;
    if (period === 0) timer.alarm.cancel();
    else timer.alarm.after(period);
  }

  stop(id: number): void {
    this.#timers[id]!.alarm.cancel();
  }
}
