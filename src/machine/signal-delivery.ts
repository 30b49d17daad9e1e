/**
 * Signals on their way into the guest: the model of signals/ says which is next, and this calls its handler, posts it to
 * the mailbox, or takes its default action, when the scheduler loop says so. A handler begins where Linux would have it
 * begin: all that is deliverable is stacked up first, so that the signal taken last is handled first (signal(7),
 * "Execution of signal handlers"; arch/x86/kernel/signal.c).
 */
import { assert } from '../assert.ts';
import type { Instant } from '../clock/instant.ts';
import type { WaitOutcome } from '../guests/services.ts';
import { AlternateStack } from '../guests/signal.ts';
import type { Frame, Outcome } from '../scheduler/outcome.ts';
import {
  type Disposition,
  SA_NODEFER,
  SA_ONSTACK,
  SA_RESETHAND,
  SA_RESTART,
  SA_SIGINFO,
  SIG_DFL,
} from '../signals/dispositions.ts';
import { defaultAction, SIGSEGV, signalName } from '../signals/numbers.ts';
import { ProcessSignals, type SendResult, type Target } from '../signals/process-signals.ts';
import type { SignalInfo } from '../signals/siginfo.ts';
import type { SignalSet } from '../signals/signal-set.ts';
import type { DeliveryHost } from './delivery-host.ts';
import type { EventDetails } from './events.ts';
import { takesSignalOnly } from './handler-call.ts';
import { type SignalFrame, SignalFrames, type SignalGuest } from './signal-frames.ts';

/** What a trap is as a signal. `needsOwnStack`: its handler can only run on another stack. */
export interface Fault {
  readonly info: SignalInfo;
  readonly needsOwnStack: boolean;
}

/** A call of the guest that waits, and that a handler may end. */
interface Waiting {
  /** Whether SA_RESTART has it go on. */
  readonly restarts: boolean;
  interrupted: boolean;
}

/** A handler that has begun, or that is to be called when those above it have returned. */
class Delivered {
  info: SignalInfo | undefined;
  /** Undefined for a handler that wants nothing on its stack. */
  frame: SignalFrame | undefined;
  called = false;
  /** The mask to come back to. */
  maskLow = 0;
  maskHigh = 0;
  /** The call of the guest that it interrupted. */
  waiting: Waiting | undefined;
}

/** So many faults in handlers of faults are a way to die. */
const MOST_FAULTS = 32;

export class SignalDelivery {
  readonly state = new ProcessSignals();
  readonly altStack = new AlternateStack();
  /** What a handler threw to leave by siglongjmp: the one exception that may pass through to the guest. */
  escaping: unknown;
  /** Handlers that have run since reset. */
  handled = 0;
  readonly #host: DeliveryHost;
  /** The slots of handler-call.ts; 0 for none. */
  readonly #slots = new Int32Array(65);
  /** The handlers that have not returned, the first one first. Used again and again. */
  readonly #stack: Delivered[] = [];
  #depth = 0;
  /** Those below wait for something else than the end of what is above them. */
  #floor = 0;
  #frames: SignalFrames | undefined;
  #waiting: Waiting | undefined;
  /** The mask to come back to, while the guest waits under another one. */
  #maskAfterWait: SignalSet | undefined;
  #nextWaitMask: SignalSet | undefined;
  #faults = 0;

  constructor(host: DeliveryHost) {
    this.#host = host;
  }

  connect(guest: SignalGuest): void {
    this.#frames = new SignalFrames(guest, this.altStack);
  }

  /** `slot`: where handler-call.ts has it. */
  setHandler(signal: number, slot: number): void {
    this.#slots[signal] = slot;
  }

  /** Whether `next` would do anything. */
  get deliverable(): boolean {
    return this.state.deliverable && !this.state.stopped;
  }

  /** Whether the end of the handler that begins next does more than put the mask back, as things stand. */
  get endLeadsOn(): boolean {
    if (this.state.isAnyPending) return true;
    const { frame, waiting } = this.#stack[this.#depth - 1]!;
    const below = this.#depth - 2;
    return frame !== undefined || waiting !== undefined || (below >= this.#floor && !this.#stack[below]!.called);
  }

  // Sending

  send(info: SignalInfo, target: Target, from: string): SendResult {
    const { state } = this;
    const host = this.#host;
    const { observed } = host;
    if (observed) this.#logGeneration(info, from);
    if (host.hasMailbox && !state.blocked.has(info.signal) && host.post(info)) return 'queued';
    const wasStopped = state.stopped;
    const result = state.send(info, target);
    if (observed) this.#logFate(info, result, wasStopped);
    if (this.deliverable) host.attend();
    return result;
  }

  #logGeneration(info: SignalInfo, from: string): void {
    this.#host.settle(); // events tell the time
    this.#log(info, 'generate', { source: from });
  }

  #logFate(info: SignalInfo, result: SendResult, wasStopped: boolean): void {
    const { state } = this;
    if (result === 'ignored') this.#log(info, 'discard', { reason: 'it is ignored' });
    else if (result === 'coalesced') this.#log(info, 'coalesce', { reason: 'it is pending already' });
    else if (result === 'full') this.#log(info, 'discard', { reason: 'the queue is full' });
    else if (state.stopped) this.#log(info, 'queue', { reason: 'the program is stopped' });
    else if (state.awaited.has(info.signal)) this.#log(info, 'queue', { reason: 'the guest waits for it' });
    else if (state.blocked.has(info.signal)) {
      this.#log(info, 'queue', { reason: 'it is blocked', pending: state.count(info.signal) });
    }
    if (wasStopped && !state.stopped) this.#log(info, 'continue');
  }

  #log(info: SignalInfo, action: string, details: EventDetails = {}): void {
    const value = info.value === 0 ? {} : { value: info.value };
    this.#host.log({ signal: signalName(info.signal), action, ...value, ...details });
  }

  // Delivering

  /**
   * Delivers all that is deliverable, each handler stacked up on the one before.
   * @returns the slot of the one that is now to be called; 0 for none.
   */
  next(): number {
    while (this.deliverable) this.#deliver(this.state.take()!);
    return this.#callTop();
  }

  #deliver(info: SignalInfo): void {
    const disposition = this.state.dispositions.of(info.signal);
    const host = this.#host;
    if (host.hasMailbox && host.post(info)) return;
    if (disposition.isCaught) this.#begin(info, disposition);
    else if (disposition.handler !== SIG_DFL) this.#discard(info);
    else this.#actByDefault(info);
  }

  /** The handler that was called last has returned. @returns the slot of the next; 0 for none. `alone`: of no new ones. */
  left(alone: boolean): number {
    this.end();
    return alone && this.#depth === this.#floor ? 0 : this.next();
  }

  /** The handler that was called last was left by something thrown, and those stacked up below it will not be called. */
  threw(error: unknown): void {
    if (error instanceof WebAssembly.Exception) this.escaping = error;
    do this.#forget();
    while (this.#depth > 0 && this.#stack[this.#depth - 1]!.called === false);
  }

  #discard(info: SignalInfo): void {
    if (this.#host.observed) this.#log(info, 'discard', { reason: 'it is ignored' });
  }

  #actByDefault(info: SignalInfo): void {
    const action = defaultAction(info.signal);
    if (this.#host.observed) this.#log(info, action);
    if (action === 'terminate' || action === 'core') this.#terminate(info.signal);
    if (action !== 'stop') return;
    // Stays in here until SIGCONT or SIGKILL is sent; interrupts of the board go on.
    this.state.stopped = true;
    this.#host.stopped();
    const floor = this.#floor;
    this.#floor = this.#depth;
    this.#host.wait({ deadline: undefined, ready: () => !this.state.stopped });
    this.#floor = floor;
  }

  #terminate(signal: number, message?: string): never {
    const outcome = { kind: 'signal', signal, name: signalName(signal) } as const;
    return this.#host.stop(message === undefined ? outcome : { ...outcome, message });
  }

  /** All is done for a handler but to call it. */
  #begin(info: SignalInfo, disposition: Disposition): void {
    const { state } = this;
    const { signal } = info;
    const { flags, mask } = disposition;
    this.handled++;
    const delivered = this.#room();
    delivered.info = info;
    delivered.called = false;
    delivered.waiting = this.#waiting;
    if (delivered.waiting !== undefined) this.#interrupt(delivered.waiting, flags);
    const { low, high } = this.#maskAfterWait ?? state.blocked;
    delivered.maskLow = low;
    delivered.maskHigh = high;
    this.#maskAfterWait = undefined;
    delivered.frame = this.#isPlain(signal, flags) ? undefined : this.#push(info, flags, low, high);
    this.#depth++;
    if ((flags & SA_RESETHAND) !== 0) disposition.handler = SIG_DFL;
    state.enterHandler((flags & SA_NODEFER) === 0 ? signal : 0, mask);
    if (this.#host.observed) this.#log(info, 'deliver');
    this.#host.began(signal);
  }

  #room(): Delivered {
    if (this.#depth === this.#stack.length) this.#stack.push(new Delivered());
    return this.#stack[this.#depth]!;
  }

  #callTop(): number {
    if (this.#depth === this.#floor) return 0;
    const delivered = this.#stack[this.#depth - 1]!;
    if (delivered.called) return 0;
    delivered.called = true;
    const { signal } = delivered.info!;
    const { frame } = delivered;
    this.#host.enterHandler();
    if (frame === undefined) this.#host.prepare(signal);
    else this.#host.prepareFramed(signal, frame.info, frame.context, frame.top);
    return this.#slots[signal]!;
  }

  /** The handler that was called last has returned: what was before it comes back. */
  end(): void {
    const { state } = this;
    const delivered = this.#stack[--this.#depth]!;
    const { frame, maskLow, maskHigh } = delivered;
    const info = delivered.info!;
    delivered.info = undefined;
    this.#host.returned();
    if (frame === undefined) state.setMask(maskLow, maskHigh);
    else this.#pop(frame, maskLow, maskHigh);
    this.#waiting = delivered.waiting;
    delivered.waiting = undefined;
    if (this.#host.observed) this.#log(info, 'return');
  }

  /** Nothing comes back: it was left by a jump or a trap. */
  #forget(): void {
    this.#host.returned();
    const { frame } = this.#stack[--this.#depth]!;
    if (frame !== undefined) this.#frames!.uncover(frame);
  }

  /** Whether all that is to be done is to call it with the signal, on the stack as it is. */
  #isPlain(signal: number, flags: number): boolean {
    // Also without SA_ONSTACK, one that interrupts another on the alternate stack may find no room left there.
    const ownStack = this.altStack.isEnabled && ((flags & SA_ONSTACK) !== 0 || this.#frames!.isOnAlternate);
    return takesSignalOnly(this.#slots[signal]!) && (flags & SA_SIGINFO) === 0 && !ownStack;
  }

  #push(info: SignalInfo, flags: number, low: number, high: number): SignalFrame {
    assert(this.#frames !== undefined, 'a guest is connected before anything is delivered');
    return this.#frames.push(info, flags, low, high) ?? this.#overflow();
  }

  #pop(frame: SignalFrame, low: number, high: number): void {
    const maskAfter = this.#frames!.maskOf(frame);
    if (this.#frames!.pop(frame)) this.#overflow();
    if (maskAfter === undefined) this.state.setMask(low, high);
    else this.state.setMask(maskAfter[0], maskAfter[1]);
  }

  /** The first handler of those that are stacked up decides what becomes of an interrupted call. */
  #interrupt(waiting: Waiting, flags: number): void {
    waiting.interrupted ||= !waiting.restarts || (flags & SA_RESTART) === 0;
    this.#waiting = undefined;
    this.state.await(0, 0);
  }

  #overflow(): never {
    this.state.forceDefault(SIGSEGV);
    return this.#terminate(SIGSEGV, 'a signal handler overran the alternate stack');
  }

  // Faults

  /**
   * The guest trapped, its frames are gone. Runs the handler, if there is one that can run: it may end the program, but
   * not go back. @returns the end that the fault makes, when nothing else did.
   */
  fault({ info, needsOwnStack }: Fault, message: string, backtrace: readonly Frame[]): Outcome {
    const { state } = this;
    const { signal } = info;
    const disposition = state.dispositions.of(signal);
    if (this.#host.observed) this.#log(info, 'generate', { source: 'fault' });
    const onOwnStack = (disposition.flags & SA_ONSTACK) !== 0 && this.altStack.isEnabled;
    const runs = disposition.isCaught && !state.blocked.has(signal) && (onOwnStack || !needsOwnStack);
    this.#waiting = undefined;
    this.#floor = 0;
    while (this.#depth > 0) this.#forget();
    if (runs && ++this.#faults <= MOST_FAULTS) {
      this.#begin(info, disposition);
      this.#host.run(this.next());
    }
    if (this.#host.observed) this.#log(info, defaultAction(signal));
    return { kind: 'signal', signal, name: signalName(signal), message, backtrace };
  }

  // Waiting

  /** Waits as a call that signals interrupt. @returns `'interrupted'` when a handler has ended it. */
  wait(options: {
    readonly deadline: Instant | undefined;
    readonly ready?: (() => boolean) | undefined;
    readonly restarts: boolean;
  }): WaitOutcome {
    const { deadline, ready } = options;
    const waiting: Waiting = { restarts: options.restarts, interrupted: false };
    const outer = this.#waiting;
    this.#waiting = waiting;
    if (this.#nextWaitMask !== undefined) this.#waitUnder(this.#nextWaitMask);
    try {
      const outcome = this.#host.wait({ deadline, ready: () => ready?.() === true || waiting.interrupted });
      if (!waiting.interrupted || ready?.() === true) return outcome;
      return deadline !== undefined && this.#host.now() >= deadline ? 'elapsed' : 'interrupted';
    } finally {
      this.#waiting = outer;
      const mask = this.#maskAfterWait;
      this.#maskAfterWait = undefined;
      if (mask !== undefined) this.state.setMask(mask.low, mask.high);
    }
  }

  #waitUnder(mask: SignalSet): void {
    this.#nextWaitMask = undefined;
    this.#maskAfterWait = this.state.blocked.copy();
    this.state.setMask(mask.low, mask.high);
  }

  /** sigsuspend, or without a mask pause. */
  suspend(mask: SignalSet | undefined): void {
    this.#nextWaitMask = mask;
    this.wait({ deadline: undefined, restarts: false });
  }

  /** The next wait happens under this mask, and puts the old one back: ppoll and pselect. */
  waitMask(mask: SignalSet): void {
    this.#nextWaitMask = mask;
  }

  /** Whether the next wait happens under a mask of its own. */
  get waitsUnderMask(): boolean {
    return this.#nextWaitMask !== undefined;
  }

  /** No wait came: there was something to do at once. */
  forgetWaitMask(): void {
    this.#nextWaitMask = undefined;
  }

  /** sigtimedwait. */
  accept(wanted: SignalSet, timeout_ns: number | undefined): SignalInfo | 'elapsed' | 'interrupted' {
    const { state } = this;
    const ready = () => state.anyPending(state.awaited);
    state.await(wanted.low, wanted.high);
    try {
      const now = this.#host.now();
      const deadline = timeout_ns === undefined ? undefined : (Math.min(now + timeout_ns, LAST_NS) as Instant);
      const outcome = ready() ? 'ready' : this.wait({ deadline, ready, restarts: false });
      const info = outcome === 'interrupted' ? undefined : state.accept(state.awaited);
      if (info === undefined) return outcome === 'interrupted' ? 'interrupted' : 'elapsed';
      if (this.#host.observed) this.#log(info, 'accept');
      return info;
    } finally {
      state.await(0, 0);
    }
  }

  logDiscarded(signal: number, count: number, reason: string): void {
    if (this.#host.observed) this.#host.log({ signal: signalName(signal), action: 'discard', reason, count });
  }
}

/** No deadline is beyond the end of machine time. */
const LAST_NS = Number.MAX_SAFE_INTEGER;
