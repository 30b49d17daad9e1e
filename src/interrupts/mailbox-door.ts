/**
 * A mailbox in shared memory, for several threads of the host: what each needs to post into it while the guest runs, without
 * the guest being stopped. A ledger that the guest cannot reach holds a lock, which lines go this way, and the account of
 * every post that the machine's thread did not make itself, until that takes it into its own.
 */
import type { SharedMailbox } from '../clock/real-time.ts';
import { LINE_COUNT } from './exceptions.ts';
import { Mailbox } from './mailbox.ts';

/** Words of the ledger: the lock, whether the door is closed, a bit for each line, two counts for each. */
const [LOCK, CLOSED, ROUTED] = [0, 1, 2];
const POSTED = ROUTED + Math.ceil(LINE_COUNT / 32);
const OVERRUN = POSTED + LINE_COUNT;
const WORDS = OVERRUN + LINE_COUNT;

/** What goes to another thread. */
export type DoorParts = Omit<SharedMailbox, 'origin'>;

export class MailboxDoor {
  readonly #mailbox: Mailbox;
  readonly #ledger: Int32Array;
  readonly parts: DoorParts;

  private constructor(mailbox: Mailbox, parts: DoorParts) {
    this.#mailbox = mailbox;
    this.#ledger = new Int32Array(parts.ledger);
    this.parts = parts;
  }

  /** On the machine's thread. All posts through `mailbox` go by the lock from now on. */
  static open(mailbox: Mailbox, memory: WebAssembly.Memory): MailboxDoor {
    const ledger = new SharedArrayBuffer(4 * WORDS);
    const door = new MailboxDoor(mailbox, { memory, address: mailbox.address, ledger });
    mailbox.postThrough((post) => door.#locked(post));
    return door;
  }

  /** On another thread. @throws WirqError `bad-mailbox` where the guest has broken it. */
  static through(parts: DoorParts): MailboxDoor {
    return new MailboxDoor(Mailbox.adopt(parts.memory, parts.address), parts);
  }

  /** Says whether a line may be posted by other threads. */
  route(line: number, open: boolean): void {
    const bit = 1 << (line & 31);
    if (open) Atomics.or(this.#ledger, ROUTED + (line >> 5), bit);
    else Atomics.and(this.#ledger, ROUTED + (line >> 5), ~bit);
  }

  /**
   * Posts a line while the guest runs, and wakes it where it waits for its doorbell (`memory.atomic.wait32`).
   *
   * @returns false where it has to go by the machine: the line goes another way, or the door is closed.
   * @throws WirqError `bad-mailbox` where the guest has broken it.
   */
  post(line: number, timeNs: number): boolean {
    return this.#locked(() => {
      const ledger = this.#ledger;
      const routed = (Atomics.load(ledger, ROUTED + (line >> 5)) & (1 << (line & 31))) !== 0;
      if (!routed || Atomics.load(ledger, CLOSED) === 1) return false;
      const clean = this.#mailbox.postIrq(line, timeNs);
      Atomics.add(ledger, POSTED + line, 1);
      if (!clean) Atomics.add(ledger, OVERRUN + line, 1);
      return true;
    });
  }

  /** Takes what other threads have posted since, into the machine's account. */
  collect(count: (line: number, posted: number, overruns: number) => void): void {
    this.#locked(() => {
      for (let line = 0; line < LINE_COUNT; line++) {
        const posted = Atomics.exchange(this.#ledger, POSTED + line, 0) >>> 0;
        const overruns = Atomics.exchange(this.#ledger, OVERRUN + line, 0) >>> 0;
        if (posted > 0) count(line, posted, overruns);
      }
    });
  }

  /** No thread posts from now on: the firmware is going to be left. */
  close(): void {
    this.#locked(() => Atomics.store(this.#ledger, CLOSED, 1));
  }

  /** Held for a few hundred nanoseconds. Whoever waits, sleeps: the holder may be off the processor. */
  #locked<T>(act: () => T): T {
    const ledger = this.#ledger;
    while (Atomics.compareExchange(ledger, LOCK, 0, 1) !== 0) Atomics.wait(ledger, LOCK, 1, 1);
    try {
      return act();
    } finally {
      Atomics.store(ledger, LOCK, 0);
      Atomics.notify(ledger, LOCK, 1);
    }
  }
}
