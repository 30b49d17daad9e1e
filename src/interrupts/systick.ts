/**
 * SysTick, the periodic system timer (ARMv7-M B3.3): pends its exception every `reload + 1` cycles.
 * First form: the reload value starts and stops it; current value, flag and calibration belong to the full model.
 */
import type { Alarm } from '../clock/alarms.ts';

/** The counter is 24 bits wide. */
export const MAX_RELOAD = 0xff_ffff;

export interface SysTickBoard {
  readonly hz: number;
  alarm(fire: () => void): Alarm;
  pendSysTick(): void;
}

export class SysTick {
  readonly #board: SysTickBoard;
  readonly #alarm: Alarm;
  /** A period in whole nanoseconds, and what is over in parts of 1 / hz ns. */
  #period = 0;
  #fraction = 0;
  #carried = 0;

  constructor(board: SysTickBoard) {
    this.#board = board;
    this.#alarm = board.alarm(() => {
      this.#alarm.after(this.#nextPeriod());
      board.pendSysTick();
    });
  }

  /** Starts with a period of `reload + 1` cycles; 0 stops. @returns 0, or 1 when reload does not fit (as SysTick_Config). */
  configure(reload: number): 0 | 1 {
    if (!Number.isInteger(reload) || reload < 0 || reload > MAX_RELOAD) return 1;
    const exact = BigInt(reload + 1) * 1_000_000_000n; // over hz; more than 2^53 for long periods
    const hz = BigInt(this.#board.hz);
    this.#period = Number(exact / hz);
    this.#fraction = Number(exact % hz);
    this.#carried = 0;
    if (reload > 0) this.#alarm.after(this.#nextPeriod());
    else this.#alarm.cancel();
    return 0;
  }

  /** A period in whole ns, carrying the fraction on: at any hz, n periods take n * (reload + 1) / hz without drift. */
  #nextPeriod(): number {
    const carried = this.#carried + this.#fraction;
    const whole = carried >= this.#board.hz;
    this.#carried = whole ? carried - this.#board.hz : carried;
    return Math.max(1, this.#period + (whole ? 1 : 0));
  }
}
