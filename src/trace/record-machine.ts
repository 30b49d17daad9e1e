/**
 * Recording and replay for libraries: a machine whose run is written down as it happens, and one that repeats it. The command
 * line does the same with files (cli/record.ts, cli/replay.ts).
 */
import type { Machine } from '../machine/machine.ts';
import type { MachineOptions } from '../machine/options.ts';
import { Recorder } from './recorder.ts';
import { readRecording } from './recording.ts';
import { RecordingEncoder } from './recording-file.ts';
import { Replay, type ReplayOptions } from './replayer.ts';

export interface RecordOptions {
  /** Takes what comes next in the file: whole chunks. */
  readonly write: (bytes: Uint8Array) => void;
  /** Monotonic milliseconds: then what happened is written when it is a tenth of a second old. Default: when there is much. */
  readonly nowMs?: (() => number) | undefined;
  /** For whoever reads the recording: the version of wirq, the engine. */
  readonly wirq?: string | undefined;
  readonly engine?: string | undefined;
}

export interface RecordedMachine {
  readonly machine: Machine;
  /** Writes what is left. What was recorded until then can be replayed without, too. */
  close(): void;
}

/**
 * Makes a machine as `Machine.load` does, and records its run.
 *
 * @throws WirqError as `Machine.load`; `unsupported` for a run that cannot be recorded.
 * @example
 * const file = openSync('run.wirq', 'w');
 * const { machine, close } = recordMachine(bytes, options, { write: (chunk) => writeSync(file, chunk) });
 * try { machine.run(script); } finally { close(); }
 */
export function recordMachine(bytes: Uint8Array, options: MachineOptions, to: RecordOptions): RecordedMachine {
  const encoder = new RecordingEncoder();
  const { write, nowMs, wirq = 'unknown', engine = 'unknown' } = to;
  const recorder = new Recorder({ part: (kind, content) => write(encoder.chunk(kind, content)), nowMs });
  const machine = recorder.load(bytes, options, { wirq, engine, scenario: undefined });
  return { machine, close: () => recorder.close() };
}

/**
 * Makes a machine that repeats a recorded run, in virtual time and to the instruction: `run()` it, or `await runAsync()`.
 *
 * @throws WirqError `bad-recording` for one that is damaged, cut off, or of another module or version.
 * @example
 * const replay = replayMachine(readFileSync('run.wirq'), { onOutput: (stream, bytes) => process.stdout.write(bytes) });
 * replay.onEvent((event) => console.log(formatEvent(event)));
 * const result = await replay.machine.runAsync();
 */
export function replayMachine(
  recording: Uint8Array,
  options: ReplayOptions & { readonly partial?: boolean } = {},
): Replay {
  return new Replay(readRecording(recording, options), options);
}
