/**
 * The terminal as a guest's own: every key is bytes at once, nothing is echoed, and no key is a signal. It goes back to what
 * it was on every way out that this process has a say in: its end, an error, a signal that ends it, and for as long as it is
 * stopped. `kill -9` and a crash of Node leave it raw.
 */

/** Those that end a process which does not listen for them; Node itself restores the terminal at SIGINT and SIGTERM. */
const DEADLY = ['SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGALRM'] as const;

export class RawTerminal {
  readonly #undo: (() => void)[] = [];

  constructor() {
    const restore = () => this.suspend();
    process.on('exit', restore);
    this.#undo.push(() => process.off('exit', restore));
    this.resume();
  }

  /** Where signals end this process and do not go to the guest. */
  restoreAtDeath(): void {
    for (const signal of DEADLY) {
      const die = () => {
        this.close();
        process.kill(process.pid, signal);
      };
      process.on(signal, die);
      this.#undo.push(() => process.off(signal, die));
    }
  }

  resume(): void {
    // What has been raw to this process may not be so any more: a shell sets a terminal as it likes while we are stopped.
    process.stdin.setRawMode(false).setRawMode(true);
  }

  suspend(): void {
    if (!process.stdin.destroyed) process.stdin.setRawMode(false);
  }

  close(): void {
    this.suspend();
    for (const undo of this.#undo.splice(0)) undo();
  }
}
