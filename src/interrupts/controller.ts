/**
 * The interrupt controller: which exceptions are enabled, pending and active, at which priority, behind which masks,
 * and which of them may be taken now. Follows the ARMv7-M Architecture Reference Manual, B1.5.4 (priorities and
 * preemption) and B3.4 (NVIC); lower numbers are more urgent.
 *
 * First form: edge-triggered lines, all eight priority bits, no grouping. It decides and accounts; it calls nobody.
 */
import { assert } from '../assert.ts';
import { WirqError } from '../errors.ts';
import {
  EXCEPTION_COUNT,
  type ExceptionNumber,
  HARD_FAULT,
  NMI,
  SYSTEM_EXCEPTIONS,
  THREAD_MODE,
} from './exceptions.ts';

const WORDS = EXCEPTION_COUNT / 32;

/** The execution priority of thread mode with no mask set: below the least urgent exception (255). */
export const THREAD_PRIORITY = 256;
const HARD_FAULT_PRIORITY = -1;
const NMI_PRIORITY = -2;

/** As deep as distinct priorities allow: 256 configurable ones, HardFault and NMI. */
export const MAX_NESTING = 258;

/** What happened to one exception since reset: raised = delivered + coalesced + cleared + (1 if pending). */
export interface LineAccount {
  readonly raised: number;
  readonly delivered: number;
  /** Raised while already pending: two became one. */
  readonly coalesced: number;
  /** Taken back by `clear_pending` before it was delivered. */
  readonly cleared: number;
  readonly pending: boolean;
}

export class InterruptController {
  /** The event register (B1.5, "Wait For Event and Send Event"): set by SEV and by every entry into and return from an exception, used up by WFE. */
  eventRegister = false;
  readonly #enabled = new Uint32Array(WORDS);
  readonly #pending = new Uint32Array(WORDS);
  readonly #active = new Uint32Array(WORDS);
  readonly #priority = new Int16Array(EXCEPTION_COUNT);
  readonly #raised = new Float64Array(EXCEPTION_COUNT);
  readonly #delivered = new Float64Array(EXCEPTION_COUNT);
  readonly #coalesced = new Float64Array(EXCEPTION_COUNT);
  readonly #cleared = new Float64Array(EXCEPTION_COUNT);
  /** The exceptions in progress, the innermost last. */
  readonly #nesting: ExceptionNumber[] = [];
  #activePriority = THREAD_PRIORITY;
  #primask = false;
  #faultmask = false;
  #basepri = 0;
  /** One bit a word of #pending that has anything in it: arbitration looks nowhere else. */
  #pendingWords = 0;
  #deepest = 0;

  constructor() {
    this.#priority[NMI] = NMI_PRIORITY;
    this.#priority[HARD_FAULT] = HARD_FAULT_PRIORITY;
    // System exceptions have no enable bit in the NVIC: they are always enabled.
    for (const each of SYSTEM_EXCEPTIONS) this.#enabled[each.number >> 5]! |= 1 << (each.number & 31);
  }

  enable(n: ExceptionNumber): void {
    this.#enabled[n >> 5]! |= 1 << (n & 31);
  }

  disable(n: ExceptionNumber): void {
    if (n >= 16) this.#enabled[n >> 5]! &= ~(1 << (n & 31));
  }

  isEnabled(n: ExceptionNumber): boolean {
    return (this.#enabled[n >> 5]! & (1 << (n & 31))) !== 0;
  }

  /** Makes `n` pending. @returns false when it already was: the two become one. */
  pend(n: ExceptionNumber): boolean {
    const word = n >> 5;
    const bit = 1 << (n & 31);
    this.#raised[n]!++;
    if ((this.#pending[word]! & bit) !== 0) {
      this.#coalesced[n]!++;
      return false;
    }
    this.#pending[word]! |= bit;
    this.#pendingWords |= 1 << word;
    return true;
  }

  /** Takes the pending state back: what was raised will not be delivered, and counts as cleared. */
  clearPending(n: ExceptionNumber): void {
    if (!this.isPending(n)) return;
    this.#unpend(n);
    this.#cleared[n]!++;
  }

  isPending(n: ExceptionNumber): boolean {
    return (this.#pending[n >> 5]! & (1 << (n & 31))) !== 0;
  }

  isActive(n: ExceptionNumber): boolean {
    return (this.#active[n >> 5]! & (1 << (n & 31))) !== 0;
  }

  /** Priorities of NMI and HardFault are fixed; setting them is ignored, as on hardware (they have no field). */
  setPriority(n: ExceptionNumber, priority: number): void {
    if (n === NMI || n === HARD_FAULT) return;
    this.#priority[n] = priority & 0xff;
    // That of an active exception counts at once, so that it never interrupts itself.
    if (this.isActive(n)) this.#activePriority = this.#mostUrgentActive();
  }

  priorityOf(n: ExceptionNumber): number {
    return this.#priority[n]!;
  }

  get primask(): boolean {
    return this.#primask;
  }
  set primask(value: boolean) {
    this.#primask = value;
  }
  get faultmask(): boolean {
    return this.#faultmask;
  }
  /** Cannot be set at an execution priority of -1 or above (B1.4.3): NMI would leave it set for ever. */
  set faultmask(value: boolean) {
    if (!value) this.#faultmask = false;
    else if (this.executionPriority > HARD_FAULT_PRIORITY) this.#faultmask = true;
  }
  /** 0 masks nothing; p masks priorities p and less urgent. */
  get basepri(): number {
    return this.#basepri;
  }
  set basepri(value: number) {
    this.#basepri = value & 0xff;
  }

  /** The exception in progress, THREAD_MODE when none is. */
  get current(): ExceptionNumber {
    return this.#nesting.at(-1) ?? THREAD_MODE;
  }

  get depth(): number {
    return this.#nesting.length;
  }

  /** The deepest nesting since reset. */
  get deepest(): number {
    return this.#deepest;
  }

  get anythingPending(): boolean {
    return this.#pendingWords !== 0;
  }

  /** ARMv7-M B1.5.4 ExecutionPriority(): what is active, boosted by the masks. */
  get executionPriority(): number {
    let boosted = THREAD_PRIORITY;
    if (this.#basepri !== 0) boosted = this.#basepri;
    if (this.#primask) boosted = Math.min(boosted, 0);
    if (this.#faultmask) boosted = HARD_FAULT_PRIORITY;
    return Math.min(boosted, this.#activePriority);
  }

  /** The exception to take now: enabled, pending, and more urgent than what executes. */
  mostUrgent(): ExceptionNumber | undefined {
    if (this.#pendingWords === 0) return undefined;
    return this.#select(this.executionPriority);
  }

  /** Whether a wait for interrupt ends: one is pending that would be taken if PRIMASK were clear (B1.5.18). */
  get wakesUp(): boolean {
    if (this.#pendingWords === 0) return false;
    const held = this.#primask;
    this.#primask = false;
    const urgent = this.#select(this.executionPriority);
    this.#primask = held;
    return urgent !== undefined;
  }

  /** Begins the exception: pending becomes active, and its priority that of execution. */
  enter(n: ExceptionNumber): void {
    assert(this.isPending(n), 'only a pending exception is entered');
    if (this.#nesting.length >= MAX_NESTING) throw new WirqError('limit', `handlers nest deeper than ${MAX_NESTING}`);
    this.#unpend(n);
    this.#active[n >> 5]! |= 1 << (n & 31);
    this.#delivered[n]!++;
    this.#nesting.push(n);
    this.eventRegister = true;
    this.#activePriority = Math.min(this.#activePriority, this.#priority[n]!);
    if (this.#nesting.length > this.#deepest) this.#deepest = this.#nesting.length;
  }

  /** Ends the innermost exception. FAULTMASK is cleared on return, unless from NMI (B1.5.8). */
  leave(n: ExceptionNumber): void {
    assert(this.current === n, 'exceptions end in the reverse order of their beginning');
    this.#nesting.pop();
    this.eventRegister = true;
    this.#activePriority = this.#mostUrgentActive();
    this.#active[n >> 5]! &= ~(1 << (n & 31));
    if (n !== NMI) this.#faultmask = false;
  }

  /** Takes a pending exception without running anything: it was delivered by other means (the mailbox). */
  deliverElsewhere(n: ExceptionNumber): void {
    assert(this.isPending(n), 'only a pending exception is delivered');
    this.#unpend(n);
    this.#delivered[n]!++;
  }

  account(n: ExceptionNumber): LineAccount {
    return {
      raised: this.#raised[n]!,
      delivered: this.#delivered[n]!,
      coalesced: this.#coalesced[n]!,
      cleared: this.#cleared[n]!,
      pending: this.isPending(n),
    };
  }

  /** Handlers entered and lines posted since reset, over all exceptions. */
  get deliveredTotal(): number {
    let total = 0;
    for (let n = 1; n < EXCEPTION_COUNT; n++) total += this.#delivered[n]!;
    return total;
  }

  /** Every external line that is enabled and pending among `lines` (a bitmap laid out as #pending); for the mailbox. */
  firstPendingIn(lines: Uint32Array): ExceptionNumber | undefined {
    if (this.#pendingWords === 0) return undefined;
    for (let word = 0; word < WORDS; word++) {
      const bits = this.#pending[word]! & this.#enabled[word]! & lines[word]!;
      if (bits !== 0) return (word * 32 + lowestBit(bits)) as ExceptionNumber;
    }
    return undefined;
  }

  #mostUrgentActive(): number {
    let priority = THREAD_PRIORITY;
    for (const n of this.#nesting) priority = Math.min(priority, this.#priority[n]!);
    return priority;
  }

  #unpend(n: ExceptionNumber): void {
    const word = n >> 5;
    this.#pending[word]! &= ~(1 << (n & 31));
    if (this.#pending[word] === 0) this.#pendingWords &= ~(1 << word);
  }

  /** Lowest priority number wins, then lowest exception number (B1.5.4). Visits set bits only. */
  #select(limit: number): ExceptionNumber | undefined {
    let best: ExceptionNumber | undefined;
    let bestPriority = limit;
    for (let words = this.#pendingWords; words !== 0; words &= words - 1) {
      const word = lowestBit(words);
      for (let bits = this.#pending[word]! & this.#enabled[word]!; bits !== 0; bits &= bits - 1) {
        const n = (word * 32 + lowestBit(bits)) as ExceptionNumber;
        if (this.#priority[n]! < bestPriority) {
          best = n;
          bestPriority = this.#priority[n]!;
        }
      }
    }
    return best;
  }
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

/** A bitmap for `firstPendingIn` with nothing in it. */
export function lineBitmap(): Uint32Array {
  return new Uint32Array(WORDS);
}
