/**
 * A few words of memory that the scheduler loop and the WebAssembly code around the guest have in common: reading and
 * writing them is a load and a store on both sides, where a call from JavaScript into WebAssembly takes as long as all the
 * rest of an interrupt. They mean something only while the host runs: code on the way from the guest to the host brings them
 * up to date, and code on the way back obeys them (machine/doors.ts, machine/handler-call.ts).
 */
import type { MachineClock } from '../clock/machine-clock.ts';
import type { Attention } from './attention.ts';
import type { Core } from './participants.ts';

/** What the guest's counter holds: what it comes with, and what it goes on with. */
const BUDGET = 0;
/** The slot of the handler that runs before a call of the guest's returns; 0 for none. */
const NEXT = 1;
/** What that handler is given: the number of its line or signal; and for signals siginfo_t and ucontext_t. */
const ARGUMENT = 2;
const INFO = 3;
const CONTEXT = 4;
/** Where its stack begins; 0 for below the red zone of what it interrupts. */
const TOP = 5;
/** The same where addresses have 64 bits, as a float, for a BigInt would have to be allocated: counts floats, not words. */
const WIDE_TOP = 3;

/** 1: nothing hangs on the return of the handler that is next, and the host need not be called for it. */
const QUIET = 8;
/** 1: it has returned so, and left the guest this much of its budget; the host has yet to catch up with it. */
const RETURNED = 9;
const RETURNED_WITH = 10;

/** In one object: V8 does not see through an exported constant, and these are used all the time. */
export const REGISTER = {
  budget: BUDGET,
  next: NEXT,
  argument: ARGUMENT,
  info: INFO,
  context: CONTEXT,
  top: TOP,
  wideTop: WIDE_TOP,
  quiet: QUIET,
  returned: RETURNED,
  returnedWith: RETURNED_WITH,
} as const;

/** Slots from here on are handlers of signals, below are those of exceptions. */
export const FIRST_SIGNAL_SLOT = 512;

/** What comes after a handler that has ended. */
export const FOLLOWING = {
  /** What is deliverable, then the way back from a call of the host. */
  hostCall: 0,
  /** The same from a safepoint: there a budget was used up. */
  safepoint: 1,
  /** What is deliverable, then the host goes on. */
  host: 2,
  /** Nothing: it was called on its own. */
  nothing: 3,
} as const;
export type Following = (typeof FOLLOWING)[keyof typeof FOLLOWING];

export class Registers {
  readonly memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  readonly #words = new Int32Array(this.memory.buffer);
  readonly #floats = new Float64Array(this.memory.buffer);
  readonly #clock: MachineClock;
  readonly #attention: Attention;
  #core: Core | undefined;
  /** As `Core.isBare`, a number: V8 compares a boolean in a field with all that is false. */
  #bare = 0;
  /** As they stand in the registers: mostly they are the same again. */
  #argument = 0;
  #top = 0;
  /** The handler that may return without a word, or has done so. */
  #quietSlot = 0;

  constructor(clock: MachineClock, attention: Attention) {
    this.#clock = clock;
    this.#attention = attention;
  }

  /** Connects the instantiated guest. Nothing is granted yet, and so nothing has been used. */
  connect(core: Core): void {
    this.#core = core;
    this.#bare = core.isBare ? 1 : 0;
    this.#words[BUDGET] = 0;
    core.store(0);
    this.#clock.grant(0);
  }

  // The guest's counter

  get budget(): number {
    return this.#words[BUDGET]!;
  }

  /** Brings the clock up to date while the guest waits for a call of the host. */
  settle(): void {
    if (this.#bare !== 0) this.#words[BUDGET] = this.#core!.fetch();
    this.settleHere();
  }

  /** The same at a place where nobody else has to carry the counter over. */
  settleHere(): void {
    this.settleAt(this.#words[BUDGET]!);
  }

  /** The same where whoever called the host also says what the register holds. */
  settleAt(remaining: number): void {
    if (this.#words[RETURNED] !== 0) this.#catchUp();
    this.#clock.settle(remaining);
    if (remaining < 0) this.#attention.budgetIsStale();
  }

  /** The same with what a safepoint was told, or where the guest was called and has returned or trapped. */
  settleWith(remaining: number): void {
    this.#words[BUDGET] = remaining;
    this.settleAt(remaining);
  }
  settleReturned(): void {
    if (this.#core === undefined) return;
    this.#words[QUIET] = 0;
    if (this.#words[RETURNED] !== 0) this.#catchUp();
    this.settleWith(this.#core.fetch());
  }

  // Quiet returns

  /** Nothing hangs on the return of the handler in `slot`, which is next, unless it calls out or uses up its budget. */
  returnQuietly(slot: number): void {
    if (this.#bare !== 0) return;
    this.#words[QUIET] = 1;
    this.#quietSlot = slot;
  }

  /** For calls of the host that settle nothing: a handler may have returned without a word. */
  hearReturn(): void {
    if (this.#words[RETURNED] !== 0) this.#catchUp();
  }

  /** What the end of a handler that has returned does is done for the time at which that was. */
  #catchUp(): void {
    this.#words[RETURNED] = 0;
    const remaining = this.#words[RETURNED_WITH]!;
    this.#clock.settle(remaining);
    try {
      this.#core!.end(this.#quietSlot);
    } catch (error) {
      // What the guest has done since does not count: it ended there.
      this.giveCalled(remaining);
      throw error;
    }
  }

  /** What the guest goes on with. */
  give(budget: number): void {
    this.#words[BUDGET] = budget;
    if (this.#bare !== 0) this.#core!.store(budget);
  }

  /** What the guest begins with, when it is called. */
  giveCalled(budget: number): void {
    this.#words[BUDGET] = budget;
    this.#core?.store(budget);
  }

  /** The guest goes on with what was given. */
  giveBack(): void {
    if (this.#bare === 0) this.#core!.store(this.#words[BUDGET]!);
  }

  // The handler that is next

  /** What it is called with, on the stack that begins at `top`; for 0, on the interrupted one. */
  prepare(argument: number, top: number): void {
    if (argument !== this.#argument) this.#setArgument(argument);
    if (top !== this.#top) this.#setTop(top);
  }

  #setArgument(argument: number): void {
    this.#argument = argument;
    this.#words[ARGUMENT] = argument;
  }

  #setTop(top: number): void {
    this.#top = top;
    this.#words[TOP] = top;
    this.#floats[WIDE_TOP] = top;
  }

  /** The same with the addresses that a handler of signals takes. */
  prepareSignal(signal: number, info: number, context: number, top: number): void {
    this.#words[INFO] = info;
    this.#words[CONTEXT] = context;
    this.prepare(signal, top);
  }

  /** It runs before the host call returns. */
  callNext(slot: number): void {
    this.#words[NEXT] = slot;
  }
}
