/**
 * One request of a program that drives a machine: a JSON object with `command`, an `id` that comes back in the answer, and
 * the command's own fields. Every field is checked, and one that nobody asked for is refused: it was probably misspelt.
 */
import { WirqError } from '../errors.ts';
import { suggest } from '../scenario/suggest.ts';

export type RequestId = string | number | null;

const LONGEST_ID = 200;
/** Data in one request or answer, in bytes. */
export const MOST_BYTES = 1 << 18;

export class Request {
  readonly id: RequestId;
  readonly command: string;
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #asked = new Set(['id', 'command']);

  private constructor(fields: Readonly<Record<string, unknown>>, id: RequestId) {
    this.#fields = fields;
    this.id = id;
    this.command = this.text('command', 'pend');
  }

  /** @throws RefusedRequest with the id, where one can be made out. */
  static parse(line: string): Request {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      throw new RefusedRequest(null, refusal(`this is not JSON: ${(error as Error).message}`, EXAMPLE));
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new RefusedRequest(null, refusal('a request is an object', EXAMPLE));
    }
    const fields = value as Readonly<Record<string, unknown>>;
    const id = fields.id ?? null;
    if (id !== null && typeof id !== 'number' && (typeof id !== 'string' || id.length > LONGEST_ID)) {
      throw new RefusedRequest(null, refusal(`an id is a number, or text of up to ${LONGEST_ID} characters`, EXAMPLE));
    }
    try {
      return new Request(fields, id);
    } catch (error) {
      throw new RefusedRequest(id, error as WirqError);
    }
  }

  has(name: string): boolean {
    this.#asked.add(name);
    return this.#fields[name] !== undefined;
  }

  text(name: string, example: string): string {
    const value = this.#get(name);
    return typeof value === 'string' ? value : this.#wrong(name, 'text', example);
  }

  /** Of which the first is taken where none is given. */
  word<T extends string>(name: string, words: readonly T[]): T {
    if (!this.has(name)) return words[0]!;
    const value = this.#get(name);
    return words.find((word) => word === value) ?? this.#wrong(name, `one of ${words.join(', ')}`, words[0]!);
  }

  integer(name: string, min: number, max: number): number {
    const value = this.#get(name);
    if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
    return this.#wrong(name, `a whole number from ${min} to ${max}`, min);
  }

  /** `3`, `"BUTTON"`. */
  name(name: string, example: string | number): string | number {
    const value = this.#get(name);
    if (typeof value === 'string' || Number.isSafeInteger(value)) return value as string | number;
    return this.#wrong(name, 'a name or a whole number', example);
  }

  /** False where it is not given. */
  flag(name: string): boolean {
    if (!this.has(name)) return false;
    const value = this.#get(name);
    return typeof value === 'boolean' ? value : this.#wrong(name, 'true or false', 'true');
  }

  scalar(name: string): string | number {
    const value = this.#get(name);
    return typeof value === 'string' || typeof value === 'number' ? value : this.#wrong(name, 'text or a number', 1);
  }

  texts(name: string, example: string): readonly string[] {
    const value = this.#get(name);
    const fits = Array.isArray(value) && value.every((each) => typeof each === 'string');
    return fits ? (value as string[]) : this.#wrong(name, 'a list of texts', example);
  }

  /** As `text`, which is sent as UTF-8, or as `hex`. */
  bytes(): Uint8Array {
    const [text, hex] = [this.has('text'), this.has('hex')];
    if (text === hex) throw refusal(`${this.command} takes either 'text' or 'hex'`, 'write for example "hex": "0d0a"');
    const written = this.text(text ? 'text' : 'hex', text ? 'go\\n' : '0d0a');
    if (!text && !/^([0-9a-f]{2})*$/i.test(written)) this.#wrong('hex', 'pairs of hexadecimal digits', '0d0a');
    const bytes = text ? new TextEncoder().encode(written) : fromHex(written);
    if (bytes.length > MOST_BYTES) throw refusal(`${bytes.length} bytes at one time`, `the most is ${MOST_BYTES}`);
    return bytes;
  }

  /** The command has asked for all it wants. @throws WirqError for what is left. */
  done(): void {
    for (const name of Object.keys(this.#fields)) {
      if (!this.#asked.has(name)) {
        throw refusal(`${this.command} has no field ${name}`, suggest(name, [...this.#asked], 'fields'));
      }
    }
  }

  #get(name: string): unknown {
    this.#asked.add(name);
    return this.#fields[name];
  }

  #wrong(name: string, wanted: string, example: string | number): never {
    const value = this.#get(name);
    const what = value === undefined ? `there is no ${name}` : `${name} is ${JSON.stringify(value).slice(0, 80)}`;
    throw refusal(`${what}: it has to be ${wanted}`, `write for example ${JSON.stringify({ [name]: example })}`);
  }
}

const EXAMPLE = 'write for example {"id": 1, "command": "pend", "line": 3}';

/** A line that is no request. */
export class RefusedRequest extends Error {
  readonly id: RequestId;
  readonly reason: WirqError;

  constructor(id: RequestId, reason: WirqError) {
    super(reason.message);
    this.id = id;
    this.reason = reason;
  }
}

export function refusal(message: string, advice: string): WirqError {
  return new WirqError('bad-argument', message, { advice });
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16));
}

export function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return hex;
}
