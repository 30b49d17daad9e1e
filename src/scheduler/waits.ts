/**
 * Threads that wait, and for what: conditions and interrupts are asked about each time the scheduler looks, in the order
 * in which the waits began; plain deadlines are alarms. Says who waits for what when nothing can wake them any more.
 */
import type { Instant } from '../clock/instant.ts';
import type { SchedulerLoop } from './loop.ts';
import type { Thread, Waiting, WaitOutcome } from './thread.ts';

/** More would not help anybody who reads it. */
const EXPLAINED = 8;

export class Waits {
  readonly #loop: SchedulerLoop;
  readonly #wake: (thread: Thread, outcome: WaitOutcome) => void;
  readonly #blocked = new Set<Thread>();
  readonly #watched = new Set<Thread>();
  /** Handlers that have run since reset: one more ends a wait for an interrupt. */
  handlersRun = 0;

  constructor(loop: SchedulerLoop, wake: (thread: Thread, outcome: WaitOutcome) => void) {
    this.#loop = loop;
    this.#wake = wake;
  }

  get count(): number {
    return this.#blocked.size;
  }

  /** How a wait that began when so many handlers had run ends by now; undefined while it goes on. */
  outcomeOf({ ready, wakeOnInterrupt, deadline }: Waiting, handlersBefore: number): WaitOutcome | undefined {
    if (ready?.() === true) return 'ready';
    if (wakeOnInterrupt === true && this.handlersRun !== handlersBefore) return 'interrupted';
    return deadline !== undefined && this.#loop.now >= deadline ? 'elapsed' : undefined;
  }

  add(thread: Thread, waiting: Waiting): void {
    thread.waiting = waiting;
    this.#blocked.add(thread);
    const asks = waiting.ready !== undefined || waiting.wakeOnInterrupt === true;
    if (asks) this.#watched.add(thread);
    if (waiting.deadline === undefined) return;
    // Where there is a condition too, time only has to stop here for it to be asked.
    thread.alarm = this.#loop.timeline.create(asks ? () => {} : () => this.#wake(thread, 'elapsed'));
    thread.alarm.at(waiting.deadline as Instant);
  }

  remove(thread: Thread): void {
    this.#blocked.delete(thread);
    this.#watched.delete(thread);
    thread.alarm?.cancel();
    thread.alarm = undefined;
    thread.waiting = undefined;
  }

  forget(): void {
    for (const thread of [...this.#blocked]) this.remove(thread);
  }

  /** Asks about every condition. */
  poll(): void {
    if (this.#watched.size === 0) return;
    for (const thread of [...this.#watched]) {
      const outcome = this.outcomeOf(thread.waiting!, thread.handlersBefore);
      if (outcome !== undefined) this.#wake(thread, outcome);
    }
  }

  /** `the main task waits for task 2; task 2 waits to be woken`. */
  explain(): string {
    const all = [...this.#blocked];
    const words = all.slice(0, EXPLAINED).map((thread) => {
      return `${nameOf(thread)} waits ${thread.waiting?.what ?? 'for an interrupt'}`;
    });
    if (all.length > EXPLAINED) words.push(`${all.length - EXPLAINED} more wait`);
    return words.join('; ');
  }
}

/** `the main task`, `task 3`, `the handler of exception 19`. */
export function nameOf(thread: Thread): string {
  if (thread.kind === 'handler') return `the handler of exception ${thread.id}`;
  return thread.id === 0 ? 'the main task' : `task ${thread.id}`;
}
