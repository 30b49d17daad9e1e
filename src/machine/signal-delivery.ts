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
import type { EventDetails } from './events.ts';
import type { HandlerCall } from './handler-call.ts';
import { type SignalFrame, SignalFrames, type SignalGuest } from './signal-frames.ts';

/** A function of the guest that handles signals. JavaScript leaves out the arguments that it does not take. */
export type SignalHandler = (signal: number, info: number, context: number) => unknown;

/** What a trap is as a signal. `needsOwnStack`: its handler can only run on another stack. */
export interface Fault {
  readonly info: SignalInfo;
  readonly needsOwnStack: boolean;
}

/** The ways into the guest's handlers. */
export interface SignalCalls {
  readonly handlers: HandlerCall;
  readonly setBudget: (budget: number) => void;
}

/** What this needs of the loop and the machine around it. */
export interface DeliveryHost {
  readonly observed: boolean;
  log(details: EventDetails): void;
  attend(): void;
  /** @returns the budget for a handler that is about to be called. */
  enterHandler(): number;
  /** A handler has left so much of its budget. */
  left(budget: number): void;
  settle(): void;
  wait(options: { deadline: Instant | undefined; ready: () => boolean }): WaitOutcome;
  now(): Instant;
  stop(outcome: Outcome): never;
  /** A handler is about to be called; and has returned, or left in another way. */
  began(signal: number): void;
  returned(): void;
  /** A signal has stopped the program. */
  stopped(): void;
  /** Posts the signal if it goes by mailbox. @returns whether it did. */
  post(info: SignalInfo): boolean;
}

/** A call of the guest that waits, and that a handler may end. */
interface Waiting {
  /** Whether SA_RESTART has it go on. */
  readonly restarts: boolean;
  interrupted: boolean;
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
  readonly #handlers: (SignalHandler | undefined)[] = new Array(65).fill(undefined);
  /** Of the plainest handlers, the slot of handler-call.ts; 0 for the others. */
  readonly #slots = new Int32Array(65);
  #calls: SignalCalls | undefined;
  #frames: SignalFrames | undefined;
  #waiting: Waiting | undefined;
  /** The mask to come back to, while the guest waits under another one. */
  #maskAfterWait: SignalSet | undefined;
  #nextWaitMask: SignalSet | undefined;
  #faults = 0;

  constructor(host: DeliveryHost) {
    this.#host = host;
  }

  connect(guest: SignalGuest, calls: SignalCalls): void {
    this.#calls = calls;
    this.#frames = new SignalFrames(guest, this.altStack);
  }

  /** `slot`: where handler-call.ts has it, if it only takes the signal. */
  setHandler(signal: number, handler: SignalHandler, slot: number | undefined): void {
    this.#handlers[signal] = handler;
    this.#slots[signal] = slot ?? 0;
  }

  /** Whether `deliver` would do anything. */
  get deliverable(): boolean {
    return this.state.deliverable && !this.state.stopped;
  }

  // Sending

  send(info: SignalInfo, target: Target, from: string): SendResult {
    const { state } = this;
    const { observed } = this.#host;
    if (observed) this.#host.settle(); // events tell the time
    if (observed) this.#log(info, 'generate', { source: from });
    if (!state.blocked.has(info.signal) && this.#host.post(info)) return 'queued';
    const wasStopped = state.stopped;
    const result = state.send(info, target);
    if (observed) this.#logFate(info, result);
    if (observed && wasStopped && !state.stopped) this.#log(info, 'continue');
    if (this.deliverable) this.#host.attend();
    return result;
  }

  #logFate(info: SignalInfo, result: SendResult): void {
    const { state } = this;
    if (result === 'ignored') this.#log(info, 'discard', { reason: 'it is ignored' });
    else if (result === 'coalesced') this.#log(info, 'coalesce', { reason: 'it is pending already' });
    else if (result === 'full') this.#log(info, 'discard', { reason: 'the queue is full' });
    else if (state.stopped) this.#log(info, 'queue', { reason: 'the program is stopped' });
    else if (state.awaited.has(info.signal)) this.#log(info, 'queue', { reason: 'the guest waits for it' });
    else if (state.blocked.has(info.signal)) {
      this.#log(info, 'queue', { reason: 'it is blocked', pending: state.count(info.signal) });
    }
  }

  #log(info: SignalInfo, action: string, details: EventDetails = {}): void {
    const value = info.value === 0 ? {} : { value: info.value };
    this.#host.log({ signal: signalName(info.signal), action, ...value, ...details });
  }

  // Delivering

  /** Delivers all that is deliverable. */
  deliver(): void {
    while (this.deliverable) {
      const info = this.state.take()!;
      const disposition = this.state.dispositions.of(info.signal);
      if (this.#host.post(info)) continue;
      if (disposition.isCaught) this.#handle(info, disposition);
      else if (disposition.handler !== SIG_DFL) this.#discard(info);
      else this.#actByDefault(info);
    }
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
    this.#host.wait({ deadline: undefined, ready: () => !this.state.stopped });
  }

  #terminate(signal: number, message?: string): never {
    const outcome = { kind: 'signal', signal, name: signalName(signal) } as const;
    return this.#host.stop(message === undefined ? outcome : { ...outcome, message });
  }

  #handle(info: SignalInfo, disposition: Disposition): void {
    const { state } = this;
    const { blocked } = state;
    const { flags, mask } = disposition;
    this.handled++;
    const waiting = this.#waiting;
    if (waiting !== undefined) this.#interrupt(waiting, flags);
    const { low, high } = this.#maskAfterWait ?? blocked;
    this.#maskAfterWait = undefined;
    const frame = this.#isPlain(info.signal, flags) ? undefined : this.#push(info, flags, low, high);
    if ((flags & SA_RESETHAND) !== 0) disposition.handler = SIG_DFL;
    state.enterHandler((flags & SA_NODEFER) === 0 ? info.signal : 0, mask);
    if (this.#host.observed) this.#log(info, 'deliver');
    this.#host.began(info.signal);
    try {
      if (state.deliverable) this.deliver();
      if (frame === undefined) this.#callPlain(info.signal);
      else this.#callFramed(info.signal, frame);
    } catch (error) {
      if (frame !== undefined) this.#frames!.uncover(frame);
      if (error instanceof WebAssembly.Exception) this.escaping = error;
      throw error;
    } finally {
      this.#host.returned();
    }
    if (frame === undefined) state.setMask(low, high);
    else this.#pop(frame, low, high);
    this.#waiting = waiting;
    if (this.#host.observed) this.#log(info, 'return');
  }

  /** Whether all that is to be done is to call it with the signal, on the stack as it is. */
  #isPlain(signal: number, flags: number): boolean {
    const ownStack = (flags & SA_ONSTACK) !== 0 && this.altStack.isEnabled;
    return this.#slots[signal] !== 0 && (flags & SA_SIGINFO) === 0 && !ownStack;
  }

  /** All in one step from JavaScript (handler-call.ts). */
  #callPlain(signal: number): void {
    const { handlers } = this.#calls!;
    this.#host.left(handlers.call(this.#slots[signal]!, signal, this.#host.enterHandler(), 0));
  }

  #callFramed(signal: number, frame: SignalFrame): void {
    const handler = this.#handlers[signal];
    assert(this.#calls !== undefined && handler !== undefined, 'a handler that was set can be called');
    this.#calls.setBudget(this.#host.enterHandler());
    handler(signal, frame.info, frame.context);
    this.#host.settle();
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
    if (runs && ++this.#faults <= MOST_FAULTS) this.#handle(info, disposition);
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
