/**
 * By which way each line reaches the guest: what it was configured for, else a handler if there is one, else the mailbox
 * if the module has one. Posts what goes by mailbox, and takes what the guest sends back.
 */
import type { Instant } from '../clock/instant.ts';
import { RealClock } from '../clock/real-clock.ts';
import {
  EXCEPTION_COUNT,
  type ExceptionNumber,
  exceptionOf,
  type LineNumber,
  lineOf,
} from '../interrupts/exceptions.ts';
import type { Mailbox } from '../interrupts/mailbox.ts';
import { MailboxDoor } from '../interrupts/mailbox-door.ts';
import type { MachineCore } from './core.ts';
import { checkTime, DEFAULT_MAILBOX_POLL, type Delivery, type MachineOptions } from './options.ts';
import { receiveFromGuest } from './outbox.ts';

export class LineDelivery {
  readonly #core: MachineCore;
  readonly #options: MachineOptions;
  readonly #configured: (Delivery | undefined)[] = new Array(EXCEPTION_COUNT).fill(undefined);
  /** Lines enabled for a module that cannot: once each, for such a module may still disable them. */
  readonly #enabledForGuest = new Uint8Array(EXCEPTION_COUNT);
  #enableOnReset = true;
  #mailbox: Mailbox | undefined;
  /** The way into it for other threads, where there is one. */
  #door: MailboxDoor | undefined;
  /** The loop looks after a mailbox, for there has been one. */
  #servesMailbox = false;

  constructor(core: MachineCore, options: MachineOptions) {
    this.#core = core;
    this.#options = options;
  }

  get mailbox(): Mailbox | undefined {
    return this.#mailbox;
  }

  configure(n: ExceptionNumber, delivery: Delivery): void {
    this.#configured[n] = delivery;
  }

  /** Settles it for every line. `enableOnReset`: the module cannot enable lines itself. */
  settle(enableOnReset: boolean): void {
    this.#enableOnReset = enableOnReset;
    if (!enableOnReset) this.#closeDoor();
    this.#settleAll();
  }

  attach(mailbox: Mailbox, memory: WebAssembly.Memory): void {
    const { loop, clock } = this.#core;
    if (!this.#servesMailbox) {
      this.#servesMailbox = true;
      loop.attendWith(() => {
        if (this.#mailbox?.hasMail === true) this.#mailbox.take((entry) => receiveFromGuest(entry, this.#core));
      });
      loop.postWith(() => this.#post());
    }
    this.#openDoor(mailbox, memory);
    this.#mailbox = mailbox;
    const poll = checkTime(this.#options.mailboxPoll ?? DEFAULT_MAILBOX_POLL, 'mailbox poll');
    loop.pollEvery(Math.ceil((poll * clock.hz) / 1e9));
    this.#settleAll();
    loop.attend();
  }

  /** Nothing is left of the firmware. */
  reset(): void {
    this.#closeDoor();
    this.#mailbox = undefined;
    this.#enabledForGuest.fill(0);
  }

  /** Takes what other threads have posted into the account of its lines. */
  collect(): void {
    const { controller } = this.#core;
    this.#door?.collect((line, posted, overruns) => {
      controller.postedElsewhere(exceptionOf(line as LineNumber), posted, overruns);
      this.#mailbox?.count(posted, overruns);
    });
  }

  /**
   * In shared memory other threads post while the guest runs, if they can: where every line is enabled, and nobody writes
   * down or listens to what happens, who would miss it.
   */
  #openDoor(mailbox: Mailbox, memory: WebAssembly.Memory): void {
    const { realTime, tape } = this.#options;
    const { clock, observed } = this.#core;
    this.#closeDoor();
    if (realTime?.shareMailbox === undefined || !(memory.buffer instanceof SharedArrayBuffer)) return;
    if (tape !== undefined || observed || !this.#enableOnReset) return;
    this.#door = MailboxDoor.open(mailbox, memory);
    const origin = clock instanceof RealClock ? clock.hostTimeOf(0 as Instant) : 0;
    realTime.shareMailbox({ ...this.#door.parts, origin });
  }

  #closeDoor(): void {
    if (this.#door === undefined) return;
    this.#door.close();
    this.collect();
    this.#door = undefined;
  }

  #settleAll(): void {
    for (let n = 16; n < EXCEPTION_COUNT; n++) this.settleLine(n as ExceptionNumber);
  }

  /** A line's handler, or the mailbox, may have come or gone. */
  settleLine(n: ExceptionNumber): void {
    const { controller, vectors } = this.#core;
    const wanted = this.#configured[n] ?? this.#options.deliver;
    const byMailbox = this.#mailbox !== undefined && (wanted ?? (vectors.has(n) ? 'handler' : 'mailbox')) === 'mailbox';
    controller.routeElsewhere(n, byMailbox);
    this.#door?.route(lineOf(n), byMailbox);
    const deliverable = byMailbox || (vectors.has(n) && wanted !== 'mailbox');
    if (!this.#enableOnReset || !deliverable || this.#enabledForGuest[n] === 1) return;
    this.#enabledForGuest[n] = 1;
    controller.enable(n);
  }

  /** Posts every pending line that goes by mailbox. Nearly free when there is none. */
  #post(): void {
    const mailbox = this.#mailbox;
    if (mailbox === undefined) return;
    const { controller, clock } = this.#core;
    for (;;) {
      const n = controller.firstElsewhere();
      if (n === undefined) return;
      controller.deliverElsewhere(n);
      const clean = mailbox.postIrq(lineOf(n), clock.now);
      if (!clean) controller.postedElsewhere(n, 0, 1);
      this.#core.emit('post', { what: 'irq', number: lineOf(n), ...(clean ? {} : { overrun: true }) });
    }
  }
}
