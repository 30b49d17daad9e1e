/**
 * `npm run bench`: what being interruptible costs, as ratios to the unmodified module or program on the same engine, in one run.
 * Prints Markdown (or JSON) on standard output; progress goes to standard error, and only to a terminal.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { environment, setTiers, type Tiers } from './engine.ts';
import { interruptTable, measureInterrupts } from './interrupt-cost.ts';
import { type Effort, measureKernels, ratioTables, summarise } from './kernel-ratios.ts';
import { type Kernel, kernels } from './kernels.ts';
import { mainLoopTable, measureMainLoop } from './main-loop.ts';
import { measureOneInterrupt, oneInterruptTable } from './one-interrupt.ts';
import { measureRealTime, realTimeTables } from './real-time.ts';
import { measureRecording, recordingTable } from './recording-cost.ts';
import { variants } from './references.ts';
import { measureRewriting, rewritingTable } from './rewriting.ts';
import { root } from './root.ts';
import { measureSignals, type SignalResult, signalTable } from './signal-cost.ts';
import { measureStacks } from './stack-switching.ts';
import { stacksTables } from './stacks-table.ts';
import { measureStartUp, startUpTable } from './start-up.ts';
import { type Clock, chooseClock } from './stopwatch.ts';
import type { Variant } from './subjects.ts';

const parts = [
  'ratios',
  'interrupts',
  'one-interrupt',
  'signals',
  'main-loop',
  'start-up',
  'rewriting',
  'recording',
  'stacks',
  'real-time',
] as const;
type Part = (typeof parts)[number];
const maxProcesses = 99;

const help = `Usage: npm run bench -- [options]

Measures what wirq costs, each figure as a ratio to the unmodified module, from interleaved runs.

  --part <name>       only this part; may be given more than once. Parts: ${parts.join(', ')}
  --filter <text>     only kernels whose name contains this
  --variants <names>  ways of rewriting to compare, separated by commas (default loop,no-unroll,block,flag):
${variants.map(({ name, meaning }) => `                        ${name.padEnd(12)} ${meaning}`).join('\n')}
  --tiers <which>     dynamic: V8's defaults, warmed up (default); optimised: the optimising tier from the start
  --clock <which>     cpu: processor time of the thread, for kernels (default); wall
  --processes <n>     fresh processes that each kernel's ratios are measured in, one after the other: 1 to ${maxProcesses} (default 5,
                      with --quick 1)
  --quick             fewer rounds: rougher figures in a quarter of the time
  --json              one JSON document instead of tables
  --help              this text

Examples:
  npm run bench -- --quick --filter crc
  npm run bench -- --part ratios --variants loop,instruction --json > ratios.json
`;

interface Settings {
  readonly parts: readonly Part[];
  readonly filter: string;
  readonly kernels: readonly Kernel[];
  readonly variants: readonly Variant[];
  readonly tiers: Tiers;
  readonly clock: Clock;
  readonly effort: Effort;
  readonly quick: boolean;
  readonly json: boolean;
}

/** A mistake in the options, as opposed to one in the benchmark. */
class UsageError extends Error {}

function readSettings(args: readonly string[]): Settings | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      part: { type: 'string', multiple: true },
      filter: { type: 'string', default: '' },
      variants: { type: 'string', default: 'loop,no-unroll,block,flag' },
      tiers: { type: 'string', default: 'dynamic' },
      clock: { type: 'string', default: 'cpu' },
      processes: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const chosen = kernels.filter((kernel) => kernel.name.includes(values.filter));
  if (chosen.length === 0) throw new UsageError(`no kernel's name contains '${values.filter}'`);
  const { tiers, clock } = values;
  if (tiers !== 'dynamic' && tiers !== 'optimised')
    throw new UsageError(`--tiers is dynamic or optimised, not ${tiers}`);
  if (clock !== 'cpu' && clock !== 'wall') throw new UsageError(`--clock is cpu or wall, not ${clock}`);
  const chosenParts = (values.part ?? parts).map(
    (name) => parts.find((part) => part === name) ?? refuse(`no part is called '${name}'`, parts),
  );
  if (chosenParts.includes('start-up') && !existsSync(join(root, 'dist', 'cli', 'main.js'))) {
    throw new UsageError('start-up measures the built command line, and there is no dist/: npm run build makes it');
  }
  return {
    parts: chosenParts,
    filter: values.filter,
    kernels: chosen,
    variants: values.variants.split(',').map((name) => {
      const names = variants.map((variant) => variant.name);
      return variants.find((variant) => variant.name === name) ?? refuse(`no variant is called '${name}'`, names);
    }),
    tiers,
    clock,
    effort: {
      processes: readProcesses(values.processes) ?? (values.quick ? 1 : 5),
      compilations: 1,
      rounds: values.quick ? 5 : 7,
    },
    quick: values.quick,
    json: values.json,
  };
}

function readProcesses(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (/^[0-9]+$/.test(text) && count >= 1 && count <= maxProcesses) return count;
  throw new UsageError(`--processes is a number from 1 to ${maxProcesses}, not '${text}'`);
}

function refuse(message: string, choices: readonly string[]): never {
  throw new UsageError(`${message}; there are ${choices.join(', ')}`);
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

async function main(args: readonly string[]): Promise<void> {
  const settings = readSettings(args);
  if (settings === 'help') {
    process.stdout.write(help);
    return;
  }
  if (settings.parts.some((part) => part !== 'ratios')) setTiers(settings.tiers);
  const clock = await chooseClock(settings.clock);
  const where = environment(settings.tiers);
  const report: Record<string, unknown> = { environment: where, clock };
  const sections: string[] = [
    `Node ${where.node} (V8 ${where.v8}), ${where.platform}, ${where.cpu}; V8 flags: ${where.flags.join(' ') || 'none'}; kernels timed by ${clock === 'cpu' ? 'processor time' : 'the wall clock'}`,
  ];
  if (settings.parts.includes('ratios')) {
    const { kernels, variants, effort } = settings;
    const results = measureKernels(kernels, variants, settings, progress);
    progress('');
    report.ratios = { effort, kernels: results, summary: summarise(results, variants) };
    sections.push(`## Rewritten, without interrupts / unmodified\n\n${ratioTables(results, variants, effort)}`);
  }
  if (settings.parts.includes('interrupts')) {
    const results = measureInterrupts(root, settings.quick ? 3 : 7, settings.filter, progress);
    progress('');
    report.interrupts = results;
    if (results.length > 0)
      sections.push(`## In the machine, with interrupts / unmodified\n\n${interruptTable(results)}`);
  }
  if (settings.parts.includes('one-interrupt')) {
    progress('one-interrupt');
    const result = measureOneInterrupt(root, settings.effort.rounds);
    progress('');
    report.oneInterrupt = result;
    sections.push(`## One interrupt, pend to return\n\n${oneInterruptTable(result)}`);
  }
  if (settings.parts.includes('signals')) {
    progress('signals');
    report.signals = measureSignals(root, settings.effort.rounds);
    progress('');
    sections.push(`## Signals\n\n${signalTable(report.signals as SignalResult)}`);
  }
  if (settings.parts.includes('main-loop')) {
    progress('main-loop');
    const results = measureMainLoop(settings.quick ? 3 : 9);
    progress('');
    report.mainLoop = results;
    sections.push(`## Firmware whose main loop is entered once / plain node\n\n${mainLoopTable(results)}`);
  }
  if (settings.parts.includes('start-up')) {
    progress('start-up');
    const results = measureStartUp(root, settings.quick ? 7 : 25);
    progress('');
    report.startUp = results;
    sections.push(`## Start-up: wirq on an empty program / node -e 0\n\n${startUpTable(results)}`);
  }
  if (settings.parts.includes('rewriting')) {
    progress('rewriting');
    const results = measureRewriting(settings.quick ? 3 : 5);
    progress('');
    report.rewriting = results;
    if (results.length > 0) sections.push(`## Rewriting large modules\n\n${rewritingTable(results)}`);
  }
  if (settings.parts.includes('recording')) {
    const results = await measureRecording(root, settings.quick ? 5 : 15, settings.filter, progress);
    progress('');
    report.recording = results;
    if (results.length > 0) sections.push(`## Recorded / not recorded\n\n${recordingTable(results)}`);
  }
  if (settings.parts.includes('stacks')) {
    const result = await measureStacks(root, settings.quick ? 3 : 7, settings.filter, progress);
    progress('');
    report.stacks = result;
    sections.push(`## Stacks, tasks, and what they run on\n\n${stacksTables(result)}`);
  }
  if (settings.parts.includes('real-time')) {
    const results = await measureRealTime(root, settings.kernels, settings.quick, progress);
    progress('');
    report.realTime = results;
    sections.push(`## Real time\n\n${realTimeTables(results)}`);
  }
  process.stdout.write(settings.json ? `${JSON.stringify(report, undefined, 2)}\n` : `${sections.join('\n\n')}\n`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const usage = error instanceof UsageError || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS');
  process.stderr.write(`bench: ${error instanceof Error ? (usage ? error.message : error.stack) : error}\n`);
  process.exitCode = usage ? 2 : 1;
}
