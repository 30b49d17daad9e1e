/**
 * The header of a recording: everything that decides a run and is known when it begins, but for the module. What an option was
 * a function of the user's is here what a replay needs of it: that it was there, and what the machine asks of it before the run.
 */
import type { AsyncCall, HostFunction, HostModule } from '../guests/interface.ts';
import type { MachineOptions } from '../machine/options.ts';
import type { BackendName } from '../stacks/backend.ts';
import type { Module } from '../wasm/module.ts';
import { badRecording, isRecord } from './recording-file.ts';

/** Options that are data. */
const PLAIN = [
  'hz',
  'preempt',
  'seed',
  'irqs',
  'pins',
  'wires',
  'board',
  'deviceOptions',
  'retain',
  'priorityBits',
  'deliver',
  'args',
  'argv0',
  'env',
  'invoke',
  'timeout',
  'handlerTimeout',
  'maxInstructions',
  'mailboxPoll',
  'granularity',
  'stacks',
  'slice',
  'faults',
  'maskFunctions',
  'file',
] as const satisfies readonly (keyof MachineOptions)[];

export interface Header {
  /** The version of wirq that recorded it, and the engine: for people. */
  readonly wirq: string;
  readonly engine: string;
  /** SHA-256 of the module as the user gave it, as text, and its size. */
  readonly module: { readonly sha256: string; readonly bytes: number };
  readonly options: Readonly<Record<string, unknown>>;
  /** What tasks and handlers ran on. */
  readonly stacks: string;
  /** Undefined in virtual time. */
  readonly realTime: { readonly ratio: number | undefined; readonly outside: boolean } | undefined;
  readonly stdin: boolean;
  readonly sourceMap: boolean;
  readonly wallLimitMs: number | undefined;
  /** Functions that a predicate of the user's picked out, so that no handler runs in them; undefined where there was none. */
  readonly masked: readonly string[] | undefined;
  /** What the guest calls its directories. */
  readonly directories: readonly string[];
  readonly functions: readonly RecordedFunction[];
  /** Devices of the user's own, which a replay needs again. */
  readonly devices: readonly string[];
  /** What was played, for people. */
  readonly scenario: string | undefined;
}

export interface RecordedFunction {
  readonly module: string;
  readonly name: string;
  readonly signature: string | undefined;
  readonly timeless: boolean;
  readonly bare: boolean;
  /** Undefined for one that gives no promises. */
  readonly latency: number | 'default' | undefined;
}

export interface HeaderContext {
  readonly wirq: string;
  readonly engine: string;
  readonly sha256: string;
  readonly scenario: string | undefined;
  readonly functions: readonly RecordedFunction[];
  readonly stacks: BackendName;
}

export function headerOf(module: Module, options: MachineOptions, context: HeaderContext): Header {
  const { sha256, ...rest } = context;
  const { realTime } = options;
  const names = module.bodies.map((_, at) => module.functionName(module.importedFunctions + at));
  return {
    ...rest,
    module: { sha256, bytes: module.bytes.length },
    options: Object.fromEntries(
      PLAIN.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
    ),
    realTime: realTime && { ratio: realTime.ratio, outside: realTime.outside !== undefined },
    stdin: options.stdin !== undefined,
    sourceMap: options.sourceMap !== undefined,
    wallLimitMs: options.wall?.limitMs,
    masked: options.maskFunction && names.filter(options.maskFunction),
    directories: (options.preopens ?? []).map(({ guestPath }) => guestPath),
    devices: Object.keys(options.devices ?? {}),
  };
}

export function functionsOf(modules: Readonly<Record<string, HostModule>>): RecordedFunction[] {
  return Object.entries(modules).flatMap(([module, functions]) =>
    Object.entries(functions).map(([name, { signature, async, timeless = false, bare = false }]) => {
      return { module, name, signature, timeless, bare, latency: latencyOf(async) };
    }),
  );
}

function latencyOf(async: AsyncCall | undefined): RecordedFunction['latency'] {
  return async === undefined ? undefined : (async.latency_ns ?? 'default');
}

/** The options that are data, as they were. */
export function plainOptions({ options, masked }: Header): MachineOptions {
  const plain = Object.fromEntries(PLAIN.map((name) => [name, options[name]]));
  if (masked === undefined) return plain;
  const names = new Set(masked);
  return { ...plain, maskFunction: (name) => names.has(name) };
}

/** Stand-ins for the host functions. */
export function functionsFrom(
  functions: readonly RecordedFunction[],
  make: (each: RecordedFunction) => HostFunction,
): Record<string, HostModule> {
  const modules: Record<string, Record<string, HostFunction>> = Object.create(null);
  for (const each of functions) {
    modules[each.module] ??= Object.create(null) as Record<string, HostFunction>;
    modules[each.module]![each.name] = make(each);
  }
  return modules;
}

// Reading: nothing is believed.

const isText = (value: unknown) => typeof value === 'string';
const isNumber = (value: unknown) => typeof value === 'number' && Number.isFinite(value);
const maybe = (is: (value: unknown) => boolean) => (value: unknown) => value === undefined || is(value);
const listOf = (is: (value: unknown) => boolean) => (value: unknown) => Array.isArray(value) && value.every(is);
const shape = (fields: Readonly<Record<string, (value: unknown) => boolean>>) => (value: unknown) =>
  isRecord(value) && Object.entries(fields).every(([name, is]) => is(value[name]));

const isFlag = (value: unknown) => typeof value === 'boolean';
const isEither = (value: unknown) => isText(value) || isNumber(value);
const recordOf = (is: (value: unknown) => boolean) => (value: unknown) =>
  isRecord(value) && Object.values(value).every(is);

const isIrq = shape({ line: isNumber, priority: maybe(isNumber), handler: maybe(isText), deliver: maybe(isText) });

/** What is inside them is checked by the machine, as whoever gives them. */
const isOptions = shape({
  hz: maybe(isEither),
  preempt: maybe((value) => value === 'safepoints'),
  seed: maybe(isNumber),
  irqs: maybe(recordOf((value) => isNumber(value) || isIrq(value))),
  pins: maybe(recordOf(isNumber)),
  wires: maybe(listOf(shape({ pin: isEither, line: isEither, edge: maybe(isText) }))),
  board: maybe(isRecord),
  deviceOptions: maybe(recordOf(recordOf(isEither))),
  retain: maybe(listOf(shape({ address: isEither, bytes: isNumber }))),
  priorityBits: maybe(isNumber),
  deliver: maybe(isText),
  args: maybe(listOf(isText)),
  argv0: maybe(isText),
  env: maybe(recordOf(isText)),
  invoke: maybe(isText),
  timeout: maybe(isEither),
  handlerTimeout: maybe(isEither),
  maxInstructions: maybe(isNumber),
  mailboxPoll: maybe(isEither),
  granularity: maybe(isText),
  stacks: maybe(isText),
  slice: maybe(isEither),
  faults: maybe(isText),
  maskFunctions: maybe(listOf(isText)),
  file: maybe(isText),
} satisfies Record<(typeof PLAIN)[number], (value: unknown) => boolean>);

const isHeader = shape({
  wirq: isText,
  engine: isText,
  module: shape({ sha256: (value) => /^[0-9a-f]{64}$/.test(String(value)), bytes: isNumber }),
  options: isOptions,
  stacks: isText,
  realTime: maybe(shape({ ratio: maybe(isNumber), outside: isFlag })),
  stdin: isFlag,
  sourceMap: isFlag,
  wallLimitMs: maybe((value) => isNumber(value) && Number(value) >= 0),
  masked: maybe(listOf(isText)),
  directories: listOf(isText),
  functions: listOf(
    shape({
      module: isText,
      name: isText,
      signature: maybe((value) => isText(value) && /^[iIfF]*>[iIfF]*$/.test(String(value))),
      timeless: isFlag,
      bare: isFlag,
      latency: maybe((value) => value === 'default' || isNumber(value)),
    }),
  ),
  devices: listOf(isText),
  scenario: maybe(isText),
});

/** @throws WirqError for what is no header. */
export function checkHeader(value: Readonly<Record<string, unknown>>, offset: number): Header {
  if (isHeader(value)) return value as unknown as Header;
  throw badRecording('its header makes no sense', offset);
}
