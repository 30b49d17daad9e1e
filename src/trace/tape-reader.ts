/**
 * Reads the tape of a run back: answers the questions that the machine asks as they were answered, and compares at each record
 * that the machine is where it was then. A tape that ends before the run did says so at its last mark. Nothing on it is trusted.
 */
import { WirqError } from '../errors.ts';
import type { MachineEvent } from '../machine/events.ts';
import { badRecording } from './recording-file.ts';
import {
  type Answer,
  Counts,
  EventChecksum,
  isCounted,
  NAMES,
  type Question,
  RECORD,
  type RecordName,
  type Section,
} from './tape-format.ts';
import { ByteReader, MalformedValue } from './values.ts';

/** So many checksums are kept for events to come: marks without a record between them follow each other. */
const MAX_CHECKS = 1000;

/** Whole records, and where in the file they stand. */
export interface Piece {
  readonly bytes: Uint8Array;
  readonly offset: number;
}

interface Head {
  readonly name: RecordName;
  readonly instructions: number;
  readonly count: number;
}

interface Mark {
  readonly instructions: number;
  readonly questions: readonly number[];
}

export interface ReaderHost {
  readonly instructions: number;
  /** The tape ends here, but the run did not. */
  exhausted(): void;
  /** The run is not the one on the tape, or the tape makes no sense. */
  diverged(error: WirqError): void;
}

export class TapeReader {
  readonly #pieces: Iterator<Piece>;
  readonly #host: ReaderHost;
  readonly #counts = new Counts();
  readonly events = new EventChecksum();
  /** What the events so far have to come to, by their number. */
  readonly #checks: { readonly count: number; readonly value: number }[] = [];
  #reader = new ByteReader(new Uint8Array(0));
  #offset = 0;
  #head: Head | undefined;
  #instructions = 0;
  #time = 0;
  #mark: Mark = { instructions: 0, questions: [] };
  /** No record is left. */
  #isAtEnd = false;
  #isOver = false;

  constructor(pieces: Iterable<Piece>, host: ReaderHost) {
    this.#pieces = pieces[Symbol.iterator]();
    this.#host = host;
  }

  /** Reads as far as the first record. */
  begin(): void {
    this.#guarded(() => this.#advance());
  }

  /** The last time that was read, by the clock of the host that recorded it. */
  get lastTime(): number {
    return this.#time;
  }

  /** What comes next; undefined where no record is left. */
  get next(): RecordName | undefined {
    return this.#head?.name;
  }

  /** Nothing that is asked from now on matters. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The run is stopped for another reason. */
  end(): void {
    this.#isOver = true;
  }

  /** How many more instructions until the last mark, where no record is left that would say when the run ended. */
  get distanceToEnd(): number {
    if (!this.#isAtEnd) return Number.POSITIVE_INFINITY;
    return this.#mark.instructions - this.#host.instructions;
  }

  /** To be called every now and then: a run may go past the end of the tape without asking for anything. */
  look(): void {
    if (this.#isOver) return;
    if (this.distanceToEnd <= 0) this.#exhausted();
    else this.#compareWithHead();
  }

  // Questions and answers

  asked(question: Question): boolean {
    if (this.#isOver) return false;
    const count = this.#counts.next(question);
    const head = this.#head;
    if (head === undefined) {
      if (count > (this.#mark.questions[RECORD[question]] ?? 0)) this.#exhausted();
      return false;
    }
    if (head.name !== question || head.count !== count) {
      this.#compareWithHead();
      return false;
    }
    this.#counts.reset(question);
    this.#compare(head, question);
    return !this.#isOver;
  }

  /** The time, where it was told. */
  time(): number | undefined {
    if (!this.asked('time')) return undefined;
    this.#guarded(() => {
      this.#time += this.#reader.count();
      this.#advance();
    });
    return this.#time;
  }

  /** Input: undefined at its end, empty where none had come. */
  input(): unknown {
    return this.asked('input') ? this.#value() : new Uint8Array(0);
  }

  /** A change that has no value. */
  flag(question: 'rung' | 'open' | 'wall' | 'ready'): boolean {
    const answer = this.asked(question);
    if (answer) this.#guarded(() => this.#advance());
    return answer;
  }

  /** An answer that always came. Undefined when nothing matters any more. */
  answer(answer: Answer): unknown {
    if (this.#isOver) return undefined;
    const head = this.#head;
    if (head === undefined) {
      this.#exhausted();
      return undefined;
    }
    if (head.name !== answer) {
      this.fail(`it asks for ${answer} where the recording goes on with ${head.name}`);
      return undefined;
    }
    this.#compare(head, answer);
    return this.#isOver ? undefined : this.#value();
  }

  /** Code of outsiders ran here: does again what it did. */
  section(section: Section, act: (name: 'called' | 'memory', value: unknown) => void): void {
    if (this.#isOver) return;
    const count = this.#counts.next(section);
    if (this.#head?.name !== section || this.#head.count !== count) return;
    this.#counts.reset(section);
    this.#compare(this.#head, section);
    this.#guarded(() => this.#advance());
    for (let name = this.next; !this.#isOver && name !== 'leave'; name = this.next) {
      if (name === 'called' || name === 'memory') act(name, this.#value());
      else if (name === undefined) this.#exhausted();
      else this.fail(`the recording goes on with ${name} inside ${section}`);
    }
    if (!this.#isOver) this.#guarded(() => this.#advance());
  }

  /** Notes an event, and compares where the recording knows what they came to. */
  event(event: MachineEvent): void {
    if (this.#isOver) return;
    this.events.add(event);
    while (this.#checks[0] !== undefined && this.#checks[0].count <= this.events.count) {
      const { count, value } = this.#checks.shift()!;
      if (count !== this.events.count || value === this.events.value) continue;
      this.fail(`event ${count} of the run, ${event.kind}, or one before it is not as recorded`);
    }
  }

  // The tape

  #value(): unknown {
    let value: unknown;
    this.#guarded(() => {
      value = this.#reader.value();
      this.#advance();
    });
    return value;
  }

  /** Reads the next record's head. Marks are taken on the way. */
  #advance(): void {
    this.#head = undefined;
    for (;;) {
      while (this.#reader.done) {
        const next = this.#pieces.next();
        if (next.done === true) {
          this.#isAtEnd = true;
          return;
        }
        this.#reader = new ByteReader(next.value.bytes);
        this.#offset = next.value.offset;
      }
      const name = NAMES.get(this.#reader.byte());
      if (name === undefined) throw new MalformedValue('a record is of no known kind');
      this.#instructions += this.#reader.count();
      if (name !== 'mark') {
        this.#head = { name, instructions: this.#instructions, count: isCounted(name) ? this.#reader.count() : 0 };
        return;
      }
      this.#takeMark(this.#reader.value());
    }
  }

  #takeMark(value: unknown): void {
    if (!Array.isArray(value) || !value.every((each) => typeof each === 'number')) {
      throw new MalformedValue('a mark makes no sense');
    }
    const [count = 0, checksum = 0, ...questions] = value as number[];
    this.#mark = { instructions: this.#instructions, questions };
    const isAhead = count > this.events.count && this.#checks.length < MAX_CHECKS;
    if (isAhead) this.#checks.push({ count, value: checksum });
  }

  /** The run has not yet come to the next record, and not gone past it. */
  #compareWithHead(): void {
    const head = this.#head;
    if (head !== undefined && this.#host.instructions > head.instructions) {
      this.fail(`it has gone past instruction ${head.instructions}, where the recording has ${head.name}`);
    }
  }

  #compare(head: Head, what: string): void {
    const { instructions } = this.#host;
    if (instructions === head.instructions) return;
    this.fail(`it has ${what} at instruction ${instructions}, and the recording at ${head.instructions}`);
  }

  #exhausted(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#host.exhausted();
  }

  /** The run is not the one that was recorded. The first reason stands. */
  fail(why: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#host.diverged(badRecording(`the run does not follow its recording: ${why}`, this.#offset));
  }

  #guarded(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof MalformedValue || error instanceof WirqError)) throw error;
      if (this.#isOver) return;
      this.#isOver = true;
      const why = badRecording(`it makes no sense: ${error.message}`, this.#offset);
      this.#host.diverged(error instanceof WirqError ? error : why);
    }
  }
}
