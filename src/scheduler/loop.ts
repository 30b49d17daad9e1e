/**
 * The scheduler loop: everything that happens to the guest happens here, in one order, at a time the loop chose.
 * Drain due events; take what the guest put into its outbox; let the script go on; deliver the most urgent interrupt;
 * then give the guest a budget up to the next event, or, while it waits, jump to that event.
 *
 * First form: one guest thread, handlers nested on the native stack. Nothing acts from inside a callback: host calls
 * only note that something changed (`attend`), and the loop runs before they return to the guest.
 */
import { assert } from '../assert.ts';
import { Alarms } from '../clock/alarms.ts';
import { after, type Duration, type Instant } from '../clock/instant.ts';
import type { MachineClock } from '../clock/machine-clock.ts';
import type { Outside } from '../clock/real-time.ts';
import type { InterruptController } from '../interrupts/controller.ts';
import type { ExceptionNumber } from '../interrupts/exceptions.ts';
import { endOfWaiting, runDueEvents, somethingArrived } from './due-events.ts';
import { Grants } from './grants.ts';
import { END_OF_TIME, explainDeadlock, type Outcome } from './outcome.ts';
import type { Attendant, Core, LoopOptions, SignalSource, WaitOptions } from './participants.ts';

/** So many handlers one after the other, and the limits of the run are looked at. */
const LONGEST_STORM = 256;

export class SchedulerLoop {
  /** Events in machine time (ns). */
  readonly timeline: Alarms;
  /** Events at instruction counts. */
  readonly workline: Alarms;
  readonly #options: LoopOptions;
  readonly #clock: MachineClock;
  readonly #outside: Outside | undefined;
  readonly #controller: InterruptController;
  readonly #attendants: Attendant[] = [];
  #post: Attendant | undefined;
  #signals: SignalSource | undefined;
  #mayBegin = () => true;
  /** Whether anything wants to be looked at each time. */
  #isWatched = false;
  readonly #grants: Grants;
  #core: Core | undefined;
  #outcome: Outcome | undefined;
  #handlersRun = 0;
  /** Cycles that had elapsed when a storm was last noticed. */
  #stormElapsed = -1;
  #running = false;
  #held = false;
  /** The firmware is to be left and started anew: its frames are unwound before anything else happens. */
  #restarting = false;
  /** No frame of the guest is there. */
  #idling = false;
  /** Set by host calls that may have changed something; cleared by the loop. */
  #attention = false;
  /** Set where a look at the controller is enough; cleared by the loop. */
  #offered = false;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#outside = options.outside;
    this.#controller = options.controller;
    this.timeline = new Alarms(() => this.#clock.now);
    this.workline = new Alarms(() => this.#clock.instructions);
    this.#grants = new Grants(this.timeline, this.workline, options);
  }

  /** Connects the instantiated guest. */
  connect(core: Core): void {
    core.setBudget(0); // nothing is granted yet, and so nothing has been used
    this.#clock.grant(0);
    this.#core = core;
    this.#restarting = false;
  }

  /** Machine time, as far as it is settled. */
  get now(): Instant {
    return this.#clock.now;
  }

  /** Whether a handler would run, were it not for a mask of the machine's own. */
  get deliverable(): boolean {
    return this.#controller.mostUrgent() !== undefined || this.#signalIsDeliverable();
  }

  /** How the run ended; undefined while it goes on. */
  get outcome(): Outcome | undefined {
    return this.#outcome;
  }

  attendWith(attendant: Attendant): void {
    this.#attendants.push(attendant);
    this.#isWatched = true;
  }

  /** Posts to the mailbox what goes that way: the last thing before a handler is chosen. */
  postWith(post: Attendant): void {
    this.#post = post;
    this.#isWatched = true;
  }

  /** Handlers of interrupts only begin where `mayBegin` says so: somebody else sees to it that it soon does. */
  beginWhere(mayBegin: () => boolean): void {
    this.#mayBegin = mayBegin;
  }

  deliverSignals(signals: SignalSource): void {
    this.#signals = signals;
  }

  /** @returns the budget for a signal's handler that is about to be called. */
  enterHandler(): number {
    this.#handlersRun++;
    return this.#grants.isStale ? this.#grants.renew() : this.#clock.granted;
  }

  /** Makes the loop run at least every `cycles`, for what must be polled. */
  pollEvery(cycles: number): void {
    this.#grants.pollEvery(cycles);
  }

  /** Notes that something changed inside a host call. */
  attend(): void {
    this.#attention = true;
  }

  /** Notes that an exception may have become deliverable, and nothing else happened. */
  attendInterrupt(): void {
    this.#offered = true;
  }

  /** Brings the clock up to date with the guest's counter: call before reading time inside a host call. */
  settle(): void {
    if (this.#core !== undefined) this.#clock.settle(this.#core.getBudget());
  }

  /** Ends the run. The first outcome stands. Unwinds the guest's frames, if there are any. */
  stop(outcome: Outcome): never {
    this.conclude(outcome);
    return this.#options.unwind();
  }

  /** Notes how the run ended, without unwinding: for callers with no guest frame above them. */
  conclude(outcome: Outcome): void {
    this.#outcome ??= outcome;
  }

  /** Leaves the firmware, to be started anew: `connect` ends it. */
  restart(): void {
    this.#restarting = true;
    this.#attention = true;
  }

  get restarting(): boolean {
    return this.#restarting && this.#outcome === undefined;
  }

  /** Machine time passes while no firmware runs: the time that a reset takes. */
  pass(time: Duration): void {
    this.#jumpTo(after(this.#clock.now, time));
  }

  /** The guest's counter ran out. @returns its new budget. */
  safepoint(remaining: number, masked: boolean): number {
    this.#clock.settle(remaining);
    if (this.#grants.isEarly && !this.#attention && !this.#offered) return this.#lookInOnly();
    this.#run(masked);
    return this.#grantAfter(masked);
  }

  /** A host call is about to return to the guest: what it made deliverable is delivered first, unless it is `masked`. */
  afterHostCall(masked = false): void {
    if (this.#outside !== undefined && !this.#running) {
      this.settle();
      this.#attention ||= somethingArrived(this.#outside, this.#clock, this.timeline);
    }
    if (!this.#attention && !this.#offered && this.#outcome === undefined) return;
    if (this.#running) return; // inside a handler's own event; the loop that called it looks again
    this.settle();
    this.#run(masked);
    if (masked || this.#grants.isStale) this.#core?.setBudget(this.#grantAfter(masked));
  }

  /** Runs the handler of a pending exception at once, where a trap has left no frame of the guest above it. */
  takeNow(n: ExceptionNumber): void {
    this.#grants.renew();
    this.#deliver(n);
  }

  /** The guest was stopped in the middle of its code, which holds what is left of its budget. */
  interrupted(masked: boolean): void {
    this.settle();
    this.#run(masked);
    this.#core?.setBudget(this.#grantAfter(masked));
  }

  /** Calls guest code that no handler may interrupt: what becomes pending waits for its end. Limits hold. */
  uninterrupted<T>(call: () => T): T {
    this.#held = true;
    try {
      this.refill();
      return call();
    } finally {
      this.settle();
      this.#held = false;
    }
  }

  /** Gives the guest its first budget before the machine calls into it. Handlers run before. */
  refill(): void {
    this.#run(false);
    this.#refill();
  }

  /** The guest comes by at its next safepoint or host call. */
  comeBySoon(): void {
    this.#attention = true;
    this.#core?.setBudget(this.#grants.renew(1));
  }

  /** Corrects the guest's budget where an alarm was set since it was granted. @returns it; undefined where it stands. */
  regrant(): number | undefined {
    if (!this.#grants.isStale) return undefined;
    const budget = this.#grants.renew();
    this.#core?.setBudget(budget);
    return budget;
  }

  /** Lets machine time pass without the guest until something ends the wait. */
  wait(options: WaitOptions): 'elapsed' | 'ready' | 'interrupted' {
    this.settle();
    const handlersBefore = this.#handlersRun;
    this.#run(false);
    let asleep = false;
    try {
      for (;;) {
        if (options.ready?.() === true) return 'ready';
        if (options.wakeOnInterrupt === true && this.#handlersRun !== handlersBefore) return 'interrupted';
        if (options.deadline !== undefined && this.#clock.now >= options.deadline) return 'elapsed';
        if (!asleep) {
          asleep = true;
          this.#options.onSleep(true);
        }
        this.#jump(options);
        this.#run(false);
      }
    } finally {
      if (asleep && this.#outcome === undefined) this.#options.onSleep(false);
      if (this.#outcome === undefined) this.#refill();
    }
  }

  /** Idles with no guest frame: until the run ends, nothing is left to wait for, or `busy` says that there is work. */
  idle(busy: () => boolean = () => false): void {
    this.#idling = true;
    while (this.#outcome === undefined) {
      this.#run(false);
      if (busy()) break;
      const next = this.timeline.nextKey ?? endOfWaiting(this.#outside);
      if (next === undefined) this.conclude(this.timeline.reachedEnd ? END_OF_TIME : { kind: 'idle' });
      else this.#jumpTo(next as Instant);
    }
    this.#idling = false;
  }

  #jump({ deadline, explain }: WaitOptions): void {
    const next = this.timeline.nextKey ?? (deadline === undefined ? endOfWaiting(this.#outside) : undefined);
    const target = next === undefined ? deadline : deadline === undefined ? next : Math.min(next, deadline);
    if (target === undefined) {
      this.stop(
        this.timeline.reachedEnd
          ? END_OF_TIME
          : { kind: 'deadlock', message: explainDeadlock(this.#clock.now, this.workline.nextKey, explain?.()) },
      );
    }
    this.#jumpTo(target as Instant);
  }

  /** What the guest holds of its budget leads to a count of instructions, which is now too far. */
  #jumpTo(target: Instant): void {
    this.#clock.jumpTo(target);
    this.timeline.changed = true;
  }

  /** One look at everything, repeated until nothing more happens. */
  #run(masked: boolean): void {
    let asleep = false;
    for (let delivered = 0; ; ) {
      if (this.#mustLook()) this.#lookAside();
      this.#offered = false;
      const most = masked || this.#held ? undefined : this.#controller.mostUrgent();
      const waits = most !== undefined && !this.#mayBegin();
      const urgent = waits ? undefined : most;
      if (urgent !== undefined) {
        if (asleep) this.#options.onSleep(false);
        asleep = false;
        this.#deliver(urgent);
        if (++delivered % LONGEST_STORM === 0) this.#weatherStorm();
      } else if (!masked && !this.#held && !waits && this.#signalIsDeliverable()) this.#signals!.deliver();
      else if (!this.#attention) {
        if (delivered === 0 || !this.#sleepsOnExit()) {
          if (asleep) this.#options.onSleep(false);
          return;
        }
        if (!asleep) this.#options.onSleep(true);
        asleep = true;
        this.#jump({ deadline: undefined });
      }
    }
  }

  /** SLEEPONEXIT (B1.5.19): the return to thread mode is a wait for interrupt. Without a thread there is nothing to return to. */
  #sleepsOnExit(): boolean {
    const controller = this.#controller;
    return controller.sleepsOnExit && controller.depth === 0 && !controller.wakesUp && !this.#idling;
  }

  /** Handlers that do no work let no time pass, and a line that is never quiet would keep the machine from its limits. */
  #weatherStorm(): void {
    this.#attention = true;
    if (this.#clock.elapsed === this.#stormElapsed) {
      this.#clock.idle(1);
      this.timeline.changed = true;
    }
    this.#stormElapsed = this.#clock.elapsed;
  }

  /**
   * Whether there is more to see than the controller. While the guest has budget left nothing is due; a storm of
   * interrupts that it raises itself is then decided by priorities alone.
   */
  #mustLook(): boolean {
    return (
      this.#outside !== undefined ||
      this.#attention ||
      this.#isWatched ||
      this.#grants.isStale ||
      this.#outcome !== undefined
    );
  }

  /** What happens meanwhile is looked at by the caller. */
  #lookAside(): void {
    const nested = this.#running;
    this.#running = true;
    try {
      this.#look();
    } finally {
      this.#running = nested;
    }
  }

  /** Handlers of signals are below all interrupts: none begins while an exception is active. */
  #signalIsDeliverable(): boolean {
    return this.#signals?.deliverable === true && this.#controller.depth === 0;
  }

  #look(): void {
    this.#lookIn();
    if (this.#outside?.rung === true) this.#outside.take();
    // What the events did is looked at right below; more events, or what the attendants do, ask for another look.
    this.#attention = runDueEvents(this.#clock, this.timeline, this.workline);
    for (let i = 0; i < this.#attendants.length; i++) this.#attendants[i]!();
    this.#post?.();
    if (this.#outcome !== undefined || this.#restarting) this.#options.unwind();
  }

  #deliver(n: ExceptionNumber): void {
    assert(this.#core !== undefined, 'a guest is connected before anything is delivered');
    this.#handlersRun++;
    this.#core.runHandler(n, this.#grants.isStale ? this.#grants.renew() : this.#clock.granted);
  }

  #refill(): void {
    this.#core?.setBudget(this.#grants.renew());
  }

  /** What waits for the end of a masked region is looked at again soon. */
  #grantAfter(masked: boolean): number {
    const waits = masked && (this.#controller.mostUrgent() !== undefined || this.#signalIsDeliverable());
    return waits ? this.#grants.retrySoon() : this.#grants.renew();
  }

  /** The guest came by for those who look in alone: nothing else happens, so that they do not change the run. */
  #lookInOnly(): number {
    this.#lookIn();
    return this.#grants.untilDue();
  }

  #lookIn(): void {
    const outcome = this.#grants.lookIn();
    if (outcome !== undefined) this.stop(outcome);
  }
}
