/**
 * What a process does with each signal: the default action, nothing, or a handler (POSIX.1-2024, sigaction()).
 * A handler is only a number here, the guest's function pointer; who can call it is the machine's affair.
 */
import { defaultAction, SIGKILL, SIGSTOP } from './numbers.ts';
import { SignalSet } from './signal-set.ts';

/** SIGCONT continues when it is sent; there is nothing left to do when it is delivered. */
const IGNORED_BY_DEFAULT = new SignalSet();
for (let signal = 1; signal <= 64; signal++) {
  const action = defaultAction(signal);
  if (action === 'ignore' || action === 'continue') IGNORED_BY_DEFAULT.add(signal);
}

/** As the guest writes them. 1, as on Linux, would be a function; 0 is none on Wasm. */
export const SIG_DFL = 0;
export const SIG_IGN = -2;

export const SA_NOCLDSTOP = 1;
export const SA_NOCLDWAIT = 2;
export const SA_SIGINFO = 4;
export const SA_ONSTACK = 0x08000000;
export const SA_RESTART = 0x10000000;
export const SA_NODEFER = 0x40000000;
export const SA_RESETHAND = 0x80000000 | 0;
const KNOWN_FLAGS = SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_NODEFER | SA_RESETHAND;

export class Disposition {
  /** SIG_DFL, SIG_IGN or the guest's function. */
  handler = SIG_DFL;
  flags = 0;
  readonly mask = new SignalSet();

  assign(handler: number, flags: number, low: number, high: number): void {
    this.handler = handler;
    this.flags = flags & KNOWN_FLAGS;
    this.mask.set(low, high);
    this.mask.delete(SIGKILL);
    this.mask.delete(SIGSTOP);
  }

  get isCaught(): boolean {
    return this.handler !== SIG_DFL && this.handler !== SIG_IGN;
  }
}

export class Dispositions {
  readonly #all = Array.from({ length: 65 }, () => new Disposition());

  of(signal: number): Disposition {
    return this.#all[signal]!;
  }

  /** Whether the signal does nothing: it is ignored, or its default action is to be ignored. */
  isIgnored(signal: number): boolean {
    const { handler } = this.of(signal);
    return handler === SIG_IGN || (handler === SIG_DFL && IGNORED_BY_DEFAULT.has(signal));
  }
}
