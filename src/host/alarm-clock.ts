/**
 * Calls at moments between the whole milliseconds of Node's timers, by a thread that sleeps until then (alarm-thread.ts). The
 * thread is begun when an alarm is first set; until it runs, and where it is late, a timer of Node's does what it can.
 */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

/** Counts how often the alarm was set. */
export const SETTINGS = 0;
/** Timers take no more (2^31 - 1 ms, 24 days): they are set again. */
const LONGEST_MS = 2 ** 31 - 1;

export interface AlarmMemory {
  readonly settings: Int32Array;
  /** By the host's clock since `origin`, in ns; negative for never. */
  readonly moment: BigInt64Array;
  readonly origin: bigint;
}

export class AlarmClock {
  readonly #memory: AlarmMemory;
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | undefined;
  #thread: Worker | undefined;

  /** `origin`: what `process.hrtime.bigint()` said at 0. */
  constructor(origin: bigint, ring: () => void) {
    const settings = new Int32Array(new SharedArrayBuffer(4));
    const moment = new BigInt64Array(new SharedArrayBuffer(8));
    this.#memory = { settings, moment, origin };
    this.#ring = ring;
  }

  /** Rings at this moment, in place of what was set before; undefined for never. */
  set(at_ns: number | undefined): void {
    const { settings, moment } = this.#memory;
    clearTimeout(this.#timer);
    Atomics.store(moment, 0, at_ns === undefined ? -1n : BigInt(Math.ceil(at_ns)));
    const setting = Atomics.add(settings, SETTINGS, 1) + 1;
    Atomics.notify(settings, SETTINGS);
    if (at_ns === undefined) return;
    this.#thread ??= this.#begin();
    this.#wait(setting, at_ns);
  }

  /** Timers of Node's may be early, too: they go by whole milliseconds of the event loop's own time. */
  #wait(setting: number, at_ns: number): void {
    const left_ms = (at_ns - Number(process.hrtime.bigint() - this.#memory.origin)) / 1e6;
    if (left_ms <= 0) this.#due(setting);
    else this.#timer = setTimeout(() => this.#wait(setting, at_ns), Math.min(Math.ceil(left_ms), LONGEST_MS));
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#thread?.terminate();
  }

  /** Whoever says so first; the other finds the alarm rung, or set anew. */
  #due(setting: number): void {
    const { settings, moment } = this.#memory;
    if (Atomics.load(settings, SETTINGS) !== setting || Atomics.exchange(moment, 0, -1n) < 0n) return;
    clearTimeout(this.#timer);
    this.#ring();
  }

  #begin(): Worker {
    const entry = new URL(`./alarm-thread${extname(import.meta.url)}`, import.meta.url);
    const thread = new Worker(entry, { workerData: this.#memory });
    thread.on('message', (setting: number) => this.#due(setting));
    thread.on('error', () => {}); // Node's timers are still there
    thread.unref();
    return thread;
  }
}
