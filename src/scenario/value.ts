/**
 * One value of a scenario file, read as what it should be: text, a whole number in a range, a time, a mapping of known keys.
 * Every reader either returns a typed value or throws a `bad-scenario` error with file:line:col and what to write instead.
 * Knows nothing of steps or machines.
 */
import { isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import { type Duration, parseDuration, parseFrequency } from '../clock/instant.ts';
import { type Place, WirqError } from '../errors.ts';
import type { SourceText } from './document.ts';
import { brief, quote, suggest } from './suggest.ts';

type ScalarContent = string | number | bigint | boolean | null;

export class Value {
  /** How messages call it: `'timeout'`, `a step`, `irq 'BUTTON'`. */
  readonly what: string;
  readonly #fallback: Place;
  readonly #node: Node | null;
  readonly #source: SourceText;

  /** @param node null for a key without a value, which then stands at `fallback`. */
  constructor(node: Node | null, source: SourceText, what: string, fallback: Place) {
    this.#node = node === null ? null : source.resolve(node);
    this.#source = source;
    this.what = what;
    this.#fallback = fallback;
  }

  /** Where the value begins; found only when asked for, because most values are never complained about. */
  get place(): Place {
    return this.#node === null ? this.#fallback : this.#source.place(this.#node.range?.[0] ?? 0);
  }

  get isMapping(): boolean {
    return isMap(this.#node);
  }

  get isList(): boolean {
    return isSeq(this.#node);
  }

  get isText(): boolean {
    return typeof this.#scalar === 'string';
  }

  get isNumber(): boolean {
    return typeof this.#scalar === 'bigint' || typeof this.#scalar === 'number';
  }

  /** The value as the file has it, for scalars: `0x10`, `5 sec`. */
  get written(): string {
    if (isMap(this.#node)) return 'a mapping';
    if (isSeq(this.#node)) return 'a list';
    const scalar = this.#scalar;
    if (scalar === null || scalar === undefined) return 'nothing';
    return typeof scalar === 'string' ? scalar : (this.#sourceText ?? String(scalar));
  }

  /** The same for a message: text in quotes, everything cut to a reasonable length. */
  get shown(): string {
    if (this.isText) return quote(this.written);
    return brief(this.written);
  }

  text(example = 'some text'): string {
    const scalar = this.#scalar;
    if (typeof scalar === 'string') return scalar;
    if (isScalar(this.#node) && scalar !== null) {
      return this.fail(
        `${this.what} must be text, not ${this.shown}`,
        `put it in quotes: '${this.written.slice(0, 40)}'`,
      );
    }
    return this.fail(`${this.what} must be text, not ${this.shown}`, `write for example '${example}'`);
  }

  /** Text that must not be empty. */
  name(example: string): string {
    const text = this.text(example);
    return text === '' ? this.fail(`${this.what} is empty`, `write for example '${example}'`) : text;
  }

  /** One of a few words. */
  word<Word extends string>(words: readonly Word[]): Word {
    const text = this.text(words[0]);
    const word = words.find((each) => each === text);
    return word ?? this.fail(`${this.what} cannot be ${this.shown}`, suggest(text, words, 'values'));
  }

  integer(min: number, max: number): number {
    return Number(this.bigInteger(BigInt(min), BigInt(max)));
  }

  bigInteger(min: bigint, max: bigint): bigint {
    const scalar = this.#scalar;
    if (typeof scalar !== 'bigint') {
      return this.fail(
        `${this.what} must be a whole number, not ${this.shown}`,
        `write a number from ${min} to ${max}`,
      );
    }
    if (scalar < min || scalar > max) {
      return this.fail(`${this.what} is out of range: ${this.shown}`, `write a number from ${min} to ${max}`);
    }
    return scalar;
  }

  /** Any number, `.inf` and `.nan` included. */
  number(): number {
    const scalar = this.#scalar;
    if (typeof scalar === 'bigint' || typeof scalar === 'number') return Number(scalar);
    return this.fail(`${this.what} must be a number, not ${this.shown}`, 'write for example 1.5');
  }

  duration(): Duration {
    if (this.isNumber) return this.fail(`${this.what} has no unit: ${this.shown}`, this.#withUnits(['ms', 'us', 's']));
    const time = this.isText ? parseDuration(this.written) : undefined;
    if (time !== undefined) return time;
    return this.fail(
      `${this.what} is not a time: ${this.shown}`,
      'write a number and a unit (ns, us, ms, s, m, h), at most 104 days, for example 10ms',
    );
  }

  /** A time that may not be 0. */
  period(): Duration {
    const period = this.duration();
    if (period === 0)
      return this.fail(`${this.what} is a period of 0, which never lets the machine run`, 'write for example 1ms');
    return period;
  }

  frequency(): number {
    if (this.isNumber)
      return this.fail(`${this.what} has no unit: ${this.shown}`, this.#withUnits(['Hz', 'kHz', 'MHz']));
    const hz = this.isText ? parseFrequency(this.written) : undefined;
    if (hz !== undefined) return hz;
    return this.fail(
      `${this.what} is not a frequency: ${this.shown}`,
      'write 1Hz to 10GHz with its unit (Hz, kHz, MHz, GHz), for example 16MHz',
    );
  }

  /** The items of a list, each called `item`. */
  items(item: string, most: number): Value[] {
    if (!isSeq<Node>(this.#node)) {
      return this.fail(`${this.what} must be a list, not ${this.shown}`, "begin each item with '- '");
    }
    if (this.#node.items.length > most) {
      return this.fail(`${this.what} has ${this.#node.items.length} items`, `the limit is ${most}`);
    }
    return this.#node.items.map((node) => new Value(node, this.#source, item, this.place));
  }

  /** A mapping whose keys are names of the user's own choosing. */
  entries(example: string): Map<string, Value> {
    const node = this.#node;
    if (!isMap<Node, Node | null>(node)) {
      return this.fail(`${this.what} must be a mapping, not ${this.shown}`, `write for example ${example}`);
    }
    const entries = new Map<string, Value>();
    for (const pair of node.items) {
      const [key, value] = this.#entry(pair);
      const earlier = entries.get(key);
      if (earlier !== undefined) {
        throw new WirqError('bad-scenario', `${quote(key)} is given twice in ${this.what}`, {
          place: this.keyPlace(pair),
          advice: `the first is on line ${earlier.#keyLine}`,
        });
      }
      entries.set(key, value);
    }
    return entries;
  }

  /** A mapping of known keys: any other is refused with the nearest known one. */
  fields(known: readonly string[], example: string): Fields {
    const entries = this.entries(example);
    for (const [key, value] of entries) {
      if (!known.includes(key))
        value.failAtKey(`unknown key ${quote(key)} in ${this.what}`, suggest(key, known, 'keys'));
    }
    return new Fields(this, entries);
  }

  /** Runs a reader that knows no places, and gives its complaint the place of this value. */
  read<T>(reader: (written: string) => T): T {
    if (!this.isText && !this.isNumber) {
      return this.fail(`${this.what} must be a name or a number, not ${this.shown}`, undefined);
    }
    try {
      return reader(this.written);
    } catch (error) {
      if (!(error instanceof WirqError)) throw error;
      return this.fail(`${this.what}: ${error.message}`, error.advice);
    }
  }

  fail(message: string, advice: string | undefined): never {
    throw new WirqError('bad-scenario', message, { place: this.place, advice });
  }

  /** Complains about the key that this is the value of. */
  failAtKey(message: string, advice: string | undefined): never {
    throw new WirqError('bad-scenario', message, { place: this.#keyAt ?? this.place, advice });
  }

  #keyAt: Place | undefined;

  get #keyLine(): number | undefined {
    return this.#keyAt?.line;
  }

  get #scalar(): ScalarContent | undefined {
    if (this.#node === null) return null;
    return isScalar<ScalarContent>(this.#node) ? this.#node.value : undefined;
  }

  get #sourceText(): string | undefined {
    return isScalar(this.#node) ? this.#node.source : undefined;
  }

  #withUnits(units: readonly string[]): string {
    const [first, second, third] = units.map((unit) => `${this.shown}${unit}`);
    return `write ${first}, ${second} or ${third}`;
  }

  keyPlace(pair: Pair<Node, Node | null>): Place {
    return this.#source.place(pair.key.range?.[0] ?? 0);
  }

  #entry(pair: Pair<Node, Node | null>): [string, Value] {
    const at = this.keyPlace(pair);
    const key = this.#source.resolve(pair.key);
    if (!isScalar(key) || typeof key.value !== 'string') {
      const shown = new Value(pair.key, this.#source, '', at).shown;
      throw new WirqError('bad-scenario', `a key of ${this.what} must be text, not ${shown}`, {
        place: at,
        advice: 'write keys as words',
      });
    }
    const value = new Value(pair.value, this.#source, quote(key.value), at);
    value.#keyAt = at;
    return [key.value, value];
  }
}

/** A mapping whose keys have all been found to be known. */
export class Fields {
  readonly owner: Value;
  readonly #entries: ReadonlyMap<string, Value>;

  constructor(owner: Value, entries: ReadonlyMap<string, Value>) {
    this.owner = owner;
    this.#entries = entries;
  }

  get keys(): string[] {
    return [...this.#entries.keys()];
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  /** Of a field with two spellings the one that is given. */
  either(key: string, other: string, example: string): Value {
    const [first, second] = [this.get(key), this.get(other)];
    if (first !== undefined) {
      second?.failAtKey(`'${other}' is another word for '${key}', which is given too`, 'leave one of them out');
    }
    return first ?? second ?? this.need(key, example);
  }

  /** @param example The whole line to add, for whoever forgot it. */
  need(key: string, example: string): Value {
    const value = this.#entries.get(key);
    return value ?? this.owner.fail(`${this.owner.what} has no '${key}'`, `add ${example}`);
  }
}
