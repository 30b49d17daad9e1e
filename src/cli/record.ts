/** `wirq run --record`: the recording of a run goes to a file, from this thread or, in real time, by way of the board's. */
import { WirqError } from '../errors.ts';
import { ChunkFile } from '../host/chunk-file.ts';
import type { CoreLink } from '../host/core-link.ts';
import { engineName } from '../host/engine.ts';
import { say } from '../host/standard-streams.ts';
import { wallMilliseconds } from '../host/wall-clock.ts';
import { Recorder, type RecordingContext, type RecordingSink } from '../trace/recorder.ts';
import { type ChunkKind, RecordingEncoder } from '../trace/recording-file.ts';
import { version } from './version.ts';

/** The file that a recording goes to. A run does not depend on it: should the disk be full, it goes on without. */
export class RecordingFile {
  readonly #name: string;
  readonly #file: ChunkFile;
  readonly #encoder = new RecordingEncoder();
  #failed = false;

  /** @throws WirqError `bad-file` for one that cannot be written. */
  constructor(name: string) {
    this.#name = name;
    this.#file = new ChunkFile(name);
  }

  part(kind: ChunkKind, content: Uint8Array): void {
    if (this.#failed) return;
    try {
      this.#file.append(this.#encoder.chunk(kind, content));
    } catch (error) {
      if (!(error instanceof WirqError)) throw error;
      this.#failed = true;
      say(`wirq: ${error.message}\n  the run goes on; ${this.#name} can be replayed as far as it was recorded\n`);
    }
  }

  close(): void {
    this.#file.close();
  }
}

/** `core`: in real time, this thread's link to the board, which writes. */
export function startRecording(file: string, core: CoreLink | undefined): { recorder: Recorder; close: () => void } {
  const written = core === undefined ? new RecordingFile(file) : undefined;
  const sink: RecordingSink = {
    part: (kind, content) => (written === undefined ? core!.record(kind, content) : written.part(kind, content)),
    nowMs: wallMilliseconds,
  };
  return { recorder: new Recorder(sink), close: () => written?.close() };
}

export function recordingContext(scenario: string | undefined): RecordingContext {
  return { wirq: version(), engine: engineName(), scenario };
}
