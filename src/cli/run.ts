/** `wirq run`: loads a module, plays what the options and the scenario say, reports, and exits with a meaningful code. */
import { basename } from 'node:path';
import { WirqError } from '../errors.ts';
import { WASI_MODULE } from '../guests/wasi.ts';
import { compileForRun } from '../host/engine.ts';
import { OutputFile, readBytes, readText } from '../host/files.ts';
import { GuestOutput } from '../host/guest-output.ts';
import { readStandardInput, standardInputIsData } from '../host/standard-streams.ts';
import { Machine } from '../machine/machine.ts';
import type { Delivery, IrqConfig, MachineOptions } from '../machine/options.ts';
import { formatVerdict } from '../report/console.ts';
import { formatSummary, type RunSummary, summarize } from '../report/summary.ts';
import { machineOptions } from '../scenario/machine-section.ts';
import { parseScenario } from '../scenario/parse.ts';
import { ScenarioPlayer } from '../scenario/player.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { RunDigest } from '../trace/digest.ts';
import { JsonlTrace } from '../trace/jsonl.ts';
import { formatLogLine } from '../trace/log.ts';
import { parseModule } from '../wasm/module.ts';
import type { Command } from './command.ts';
import { type RunOptions, readRunOptions } from './run-options.ts';

export const run: Command = {
  async main(argv) {
    const options = await readRunOptions(argv, takesArguments);
    return options === undefined ? 0 : runFile(options);
  },
};

/** A program reads its arguments through WASI; without those imports it cannot. */
function takesArguments(file: string): boolean {
  const { imports } = inFile(file, () => parseModule(readBytes(file)));
  return imports.some((each) => each.module === WASI_MODULE && each.name === 'args_sizes_get');
}

async function runFile(options: RunOptions): Promise<number> {
  const { file } = options;
  const bytes = readBytes(file);
  const scenario =
    options.scenario === undefined ? undefined : parseScenario(readText(options.scenario), options.scenario);
  const output = new GuestOutput({ stdoutTo: options.json ? 2 : 1 });
  const digest = options.digest ? new RunDigest() : undefined;
  const machine = inFile(file, () => loadMachine(bytes, options, scenario, output, digest));
  const trace = observe(machine, options, output, digest);
  const player = scenario === undefined ? undefined : new ScenarioPlayer(machine, scenario);
  inject(machine, options);
  if (scenario === undefined && readsSerial(machine)) await feedSerial(machine, options);
  const result = inFile(file, () => {
    try {
      return machine.run(player?.script);
    } finally {
      output.flush();
      trace?.close();
    }
  });
  const summary = summarize({
    result,
    file: basename(file),
    scenario:
      player === undefined
        ? undefined
        : { name: scenario?.name ?? basename(options.scenario!), verdict: player.verdict },
    output: output.counts,
    digest: digest?.hex(),
  });
  report(summary, options);
  return summary.exitCode;
}

function loadMachine(
  bytes: Uint8Array,
  options: RunOptions,
  scenario: Scenario | undefined,
  output: GuestOutput,
  digest: RunDigest | undefined,
): Machine {
  const fromScenario: MachineOptions = scenario === undefined ? {} : machineOptions(scenario.machine);
  const given = Object.fromEntries(Object.entries(options.machine).filter(([, value]) => value !== undefined));
  const irqs = withDelivery(fromScenario.irqs ?? {}, options.deliverLines);
  return Machine.load(bytes, {
    ...fromScenario,
    ...given,
    irqs,
    file: basename(options.file),
    stdin: (max) => {
      output.flush();
      return readStandardInput(max);
    },
    onOutput: (stream, chunk) => {
      output.write(stream, chunk);
      digest?.output(stream, chunk);
    },
    compile: compileForRun,
  });
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
function observe(
  machine: Machine,
  options: RunOptions,
  output: GuestOutput,
  digest: RunDigest | undefined,
): { close(): void } | undefined {
  if (options.verbose) {
    machine.onEvent((event) => {
      output.flush();
      process.stderr.write(`${formatLogLine(event, { color: options.color })}\n`);
    });
  }
  if (digest !== undefined) machine.onEvent(digest.listener);
  if (options.trace === undefined) return undefined;
  const file = new OutputFile(options.trace);
  const trace = new JsonlTrace((text) => file.write(text));
  machine.onEvent(trace.listener);
  return {
    close() {
      trace.end();
      file.close();
    },
  };
}

function inject(machine: Machine, options: RunOptions): void {
  for (const { irq, when } of options.irqs) machine.raise(irq, when);
  for (const { signal, when } of options.signals) machine.signal(signal, { when });
}

/** Whether the module reads a serial port; only then is standard input meant for it. */
function readsSerial(machine: Machine): boolean {
  return machine.module.imports.some((each) => each.module === 'wirq/board' && each.name === 'uart_read');
}

/** In virtual time all of standard input has arrived at reset. Waits for its end, as any program that reads does. */
async function feedSerial(machine: Machine, options: RunOptions): Promise<void> {
  if (!standardInputIsData()) return;
  const patience = setTimeout(() => {
    process.stderr.write('wirq: waiting for the end of standard input (give </dev/null for none)\n');
  }, 1000);
  const limit = options.machine.wall?.limitMs;
  const deadline =
    limit === undefined
      ? undefined
      : setTimeout(
          () => process.stdin.destroy(new WirqError('limit', 'standard input did not end within --wall-timeout')),
          limit,
        );
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
    const bytes = Buffer.concat(chunks);
    if (bytes.length > 0) machine.writeSerial(bytes);
  } finally {
    clearTimeout(patience);
    clearTimeout(deadline);
  }
}

function report(summary: RunSummary, options: RunOptions): void {
  if (options.json) {
    process.stdout.write(formatSummary(summary));
    return;
  }
  for (const value of summary.returned) process.stdout.write(`${value}\n`);
  if (summary.digest !== null) process.stdout.write(`digest: sha256:${summary.digest}\n`);
  const verdict = formatVerdict(summary, { color: options.color, quiet: options.quiet, verbose: options.verbose });
  process.stderr.write(verdict);
}

/** Names the user's file in errors that speak of an offset in it. */
function inFile<T>(file: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const aboutModule =
      error instanceof WirqError &&
      ['bad-module', 'unsupported', 'missing-import', 'bad-handler', 'limit'].includes(error.code);
    throw aboutModule ? error.inFile(basename(file)) : error;
  }
}
