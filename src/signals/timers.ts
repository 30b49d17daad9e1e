/**
 * Timers that send signals: the three interval timers with alarm (POSIX.1-2017, setitimer(); alarm()) and those of
 * timer_create (POSIX.1-2024). Times are nanoseconds of one of two clocks: machine time, or the program's work, in
 * which its sleep does not count. Leaves out SIGEV_THREAD.
 */
import type { Sender } from './process-signals.ts';
import { SI_KERNEL, SI_TIMER, type SignalInfo, type SignalSource, signalInfo } from './siginfo.ts';

/** A clock to set timers by. */
export interface TimerClock {
  /** Nanoseconds. */
  now(): number;
  /** An alarm on it; it is set for a point in the clock's own time. */
  alarm(fire: () => void): TimerAlarm;
}

export interface TimerAlarm {
  at(ns: number): void;
  cancel(): void;
}

/** What is left, and the period; both 0 when the timer is not running. */
export interface TimerSetting {
  readonly left: number;
  readonly period: number;
}

/** So many periods take as long to count as to divide by. */
const FEW = 4;

abstract class Timer {
  readonly clock: TimerClock;
  readonly #alarm: TimerAlarm;
  #runs = false;
  /** When it runs. */
  #due = 0;
  /** 0: once. */
  #period = 0;

  constructor(clock: TimerClock) {
    this.clock = clock;
    this.#alarm = clock.alarm(() => this.expire());
  }

  protected abstract expire(): void;

  get setting(): TimerSetting {
    if (!this.#runs) return { left: 0, period: 0 };
    // One that runs never shows 0, which would say that it does not (setitimer(2)).
    const now = this.clock.now();
    return { left: Math.max(1, this.#dueAfter(now) - now), period: this.#period };
  }

  /** Starts it for a point in time, then every `period` (0: once); undefined stops it. */
  start(due: number | undefined, period: number): void {
    this.#runs = due !== undefined;
    if (due === undefined) {
      this.#alarm.cancel();
      return;
    }
    this.#due = due;
    this.#period = period;
    this.#alarm.at(due);
  }

  /** The first expiration after `now`, of one whose next would have been before it. */
  #dueAfter(now: number): number {
    const due = this.#due;
    if (due > now || this.#period === 0) return due;
    return due + (wholePeriods(now - due, this.#period) + 1) * this.#period;
  }

  /** Sets it for its next expiration after now. @returns how many were passed over. */
  protected proceed(): number {
    if (!this.#runs) return 0;
    const due = this.#due;
    const period = this.#period;
    const now = this.clock.now();
    if (due > now) return 0;
    if (period === 0) {
      this.#runs = false;
      return 0;
    }
    const passedOver = wholePeriods(now - due, period);
    const next = due + (passedOver + 1) * period;
    this.#due = next;
    this.#alarm.at(next);
    return passedOver;
  }
}

/** How many periods have passed: mostly none or few, and those are counted sooner than divided. */
function wholePeriods(time: number, period: number): number {
  let rest = time;
  for (let counted = 0; counted < FEW; counted++) {
    if (rest < period) return counted;
    rest -= period;
  }
  return Math.floor(time / period);
}

/** ITIMER_REAL, ITIMER_VIRTUAL or ITIMER_PROF. */
export class IntervalTimer extends Timer {
  /** Nothing of it is set when it is taken, and so it is always the same. */
  readonly #info: SignalInfo;
  readonly #name: string;
  readonly #sender: Sender;

  constructor(clock: TimerClock, signal: number, name: string, sender: Sender) {
    super(clock);
    this.#info = signalInfo(signal, SI_KERNEL);
    this.#name = name;
    this.#sender = sender;
  }

  protected override expire(): void {
    this.#sender.send(this.#info, 'process', this.#name);
    this.proceed();
  }
}

/**
 * A timer of timer_create. While its signal is pending it stands still; when the signal is taken, what it would have
 * sent meanwhile is its overrun (timer_getoverrun()).
 */
export class SignalTimer extends Timer implements SignalSource {
  /** Undefined where it sends nothing. Pending once at most, and so always the same. */
  readonly #info: SignalInfo | undefined;
  readonly #name: string;
  readonly #sender: Sender;
  /** Of the signal that was taken last. */
  overrun = 0;
  #pending = false;

  /** `signal` undefined: it sends nothing (SIGEV_NONE). */
  constructor(clock: TimerClock, id: number, signal: number | undefined, value: number, sender: Sender) {
    super(clock);
    this.#info = signal === undefined ? undefined : signalInfo(signal, SI_TIMER, { timer: id, value, source: this });
    this.#name = `timer ${id}`;
    this.#sender = sender;
  }

  override start(due: number | undefined, period: number): void {
    this.overrun = 0;
    super.start(due, period);
  }

  protected override expire(): void {
    if (this.#info === undefined) {
      this.proceed();
      return;
    }
    if (this.#pending) return; // started anew, and expired, before the first signal was taken: an overrun
    this.#pending = true;
    const result = this.#sender.send(this.#info, 'process', this.#name);
    if (result === 'coalesced' || result === 'bare' || result === 'full') this.dropped();
  }

  taken(): number {
    this.#pending = false;
    this.overrun = this.proceed();
    return this.overrun;
  }

  dropped(): void {
    this.#pending = false;
    this.proceed();
  }
}
