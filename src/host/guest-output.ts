/**
 * Where the guest's output goes: to our own standard output and error, in order, in pieces worth a system call.
 * Lines go out as they end on a terminal; elsewhere when enough has come together, and at the end. In real time, at once.
 */
import { WirqError } from '../errors.ts';
import { HostFailure } from './host-failure.ts';
import { isTerminal, print, say, streamsMeet, writeStandard } from './standard-streams.ts';

const ENOUGH_BYTES = 1 << 14;
const LINE_FEED = 10;

export interface GuestOutputOptions {
  /** 2 where our own standard output is spoken for. */
  readonly stdoutTo: 1 | 2;
  /** Nothing waits for more to come together: in real time, somebody may be waiting for it. */
  readonly atOnce?: boolean | undefined;
}

export class GuestOutput {
  readonly #stdoutTo: 1 | 2;
  readonly #lineByLine: boolean;
  readonly #atOnce: boolean;
  readonly #buffer = new Uint8Array(ENOUGH_BYTES);
  #used = 0;
  #stdout = 0;
  #stderr = 0;
  #midLine = false;
  /** The same of where our own talk goes. */
  #talkMidLine = false;
  readonly #talkSeesOutput: boolean;

  constructor(options: GuestOutputOptions) {
    this.#talkSeesOutput = options.stdoutTo === 2 || streamsMeet();
    this.#stdoutTo = options.stdoutTo;
    this.#lineByLine = isTerminal(options.stdoutTo);
    this.#atOnce = options.atOnce === true;
  }

  /** Bytes written so far, by stream. */
  get counts(): { readonly stdout: number; readonly stderr: number } {
    return { stdout: this.#stdout, stderr: this.#stderr };
  }

  /** Whether standard output stands within a line, where text of our own must not go on. */
  get midLine(): boolean {
    return this.#midLine;
  }

  /** Prints a result of our own on standard output, on a line of its own there. */
  print(text: string): void {
    this.flush();
    print(this.#midLine ? `\n${text}` : text);
    this.#midLine = false;
    if (this.#talkSeesOutput) this.#talkMidLine = false;
  }

  /** Says something of our own on standard error, on a line of its own there. */
  talk(text: string): void {
    if (text === '') return;
    this.flush();
    say(this.#talkMidLine ? `\n${text}` : text);
    this.#talkMidLine = false;
  }

  /** @throws HostFailure when nobody reads standard output any more, or nothing can be written. */
  write(stream: 'stdout' | 'stderr', bytes: Uint8Array): void {
    if (bytes.length > 0 && (stream === 'stderr' || this.#talkSeesOutput)) {
      this.#talkMidLine = bytes.at(-1) !== LINE_FEED;
    }
    if (stream === 'stderr') {
      this.#stderr += bytes.length;
      this.flush();
      this.#pass(2, bytes);
      return;
    }
    this.#stdout += bytes.length;
    if (bytes.length > 0) this.#midLine = bytes.at(-1) !== LINE_FEED;
    if (this.#used + bytes.length > ENOUGH_BYTES) this.flush();
    if (bytes.length > ENOUGH_BYTES) {
      this.#pass(this.#stdoutTo, bytes);
      return;
    }
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
    if (this.#atOnce || (this.#lineByLine && bytes.at(-1) === LINE_FEED)) this.flush();
  }

  /** @throws HostFailure as `write` does. */
  flush(): void {
    if (this.#used === 0) return;
    const used = this.#used;
    this.#used = 0;
    this.#pass(this.#stdoutTo, this.#buffer.subarray(0, used));
  }

  #pass(descriptor: 1 | 2, bytes: Uint8Array): void {
    let read: boolean;
    try {
      read = writeStandard(descriptor, bytes);
    } catch (error) {
      throw error instanceof WirqError ? new HostFailure(error) : error;
    }
    // Standard error is for talk: a run does not depend on anybody listening.
    if (!read && descriptor === 1) throw new HostFailure();
  }
}
