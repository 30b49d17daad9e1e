/**
 * What was asked to happen at moments: in machine time, at instruction counts, at entries of functions, again and again.
 * All of it acts while the guest is paused. Remembers what never came, for whoever asked for it should know.
 */
import type { Alarm } from '../clock/alarms.ts';
import { formatDuration } from '../clock/instant.ts';
import type { SchedulerLoop } from '../scheduler/loop.ts';
import type { Firmware } from './firmware.ts';
import type { Time } from './options.ts';
import { refuseMoment } from './preemption.ts';
import { checkMoment, type Repetition, type When } from './when.ts';

export class Moments {
  readonly #loop: SchedulerLoop;
  readonly #firmware: Firmware;
  /** What was asked for before the run, for a single moment. */
  readonly #expected: { readonly alarm: Alarm; readonly moment: string }[] = [];
  #hasBegun = false;

  constructor(loop: SchedulerLoop, firmware: Firmware) {
    this.#loop = loop;
    this.#firmware = firmware;
  }

  /** The run begins: what is at once happens at once from now on. */
  begin(): void {
    this.#hasBegun = true;
  }

  /** Moments that something was asked for and that never came. */
  get missed(): string[] {
    return this.#expected.filter(({ alarm }) => alarm.isSet).map(({ moment }) => moment);
  }

  /** See `Machine.at`. @throws WirqError `bad-argument` for what is no time, or no function of the module. */
  at(when: When | Time | undefined, act: () => void, repeat: Repetition = {}): void {
    const { timeline, workline } = this.#loop;
    const { moment, period } = checkMoment(when, repeat);
    let left = repeat.count ?? (period === undefined ? 1 : Number.POSITIVE_INFINITY);
    const next = period === undefined ? undefined : timeline.create(() => step());
    const step = () => {
      if (left <= 0) return;
      left--;
      if (left > 0) next?.after(period!);
      act();
    };
    switch (moment?.kind) {
      case undefined:
        // Before the run there is no loop to act in: the first thing it does, at time 0.
        if (this.#hasBegun) step();
        else timeline.create(step).at(0);
        return;
      case 'time':
        this.#expect(timeline.create(step), moment.at, formatDuration(moment.at));
        return;
      case 'instruction':
        if (this.#firmware.preempt !== 'safepoints') refuseMoment('instruction counts', this.#firmware.preempt);
        this.#expect(workline.create(step), moment.count, `instruction ${moment.count}`);
        return;
      case 'every':
        next!.after(period!);
        return;
      case 'function':
        this.#firmware.atEntry(moment.name, moment.entry, step);
    }
  }

  #expect(alarm: Alarm, key: number, moment: string): void {
    alarm.at(key);
    if (!this.#hasBegun) this.#expected.push({ alarm, moment });
  }
}
