/**
 * A second model of a process's pending signals, written from signal(7), POSIX.1-2024 2.4 and kernel/signal.c rather
 * than from the first: one list of what was sent, and arrays of numbers for sets. Slow and obvious.
 */

export interface Sent {
  readonly signal: number;
  readonly code: number;
  readonly value: number;
}

type Target = 'thread' | 'process';

const KILL = 9;
const CONT = 18;
const STOP = 19;
const STOPS = [STOP, 20, 21, 22];
/** CHLD, URG, WINCH; and CONT, which has done its work when it was sent. */
const IGNORED_BY_DEFAULT = [17, 23, 28, CONT];
/** ILL, TRAP, BUS, FPE, SEGV, SYS. */
const OF_FAULTS = [4, 5, 7, 8, 11, 31];
const SI_USER = 0;

export class ModelSignals {
  /** In the order they were sent. Where the queue was full, all that is known of a signal is that it is pending. */
  #queued: { readonly target: Target; readonly sent: Sent }[] = [];
  #bare: { readonly target: Target; readonly signal: number }[] = [];
  readonly #dispositions = new Map<number, 'default' | 'ignore' | 'handler'>();
  readonly #limit: number;
  blocked: readonly number[] = [];
  awaited: readonly number[] = [];
  stopped = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  send(sent: Sent, target: Target): string {
    const { signal } = sent;
    if (STOPS.includes(signal)) this.#forget([CONT]);
    if (signal === CONT) this.#forget(STOPS);
    if (signal === CONT || signal === KILL) this.stopped = false;
    if (this.#isIgnored(signal) && !this.blocked.includes(signal)) return 'ignored';
    if (signal < 32 && this.#pendingOf(target).includes(signal)) return 'coalesced';
    const room = this.#queued.length < this.#limit;
    // The kernel, and whoever used kill() for a standard signal, need not wait for room.
    if (!room && !(signal < 32 && sent.code >= 0)) {
      if (signal >= 32 && sent.code !== SI_USER) return 'full';
      this.#bare.push({ target, signal });
      return 'bare';
    }
    this.#queued.push({ target, sent });
    return 'queued';
  }

  take(): Sent | undefined {
    for (const target of ['thread', 'process'] as const) {
      const candidates = this.#pendingOf(target).filter((each) => !this.#isHeldBack(each));
      const faults = candidates.filter((each) => OF_FAULTS.includes(each));
      const urgent = faults.length > 0 ? faults : candidates;
      if (urgent.length > 0) return this.#remove(target, Math.min(...urgent));
    }
    return undefined;
  }

  accept(wanted: readonly number[]): Sent | undefined {
    for (const target of ['thread', 'process'] as const) {
      const candidates = this.#pendingOf(target).filter((each) => wanted.includes(each));
      if (candidates.length > 0) return this.#remove(target, Math.min(...candidates));
    }
    return undefined;
  }

  get deliverable(): boolean {
    return this.pending().some((each) => !this.#isHeldBack(each));
  }

  setMask(signals: readonly number[]): void {
    this.blocked = signals.filter((each) => each !== KILL && each !== STOP);
  }

  await(signals: readonly number[]): void {
    this.awaited = signals.filter((each) => each !== KILL && each !== STOP);
  }

  setDisposition(signal: number, disposition: 'default' | 'ignore' | 'handler'): void {
    this.#dispositions.set(signal, disposition);
    if (this.#isIgnored(signal)) this.#forget([signal]);
  }

  /** What is pending, blocked or not, each once. */
  pending(): number[] {
    return [...new Set([...this.#pendingOf('thread'), ...this.#pendingOf('process')])].sort((a, b) => a - b);
  }

  #pendingOf(target: Target): number[] {
    const queued = this.#queued.filter((each) => each.target === target).map((each) => each.sent.signal);
    const bare = this.#bare.filter((each) => each.target === target).map((each) => each.signal);
    return [...queued, ...bare];
  }

  #isHeldBack(signal: number): boolean {
    return this.blocked.includes(signal) || this.awaited.includes(signal);
  }

  #isIgnored(signal: number): boolean {
    const disposition = this.#dispositions.get(signal) ?? 'default';
    return disposition === 'ignore' || (disposition === 'default' && IGNORED_BY_DEFAULT.includes(signal));
  }

  #remove(target: Target, signal: number): Sent {
    const is = (each: { readonly target: Target }, number: number) => each.target === target && number === signal;
    const index = this.#queued.findIndex((each) => is(each, each.sent.signal));
    const sent = index === -1 ? { signal, code: SI_USER, value: 0 } : this.#queued[index]!.sent;
    this.#queued = this.#queued.filter((_, place) => place !== index);
    // When the last that is known of has been taken, nothing is pending any more.
    if (!this.#queued.some((each) => is(each, each.sent.signal)))
      this.#bare = this.#bare.filter((each) => !is(each, each.signal));
    return sent;
  }

  #forget(signals: readonly number[]): void {
    this.#queued = this.#queued.filter((each) => !signals.includes(each.sent.signal));
    this.#bare = this.#bare.filter((each) => !signals.includes(each.signal));
  }
}
