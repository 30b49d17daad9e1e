/**
 * Which thread is on the processor, and on which strand: handlers begin above others, so that what was there before comes
 * back. The guest's stack pointer goes with the strand.
 */
import type { Backend, Fiber } from '../stacks/backend.ts';
import type { StackPointer } from '../stacks/handler-stack.ts';
import type { SchedulerLoop } from './loop.ts';
import type { Strand, Thread } from './thread.ts';

/** What was on the processor before. */
export interface Outside {
  readonly thread: Thread | undefined;
  readonly strand: Strand | undefined;
  readonly pointer: number | undefined;
  /** Whose strands could be changed without asking. */
  readonly allowed: Fiber | undefined;
}

export class Processor {
  /** Undefined where the guest has none. */
  pointer: StackPointer | undefined;
  backend: Backend | undefined;
  readonly #loop: SchedulerLoop;
  readonly #overrun: (thread: Thread, bytes: number) => void;
  #current: Thread | undefined;
  #running: Strand | undefined;

  constructor(loop: SchedulerLoop, overrun: (thread: Thread, bytes: number) => void) {
    this.#loop = loop;
    this.#overrun = overrun;
  }

  get current(): Thread | undefined {
    return this.#current;
  }

  /** The strand that runs: a thread may already have been told to go on with another. */
  get running(): Strand | undefined {
    this.#catchUp();
    return this.#running;
  }

  /** `direct`: the thread may change strands without asking. */
  enter(thread: Thread, direct: boolean): Outside {
    this.#catchUp();
    const switching = this.backend?.direct;
    const allowed = switching?.allowed;
    const outside = { thread: this.#current, strand: this.#running, pointer: this.pointer?.get(), allowed };
    switching?.allow(direct ? thread.home.fiber : undefined);
    this.#current = thread;
    this.#running = thread.strand;
    thread.state = 'running';
    thread.strand.entered = true;
    if (thread.strand.pointer !== undefined) this.pointer?.set(thread.strand.pointer);
    return outside;
  }

  /** In `act`, nobody changes strands without asking. */
  asking<T>(act: () => T): T {
    const switching = this.backend?.direct;
    const allowed = switching?.allowed;
    switching?.allow(undefined);
    try {
      return act();
    } finally {
      switching?.allow(allowed);
    }
  }

  /** Lends `act` the stack in linear memory of a strand that is parked. */
  below(strand: Strand, act: () => void): void {
    const { pointer } = this;
    const before = pointer?.get();
    if (strand.pointer !== undefined) pointer?.set(strand.pointer);
    try {
      act();
    } finally {
      if (before !== undefined) pointer?.set(before);
    }
  }

  leave(thread: Thread, outside: Outside): Strand {
    this.#catchUp(this.backend?.direct?.stopped);
    const strand = this.#running!;
    thread.parking = false;
    strand.entered = false;
    if (strand.shadow?.overrun === true) this.#overrun(thread, strand.shadow.bytes);
    strand.pointer = this.pointer?.get();
    if (outside.pointer !== undefined) this.pointer?.set(outside.pointer);
    this.#current = outside.thread;
    this.#running = outside.strand;
    this.backend?.direct?.allow(outside.allowed);
    this.#loop.settle();
    return strand;
  }

  /** The thread may have changed strands by itself: what would have been noted then is noted now. */
  #catchUp(fiber = this.backend?.direct?.running): void {
    const before = this.#running;
    if (fiber === undefined || before === undefined || fiber === before.fiber) return;
    const strand = fiber.holder as Strand;
    before.entered = false;
    before.user = undefined;
    strand.user = this.#current;
    strand.entered = true;
    this.#current!.strand = this.#running = strand;
  }
}
