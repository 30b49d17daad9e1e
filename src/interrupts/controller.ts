/**
 * The interrupt controller: which exceptions are enabled, pending and active, at which priority, behind which masks,
 * and which of them may be taken now. Follows the ARMv7-M Architecture Reference Manual, B1.5.4 (priorities and
 * preemption), B1.5.8 (return), B1.5.18 and B1.5.19 (waiting) and B3.4 (NVIC); lower numbers are more urgent.
 *
 * It decides and accounts; it calls nobody. Left out: MemManage, BusFault, UsageFault and DebugMonitor, for which Wasm has no causes.
 */
import { assert } from '../assert.ts';
import { WirqError } from '../errors.ts';
import type { LineAccount } from './accounts.ts';
import { Exception, STATE } from './exception.ts';
import {
  EXCEPTION_COUNT,
  type ExceptionNumber,
  HARD_FAULT,
  NMI,
  SYSTEM_EXCEPTIONS,
  THREAD_MODE,
} from './exceptions.ts';
import { groupOf, HARD_FAULT_PRIORITY, MAX_NESTING, MOST_PRIORITY_BITS, THREAD_PRIORITY } from './priorities.ts';
import { ReadySet } from './ready-set.ts';
import { InterruptTimes, type LineTimes } from './times.ts';

const { ENABLED, PENDING, ACTIVE, ASSERTED, ELSEWHERE, ASIDE } = STATE;

/** Bits of the system control register (B3.2.7). */
const SLEEP_ON_EXIT = 1 << 1;
const SEV_ON_PEND = 1 << 4;
const SYSTEM_CONTROL_BITS = SLEEP_ON_EXIT | (1 << 2) | SEV_ON_PEND;

export class InterruptController {
  /** The event register (B1.5, "Wait For Event and Send Event"): set by SEV and by every entry into and return from an exception, used up by WFE. */
  eventRegister = false;
  /** Whether the end of the exception that began last leads on, as things stood then: to another one, to the same again, or to sleep. */
  endLeadsOn = false;
  readonly #exceptions = Array.from({ length: EXCEPTION_COUNT }, (_, n) => Exception.numbered(n));
  readonly #times: InterruptTimes;
  /** Which bits of a priority are there. */
  readonly #priorityMask: number;
  /** Pending and enabled. */
  readonly #ready = new ReadySet();
  /** Pending and enabled, but not to be taken: they go another way. All of one priority. */
  readonly #readyElsewhere = new ReadySet();
  /** The exceptions in progress, the outermost first. */
  readonly #nesting: Exception[] = new Array(MAX_NESTING).fill(this.#exceptions[THREAD_MODE]);
  #depth = 0;
  #deepest = 0;
  /** Group priority of what is active. */
  #activePriority = THREAD_PRIORITY;
  /** What the masks raise it to. */
  #boost = THREAD_PRIORITY;
  /** The lesser of both: what a pending exception has to be more urgent than. */
  #executionPriority = THREAD_PRIORITY;
  #primask = false;
  #faultmask = false;
  #basepri = 0;
  #grouping = 0;
  #systemControl = 0;

  /** @param priorityBits how many bits of a priority are implemented, from the top; the others read as zero. */
  constructor(priorityBits: number = MOST_PRIORITY_BITS, times: InterruptTimes = new InterruptTimes()) {
    assert(priorityBits > 0 && priorityBits <= MOST_PRIORITY_BITS, 'a number of priority bits');
    this.#priorityMask = (0xff << (8 - priorityBits)) & 0xff;
    this.#times = times;
    // System exceptions have no enable bit in the NVIC: they are always enabled.
    for (const each of SYSTEM_EXCEPTIONS) this.#exceptions[each.number]!.state |= ENABLED;
  }

  enable(n: ExceptionNumber): void {
    if (this.isEnabled(n)) return;
    this.#exceptions[n]!.state |= ENABLED;
    if (this.isPending(n)) this.#makeReady(n, this.#exceptions[n]!);
  }

  disable(n: ExceptionNumber): void {
    if (n < 16) return;
    this.#exceptions[n]!.state &= ~ENABLED;
    this.#makeUnready(n, this.#exceptions[n]!);
  }

  isEnabled(n: ExceptionNumber): boolean {
    return (this.#exceptions[n]!.state & ENABLED) !== 0;
  }

  /**
   * Registers go to what they are after a reset (B1.5.5). The accounts go on: what was pending is dropped. A line whose
   * level is asserted from outside pends again.
   */
  reset(): void {
    for (let n = 1; n < EXCEPTION_COUNT; n++) {
      const exception = n as ExceptionNumber;
      if (this.isPending(exception)) this.drop(exception);
      this.disable(exception);
      this.#exceptions[n]!.state &= ~(ACTIVE | ASIDE);
      this.routeElsewhere(exception, false);
      this.setPriority(exception, 0);
      if (this.isAsserted(exception)) this.pend(exception);
    }
    this.#depth = 0;
    this.#primask = false;
    this.#faultmask = false;
    this.#basepri = 0;
    this.#grouping = 0;
    this.#systemControl = 0;
    this.eventRegister = false;
    this.#activePrioritiesChanged();
    this.#masksChanged();
  }

  /** Makes `n` pending. @returns false when it already was: the two become one. */
  pend(n: ExceptionNumber): boolean {
    const exception = this.#exceptions[n]!;
    const { state } = exception;
    exception.raised++;
    if ((state & PENDING) !== 0) {
      exception.coalesced++;
      return false;
    }
    exception.state = state | PENDING;
    this.#times.pended(exception);
    if ((state & (ENABLED | ASIDE | ELSEWHERE)) === ENABLED) this.#ready.add(n, exception.priority);
    else if ((state & ENABLED) !== 0) this.#makeReady(n, exception);
    if ((this.#systemControl & SEV_ON_PEND) !== 0) this.eventRegister = true;
    return true;
  }

  /**
   * Takes the pending state back: what was raised will not be delivered, and counts as cleared. Of a line whose level
   * is asserted and that is not active, it stays (B3.4.1: a level-sensitive interrupt is pending while it is asserted).
   */
  clearPending(n: ExceptionNumber): void {
    if (!this.isPending(n) || (this.isAsserted(n) && !this.isActive(n))) return;
    this.#unpend(n).cleared++;
  }

  /** Takes the pending state back because nobody can handle it. */
  drop(n: ExceptionNumber): void {
    assert(this.isPending(n), 'only a pending exception is dropped');
    this.#unpend(n).dropped++;
  }

  isPending(n: ExceptionNumber): boolean {
    return (this.#exceptions[n]!.state & PENDING) !== 0;
  }

  isActive(n: ExceptionNumber): boolean {
    return (this.#exceptions[n]!.state & ACTIVE) !== 0;
  }

  /** Notes the level of a line's input. Who asserts it has to `pend` it too, and again where `leave` says so. */
  assertLevel(n: ExceptionNumber, asserted: boolean): void {
    if (asserted) this.#exceptions[n]!.state |= ASSERTED;
    else this.#exceptions[n]!.state &= ~ASSERTED;
  }

  isAsserted(n: ExceptionNumber): boolean {
    return (this.#exceptions[n]!.state & ASSERTED) !== 0;
  }

  // Priorities

  /** Priorities of NMI and HardFault are fixed; setting them is ignored, as on hardware (they have no field). */
  setPriority(n: ExceptionNumber, priority: number): void {
    if (n === NMI || n === HARD_FAULT) return;
    const ready = this.isPending(n) && this.isEnabled(n);
    if (ready) this.#makeUnready(n, this.#exceptions[n]!);
    this.#prioritise(this.#exceptions[n]!, priority & this.#priorityMask);
    if (ready) this.#makeReady(n, this.#exceptions[n]!);
    // That of an active exception counts at once, so that it never interrupts itself.
    if (this.isActive(n)) this.#activePrioritiesChanged();
  }

  priorityOf(n: ExceptionNumber): number {
    return this.#exceptions[n]!.priority;
  }

  /** AIRCR.PRIGROUP (B3.2.6), 0 … 7: bits 7 to `grouping` + 1 of a priority decide on preemption, the others on the order. */
  get grouping(): number {
    return this.#grouping;
  }
  set grouping(value: number) {
    this.#grouping = value & 7;
    for (const each of this.#exceptions) this.#prioritise(each, each.priority);
    this.#activePrioritiesChanged();
    this.#masksChanged();
  }

  /** SCR: SLEEPONEXIT, SLEEPDEEP (kept, without effect) and SEVONPEND. */
  get systemControl(): number {
    return this.#systemControl;
  }
  set systemControl(value: number) {
    this.#systemControl = value & SYSTEM_CONTROL_BITS;
  }

  get sleepsOnExit(): boolean {
    return (this.#systemControl & SLEEP_ON_EXIT) !== 0;
  }

  get primask(): boolean {
    return this.#primask;
  }
  set primask(value: boolean) {
    this.#primask = value;
    this.#masksChanged();
  }
  get faultmask(): boolean {
    return this.#faultmask;
  }
  /** Cannot be set at an execution priority of -1 or above (B1.4.3): NMI would leave it set for ever. */
  set faultmask(value: boolean) {
    if (value && this.#executionPriority <= HARD_FAULT_PRIORITY) return;
    this.#faultmask = value;
    this.#masksChanged();
  }
  /** 0 masks nothing; p masks priorities p and less urgent. */
  get basepri(): number {
    return this.#basepri;
  }
  set basepri(value: number) {
    this.#basepri = value & this.#priorityMask;
    this.#masksChanged();
  }

  /** BASEPRI_MAX: sets BASEPRI only where that masks more (B1.4.3, B5.2.3). */
  raiseBasepri(value: number): void {
    const priority = value & this.#priorityMask;
    if (priority !== 0 && (this.#basepri === 0 || priority < this.#basepri)) this.basepri = priority;
  }

  /** Whether PRIMASK, FAULTMASK or BASEPRI holds anything back. */
  get isMasked(): boolean {
    return this.#boost !== THREAD_PRIORITY;
  }

  /** The exception in progress, THREAD_MODE when none is. */
  get current(): ExceptionNumber {
    return this.#depth === 0 ? THREAD_MODE : this.#nesting[this.#depth - 1]!.number;
  }

  /** The one that ended last, until another begins. */
  get justLeft(): ExceptionNumber {
    return this.#nesting[this.#depth]!.number;
  }

  get depth(): number {
    return this.#depth;
  }

  /** The deepest nesting since reset. */
  get deepest(): number {
    return this.#deepest;
  }

  /** ARMv7-M B1.5.4 ExecutionPriority(): what is active, boosted by the masks. */
  get executionPriority(): number {
    return this.#executionPriority;
  }

  /**
   * The exception to take now: enabled, pending, and more urgent than what executes. The execution priority has no
   * sub-priority bits, so that comparing the whole priority with it compares the group's.
   */
  mostUrgent(): ExceptionNumber | undefined {
    return this.#ready.first(this.#executionPriority);
  }

  /** Whether a wait for interrupt ends: one is pending that would be taken if PRIMASK were clear (B1.5.19). */
  get wakesUp(): boolean {
    if (this.#ready.isEmpty) return false;
    return this.#ready.first(Math.min(this.#boostBy(false), this.#activePriority)) !== undefined;
  }

  /** Begins the exception: pending becomes active, and its priority that of execution. */
  enter(n: ExceptionNumber): void {
    const exception = this.#exceptions[n]!;
    const { state, priority, group } = exception;
    const depth = this.#depth;
    const interrupted = this.#activePriority;
    if ((state & (PENDING | ELSEWHERE)) !== PENDING || depth === this.#nesting.length) this.#refuse(exception);
    this.#ready.delete(n, priority);
    exception.state = (state & ~PENDING) | ACTIVE;
    exception.delivered++;
    exception.interrupted = interrupted;
    this.#times.entered(exception);
    this.#nesting[depth] = exception;
    this.#depth = depth + 1;
    if (depth >= this.#deepest) this.#deepest = depth + 1;
    this.eventRegister = true;
    const held = (state & ASSERTED) | (this.#systemControl & SLEEP_ON_EXIT);
    this.endLeadsOn = held !== 0 || this.#ready.first(this.#executionPriority) !== undefined;
    if (group >= interrupted) return;
    this.#activePriority = group;
    this.#executionPriority = Math.min(this.#boost, group);
  }

  #refuse({ state }: Exception): never {
    assert((state & (PENDING | ELSEWHERE)) === PENDING, 'only a pending exception is entered');
    throw new WirqError('limit', `handlers nest deeper than ${MAX_NESTING}`);
  }

  /**
   * Ends the innermost exception. FAULTMASK is cleared on return, unless from NMI (B1.5.8).
   * @returns what is left to do, of `LEAVING`: where the level of its line is still asserted, it has to be pended again.
   */
  leave(): number {
    const depth = this.#depth - 1;
    if (depth < 0) assert(false, 'an exception is in progress');
    const exception = this.#nesting[depth]!;
    this.#depth = depth;
    this.#times.left(exception);
    this.eventRegister = true;
    this.#activePriority = exception.interrupted;
    exception.state &= ~ACTIVE;
    const unmasked = this.#faultmask && exception.number !== NMI;
    if (unmasked) this.faultmask = false;
    this.#executionPriority = Math.min(this.#boost, this.#activePriority);
    return (exception.state & ASSERTED) | (unmasked ? 1 : 0);
  }

  /** A handler waits: its exception stays active and is not entered again, but holds nothing back meanwhile. */
  stepAside(n: ExceptionNumber): void {
    const at = this.#nesting.lastIndexOf(this.#exceptions[n]!, this.#depth - 1);
    assert(at >= 0, 'only an active exception steps aside');
    this.#nesting.copyWithin(at, at + 1, this.#depth);
    this.#depth--;
    this.#makeUnready(n, this.#exceptions[n]!);
    this.#exceptions[n]!.state |= ASIDE;
    this.#activePrioritiesChanged();
  }

  /** It goes on: its priority is that of execution again. */
  comeBack(n: ExceptionNumber): void {
    this.#exceptions[n]!.state &= ~ASIDE;
    if (this.isPending(n) && this.isEnabled(n)) this.#makeReady(n, this.#exceptions[n]!);
    this.#nesting[this.#depth++] = this.#exceptions[n]!;
    this.#activePrioritiesChanged();
  }

  /** Takes a pending exception without running anything: it was delivered by other means (the mailbox). */
  deliverElsewhere(n: ExceptionNumber): void {
    assert(this.isPending(n), 'only a pending exception is delivered');
    const exception = this.#unpend(n);
    exception.delivered++;
    this.#times.entered(exception);
  }

  /** Was raised and delivered without passing through here; or what did has overrun something. */
  postedElsewhere(n: ExceptionNumber, posted: number, overruns: number): void {
    this.#exceptions[n]!.count(posted, overruns);
  }

  account(n: ExceptionNumber): LineAccount {
    return this.#exceptions[n]!.copy(this.isPending(n));
  }

  timesOf(n: ExceptionNumber): LineTimes {
    return this.#exceptions[n]!.times;
  }

  /** Whether `n` is never taken, but left to `firstElsewhere`. */
  routeElsewhere(n: ExceptionNumber, elsewhere: boolean): void {
    const ready = this.isPending(n) && this.isEnabled(n);
    if (ready) this.#makeUnready(n, this.#exceptions[n]!);
    if (elsewhere) this.#exceptions[n]!.state |= ELSEWHERE;
    else this.#exceptions[n]!.state &= ~ELSEWHERE;
    if (ready) this.#makeReady(n, this.#exceptions[n]!);
  }

  /** The lowest number of those that are enabled and pending, and delivered by other means. */
  firstElsewhere(): ExceptionNumber | undefined {
    return this.#readyElsewhere.first(THREAD_PRIORITY);
  }

  /** It is pending and enabled. One that waits is not entered again meanwhile. */
  #makeReady(n: ExceptionNumber, { state, priority }: Exception): void {
    if ((state & (ASIDE | ELSEWHERE)) === 0) this.#ready.add(n, priority);
    else if ((state & ASIDE) === 0) this.#readyElsewhere.add(n, 0);
  }

  #makeUnready(n: ExceptionNumber, { state, priority }: Exception): void {
    if ((state & ELSEWHERE) === 0) this.#ready.delete(n, priority);
    else this.#readyElsewhere.delete(n, 0);
  }

  #unpend(n: ExceptionNumber): Exception {
    const exception = this.#exceptions[n]!;
    exception.state &= ~PENDING;
    this.#makeUnready(n, exception);
    return exception;
  }

  #prioritise(exception: Exception, priority: number): void {
    exception.priority = priority;
    exception.group = groupOf(priority, this.#grouping);
  }

  #boostBy(primask: boolean): number {
    if (this.#faultmask) return HARD_FAULT_PRIORITY;
    if (primask) return 0;
    return this.#basepri === 0 ? THREAD_PRIORITY : groupOf(this.#basepri, this.#grouping);
  }

  #masksChanged(): void {
    this.#boost = this.#boostBy(this.#primask);
    this.#executionPriority = Math.min(this.#boost, this.#activePriority);
  }

  #activePrioritiesChanged(): void {
    let priority = THREAD_PRIORITY;
    for (let at = 0; at < this.#depth; at++) {
      const exception = this.#nesting[at]!;
      exception.interrupted = priority;
      priority = Math.min(priority, exception.group);
    }
    this.#activePriority = priority;
    this.#executionPriority = Math.min(this.#boost, priority);
  }
}
