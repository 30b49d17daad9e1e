/** The limit of a run in wall-clock time, by a monotonic clock that the host gives. Counts from when it is made. */
import { formatDuration } from '../clock/instant.ts';
import type { Outcome } from './outcome.ts';
import type { LoopOptions } from './participants.ts';

export class WallLimit {
  readonly #wall: NonNullable<LoopOptions['wall']>;
  readonly #deadlineMs: number;

  constructor(wall: NonNullable<LoopOptions['wall']>) {
    this.#wall = wall;
    this.#deadlineMs = wall.nowMs() + wall.limitMs;
  }

  /** The end that the limit makes, once it is reached. */
  reached(): Outcome | undefined {
    if (this.#wall.nowMs() < this.#deadlineMs) return undefined;
    const limit = formatDuration(this.#wall.limitMs * 1e6);
    return { kind: 'timeout', limit: 'wall', message: `still running after ${limit} of wall time` };
  }
}
