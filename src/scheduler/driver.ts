/**
 * Runs fibers: with no guest code below it, it goes on with one thread after another, as the dispatcher has put them in order;
 * handlers it begins above what they interrupt. Learns how each comes to a stop, and what ends by that.
 */
import type { InterruptController } from '../interrupts/controller.ts';
import type { GuestFunction, Shape, Stop } from '../stacks/backend.ts';
import { type DispatcherOptions, HandlerFailure, type HandlerStart, type Pause } from './dispatch-host.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Outside, Processor } from './processor.ts';
import type { Slices } from './slices.ts';
import { levelOfHandler, Strand, Thread } from './thread.ts';
import type { Waits } from './waits.ts';

export interface DriverParts {
  readonly dispatcher: Dispatcher;
  readonly processor: Processor;
  readonly slices: Slices;
  readonly waits: Waits;
}

/** A thread that parked for handlers alone, and whether it was its turn: a handler that began above others has none. */
interface Below {
  readonly thread: Thread;
  readonly hadTurn: boolean;
}

export class Driver {
  /** Things that only the driver can wait for, in order. */
  readonly pauses: (() => Pause | undefined)[] = [];
  readonly #options: DispatcherOptions;
  readonly #controller: InterruptController;
  readonly #dispatcher: Dispatcher;
  readonly #processor: Processor;
  readonly #slices: Slices;
  readonly #waits: Waits;
  /** Whose turn it is; and what was on the processor before. */
  #turning: Thread | undefined;
  #outside: Outside | undefined;
  #goesOn: Thread | undefined;
  /** They are to go on when the handlers have run that could not begin above them; each was interrupted by what came for the next. */
  readonly #below: Below[] = [];

  constructor(options: DispatcherOptions, { dispatcher, processor, slices, waits }: DriverParts) {
    this.#options = options;
    this.#controller = options.controller;
    this.#dispatcher = dispatcher;
    this.#processor = processor;
    this.#slices = slices;
    this.#waits = waits;
  }

  /** Runs a function on the main thread to its end, and everything else meanwhile. @returns what it returned. */
  *call(entry: GuestFunction, shape: Shape, args: readonly unknown[]): Generator<Pause, unknown, unknown> {
    const { main, backend } = this.#dispatcher;
    const fiber = backend.create(entry, shape, args);
    main.home.fiber = fiber;
    main.home.ended = false;
    main.strand = main.home;
    this.#dispatcher.ready(main, 'back');
    yield* this.#drive(() => main.home.ended);
    return fiber.result;
  }

  /** Runs everything but the main thread, until the run ends or nothing is left to do. */
  *idle(): Generator<Pause, void, unknown> {
    const { main, loop } = this.#dispatcher;
    main.state = 'ended';
    yield* this.#drive(() => loop.outcome !== undefined);
  }

  /** The thread whose turn it is goes on when it has parked, whatever else there is to do. @returns whether it is. */
  goOn(thread: Thread): boolean {
    if (thread !== this.#turning) return false;
    this.#goesOn = thread;
    return true;
  }

  /** The thread that runs parks for handlers alone, which could not begin above it: it has not made way for anybody yet. */
  goOnAbove(thread: Thread): void {
    this.#below.push({ thread, hadTurn: thread === this.#turning });
  }

  /** A thread is no more. */
  forget(thread: Thread): void {
    if (this.#goesOn === thread) this.#goesOn = undefined;
    const below = this.#below.findIndex((each) => each.thread === thread);
    if (below >= 0) this.#below.splice(below, 1);
  }

  /** Runs a handler above what it interrupts, until it ends or waits. */
  handle(call: HandlerStart): void {
    const { backend } = this.#dispatcher;
    const fiber = backend.create(call.entry, call.shape, call.args);
    const level = levelOfHandler(this.#controller.priorityOf(call.exception));
    const thread = new Thread('handler', call.exception, level, new Strand(fiber, call.shadow));
    thread.atEnd = call.end;
    this.#waits.handlersRun++;
    const outside = this.#processor.enter(thread, false);
    let stop: Stop;
    try {
      const stopped = backend.run(fiber);
      if (typeof stopped !== 'string') throw new HandlerFailure(stopped);
      stop = stopped;
    } catch (error) {
      this.#processor.leave(thread, outside);
      throw error;
    }
    this.#stopped(thread, outside, stop);
  }

  /** What is asynchronous about a backend stays in here: the generators around need not be gone through for each turn. */
  *#drive(done: () => boolean): Generator<Pause, void, unknown> {
    const turns = this.#turns(done);
    if (this.#dispatcher.backend.asynchronous) yield later(turns);
    else yield* turns;
  }

  *#turns(done: () => boolean): Generator<Pause, void, unknown> {
    while (!done()) {
      try {
        // What could not begin above it begins before it goes on.
        if (this.#below.length > 0 || (!this.#dispatcher.backend.nests && this.#controller.mostUrgent() !== undefined))
          this.#dispatcher.loop.refill();
        const back = this.#goesOn === undefined ? this.#comeBack() : undefined;
        let thread = this.#goesOn ?? back?.thread;
        if (thread === undefined) {
          this.#dispatcher.loop.refill();
          const pause = this.pauses.shift()?.();
          if (pause !== undefined) yield pause;
          this.#waits.poll();
          thread = this.#dispatcher.queue.take();
        }
        if (thread === undefined) this.#rest();
        else {
          const stop = this.#turn(thread, back);
          if (stop !== undefined) yield* this.#waitFor(thread, stop);
        }
      } catch (error) {
        if (!(error instanceof HandlerFailure)) throw error;
        yield error.reason; // throws what the handler threw
      }
    }
  }

  /** Who was parked for handlers goes on, or makes way as it would have with the handlers above it; and then who is below. */
  #comeBack(): Below | undefined {
    for (let below = this.#below.pop(); below !== undefined; below = this.#below.pop()) {
      if (this.#dispatcher.goesOn(below.thread)) return below;
      this.#stepAside(below.thread);
    }
    return undefined;
  }

  /** @returns what has to be waited for until it has stopped. */
  #turn(thread: Thread, back: Below | undefined): Promise<Stop> | undefined {
    const { loop, backend, queue } = this.#dispatcher;
    this.#goesOn = undefined;
    const hasTurn = back?.hadTurn !== false;
    this.#turning = hasTurn ? thread : undefined;
    // Who was parked for handlers was never away.
    if (back === undefined && this.#slices.turn(thread, queue.topLevel)) this.#options.switched(thread);
    loop.regrant(); // the slice may end before anything else
    const signal = this.#options.signalWaits();
    if (signal) loop.comeBySoon();
    if (thread.aside) this.#controller.comeBack(thread.exception);
    thread.aside = false;
    const outside = this.#processor.enter(thread, hasTurn && this.#options.direct && !signal);
    this.#outside = outside;
    let stop: Stop | Promise<Stop>;
    try {
      stop = backend.run(thread.strand.fiber!);
    } catch (error) {
      this.#failed(thread, outside, error);
      return undefined;
    }
    if (typeof stop !== 'string') return stop;
    this.#turning = undefined;
    this.#stopped(thread, outside, stop);
    return undefined;
  }

  *#waitFor(thread: Thread, stopping: Promise<Stop>): Generator<Pause, void, unknown> {
    const outside = this.#outside!;
    let stop: Stop;
    try {
      stop = (yield stopping) as Stop;
    } catch (error) {
      this.#failed(thread, outside, error);
      return;
    }
    this.#turning = undefined;
    this.#stopped(thread, outside, stop);
  }

  #failed(thread: Thread, outside: Outside, error: unknown): void {
    this.#turning = undefined;
    this.#processor.leave(thread, outside);
    if (!this.#survives(thread, error)) throw error;
  }

  /** Nobody is ready: time passes. */
  #rest(): void {
    const { loop, queue, main } = this.#dispatcher;
    this.#slices.rest();
    const somebody = () => {
      this.#waits.poll();
      return queue.size > 0 || this.pauses.length > 0;
    };
    const waits = main.state !== 'ended' || this.#waits.count > 0;
    if (waits) loop.wait({ deadline: undefined, ready: somebody, explain: () => this.#waits.explain() });
    else loop.idle(somebody);
  }

  #stopped(thread: Thread, outside: Outside, stop: Stop): void {
    const strand = this.#processor.leave(thread, outside);
    if (stop === 'ended') this.#endStrand(thread, strand);
    else if (thread.state === 'ended' || strand.leaving) this.#dispatcher.lose(strand);
    else this.#stepAside(thread);
  }

  /** A handler that waits holds back nobody. */
  #stepAside(thread: Thread): void {
    if (thread.kind !== 'handler' || thread.state !== 'blocked') return;
    this.#controller.stepAside(thread.exception);
    thread.aside = true;
  }

  #endStrand(thread: Thread, strand: Strand): void {
    const dispatcher = this.#dispatcher;
    strand.ended = true;
    if (strand === thread.home) {
      if (thread === dispatcher.main) thread.state = 'ended';
      else dispatcher.end(thread);
      return;
    }
    dispatcher.lose(strand);
    thread.strand = thread.home;
    thread.home.user = thread;
    dispatcher.ready(thread, 'front');
  }

  /** @returns whether only a strand or a task ends by what was thrown, and the others go on. */
  #survives(thread: Thread, error: unknown): boolean {
    const whole = thread.strand === thread.home && (thread === this.#dispatcher.main || thread.kind === 'handler');
    if (whole || this.#options.faulted(thread, error)) return false;
    this.#endStrand(thread, thread.strand);
    return true;
  }
}

async function later(run: Generator<Pause, void, unknown>): Promise<void> {
  for (let next = run.next(); next.done !== true; ) {
    let settled: unknown;
    try {
      settled = await next.value;
    } catch (error) {
      next = run.throw(error);
      continue;
    }
    next = run.next(settled);
  }
}
