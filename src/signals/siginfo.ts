/**
 * What is known about one sent signal, and the codes that say where it came from (POSIX.1-2024, <signal.h>, "si_code";
 * values are Linux's). How it lies in the guest's memory is guests/signal-layout.ts.
 */

/** `si_code` of signals that a program or a timer sent. */
export const SI_USER = 0;
export const SI_KERNEL = 128;
export const SI_QUEUE = -1;
export const SI_TIMER = -2;
export const SI_TKILL = -6;

/** `si_code` of faults. */
export const SEGV_MAPERR = 1;
export const SEGV_ACCERR = 2;
export const FPE_INTDIV = 1;
export const ILL_ILLOPN = 2;

/** The guest's own process, as wasi-libc's emulation of getpid has it. */
export const GUEST_PID = 42;
export const GUEST_UID = 1000;
/** Who sends signals from outside. */
export const OUTSIDE_PID = 1;

/** Told what became of a signal that a timer sent, so that it goes on from there. */
export interface SignalSource {
  /** It is about to be delivered. @returns how many further expirations it stands for. */
  taken(): number;
  /** It was discarded while it was pending. */
  dropped(): void;
}

export interface SignalInfo {
  readonly signal: number;
  readonly code: number;
  readonly pid: number;
  readonly uid: number;
  readonly value: number;
  /** Of a fault: where, as far as it is known. */
  readonly address: number;
  readonly timer: number;
  /** Set when it is taken. */
  overrun: number;
  readonly source: SignalSource | undefined;
}

/** Everything that is not said is 0. */
export function signalInfo(signal: number, code: number, known: Partial<SignalInfo> = {}): SignalInfo {
  return {
    signal,
    code,
    pid: known.pid ?? 0,
    uid: known.uid ?? 0,
    value: known.value ?? 0,
    address: known.address ?? 0,
    timer: known.timer ?? 0,
    overrun: 0,
    source: known.source,
  };
}

/** What the guest sends itself without a value: of each signal always the same, of which nothing is ever set. */
export class SignalsFromSelf {
  readonly #code: number;
  readonly #infos: (SignalInfo | undefined)[] = new Array(65).fill(undefined);

  constructor(code: number) {
    this.#code = code;
  }

  of(signal: number): SignalInfo {
    return this.#infos[signal] ?? this.#make(signal);
  }

  #make(signal: number): SignalInfo {
    const info = fromSelf(signal, this.#code);
    this.#infos[signal] = info;
    return info;
  }
}

/** Sent by the guest to itself, as kill(2) and raise(3) do it. */
export function fromSelf(signal: number, code: number, value = 0): SignalInfo {
  return {
    signal,
    code,
    pid: GUEST_PID,
    uid: GUEST_UID,
    value,
    address: 0,
    timer: 0,
    overrun: 0,
    source: undefined,
  };
}
