/**
 * What stands on the tape of a recording: one record for each answer that came from outside, in the order in which the machine
 * got them, each with the count of instructions at that moment. docs/recording.md describes the bytes.
 *
 * - A *question* is asked again and again and mostly answered by no (has anything arrived? is it that time yet?). Only a yes is
 *   written down, with how many times had been asked.
 * - An *answer* is written down each time.
 * - A *section* is a stretch in which code of outsiders ran. It is written down only when that called the machine: how many such
 *   stretches there had been, then its calls, then `leave`.
 */

import type { MachineEvent } from '../machine/events.ts';

/** The byte that a record begins with. Never renumbered. */
export const RECORD = {
  // Questions
  /** Is it that time, or: what time is it? Then the time since the last such answer, in ns. */
  time: 1,
  rung: 2,
  /** Has it changed whether something may still come? */
  open: 3,
  /** Is there input? Then the bytes, or undefined at its end. */
  input: 4,
  /** Is the limit of wall time reached? */
  wall: 5,
  /** Has what a script waits for come true? */
  ready: 6,
  // Answers
  /** A checksum of the code that runs. */
  rewritten: 16,
  /** What a host function gave: a value or an error, and what it did to memory. */
  host: 17,
  /** What a promise gave. */
  settled: 18,
  /** What a file or directory gave. */
  file: 19,
  /** A text that was found beside the module. */
  text: 20,
  /** How far a script got: what it waits for, or its end. */
  script: 21,
  /** The end of the run. */
  end: 22,
  /** Whether there is a script. */
  scripted: 23,
  // Sections
  /** Before the run. */
  setup: 32,
  /** Taking what had arrived. */
  take: 33,
  /** At a moment that was asked for. */
  moment: 34,
  /** A step of a script. */
  step: 35,
  /** A script looking whether what it waits for has come. */
  poll: 36,
  /** Inside a host function. */
  call: 37,
  /** While the machine waited for a promise. */
  pause: 38,
  /** Whoever hears the guest's output. */
  output: 39,
  // Inside a section
  /** A method of the machine's, and its arguments. */
  called: 48,
  /** Memory changed. */
  memory: 49,
  leave: 50,
  // Where the recording was safe on its way
  mark: 63,
} as const;

export type RecordName = keyof typeof RECORD;
export type Question = 'time' | 'rung' | 'open' | 'input' | 'wall' | 'ready';
export type Answer = 'rewritten' | 'host' | 'settled' | 'file' | 'text' | 'script' | 'scripted' | 'end';
export type Section = 'setup' | 'take' | 'moment' | 'step' | 'poll' | 'call' | 'pause' | 'output';

export const NAMES: ReadonlyMap<number, RecordName> = new Map(
  Object.entries(RECORD).map(([name, byte]) => [byte, name as RecordName]),
);

/** Which records say how many times something had been asked or had run. */
export function isCounted(name: RecordName): name is Question | Section {
  const byte = RECORD[name];
  return byte < 16 || (byte >= 32 && byte < 48);
}

/** A guest whose run is recorded or replayed comes by at least so often: equally often, because it is asked things then. */
export const LOOK_DISTANCE = 1 << 18;

/** For each question and section, how often it was asked or run since its last record. */
export class Counts {
  readonly #counts = new Float64Array(64);

  /** One more. @returns how many there are now. */
  next(name: Question | Section): number {
    return ++this.#counts[RECORD[name]]!;
  }

  /** The same for the time, which is asked for most. */
  nextTime(): number {
    return ++this.#counts[RECORD.time]!;
  }

  reset(name: Question | Section): void {
    this.#counts[RECORD[name]] = 0;
  }

  /** Of the questions, by their bytes. */
  get questions(): number[] {
    return [...this.#counts.subarray(0, 16)];
  }
}

/** A checksum over the events so far: 32 bits that come out otherwise when any event has another moment or kind. */
export class EventChecksum {
  #hash = 0x811c9dc5;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get value(): number {
    return this.#hash >>> 0;
  }

  add({ time, instructions, kind }: Pick<MachineEvent, 'time' | 'instructions' | 'kind'>): void {
    this.#count++;
    let hash = Math.imul(this.#hash ^ (time >>> 0), 0x01000193);
    hash = Math.imul(hash ^ (instructions >>> 0), 0x01000193);
    hash = Math.imul(hash ^ kind.length ^ (kind.charCodeAt(0) << 8), 0x01000193);
    this.#hash = hash ^ (hash >>> 15);
  }
}
