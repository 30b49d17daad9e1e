/** Machine time that passes without the guest: it jumps to the next event, or to the end of a wait. */
import type { Alarms } from '../clock/alarms.ts';
import type { Instant } from '../clock/instant.ts';
import type { MachineClock } from '../clock/machine-clock.ts';
import type { Outside } from '../clock/real-time.ts';
import type { Attention } from './attention.ts';
import { endOfWaiting } from './due-events.ts';
import { END_OF_TIME, explainDeadlock, type Outcome } from './outcome.ts';
import type { LoopOptions, WaitOptions } from './participants.ts';

export class Jumps {
  readonly #clock: MachineClock;
  readonly #attention: Attention;
  readonly #timeline: Alarms;
  readonly #workline: Alarms;
  readonly #outside: Outside | undefined;

  constructor(attention: Attention, timeline: Alarms, workline: Alarms, { clock, outside }: LoopOptions) {
    this.#attention = attention;
    this.#clock = clock;
    this.#timeline = timeline;
    this.#workline = workline;
    this.#outside = outside;
  }

  /** What the guest holds of its budget leads to a count of instructions, which is now too far. */
  to(target: Instant): void {
    this.#clock.jumpTo(target);
    this.#attention.budgetIsStale();
  }

  /** To what comes first, the next event or the deadline. @returns how the run ends where neither will come. */
  ahead({ deadline, explain }: WaitOptions): Outcome | undefined {
    const next = this.#timeline.nextKey ?? (deadline === undefined ? endOfWaiting(this.#outside) : undefined);
    const target = next === undefined ? deadline : deadline === undefined ? next : Math.min(next, deadline);
    if (target !== undefined) {
      this.to(target as Instant);
      return undefined;
    }
    if (this.#timeline.reachedEnd) return END_OF_TIME;
    const message = explainDeadlock(this.#clock.now, this.#workline.nextKey, explain?.());
    return { kind: 'deadlock', message };
  }

  /** To the next event, for a machine that lives on them. @returns how the run ends where there is none. */
  toNext(): Outcome | undefined {
    const next = this.#timeline.nextKey ?? endOfWaiting(this.#outside);
    if (next === undefined) return this.#timeline.reachedEnd ? END_OF_TIME : { kind: 'idle' };
    this.to(next as Instant);
    return undefined;
  }
}
