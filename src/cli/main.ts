/**
 * The command line's front door: finds the command, hands over the rest, and turns what is thrown into one message and
 * an exit code. `wirq file.wasm` is `wirq run file.wasm`.
 */
import { existsSync } from 'node:fs';
import { WirqError } from '../errors.ts';
import { print, say } from '../host/standard-streams.ts';
import { nearest } from '../scenario/suggest.ts';
import { type Command, UsageError } from './command.ts';
import { complain } from './complain.ts';
import { EXIT_USAGE } from './exit-codes.ts';
import { version } from './version.ts';

/** Loaded when used: a run should not pay for what only `inspect` needs. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./run.ts')).run,
  replay: async () => (await import('./replay.ts')).replay,
  inspect: async () => (await import('./inspect.ts')).inspect,
  instrument: async () => (await import('./instrument.ts')).instrument,
  doctor: async () => (await import('./doctor.ts')).doctor,
};

/** Words that are to be commands, in versions to come. */
const TO_COME: readonly string[] = ['test', 'explore', 'convert', 'init', 'completion'];

const OVERVIEW = `wirq — runs .wasm firmware and interrupts it

Usage
  wirq [options] <file.wasm> [guest arguments]
  wirq <command> …

Commands
  run         run a module under scripted interrupts (the default)
  replay      repeat a recorded run, to the instruction, and look at it
  inspect     say what a module needs, handles, and how interruptible it is
  instrument  write an interruptible module for another host to run
  doctor      say what this engine offers, and what each missing thing costs

Examples
  wirq primes.wasm                               run until the firmware ends
  wirq blinky.wasm --scenario button.yaml        with a script: presses, waits, expectations
  wirq --irq 3@10ms --irq 3@insn:50000 app.wasm  interrupts by time and by instruction
  wirq --irq 3@func:main_loop#3 app.wasm         on the third entry of a function
  wirq --timeout 2s -v tool.wasm --its-option    with an event log; the guest gets --its-option
  wirq --invoke fib fib.wasm 20                  call an export
  wirq --record run.wirq app.wasm                record everything that comes from outside
  wirq replay -v run.wirq                        and repeat the run from that
  wirq inspect blinky.wasm                       imports, handlers, safepoints

  wirq run --help      all options of a run
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
    say(OVERVIEW);
    return EXIT_USAGE;
  }
  if (first === 'help' && rest[0] !== undefined && isCommand(rest[0])) return runCommand(rest[0], ['--help']);
  if (first === '--help' || first === '-h' || first === 'help') {
    print(OVERVIEW);
    return 0;
  }
  if (first === '--version' || first === '-V') {
    print(`${version()}\n`);
    return 0;
  }
  if (isCommand(first)) return runCommand(first, rest);
  refuseMisspelt(first);
  return runCommand('run', argv);
}

function isCommand(word: string): boolean {
  return Object.hasOwn(COMMANDS, word);
}

async function runCommand(name: string, argv: readonly string[]): Promise<number> {
  return (await COMMANDS[name]!()).main(argv);
}

/** A word that is neither a command nor a file, but nearly a command, or will be one. */
function refuseMisspelt(word: string): void {
  if (word.startsWith('-') || existsSync(word)) return;
  if (TO_COME.includes(word)) {
    throw new UsageError(`this version has no command ${word} yet`, 'wirq --help shows those it has');
  }
  const close = nearest(word, [...Object.keys(COMMANDS), 'help']);
  if (close === undefined) return;
  throw new WirqError('bad-file', `cannot read ${word}: there is no such file`, {
    advice: `did you mean 'wirq ${close}'?`,
  });
}
