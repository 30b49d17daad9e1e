/**
 * The clocks that the timers of signals go by, and alarms on them: machine time, and the guest's own work, in which its
 * sleep does not count. Classes: V8 knows a method for the same on every machine, and a closure for another one.
 */
import type { Alarm } from '../clock/alarms.ts';
import { type Instant, MAX_NS } from '../clock/instant.ts';
import type { SchedulerLoop } from '../scheduler/loop.ts';
import type { TimerAlarm, TimerClock } from '../signals/timers.ts';
import type { MachineCore } from './core.ts';

export class MachineTime implements TimerClock {
  readonly #core: MachineCore;

  constructor(core: MachineCore) {
    this.#core = core;
  }

  now(): number {
    return this.#core.clock.now;
  }

  alarm(fire: () => void): TimerAlarm {
    return new MachineTimeAlarm(this.#core, fire);
  }
}

class MachineTimeAlarm implements TimerAlarm {
  readonly #loop: SchedulerLoop;
  readonly #alarm: Alarm;

  constructor(core: MachineCore, fire: () => void) {
    this.#loop = core.loop;
    this.#alarm = core.loop.timeline.create(fire);
    core.atReset(() => this.cancel());
  }

  /** The guest's budget may lead beyond the alarm: the loop has to look. */
  at(ns: number): void {
    this.#alarm.at(ns);
    this.#loop.attend();
  }

  cancel(): void {
    this.#alarm.cancel();
  }
}

/** The guest's own work, in nanoseconds. */
export class WorkTime implements TimerClock {
  readonly #core: MachineCore;

  constructor(core: MachineCore) {
    this.#core = core;
  }

  now(): number {
    return workedFor(this.#core);
  }

  alarm(fire: () => void): TimerAlarm {
    return new WorkTimeAlarm(this.#core, fire);
  }
}

class WorkTimeAlarm implements TimerAlarm {
  readonly #loop: SchedulerLoop;
  readonly #hz: bigint;
  readonly #alarm: Alarm;

  constructor(core: MachineCore, fire: () => void) {
    this.#loop = core.loop;
    this.#hz = BigInt(core.clock.hz);
    this.#alarm = core.loop.workline.create(fire);
    core.atReset(() => this.cancel());
  }

  /** The first instruction at which so much time is over. Exact, which products of plain numbers would not be. */
  at(ns: number): void {
    this.#alarm.at(Number((BigInt(ns) * this.#hz + 999_999_999n) / 1_000_000_000n));
    this.#loop.attend();
  }

  cancel(): void {
    this.#alarm.cancel();
  }
}

/** CPU time: the guest's work in nanoseconds. */
export function workedFor(core: MachineCore): Instant {
  const ns = (BigInt(core.clock.instructions) * 1_000_000_000n) / BigInt(core.clock.hz);
  return Math.min(Number(ns), MAX_NS) as Instant;
}
