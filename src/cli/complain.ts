/** What was thrown as one message, with advice where there is some, and an exit code. Names in it may be anybody's. */
import { WirqError } from '../errors.ts';
import { say } from '../host/standard-streams.ts';
import { printableLines } from '../trace/terminal.ts';
import { UsageError } from './command.ts';
import { EXIT_INTERNAL, EXIT_USAGE } from './exit-codes.ts';

/** @returns the process's exit code. */
export function complain(error: unknown): number {
  if (error instanceof UsageError) {
    say(printableLines(`wirq: ${error.message}\n${error.advice === undefined ? '' : `  ${error.advice}\n`}`));
    return EXIT_USAGE;
  }
  if (error instanceof WirqError) {
    say(printableLines(`wirq: ${error.report}\n`));
    return EXIT_USAGE;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  say(`wirq: an internal error; this is our fault, please report it with the command you ran\n${text}\n`);
  return EXIT_INTERNAL;
}
