/**
 * What the scheduler chooses from: tasks, and handlers that have parked. A thread runs on one strand at a time: its own,
 * or a stack that it switched to.
 */
import type { Alarm } from '../clock/alarms.ts';
import type { Instant } from '../clock/instant.ts';
import type { ExceptionNumber } from '../interrupts/exceptions.ts';
import type { Fiber } from '../stacks/backend.ts';
import type { ShadowStack } from '../stacks/shadow-stack.ts';

/** Priorities of tasks: 0 is the most urgent, as with interrupts. */
export const LEAST_URGENT = 255;
export const MAIN_PRIORITY = 128;
/** Handlers come first: NMI has priority −2, the last line 255. */
const HANDLER_LEVELS = 260;

export const levelOfTask = (priority: number): number => HANDLER_LEVELS + priority;
export const levelOfHandler = (priority: number): number => priority + 2;

/** Whether who is ready there is a handler. */
export const isHandlers = (level: number | undefined): boolean => level !== undefined && level < HANDLER_LEVELS;

/** How a wait ended: its time ran out, its condition came true, or a handler ran. */
export type WaitOutcome = 'elapsed' | 'ready' | 'interrupted';

export interface Waiting {
  readonly deadline: Instant | undefined;
  readonly ready?: (() => boolean) | undefined;
  readonly wakeOnInterrupt?: boolean | undefined;
  /** What it waits for, as words behind "waits": `for task 2`. */
  readonly what?: string | undefined;
}

/** Waits in a host call, and makes the call's result of how the wait ended: what it returns is what the call returns. */
export type Wait = (waiting: Waiting, then: (outcome: WaitOutcome) => unknown) => unknown;

/** A native stack with the shadow stack in linear memory that belongs to it. */
export class Strand {
  readonly shadow: ShadowStack | undefined;
  ended = false;
  /** It is on the processor, or below a handler that is: its frames cannot be taken away. */
  entered = false;
  /** It was told to end when it next stops. */
  leaving = false;
  #fiber: Fiber | undefined;
  #user: Thread | undefined;

  constructor(fiber: Fiber | undefined, shadow: ShadowStack | undefined) {
    this.shadow = shadow;
    if (fiber === undefined) return;
    this.fiber = fiber;
    if (shadow === undefined) return;
    fiber.pointer = shadow.top;
    fiber.canary = shadow.low;
  }

  get fiber(): Fiber | undefined {
    return this.#fiber;
  }

  set fiber(fiber: Fiber) {
    fiber.holder = this;
    this.#fiber = fiber;
  }

  /** The guest's stack pointer while it does not run; undefined where it runs on whatever is there. */
  get pointer(): number | undefined {
    return this.#fiber?.pointer;
  }

  set pointer(address: number | undefined) {
    if (this.#fiber !== undefined) this.#fiber.pointer = address;
  }

  /** Who goes on with it when it is their turn. */
  get user(): Thread | undefined {
    return this.#user;
  }

  set user(thread: Thread | undefined) {
    this.#user = thread;
    if (this.#fiber !== undefined) this.#fiber.open = thread === undefined;
  }
}

export class Thread {
  readonly kind: 'task' | 'handler';
  /** A task's number, or the exception that is handled. */
  readonly id: number;
  level: number;
  readonly home: Strand;
  strand: Strand;
  state: 'ready' | 'running' | 'blocked' | 'ended' = 'ready';
  /** It has a whole slice before it. */
  freshSlice = true;
  /** Set from when it was asked to park until it has. */
  parking = false;
  /** Of a handler that waits: its exception holds back nobody meanwhile. */
  aside = false;
  waiting: Waiting | undefined;
  /** What it is to wait for, unless the handlers that have to run first make that needless. */
  undecided: Waiting | undefined;
  /** Handlers run when the wait began: one more ends a wait for an interrupt. */
  handlersBefore = 0;
  /** Makes the result of the call that it waits in. */
  answer: ((outcome: WaitOutcome) => unknown) | undefined;
  outcome: WaitOutcome = 'ready';
  alarm: Alarm | undefined;
  /** Of a task: it waits for a wake, and nothing else. */
  parked = false;
  /** Of a task: set by a wake that came before the park. */
  woken = false;
  exitCode = 0;
  /** Of a handler: what its end means to the controller. */
  atEnd: (() => void) | undefined;
  readonly joiners: Thread[] = [];

  constructor(kind: 'task' | 'handler', id: number, level: number, home: Strand) {
    this.kind = kind;
    this.id = id;
    this.level = level;
    this.home = home;
    this.strand = home;
    home.user = this;
  }

  get exception(): ExceptionNumber {
    return this.id as ExceptionNumber;
  }
}
