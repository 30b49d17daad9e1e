/**
 * Reusable alarms over one event queue. Setting and cancelling allocate nothing: the heap holds the alarm itself, and
 * an entry whose alarm has since been cancelled or set anew is stale and skipped.
 *
 * An alarm that is set while alarms run counts from the moment its predecessor was *due*, not from the moment the guest
 * was interrupted: a periodic alarm does not drift.
 */
import { EventQueue } from './event-queue.ts';

/** Stale entries are swept out when they outnumber the live ones, but not for fewer than this. */
const SWEEP_FROM = 1024;

/** One event that can be set again and again. Keys are what the queue is keyed by: machine time in ns, or instructions. */
export interface Alarm {
  /** Sets it for `distance` from now (or from the alarm that is running now), replacing an earlier setting. */
  after(distance: number): void;
  /** Sets it for the point `key`, replacing an earlier setting. */
  at(key: number): void;
  cancel(): void;
  readonly isSet: boolean;
}

class QueuedAlarm implements Alarm {
  readonly #queue: Alarms;
  readonly fire: () => void;
  key: number | undefined;

  constructor(queue: Alarms, fire: () => void) {
    this.#queue = queue;
    this.fire = fire;
  }

  get isSet(): boolean {
    return this.key !== undefined;
  }

  after(distance: number): void {
    this.#queue.schedule(this, this.#queue.base + distance);
  }

  at(key: number): void {
    this.#queue.schedule(this, key);
  }

  cancel(): void {
    this.#queue.unschedule(this);
  }
}

export class Alarms {
  readonly #events = new EventQueue<QueuedAlarm>();
  readonly #now: () => number;
  #stale = 0;
  #running: number | undefined;

  /** `now` gives the present in the queue's own key. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** What `after` counts from. */
  get base(): number {
    return this.#running ?? this.#now();
  }

  create(fire: () => void): Alarm {
    return new QueuedAlarm(this, fire);
  }

  /** When the next alarm is due; undefined when none is set. */
  get nextKey(): number | undefined {
    for (;;) {
      const key = this.#events.nextKey;
      if (key === undefined || this.#stale === 0) return key;
      const top = this.#events.first!;
      if (top.key === key) return key;
      this.#events.takeDue(key);
      this.#stale--;
    }
  }

  /** Runs every alarm that is due at `now`, in order, including those set meanwhile. @returns whether any ran. */
  runDue(now: number): boolean {
    let ran = false;
    for (;;) {
      const key = this.#events.nextKey;
      if (key === undefined || key > now) return ran;
      const alarm = this.#events.takeDue(key)!;
      if (alarm.key !== key) {
        this.#stale--;
        continue;
      }
      alarm.key = undefined;
      this.#running = key;
      try {
        alarm.fire();
      } finally {
        this.#running = undefined;
      }
      ran = true;
    }
  }

  schedule(alarm: QueuedAlarm, key: number): void {
    this.unschedule(alarm);
    alarm.key = key;
    this.#events.schedule(key, alarm);
  }

  unschedule(alarm: QueuedAlarm): void {
    if (alarm.key === undefined) return;
    alarm.key = undefined;
    this.#stale++;
    if (this.#stale < SWEEP_FROM || this.#stale * 2 < this.#events.size) return;
    this.#events.removeWhere((each, key) => each.key !== key);
    this.#stale = 0;
  }
}
