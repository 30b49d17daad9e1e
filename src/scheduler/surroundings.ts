/** What the loop looks at besides the controller: events that are due, what came from outside, and those who attend to it. */
import type { Alarms } from '../clock/alarms.ts';
import type { MachineClock } from '../clock/machine-clock.ts';
import type { Outside } from '../clock/real-time.ts';
import { runDueEvents, somethingArrived } from './due-events.ts';
import type { Attendant } from './participants.ts';

export class Surroundings {
  readonly #clock: MachineClock;
  readonly #timeline: Alarms;
  readonly #workline: Alarms;
  readonly #outside: Outside | undefined;
  readonly #attendants: Attendant[] = [];
  #post: Attendant | undefined;

  constructor(clock: MachineClock, timeline: Alarms, workline: Alarms, outside: Outside | undefined) {
    this.#clock = clock;
    this.#timeline = timeline;
    this.#workline = workline;
    this.#outside = outside;
  }

  attendWith(attendant: Attendant): void {
    this.#attendants.push(attendant);
  }

  /** Posts to the mailbox what goes that way: the last thing before a handler is chosen. */
  postWith(post: Attendant): void {
    this.#post = post;
  }

  /** In real time, whether something arrived, in a clock that is settled. */
  get hasNews(): boolean {
    return this.#outside !== undefined && somethingArrived(this.#outside, this.#clock, this.#timeline);
  }

  /** What is due happens. @returns whether there may be more. */
  happen(): boolean {
    if (this.#outside?.rung === true) this.#outside.take();
    return runDueEvents(this.#clock, this.#timeline, this.#workline);
  }

  /** All who attend have a look. */
  attend(): void {
    for (let i = 0; i < this.#attendants.length; i++) this.#attendants[i]!();
    this.#post?.();
  }
}
