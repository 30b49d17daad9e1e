/**
 * `wirq/signal`: POSIX signals as a guest sees them (POSIX.1-2024, <signal.h>; structures in docs/signals.md). Each
 * function answers 0, or its value, or a negative WASI errno; sdk/c/signal.h turns that into -1 and `errno`.
 * Timers are signal-timers.ts. A pointer that is misaligned or not in memory is EFAULT.
 */
import { SIG_DFL, SIG_IGN } from '../signals/dispositions.ts';
import { isSignal, SIGKILL, SIGSTOP } from '../signals/numbers.ts';
import type { ProcessSignals, Sender, Target } from '../signals/process-signals.ts';
import {
  fromSelf,
  GUEST_PID,
  SI_QUEUE,
  SI_TKILL,
  SI_USER,
  type SignalInfo,
  SignalsFromSelf,
} from '../signals/siginfo.ts';
import { SignalSet } from '../signals/signal-set.ts';
import { EAGAIN, EFAULT, EINTR, EINVAL, ENOMEM, EPERM, ESRCH, SUCCESS } from './errno.ts';
import type { HostModule } from './interface.ts';
import { GuestWords } from './memory.ts';
import { ACTION, SIGACTION_BYTES, SIGINFO_BYTES, SIGSET_BYTES, STACK_BYTES, writeSiginfo } from './signal-layout.ts';

export interface SignalMachine {
  readonly signals: ProcessSignals;
  readonly altStack: AlternateStack;
  memory(): WebAssembly.Memory | undefined;
  /** The guest's stack pointer; 0 where it has none. */
  stackPointer(): number;
  /** Makes sure that function `tableIndex` can handle a signal. Throws when it cannot. */
  checkHandler(signal: number, tableIndex: number): void;
  readonly sender: Sender;
  /** For calls that go without a door: a handler may have returned without a word, and its mask not be put back yet. */
  readonly returns: { hearReturn(): void };
  /** Delivers what has become deliverable, before the call returns to the guest. Does not throw into the guest. */
  deliverNow(): void;
  /** Waits until a handler has run. With a set, under this mask; the old one is back when the handler returns. */
  suspend(mask: SignalSet | undefined): void;
  /** Takes a signal of the set, waiting for it up to `timeout_ns` (undefined: for ever). */
  accept(wanted: SignalSet, timeout_ns: number | undefined): SignalInfo | 'elapsed' | 'interrupted';
  /** The next wait of `poll_oneoff` happens under this mask. */
  waitMask(mask: SignalSet): void;
  logDiscarded(signal: number, count: number, reason: string): void;
}

/** The stack that a guest gave for handlers with SA_ONSTACK (sigaltstack()). */
export class AlternateStack {
  low = 0;
  bytes = 0;

  get isEnabled(): boolean {
    return this.bytes !== 0;
  }

  /** Whether a stack pointer is on it. */
  holds(stackPointer: number): boolean {
    return stackPointer > this.low && stackPointer - this.low <= this.bytes;
  }
}

export const SIGNAL_MODULE = 'wirq/signal';

const SIG_ERR = -1;
const SIG_HOLD = -3;
const [SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK] = [0, 1, 2];
const [SS_ONSTACK, SS_DISABLE] = [1, 2];
/** As Linux on x86-64. */
const MINSIGSTKSZ = 2048;
/** sigtimedwait's "no timeout". */
const FOR_EVER = -1n;

export function createSignalModule(machine: SignalMachine): HostModule {
  const memory = new GuestWords(machine.memory);
  return {
    ...dispositionCalls(machine, memory),
    ...maskCalls(machine, memory),
    ...sendCalls(machine),
    ...waitCalls(machine, memory),
    sigaltstack: { signature: 'ii>i', call: (to: number, old: number) => sigaltstack(machine, memory, to, old) },
    getpid: { signature: '>i', call: () => GUEST_PID },
  };
}

/** Signals a program may have a disposition for: 32 and 33 are the C library's on Linux. */
function isForPrograms(signal: number): boolean {
  return isSignal(signal) && signal !== 32 && signal !== 33;
}

function dispositionCalls(machine: SignalMachine, memory: GuestWords): HostModule {
  const { signals } = machine;
  const sigaction = (signal: number, actPointer: number, oldPointer: number): number => {
    if (!isForPrograms(signal)) return -EINVAL;
    const act = actPointer === 0 ? undefined : memory.at(actPointer, SIGACTION_BYTES);
    const old = oldPointer === 0 ? undefined : memory.at(oldPointer, SIGACTION_BYTES);
    if ((actPointer !== 0 && act === undefined) || (oldPointer !== 0 && old === undefined)) return -EFAULT;
    if (act !== undefined && (signal === SIGKILL || signal === SIGSTOP)) return -EINVAL;
    const { words } = memory;
    const disposition = signals.dispositions.of(signal);
    // Both may be the same structure: what is to be set is read before the old one is written.
    const handler = act === undefined ? 0 : words[act + ACTION.handler]!;
    const flags = act === undefined ? 0 : words[act + ACTION.flags]!;
    const maskLow = act === undefined ? 0 : words[act + ACTION.maskLow]!;
    const maskHigh = act === undefined ? 0 : words[act + ACTION.maskHigh]!;
    if (handler === SIG_ERR || handler === SIG_HOLD) return -EINVAL;
    if (old !== undefined) {
      words.fill(0, old, old + SIGACTION_BYTES / 4);
      words[old + ACTION.handler] = disposition.handler;
      words[old + ACTION.flags] = disposition.flags;
      words[old + ACTION.maskLow] = disposition.mask.low;
      words[old + ACTION.maskHigh] = disposition.mask.high;
    }
    if (act === undefined) return SUCCESS;
    if (handler !== SIG_DFL && handler !== SIG_IGN) machine.checkHandler(signal, handler >>> 0);
    const discarded = signals.setDisposition(signal, handler, flags, maskLow, maskHigh);
    if (discarded > 0) machine.logDiscarded(signal, discarded, 'it is ignored from now on');
    return SUCCESS;
  };
  return { sigaction: { signature: 'iii>i', call: sigaction } };
}

function maskCalls(machine: SignalMachine, memory: GuestWords): HostModule {
  const { signals, returns } = machine;
  const { blocked } = signals;
  const sigprocmask = (how: number, setPointer: number, oldPointer: number): number => {
    const set = setPointer === 0 ? 0 : memory.at(setPointer, SIGSET_BYTES);
    const old = oldPointer === 0 ? 0 : memory.at(oldPointer, SIGSET_BYTES);
    if (set === undefined || old === undefined) return -EFAULT;
    returns.hearReturn();
    const { words } = memory;
    const { low: oldLow, high: oldHigh } = blocked;
    if (setPointer !== 0) {
      const low = words[set]!;
      const high = words[set + 1]!;
      if (how === SIG_BLOCK) signals.setMask(oldLow | low, oldHigh | high);
      else if (how === SIG_UNBLOCK) signals.setMask(oldLow & ~low, oldHigh & ~high);
      else if (how === SIG_SETMASK) signals.setMask(low, high);
      else return -EINVAL;
    }
    if (oldPointer !== 0) {
      words[old] = oldLow;
      words[old + 1] = oldHigh;
    }
    if (signals.deliverable) machine.deliverNow();
    return SUCCESS;
  };
  const sigpending = (pointer: number): number => {
    const at = memory.at(pointer, SIGSET_BYTES);
    if (at === undefined) return -EFAULT;
    returns.hearReturn();
    memory.words[at] = signals.pendingLow;
    memory.words[at + 1] = signals.pendingHigh;
    return SUCCESS;
  };
  return {
    sigprocmask: { signature: 'iii>i', call: sigprocmask, bare: true },
    sigpending: { signature: 'i>i', call: sigpending, bare: true },
  };
}

function sendCalls(machine: SignalMachine): HostModule {
  const raised = new SignalsFromSelf(SI_TKILL);
  const killed = new SignalsFromSelf(SI_USER);
  const { sender } = machine;
  const send = (info: SignalInfo, target: Target, from: string): number =>
    sender.send(info, target, from) === 'full' ? -EAGAIN : SUCCESS;
  const toSelf = (pid: number): boolean => pid === GUEST_PID || pid === 0 || pid === -GUEST_PID;
  return {
    raise: {
      signature: 'i>i',
      timeless: true,
      call: (signal: number) => {
        if (signal === 0) return SUCCESS;
        return isSignal(signal) ? send(raised.of(signal), 'thread', 'raise') : -EINVAL;
      },
    },
    kill: {
      signature: 'ii>i',
      timeless: true,
      call: (pid: number, signal: number) => {
        if (signal !== 0 && !isSignal(signal)) return -EINVAL;
        if (!toSelf(pid)) return -ESRCH;
        // 0 only asks whether there is such a process.
        return signal === 0 ? SUCCESS : send(killed.of(signal), 'process', 'kill');
      },
    },
    sigqueue: {
      signature: 'iii>i',
      timeless: true,
      call: (pid: number, signal: number, value: number) => {
        if (signal !== 0 && !isSignal(signal)) return -EINVAL;
        if (pid !== GUEST_PID) return -ESRCH;
        return signal === 0 ? SUCCESS : send(fromSelf(signal, SI_QUEUE, value), 'process', 'sigqueue');
      },
    },
  };
}

function waitCalls(machine: SignalMachine, memory: GuestWords): HostModule {
  const setAt = (pointer: number): SignalSet | undefined => {
    const at = memory.at(pointer, SIGSET_BYTES);
    return at === undefined ? undefined : new SignalSet(memory.words[at]!, memory.words[at + 1]!);
  };
  const sigtimedwait = (setPointer: number, infoPointer: number, timeout: bigint): number => {
    const wanted = setAt(setPointer);
    if (wanted === undefined) return -EFAULT;
    if (infoPointer !== 0 && memory.at(infoPointer, SIGINFO_BYTES) === undefined) return -EFAULT;
    if (timeout < FOR_EVER) return -EINVAL;
    const found = machine.accept(wanted, timeout === FOR_EVER ? undefined : Number(timeout));
    if (found === 'elapsed') return -EAGAIN;
    if (found === 'interrupted') return -EINTR;
    if (infoPointer !== 0) writeSiginfo(memory.words, memory.at(infoPointer, SIGINFO_BYTES)!, found);
    return found.signal;
  };
  return {
    sigtimedwait: { signature: 'iiI>i', call: sigtimedwait },
    sigsuspend: {
      signature: 'i>i',
      call: (pointer: number) => {
        const mask = setAt(pointer);
        if (mask === undefined) return -EFAULT;
        machine.suspend(mask);
        return -EINTR;
      },
    },
    pause: {
      signature: '>i',
      call: () => {
        machine.suspend(undefined);
        return -EINTR;
      },
    },
    wait_mask: {
      signature: 'i>i',
      call: (pointer: number) => {
        const mask = setAt(pointer);
        if (mask === undefined) return -EFAULT;
        machine.waitMask(mask);
        return SUCCESS;
      },
    },
  };
}

function sigaltstack(machine: SignalMachine, memory: GuestWords, newPointer: number, oldPointer: number): number {
  const { altStack } = machine;
  const to = newPointer === 0 ? undefined : memory.at(newPointer, STACK_BYTES);
  const old = oldPointer === 0 ? undefined : memory.at(oldPointer, STACK_BYTES);
  if ((newPointer !== 0 && to === undefined) || (oldPointer !== 0 && old === undefined)) return -EFAULT;
  const { words } = memory;
  const [low, flags, bytes] = to === undefined ? [0, 0, 0] : [words[to]! >>> 0, words[to + 1]!, words[to + 2]! >>> 0];
  const onIt = altStack.holds(machine.stackPointer());
  if (old !== undefined) {
    words[old] = altStack.low;
    words[old + 1] = onIt ? SS_ONSTACK : altStack.isEnabled ? 0 : SS_DISABLE;
    words[old + 2] = altStack.bytes;
  }
  if (to === undefined) return SUCCESS;
  if (onIt) return -EPERM;
  if (flags !== 0 && flags !== SS_ONSTACK && flags !== SS_DISABLE) return -EINVAL;
  const enable = flags !== SS_DISABLE;
  if (enable && bytes < MINSIGSTKSZ) return -ENOMEM;
  altStack.low = enable ? low : 0;
  altStack.bytes = enable ? bytes : 0;
  return SUCCESS;
}
