/**
 * Signals that were sent and not yet taken, for a process or for a thread of it. A standard signal is pending once,
 * with what was told first; real-time signals queue, first in first out for each number (signal(7), "Queueing and
 * delivery semantics for real-time signals"). The limit is the caller's (`SignalQueueLimit`), for it spans both.
 */
import { SIGRTMIN_KERNEL } from './numbers.ts';
import { SI_USER, type SignalInfo, signalInfo } from './siginfo.ts';
import { SignalSet } from './signal-set.ts';

/** How many signals may be queued at once, in all. */
export interface SignalQueueLimit {
  readonly most: number;
  used: number;
}

/** `coalesced`: was pending already; `bare`: pending, but what was told is lost (the queue is full); `full`: refused. */
export type PostResult = 'queued' | 'coalesced' | 'bare' | 'full';

export class PendingSignals {
  readonly set = new SignalSet();
  readonly #limit: SignalQueueLimit;
  /** The oldest of each signal. */
  readonly #first: (SignalInfo | undefined)[] = new Array(65).fill(undefined);
  /** Of real-time signals, those behind it. */
  readonly #behind: (SignalInfo[] | undefined)[] = new Array(65).fill(undefined);

  constructor(limit: SignalQueueLimit) {
    this.#limit = limit;
  }

  /**
   * Linux (kernel/signal.c, __send_signal_locked): at the limit, a signal whose loss the sender could not know of is
   * pending without its details; one that was queued on purpose is refused.
   */
  post(info: SignalInfo): PostResult {
    const { signal } = info;
    const standard = signal < SIGRTMIN_KERNEL;
    if (standard && this.set.has(signal)) return 'coalesced';
    const limit = this.#limit;
    if (limit.used >= limit.most) {
      const overridesLimit = standard && info.code >= 0;
      if (!overridesLimit) return this.#postBare(info, standard);
    }
    limit.used++;
    this.set.add(signal);
    if (this.#first[signal] === undefined) this.#first[signal] = info;
    else this.#queue(info);
    return 'queued';
  }

  #postBare(info: SignalInfo, standard: boolean): PostResult {
    if (!standard && info.code !== SI_USER) return 'full';
    this.set.add(info.signal);
    return 'bare';
  }

  #queue(info: SignalInfo): void {
    const { signal } = info;
    if (this.#behind[signal] === undefined) this.#behind[signal] = [info];
    else this.#behind[signal].push(info);
  }

  /** Takes the oldest of a signal that is pending. */
  take(signal: number): SignalInfo {
    const info = this.#first[signal];
    if (info !== undefined) this.#limit.used--;
    const next = this.#behind[signal]?.shift();
    this.#first[signal] = next;
    if (next === undefined) this.set.delete(signal);
    return info ?? signalInfo(signal, SI_USER);
  }

  /** How many of a signal are queued. */
  count(signal: number): number {
    if (!this.set.has(signal)) return 0;
    return 1 + (this.#behind[signal]?.length ?? 0);
  }

  /** Forgets all of a signal. @returns how many they were. */
  discard(signal: number): number {
    if (!this.set.has(signal)) return 0;
    const discarded = this.count(signal);
    while (this.set.has(signal)) this.take(signal).source?.dropped();
    return discarded;
  }
}
