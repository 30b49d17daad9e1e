/**
 * The clocks that the timers of signals go by, and alarms on them: machine time, and the guest's own work, in which its
 * sleep does not count. Classes: V8 knows a method for the same on every machine, and a closure for another one.
 */
import type { Alarm, Alarms } from '../clock/alarms.ts';
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
    return new LoopAlarm(this.#core, this.#core.loop.timeline, fire);
  }
}

/** An alarm that ends with the firmware, by the key of its queue. */
class LoopAlarm implements TimerAlarm {
  readonly #loop: SchedulerLoop;
  readonly #alarm: Alarm;

  constructor(core: MachineCore, queue: Alarms, fire: () => void) {
    this.#loop = core.loop;
    this.#alarm = queue.create(fire);
    core.atReset(() => this.cancel());
  }

  /** The guest's budget may lead beyond the alarm: the loop has to look. */
  at(key: number): void {
    this.#alarm.at(key);
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

class WorkTimeAlarm extends LoopAlarm {
  readonly #hz: bigint;

  constructor(core: MachineCore, fire: () => void) {
    super(core, core.loop.workline, fire);
    this.#hz = BigInt(core.clock.hz);
  }

  /** The first instruction at which so much time is over. Exact, which products of plain numbers would not be. */
  override at(ns: number): void {
    super.at(Number((BigInt(ns) * this.#hz + 999_999_999n) / 1_000_000_000n));
  }
}

/** CPU time: the guest's work in nanoseconds. */
export function workedFor(core: MachineCore): Instant {
  const ns = (BigInt(core.clock.instructions) * 1_000_000_000n) / BigInt(core.clock.hz);
  return Math.min(Number(ns), MAX_NS) as Instant;
}
