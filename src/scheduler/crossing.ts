/**
 * Knows whether the guest or the host is running, for interrupts that land wherever a thread happens to be. The host's
 * own code is not re-entrant: what lands in it waits until it is about to return to the guest. What lands in the guest
 * acts at once, and is host code from there on.
 */
export class Crossing {
  readonly #look: (how: Landing) => void;
  #inGuest = false;
  #pending = false;
  #closed = false;

  /** `look` does what an interrupt is for. */
  constructor(look: (how: Landing) => void) {
    this.#look = look;
  }

  /** An interrupt has landed. */
  land(): void {
    this.#pending = true;
    if (this.#inGuest) this.#act('inside');
  }

  /** Host code is about to run: a call of the guest's begins. */
  leave(): void {
    this.#inGuest = false;
  }

  /** Guest code is about to run. What landed meanwhile acts now. */
  enter(): void {
    this.#inGuest = !this.#closed;
    if (this.#pending) this.#act('returning');
  }

  /** Runs guest code for the host. */
  run<T>(call: () => T): T {
    this.enter();
    try {
      return call();
    } finally {
      this.#inGuest = false;
    }
  }

  /** Nothing acts any more. */
  close(): void {
    this.#closed = true;
    this.#inGuest = false;
  }

  #act(how: Landing): void {
    while (this.#pending && !this.#closed) {
      this.#inGuest = false;
      this.#pending = false;
      this.#look(how);
      // From here on another one lands inside; until here it was pending, and this looks again.
      this.#inGuest = !this.#closed;
    }
  }
}

/** In the middle of guest code, which no exception can leave from there; or on the way back to it, where it can. */
export type Landing = 'inside' | 'returning';
