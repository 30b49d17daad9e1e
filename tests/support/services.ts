/** A machine of a few lines for tests of guests: time moves only in `wait`, to the next planned event or the deadline. */
import { type Instant, instant } from '../../src/clock/instant.ts';
import type { GuestServices, WaitOutcome } from '../../src/guests/services.ts';

/** What a real machine throws to end a run. */
export class RunEnded extends Error {
  readonly exitCode: number;
  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

interface Planned {
  readonly at: number;
  readonly act: () => void;
}

export class FakeServices implements GuestServices {
  time = 0;
  guestMemory: WebAssembly.Memory | undefined;
  readonly raised: number[] = [];
  readonly written: { stream: 'stdout' | 'stderr'; text: string; at: number }[] = [];
  readonly logged: { kind: string; details: Readonly<Record<string, string | number | boolean>> }[] = [];
  #planned: Planned[] = [];
  #input: number[] = [];
  #inputEnded = false;
  #state: number;

  constructor(options: { memory?: WebAssembly.Memory; seed?: number } = {}) {
    this.guestMemory = options.memory;
    this.#state = options.seed ?? 1;
  }

  /** Does something when time reaches `at` during a wait, as an interrupt would. */
  plan(at: number, act: () => void): void {
    this.#planned.push({ at, act });
    this.#planned.sort((a, b) => a.at - b.at);
  }

  type(text: string): void {
    this.#input.push(...new TextEncoder().encode(text));
  }

  endInput(): void {
    this.#inputEnded = true;
  }

  text(stream: 'stdout' | 'stderr'): string {
    return this.written.map((one) => (one.stream === stream ? one.text : '')).join('');
  }

  now(): Instant {
    return instant(this.time);
  }

  memory(): WebAssembly.Memory | undefined {
    return this.guestMemory;
  }

  random(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) {
      this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
      bytes[i] = this.#state >>> 24;
    }
  }

  wait(options: { deadline: Instant | undefined; ready?: () => boolean; wakeOnInterrupt?: boolean }): WaitOutcome {
    for (;;) {
      if (options.ready?.() === true) return 'ready';
      const next = this.#planned[0];
      if (next === undefined || (options.deadline !== undefined && next.at > options.deadline)) {
        if (options.deadline === undefined) throw new RunEnded(134, 'deadlock');
        this.time = Math.max(this.time, options.deadline);
        return 'elapsed';
      }
      this.#planned.shift();
      this.time = Math.max(this.time, next.at);
      next.act();
      if (options.wakeOnInterrupt === true) return 'interrupted';
    }
  }

  workedFor(): Instant {
    return instant(this.time);
  }

  waitInterruptibly(options: { deadline: Instant | undefined; ready?: () => boolean }): WaitOutcome {
    return this.wait(options);
  }

  waitsUnderMask(): boolean {
    return false;
  }

  endWaitMask(): void {}

  handledSignals(): number {
    return 0;
  }

  exit(code: number): never {
    throw new RunEnded(code, `exit ${code}`);
  }

  raise(signal: number): void {
    this.raised.push(signal);
  }

  output(stream: 'stdout' | 'stderr', bytes: Uint8Array): void {
    this.written.push({ stream, text: new TextDecoder().decode(bytes), at: this.time });
  }

  input(max: number): Uint8Array | undefined {
    if (this.#input.length === 0 && this.#inputEnded) return undefined;
    return Uint8Array.from(this.#input.splice(0, max));
  }

  log(kind: string, details: Readonly<Record<string, string | number | boolean>>): void {
    this.logged.push({ kind, details });
  }

  fail(message: string): never {
    throw new RunEnded(134, message);
  }
}
