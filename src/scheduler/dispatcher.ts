/**
 * Gives the processor to threads, on backends whose fibers can park. A host call that has to wait parks its thread; a
 * safepoint parks one that must make way; the driver, which has no guest code below it, goes on with the most urgent.
 * Handlers still run at once, above what they interrupt: only one that waits becomes a thread like others, and its
 * priority no longer holds back what it interrupted.
 *
 * Everything is decided from the machine's state alone: a run has the same events on all backends. What firmware can ask
 * for is left to tasks.ts and strands.ts.
 */
import { assert } from '../assert.ts';
import type { InterruptController } from '../interrupts/controller.ts';
import type { Backend, GuestFunction, Shape, Stop } from '../stacks/backend.ts';
import type { StackPointer } from '../stacks/handler-stack.ts';
import { type DispatcherOptions, HandlerFailure, type HandlerStart, type Pause } from './dispatch-host.ts';
import type { SchedulerLoop } from './loop.ts';
import { type Outside, Processor } from './processor.ts';
import { RunQueue } from './run-queue.ts';
import { Slices } from './slices.ts';
import {
  isHandlers,
  levelOfHandler,
  levelOfTask,
  MAIN_PRIORITY,
  newStrand,
  type Strand,
  Thread,
  type Waiting,
  type WaitOutcome,
} from './thread.ts';
import { Waits } from './waits.ts';

export class Dispatcher {
  readonly queue = new RunQueue<Thread>();
  /** Told of threads that end, and of strands that are gone for ever: what belongs to them can be used again. */
  readonly onFinished: ((thread: Thread) => void)[] = [];
  readonly onLost: ((strand: Strand) => void)[] = [];
  readonly main: Thread;
  readonly loop: SchedulerLoop;
  readonly fail: (message: string) => never;
  readonly #options: DispatcherOptions;
  readonly #controller: InterruptController;
  readonly #slices: Slices;
  readonly #processor: Processor;
  readonly #waits: Waits;
  #backend: Backend | undefined;
  #held = 0;
  /** Things that only the driver can wait for, in order. */
  readonly #pauses: (() => Pause | undefined)[] = [];

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.loop = options.loop;
    this.fail = options.fail;
    this.#controller = options.controller;
    this.#waits = new Waits(options.loop);
    this.main = new Thread('task', 0, levelOfTask(MAIN_PRIORITY), newStrand(undefined, undefined));
    this.main.state = 'ended';
    this.#processor = new Processor(options.loop, options.overrun);
    this.#slices = new Slices(options.loop, options.slice, this.main);
    options.loop.beginWhere(() => this.mayBegin);
  }

  /** Connects the instantiated guest. */
  connect(backend: Backend, pointer: StackPointer | undefined): void {
    this.#backend = backend;
    this.#processor.pointer = pointer;
  }

  get backend(): Backend {
    assert(this.#backend !== undefined, 'a guest is connected');
    return this.#backend;
  }

  /** Whose code runs; undefined between threads. */
  get current(): Thread | undefined {
    return this.#processor.current;
  }

  /** The strand that is on the processor: a thread may already have been told to go on with another. */
  get running(): Strand | undefined {
    return this.#processor.running;
  }

  // The driver

  /** Runs a function on the main thread to its end, and everything else meanwhile. @returns what it returned. */
  *call(entry: GuestFunction, shape: Shape, args: readonly unknown[]): Generator<Pause, unknown, unknown> {
    const { main } = this;
    main.home.fiber = this.backend.create(entry, shape, args);
    main.home.ended = false;
    main.strand = main.home;
    this.ready(main, 'back');
    yield* this.#drive(() => main.home.ended);
    return main.home.fiber.result;
  }

  /** Runs everything but the main thread, until the run ends or nothing is left to do. */
  *idle(): Generator<Pause, void, unknown> {
    this.main.state = 'ended';
    yield* this.#drive(() => this.loop.outcome !== undefined);
  }

  *#drive(done: () => boolean): Generator<Pause, void, unknown> {
    while (!done()) {
      try {
        this.loop.refill();
        const pause = this.#pauses.shift()?.();
        if (pause !== undefined) yield pause;
        this.#poll();
        const thread = this.queue.take();
        if (thread === undefined) this.#rest();
        else yield* this.#turn(thread);
      } catch (error) {
        if (!(error instanceof HandlerFailure)) throw error;
        yield error.reason; // throws what the handler threw
      }
    }
  }

  *#turn(thread: Thread): Generator<Pause, void, unknown> {
    if (this.#slices.turn(thread, this.queue.topLevel)) this.#options.switched(thread);
    this.loop.regrant(); // the slice may end before anything else
    if (this.#options.signalWaits()) this.loop.comeBySoon();
    if (thread.aside) this.#controller.comeBack(thread.exception);
    thread.aside = false;
    const outside = this.#processor.enter(thread);
    let stop: Stop;
    try {
      const stopped = this.backend.run(thread.strand.fiber!);
      stop = typeof stopped === 'string' ? stopped : ((yield stopped) as Stop);
    } catch (error) {
      this.#processor.leave(thread, outside);
      if (!this.#survives(thread, error)) throw error;
      return;
    }
    this.#stopped(thread, outside, stop);
  }

  /** Nobody is ready: time passes. */
  #rest(): void {
    const somebody = () => {
      this.#poll();
      return this.queue.size > 0 || this.#pauses.length > 0;
    };
    const waits = this.main.state !== 'ended' || this.#waits.count > 0;
    if (waits) this.loop.wait({ deadline: undefined, ready: somebody, explain: () => this.#waits.explain() });
    else this.loop.idle(somebody);
  }

  // Threads come and go

  ready(thread: Thread, place: 'front' | 'back'): void {
    thread.state = 'ready';
    thread.freshSlice = place === 'back';
    this.queue.add(thread, place);
    this.#slices.watch(this.queue.topLevel);
  }

  /** Changes who comes before whom. */
  setLevel(thread: Thread, level: number): void {
    const isReady = thread.state === 'ready';
    if (isReady) this.queue.remove(thread);
    thread.level = level;
    if (isReady) this.queue.add(thread, 'back');
  }

  /** Ends a thread that runs or waits. Its strand is forgotten. */
  end(thread: Thread): void {
    thread.state = 'ended';
    thread.alarm?.cancel();
    for (const hear of this.onFinished) hear(thread);
    for (const joiner of thread.joiners.splice(0)) this.wake(joiner, 'ready');
    thread.atEnd?.();
    this.lose(thread.home);
  }

  /** Ends somebody else, with the stack that they are on. One that a handler interrupts is lost when that has returned. */
  kill(thread: Thread): void {
    const { strand } = thread;
    if (thread.state === 'ready') this.queue.remove(thread);
    this.#waits.remove(thread);
    thread.answer = undefined;
    this.end(thread);
    if (strand !== thread.home) this.lose(strand);
  }

  lose(strand: Strand): void {
    if (strand.entered) return; // lost when it has stopped
    if (strand.fiber !== undefined && !strand.ended) this.backend.discard(strand.fiber);
    strand.ended = true;
    for (const hear of this.onLost) hear(strand);
  }

  /** The firmware is left: nobody is woken any more. */
  forget(): void {
    this.#waits.forget();
    this.#slices.stop();
  }

  /** Keeps every thread where it is while the machine itself calls into the guest. */
  holding<T>(act: () => T): T {
    return this.pinned(() => this.loop.uninterrupted(act));
  }

  /** The same, but handlers of interrupts run. */
  pinned<T>(act: () => T): T {
    this.#held++;
    try {
      return act();
    } finally {
      this.#held--;
    }
  }

  /** Lends `act` the stack in linear memory that the main task is parked on. */
  belowMain(act: () => void): void {
    this.#processor.below(this.main.strand, act);
  }

  /** Whether a fiber can begin here. */
  get mayBegin(): boolean {
    return this.backend.nests || this.current === undefined;
  }

  get isHeld(): boolean {
    return this.#held > 0;
  }

  /**
   * Waits in a host call: at once if there is nothing to wait for, else the thread parks when the call returns, and `then`
   * makes the call's result when it goes on.
   */
  wait(waiting: Waiting, then: (outcome: WaitOutcome) => unknown): unknown {
    this.loop.settle();
    const before = this.#waits.handlersRun;
    if (this.#held > 0) return then(this.loop.wait(waiting));
    this.loop.refill();
    if (this.#wasKilled()) return undefined;
    // A handler that cannot begin here runs before the condition is looked at, as it would here.
    if (this.mayBegin || this.#controller.mostUrgent() === undefined) {
      const outcome = this.#waits.outcomeOf(waiting, before);
      if (outcome !== undefined) return then(outcome);
    }
    const thread = this.#mayPark();
    thread.handlersBefore = before;
    return this.#block(thread, waiting, then);
  }

  /** Waits for somebody else to call `wake`. `what` says for what, behind "waits". */
  waitForWake(what: string, then: (outcome: WaitOutcome) => unknown): unknown {
    return this.#block(this.#mayPark(), { deadline: undefined, what }, then);
  }

  #block(thread: Thread, waiting: Waiting, then: (outcome: WaitOutcome) => unknown): unknown {
    thread.answer = then;
    thread.state = 'blocked';
    this.#waits.add(thread, waiting, () => this.wake(thread, 'elapsed'));
    this.#park(thread, 'fetch');
    return undefined;
  }

  #mayPark(): Thread {
    const thread = this.current;
    if (thread === undefined || this.#held > 0) {
      return this.fail('a function that the machine itself calls may not wait, switch stacks or yield');
    }
    assert(!thread.parking, 'a host call waits once');
    return thread;
  }

  wake(thread: Thread, outcome: WaitOutcome): void {
    if (thread.state !== 'blocked') return;
    this.#waits.remove(thread);
    thread.outcome = outcome;
    this.ready(thread, 'back');
    this.loop.attend();
  }

  /** What a door answers when its thread goes on. */
  fetch(): unknown {
    const thread = this.current;
    const answer = thread?.answer;
    if (thread === undefined || answer === undefined) return undefined;
    thread.answer = undefined;
    return answer(thread.outcome);
  }

  /** The driver waits for something outside the machine before it goes on with anybody. */
  pauseFor(pause: () => Pause | undefined): void {
    this.#pauses.push(pause);
    this.loop.attend();
  }

  #poll(): void {
    this.#waits.poll((thread, outcome) => this.wake(thread, outcome));
  }

  // Making way

  /** A door is about to close behind a host call or safepoint: the thread parks if it has to make way. @returns whether. */
  leaving(result: 'keep' | 'fetch', masked: boolean): boolean {
    const thread = this.current;
    if (thread === undefined || this.#held > 0) return false;
    if (thread.parking || this.#wasKilled()) return true;
    this.#poll();
    const place = this.#makesWay(thread, masked);
    if (place === undefined) return false;
    this.ready(thread, place);
    this.#park(thread, result);
    return true;
  }

  /** Lets equals have their turn. */
  giveWay(): void {
    const thread = this.current;
    if (thread === undefined || thread.kind === 'handler' || this.#held > 0 || thread.parking) return;
    if (this.queue.topLevel === undefined || this.queue.topLevel > thread.level) return;
    this.ready(thread, 'back');
    this.#park(thread, 'keep');
  }

  /** The current thread goes on at once, on another strand; where it `leaves` the one it is on, that one ends. */
  changeStrand(to: Strand, leaves = false): void {
    const thread = this.#mayPark();
    thread.strand.leaving = leaves;
    thread.strand.user = undefined;
    to.user = thread;
    thread.strand = to;
    this.ready(thread, 'front');
    this.#park(thread, 'keep');
  }

  /** The current thread never goes on. */
  abandon(thread: Thread): void {
    this.end(thread);
    this.#park(thread, 'keep');
  }

  /** A handler has ended the thread that it interrupted: that never goes on. */
  #wasKilled(): boolean {
    const thread = this.current;
    const killed = thread?.state === 'ended';
    if (killed && !thread.parking) this.#park(thread, 'keep');
    return killed;
  }

  #makesWay(thread: Thread, masked: boolean): 'front' | 'back' | undefined {
    if (masked) return undefined;
    if (!this.mayBegin && this.#controller.mostUrgent() !== undefined) {
      this.#slices.interrupted(thread);
      return 'front';
    }
    const top = this.queue.topLevel;
    if (thread.kind === 'task' && this.#controller.isMasked && !isHandlers(top)) return undefined;
    if (thread.kind === 'task' && this.#pauses.length > 0) return 'front';
    if (top === undefined || top > thread.level) return undefined;
    if (top < thread.level) return 'front';
    return this.#slices.over ? 'back' : undefined;
  }

  #park(thread: Thread, result: 'keep' | 'fetch'): void {
    thread.parking = true;
    this.backend.park(this.running!.fiber!, result);
  }

  #stopped(thread: Thread, outside: Outside, stop: Stop): void {
    const strand = this.#processor.leave(thread, outside);
    if (stop === 'parked') {
      if (thread.state === 'ended' || strand.leaving) this.lose(strand);
      else if (thread.kind === 'handler' && thread.state === 'blocked') {
        this.#controller.stepAside(thread.exception);
        thread.aside = true;
      }
      return;
    }
    this.#endStrand(thread, strand);
  }

  #endStrand(thread: Thread, strand: Strand): void {
    strand.ended = true;
    if (strand === thread.home) {
      if (thread === this.main) thread.state = 'ended';
      else this.end(thread);
      return;
    }
    this.lose(strand);
    thread.strand = thread.home;
    thread.home.user = thread;
    this.ready(thread, 'front');
  }

  /** @returns whether only a strand or a task ends by what was thrown, and the others go on. */
  #survives(thread: Thread, error: unknown): boolean {
    const whole = thread.strand === thread.home && (thread === this.main || thread.kind === 'handler');
    if (whole || this.#options.faulted(thread, error)) return false;
    this.#endStrand(thread, thread.strand);
    return true;
  }

  /** Runs a handler above what it interrupts, until it ends or waits. */
  handle(call: HandlerStart): void {
    const fiber = this.backend.create(call.entry, call.shape, call.args);
    const level = levelOfHandler(this.#controller.priorityOf(call.exception));
    const thread = new Thread('handler', call.exception, level, newStrand(fiber, call.shadow));
    thread.atEnd = call.end;
    this.#waits.handlersRun++;
    const outside = this.#processor.enter(thread);
    let stop: Stop;
    try {
      const stopped = this.backend.run(fiber);
      if (typeof stopped !== 'string') throw new HandlerFailure(stopped);
      stop = stopped;
    } catch (error) {
      this.#processor.leave(thread, outside);
      throw error;
    }
    this.#stopped(thread, outside, stop);
  }
}
