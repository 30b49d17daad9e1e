/** The limit of a run in wall-clock time, by a monotonic clock that the host gives. Counts from when it is made. */
import { formatDuration } from '../clock/instant.ts';
import type { Outcome } from './outcome.ts';
import type { Lookout, LoopOptions } from './participants.ts';

/** With a wall-clock limit, the guest comes by at least every so many instructions (a few ms of real time). */
const WALL_CHECK_BUDGET = 1 << 22;

export class WallLimit implements Lookout {
  readonly distance = WALL_CHECK_BUDGET;
  readonly #wall: NonNullable<LoopOptions['wall']>;
  readonly #deadlineMs: number;

  constructor(wall: NonNullable<LoopOptions['wall']>) {
    this.#wall = wall;
    this.#deadlineMs = wall.nowMs() + wall.limitMs;
  }

  /** The end that the limit makes, once it is reached. */
  look(): Outcome | undefined {
    if (this.#wall.nowMs() < this.#deadlineMs) return undefined;
    const limit = formatDuration(this.#wall.limitMs * 1e6);
    return { kind: 'timeout', limit: 'wall', message: `still running after ${limit} of wall time` };
  }
}
