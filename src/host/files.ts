/** Files that the user names: read and written with errors that say which file, what is wrong, and what to do. */
import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { WirqError } from '../errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is not a directory',
};

/** @throws WirqError `bad-file`. */
export function readBytes(file: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (error) {
    throw fileError(file, 'read', error);
  }
}

/** Reads UTF-8 text. @throws WirqError `bad-file`, also for bytes that are not UTF-8. */
export function readText(file: string): string {
  const bytes = readBytes(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new WirqError('bad-file', `cannot read ${file}: it is not UTF-8 text`);
  }
}

/** Creates the file, or writes it anew. @throws WirqError `bad-file`. */
export function writeBytes(file: string, bytes: Uint8Array): void {
  try {
    const descriptor = openSync(file, 'w');
    try {
      writeFully(descriptor, bytes);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw fileError(file, 'write', error);
  }
}

/** Whether both names lead to one existing file, by links too. */
export function isSameFile(one: string, other: string): boolean {
  try {
    const [a, b] = [statSync(one, { bigint: true }), statSync(other, { bigint: true })];
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false; // one of them is not there
  }
}

/** A file that is written bit by bit, in order. */
export class OutputFile {
  readonly #file: string;
  readonly #descriptor: number;
  readonly #pending: string[] = [];
  #pendingLength = 0;

  /** Creates or empties the file. @throws WirqError `bad-file`. */
  constructor(file: string) {
    this.#file = file;
    try {
      this.#descriptor = openSync(file, 'w');
    } catch (error) {
      throw fileError(file, 'write', error);
    }
  }

  write(text: string): void {
    this.#pending.push(text);
    this.#pendingLength += text.length;
    if (this.#pendingLength >= 1 << 16) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
  }

  #flush(): void {
    try {
      if (this.#pending.length > 0) writeFully(this.#descriptor, new TextEncoder().encode(this.#pending.join('')));
    } catch (error) {
      throw fileError(this.#file, 'write', error);
    }
    this.#pending.length = 0;
    this.#pendingLength = 0;
  }
}

/** Writes all of it: a pipe may take less at a time, and a full one nothing until its reader catches up. */
export function writeFully(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      if (!isErrno(error, 'EAGAIN')) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** What is wrong with a file, in words. */
export function fileError(file: string, doing: 'read' | 'write', error: unknown): WirqError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = REASONS[code] ?? (error instanceof Error ? error.message : String(error));
  return new WirqError('bad-file', `cannot ${doing} ${file}: ${reason}`, { cause: error });
}
