/**
 * SysTick, the system timer: counts `load` cycles down to 0, then begins again, and may pend its exception each time.
 * Follows ARMv7-M B3.3 and CMSIS-Core's names for its registers. There is one clock, so that CLKSOURCE changes nothing.
 */
import type { Alarm } from '../clock/alarms.ts';

/** The counter is 24 bits wide. */
export const MAX_RELOAD = 0xff_ffff;

/** Bits of the control and status register (B3.3.3). */
const ENABLE = 1 << 0;
const TICK_INT = 1 << 1;
const CLOCK_SOURCE = 1 << 2;
const COUNT_FLAG = 1 << 16;

/** Bits of the calibration register (B3.3.6): there is no other clock; the 10 ms are not exact. */
const NO_REFERENCE = 1 << 31;
const SKEW = 1 << 30;

export interface SysTickBoard {
  readonly hz: number;
  /** Cycles since reset. */
  elapsed(): number;
  alarm(fire: () => void): Alarm;
  pendSysTick(): void;
}

export class SysTick {
  readonly #board: SysTickBoard;
  readonly #alarm: Alarm;
  /** `ENABLE`, `TICK_INT`, `CLOCK_SOURCE`. */
  #control = 0;
  #countFlag = false;
  #load = 0;
  /** The counter while it stands still. */
  #frozen = 0;
  /** The cycle in which the counter comes to 0, while it counts. */
  #end = 0;
  /** So many cycles in whole nanoseconds, and what is over in parts of 1 / hz ns. */
  #cycles = 0;
  #period = 0;
  #fraction = 0;
  #carried = 0;

  constructor(board: SysTickBoard) {
    this.#board = board;
    this.#alarm = board.alarm(() => this.#wrap());
  }

  /** Starts with a period of `reload + 1` cycles; 0 stops. @returns 0, or 1 when reload does not fit (as SysTick_Config). */
  configure(reload: number): 0 | 1 {
    if (!Number.isInteger(reload) || reload < 0 || reload > MAX_RELOAD) return 1;
    this.#load = reload;
    this.#control = ENABLE | TICK_INT | CLOCK_SOURCE;
    this.clear();
    return 0;
  }

  /** As after a reset: it stands still. */
  reset(): void {
    this.#control = 0;
    this.#load = 0;
    this.#frozen = 0;
    this.#countFlag = false;
    this.#alarm.cancel();
  }

  /** SysTick->CTRL. Reading it clears COUNTFLAG, which says that the counter came to 0. */
  readControl(): number {
    const flag = this.#countFlag ? COUNT_FLAG : 0;
    this.#countFlag = false;
    return this.#control | flag;
  }

  writeControl(value: number): void {
    const wasCounting = (this.#control & ENABLE) !== 0;
    if (wasCounting) this.#frozen = this.value;
    this.#control = value & (ENABLE | TICK_INT | CLOCK_SOURCE);
    const counts = (this.#control & ENABLE) !== 0;
    if (counts && !wasCounting) this.#countFrom(this.#frozen);
    else if (!counts) this.#alarm.cancel();
  }

  /** SysTick->LOAD: takes effect when the counter next begins; 0 stops it then. */
  get load(): number {
    return this.#load;
  }
  set load(value: number) {
    this.#load = value & MAX_RELOAD;
  }

  /** SysTick->VAL: the counter. */
  get value(): number {
    if ((this.#control & ENABLE) === 0) return this.#frozen;
    const left = this.#end - this.#board.elapsed();
    // In the cycle before it begins again it is 0; so it is when it has no value to begin with.
    return left > 0 && left <= Math.max(this.#load, this.#frozen) ? left : 0;
  }

  /** Writing any value to SysTick->VAL: the counter and COUNTFLAG are cleared, and it begins anew. */
  clear(): void {
    this.#countFlag = false;
    this.#frozen = 0;
    if ((this.#control & ENABLE) !== 0) this.#countFrom(0);
  }

  /** SysTick->CALIB: the load value for 10 ms, where it fits. */
  get calibration(): number {
    const tenMs = Math.round(this.#board.hz / 100) - 1;
    const exact = this.#board.hz % 100 === 0;
    const known = tenMs >= 0 && tenMs <= MAX_RELOAD ? tenMs : 0;
    return (NO_REFERENCE | (exact ? 0 : SKEW) | known) >>> 0;
  }

  #countFrom(value: number): void {
    this.#carried = 0;
    this.#frozen = value;
    if (value === 0 && this.#load === 0) {
      this.#end = 0;
      this.#alarm.cancel();
    } else this.#countDown(this.#board.elapsed(), value === 0 ? this.#load + 1 : value);
  }

  /** The counter has come to 0. */
  #wrap(): void {
    this.#frozen = 0;
    if (this.#load > 0) this.#countDown(this.#end, this.#load + 1);
    this.#countFlag = true;
    if ((this.#control & TICK_INT) !== 0) this.#board.pendSysTick();
  }

  #countDown(from: number, cycles: number): void {
    this.#end = from + cycles;
    this.#alarm.after(this.#nanoseconds(cycles));
  }

  /** In whole ns, carrying the fraction on: at any hz, n periods take n * (load + 1) / hz without drift. */
  #nanoseconds(cycles: number): number {
    if (cycles !== this.#cycles) {
      const exact = BigInt(cycles) * 1_000_000_000n; // over hz; more than 2^53 for long periods
      const hz = BigInt(this.#board.hz);
      this.#cycles = cycles;
      this.#period = Number(exact / hz);
      this.#fraction = Number(exact % hz);
    }
    const carried = this.#carried + this.#fraction;
    const whole = carried >= this.#board.hz;
    this.#carried = whole ? carried - this.#board.hz : carried;
    return Math.max(1, this.#period + (whole ? 1 : 0));
  }
}
