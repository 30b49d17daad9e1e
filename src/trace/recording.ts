/** A recording that was read: its header, its module, and the tape, which is inflated piece by piece as a replay goes on. */
import { createHash } from 'node:crypto';
import { WirqError } from '../errors.ts';
import { checkHeader, type Header } from './header.ts';
import { badRecording, type Chunk, contentOf, findChunks, LARGEST_EMBEDDED_MODULE, valueIn } from './recording-file.ts';
import type { Piece } from './tape-reader.ts';

export interface Recording {
  readonly header: Header;
  /** The module as it was run; undefined where it was too large to be part of the recording. */
  readonly module: Uint8Array<ArrayBuffer> | undefined;
  /** Whether it goes on to the end of the run. */
  readonly isComplete: boolean;
  /** What was known of the run at its end: a scenario's verdict, a digest. Nobody has checked it. */
  readonly report: Readonly<Record<string, unknown>>;
  pieces(): Iterable<Piece>;
}

export interface ReadOptions {
  /** Takes of a damaged recording what comes before the damage. */
  readonly partial?: boolean | undefined;
}

/**
 * @throws WirqError `bad-recording` for what is none, is damaged, or was cut off; with the offset in the file.
 * @example const recording = readRecording(readFileSync('run.wirq'));
 */
export function readRecording(file: Uint8Array, { partial = false }: ReadOptions = {}): Recording {
  const { chunks, damage } = findChunks(file);
  const [first] = chunks;
  if (first?.kind !== 'header') throw damage ?? badRecording('it has no header', first?.offset ?? file.length);
  const header = checkHeader(valueIn(first), first.offset);
  const module = moduleOf(header, chunks[1], damage);
  if (damage !== undefined && !partial) {
    throw new WirqError(damage.code, damage.message, {
      place: damage.place,
      advice: 'wirq replay --partial goes as far as what comes before is whole',
    });
  }
  const tape = chunks.slice(module === undefined ? 1 : 2);
  const end = tape.at(-1)?.kind === 'end' ? tape.pop() : undefined;
  const stray = tape.find(({ kind }) => kind !== 'tape');
  if (stray !== undefined) throw badRecording(`there is a second ${stray.kind}`, stray.offset);
  return {
    header,
    module,
    isComplete: end !== undefined,
    report: end === undefined ? {} : valueIn(end),
    *pieces() {
      for (const chunk of tape) yield { bytes: contentOf(chunk), offset: chunk.offset };
    },
  };
}

function moduleOf(header: Header, chunk: Chunk | undefined, damage: WirqError | undefined) {
  if (header.module.bytes > LARGEST_EMBEDDED_MODULE) return undefined;
  if (chunk?.kind !== 'module') throw damage ?? badRecording('it ends before its module', chunk?.offset);
  const module = Uint8Array.from(contentOf(chunk));
  if (sha256Of(module) !== header.module.sha256)
    throw badRecording('its module is not the one it speaks of', chunk.offset);
  return module;
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The module to replay it on. @throws WirqError where there is none, or another than was recorded. */
export function moduleFor({ header, module }: Recording, given: Uint8Array | undefined): Uint8Array {
  if (given === undefined) {
    if (module !== undefined) return module;
    throw new WirqError('bad-recording', `its module is not part of it: it has ${header.module.bytes} bytes`, {
      advice: `give the file, whose SHA-256 is ${header.module.sha256}: wirq replay run.wirq module.wasm`,
    });
  }
  const sha256 = sha256Of(given);
  if (sha256 === header.module.sha256) return given;
  throw new WirqError('bad-recording', 'it is of another module', {
    advice: `recorded was SHA-256 ${header.module.sha256}, and the file has ${sha256}`,
  });
}
