/**
 * The scheduler loop: everything that happens to the guest happens here, in one order, at a time the loop chose.
 * Drain due events; take what the guest put into its outbox; let the script go on; deliver the most urgent interrupt;
 * then give the guest a budget up to the next event, or, while it waits, jump to that event.
 *
 * Nothing acts from inside a callback: host calls only note that something changed (`attend`), and the loop runs before
 * they return to the guest. It does not call handlers, but names the one that is next, for WebAssembly code between the
 * guest and the host to call (machine/handler-call.ts), and hears when that has returned, if anything hangs on it.
 */
import { Alarms } from '../clock/alarms.ts';
import { after, type Duration, type Instant } from '../clock/instant.ts';
import type { MachineClock } from '../clock/machine-clock.ts';
import type { InterruptController } from '../interrupts/controller.ts';
import type { ExceptionNumber } from '../interrupts/exceptions.ts';
import { Attention } from './attention.ts';
import { Grants } from './grants.ts';
import { Jumps } from './jumps.ts';
import type { Outcome } from './outcome.ts';
import type { Attendant, Core, LoopOptions, SignalSource, WaitOptions } from './participants.ts';
import { QuietReturn } from './quiet-return.ts';
import { FIRST_SIGNAL_SLOT, FOLLOWING, type Following, Registers } from './registers.ts';
import { Storm } from './storm.ts';
import { Surroundings } from './surroundings.ts';

/** Not as they are exported, for V8 to see through them. */
const SIGNALS = FIRST_SIGNAL_SLOT;
const { safepoint: SAFEPOINT, host: HOST, nothing: NOTHING } = FOLLOWING;

export class SchedulerLoop {
  /** Events in machine time (ns). */
  readonly timeline: Alarms;
  /** Events at instruction counts. */
  readonly workline: Alarms;
  /** What the guest's side and the loop tell each other. */
  readonly registers: Registers;
  readonly #options: LoopOptions;
  readonly #clock: MachineClock;
  readonly #isReal: boolean; // time passes, and things arrive, without anybody's doing
  readonly #controller: InterruptController;
  #signals: SignalSource | undefined;
  #mayBegin: (() => boolean) | undefined;
  readonly #attention = new Attention();
  readonly #grants: Grants;
  readonly #jumps: Jumps;
  readonly #storm: Storm;
  readonly #surroundings: Surroundings;
  readonly #quietReturn: QuietReturn;
  #core: Core | undefined;
  #outcome: Outcome | undefined;
  #handlersRun = 0;
  #running = false;
  #held = false;
  /** The firmware is to be left and started anew: its frames are unwound before anything else happens. */
  #restarting = false;
  #idling = false; // no frame of the guest is there

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#isReal = options.outside !== undefined;
    if (this.#isReal) this.#attention.watched();
    this.#controller = options.controller;
    this.registers = new Registers(this.#clock, this.#attention);
    this.#attention.budgetIsStale();
    this.timeline = new Alarms(() => this.#clock.now, this.#attention);
    this.workline = new Alarms(() => this.#clock.instructions, this.#attention);
    this.#quietReturn = new QuietReturn(this.#attention, options.controller, this.registers);
    this.#storm = new Storm(this.#clock, this.#attention);
    this.#jumps = new Jumps(this.#attention, this.timeline, this.workline, options);
    this.#surroundings = new Surroundings(this.#clock, this.timeline, this.workline, options.outside);
    this.#grants = new Grants(this.#attention, this.timeline, this.workline, options);
  }

  /** Connects the instantiated guest. */
  connect(core: Core): void {
    this.#core = core;
    this.registers.connect(core);
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
    this.#surroundings.attendWith(attendant);
    this.#attention.watched();
  }

  /** Posts to the mailbox what goes that way: the last thing before a handler is chosen. */
  postWith(post: Attendant): void {
    this.#surroundings.postWith(post);
    this.#attention.watched();
  }

  /** Somebody listens: every return of a handler is told at once. */
  hearReturns(): void {
    this.#attention.heard();
  }

  /** Handlers of interrupts only begin where `mayBegin` says so: somebody else sees to it that it soon does. */
  beginWhere(mayBegin: () => boolean): void {
    this.#mayBegin = mayBegin;
  }

  deliverSignals(signals: SignalSource): void {
    this.#signals = signals;
  }

  /** A handler is about to be called. */
  enterHandler(): void {
    this.#handlersRun++;
    if (this.#attention.isBudgetStale) this.registers.give(this.#grants.renew());
  }

  /** Makes the loop run at least every `cycles`, for what must be polled. */
  pollEvery(cycles: number): void {
    this.#grants.pollEvery(cycles);
  }

  /** Notes that something changed inside a host call. */
  attend(): void {
    this.#attention.changed();
  }

  /** Notes that an exception may have become deliverable, and nothing else happened. */
  attendInterrupt(): void {
    this.#attention.offered();
  }

  /** Whether a host call has nothing to do when it returns. */
  get isCalm(): boolean {
    return (this.#attention.isCalm && !this.#isReal) || this.#running;
  }

  /** Brings the clock up to date with the guest's counter: call before reading time inside a host call. */
  settle(): void {
    this.registers.settle();
  }

  /** Ends the run. The first outcome stands. Unwinds the guest's frames, if there are any. */
  stop(outcome: Outcome): never {
    this.conclude(outcome);
    return this.#options.unwind();
  }

  /** Ends the run when its wall-clock time is over: for host calls that take their time. */
  lookAtWall(): void {
    this.#stopIf(this.#grants.lookAtWall());
  }

  /** Notes how the run ended, without unwinding: for callers with no guest frame above them. */
  conclude(outcome: Outcome): void {
    this.#outcome ??= outcome;
    this.#attention.isOver();
  }

  /** Leaves the firmware, to be started anew: `connect` ends it. */
  restart(): void {
    this.#restarting = true;
    this.#attention.changed();
  }

  get restarting(): boolean {
    return this.#restarting && this.#outcome === undefined;
  }

  /** Machine time passes while no firmware runs: the time that a reset takes. */
  pass(time: Duration): void {
    this.#jumps.to(after(this.#clock.now, time));
  }

  /** The guest's counter ran out; the registers say by how much, and then what it goes on with. @returns as `left`. */
  safepoint(masked: boolean): number {
    this.registers.settleHere();
    if (this.#grants.isEarly && !this.#attention.hasNews) {
      this.#stopIf(this.#grants.lookIn()); // nothing else happens, so that those who look in do not change the run
      this.registers.give(this.#grants.untilDue());
      return 0;
    }
    const slot = this.#advance(masked, 0);
    if (slot === 0) this.registers.give(this.#grantAfter(masked));
    else if (this.#grants.leadToEvent) this.#quietReturn.allow(slot, this.#signals);
    return slot;
  }

  /**
   * A host call is about to return to the guest: what it made deliverable is delivered first, unless it is `masked`. The
   * clock is settled. @returns as `left`.
   */
  afterHostCall(masked = false): number {
    if (this.#isReal) this.#lookOutside();
    if (this.#attention.isCalm) return 0;
    if (this.#running) return 0; // inside a handler's own event; the loop that called it looks again
    const slot = this.#advance(masked, 0);
    if (slot !== 0) this.#quietReturn.allow(slot, this.#signals);
    else if (masked || this.#attention.isBudgetStale) this.registers.give(this.#grantAfter(masked));
    return slot;
  }

  #lookOutside(): void {
    if (this.#running) return;
    this.settle();
    if (this.#surroundings.hasNews) this.#attention.changed();
  }

  /**
   * A handler has returned, which was number `delivered` of those for interrupts that ran one after the other, and has left
   * the guest so much of its budget, as the registers say too.
   * @returns the slot of the handler that runs next, before anything else; 0 for none.
   */
  left(slot: number, delivered: number, following: Following, remaining: number): number {
    this.registers.settleAt(remaining);
    const alone = following === NOTHING;
    if (slot >= SIGNALS) {
      const next = this.#signals!.left(alone);
      if (next !== 0) return next;
    } else {
      this.#core!.end(slot);
      this.#storm.notice(delivered);
    }
    if (alone) return 0;
    const next = this.#advance(false, delivered);
    if (next !== 0 || following === HOST) return next;
    const used = following === SAFEPOINT && !this.#grants.leadToEvent;
    if (used || this.#attention.isBudgetStale) this.registers.give(this.#grants.renew());
    return 0;
  }

  /** Calls a handler that has begun, and those that follow it. */
  run(slot: number, following: Following): void {
    this.#core!.run(slot, following);
  }

  /** Runs the handler of a pending exception at once, where a trap has left no frame of the guest above it. */
  takeNow(n: ExceptionNumber): void {
    this.registers.give(this.#grants.renew());
    const slot = this.#begin(n);
    if (slot !== 0) this.run(slot, NOTHING);
  }

  /** The guest was stopped in the middle of its code, which holds what is left of its budget. */
  interrupted(masked: boolean): void {
    this.settle();
    this.#runAll(masked);
    this.registers.give(this.#grantAfter(masked));
  }

  /** Calls guest code that no handler may interrupt: what becomes pending waits for its end. Limits hold. */
  uninterrupted<T>(call: () => T): T {
    this.#held = true;
    try {
      this.refill();
      return call();
    } finally {
      this.registers.settleReturned();
      this.#held = false;
      if (this.deliverable) this.#attention.changed(); // the host call that this was a part of delivers it
    }
  }

  /** Gives the guest its first budget before the machine calls into it. Handlers run before. */
  refill(): void {
    this.#runAll(false);
    this.registers.giveCalled(this.#grants.renew());
  }

  /** The guest comes by at its next safepoint or host call. */
  comeBySoon(): void {
    this.#attention.changed();
    this.registers.give(this.#grants.renew(1));
  }

  /** Corrects the guest's budget where an alarm was set since it was granted. @returns it; undefined where it stands. */
  regrant(): number | undefined {
    if (!this.#attention.isBudgetStale) return undefined;
    const budget = this.#grants.renew();
    this.registers.give(budget);
    return budget;
  }

  /** Lets machine time pass without the guest until something ends the wait. */
  wait(options: WaitOptions): 'elapsed' | 'ready' | 'interrupted' {
    this.settle();
    const handlersBefore = this.#handlersRun;
    this.#runAll(false);
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
        this.#stopIf(this.#jumps.ahead(options));
        this.#runAll(false);
      }
    } finally {
      if (asleep && this.#outcome === undefined) this.#options.onSleep(false);
      if (this.#outcome === undefined) this.registers.give(this.#grants.renew());
    }
  }

  /** Idles with no guest frame: until the run ends, nothing is left to wait for, or `busy` says that there is work. */
  idle(busy: () => boolean = () => false): void {
    this.#idling = true;
    while (this.#outcome === undefined) {
      this.#runAll(false);
      if (busy()) break;
      const end = this.#jumps.toNext();
      if (end !== undefined) this.conclude(end);
    }
    this.#idling = false;
  }

  /** Everything that is to happen happens, handlers and all. */
  #runAll(masked: boolean): void {
    const slot = this.#advance(masked, 0);
    if (slot !== 0) this.run(slot, HOST);
  }

  /**
   * One look at everything, repeated until nothing more happens or a handler is to run. `delivered`: those that did since
   * the first look. @returns the handler's slot, after which `left` looks on; 0 for none.
   */
  #advance(masked: boolean, delivered: number): number {
    const closed = masked || this.#held;
    for (let count = delivered; ; ) {
      this.#lookAround();
      const urgent = closed ? undefined : this.#controller.mostUrgent();
      if (urgent !== undefined && (this.#mayBegin === undefined || this.#mayBegin())) {
        const slot = this.#begin(urgent);
        if (slot !== 0) return slot;
        this.#storm.notice(++count);
      } else if (!closed && urgent === undefined && this.#signalIsDeliverable()) {
        const slot = this.#signals!.next();
        if (slot !== 0) return slot;
      } else if (!this.#attention.hasChanged) {
        if (count === 0 || !this.#sleepsOnExit()) return 0;
        this.#sleep();
      }
    }
  }

  /** While the guest has budget left nothing is due; a storm of interrupts that it raises itself is decided by priorities alone. */
  #lookAround(): void {
    if (this.#attention.wantsLook) this.#lookAside();
    this.#attention.controllerLooked();
  }

  /** Until there is something to do. */
  #sleep(): void {
    this.#options.onSleep(true);
    do {
      this.#stopIf(this.#jumps.ahead({ deadline: undefined }));
      do this.#lookAround();
      while (this.#attention.hasChanged);
    } while (this.#sleepsOnExit() && !this.#signalIsDeliverable());
    this.#options.onSleep(false);
  }

  /** SLEEPONEXIT (B1.5.19): the return to thread mode is a wait for interrupt. Without a thread there is nothing to return to. */
  #sleepsOnExit(): boolean {
    const controller = this.#controller;
    return controller.sleepsOnExit && controller.depth === 0 && !controller.wakesUp && !this.#idling;
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
    this.#stopIf(this.#grants.lookIn());
    // What the events did is looked at right below; more events, or what the attendants do, ask for another look.
    this.#attention.looked(this.#surroundings.happen());
    this.#surroundings.attend();
    if (this.#outcome !== undefined || this.#restarting) this.#options.unwind();
  }

  #begin(n: ExceptionNumber): number {
    this.enterHandler();
    return this.#core!.begin(n);
  }

  /** What waits for the end of a masked region is looked at again soon. */
  #grantAfter(masked: boolean): number {
    const waits = masked && (this.#controller.mostUrgent() !== undefined || this.#signalIsDeliverable());
    return waits ? this.#grants.retrySoon() : this.#grants.renew();
  }

  #stopIf(outcome: Outcome | undefined): void {
    if (outcome !== undefined) this.stop(outcome);
  }
}
