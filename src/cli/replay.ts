/** `wirq replay`: repeats a recorded run in virtual time, and shows of it what is asked for. */
import { basename } from 'node:path';
import { parseDuration } from '../clock/instant.ts';
import { WirqError } from '../errors.ts';
import { compileForRun } from '../host/engine.ts';
import { readBytes } from '../host/files.ts';
import { GuestOutput } from '../host/guest-output.ts';
import { isTerminal } from '../host/standard-streams.ts';
import { wallMilliseconds } from '../host/wall-clock.ts';
import { checkTime, type MachineOptions } from '../machine/options.ts';
import { summarize } from '../report/summary.ts';
import type { Verdict } from '../scenario/player.ts';
import { RunDigest } from '../trace/digest.ts';
import { functionsFrom, plainOptions } from '../trace/header.ts';
import { moduleFor, type Recording, readRecording } from '../trace/recording.ts';
import { isRecord } from '../trace/recording-file.ts';
import { Replay, type Until } from '../trace/replayer.ts';
import { printable } from '../trace/terminal.ts';
import { readArguments } from './arguments.ts';
import { type Command, type Description, UsageError } from './command.ts';
import { COMMON_OPTIONS, helped, VIEW_OPTIONS } from './help.ts';
import { flushAtEnd, gaveUp, observe, report } from './run.ts';
import { checkTrace, readDevices, type ShowOptions } from './run-options.ts';
import { prepareStacks } from './stacks.ts';

const REPLAY = {
  name: 'replay',
  usage: `wirq replay [options] <run.wirq> [module.wasm]

Repeats a run that was recorded with wirq run --record: with the same output, the same events at the
same instructions and times, and the same end, as often as you like and at full speed. All that came
from outside comes from the recording, which has the module in it unless that is larger than 16 MB.

Exit code: that of the run; 0 where --until or an incomplete recording ended it; 2 for a recording
that is damaged, of another module or version, or that the run does not follow.`,
  options: {
    until: { type: 'text', describe: 'stop after this moment: 12ms, insn:120000' },
    partial: { type: 'flag', describe: 'replay of a damaged recording what comes before the damage' },
    device: { type: 'text', many: true, describe: 'plug in again what was plugged in: [NAME=]FILE.js' },
    'wall-timeout': { type: 'text', describe: 'end the replay after so much real time: 30s' },
    trace: { type: 'text', describe: 'write every event to a .jsonl file' },
    ...VIEW_OPTIONS,
    ...COMMON_OPTIONS,
  },
  examples: [
    ['wirq --clock real --record run.wirq app.wasm', 'record a run in real time'],
    ['wirq replay run.wirq', 'repeat it: the same output, the same end'],
    ['wirq replay -v --until 12ms run.wirq', 'every event of its first 12 ms'],
    ['wirq replay --trace run.jsonl --digest run.wirq', 'its events in a file, and a hash over them'],
  ],
} as const satisfies Description;

interface ReplayCommand {
  readonly file: string;
  readonly module: string | undefined;
  readonly until: Until | undefined;
  readonly partial: boolean;
  readonly wallLimitMs: number | undefined;
  readonly devices: readonly string[];
  readonly digest: boolean;
  readonly show: ShowOptions;
}

export const replay: Command = {
  async main(argv) {
    const command = await readCommand(argv);
    if (command === undefined) return 0;
    const { file, partial } = command;
    const recording = inRecording(file, () => readRecording(readBytes(file), { partial }));
    return replayRecording(command, recording);
  },
};

async function readCommand(argv: readonly string[]): Promise<ReplayCommand | undefined> {
  const parsed = readArguments(REPLAY, argv);
  if (await helped(REPLAY, parsed)) return undefined;
  const [file, module, ...more] = parsed.positionals;
  if (file === undefined) throw new UsageError('no recording is given', 'for example: wirq replay run.wirq');
  if (more.length > 0) throw new UsageError(`a recording and a module are enough, but there is also ${more.join(' ')}`);
  const wallTimeout = parsed.text('wall-timeout');
  const flag = (name: 'json' | 'stats' | 'quiet' | 'verbose') => parsed.flag(name) ?? false;
  return {
    file,
    module,
    until: parseUntil(parsed.text('until')),
    partial: parsed.flag('partial') ?? false,
    wallLimitMs: wallTimeout === undefined ? undefined : checkTime(wallTimeout, '--wall-timeout') / 1e6,
    devices: parsed.texts('device'),
    digest: parsed.flag('digest') ?? false,
    show: {
      trace: checkTrace(parsed.text('trace')),
      json: flag('json'),
      stats: flag('stats'),
      quiet: flag('quiet'),
      verbose: flag('verbose'),
      color: parsed.flag('color') ?? ((process.env.NO_COLOR ?? '') === '' && isTerminal(2)),
    },
  };
}

/** `12ms` or `insn:120000`. */
function parseUntil(text: string | undefined): Until | undefined {
  if (text === undefined) return undefined;
  const count = /^insn:(\d+)$/.exec(text)?.[1];
  if (count !== undefined && Number.isSafeInteger(Number(count))) return { instructions: Number(count) };
  const time = parseDuration(text);
  if (time !== undefined) return { time };
  throw new UsageError(
    `--until ${text}: this is no moment`,
    'write a time, or a count of instructions: 12ms, insn:120000',
  );
}

async function replayRecording(command: ReplayCommand, recording: Recording): Promise<number> {
  const { file, show, wallLimitMs } = command;
  const output = new GuestOutput({ stdoutTo: show.json ? 2 : 1 });
  const recorded = typeof recording.report.digest === 'string' ? recording.report.digest : undefined;
  const digest = command.digest || recorded !== undefined ? new RunDigest() : undefined;
  const given = command.module === undefined ? undefined : readBytes(command.module);
  const bytes = inRecording(file, () => moduleFor(recording, given));
  const stacks = recording.header.stacks === 'jspi' ? 'jspi' : 'auto';
  const asyncify = await prepareStacks(bytes, { stacks, imports: shapes(recording) }, true);
  const { devices } = await readDevices(command.devices);
  const replayed = inRecording(file, () => {
    return new Replay(recording, {
      ...asyncify,
      module: bytes,
      devices,
      until: command.until,
      compile: compileForRun,
      wall: wallLimitMs === undefined ? undefined : { nowMs: wallMilliseconds, limitMs: wallLimitMs },
      onOutput: (stream, chunk) => {
        output.write(stream, chunk);
        digest?.output(stream, chunk);
      },
    });
  });
  const trace = await observe(replayed, show, output, digest);
  try {
    const result = await replayed.machine.runAsync();
    trace?.close();
    flushAtEnd(output);
    const hash = digest?.hex();
    if (recorded !== undefined && !replayed.isStopped && hash !== recorded) {
      throw new WirqError('bad-recording', `the digest of the run is sha256:${hash}, and was sha256:${recorded}`);
    }
    const summary = summarize({
      result,
      file: fileOf(recording) ?? basename(file),
      scenario: replayed.isStopped ? undefined : verdictOf(recording),
      output: output.counts,
      digest: command.digest ? hash : undefined,
    });
    report(summary, show, output);
    return summary.exitCode;
  } catch (error) {
    return gaveUp(error instanceof WirqError ? placed(error, file) : error, output, trace);
  }
}

/** The host functions that there were, as far as the choice of stacks depends on them. */
function shapes({ header }: Recording): MachineOptions['imports'] {
  return functionsFrom(header.functions, ({ signature, latency }) => {
    return { signature, call: () => undefined, async: latency === undefined ? undefined : {} };
  });
}

/** What the module's file was called. */
function fileOf({ header }: Recording): string | undefined {
  const { file } = plainOptions(header);
  return file === undefined ? undefined : basename(file);
}

/** The verdict of the scenario that was played, as far as it makes sense. */
function verdictOf({ report: { scenario } }: Recording): { name: string; verdict: Verdict } | undefined {
  if (!isRecord(scenario) || !isRecord(scenario.verdict)) return undefined;
  const { passed, failures, stepsTaken, stepsTotal, endExpected } = scenario.verdict;
  const makesSense =
    typeof passed === 'boolean' &&
    typeof endExpected === 'boolean' &&
    typeof stepsTaken === 'number' &&
    typeof stepsTotal === 'number' &&
    Array.isArray(failures) &&
    failures.every(isFailure);
  if (!makesSense) return undefined;
  return { name: String(scenario.name), verdict: { passed, failures, stepsTaken, stepsTotal, endExpected } };
}

function isFailure(value: unknown): value is Verdict['failures'][number] {
  if (!isRecord(value)) return false;
  const texts = [value.what, value.expected, value.actual, value.place];
  return texts.every((each) => typeof each === 'string') && isCount(value.time) && isCount(value.instructions);
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Names the recording in errors that speak of it. */
function inRecording<T>(file: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw error instanceof WirqError ? placed(error, file) : error;
  }
}

/** Words of a recording, which may be anybody's, do not command the terminal. */
function placed(error: WirqError, file: string): WirqError {
  const { code, message, place, advice, cause } = error;
  const told = new WirqError(code, printable(message), { place, advice: advice && printable(advice), cause });
  return code === 'bad-recording' ? told.inFile(file) : told;
}
