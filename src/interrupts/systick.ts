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
  #reload = 0;
  #remainder = 0;

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
    this.#reload = reload;
    this.#remainder = 0;
    if (reload > 0) this.#alarm.after(this.#nextPeriod());
    else this.#alarm.cancel();
    return 0;
  }

  /** A period in whole ns, carrying the fraction on: at any hz, n periods take n * (reload + 1) / hz without drift. */
  #nextPeriod(): number {
    const exact = (this.#reload + 1) * 1e9 + this.#remainder;
    const ns = Math.floor(exact / this.#board.hz);
    this.#remainder = exact - ns * this.#board.hz;
    return Math.max(1, ns);
  }
}
