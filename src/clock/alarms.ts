/**
 * Reusable alarms over one event queue. Setting and cancelling allocate nothing: the queue holds the alarm itself.
 *
 * An alarm that is set while alarms run counts from the moment its predecessor was *due*, not from the moment the guest
 * was interrupted: a periodic alarm does not drift.
 */
import { EventQueue, QueuedEvent } from './event-queue.ts';

/** A slow clock with a fast timer makes millions due in one cycle. */
const AT_ONCE = 4096;

/** No key is beyond this: later is never. For machine time it is MAX_NS. */
const END = Number.MAX_SAFE_INTEGER;

/** One event that can be set again and again. Keys are what the queue is keyed by: machine time in ns, or instructions. */
export interface Alarm {
  /**
   * Sets it for `distance` from now (or from the alarm that is running now), replacing an earlier setting.
   * Beyond 2^53 - 1, the end of machine time, it never comes, and is not set.
   */
  after(distance: number): void;
  /** Sets it for the point `key`, replacing an earlier setting. */
  at(key: number): void;
  cancel(): void;
  readonly isSet: boolean;
}

/** Hears of every alarm that is set or cancelled: the guest may have been granted too much, or too little. */
export interface AlarmListener {
  budgetIsStale(): void;
}

const NOBODY: AlarmListener = { budgetIsStale: () => {} };

class QueuedAlarm extends QueuedEvent implements Alarm {
  readonly #queue: Alarms;
  readonly fire: () => void;

  constructor(queue: Alarms, fire: () => void) {
    super();
    this.#queue = queue;
    this.fire = fire;
  }

  get isSet(): boolean {
    return this.place !== undefined;
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
  readonly #listener: AlarmListener;
  #reachedEnd = false;
  #running = false;
  /** When the alarm that is running was due. */
  #runningKey = 0;

  /** `now` gives the present in the queue's own key. */
  constructor(now: () => number, listener: AlarmListener = NOBODY) {
    this.#now = now;
    this.#listener = listener;
  }

  /** What `after` counts from. */
  get base(): number {
    return this.#running ? this.#runningKey : this.#now();
  }

  /** Whether an alarm was set for beyond the end of the queue's key, and so never comes. */
  get reachedEnd(): boolean {
    return this.#reachedEnd;
  }

  create(fire: () => void): Alarm {
    return new QueuedAlarm(this, fire);
  }

  /** When the next alarm is due; undefined when none is set. */
  get nextKey(): number | undefined {
    return this.#events.nextKey;
  }

  /**
   * Runs the alarms that are due at `now`, in order, including those set meanwhile: so many at once, that the caller
   * can look after its limits. @returns whether there may be more.
   */
  runDue(now: number): boolean {
    for (let left = AT_ONCE; left > 0; left--) {
      const alarm = this.#events.takeDue(now);
      if (alarm === undefined) return false;
      this.#running = true;
      this.#runningKey = alarm.key;
      try {
        alarm.fire();
      } finally {
        this.#running = false;
      }
    }
    return true;
  }

  schedule(alarm: QueuedAlarm, key: number): void {
    if (alarm.isSet) this.#events.remove(alarm);
    this.#listener.budgetIsStale();
    if (key <= END) this.#events.schedule(key, alarm);
    else this.#reachedEnd = true;
  }

  unschedule(alarm: QueuedAlarm): void {
    if (!alarm.isSet) return;
    this.#events.remove(alarm);
    this.#listener.budgetIsStale();
  }
}
