/**
 * One program that drives the machine: lines of requests in, lines of answers and events out, over any pair of streams.
 * Every queue is bounded. Requests wait in the pipe while too many are under way; a reader that does not keep up has its
 * requests left waiting, too, and is spared events (the core counts those it drops by what is written here).
 */
import type { Readable, Writable } from 'node:stream';

/** The longest request, in bytes. */
export const LONGEST_LINE = 1 << 20;
/** Requests that are under way at one time. */
const MOST_UNDER_WAY = 64;
/** Answers that a reader has not taken, in bytes, before nothing more is done for it. */
const MOST_UNREAD = 1 << 20;
const LINE_FEED = 10;

export interface ControlClientOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** A request has come. Every one is answered by `answer`. */
  readonly onRequest: (line: string) => void;
  /** A line was too long to be one. */
  readonly onTooLong: () => void;
  /** No request will come any more; `lost` when nobody reads answers either. */
  readonly onEnd: (lost: boolean) => void;
}

export class ControlClient {
  readonly #options: ControlClientOptions;
  /** Pieces of lines that have arrived and were not taken. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #skipping = false;
  #underWay = 0;
  #ended = false;
  #lost = false;

  constructor(options: ControlClientOptions) {
    this.#options = options;
    const { input, output } = options;
    input.on('data', (bytes: Uint8Array) => {
      this.#waiting.push(bytes);
      this.#waitingBytes += bytes.length;
      this.#pump();
    });
    input.on('end', () => this.#finish(false)).on('error', () => this.#finish(true));
    input.on('close', () => this.#finish(false));
    output.on('error', () => this.#finish(true)).on('close', () => this.#finish(true));
    output.on('drain', () => this.#pump());
  }

  /** The answer to one request. */
  answer(text: string): void {
    this.#underWay--;
    this.write(text);
    this.#pump();
  }

  /** A line that answers nothing; `sent` is called when it has left. */
  write(text: string, sent?: () => void): void {
    if (!this.#lost) this.#options.output.write(`${text}\n`, sent && ((error) => error ?? sent()));
  }

  get #isBusy(): boolean {
    return this.#underWay >= MOST_UNDER_WAY || this.#options.output.writableLength > MOST_UNREAD;
  }

  #pump(): void {
    const { input } = this.#options;
    while (!this.#isBusy && !this.#lost) {
      const line = this.#takeLine();
      if (line === undefined) break;
      if (line === 'too long') this.#options.onTooLong();
      else if (line.trim() !== '') {
        this.#underWay++;
        this.#options.onRequest(line);
      }
    }
    if (this.#isBusy) input.pause();
    else if (input.isPaused()) input.resume();
    if (this.#ended) this.#sayEnd();
  }

  /** @returns undefined when no line is complete. */
  #takeLine(): string | 'too long' | undefined {
    const last = this.#waiting.at(-1);
    if (last === undefined) return undefined;
    const whole = this.#waiting.length === 1 ? last : Buffer.concat(this.#waiting);
    this.#waiting = [whole];
    const end = whole.indexOf(LINE_FEED);
    if (end < 0 && !(this.#ended && whole.length > 0)) {
      if (this.#waitingBytes <= LONGEST_LINE) return undefined;
      this.#drop(whole.length);
      const first = !this.#skipping;
      this.#skipping = true;
      return first ? 'too long' : undefined;
    }
    const line = end < 0 ? whole : whole.subarray(0, end);
    this.#drop(end < 0 ? whole.length : end + 1);
    const skipped = this.#skipping;
    this.#skipping = false;
    if (skipped) return '';
    return line.length > LONGEST_LINE ? 'too long' : new TextDecoder().decode(line);
  }

  #drop(bytes: number): void {
    const rest = this.#waiting[0]!.subarray(bytes);
    this.#waiting = rest.length === 0 ? [] : [rest];
    this.#waitingBytes = rest.length;
  }

  #finish(lost: boolean): void {
    this.#lost ||= lost;
    this.#ended = true;
    this.#pump();
  }

  #saidEnd = false;

  /** Once what had arrived before is under way. */
  #sayEnd(): void {
    const done = this.#lost || (this.#waitingBytes === 0 && !this.#isBusy);
    if (!done || this.#saidEnd) return;
    this.#saidEnd = true;
    this.#options.onEnd(this.#lost);
  }
}
