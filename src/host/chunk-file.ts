/**
 * A file that grows by whole chunks: one that does not fit any more is taken back, so that what is there stays whole. Each is with
 * the system when `append` returns, and outlives this process, but not the power.
 */
import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { fileError, writeFully } from './files.ts';

export class ChunkFile {
  readonly #file: string;
  readonly #descriptor: number;
  #length = 0;

  /** Creates or empties the file. @throws WirqError `bad-file`. */
  constructor(file: string) {
    this.#file = file;
    try {
      this.#descriptor = openSync(file, 'w');
    } catch (error) {
      throw fileError(file, 'write', error);
    }
  }

  /** Bytes of whole chunks. */
  get length(): number {
    return this.#length;
  }

  /** @throws WirqError `bad-file` for a chunk that could not be written: the file is then as it was before. */
  append(chunk: Uint8Array): void {
    try {
      writeFully(this.#descriptor, chunk);
      this.#length += chunk.length;
    } catch (error) {
      this.#takeBack();
      throw fileError(this.#file, 'write', error);
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** What is no regular file cannot be cut, and has no reader that would mind. */
  #takeBack(): void {
    try {
      ftruncateSync(this.#descriptor, this.#length);
    } catch {
      // The failure to write is the one to tell.
    }
  }
}
