/**
 * How far the guest may run: its budget leads to the next event in machine time or in instructions, to the next poll, or to
 * the next time that somebody looks in, whichever comes first. The guest calls out when it has charged more than that.
 */
import type { Alarms } from '../clock/alarms.ts';
import type { Instant } from '../clock/instant.ts';
import type { MachineClock } from '../clock/machine-clock.ts';
import { MAX_BUDGET } from '../clock/virtual-clock.ts';
import type { Attention } from './attention.ts';
import type { Outcome } from './outcome.ts';
import type { Lookout, LoopOptions } from './participants.ts';
import { WallLimit } from './wall-limit.ts';

/** While handlers wait for a masked region to end, the guest comes by this often: soon, but not at every safepoint. */
const MASKED_RETRY_BUDGET = 256;

export class Grants {
  readonly #clock: MachineClock;
  readonly #timeline: Alarms;
  readonly #workline: Alarms;
  readonly #wall: WallLimit | undefined;
  readonly #lookouts: readonly Lookout[];
  readonly #attention: Attention;
  #pollCycles = MAX_BUDGET;
  /** The instruction count at which the guest comes by for what the machine does, those who look in apart. */
  #dueAt = 0;
  #leadToEvent = false;

  constructor(attention: Attention, timeline: Alarms, workline: Alarms, { clock, wall, lookout }: LoopOptions) {
    this.#attention = attention;
    this.#clock = clock;
    this.#timeline = timeline;
    this.#workline = workline;
    this.#wall = wall === undefined ? undefined : new WallLimit(wall);
    this.#lookouts = [this.#wall, lookout].filter((each) => each !== undefined);
  }

  /** The guest comes by at least every `cycles`. */
  pollEvery(cycles: number): void {
    this.#pollCycles = Math.max(1, Math.min(cycles, this.#pollCycles));
  }

  /** The guest came by only for those who look in. */
  get isEarly(): boolean {
    return this.#clock.instructions < this.#dueAt;
  }

  /** What was granted last ends at an event, and would end there too if it were granted anew: others count from here. */
  get leadToEvent(): boolean {
    return this.#leadToEvent;
  }

  /** @returns the budget up to the next event. */
  renew(most: number = MAX_BUDGET): number {
    const longest = this.#pollCycles < most ? this.#pollCycles : most;
    let distance = longest;
    const time = this.#timeline.nextKey;
    if (time !== undefined) {
      const toEvent = this.#clock.budgetUntil(time as Instant);
      if (toEvent < distance) distance = toEvent; // Math.min would make them floats
    }
    const work = this.#workline.nextKey;
    if (work !== undefined) {
      const toCount = this.#clock.budgetUntilCount(work);
      if (toCount < distance) distance = toCount;
    }
    this.#dueAt = this.#clock.instructions + distance;
    this.#leadToEvent = distance < longest;
    // What is due already is still to be looked at: a budget of nothing does not say so.
    if (distance > 0) this.#attention.budgetIsRenewed();
    return this.untilDue();
  }

  /** @returns a small budget: what waits for the end of a masked region is looked at again soon. */
  retrySoon(): number {
    const budget = this.renew(MASKED_RETRY_BUDGET);
    this.#attention.budgetIsStale();
    return budget;
  }

  /** @returns the rest of what was granted, up to the next time that somebody looks in. */
  untilDue(): number {
    let distance = this.#dueAt - this.#clock.instructions;
    for (let i = 0; i < this.#lookouts.length; i++) {
      const toLook = this.#lookouts[i]!.distance;
      if (toLook >= distance) continue;
      distance = toLook;
      this.#leadToEvent = false;
    }
    const budget = distance > 0 ? distance - 1 : 0;
    this.#clock.grant(budget);
    return budget;
  }

  /** @returns how the run ends, if its wall-clock time is over. */
  lookAtWall(): Outcome | undefined {
    return this.#wall?.look();
  }

  /** Lets those look in who want to. @returns how the run ends, if one of them says so. */
  lookIn(): Outcome | undefined {
    for (let i = 0; i < this.#lookouts.length; i++) {
      const outcome = this.#lookouts[i]!.look();
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  }
}
