/** `--help` and `--version`, which every command has. yargs draws the help; it is loaded only then. */
import { print } from '../host/standard-streams.ts';
import type { Arguments } from './arguments.ts';
import type { Description, OptionSpec, Options } from './command.ts';
import { version } from './version.ts';

/** How a run is looked at, now or in a replay. */
export const VIEW_OPTIONS = {
  digest: { type: 'flag', describe: 'print a hash over events and output' },
  json: { type: 'flag', describe: 'print a summary as JSON; the guest writes to stderr' },
  stats: { type: 'flag', describe: 'a table of what every line waited for and took' },
  quiet: { type: 'flag', alias: 'q', describe: 'say only what went wrong' },
  verbose: { type: 'flag', alias: 'v', describe: 'log every event to stderr' },
  color: { type: 'flag', negatable: true, describe: 'colours on stderr (on a terminal, unless NO_COLOR is set)' },
} as const satisfies Options;

/** To be spread into the options of each command. */
export const COMMON_OPTIONS = {
  help: { type: 'flag', alias: 'h', describe: 'show this' },
  version: { type: 'flag', alias: 'V', describe: 'show the version' },
} as const satisfies Options;

const WIDEST = 110;
const WITHOUT_TERMINAL = 100;

/** @returns whether the arguments ask for help or the version, which is then printed. */
export async function helped(description: Description, args: Arguments<'help' | 'version'>): Promise<boolean> {
  if (args.flag('help')) print(`${await helpText(description, process.stdout.columns)}\n`);
  else if (args.flag('version')) print(`${version()}\n`);
  else return false;
  return true;
}

/** @param columns of the terminal; undefined where there is none. */
export async function helpText(description: Description, columns: number | undefined): Promise<string> {
  const { default: yargs } = await import('yargs');
  const help = yargs([])
    .locale('en')
    .scriptName(`wirq ${description.name}`)
    .help(false)
    .version(false)
    .usage(description.usage)
    .wrap(Math.min(columns ?? WITHOUT_TERMINAL, WIDEST));
  for (const [name, option] of Object.entries(description.options)) help.option(name, inYargs(option));
  for (const [commandLine, purpose] of description.examples) help.example(commandLine, purpose);
  return help.getHelp();
}

function inYargs({ type, many, alias, describe }: OptionSpec) {
  return {
    describe,
    type: type === 'flag' ? ('boolean' as const) : ('string' as const),
    ...(alias === undefined ? {} : { alias }),
    ...(many ? { array: true } : {}),
  };
}
