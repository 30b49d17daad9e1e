/**
 * Writes the tape of a run, record by record, and hands on what was written every now and then, always whole records and with a
 * mark at its end: up to there, a recording that is cut off can be replayed.
 */
import { WirqError } from '../errors.ts';
import {
  type Answer,
  Counts,
  EventChecksum,
  type Question,
  RECORD,
  type RecordName,
  type Section,
} from './tape-format.ts';
import { ByteWriter } from './values.ts';

/** So much is handed on at once. */
const PIECE_BYTES = 1 << 16;
/** What was written is handed on when it is so old. */
const PIECE_MS = 100;

export interface TapeSink {
  /** Takes whole records. */
  piece(bytes: Uint8Array<ArrayBuffer>): void;
  /** Monotonic, for deciding when to hand on; undefined where only the size decides. */
  readonly nowMs?: (() => number) | undefined;
}

export class TapeWriter {
  readonly #sink: TapeSink;
  readonly #instructions: () => number;
  readonly #bytes = new ByteWriter(2 * PIECE_BYTES);
  readonly #counts = new Counts();
  /** Stretches of outsiders' code that are in progress: of which section, and the how manieth. The first so many are written. */
  readonly #sections: Section[] = [];
  readonly #numbers: number[] = [];
  #written = 0;
  readonly events = new EventChecksum();
  #lastInstructions = 0;
  #lastTime = 0;
  #handedOnMs: number;
  #ended = false;

  /** `instructions`: how many have been charged by now. */
  constructor(sink: TapeSink, instructions: () => number) {
    this.#sink = sink;
    this.#instructions = instructions;
    this.#handedOnMs = sink.nowMs?.() ?? 0;
  }

  // Questions and answers

  /** Notes an answer to a question. @returns it. */
  asked(question: Question, answer: boolean): boolean {
    const count = this.#counts.next(question);
    if (answer) {
      this.#head(question);
      this.#bytes.count(count);
      this.#counts.reset(question);
    }
    return answer;
  }

  /** The time that a question was answered with, or undefined where it was not. Never goes back. */
  time(now: number | undefined): number | undefined {
    const count = this.#counts.nextTime();
    if (now === undefined) return undefined;
    this.#head('time');
    this.#bytes.count(count);
    this.#counts.reset('time');
    const time = Math.max(Math.floor(now), this.#lastTime);
    this.#bytes.count(time - this.#lastTime);
    this.#lastTime = time;
    return time;
  }

  /** Input that has come: undefined at its end. Empty where none has. */
  input(bytes: Uint8Array | undefined): void {
    if (this.asked('input', bytes === undefined || bytes.length > 0)) this.#bytes.value(bytes);
  }

  answer(answer: Answer, value: unknown): void {
    this.#record(answer, value);
  }

  /** The same as `answer(answer, [value])`, for what is answered often. */
  number(answer: Answer, value: number): void {
    this.#head(answer);
    this.#bytes.listOf(value);
  }

  // Sections

  /** Runs code of outsiders, whose calls of the machine are written down. */
  within<T>(section: Section, act: () => T): T {
    this.enter(section);
    try {
      return act();
    } finally {
      this.leave();
    }
  }

  enter(section: Section): void {
    this.#sections.push(section);
    this.#numbers.push(this.#counts.next(section));
  }

  leave(): void {
    this.#sections.pop();
    this.#numbers.pop();
    if (this.#written <= this.#sections.length) return;
    this.#written--;
    this.#head('leave');
  }

  /** @throws WirqError where no code of outsiders should be running, so that it could not be done again. */
  called(method: string, args: readonly unknown[]): void {
    // Whoever hears an event has the time with it: the machine need not find it out.
    if (this.#sections.length === 0 && method === 'now') return;
    if (this.#sections.length === 0) {
      throw new WirqError('unsupported', `machine.${method} is called from where a recording cannot repeat it`, {
        advice: 'while a run is recorded, call it from a script, a host function or at a moment, not from a listener',
      });
    }
    this.#begin();
    this.#record('called', [method, ...args]);
  }

  /** Memory was changed by outsiders: each patch an address and bytes. */
  memory(grownTo: number | undefined, patches: readonly (readonly [number, Uint8Array])[]): void {
    this.#begin();
    this.#record('memory', [grownTo, ...patches.flat()]);
  }

  #begin(): void {
    for (; this.#written < this.#sections.length; this.#written++) {
      const section = this.#sections[this.#written]!;
      this.#head(section);
      this.#bytes.count(this.#numbers[this.#written]!);
      this.#counts.reset(section);
    }
  }

  // Records

  #record(name: RecordName, value: unknown): void {
    this.#makeRoom();
    const before = this.#bytes.length;
    const last = this.#lastInstructions;
    this.#head(name);
    try {
      this.#bytes.value(value);
    } catch (error) {
      this.#bytes.cutTo(before);
      this.#lastInstructions = last;
      throw error;
    }
  }

  #head(name: RecordName): void {
    this.#makeRoom();
    const instructions = this.#instructions();
    this.#bytes.head(RECORD[name], instructions - this.#lastInstructions);
    this.#lastInstructions = instructions;
  }

  /** The record before is whole. */
  #makeRoom(): void {
    if (this.#bytes.length >= PIECE_BYTES) this.flush();
  }

  /** Hands on what is old enough. Call it often, between two records. */
  flushInTime(): void {
    const { nowMs } = this.#sink;
    if (nowMs !== undefined && nowMs() - this.#handedOnMs >= PIECE_MS) this.flush();
  }

  /** Hands on what was written, with a mark. */
  flush(): void {
    if (this.#ended) return;
    const { events } = this;
    this.#bytes.byte(RECORD.mark);
    const instructions = this.#instructions();
    this.#bytes.count(instructions - this.#lastInstructions);
    this.#lastInstructions = instructions;
    this.#bytes.value([events.count, events.value, ...this.#counts.questions]);
    this.#handOn();
  }

  /** The last word. */
  end(value: unknown): void {
    this.#record('end', value);
    this.#handOn();
    this.#ended = true;
  }

  #handOn(): void {
    this.#sink.piece(this.#bytes.take());
    this.#handedOnMs = this.#sink.nowMs?.() ?? 0;
  }
}
