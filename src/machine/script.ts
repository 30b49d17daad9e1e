/**
 * Scripts: a generator that acts on a machine and waits for it. Its code between two waits runs while the guest is
 * paused, so nothing it does races with the firmware. A scenario is such a script (scenario/player.ts).
 */
import type { Alarm } from '../clock/alarms.ts';
import { type Duration, formatDuration, type Instant } from '../clock/instant.ts';

/** Something to wait for: `ready` is asked each time the machine's loop runs. */
export interface Wait {
  /** As it stands in a message: `serial output "ready"`. */
  readonly what: string;
  readonly ready: () => boolean;
  /** Machine time after which the wait fails; undefined waits for ever. */
  readonly timeout: Duration | undefined;
  /** What was seen instead, for the message of a wait that failed. */
  readonly seen?: (() => string) | undefined;
}

/** A wait that did not come true: its time ran out, or the guest ended first. Thrown into the script. */
export class WaitError extends Error {
  override readonly name = 'WaitError';
  readonly what: string;
  readonly at: Instant;
  readonly seen: string | undefined;

  constructor(wait: Wait, reason: string, at: Instant) {
    const seen = wait.seen?.();
    super(`${wait.what} did not come: ${reason} at ${formatDuration(at)}${seen === undefined ? '' : ` (${seen})`}`);
    this.what = wait.what;
    this.at = at;
    this.seen = seen;
  }
}

export type Script = Generator<Wait, unknown, unknown>;

export interface ScriptHost {
  now(): Instant;
  alarm(fire: () => void): Alarm;
  /** How the guest ended, in words; undefined while it runs. */
  ended(): string | undefined;
}

/** Takes a script forward. */
export class ScriptDriver {
  readonly #script: Script;
  readonly #host: ScriptHost;
  readonly #alarm: Alarm;
  #waiting: Wait | undefined;
  #timedOut = false;
  #started = false;
  #done = false;
  #error: unknown;
  #failed = false;

  constructor(script: Script, host: ScriptHost) {
    this.#script = script;
    this.#host = host;
    this.#alarm = host.alarm(() => {
      this.#timedOut = true;
    });
  }

  get done(): boolean {
    return this.#done;
  }

  /** What the script threw, if it did. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failed ? { error: this.#error } : undefined;
  }

  /** Runs the script as far as it goes without waiting. */
  advance(): void {
    while (!this.#done) {
      const wait = this.#waiting;
      if (wait === undefined) {
        this.#resume(undefined);
      } else if (wait.ready()) {
        this.#resume(undefined);
      } else {
        const ended = this.#host.ended();
        if (this.#timedOut) this.#resume(new WaitError(wait, 'its time ran out', this.#host.now()));
        else if (ended !== undefined) this.#resume(new WaitError(wait, `the guest ended (${ended})`, this.#host.now()));
        else return;
      }
    }
  }

  #resume(error: WaitError | undefined): void {
    this.#alarm.cancel();
    this.#timedOut = false;
    this.#waiting = undefined;
    try {
      const next = error === undefined || !this.#started ? this.#script.next() : this.#script.throw(error);
      this.#started = true;
      this.#done = next.done === true;
      if (next.done === true) return;
      this.#waiting = next.value;
      if (next.value.timeout !== undefined) this.#alarm.after(next.value.timeout);
    } catch (thrown) {
      this.#done = true;
      this.#failed = true;
      this.#error = thrown;
    }
  }
}
