/** What the commands share: how yargs is set up, and how its complaints become ours. */
import yargs, { type Argv } from 'yargs';
import { suggest } from '../scenario/suggest.ts';
import { version } from './version.ts';

export interface Command {
  /** @returns the exit code. */
  main(argv: readonly string[]): Promise<number>;
}

/** The command line was not what it may be. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly advice: string | undefined;

  constructor(message: string, advice?: string) {
    super(message);
    this.advice = advice;
  }
}

/** A parser whose options stop at the first argument that is none, and whose every complaint is a UsageError. */
export function parser(name: string, argv: readonly string[]): Argv {
  return yargs([...argv])
    .scriptName(`wirq ${name}`)
    .version(version())
    .parserConfiguration({
      'halt-at-non-option': true,
      'camel-case-expansion': false,
      'duplicate-arguments-array': true,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'dot-notation': false,
    })
    .exitProcess(false)
    .showHelpOnFail(false)
    .strictOptions()
    .wrap(process.stdout.isTTY === true ? Math.min(process.stdout.columns, 110) : 100)
    .fail((message: string | undefined, error: Error | undefined) => {
      if (error !== undefined) throw error;
      throw new UsageError(message ?? 'bad usage', `wirq ${name} --help shows what it takes`);
    });
}

/** An option given more than once where once is meant. */
export function single<T>(value: T | readonly T[] | undefined, option: string): T | undefined {
  if (!Array.isArray(value)) return value as T | undefined;
  throw new UsageError(`--${option} is given ${value.length} times`, 'give it once');
}

/** Refuses options that are not there, with the nearest that is. yargs names them but does not suggest. */
export function refuseUnknown(parsed: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  for (const key of Object.keys(parsed)) {
    if (key === '_' || key === '$0' || key === '--' || known.includes(key)) continue;
    const dashes = key.length === 1 ? '-' : '--';
    throw new UsageError(`there is no option ${dashes}${key}`, suggest(key, known, 'options'));
  }
}
