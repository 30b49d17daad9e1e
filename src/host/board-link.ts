/**
 * The board's end of the link: starts the thread that the machine runs on, and passes on what comes from outside: host
 * signals (host-signals.ts), input, and the requests of programs that drive the machine (control-port.ts). Rings the
 * core's doorbell, and interrupts it natively where that is asked for (native-interrupter.ts).
 */

import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { SharedMailbox } from '../clock/real-time.ts';
import { WirqError } from '../errors.ts';
import { MailboxDoor } from '../interrupts/mailbox-door.ts';
import { AlarmClock } from './alarm-clock.ts';
import { type ControlPlace, ControlPort } from './control-port.ts';
import { ASLEEP, HANDLER_BITS, HANDLING, RINGS, type ToBoard, type ToCore, WORDS } from './core-link.ts';
import { Doorbell } from './doorbell.ts';
import { forwardSignals, Impatience, JobControl } from './host-signals.ts';
import { NativeInterrupter } from './native-interrupter.ts';
import { RawTerminal } from './raw-terminal.ts';
import { timerMs } from './wall-clock.ts';

/** A machine that does not end at its limit is given so long. */
const STUCK_MS = 2_000;
/** How often handlers are looked at, at most. */
const LEAST_WATCH_MS = 50;
/** A terminated thread may swallow that inside an interrupt: it is told again. */
const TERMINATE_AGAIN_MS = 20;

/** The ways from the board to the core. */
export interface Outlet {
  tell(message: ToCore): void;
  /** Raises a line. @returns whether it was posted into the guest's memory at once. */
  pend(line: number): boolean;
}

export interface BoardOptions {
  /** The module that the thread begins with. */
  readonly entry: URL;
  /** What it is given, besides its end of the link. */
  readonly workerData: Readonly<Record<string, unknown>>;
  readonly native: boolean;
  readonly forwards: boolean;
  /** Keys go to the guest one by one, from a raw terminal; and what Ctrl-C is. Undefined for a terminal as it is. */
  readonly interactive: { readonly ctrlC: 'byte' | 'signal' } | undefined;
  /** Where other programs drive the machine from, and what they are greeted with. */
  readonly control: { readonly place: ControlPlace; readonly greeting: string } | undefined;
  /**
   * When the machine should have ended by itself, and for how long a handler may neither return nor wait; undefined for no
   * limit. The machine keeps to both, unless it cannot stop its guest; then everything ends some time after.
   */
  readonly limitMs: number | undefined;
  readonly handlerMs: number | undefined;
  /** Says that the machine is stuck, in a handler if one is given. @returns the exit code. */
  readonly onStuck: (handler: number | undefined) => number;
  /** Takes the parts of a recording. */
  readonly onRecord?: ((part: string, content: Uint8Array) => void) | undefined;
  /** Told when the machine is there, with the way to it: for whoever is at the board himself. */
  readonly onReady?: ((board: Outlet) => void) | undefined;
  /** Says that the thread has ended without a last word. @returns the exit code. */
  readonly onDied: (threadCode: number) => number;
  /** The exit code of a second Ctrl-C. */
  readonly impatient: number;
}

const CTRL_C = 3;

/** What programs are told that listen to a run which could not even begin. */
const FAILED = 3;

export class BoardLink {
  readonly #options: BoardOptions;
  readonly #bell = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  readonly #lines = new Doorbell();
  readonly #origin = process.hrtime.bigint();
  readonly #impatience = new Impatience();
  readonly #jobControl = new JobControl();
  readonly #undo: (() => void)[] = [];
  #port: MessagePort | undefined;
  #worker: Worker | undefined;
  #native: NativeInterrupter | undefined;
  #control: ControlPort | undefined;
  /** Posts a line into the guest's memory, if it goes that way. */
  #post: (line: number) => boolean = () => false;
  readonly #alarm = new AlarmClock(this.#origin, () => this.#native?.interrupt());
  #isEnding = false;
  #end: (code: number) => void = () => {};

  private constructor(options: BoardOptions) {
    this.#options = options;
  }

  /**
   * Runs the thread to its end. @returns the exit code.
   * @throws WirqError where what was asked for cannot be had here: native interrupts, a place for control.
   */
  static async run(options: BoardOptions): Promise<number> {
    checkSharedMemory();
    const board = new BoardLink(options);
    let code = FAILED;
    try {
      code = await board.#run();
      return code;
    } finally {
      for (const undo of board.#undo) undo();
      await board.#stop();
      await board.#control?.close(code);
    }
  }

  async #run(): Promise<number> {
    const { native, forwards, control } = this.#options;
    const ended = new Promise<number>((resolve) => {
      this.#end = (code) => {
        this.#isEnding = true;
        resolve(code);
      };
    });
    if (native) this.#native = await NativeInterrupter.attach(this.#bell);
    if (control !== undefined) await this.#openControl(control);
    if (forwards) this.#undo.push(forwardSignals((signal) => this.#signal(signal)));
    const died = this.#start();
    this.#limit();
    return Promise.race([ended, died]);
  }

  /** @returns a promise that is rejected when the thread throws. */
  #start(): Promise<never> {
    const { port1, port2 } = new MessageChannel();
    const link = { port: port2, bell: this.#bell, lines: this.#lines.buffer, origin: this.#origin };
    const worker = new Worker(this.#options.entry, {
      workerData: { ...this.#options.workerData, link },
      transferList: [port2],
      stdout: false,
      stderr: false,
    });
    this.#port = port1;
    this.#worker = worker;
    port1.on('message', (message: ToBoard) => this.#hear(message));
    worker.setMaxListeners(0); // every attempt to end it listens for its end
    worker.on('exit', (code) => this.#lost(code));
    return new Promise((_, reject) => worker.on('error', reject));
  }

  /** The machine keeps to its limit itself; but a handler that does not return keeps it from that. */
  #limit(): void {
    const { limitMs, handlerMs, onStuck } = this.#options;
    if (limitMs !== undefined) {
      const timer = setTimeout(() => this.#end(onStuck(undefined)), timerMs(limitMs + STUCK_MS));
      this.#undo.push(() => clearTimeout(timer));
    }
    if (handlerMs !== undefined)
      this.#undo.push(watchHandlers(this.#bell, handlerMs, (handler) => this.#end(onStuck(handler))));
  }

  /** The thread has ended: after its last word, or without one. */
  #lost(code: number): void {
    for (;;) {
      const last = receiveMessageOnPort(this.#port!);
      if (last === undefined) break;
      this.#hear(last.message as ToBoard);
    }
    this.#die(code);
  }

  #die(code: number): void {
    if (!this.#isEnding) this.#end(this.#options.onDied(code));
  }

  #hear(message: ToBoard): void {
    switch (message.kind) {
      case 'alarm':
        this.#alarm.set(message.at_ns);
        return;
      case 'ready':
        this.#native?.begin();
        if (message.input) this.#readInput();
        this.#options.onReady?.({ tell: (told) => this.#tell(told), pend: (line) => this.#pend(line) });
        return;
      case 'answer':
      case 'event':
        this.#control?.hear(message);
        return;
      case 'mailbox':
        this.#openMailbox(message.mailbox, message.ratio);
        return;
      case 'died':
        this.#die(message.code);
        return;
      case 'stopped':
        this.#jobControl.stopped();
        return;
      case 'record':
        this.#options.onRecord?.(message.part, message.content);
        return;
      case 'end':
        this.#end(message.code);
    }
  }

  // To the core

  #tell(message: ToCore): void {
    this.#port?.postMessage(message);
    this.#ring();
  }

  #pend(line: number): boolean {
    if (this.#post(line)) return true;
    this.#lines.pend(line);
    this.#ring();
    return false;
  }

  #openMailbox(parts: SharedMailbox, ratio: number): void {
    const door = MailboxDoor.through(parts);
    const born = this.#origin + BigInt(Math.round(parts.origin));
    this.#post = (line) => door.post(line, Math.max(0, Math.floor(Number(process.hrtime.bigint() - born) * ratio)));
  }

  #ring(): void {
    Atomics.add(this.#bell, RINGS, 1);
    Atomics.notify(this.#bell, RINGS);
    if (Atomics.load(this.#bell, ASLEEP) === 0) this.#native?.interrupt();
  }

  #signal(signal: NodeJS.Signals): void {
    this.#jobControl.passed(signal);
    if (signal === 'SIGINT' && this.#impatience.again()) this.#end(this.#options.impatient);
    else this.#tell({ kind: 'signal', signal });
  }

  #readInput(): void {
    const { stdin } = process;
    if (this.#options.interactive !== undefined) this.#takeTerminal();
    stdin.on('data', (bytes: Uint8Array) => this.#type(Uint8Array.from(bytes)));
    const end = () => this.#tell({ kind: 'input-end' });
    stdin.on('end', end).on('error', end);
    this.#undo.push(() => stdin.removeAllListeners().destroy());
  }

  #takeTerminal(): void {
    const terminal = new RawTerminal();
    if (!this.#options.forwards) terminal.restoreAtDeath();
    this.#jobControl.around(
      () => terminal.suspend(),
      () => terminal.resume(),
    );
    this.#undo.push(() => terminal.close());
  }

  /** In a raw terminal no key is a signal, but for those that are made one here. */
  #type(bytes: Uint8Array): void {
    const { interactive, impatient } = this.#options;
    const rest =
      interactive === undefined ? bytes : bytes.filter((byte) => byte !== CTRL_C || interactive.ctrlC === 'byte');
    if (interactive !== undefined) {
      for (let left = bytes.filter((byte) => byte === CTRL_C).length; left > 0; left--) {
        if (interactive.ctrlC === 'signal') this.#signal('SIGINT');
        else if (this.#impatience.again()) this.#end(impatient);
      }
    }
    if (rest.length > 0) this.#tell({ kind: 'input', bytes: rest });
  }

  async #openControl({ place, greeting }: NonNullable<BoardOptions['control']>): Promise<void> {
    this.#control = new ControlPort({
      place,
      greeting,
      bell: this.#bell,
      tell: (message) => this.#tell(message),
      post: (line) => this.#post(line),
      kill: () => this.#end(this.#options.impatient),
    });
    await this.#control.open();
  }

  async #stop(): Promise<void> {
    const again = setInterval(() => void this.#worker?.terminate(), TERMINATE_AGAIN_MS);
    try {
      await this.#worker?.terminate();
    } finally {
      clearInterval(again);
      this.#port?.close();
      this.#native?.close();
      await this.#alarm.close();
    }
  }
}

/**
 * Calls `stuck` when one handler has run for longer than it may. Counts looks, not time: a process that was suspended has
 * not been running. @returns what ends the watch.
 */
function watchHandlers(bell: Int32Array, limitMs: number, stuck: (handler: number) => void): () => void {
  const periodMs = Math.max(LEAST_WATCH_MS, limitMs / 4);
  let last = 0;
  let looks = 0;
  const timer = setInterval(() => {
    const now = Atomics.load(bell, HANDLING);
    looks = now !== 0 && now === last ? looks + 1 : 0;
    last = now;
    if (looks * periodMs >= limitMs + STUCK_MS) stuck(now & ((1 << HANDLER_BITS) - 1));
  }, periodMs);
  return () => clearInterval(timer);
}

/** @throws WirqError `unsupported`: an engine may be told to refuse it. */
function checkSharedMemory(): void {
  if (typeof SharedArrayBuffer === 'function') return;
  throw new WirqError(
    'unsupported',
    'real time needs memory that threads share (SharedArrayBuffer), which is refused here',
    {
      advice: 'start Node without what switches it off, or run in virtual time',
    },
  );
}
