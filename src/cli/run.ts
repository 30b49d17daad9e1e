/** `wirq run`: loads a module, plays what the options and the scenario say, reports, and exits with a meaningful code. */
import { basename } from 'node:path';
import { formatDuration } from '../clock/instant.ts';
import { WirqError } from '../errors.ts';
import { WASI_MODULE } from '../guests/wasi.ts';
import type { CoreLink } from '../host/core-link.ts';
import { compileForRun } from '../host/engine.ts';
import { OutputFile, readBytes } from '../host/files.ts';
import { GuestOutput } from '../host/guest-output.ts';
import { HostFailure } from '../host/host-failure.ts';
import { sourceMapsBeside } from '../host/source-map-file.ts';
import { print, readStandardInput, say, standardInputIsData } from '../host/standard-streams.ts';
import { timerMs } from '../host/wall-clock.ts';
import { Machine } from '../machine/machine.ts';
import type { Delivery, IrqConfig, MachineOptions } from '../machine/options.ts';
import type { RunResult } from '../machine/result.ts';
import { formatVerdict } from '../report/console.ts';
import { formatStatistics } from '../report/statistics.ts';
import { formatSummary, type RunSummary, summarize } from '../report/summary.ts';
import { EXIT_TIMEOUT } from '../scheduler/outcome.ts';
import type { RunDigest } from '../trace/digest.ts';
import { parseModule } from '../wasm/module.ts';
import type { Command } from './command.ts';
import { complain } from './complain.ts';
import { CoreInput } from './core-input.ts';
import { EXIT_NOBODY_READS } from './exit-codes.ts';
import { type RunOptions, readRunOptions, type ShowOptions } from './run-options.ts';
import { prepareStacks } from './stacks.ts';

export const run: Command = {
  async main(argv) {
    let bytes: Uint8Array | undefined; // read once: the file may be a pipe
    const load = (file: string) => (bytes ??= readBytes(file));
    const options = await readRunOptions(argv, (file) => takesArguments(file, load(file)));
    if (options === undefined) return 0;
    if (options.clock === 'virtual') return runFile(options, load(options.file));
    return (await import('./real-time.ts')).runInRealTime(argv, options, load(options.file));
  },
};

/** A program reads its arguments through WASI; without those imports it cannot. */
export function takesArguments(file: string, bytes: Uint8Array): boolean {
  const { imports } = inFile(file, () => parseModule(bytes));
  return imports.some((each) => each.module === WASI_MODULE && each.name === 'args_sizes_get');
}

/** `core`: in real time, this thread's link to the board. */
export async function runFile(options: RunOptions, bytes: Uint8Array, core?: CoreLink): Promise<number> {
  const { file } = options;
  // A run without a scenario, a digest or a trace does not pay for loading what makes them.
  const played = options.scenario === undefined ? undefined : (await import('./scenario.ts')).readScenario;
  const scenario = played?.(options.scenario!);
  const digest = options.digest ? new (await import('../trace/digest.ts')).RunDigest() : undefined;
  // Where programs are to read what comes out, the guest writes elsewhere.
  const stdoutTo = options.json || options.control?.kind === 'stdio' ? 2 : 1;
  const output = new GuestOutput({ stdoutTo, atOnce: core !== undefined });
  const stacks = await inFileLater(file, prepareStacks(bytes, options.machine, options.record !== undefined));
  const input = core === undefined ? undefined : new CoreInput();
  const clock = core === undefined ? {} : { realTime: core.realTime, stdin: input!.read };
  const recording = options.record === undefined ? undefined : await record(options.record, core, scenario?.name);
  const load = recording?.load ?? Machine.load;
  const machine = inFile(file, () =>
    load(bytes, machineOptions(options, { ...scenario?.machine, ...stacks, ...clock }, output, digest)),
  );
  const trace = await observe(machine, options, output, digest);
  const player = scenario?.play(machine);
  inject(machine, options);
  const finish = (result: RunResult): number => {
    trace?.close();
    flushAtEnd(output);
    const verdict = player === undefined ? undefined : { name: scenario!.name, verdict: player.verdict };
    const known = { scenario: verdict, digest: digest?.hex() };
    recording?.close(known);
    const summary = summarize({ result, file: basename(file), output: output.counts, ...known });
    report(summary, options, output);
    return summary.exitCode;
  };
  if (core !== undefined) {
    input!.connect(core, {
      machine,
      serial: scenario === undefined && readsSerial(machine),
      spokenFor: options.control?.kind === 'stdio',
      session: options.control && (await import('./control.ts')).controlSession(options, machine, core, input!),
    });
    core.onLeft = (result) => core.end(codeOf(() => finish(result() as RunResult), output, trace));
  } else if (scenario === undefined && readsSerial(machine) && !(await feedSerial(machine, options))) {
    recording?.close({});
    return EXIT_TIMEOUT;
  }
  try {
    return finish(await inFileLater(file, machine.runAsync(player?.script)));
  } catch (error) {
    recording?.close({ failure: error instanceof Error ? error.message : String(error) });
    return gaveUp(error, output, trace);
  }
}

/** Records what comes: a way to load the machine, and what to do when the run is over. */
async function record(file: string, core: CoreLink | undefined, scenario: string | undefined) {
  const { recordingContext, startRecording } = await import('./record.ts');
  const { recorder, close } = startRecording(file, core);
  let isOpen = true;
  return {
    load: (bytes: Uint8Array, options: MachineOptions) => recorder.load(bytes, options, recordingContext(scenario)),
    close(report: Readonly<Record<string, unknown>>) {
      if (!isOpen) return;
      isOpen = false;
      recorder.close(report);
      close();
    },
  };
}

/** For a run whose end nobody is left to throw at. */
function codeOf(finish: () => number, output: GuestOutput, trace: { close(): void } | undefined): number {
  try {
    return finish();
  } catch (error) {
    try {
      return gaveUp(error, output, trace);
    } catch (thrown) {
      return complain(thrown);
    }
  }
}

/** Nothing is lost when only the reader of the last few lines has gone: the run has come to its end. */
export function flushAtEnd(output: GuestOutput): void {
  try {
    output.flush();
  } catch (error) {
    if (!(error instanceof HostFailure) || error.error !== undefined) throw error;
  }
}

/** A run that ended in an exception. What the guest wrote before that, and the events up to it, still come out. */
export function gaveUp(error: unknown, output: GuestOutput, trace: { close(): void } | undefined): number {
  for (const close of [() => output.flush(), () => trace?.close()]) {
    try {
      close();
    } catch {
      // The first failure is the one to tell.
    }
  }
  if (!(error instanceof HostFailure)) throw error;
  if (error.error !== undefined) throw error.error;
  return EXIT_NOBODY_READS;
}

/** Counts from the first read, so that it never says so before the machine, which then ends the run. */
function readingIsOver(wall: MachineOptions['wall']): (() => boolean) | undefined {
  if (wall === undefined) return undefined;
  let deadline_ms: number | undefined;
  return () => {
    deadline_ms ??= wall.nowMs() + wall.limitMs;
    return wall.nowMs() >= deadline_ms;
  };
}

function machineOptions(
  options: RunOptions,
  fromScenario: MachineOptions,
  output: GuestOutput,
  digest: RunDigest | undefined,
): MachineOptions {
  const given = Object.fromEntries(Object.entries(options.machine).filter(([, value]) => value !== undefined));
  const irqs = withDelivery(fromScenario.irqs ?? {}, options.deliverLines);
  const isOver = readingIsOver(options.machine.wall);
  return {
    argv0: basename(options.file),
    ...fromScenario,
    ...given,
    irqs,
    deviceOptions: mergeDeviceOptions(fromScenario.deviceOptions, options.machine.deviceOptions),
    file: options.file,
    stdin: (max) => {
      output.flush();
      return fromScenario.stdin === undefined ? readStandardInput(max, isOver) : fromScenario.stdin(max);
    },
    onOutput: (stream, chunk) => {
      output.write(stream, chunk);
      digest?.output(stream, chunk);
    },
    sourceMap: sourceMapsBeside(options.file),
    compile: compileForRun,
  };
}

type AllDeviceOptions = NonNullable<MachineOptions['deviceOptions']>;

/** The command line's go over the scenario's, one by one. */
function mergeDeviceOptions(scenario: AllDeviceOptions = {}, given: AllDeviceOptions = {}): AllDeviceOptions {
  const names = new Set([...Object.keys(scenario), ...Object.keys(given)]);
  return Object.fromEntries([...names].map((name) => [name, { ...scenario[name], ...given[name] }]));
}

type Irqs = NonNullable<MachineOptions['irqs']>;

/** `--deliver 3=mailbox` and `--deliver BUTTON=mailbox`, laid over what the scenario says of the lines. */
function withDelivery(configured: Irqs, deliverLines: ReadonlyMap<string, Delivery>): Irqs {
  const irqs: Record<string, IrqConfig> = {};
  for (const [name, config] of Object.entries(configured))
    irqs[name] = typeof config === 'number' ? { line: config } : config;
  for (const [text, deliver] of deliverLines) {
    const line = /^\d+$/.test(text) ? Number(text) : undefined;
    const named = line === undefined ? text : Object.keys(irqs).find((each) => irqs[each]!.line === line);
    const config = named === undefined ? { line: line! } : irqs[named];
    if (config === undefined) {
      throw new WirqError('bad-argument', `--deliver ${text}=${deliver}: no line is called ${text}`, {
        advice: 'write a number, or a name that the scenario gives to a line',
      });
    }
    irqs[named ?? `IRQ${line}`] = { ...config, deliver };
  }
  return irqs;
}

/** Connects log, trace file and digest. @returns what must be closed at the end. */
export async function observe(
  machine: Pick<Machine, 'onEvent'>,
  options: ShowOptions,
  output: GuestOutput,
  digest: RunDigest | undefined,
): Promise<{ close(): void } | undefined> {
  if (options.verbose) {
    const { formatLogLine } = await import('../trace/log.ts');
    machine.onEvent((event) => {
      output.talk(`${formatLogLine(event, { color: options.color })}\n`);
    });
  }
  if (digest !== undefined) machine.onEvent(digest.listener);
  if (options.trace === undefined) return undefined;
  const { JsonlTrace } = await import('../trace/jsonl.ts');
  const file = new OutputFile(options.trace);
  const trace = new JsonlTrace((text) => writeTrace(file, text));
  machine.onEvent(trace.listener);
  return {
    close() {
      trace.end();
      file.close();
    },
  };
}

function writeTrace(file: OutputFile, text: string): void {
  try {
    file.write(text);
  } catch (error) {
    throw error instanceof WirqError ? new HostFailure(error) : error;
  }
}

function inject(machine: Machine, options: RunOptions): void {
  for (const { irq, when } of options.irqs) machine.raise(irq, when);
  for (const { signal, when } of options.signals) machine.signal(signal, { when });
}

/** Whether the module reads a serial port; only then is standard input meant for it. */
function readsSerial(machine: Machine): boolean {
  return machine.module.imports.some((each) => each.module === 'wirq/board' && each.name === 'uart_read');
}

/** More bytes than a serial port queues: it will say so, and the rest need not be read. */
const TOO_MUCH_INPUT = 1 << 21;

/**
 * In virtual time all of standard input has arrived at reset. Waits for its end, as any program that reads does.
 *
 * @returns false when it did not end within `--wall-timeout`.
 */
async function feedSerial(machine: Machine, options: RunOptions): Promise<boolean> {
  if (!standardInputIsData()) return true;
  const patience = setTimeout(() => {
    say('wirq: waiting for the end of standard input (give </dev/null for none)\n');
  }, 1000);
  const limit = options.machine.wall?.limitMs;
  const late = new Error('standard input did not end in time');
  const deadline = limit === undefined ? undefined : setTimeout(() => process.stdin.destroy(late), timerMs(limit));
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of process.stdin) {
      chunks.push(chunk as Uint8Array);
      length += (chunk as Uint8Array).length;
      if (length > TOO_MUCH_INPUT) break;
    }
  } catch (error) {
    if (error !== late) throw new WirqError('bad-file', `cannot read standard input: ${(error as Error).message}`);
    say(`timeout: standard input did not end within ${formatDuration(limit! * 1e6)} of wall time\n`);
    return false;
  } finally {
    clearTimeout(patience);
    clearTimeout(deadline);
  }
  const bytes = Buffer.concat(chunks);
  if (bytes.length > 0) machine.writeSerial(bytes);
  return true;
}

export function report(summary: RunSummary, options: ShowOptions, output: GuestOutput): void {
  if (options.json) {
    print(formatSummary(summary));
    return;
  }
  const lines = summary.returned.map(String);
  if (summary.digest !== null) lines.push(`digest: sha256:${summary.digest}`);
  if (lines.length > 0) {
    const text = `${lines.join('\n')}\n`;
    // Standard output may be for the answers to a program.
    if (options.control?.kind === 'stdio') output.talk(text);
    else output.print(text);
  }
  const verdict = formatVerdict(summary, { color: options.color, quiet: options.quiet, verbose: options.verbose });
  output.talk(`${options.stats ? formatStatistics(summary) : ''}${verdict}`);
}

/** Names the user's file in errors that speak of an offset in it. */
function inFile<T>(file: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw placed(error, file);
  }
}

export async function inFileLater<T>(file: string, result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    throw placed(error, file);
  }
}

function placed(error: unknown, file: string): unknown {
  const aboutModule =
    error instanceof WirqError &&
    ['bad-module', 'unsupported', 'missing-import', 'bad-handler', 'limit'].includes(error.code);
  return aboutModule ? error.inFile(file) : error;
}
