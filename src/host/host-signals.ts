/**
 * Signals that are sent to this process, for the guest: all that Node can catch and that do not speak of the process
 * itself. Left out are those that no process can catch (SIGKILL, SIGSTOP), faults of our own code (SIGSEGV, SIGBUS,
 * SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS), what Node uses itself (SIGPROF, SIGCHLD, and SIGPIPE, which becomes an error
 * of the write), and real-time signals, for which Node has no names.
 */
import { constants } from 'node:os';

export const FORWARDED = [
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGALRM',
  'SIGVTALRM',
  'SIGWINCH',
  'SIGTSTP',
  'SIGTTIN',
  'SIGTTOU',
  'SIGCONT',
  'SIGURG',
  'SIGIO',
  'SIGPWR',
  'SIGXCPU',
  'SIGXFSZ',
] as const;

/** Those of job control that stop a program which does not handle them, as Ctrl-Z does. */
const STOPS: readonly string[] = ['SIGTSTP', 'SIGTTIN', 'SIGTTOU'];

/** A second Ctrl-C within so long ends everything. */
const IMPATIENCE_NS = 1_000_000_000n;

/** Tells a second Ctrl-C within a second from a first. */
export class Impatience {
  #last: bigint | undefined;

  /** Ctrl-C, now. @returns whether it is a second one. */
  again(): boolean {
    const now = process.hrtime.bigint();
    const last = this.#last;
    this.#last = now;
    return last !== undefined && now - last < IMPATIENCE_NS;
  }
}

/**
 * A guest that Ctrl-Z stops is no running program to a shell: this process stops with it. Not where it was stopped by
 * itself, or by a program that drives it, which could not have it go on.
 */
export class JobControl {
  #asked = false;
  #before = () => {};
  #after = () => {};

  /** What is done before this process stops, and when it goes on. */
  around(before: () => void, after: () => void): void {
    this.#before = before;
    this.#after = after;
  }

  passed(signal: NodeJS.Signals): void {
    if (signal === 'SIGCONT') this.#after();
    this.#asked = STOPS.includes(signal);
  }

  /** The guest has stopped. SIGCONT lets both go on. */
  stopped(): void {
    if (this.#asked) {
      this.#before();
      process.kill(process.pid, 'SIGSTOP');
    }
    this.#asked = false;
  }
}

/** Passes signals on from here. @returns what leaves them to the process again. */
export function forwardSignals(pass: (signal: NodeJS.Signals) => void): () => void {
  const undo: (() => void)[] = [];
  for (const signal of FORWARDED) {
    if (!(signal in constants.signals)) continue; // systems differ
    const listener = () => pass(signal);
    try {
      process.on(signal, listener);
    } catch {
      continue; // known by name, but not to be caught here
    }
    undo.push(() => process.off(signal, listener));
  }
  return () => {
    for (const each of undo) each();
  };
}
