/**
 * The board's end of the link: starts the thread that the machine runs on, passes on host signals and input, and makes
 * native interrupts. An interrupt is an inspector message to the thread, `Runtime.evaluate`, which V8 runs at its next
 * check of the stack, in the middle of WebAssembly too. No debugger is switched on, and no port opened.
 */
import inspector from 'node:inspector';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { WirqError } from '../errors.ts';
import { ASLEEP, INTERRUPT, LANDED, RINGS, type ToBoard, type ToCore, WORDS } from './core-link.ts';

/** Those that a program usually handles. The others end the process as they do any. */
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'] as const;
/** A second Ctrl-C within so long ends everything. */
const IMPATIENCE_NS = 1_000_000_000n;
/** A machine that does not end at its limit is given so long. */
const STUCK_MS = 2_000;
/** A terminated thread may swallow that inside an interrupt: it is told again. */
const TERMINATE_AGAIN_MS = 20;

export interface BoardOptions {
  /** The module that the thread begins with. */
  readonly entry: URL;
  /** What it is given, besides its end of the link. */
  readonly workerData: Readonly<Record<string, unknown>>;
  readonly native: boolean;
  readonly forwards: boolean;
  /** Ends everything when the machine has not, so long after it should have; undefined for no limit. */
  readonly limitMs: number | undefined;
  /** The exit code of a second Ctrl-C, and of a thread that died. */
  readonly codes: { readonly impatient: number; readonly died: number; readonly stuck: number };
}

export class BoardLink {
  readonly #options: BoardOptions;
  readonly #bell = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  readonly #origin = process.hrtime.bigint();
  readonly #port: MessagePort;
  readonly #worker: Worker;
  #interrupt: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastInterruption: bigint | undefined;
  #undo: (() => void)[] = [];
  #end: (code: number) => void = () => {};

  private constructor(options: BoardOptions) {
    this.#options = options;
    if (options.native && !process.features.inspector) {
      throw new WirqError('unsupported', 'native interrupts need the inspector, which this Node was built without', {
        advice: 'use --preempt safepoints',
      });
    }
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const link = { port: port2, bell: this.#bell, origin: this.#origin };
    this.#worker = new Worker(options.entry, {
      workerData: { ...options.workerData, link },
      transferList: [port2],
      stdout: false,
      stderr: false,
    });
  }

  /** Runs the thread to its end. @returns the exit code. */
  static async run(options: BoardOptions): Promise<number> {
    const board = new BoardLink(options);
    try {
      return await board.#run();
    } finally {
      for (const undo of board.#undo) undo();
      clearTimeout(board.#timer);
      await board.#stop();
    }
  }

  #run(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#worker.on('error', reject);
      this.#worker.on('exit', () => this.#lost());
      if (this.#options.native) this.#attachInspector();
      this.#port.on('message', (message: ToBoard) => this.#hear(message));
      if (this.#options.forwards) this.#forwardSignals();
      this.#limit();
    });
  }

  /** The machine keeps to its limit itself; but a handler that does not return keeps it from that. */
  #limit(): void {
    const { limitMs, codes } = this.#options;
    if (limitMs === undefined) return;
    const timer = setTimeout(() => this.#end(codes.stuck), limitMs + STUCK_MS);
    this.#undo.push(() => clearTimeout(timer));
  }

  /** The thread has ended: after its last word, or without one. */
  #lost(): void {
    for (;;) {
      const last = receiveMessageOnPort(this.#port);
      if (last === undefined) break;
      this.#hear(last.message as ToBoard);
    }
    this.#end(this.#options.codes.died);
  }

  #hear(message: ToBoard): void {
    switch (message.kind) {
      case 'alarm':
        this.#setAlarm(message.at_ns);
        return;
      case 'ready':
        if (message.input) this.#readInput();
        return;
      case 'end':
        this.#end(message.code);
    }
  }

  /** Timers of Node's are whole milliseconds: an interrupt may be so much late. */
  #setAlarm(at_ns: number | undefined): void {
    clearTimeout(this.#timer);
    if (at_ns === undefined) return;
    const left_ms = Math.max(0, at_ns - Number(process.hrtime.bigint() - this.#origin)) / 1e6;
    this.#timer = setTimeout(() => this.#interrupt?.(), Math.min(Math.ceil(left_ms), 2 ** 31 - 1));
  }

  // To the core

  #tell(message: ToCore): void {
    this.#port.postMessage(message);
    Atomics.add(this.#bell, RINGS, 1);
    Atomics.notify(this.#bell, RINGS);
    if (Atomics.load(this.#bell, ASLEEP) === 0) this.#interrupt?.();
  }

  #forwardSignals(): void {
    for (const signal of FORWARDED) {
      const pass = () => {
        if (signal === 'SIGINT' && this.#isImpatient()) this.#end(this.#options.codes.impatient);
        else this.#tell({ kind: 'signal', signal });
      };
      process.on(signal, pass);
      this.#undo.push(() => process.off(signal, pass));
    }
  }

  #isImpatient(): boolean {
    const now = process.hrtime.bigint();
    const last = this.#lastInterruption;
    this.#lastInterruption = now;
    return last !== undefined && now - last < IMPATIENCE_NS;
  }

  #readInput(): void {
    const { stdin } = process;
    stdin.on('data', (bytes: Uint8Array) => this.#tell({ kind: 'input', bytes: Uint8Array.from(bytes) }));
    const end = () => this.#tell({ kind: 'input-end' });
    stdin.on('end', end).on('error', end);
    this.#undo.push(() => stdin.removeAllListeners().destroy());
  }

  // Native interrupts

  /** One message is under way at a time: what it finds when it lands includes all that arrived until then. */
  #attachInspector(): void {
    const session = new inspector.Session();
    session.connect();
    this.#undo.push(() => session.disconnect());
    let sent = 0;
    session.on('NodeWorker.attachedToWorker', ({ params: { sessionId } }) => {
      this.#interrupt = () => {
        if (Atomics.load(this.#bell, LANDED) !== sent) return;
        sent++;
        const params = { expression: `globalThis.${INTERRUPT}()`, silent: true };
        const message = JSON.stringify({ id: sent, method: 'Runtime.evaluate', params });
        session.post('NodeWorker.sendMessageToWorker', { sessionId, message });
      };
    });
    session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  }

  async #stop(): Promise<void> {
    const again = setInterval(() => void this.#worker.terminate(), TERMINATE_AGAIN_MS);
    try {
      await this.#worker.terminate();
    } finally {
      clearInterval(again);
      this.#port.close();
    }
  }
}
