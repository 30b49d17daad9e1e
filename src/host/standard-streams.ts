/**
 * The process's own standard streams, synchronously: a machine runs to its end on one thread, so that output goes out
 * in the order the guest made it, and a guest that reads waits as any program does.
 */
import { fstatSync, readSync } from 'node:fs';
import { isErrno, writeFully } from './files.ts';

const STDIN = 0;

/** Reads up to `max` bytes of standard input, waiting for them; undefined at its end. */
export function readStandardInput(max: number): Uint8Array | undefined {
  const buffer = new Uint8Array(Math.min(max, 1 << 16));
  for (;;) {
    try {
      const count = readSync(STDIN, buffer);
      return count === 0 ? undefined : buffer.subarray(0, count);
    } catch (error) {
      if (isErrno(error, 'EOF')) return undefined; // how Windows says it
      if (!isErrno(error, 'EAGAIN')) return undefined; // closed: nothing will come
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** Whether standard input is a file or a pipe, so that reading all of it is what whoever started us meant. */
export function standardInputIsData(): boolean {
  try {
    const stat = fstatSync(STDIN);
    return stat.isFile() || stat.isFIFO() || stat.isSocket();
  } catch {
    return false;
  }
}

/** Writes to standard output (1) or standard error (2); a reader that has gone away ends nothing. */
export function writeStandard(descriptor: 1 | 2, bytes: Uint8Array): void {
  try {
    writeFully(descriptor, bytes);
  } catch (error) {
    if (!isErrno(error, 'EPIPE')) throw error;
  }
}
