/**
 * The command line's front door: finds the command, hands over the rest, and turns what is thrown into one message and
 * an exit code. `wirq file.wasm` is `wirq run file.wasm`; everything behind the file belongs to the guest.
 */
import { WirqError } from '../errors.ts';
import type { Command } from './command.ts';
import { UsageError } from './command.ts';
import { EXIT_INTERNAL, EXIT_USAGE } from './exit-codes.ts';
import { version } from './version.ts';

/** Loaded when used: a run should not pay for what only `inspect` needs. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./run.ts')).run,
  inspect: async () => (await import('./inspect.ts')).inspect,
  doctor: async () => (await import('./doctor.ts')).doctor,
};

const OVERVIEW = `wirq — runs .wasm firmware and interrupts it

Usage
  wirq <file.wasm> [options before the file] [guest arguments]
  wirq <command> …

Commands
  run      run a module under scripted interrupts (the default)
  inspect  say what a module needs, handles, and how interruptible it is
  doctor   say what this engine offers, and what each missing thing costs

Examples
  wirq blinky.wasm                                  run until the firmware ends
  wirq --scenario button.yaml blinky.wasm           with a script: presses, waits, expectations
  wirq --irq 3@10ms --irq 3@insn:50000 app.wasm     interrupts by time and by instruction
  wirq --irq BUTTON@func:main_loop#3 app.wasm       on the third entry of a function
  wirq --timeout 2s -v app.wasm --guest-option      with an event log; the guest gets --guest-option

  wirq run --help      all options
  wirq --version       the version
`;

/** @returns the process's exit code. Never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    return await dispatch(argv);
  } catch (error) {
    return complain(error);
  }
}

async function dispatch(argv: readonly string[]): Promise<number> {
  const [first, ...rest] = argv;
  if (first === undefined) {
    process.stderr.write(OVERVIEW);
    return EXIT_USAGE;
  }
  if (first === '--help' || first === '-h' || first === 'help') {
    process.stdout.write(OVERVIEW);
    return 0;
  }
  if (first === '--version' || first === '-V') {
    process.stdout.write(`${version()}\n`);
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  if (command !== undefined) return (await command()).main(rest);
  return (await COMMANDS['run']!()).main(argv);
}

function complain(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`wirq: ${error.message}\n${error.advice === undefined ? '' : `  ${error.advice}\n`}`);
    return EXIT_USAGE;
  }
  if (error instanceof WirqError) {
    process.stderr.write(`wirq: ${error.report}\n`);
    return EXIT_USAGE;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `wirq: an internal error; this is our fault, please report it with the command you ran\n${text}\n`,
  );
  return EXIT_INTERNAL;
}
