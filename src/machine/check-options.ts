/**
 * What types do not tell a caller who writes JavaScript: options that there are not, and words that are none of the choices.
 * The values of options are checked where they are used.
 */
import { WirqError } from '../errors.ts';
import type { Preopen } from '../guests/wasi-directory.ts';
import { BACKEND_NAMES } from '../stacks/backend.ts';
import { checkSlice, checkTime, DELIVERIES, type IrqConfig, type MachineOptions, PREEMPTIONS } from './options.ts';

const OPTIONS = {
  args: true,
  argv0: true,
  asyncify: true,
  board: true,
  compile: true,
  deliver: true,
  deviceOptions: true,
  devices: true,
  env: true,
  faults: true,
  file: true,
  granularity: true,
  handlerTimeout: true,
  hz: true,
  imports: true,
  invoke: true,
  irqs: true,
  mailboxPoll: true,
  maskFunction: true,
  maskFunctions: true,
  maxInstructions: true,
  onOutput: true,
  pins: true,
  preempt: true,
  preopens: true,
  priorityBits: true,
  realTime: true,
  retain: true,
  seed: true,
  slice: true,
  sourceMap: true,
  stacks: true,
  stdin: true,
  tape: true,
  timeout: true,
  verify: true,
  wall: true,
  wires: true,
} as const satisfies Record<keyof MachineOptions, true>;

const IRQ_OPTIONS = { line: true, priority: true, handler: true, deliver: true } as const satisfies Record<
  keyof IrqConfig,
  true
>;

/** @throws WirqError `bad-argument`. */
export function checkOptions(options: MachineOptions): void {
  checkKeys('a machine', options, OPTIONS);
  checkWord('deliver', options.deliver, DELIVERIES);
  checkWord('preempt', options.preempt, PREEMPTIONS);
  checkWord('stacks', options.stacks, ['auto', ...BACKEND_NAMES]);
  checkWord('faults', options.faults, ['end', 'hardfault']);
  for (const [name, config] of Object.entries(options.irqs ?? {})) {
    if (typeof config === 'number') continue;
    checkKeys(`the line ${name}`, config, IRQ_OPTIONS);
    checkWord(`deliver of ${name}`, config.deliver, DELIVERIES);
  }
  checkSlice(options.slice);
  checkPreopens(options.preopens ?? []);
  const { mailboxPoll } = options;
  if (mailboxPoll !== undefined && checkTime(mailboxPoll, 'mailboxPoll') === 0) {
    throw new WirqError('bad-argument', 'a mailbox that is looked at every 0 ns never lets the machine run', {
      advice: 'write for example 100us',
    });
  }
}

/** Of two directories of one name the guest would see one. */
function checkPreopens(preopens: readonly Preopen[]): void {
  const seen = new Set<string>();
  for (const { guestPath } of preopens) {
    if (seen.has(guestPath)) {
      throw new WirqError('bad-argument', `two directories are called ${guestPath} by the guest`, {
        advice: 'give one another name, as in --dir build/data::/build',
      });
    }
    seen.add(guestPath);
  }
}

function checkKeys(owner: string, given: object, known: Readonly<Record<string, true>>): void {
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(known, key)) continue;
    throw new WirqError('bad-argument', `${owner} has no option ${key}`, {
      advice: `the options are ${Object.keys(known).join(', ')}`,
    });
  }
}

function checkWord(option: string, given: string | undefined, choices: readonly string[]): void {
  if (given === undefined || choices.includes(given)) return;
  throw new WirqError('bad-argument', `${option}: there is no such choice as ${JSON.stringify(given)}`, {
    advice: `choose ${choices.join(', ')}`,
  });
}
