/**
 * A recording as a file: a signature, then chunks, each with its kind, its number and a checksum (CRC-32) over all of it; what
 * they hold is compressed (DEFLATE, RFC 1951). docs/recording.md describes every byte. Chunks are whole or not there: a file
 * that ends between two of them is the beginning of a run, one that ends within a chunk was cut off.
 */
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { WirqError } from '../errors.ts';
import { ByteReader, ByteWriter, MalformedValue } from './values.ts';

/** As PNG's: one byte that is no text, line ends that a transfer as text would change, and what stops a listing. */
const SIGNATURE = Uint8Array.of(0x89, 0x57, 0x49, 0x52, 0x51, 0x0d, 0x0a, 0x1a);
/** Raised when an older reader would misread what is new. */
export const FORMAT = 1;

/** Kind, number of the chunk, bytes of its body, bytes when inflated; then the body, then the checksum. */
const HEAD_BYTES = 13;
const CHECKSUM_BYTES = 4;

export type ChunkKind = 'header' | 'module' | 'tape' | 'end';
const KINDS: readonly ChunkKind[] = ['header', 'module', 'tape', 'end'];

/** What a chunk may be when inflated: no file makes its reader take more. */
const MAX_BYTES: Readonly<Record<ChunkKind, number>> = {
  header: 1 << 24,
  module: 1 << 24,
  // A guest may read a large file at once.
  tape: 1 << 30,
  end: 1 << 20,
};

/** Nothing that is larger is compressed to less than a part of this: a small file does not keep its reader busy for long. */
const SMALL_BYTES = 1 << 16;
const MAX_RATIO = 64;

/** Larger modules are not part of the recording: whoever replays it needs the file. */
export const LARGEST_EMBEDDED_MODULE = MAX_BYTES.module;

/** Turns parts of a recording into the bytes of its file, in order. */
export class RecordingEncoder {
  #number = 0;

  /** @returns what comes next in the file. */
  chunk(kind: ChunkKind, content: Uint8Array): Uint8Array<ArrayBuffer> {
    const compressed = deflateRawSync(content, { level: kind === 'tape' ? 1 : 6 });
    const body = isBomb(content.length, compressed.length) ? deflateRawSync(content, { level: 0 }) : compressed;
    const signature = this.#number === 0 ? [...SIGNATURE, FORMAT, 0] : [];
    const start = signature.length;
    const bytes = new Uint8Array(start + HEAD_BYTES + body.length + CHECKSUM_BYTES);
    bytes.set(signature);
    const view = new DataView(bytes.buffer, start);
    view.setUint8(0, KINDS.indexOf(kind));
    view.setUint32(1, this.#number++, true);
    view.setUint32(5, body.length, true);
    view.setUint32(9, content.length, true);
    bytes.set(body, start + HEAD_BYTES);
    view.setUint32(HEAD_BYTES + body.length, crc32(bytes.subarray(start, start + HEAD_BYTES + body.length)), true);
    return bytes;
  }
}

export interface Chunk {
  readonly kind: ChunkKind;
  /** Where it begins in the file. */
  readonly offset: number;
  readonly body: Uint8Array;
  readonly size: number;
}

export interface RecordingChunks {
  readonly chunks: readonly Chunk[];
  /** What is wrong with what follows the last of them; undefined where nothing does, or where that is a whole recording. */
  readonly damage: WirqError | undefined;
}

/** Finds the chunks, up to the first that is not as it was written. @throws WirqError for what is no recording. */
export function findChunks(file: Uint8Array): RecordingChunks {
  checkSignature(file);
  const chunks: Chunk[] = [];
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let offset = SIGNATURE.length + 2;
  while (offset < file.length) {
    const found = chunkAt(file, view, offset, chunks.length);
    if (found instanceof WirqError) return { chunks, damage: found };
    if (chunks.at(-1)?.kind === 'end') return { chunks, damage: badRecording('something follows its end', offset) };
    chunks.push(found);
    offset += HEAD_BYTES + found.body.length + CHECKSUM_BYTES;
  }
  return { chunks, damage: undefined };
}

function chunkAt(file: Uint8Array, view: DataView, offset: number, number: number): Chunk | WirqError {
  const left = file.length - offset;
  const cut = () => badRecording(`it is cut off in the middle of chunk ${number}`, offset);
  if (left < HEAD_BYTES) return cut();
  const length = view.getUint32(offset + 5, true);
  if (left < HEAD_BYTES + length + CHECKSUM_BYTES) return cut();
  const end = offset + HEAD_BYTES + length;
  if (crc32(file.subarray(offset, end)) !== view.getUint32(end, true)) {
    return badRecording(`chunk ${number} is damaged: its checksum is wrong`, offset);
  }
  const kind = KINDS[view.getUint8(offset)];
  const size = view.getUint32(offset + 9, true);
  if (kind === undefined || size > MAX_BYTES[kind] || isBomb(size, length))
    return badRecording(`chunk ${number} is none of ours`, offset);
  if (view.getUint32(offset + 1, true) !== number) {
    return badRecording(`chunk ${number} is missing: another stands in its place`, offset);
  }
  return { kind, offset, size, body: file.subarray(offset + HEAD_BYTES, end) };
}

function isBomb(size: number, compressed: number): boolean {
  return size > SMALL_BYTES && size > MAX_RATIO * compressed;
}

function checkSignature(file: Uint8Array): void {
  if (SIGNATURE.some((byte, at) => file[at] !== byte)) {
    throw new WirqError('bad-recording', 'this is no recording of wirq, or was changed as if it were text');
  }
  const format = file[SIGNATURE.length]! | (file[SIGNATURE.length + 1]! << 8);
  if (format === FORMAT) return;
  if (file.length < SIGNATURE.length + 2) throw badRecording('it ends before it has begun', file.length);
  throw new WirqError('bad-recording', `it has format ${format}, and this version of wirq reads ${FORMAT}`, {
    advice: 'replay it with the version that recorded it',
  });
}

/** What a chunk holds. @throws WirqError where that is not as large as it says. */
export function contentOf(chunk: Chunk): Uint8Array {
  let content: Uint8Array;
  try {
    content = inflateRawSync(chunk.body, { maxOutputLength: Math.max(1, chunk.size) });
  } catch (error) {
    throw badRecording('a chunk cannot be inflated', chunk.offset, error);
  }
  if (content.length !== chunk.size) throw badRecording('a chunk is not as large as it says', chunk.offset);
  return content;
}

/** The one value that a header or an end holds. */
export function valueIn(chunk: Chunk): Readonly<Record<string, unknown>> {
  try {
    const value = new ByteReader(contentOf(chunk)).value();
    if (isRecord(value)) return value;
  } catch (error) {
    if (!(error instanceof MalformedValue)) throw error;
  }
  throw badRecording(`its ${chunk.kind} makes no sense`, chunk.offset);
}

export function bytesOf(value: unknown): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  writer.value(value);
  return writer.take();
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

export function badRecording(why: string, offset?: number, cause?: unknown): WirqError {
  return new WirqError('bad-recording', why, { ...(offset === undefined ? {} : { place: { offset } }), cause });
}
