/**
 * How long a task runs before its equals have their turn. A slice has an end only where somebody of the same level waits
 * for it: a task that is alone is not interrupted for nothing.
 */
import type { Alarm } from '../clock/alarms.ts';
import type { Duration } from '../clock/instant.ts';
import type { SchedulerLoop } from './loop.ts';
import type { Thread } from './thread.ts';

export class Slices {
  readonly #loop: SchedulerLoop;
  readonly #length: Duration;
  readonly #alarm: Alarm;
  #end = 0;
  #over = false;
  /** Whose slice it is. */
  #thread: Thread | undefined;

  constructor(loop: SchedulerLoop, length: Duration) {
    this.#loop = loop;
    this.#length = length;
    this.#alarm = loop.timeline.create(() => {
      this.#over = true;
    });
  }

  /** Whether the present slice has ended. */
  get over(): boolean {
    return this.#over;
  }

  begin(thread: Thread, topLevel: number | undefined): void {
    this.#alarm.cancel();
    this.#over = false;
    this.#end = this.#loop.now + this.#length;
    this.#thread = thread;
    this.watch(topLevel);
  }

  stop(): void {
    this.#alarm.cancel();
    this.#thread = undefined;
  }

  /** Somebody has become ready. */
  watch(topLevel: number | undefined): void {
    const thread = this.#thread;
    if (thread === undefined || this.#over || this.#alarm.isSet) return;
    if (thread.kind === 'task' && topLevel === thread.level) this.#alarm.at(Math.max(this.#end, this.#loop.now));
  }
}
