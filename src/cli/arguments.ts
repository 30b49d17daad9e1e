/**
 * Reads the arguments of a command by its description: options anywhere, or up to the first argument that is none.
 * On `node:util`'s tokens (POSIX utility conventions, and GNU's long options), because loading yargs, which draws the
 * help, would take longer than most runs. Abbreviated options are left out: a later one would change their meaning.
 */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { nearest, quote } from '../scenario/suggest.ts';
import { type Description, type OptionSpec, type Options, UsageError } from './command.ts';

type Given = string | boolean;

export class Arguments<Name extends string> {
  /** What is no option, up to where the options stopped. */
  readonly positionals: readonly string[];
  /** What follows the first positional, unread; empty for a command whose options do not stop there. */
  readonly rest: readonly string[];
  /** What precedes the first positional. */
  readonly before: readonly string[];
  readonly #given: ReadonlyMap<string, readonly Given[]>;

  constructor(
    given: ReadonlyMap<string, readonly Given[]>,
    split: { positionals: readonly string[]; before?: readonly string[]; rest?: readonly string[] },
  ) {
    this.#given = given;
    this.positionals = split.positionals;
    this.before = split.before ?? [];
    this.rest = split.rest ?? [];
  }

  /** Whether `--` stood before the first positional: what follows was declared to be no option. */
  get ended(): boolean {
    return this.before.at(-1) === '--';
  }

  has(name: Name): boolean {
    return this.#given.has(name);
  }

  texts(name: Name): readonly string[] {
    return (this.#given.get(name) ?? []).map(String);
  }

  /** @throws UsageError when it is given more than once. */
  text(name: Name): string | undefined {
    const texts = this.texts(name);
    if (texts.length > 1) throw new UsageError(`--${name} is given ${texts.length} times`, 'give it once');
    return texts[0];
  }

  /** The last one counts, so that an alias of the shell can be overruled. */
  flag(name: Name): boolean | undefined {
    const last = this.#given.get(name)?.at(-1);
    return last === undefined ? undefined : last === true;
  }
}

/**
 * @throws UsageError for an option that is not there, lacks its text, or has one that it does not take.
 * @example readArguments(description, ['--timeout', '2s', 'app.wasm', '--guests']).text('timeout') // '2s'
 */
export function readArguments<T extends Options>(
  description: Description<T>,
  argv: readonly string[],
): Arguments<keyof T & string> {
  const { tokens } = parseArgs({
    args: [...argv],
    options: nodeOptions(description.options),
    strict: false,
    tokens: true,
  });
  const first = description.stopsAtFirst ? tokens.find((token) => token.kind === 'positional') : undefined;
  const end = first?.index ?? argv.length;
  const given = new Map<string, Given[]>();
  for (const token of tokens) {
    if (token.kind !== 'option' || token.index >= end) continue;
    const { name, value } = readOption(description, argv, token);
    given.set(name, [...(given.get(name) ?? []), value]);
  }
  if (first !== undefined) {
    const { index, value } = first;
    return new Arguments(given, { positionals: [value], before: argv.slice(0, index), rest: argv.slice(index + 1) });
  }
  const positionals = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  return new Arguments(given, { positionals });
}

interface OptionToken {
  readonly index: number;
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function readOption(
  description: Description,
  argv: readonly string[],
  token: OptionToken,
): { name: string; value: Given } {
  const { options } = description;
  const negated = negatedOption(options, token.name);
  const option = optionNamed(options, negated ?? token.name);
  if (option === undefined) throw unknownOption(description, argv[token.index]!, token);
  if (option.type === 'flag') {
    if (token.value === undefined) return { name: negated ?? token.name, value: negated === undefined };
    throw new UsageError(`${token.rawName} takes no value, but is given ${quote(token.value)}`, 'leave it out');
  }
  const { value } = token;
  // A value may begin with a dash, as in --env=-v; what reads like another option is more likely a forgotten value.
  const forgotten = value === undefined || (token.inlineValue === false && isOption(options, value));
  if (!forgotten) return { name: token.name, value };
  throw new UsageError(
    `${token.rawName} needs a value`,
    `${token.rawName}: ${option.describe}; wirq ${description.name} --help shows more`,
  );
}

function optionNamed(options: Options, name: string): OptionSpec | undefined {
  return Object.hasOwn(options, name) ? options[name] : undefined;
}

function negatedOption(options: Options, name: string): string | undefined {
  const positive = name.startsWith('no-') ? name.slice('no-'.length) : undefined;
  return positive !== undefined && optionNamed(options, positive)?.negatable ? positive : undefined;
}

function isOption(options: Options, text: string): boolean {
  if (text.startsWith('--')) return text === '--' || optionNamed(options, text.slice(2).split('=')[0]!) !== undefined;
  return Object.values(options).some((option) => option.alias !== undefined && text === `-${option.alias}`);
}

/** The nearest spelling; also of a long name behind a single dash, which reads as a row of letters. */
function unknownOption({ name, options }: Description, written: string, token: OptionToken): UsageError {
  const short = !token.rawName.startsWith('--');
  const word = short ? written.slice(1) : token.name;
  const close = word.length > 1 ? nearest(word, spellings(options)) : undefined;
  return new UsageError(
    `there is no option ${quote(token.rawName)}`,
    close === undefined ? `wirq ${name} --help shows those there are` : `did you mean '--${close}'?`,
  );
}

function spellings(options: Options): string[] {
  return Object.entries(options).flatMap(([name, option]) => (option.negatable ? [name, `no-${name}`] : [name]));
}

function nodeOptions(options: Options): NonNullable<ParseArgsConfig['options']> {
  return Object.fromEntries(
    Object.entries(options).map(([name, { type, alias }]) => [
      name,
      {
        type: type === 'text' ? ('string' as const) : ('boolean' as const),
        multiple: true,
        ...(alias === undefined ? {} : { short: alias }),
      },
    ]),
  );
}
