/**
 * Signals put together with the machine around them: what delivery needs of the loop and the mailbox, the interface `wirq/signal`, and which signal a trap is.
 */
import type { Instant } from '../clock/instant.ts';
import type { HostModule } from '../guests/interface.ts';
import type { WaitOutcome } from '../guests/services.ts';
import { createSignalModule } from '../guests/signal.ts';
import { createSignalTimers } from '../guests/signal-timers.ts';
import { EPOCH_NS } from '../guests/wasi-clock.ts';
import type { Mailbox } from '../interrupts/mailbox.ts';
import { afterHostCallHere } from '../scheduler/from-here.ts';
import type { SchedulerLoop } from '../scheduler/loop.ts';
import type { Frame, Outcome } from '../scheduler/outcome.ts';
import { FOLLOWING } from '../scheduler/registers.ts';
import { SIGABRT, SIGFPE, SIGILL, SIGKILL, SIGSEGV, SIGSTOP, signalName } from '../signals/numbers.ts';
import {
  FPE_INTDIV,
  ILL_ILLOPN,
  OUTSIDE_PID,
  SEGV_ACCERR,
  SEGV_MAPERR,
  SI_QUEUE,
  SI_TKILL,
  SI_USER,
  type SignalInfo,
  signalInfo,
} from '../signals/siginfo.ts';
import type { MachineCore } from './core.ts';
import type { DeliveryHost } from './delivery-host.ts';
import type { EventDetails } from './events.ts';
import { SIGNAL_HANDLERS } from './handler-watch.ts';
import type { MachineOptions } from './options.ts';
import { MachineTime, WorkTime } from './signal-clocks.ts';
import type { Fault } from './signal-delivery.ts';

/** What delivery needs of the machine. A class: V8 looks an accessor of an object literal up each time. */
export class SignalHost implements DeliveryHost {
  readonly #core: MachineCore;
  readonly #loop: SchedulerLoop;
  readonly #options: MachineOptions;

  constructor(core: MachineCore, options: MachineOptions) {
    this.#core = core;
    this.#loop = core.loop;
    this.#options = options;
  }

  get observed(): boolean {
    return this.#core.observed;
  }

  log(details: EventDetails): void {
    this.#core.emit('signal', details);
  }

  attend(): void {
    this.#loop.attend();
  }

  enterHandler(): void {
    this.#loop.enterHandler();
  }

  prepare(signal: number): void {
    this.#loop.registers.prepare(signal, 0);
  }

  prepareFramed(signal: number, info: number, context: number, top: number): void {
    this.#loop.registers.prepareSignal(signal, info, context, top);
  }

  run(slot: number): void {
    this.#loop.run(slot, FOLLOWING.nothing);
  }

  settle(): void {
    this.#loop.settle();
  }

  wait(wanted: Parameters<DeliveryHost['wait']>[0]): WaitOutcome {
    return this.#loop.wait(wanted);
  }

  now(): Instant {
    return this.#core.clock.now;
  }

  stop(outcome: Outcome): never {
    return this.#loop.stop(outcome);
  }

  began(signal: number): void {
    const { handlerWatch } = this.#core;
    if (handlerWatch !== undefined) handlerWatch.begin(SIGNAL_HANDLERS + signal);
  }

  returned(): void {
    const { handlerWatch } = this.#core;
    if (handlerWatch !== undefined) handlerWatch.end();
  }

  stopped(): void {
    this.#options.realTime?.outside?.stopped?.();
  }

  get hasMailbox(): boolean {
    return this.#core.delivery.mailbox !== undefined;
  }

  post(info: SignalInfo): boolean {
    const { mailbox } = this.#core;
    return mailbox !== undefined && this.#postTo(mailbox, info);
  }

  #postTo(mailbox: Mailbox, info: SignalInfo): boolean {
    const core = this.#core;
    if (!goesByMailbox(info.signal, core, this.#options)) return false;
    const clean = mailbox.postSignal(info.signal, core.clock.now, info.value);
    core.emit('signal', { signal: signalName(info.signal), action: 'post', value: info.value });
    const post = { what: 'signal', number: info.signal, value: info.value };
    core.emit('post', clean ? post : { ...post, overrun: true });
    this.#loop.attend();
    return true;
  }
}

/** A module with a ring for signals takes them there, unless it has handlers, or the user says otherwise. */
function goesByMailbox(signal: number, core: MachineCore, options: MachineOptions): boolean {
  if (core.mailbox?.takesSignals !== true || signal === SIGKILL || signal === SIGSTOP) return false;
  return (options.deliver ?? (core.handlesSignals ? 'handler' : 'mailbox')) === 'mailbox';
}

/** A signal from outside, with a value for those who ask for it. */
export function fromOutside(signal: number, value: number | undefined): SignalInfo {
  return signalInfo(signal, value === undefined ? SI_USER : SI_QUEUE, { pid: OUTSIDE_PID, value: value ?? 0 });
}

export interface SignalGuestAccess {
  memory(): WebAssembly.Memory | undefined;
  stackPointer(): number;
  checkHandler(signal: number, tableIndex: number): void;
  /** Something was thrown on its way out through guest frames. */
  failed(error: unknown): never;
}

/** `wirq/signal` for one guest. */
export function signalInterface(core: MachineCore, guest: SignalGuestAccess): HostModule {
  const { signals } = core;
  const calls = createSignalModule({
    signals: signals.state,
    altStack: signals.altStack,
    memory: guest.memory,
    stackPointer: guest.stackPointer,
    checkHandler: guest.checkHandler,
    sender: signals,
    returns: core.loop.registers,
    deliverNow: () => {
      try {
        core.loop.attend();
        afterHostCallHere(core.loop);
      } catch (error) {
        guest.failed(error);
      }
    },
    suspend: (mask) => signals.suspend(mask),
    accept: (wanted, timeout_ns) => signals.accept(wanted, timeout_ns),
    waitMask: (mask) => signals.waitMask(mask),
    logDiscarded: (signal, count, reason) => signals.logDiscarded(signal, count, reason),
  });
  const timers = createSignalTimers({
    memory: guest.memory,
    realTime: new MachineTime(core),
    workTime: new WorkTime(core),
    epoch_s: Number(EPOCH_NS / 1_000_000_000n),
    sender: signals,
  });
  return { ...calls, ...timers };
}

/** Runs the handler of a fault. @returns the end it makes; undefined where it is none that a signal stands for. */
export function endBySignal(core: MachineCore, cause: unknown, outcome: Outcome): Outcome | undefined {
  if (outcome.kind !== 'trap' || core.controller.depth > 0) return undefined;
  const fault = faultOf(cause, outcome.backtrace);
  if (fault !== undefined) core.handlerWatch?.forget();
  return fault === undefined ? undefined : core.signals.fault(fault, outcome.message, outcome.backtrace);
}

/** The engine's words for traps (V8, src/common/message-template.h), and the signal that x86-64 Linux raises for such. */
const TRAPS: readonly (readonly [words: RegExp, signal: number, code: number])[] = [
  [/memory access out of bounds/, SIGSEGV, SEGV_MAPERR],
  [/(data segment|element segment|table index|array element|table access).*out of bounds/, SIGSEGV, SEGV_MAPERR],
  [/null (function|reference)|function signature mismatch|signature mismatch/, SIGSEGV, SEGV_MAPERR],
  [/divide by zero|remainder by zero|divide result unrepresentable|float unrepresentable/, SIGFPE, FPE_INTDIV],
  [/unreachable/, SIGILL, ILL_ILLOPN],
  [/call stack/, SIGSEGV, SEGV_ACCERR],
];

/** The address is that of the instruction, as an offset in the file: where the memory was accessed, no engine tells. */
function faultOf(cause: unknown, frames: readonly Frame[]): Fault | undefined {
  if (!(cause instanceof WebAssembly.RuntimeError || cause instanceof RangeError)) return undefined;
  const trap = TRAPS.find(([words]) => words.test(cause.message));
  if (trap === undefined) return undefined;
  const [, signal, code] = trap;
  const address = frames[0]?.offset ?? 0;
  // The C library's abort is an unreachable instruction of its own.
  if (signal === SIGILL && frames[0]?.function === 'abort') {
    return { info: signalInfo(SIGABRT, SI_TKILL), needsOwnStack: false };
  }
  return { info: signalInfo(signal, code, { address }), needsOwnStack: cause instanceof RangeError };
}
