/**
 * Gives the processor to threads, on backends whose fibers can park. A host call that has to wait parks its thread; a
 * safepoint parks one that must make way; the driver (driver.ts), which has no guest code below it, goes on with the most urgent.
 * Handlers still run at once, above what they interrupt: only one that waits becomes a thread like others, and its
 * priority no longer holds back what it interrupted.
 *
 * Everything is decided from the machine's state alone: a run has the same events on all backends. What firmware can ask
 * for is left to tasks.ts and strands.ts.
 */
import { assert } from '../assert.ts';
import type { InterruptController } from '../interrupts/controller.ts';
import type { Backend } from '../stacks/backend.ts';
import type { StackPointer } from '../stacks/handler-stack.ts';
import type { DispatcherOptions, Pause } from './dispatch-host.ts';
import { Driver } from './driver.ts';
import type { SchedulerLoop } from './loop.ts';
import { Processor } from './processor.ts';
import { RunQueue } from './run-queue.ts';
import { Slices } from './slices.ts';
import { isHandlers, levelOfTask, MAIN_PRIORITY, Strand, Thread, type Waiting, type WaitOutcome } from './thread.ts';
import { Waits } from './waits.ts';

export class Dispatcher {
  readonly queue = new RunQueue<Thread>();
  /** Told of threads that end, and of strands that are gone for ever: what belongs to them can be used again. */
  readonly onFinished: ((thread: Thread) => void)[] = [];
  readonly onLost: ((strand: Strand) => void)[] = [];
  readonly main: Thread;
  readonly loop: SchedulerLoop;
  readonly fail: (message: string) => never;
  readonly driver: Driver;
  readonly #controller: InterruptController;
  readonly #slices: Slices;
  readonly #processor: Processor;
  readonly #waits: Waits;
  #backend: Backend | undefined;
  #held = 0;

  constructor(options: DispatcherOptions) {
    this.loop = options.loop;
    this.fail = options.fail;
    this.#controller = options.controller;
    this.#waits = new Waits(options.loop, (thread, outcome) => this.wake(thread, outcome));
    this.main = new Thread('task', 0, levelOfTask(MAIN_PRIORITY), new Strand(undefined, undefined));
    this.main.state = 'ended';
    this.#processor = new Processor(options.loop, options.overrun);
    this.#slices = new Slices(options.loop, options.slice, this.main);
    const parts = { dispatcher: this, processor: this.#processor, slices: this.#slices, waits: this.#waits };
    this.driver = new Driver(options, parts);
    options.loop.beginWhere(() => this.mayBegin);
  }

  /** Connects the instantiated guest. */
  connect(backend: Backend, pointer: StackPointer | undefined): void {
    this.#backend = backend;
    this.#processor.pointer = pointer;
    this.#processor.backend = backend;
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
    this.#slices.watch(this.queue.topLevel);
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
    this.driver.forget(thread);
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
      return this.#processor.asking(act);
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
    const handlersFirst = !this.mayBegin && this.#controller.mostUrgent() !== undefined;
    const outcome = handlersFirst ? undefined : this.#waits.outcomeOf(waiting, before);
    if (outcome !== undefined) return then(outcome);
    const thread = this.#mayPark();
    thread.handlersBefore = before;
    if (!handlersFirst) return this.#block(thread, waiting, then);
    thread.answer = then;
    thread.undecided = waiting;
    this.driver.goOnAbove(thread);
    this.#park(thread, 'fetch');
    return undefined;
  }

  /** Waits for somebody else to call `wake`. `what` says for what, behind "waits". */
  waitForWake(what: string, then: (outcome: WaitOutcome) => unknown): unknown {
    return this.#block(this.#mayPark(), { deadline: undefined, what }, then);
  }

  #block(thread: Thread, waiting: Waiting, then: (outcome: WaitOutcome) => unknown): unknown {
    thread.answer = then;
    this.#waitFor(thread, waiting);
    this.#park(thread, 'fetch');
    return undefined;
  }

  #waitFor(thread: Thread, waiting: Waiting): void {
    thread.state = 'blocked';
    this.#waits.add(thread, waiting);
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
    this.driver.pauses.push(pause);
    this.loop.attend();
  }

  // Making way

  /** A door is about to close behind a host call or safepoint: the thread parks if it has to make way. @returns whether. */
  leaving(result: 'keep' | 'fetch', masked: boolean): boolean {
    const thread = this.current;
    if (thread === undefined || this.#held > 0) return false;
    if (thread.parking || this.#wasKilled()) return true;
    if (!masked && !this.mayBegin && this.#controller.mostUrgent() !== undefined) this.driver.goOnAbove(thread);
    else {
      this.#waits.poll();
      const place = this.#makesWay(thread, masked);
      if (place === undefined) return false;
      this.ready(thread, place);
    }
    this.#park(thread, result);
    return true;
  }

  /** The handlers have run that could not begin above a thread: @returns whether it goes on, as it would then have. */
  goesOn(thread: Thread): boolean {
    this.#waits.poll();
    const { undecided } = thread;
    thread.undecided = undefined;
    if (undecided !== undefined) {
      const outcome = this.#waits.outcomeOf(undecided, thread.handlersBefore);
      if (outcome === undefined) this.#waitFor(thread, undecided);
      else thread.outcome = outcome;
      return outcome !== undefined;
    }
    const place = this.#makesWay(thread, false);
    if (place !== undefined) this.ready(thread, place);
    return place === undefined;
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
    if (!this.driver.goOn(thread)) this.ready(thread, 'front'); // a handler: what it began above goes on meanwhile
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

  /** @returns its place among the ready; undefined: it goes on. */
  #makesWay(thread: Thread, masked: boolean): 'front' | 'back' | undefined {
    if (masked) return undefined;
    const top = this.queue.topLevel;
    if (thread.kind === 'task' && this.#controller.isMasked && !isHandlers(top)) return undefined;
    if (thread.kind === 'task' && this.driver.pauses.length > 0) return 'front';
    if (top === undefined || top > thread.level) return undefined;
    if (top < thread.level) return 'front';
    return this.#slices.over ? 'back' : undefined;
  }

  #park(thread: Thread, result: 'keep' | 'fetch'): void {
    thread.parking = true;
    this.backend.park(this.running!.fiber!, result);
  }
}
