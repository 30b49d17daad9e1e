/**
 * The core's end of the link to the board: real time, sleep, and what the board passes on, for a machine that runs on a
 * thread of its own. Three words of shared memory are the doorbell; what happened comes as messages, which are taken when
 * the machine looks. Native interrupts are asked for here and made by the board (board-link.ts).
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { NativeInterrupts, Outside, RealTime, SharedMailbox } from '../clock/real-time.ts';
import { Doorbell } from './doorbell.ts';

/** From the board. */
export type ToCore =
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'input'; readonly bytes: Uint8Array }
  | { readonly kind: 'input-end' }
  /** One line of a program that drives the machine. `slot` is where the board counts what it has read of the answers. */
  | { readonly kind: 'request'; readonly client: number; readonly slot: number; readonly line: string }
  /** That program has gone. */
  | { readonly kind: 'gone'; readonly client: number }
  /** No such program will come any more. */
  | { readonly kind: 'control-end' };

/** From the core. */
export type ToBoard =
  | { readonly kind: 'alarm'; readonly at_ns: number | undefined }
  /** Whether there may be signals to pass on, and input to read. */
  | { readonly kind: 'ready'; readonly input: boolean }
  /** What a request led to, and whether its sender wants to hear events from now on. */
  | { readonly kind: 'answer'; readonly client: number; readonly text: string; readonly listens: boolean }
  | { readonly kind: 'event'; readonly client: number; readonly text: string }
  /** A signal has stopped the program. */
  | { readonly kind: 'stopped' }
  /** The guest's mailbox, which the board may post into while it runs. */
  | { readonly kind: 'mailbox'; readonly mailbox: SharedMailbox; readonly ratio: number }
  /** The next part of a recording. */
  | { readonly kind: 'record'; readonly part: string; readonly content: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'end'; readonly code: number }
  /** The thread is about to end, and not because the run has. */
  | { readonly kind: 'died'; readonly code: number };

/** Programs that may drive a machine at one time. */
export const MOST_CLIENTS = 8;

/**
 * Words of the shared memory: rings so far; whether the core sleeps; native interrupts that have landed; the
 * handler that runs; and for each program that drives the machine, how many characters of events it has been sent.
 */
export const [RINGS, ASLEEP, LANDED, HANDLING, SENT] = [0, 1, 2, 3, 4] as const;
export const WORDS = SENT + MOST_CLIENTS;

/** The handler that runs is told from the one before by a count above its number (handler-watch.ts); 0 for none. */
export const HANDLER_BITS = 9;

/** The name by which the board calls the machine in the middle of what its thread does. */
export const INTERRUPT = '__wirq_interrupt';

/** One wait of the engine's is at most this long: it is repeated. */
const LONGEST_REST_MS = 60_000;

export interface CoreLinkOptions {
  readonly port: MessagePort;
  readonly bell: Int32Array;
  /** Raises lines without a message. */
  readonly lines: SharedArrayBuffer;
  /** What `process.hrtime.bigint()` said when both ends began. */
  readonly origin: bigint;
  readonly ratio: number | undefined;
  readonly native: boolean;
  /** Whether signals are passed on: then something may always come. */
  readonly forwards: boolean;
  /** Whether other programs may drive the machine. */
  readonly controlled: boolean;
}

/** `asleep`: the machine slept when this arrived. */
export type Take = (message: ToCore, asleep: boolean) => void;

export class CoreLink {
  readonly #options: CoreLinkOptions;
  #seen = 0;
  #take: Take = () => {};
  readonly #lines: Doorbell;
  /** A line was raised from another thread. */
  onPend: (line: number) => void = () => {};
  /** Something arrived while the machine slept: what is taken now finds it asleep. */
  #woken = false;
  #handlers = 0;
  #inputOpen = false;
  #controlOpen: boolean;
  /** What was asked for last; undefined where an interrupt has come since. */
  #alarm: number | undefined;
  /** How the machine finishes a run that it cannot leave. */
  onLeft: (finish: () => unknown) => void = () => {};

  #interrupt: () => void = () => {};

  constructor(options: CoreLinkOptions) {
    this.#options = options;
    this.#controlOpen = options.controlled;
    this.#lines = new Doorbell(options.lines);
    // Where a native interrupt is being handled, the thread's own end is swallowed, and the board has to make it.
    process.once('exit', (code) => this.#post({ kind: 'died', code }));
    if (options.native) Object.defineProperty(globalThis, INTERRUPT, { value: () => this.#land() });
  }

  #land(): void {
    this.#alarm = undefined;
    Atomics.add(this.#options.bell, LANDED, 1);
    this.#interrupt();
  }

  /** Tells who takes what arrives, and that it may begin to. */
  open(take: Take, input: boolean): void {
    this.#take = take;
    this.#inputOpen = input;
    this.#post({ kind: 'ready', input });
  }

  /** Passes on the next part of a recording, which the board writes: it has the time. */
  record(part: string, content: Uint8Array<ArrayBuffer>): void {
    this.#options.port.postMessage({ kind: 'record', part, content } satisfies ToBoard, [content.buffer]);
  }

  /** The last word: nothing that this thread does counts any more. */
  end(code: number): void {
    this.#post({ kind: 'end', code });
  }

  answer(client: number, text: string, listens: boolean): void {
    this.#post({ kind: 'answer', client, text, listens });
  }

  event(client: number, text: string): void {
    this.#post({ kind: 'event', client, text });
  }

  /** How many characters of events have left for the program at `slot`, counted modulo 2^32. */
  sent(slot: number): number {
    return Atomics.load(this.#options.bell, SENT + slot);
  }

  get realTime(): RealTime {
    const { origin, ratio, native } = this.#options;
    return {
      nowNs: () => Number(process.hrtime.bigint() - origin),
      rest: (ns) => this.#rest(ns),
      ratio,
      shareMailbox: (mailbox) => this.#post({ kind: 'mailbox', mailbox, ratio: ratio ?? 1 }),
      handling: (handler) => this.#handling(handler),
      outside: this.#outside(),
      native: native ? this.#native() : undefined,
    };
  }

  #handling(handler: number | undefined): void {
    this.#handlers++;
    const word = handler === undefined ? 0 : (this.#handlers << HANDLER_BITS) | handler;
    Atomics.store(this.#options.bell, HANDLING, word);
  }

  #outside(): Outside {
    const link = this;
    const { bell, forwards } = this.#options;
    return {
      get open() {
        return forwards || link.#inputOpen || link.#controlOpen;
      },
      get rung() {
        return Atomics.load(bell, RINGS) !== link.#seen;
      },
      take: () => this.#takeAll(),
      stopped: () => this.#post({ kind: 'stopped' }),
    };
  }

  #native(): NativeInterrupts {
    return {
      connect: (interrupt) => {
        this.#interrupt = interrupt;
      },
      alarm: (at_ns) => {
        if (at_ns === this.#alarm) return;
        this.#alarm = at_ns;
        this.#post({ kind: 'alarm', at_ns });
      },
      left: (finish) => this.onLeft(finish),
    };
  }

  #takeAll(): void {
    this.#seen = Atomics.load(this.#options.bell, RINGS);
    if (this.#lines.rung) this.#lines.take(this.onPend);
    const asleep = this.#woken;
    this.#woken = false;
    for (;;) {
      const received = receiveMessageOnPort(this.#options.port);
      if (received === undefined) return;
      const message = received.message as ToCore;
      if (message.kind === 'input-end') this.#inputOpen = false;
      else if (message.kind === 'control-end') this.#controlOpen = false;
      this.#take(message, asleep);
    }
  }

  #rest(ns: number | undefined): void {
    const { bell } = this.#options;
    const ms = Math.min(ns === undefined ? LONGEST_REST_MS : ns / 1e6, LONGEST_REST_MS);
    Atomics.store(bell, ASLEEP, 1);
    Atomics.wait(bell, RINGS, this.#seen, ms);
    Atomics.store(bell, ASLEEP, 0);
    this.#woken = Atomics.load(bell, RINGS) !== this.#seen;
  }

  #post(message: ToBoard): void {
    this.#options.port.postMessage(message);
  }
}
