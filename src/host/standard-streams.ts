/**
 * The process's own standard streams, synchronously: a machine runs to its end on one thread, so that output goes out
 * in the order the guest made it, and a guest that reads waits as any program does.
 */
import { constants, fstatSync, openSync, readSync } from 'node:fs';
import { isatty } from 'node:tty';
import { fileError, isErrno, writeFully } from './files.ts';

const STDIN = 0;
/** A closed pipe; a descriptor that was closed from the start; and how Windows says the former. */
const READER_GONE = ['EPIPE', 'ECONNRESET', 'EBADF', 'EOF'];

let unblocking: number | undefined;

/**
 * Reads up to `max` bytes of standard input, waiting for them; undefined at its end.
 *
 * @param isOver asked while it waits, where it can: nobody has use for what comes after. It then reads nothing.
 */
export function readStandardInput(max: number, isOver?: () => boolean): Uint8Array | undefined {
  const buffer = new Uint8Array(Math.min(max, 1 << 16));
  if (isOver !== undefined) unblocking ??= openUnblocking();
  const descriptor = unblocking ?? STDIN;
  for (;;) {
    try {
      const count = readSync(descriptor, buffer);
      return count === 0 ? undefined : buffer.subarray(0, count);
    } catch (error) {
      if (isErrno(error, 'EOF')) return undefined; // how Windows says it
      if (!isErrno(error, 'EAGAIN')) return undefined; // closed: nothing will come
      if (isOver?.() === true) return new Uint8Array(0);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/**
 * Makes standard input answer EAGAIN rather than wait: pipes and terminals are opened anew for that, so that nobody else who
 * has them notices; a socket (what Node gives its children) is by Node's own stream, which undoes it at the end.
 */
function openUnblocking(): number {
  try {
    const stat = fstatSync(STDIN);
    if (stat.isSocket()) process.stdin.pause();
    if (stat.isFIFO() || isatty(STDIN)) return openSync('/dev/stdin', constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    // Closed, or of a system without such a name: then a read waits as long as it has to.
  }
  return STDIN;
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

/** Whether a person reads along. Asks the system first: making Node's stream objects costs a few milliseconds. */
export function isTerminal(descriptor: 0 | 1 | 2): boolean {
  try {
    if (!fstatSync(descriptor).isCharacterDevice()) return false;
  } catch {
    return false;
  }
  return isatty(descriptor);
}

/** Whether standard output and standard error lead to one place: a terminal, or a file after `2>&1`. */
export function streamsMeet(): boolean {
  try {
    const [output, error] = [fstatSync(1, { bigint: true }), fstatSync(2, { bigint: true })];
    return output.dev === error.dev && output.ino === error.ino;
  } catch {
    return false;
  }
}

/**
 * Writes to standard output (1) or standard error (2), all of it, before it returns.
 *
 * @returns false when its reader has gone away, or there never was one: what is written from then on is lost.
 * @throws WirqError `bad-file` where what it leads to takes no more: a full disk.
 */
export function writeStandard(descriptor: 1 | 2, bytes: Uint8Array): boolean {
  try {
    writeFully(descriptor, bytes);
    return true;
  } catch (error) {
    if (READER_GONE.some((code) => isErrno(error, code))) return false;
    throw fileError(descriptor === 1 ? 'standard output' : 'standard error', 'write', error);
  }
}

/** Text of our own to standard output. @throws WirqError as `writeStandard`. */
export function print(text: string): void {
  writeStandard(1, new TextEncoder().encode(text));
}

/** Text of our own to standard error. What cannot be said there cannot be said anywhere. */
export function say(text: string): void {
  try {
    writeStandard(2, new TextEncoder().encode(text));
  } catch {}
}
