/** The options of `wirq run`: described, parsed and checked. Options stop at the file; what follows is the guest's. */
import { WirqError } from '../errors.ts';
import { openPreopen } from '../host/directory.ts';
import { wallMilliseconds } from '../host/wall-clock.ts';
import { checkHz, checkTime, type Delivery, type MachineOptions } from '../machine/options.ts';
import { type Injection, parseInjection, parseSignalInjection, type SignalInjection } from '../scenario/injection.ts';
import { parser, single, UsageError } from './command.ts';

export interface RunOptions {
  readonly file: string;
  readonly scenario: string | undefined;
  readonly machine: MachineOptions;
  readonly deliverLines: ReadonlyMap<string, Delivery>;
  readonly irqs: readonly Injection[];
  readonly signals: readonly SignalInjection[];
  readonly trace: string | undefined;
  readonly digest: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
}

const USAGE = `wirq [run] [options] <file.wasm> [guest arguments]

Runs a module in virtual time: repeatable to the instruction, interrupted wherever a scenario or an option says.
Exit code: the guest's own; 128+n a signal ended it; 134 a trap, a fault or a deadlock; 124 a timeout;
1 a failed expectation; 2 bad usage or a bad file; 3 our own fault.`;

function describe(argv: readonly string[]) {
  return parser('run', argv)
    .usage(USAGE)
    .option('scenario', { type: 'string', requiresArg: true, describe: 'play a scenario file (YAML)' })
    .option('irq', {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'raise a line: 3@10ms, 3@insn:1234, BUTTON@func:main_loop#3, 3@every:1ms',
    })
    .option('signal', { type: 'string', array: true, requiresArg: true, describe: 'send a signal: SIGUSR1@2s' })
    .option('deliver', {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'handler or mailbox, for all lines or for one: 3=mailbox',
    })
    .option('hz', { type: 'string', requiresArg: true, describe: 'cycles of machine time per second (16MHz)' })
    .option('clock', { type: 'string', requiresArg: true, describe: 'virtual: time is work done' })
    .option('preempt', {
      type: 'string',
      requiresArg: true,
      describe: 'safepoints: where the guest can be interrupted',
    })
    .option('stacks', { type: 'string', requiresArg: true, describe: 'nested: what handlers run on' })
    .option('granularity', { type: 'string', requiresArg: true, describe: 'loop: how finely safepoints lie' })
    .option('timeout', { type: 'string', requiresArg: true, describe: 'end the run at this machine time: 2s' })
    .option('wall-timeout', { type: 'string', requiresArg: true, describe: 'end the run after so much real time: 30s' })
    .option('max-instructions', {
      type: 'string',
      requiresArg: true,
      describe: 'end the run after so many instructions',
    })
    .option('mailbox-poll', {
      type: 'string',
      requiresArg: true,
      describe: 'look at the outbox at least this often (100us)',
    })
    .option('invoke', {
      type: 'string',
      requiresArg: true,
      describe: 'call this export; guest arguments are its arguments',
    })
    .option('dir', {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'give the guest a directory: HOST[::GUEST]',
    })
    .option('env', {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'set an environment variable: K=V, or K for its value here',
    })
    .option('argv0', { type: 'string', requiresArg: true, describe: "the program's own name (the file's)" })
    .option('seed', { type: 'string', requiresArg: true, describe: 'feeds everything random (0)' })
    .option('trace', { type: 'string', requiresArg: true, describe: 'write every event to a .jsonl file' })
    .option('digest', { type: 'boolean', default: false, describe: 'print a hash over events and output' })
    .option('json', {
      type: 'boolean',
      default: false,
      describe: 'print a summary as JSON; the guest writes to stderr',
    })
    .option('quiet', { alias: 'q', type: 'boolean', default: false, describe: 'say only what went wrong' })
    .option('verbose', { alias: 'v', type: 'boolean', default: false, describe: 'log every event to stderr' })
    .option('color', { type: 'boolean', describe: 'colours on stderr (on a terminal, unless NO_COLOR is set)' })
    .example('wirq --scenario button.yaml blinky.wasm', 'play a scenario')
    .example('wirq --irq 3@every:1ms --timeout 1s app.wasm', 'a thousand interrupts')
    .example('wirq --invoke fib fib.wasm 20', 'call an export of a bare module')
    .example('wirq --dir data::/data tool.wasm /data/in', 'a WASI program with a directory');
}

type Parsed = Awaited<ReturnType<ReturnType<typeof describe>['parseAsync']>>;

/** What the command line says, before it is checked: the options, the file, and what belongs to the guest. */
interface Split {
  readonly parsed: Parsed;
  readonly file: string;
  readonly args: readonly string[];
}

/**
 * Options stop at the file: what follows belongs to a guest that takes arguments. A guest that cannot take any leaves
 * what follows to wirq, so that `wirq blinky.wasm --scenario button.yaml` means what it says.
 */
async function split(argv: readonly string[], takesArguments: (file: string) => boolean): Promise<Split | undefined> {
  const first = await describe(argv).parseAsync();
  if ('help' in first || 'version' in first) return undefined;
  const [file, ...rest] = first._.map(String);
  if (file === undefined) {
    throw new UsageError('no .wasm file is given', 'for example: wirq firmware.wasm; wirq --help shows more');
  }
  const before = argv.slice(0, argv.length - rest.length - 1);
  const guests = before.at(-1) === '--' || first.invoke !== undefined || rest.length === 0 || takesArguments(file);
  if (guests) return { parsed: first, file, args: rest };
  const parsed = await describe([...before, ...rest]).parseAsync();
  if ('help' in parsed || 'version' in parsed) return undefined;
  const args = parsed._.map(String);
  if (args.length > 0 && parsed.invoke === undefined) {
    throw new UsageError(
      `the guest takes no arguments, but is given ${args.join(' ')}`,
      'it imports nothing that would read them',
    );
  }
  return { parsed, file, args };
}

/** @returns undefined when help or the version was printed instead. */
export async function readRunOptions(
  argv: readonly string[],
  takesArguments: (file: string) => boolean,
): Promise<RunOptions | undefined> {
  const line = await split(argv, takesArguments);
  if (line === undefined) return undefined;
  const { parsed, file, args } = line;
  only(single(parsed.clock, 'clock'), 'clock', 'virtual', ['real']);
  only(single(parsed.preempt, 'preempt'), 'preempt', 'safepoints', ['native', 'calls']);
  only(single(parsed.stacks, 'stacks'), 'stacks', 'nested', ['wasmfx', 'jspi', 'asyncify']);
  only(single(parsed.granularity, 'granularity'), 'granularity', 'loop', ['block', 'access', 'instruction']);
  const { deliver, deliverLines } = readDeliver(parsed.deliver ?? []);
  return {
    file,
    scenario: single(parsed.scenario, 'scenario'),
    deliverLines,
    irqs: (parsed.irq ?? []).map(parseInjection),
    signals: (parsed.signal ?? []).map(parseSignalInjection),
    trace: checkTrace(single(parsed.trace, 'trace')),
    digest: parsed.digest,
    json: parsed.json,
    quiet: parsed.quiet,
    verbose: parsed.verbose,
    color: parsed.color ?? (process.stderr.isTTY === true && (process.env['NO_COLOR'] ?? '') === ''),
    machine: readMachineOptions(parsed, deliver, args),
  };
}

function readMachineOptions(parsed: Parsed, deliver: Delivery | undefined, args: readonly string[]): MachineOptions {
  const hz = single(parsed.hz, 'hz');
  const wallLimit = single(parsed['wall-timeout'], 'wall-timeout');
  return {
    deliver,
    hz: hz === undefined ? undefined : checkHz(hz),
    seed: wholeNumber(single(parsed.seed, 'seed'), 'seed'),
    args,
    argv0: single(parsed.argv0, 'argv0'),
    env: readEnvironment(parsed.env ?? []),
    preopens: (parsed.dir ?? []).map((spec) => openPreopen(spec)),
    invoke: single(parsed.invoke, 'invoke'),
    timeout: time(single(parsed.timeout, 'timeout'), '--timeout'),
    mailboxPoll: time(single(parsed['mailbox-poll'], 'mailbox-poll'), '--mailbox-poll'),
    maxInstructions: wholeNumber(single(parsed['max-instructions'], 'max-instructions'), 'max-instructions'),
    wall:
      wallLimit === undefined
        ? undefined
        : { nowMs: wallMilliseconds, limitMs: checkTime(wallLimit, '--wall-timeout') / 1e6 },
  };
}

/** The choices of the design that this version does not have yet are refused by name, not as misspellings. */
function only(given: string | undefined, option: string, available: string, later: readonly string[]): void {
  if (given === undefined || given === available) return;
  const why = later.includes(given)
    ? `--${option} ${given} is not available in this version`
    : `--${option} ${given}: there is no such choice`;
  throw new UsageError(why, `${available} is what works; leave the option out`);
}

function readDeliver(given: readonly string[]): { deliver: Delivery | undefined; deliverLines: Map<string, Delivery> } {
  let deliver: Delivery | undefined;
  const deliverLines = new Map<string, Delivery>();
  for (const text of given) {
    const match = /^(?:([^=]+)=)?(handler|mailbox)$/.exec(text);
    if (match === null) {
      throw new UsageError(
        `--deliver ${text}: this is no way of delivery`,
        'write handler, mailbox, or one of them for a line: 3=mailbox',
      );
    }
    if (match[1] === undefined) deliver = match[2] as Delivery;
    else deliverLines.set(match[1], match[2] as Delivery);
  }
  return { deliver, deliverLines };
}

function readEnvironment(given: readonly string[]): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const text of given) {
    const equals = text.indexOf('=');
    const name = equals < 0 ? text : text.slice(0, equals);
    if (name === '') throw new UsageError(`--env ${text}: the variable has no name`, 'write --env NAME=value');
    const value = equals < 0 ? process.env[name] : text.slice(equals + 1);
    if (value === undefined) throw new UsageError(`--env ${name}: it is not set here`, `write --env ${name}=value`);
    environment[name] = value;
  }
  return environment;
}

function wholeNumber(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(number)) return number;
  throw new UsageError(`--${option} ${text}: this is not a whole number`, `write for example --${option} 1000`);
}

function time(text: string | undefined, option: string): number | undefined {
  return text === undefined ? undefined : checkTime(text, option);
}

function checkTrace(file: string | undefined): string | undefined {
  if (file === undefined || file.endsWith('.jsonl')) return file;
  throw new WirqError('bad-argument', `--trace ${file}: the format is told by the ending, which has to be .jsonl`, {
    advice: 'other formats are not available in this version',
  });
}
