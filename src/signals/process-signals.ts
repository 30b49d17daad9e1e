/**
 * The signals of one process with one thread: its mask, its dispositions, and what is pending for the thread (raise,
 * faults) and for the process (kill, sigqueue, timers, the outside). A pure model: it says what is deliverable and in
 * which order; calling handlers is the machine's part.
 *
 * Follows POSIX.1-2024, 2.4 "Signal Concepts", and where that leaves it open Linux (signal(7), kernel/signal.c).
 * Leaves out process groups, sessions and other threads.
 */
import { assert } from '../assert.ts';
import { Dispositions } from './dispositions.ts';
import { defaultAction, isSynchronous, SIGCONT, SIGKILL, SIGSTOP } from './numbers.ts';
import { PendingSignals, type PostResult } from './pending.ts';
import type { SignalInfo } from './siginfo.ts';
import { SignalSet } from './signal-set.ts';

/** As many as are queued at once before sigqueue answers EAGAIN (Linux: RLIMIT_SIGPENDING). */
export const DEFAULT_QUEUE_LIMIT = 1024;

const STANDARD_SIGNALS = Array.from({ length: 31 }, (_, index) => index + 1);
/** SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV and SIGSYS go first, whatever their number. */
const SYNCHRONOUS = SignalSet.of(...STANDARD_SIGNALS.filter(isSynchronous));
const STOPS = SignalSet.of(...STANDARD_SIGNALS.filter((signal) => defaultAction(signal) === 'stop'));
/** Signals that have others discarded, or a stopped program go on, when they are sent. */
const STOP_OR_GO = SignalSet.of(...STOPS.members(), SIGCONT, SIGKILL);
const UNBLOCKABLE = SignalSet.of(SIGKILL, SIGSTOP);

export type Target = 'thread' | 'process';

/** `ignored`: it was discarded at once; the others as for `PendingSignals.post`. */
export type SendResult = PostResult | 'ignored';

/** Where signals are sent; `from` says by what, in events. */
export interface Sender {
  send(info: SignalInfo, target: Target, from: string): SendResult;
}

export class ProcessSignals {
  readonly dispositions = new Dispositions();
  readonly blocked = new SignalSet();
  /** What sigtimedwait waits for: not to be delivered meanwhile, and yet not blocked. */
  readonly awaited = new SignalSet();
  /** Stopped by SIGSTOP or its like; only SIGKILL and SIGCONT do anything. */
  stopped = false;
  readonly #thread: PendingSignals;
  readonly #shared: PendingSignals;
  /** Pending, and neither blocked nor awaited: kept as they change, for it is asked several times for every signal. */
  readonly #deliverable = new SignalSet();

  constructor(queueLimit: number = DEFAULT_QUEUE_LIMIT) {
    const limit = { most: queueLimit, used: 0 };
    this.#thread = new PendingSignals(limit);
    this.#shared = new PendingSignals(limit);
  }

  /** Whether `take` would give a signal. */
  get deliverable(): boolean {
    return !this.#deliverable.isEmpty;
  }

  /** Sends a signal (POSIX.1-2024, 2.4.1 "Signal Generation and Delivery"). */
  send(info: SignalInfo, target: Target): SendResult {
    const { signal } = info;
    assert(signal >= 1 && signal <= 64, 'a signal is sent');
    if (STOP_OR_GO.has(signal)) this.#settleStops(signal);
    const isOpen = !this.blocked.has(signal);
    if (isOpen && this.dispositions.isIgnored(signal)) {
      info.source?.dropped();
      return 'ignored';
    }
    const result = (target === 'thread' ? this.#thread : this.#shared).post(info);
    if (isOpen && result !== 'full' && !this.awaited.has(signal)) this.#deliverable.add(signal);
    return result;
  }

  /** A stop takes away pending continues, and the other way round, even where they are blocked or ignored. */
  #settleStops(signal: number): void {
    if (STOPS.has(signal)) this.#discard(SIGCONT);
    if (signal !== SIGCONT && signal !== SIGKILL) return;
    this.stopped = false;
    if (signal === SIGCONT) for (const stop of STOPS.members()) this.#discard(stop);
  }

  /** Takes the signal that is to be delivered next; undefined when there is none. */
  take(): SignalInfo | undefined {
    if (!this.deliverable) return undefined;
    const from = this.#deliverable.meets(this.#thread.set) ? this.#thread : this.#shared;
    return this.#taken(from.take(this.#firstOf(from.set)));
  }

  /** Takes the first pending signal of a set, for sigtimedwait; undefined when none is pending. */
  accept(wanted: SignalSet): SignalInfo | undefined {
    for (const pending of [this.#thread, this.#shared]) {
      const signal = first(pending.set.low & wanted.low, pending.set.high & wanted.high);
      if (signal !== 0) return this.#taken(pending.take(signal));
    }
    return undefined;
  }

  isPending(signal: number): boolean {
    return this.#thread.set.has(signal) || this.#shared.set.has(signal);
  }

  /** How many of a signal are pending. */
  count(signal: number): number {
    return this.#thread.count(signal) + this.#shared.count(signal);
  }

  /** Whether any signal of a set is pending. */
  anyPending(wanted: SignalSet): boolean {
    return wanted.meets(this.#thread.set) || wanted.meets(this.#shared.set);
  }

  /** Whether any signal at all is pending. */
  get isAnyPending(): boolean {
    return !this.#thread.set.isEmpty || !this.#shared.set.isEmpty;
  }

  /** The low word of what sigpending shows: pending and blocked. */
  get pendingLow(): number {
    return (this.#thread.set.low | this.#shared.set.low) & this.blocked.low;
  }

  get pendingHigh(): number {
    return (this.#thread.set.high | this.#shared.set.high) & this.blocked.high;
  }

  /** Replaces the mask. SIGKILL and SIGSTOP cannot be blocked; that is no error (POSIX.1-2024, sigprocmask()). */
  setMask(low: number, high: number): void {
    this.blocked.set(low & ~UNBLOCKABLE.low, high);
    this.#update();
  }

  /** While a handler runs, its mask is blocked too, and the signal itself (0: it is not). */
  enterHandler(signal: number, mask: SignalSet): void {
    const { blocked } = this;
    const deliverable = this.#deliverable;
    blocked.set(blocked.low | mask.low, blocked.high | mask.high);
    if (signal !== 0) blocked.add(signal);
    deliverable.set(deliverable.low & ~blocked.low, deliverable.high & ~blocked.high);
  }

  /** Waits for a set, or (0, 0) no longer. */
  await(low: number, high: number): void {
    this.awaited.set(low & ~UNBLOCKABLE.low, high);
    this.#update();
  }

  /** @returns how many pending signals were discarded, because they are ignored from now on. */
  setDisposition(signal: number, handler: number, flags: number, low: number, high: number): number {
    assert(signal !== SIGKILL && signal !== SIGSTOP, 'SIGKILL and SIGSTOP keep their disposition');
    this.dispositions.of(signal).assign(handler, flags, low, high);
    return this.dispositions.isIgnored(signal) ? this.#discard(signal) : 0;
  }

  /** A fault cannot wait: blocked or ignored, it takes the default action (Linux, force_sig_info_to_task). */
  forceDefault(signal: number): void {
    this.dispositions.of(signal).assign(0, 0, 0, 0);
    this.blocked.delete(signal);
    this.#update();
  }

  #discard(signal: number): number {
    const discarded = this.#thread.discard(signal) + this.#shared.discard(signal);
    this.#update();
    return discarded;
  }

  #taken(info: SignalInfo): SignalInfo {
    if (info.source !== undefined) info.overrun = info.source.taken();
    if (!this.isPending(info.signal)) this.#deliverable.delete(info.signal);
    return info;
  }

  #update(): void {
    const { blocked, awaited } = this;
    const thread = this.#thread.set;
    const shared = this.#shared.set;
    const low = (thread.low | shared.low) & ~blocked.low & ~awaited.low;
    const high = (thread.high | shared.high) & ~blocked.high & ~awaited.high;
    this.#deliverable.set(low, high);
  }

  /** The most urgent deliverable signal of a set: faults, then the lowest number; 0 when there is none. */
  #firstOf(pending: SignalSet): number {
    const deliverable = this.#deliverable;
    const low = pending.low & deliverable.low;
    const high = pending.high & deliverable.high;
    const synchronous = low & SYNCHRONOUS.low;
    return synchronous !== 0 ? first(synchronous, 0) : first(low, high);
  }
}

/** The lowest signal of two words; 0 when they are empty. */
function first(low: number, high: number): number {
  if (low !== 0) return 32 - Math.clz32(low & -low);
  return high === 0 ? 0 : 64 - Math.clz32(high & -high);
}
