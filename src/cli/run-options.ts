/** The options of `wirq run`: described, parsed and checked. Options stop at the file; what follows is the guest's. */
import { WirqError } from '../errors.ts';
import type { Preopen } from '../guests/wasi-directory.ts';
import type { ControlPlace } from '../host/control-port.ts';
import { isSameFile } from '../host/files.ts';
import { isTerminal } from '../host/standard-streams.ts';
import { wallMilliseconds, wallSleep } from '../host/wall-clock.ts';
import {
  checkGranularity,
  checkHz,
  checkTime,
  type Delivery,
  type MachineOptions,
  PREEMPTIONS,
} from '../machine/options.ts';
import { checkRatio } from '../machine/time.ts';
import type { DeviceClass, DeviceOptions } from '../machine/user-devices.ts';
import type { Injection, SignalInjection } from '../scenario/injection.ts';
import { BACKEND_NAMES } from '../stacks/backend.ts';
import { type Arguments, readArguments } from './arguments.ts';
import { type Description, UsageError } from './command.ts';
import { parseControl } from './control-place.ts';
import { COMMON_OPTIONS, helped, VIEW_OPTIONS } from './help.ts';
import { MASK_FUNCTIONS } from './mask-functions.ts';

export interface RunOptions {
  readonly file: string;
  readonly clock: 'virtual' | 'real';
  readonly rtRatio: number | undefined;
  /** Signals that are sent to this process go to the guest. */
  readonly forwardSignals: boolean;
  /** Keys go to the guest one by one; and what Ctrl-C is. */
  readonly interactive: { readonly ctrlC: 'byte' | 'signal' } | undefined;
  /** Where other programs drive the machine from. */
  readonly control: ControlPlace | undefined;
  readonly scenario: string | undefined;
  readonly machine: MachineOptions;
  readonly deliverLines: ReadonlyMap<string, Delivery>;
  readonly irqs: readonly Injection[];
  readonly signals: readonly SignalInjection[];
  readonly trace: string | undefined;
  readonly record: string | undefined;
  readonly digest: boolean;
  readonly json: boolean;
  readonly stats: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
}

const USAGE = `wirq [run] [options] <file.wasm> [guest arguments]

Runs a module in virtual time: repeatable to the instruction, interrupted wherever a scenario or an
option says; or in real time (--clock real), where signals and input reach it as they come. Options
stop at the file: what follows belongs to a guest that takes arguments.

Exit code: the guest's own; 128+n when signal n ended it; 134 for a trap, a fault or a deadlock;
124 for a timeout; 130 for a second Ctrl-C in real time; 1 for a failed expectation; 2 for bad usage
or a bad file; 3 for our own fault; 141 when nobody reads its output any more.`;

/** How a run is shown. */
export type ShowOptions = Pick<RunOptions, 'trace' | 'json' | 'stats' | 'quiet' | 'verbose' | 'color'> & {
  readonly control?: ControlPlace | undefined;
};

export const RUN = {
  name: 'run',
  usage: USAGE,
  stopsAtFirst: true,
  options: {
    scenario: { type: 'text', describe: 'play a scenario file (YAML)' },
    irq: {
      type: 'text',
      many: true,
      describe: 'raise a line: 3@10ms, 3@insn:1234, BUTTON@func:main_loop#3, 3@every:1ms',
    },
    signal: { type: 'text', many: true, describe: 'send a signal: SIGUSR1@2s' },
    device: {
      type: 'text',
      many: true,
      describe: 'plug in a device of your own: [NAME=]FILE.js[,KEY=VALUE]... (docs/devices.md)',
    },
    deliver: { type: 'text', many: true, describe: 'handler or mailbox, for all lines or for one: 3=mailbox' },
    hz: { type: 'text', describe: 'cycles of machine time per second (16MHz)' },
    clock: { type: 'text', describe: 'virtual: time is work done; real: the wall clock, not repeatable (virtual)' },
    'rt-ratio': { type: 'text', describe: 'how much faster than the wall clock real time passes: 0.1 to 100 (1)' },
    preempt: { type: 'text', describe: 'safepoints, or with --clock real: native, calls (docs/real-time.md)' },
    'forward-signals': {
      type: 'flag',
      negatable: true,
      describe: 'real time: signals sent to wirq go to the guest (on)',
    },
    interactive: { type: 'flag', describe: 'real time: every key goes to the guest at once, by a raw terminal' },
    'ctrl-c': { type: 'text', describe: 'with --interactive: a byte for the guest as any, or a signal (byte)' },
    control: {
      type: 'text',
      describe: 'real time: other programs drive the machine, from stdio or unix:PATH (docs/control.md)',
    },
    stacks: {
      type: 'text',
      describe: 'what tasks and handlers run on: nested, wasmfx, jspi, asyncify (auto; wirq doctor)',
    },
    slice: { type: 'text', describe: 'how long a task runs before its equals (1ms)' },
    host: { type: 'text', describe: 'give the guest the host functions that this JavaScript file exports' },
    faults: { type: 'text', describe: 'a trap in a task: end (it ends alone) or hardfault' },
    granularity: { type: 'text', describe: 'loop, or with exact counts: block, access, instruction' },
    'mask-functions': MASK_FUNCTIONS,
    verify: { type: 'flag', describe: 'prove that the rewritten module is right before it runs' },
    timeout: { type: 'text', describe: 'end the run at this machine time: 2s' },
    'wall-timeout': { type: 'text', describe: 'end the run after so much real time: 30s' },
    'handler-timeout': {
      type: 'text',
      describe: 'end the run when a handler does not return: 500ms, none (10s in real time, else none)',
    },
    'max-instructions': { type: 'text', describe: 'end the run after so many instructions' },
    'priority-bits': { type: 'text', describe: 'how many bits of a priority there are, from the top (8)' },
    'mailbox-poll': { type: 'text', describe: 'look at the outbox at least this often (100us)' },
    invoke: { type: 'text', describe: 'call this export; guest arguments are its arguments' },
    dir: { type: 'text', many: true, describe: 'give the guest a directory: HOST[::GUEST]' },
    env: { type: 'text', many: true, describe: 'set an environment variable: K=V, or K for its value here' },
    argv0: { type: 'text', describe: "the program's own name (the file's)" },
    seed: { type: 'text', describe: 'feeds everything random (0)' },
    trace: { type: 'text', describe: 'write every event to a .jsonl file' },
    record: { type: 'text', describe: 'record the run to a file, for wirq replay (docs/recording.md)' },
    ...VIEW_OPTIONS,
    ...COMMON_OPTIONS,
  },
  examples: [
    ['wirq blinky.wasm --scenario button.yaml', 'play a scenario'],
    ['wirq --irq 3@every:1ms --timeout 1s app.wasm', 'a thousand interrupts'],
    ['wirq --clock real --preempt native tool.wasm', 'real time, and its code as it is: Ctrl-C reaches it'],
    ['wirq --invoke fib fib.wasm 20', 'call an export of a bare module'],
    ['wirq --dir data::/data tool.wasm /data/in', 'a WASI program with a directory'],
  ],
} as const satisfies Description;

const STACKS = ['auto', ...BACKEND_NAMES] as const;

type Parsed = Arguments<keyof typeof RUN.options>;

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
  const first = readArguments(RUN, argv);
  if (await helped(RUN, first)) return undefined;
  const [file] = first.positionals;
  if (file === undefined) {
    throw new UsageError('no .wasm file is given', 'for example: wirq firmware.wasm; wirq --help shows more');
  }
  const { rest } = first;
  // The arguments of an invoked function are numbers: a `--` before them only says that -5 is no option.
  if (first.has('invoke')) return { parsed: first, file, args: rest[0] === '--' ? rest.slice(1) : rest };
  if (rest.length === 0 || takesArguments(file)) return { parsed: first, file, args: rest };
  const parsed = first.ended ? first : readArguments(RUN, [...first.before, ...rest]);
  if (await helped(RUN, parsed)) return undefined;
  const args = first.ended ? rest : [...parsed.positionals, ...parsed.rest];
  if (args.length > 0 && !parsed.has('invoke')) {
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
  const { deliver, deliverLines } = readDeliver(parsed.texts('deliver'));
  return {
    file,
    ...readClock(parsed),
    scenario: parsed.text('scenario'),
    deliverLines,
    ...(await readInjections(parsed)),
    trace: checkTrace(parsed.text('trace')),
    record: checkRecord(parsed, file),
    digest: parsed.flag('digest') ?? false,
    json: parsed.flag('json') ?? false,
    stats: parsed.flag('stats') ?? false,
    quiet: parsed.flag('quiet') ?? false,
    verbose: parsed.flag('verbose') ?? false,
    color: parsed.flag('color') ?? ((process.env.NO_COLOR ?? '') === '' && isTerminal(2)),
    machine: {
      ...readMachineOptions(parsed),
      deliver,
      args,
      imports: await readHost(parsed.text('host')),
      preopens: await readPreopens(parsed.texts('dir')),
      ...(await readDevices(parsed.texts('device'))),
      verify: parsed.flag('verify') ? (await import('../machine/verify.ts')).verifyRewriting : undefined,
    },
  };
}

async function readInjections(parsed: Parsed): Promise<Pick<RunOptions, 'irqs' | 'signals'>> {
  if (!parsed.has('irq') && !parsed.has('signal')) return { irqs: [], signals: [] };
  const { parseInjection, parseSignalInjection } = await import('../scenario/injection.ts');
  return {
    irqs: parsed.texts('irq').map(parseInjection),
    signals: parsed.texts('signal').map(parseSignalInjection),
  };
}

async function readPreopens(specs: readonly string[]): Promise<readonly Preopen[]> {
  if (specs.length === 0) return [];
  const { openPreopen } = await import('../host/directory.ts');
  return specs.map((spec) => openPreopen(spec));
}

export async function readDevices(
  specs: readonly string[],
): Promise<Pick<MachineOptions, 'devices' | 'deviceOptions'>> {
  if (specs.length === 0) return {};
  const { loadDeviceClass, parseDeviceSpec } = await import('../host/device-file.ts');
  const devices: Record<string, DeviceClass> = {};
  const deviceOptions: Record<string, DeviceOptions> = {};
  for (const spec of specs) {
    const { name, file, options } = parseDeviceSpec(spec);
    if (Object.hasOwn(devices, name)) {
      throw new UsageError(`--device: two devices are called ${name}`, `write --device other=${file}`);
    }
    devices[name] = (await loadDeviceClass(file)) as DeviceClass;
    deviceOptions[name] = options;
  }
  return { devices, deviceOptions };
}

async function readHost(file: string | undefined): Promise<MachineOptions['imports']> {
  if (file === undefined) return undefined;
  const { loadHostFunctions } = await import('../host/host-functions.ts');
  return await loadHostFunctions(file);
}

function readMachineOptions(parsed: Parsed): MachineOptions {
  const hz = parsed.text('hz');
  const wallLimit = parsed.text('wall-timeout');
  return {
    hz: hz === undefined ? undefined : checkHz(hz),
    seed: wholeNumber(parsed.text('seed'), 'seed'),
    priorityBits: wholeNumber(parsed.text('priority-bits'), 'priority-bits'),
    argv0: parsed.text('argv0'),
    env: readEnvironment(parsed.texts('env')),
    invoke: parsed.text('invoke'),
    maskFunctions: parsed.texts('mask-functions'),
    granularity: checkGranularity(parsed.text('granularity')),
    preempt: oneOf(parsed.text('preempt'), 'preempt', PREEMPTIONS),
    stacks: oneOf(parsed.text('stacks'), 'stacks', STACKS),
    slice: time(parsed.text('slice'), '--slice'),
    faults: oneOf(parsed.text('faults'), 'faults', ['end', 'hardfault']),
    timeout: time(parsed.text('timeout'), '--timeout'),
    handlerTimeout: readHandlerTimeout(parsed.text('handler-timeout')),
    mailboxPoll: time(parsed.text('mailbox-poll'), '--mailbox-poll'),
    maxInstructions: wholeNumber(parsed.text('max-instructions'), 'max-instructions'),
    wall:
      wallLimit === undefined
        ? undefined
        : { nowMs: wallMilliseconds, sleep: wallSleep, limitMs: checkTime(wallLimit, '--wall-timeout') / 1e6 },
  };
}

function oneOf<T extends string>(given: string | undefined, option: string, choices: readonly T[]): T | undefined {
  const chosen = choices.find((choice) => choice === given);
  if (given === undefined || chosen !== undefined) return chosen;
  throw new UsageError(`--${option} ${given}: there is no such choice`, `choose ${choices.join(', ')}`);
}

type RealTimeOptions = Pick<RunOptions, 'clock' | 'rtRatio' | 'forwardSignals' | 'control' | 'interactive'>;

/** What only makes sense in real time, or in virtual time, is refused in the other. */
function readClock(parsed: Parsed): RealTimeOptions {
  const clock = oneOf(parsed.text('clock'), 'clock', ['virtual', 'real']) ?? 'virtual';
  const ratio = parsed.text('rt-ratio');
  if (clock === 'virtual') {
    for (const option of ['rt-ratio', 'forward-signals', 'control', 'interactive', 'ctrl-c'] as const) {
      if (parsed.has(option)) throw new UsageError(`--${option} is for real time`, 'add --clock real');
    }
  } else if (parsed.has('digest') && !parsed.has('record')) {
    throw new UsageError(
      '--digest in real time would differ with every run',
      'add --record, or leave out --clock real',
    );
  }
  if (ratio !== undefined && !/^\d+(\.\d+)?$/.test(ratio)) {
    throw new UsageError(`--rt-ratio ${ratio}: this is not a number`, 'write for example --rt-ratio 0.5');
  }
  const rtRatio = ratio === undefined ? undefined : Number(ratio);
  checkRatio(rtRatio); // here too, because this thread sets timers by it
  const control = parseControl(parsed.text('control'));
  if (control?.kind === 'stdio' && parsed.has('json')) {
    throw new UsageError('--json with --control stdio: both want standard output', 'use --control unix:PATH');
  }
  return {
    clock,
    control,
    interactive: readInteractive(parsed, control),
    rtRatio,
    forwardSignals: parsed.flag('forward-signals') ?? true,
  };
}

function readInteractive(parsed: Parsed, control: ControlPlace | undefined): RunOptions['interactive'] {
  const ctrlC = oneOf(parsed.text('ctrl-c'), 'ctrl-c', ['byte', 'signal'] as const);
  if (parsed.flag('interactive') !== true) {
    if (ctrlC === undefined) return undefined;
    throw new UsageError('--ctrl-c is for --interactive', 'add it; otherwise Ctrl-C is SIGINT, as always');
  }
  if (control?.kind === 'stdio') {
    throw new UsageError('--interactive with --control stdio: both want standard input', 'use --control unix:PATH');
  }
  if (!isTerminal(0)) throw new UsageError('--interactive needs a terminal as standard input', 'leave it out');
  return { ctrlC: ctrlC ?? 'byte' };
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

function readHandlerTimeout(text: string | undefined): MachineOptions['handlerTimeout'] {
  return text === 'none' ? text : time(text, '--handler-timeout');
}

/** What is not rewritten counts nothing, and cannot be repeated. */
function checkRecord(parsed: Parsed, file: string): string | undefined {
  const record = parsed.text('record');
  const preempt = parsed.text('preempt');
  if (record === undefined) return undefined;
  if (preempt === 'native' || preempt === 'calls') {
    throw new UsageError(
      `--record with --preempt ${preempt}: code that is not rewritten counts no work, and cannot be replayed`,
      'use --preempt safepoints, with --clock real or without',
    );
  }
  if (isSameFile(record, file)) throw new UsageError(`--record ${record}: this is the module`, 'give another file');
  return record;
}

export function checkTrace(file: string | undefined): string | undefined {
  if (file === undefined || file.endsWith('.jsonl')) return file;
  throw new WirqError('bad-argument', `--trace ${file}: the format is told by the ending, which has to be .jsonl`, {
    advice: 'other formats are not available in this version',
  });
}
