/**
 * The one error type a user of wirq meets: what happened, where, and what to do next.
 * Our own mistakes are `assert` failures (assert.ts); they are never a WirqError.
 */

/** What kind of thing went wrong. Stable: programs may switch on it. */
export type ErrorCode =
  | 'bad-module' // not a well-formed module, or not a valid one
  | 'unsupported' // valid, but nothing here or in this engine handles it
  | 'missing-import' // the module imports what nobody provides
  | 'bad-handler' // a handler of the wrong shape, or one that does not exist
  | 'bad-mailbox' // a mailbox block with a broken header or indices out of range
  | 'bad-argument' // an option, injection or API argument outside its domain
  | 'bad-scenario' // a scenario file that says something it may not
  | 'bad-device' // a device of the user's own that cannot be loaded, or that failed
  | 'bad-recording' // a recording that is damaged, or of another module or version, or that a run does not follow
  | 'bad-file' // a file that is missing or cannot be read
  | 'stack-overflow' // a guest's handler ran below its handler stack
  | 'limit'; // a stated limit was reached (limits are named in the message)

/** A place in a text file (1-based line and column) or in a module (byte offset in the user's file). */
export interface Place {
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly function?: string | undefined;
  readonly offset?: number | undefined;
}

/** Options object because place and advice are both optional and easily swapped. */
export interface WirqErrorOptions {
  readonly place?: Place | undefined;
  /** What the user can do about it, as a sentence. */
  readonly advice?: string | undefined;
  readonly cause?: unknown;
}

/**
 * A failure that is the user's to mend.
 *
 * @example
 * throw new WirqError('bad-argument', 'line 240 is out of range', { advice: 'lines are 0…239' });
 */
export class WirqError extends Error {
  override readonly name = 'WirqError';
  readonly code: ErrorCode;
  readonly place: Place | undefined;
  readonly advice: string | undefined;

  constructor(code: ErrorCode, message: string, options: WirqErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.place = options.place;
    this.advice = options.advice;
  }

  /** `file:line:col: message (advice)`, the one line that a command line shows. */
  get report(): string {
    const place = this.place === undefined ? '' : formatPlace(this.place);
    const advice = this.advice === undefined ? '' : `\n  ${this.advice}`;
    return `${place === '' ? '' : `${place}: `}${this.message}${advice}`;
  }

  /** The same failure with the file's name added, for callers that know it when the thrower did not. */
  inFile(file: string): WirqError {
    if (this.place?.file !== undefined) return this;
    return new WirqError(this.code, this.message, {
      place: { ...this.place, file },
      advice: this.advice,
      cause: this.cause,
    });
  }
}

/** `file:line:col` or `file: function f, offset 0x1a`, with what is known of it. */
export function formatPlace(place: Place): string {
  const parts: string[] = [];
  if (place.file !== undefined) {
    const line =
      place.line === undefined ? '' : `:${place.line}${place.column === undefined ? '' : `:${place.column}`}`;
    parts.push(`${place.file}${line}`);
  }
  const inside: string[] = [];
  if (place.function !== undefined) inside.push(`function ${place.function}`);
  if (place.offset !== undefined) inside.push(`offset 0x${place.offset.toString(16)}`);
  if (inside.length > 0) parts.push(inside.join(', '));
  return parts.join(': ');
}
