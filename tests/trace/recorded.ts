/** Records a run in memory and replays it: what both of them showed, to be compared. */
import type { MachineEvent } from '../../src/machine/events.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import type { RunResult } from '../../src/machine/result.ts';
import type { Script } from '../../src/machine/script.ts';
import { RunDigest } from '../../src/trace/digest.ts';
import { formatEvent } from '../../src/trace/jsonl.ts';
import { recordMachine, replayMachine } from '../../src/trace/record-machine.ts';
import type { ReplayOptions } from '../../src/trace/replayer.ts';

export interface Shown {
  readonly result: RunResult;
  readonly log: readonly string[];
  readonly digest: string;
  readonly output: string;
}

class Observed {
  readonly #digest = new RunDigest();
  readonly #log: string[] = [];
  #output = '';

  readonly hear = (event: MachineEvent): void => {
    this.#log.push(formatEvent(event));
    this.#digest.listener(event);
  };

  readonly onOutput: NonNullable<MachineOptions['onOutput']> = (stream, bytes) => {
    this.#digest.output(stream, bytes);
    this.#output += Buffer.from(bytes).toString('latin1');
  };

  shown(result: RunResult): Shown {
    return { result, log: this.#log, digest: this.#digest.hex(), output: this.#output };
  }
}

export interface Recorded extends Shown {
  readonly recording: Uint8Array<ArrayBuffer>;
  readonly chunks: readonly Uint8Array[];
}

export interface Play {
  readonly prepare?: (machine: Machine) => void;
  readonly script?: (machine: Machine) => () => Script;
}

export async function record(bytes: Uint8Array, options: MachineOptions, play: Play = {}): Promise<Recorded> {
  const observed = new Observed();
  const chunks: Uint8Array[] = [];
  const own = options.onOutput;
  const onOutput: MachineOptions['onOutput'] = (stream, chunk) => {
    observed.onOutput(stream, chunk);
    own?.(stream, chunk);
  };
  const { machine, close } = recordMachine(bytes, { ...options, onOutput }, { write: (chunk) => chunks.push(chunk) });
  machine.onEvent(observed.hear);
  play.prepare?.(machine);
  try {
    const result = await machine.runAsync(play.script?.(machine));
    close();
    return { ...observed.shown(result), recording: together(chunks), chunks };
  } finally {
    close();
  }
}

export async function replay(
  recording: Uint8Array,
  options: ReplayOptions & { partial?: boolean } = {},
): Promise<Shown> {
  const observed = new Observed();
  const { onOutput } = observed;
  const repeated = replayMachine(recording, { ...options, onOutput });
  repeated.onEvent(observed.hear);
  return observed.shown(await repeated.machine.runAsync());
}

export function together(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(chunks));
}
