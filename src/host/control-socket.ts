/**
 * A socket in the file system that only the local user reaches: it has mode 0600 from the first moment on, and lies in a
 * directory in which nobody else can put something in its place. Node does not tell who is at the other end of a socket
 * (SO_PEERCRED), so that its file is what guards it: unix(7), "connecting to the socket object requires write permission".
 */
import { lstatSync, realpathSync, type Stats, statSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { WirqError } from '../errors.ts';
import { isErrno } from './files.ts';

/** `sun_path` holds so many bytes, with a zero at the end: 108 on Linux, 104 on the BSDs and macOS. */
const LONGEST_PATH = process.platform === 'linux' ? 107 : 103;
const OTHERS_MAY_WRITE = 0o022;
const STICKY = 0o1000;

/** @throws WirqError `bad-argument` or `bad-file`, with what would do instead. */
export async function listenPrivately(path: string, onConnection: (socket: Socket) => void): Promise<Server> {
  if (process.platform === 'win32' || process.getuid === undefined) {
    refuse(path, 'there are no such sockets here that only one user reaches', 'use --control stdio');
  }
  if (Buffer.byteLength(path) > LONGEST_PATH) {
    refuse(path, `the path of a socket has at most ${LONGEST_PATH} bytes`, 'choose a shorter one');
  }
  const uid = process.getuid();
  checkFolder(path, uid);
  await removeStale(path, uid);
  const server = createServer({ allowHalfOpen: true }, onConnection);
  const mask = process.umask(0o177);
  try {
    // Binds at once, under this mask; only what comes of it is told later.
    server.listen(path);
  } finally {
    process.umask(mask);
  }
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error) => reject(failure(path, error.message)));
  });
  const made = lstatSync(path);
  if (!made.isSocket() || made.uid !== uid || (made.mode & 0o777) !== 0o600) {
    server.close();
    refuse(path, 'the file system does not keep others from it', 'choose a folder on another one');
  }
  return server;
}

/** Whoever can rename in a folder can put a socket of theirs in the place of ours. */
function checkFolder(path: string, uid: number): void {
  let folder: string;
  try {
    folder = realpathSync(dirname(path));
  } catch (error) {
    throw failure(path, isErrno(error, 'ENOENT') ? 'there is no such folder' : (error as Error).message);
  }
  for (let at = folder; ; at = dirname(at)) {
    const { uid: owner, mode } = statSync(at);
    const trusted = owner === uid || owner === 0;
    if (!trusted || ((mode & OTHERS_MAY_WRITE) !== 0 && (mode & STICKY) === 0)) {
      const why = trusted ? `others may write to ${at}` : `${at} belongs to another user`;
      refuse(path, why, 'choose a folder of your own, for example one that mktemp -d makes');
    }
    if (dirname(at) === at) return;
  }
}

/** What is there already is removed only if it is a socket of ours that nobody listens at any more. */
async function removeStale(path: string, uid: number): Promise<void> {
  const found = statOf(path);
  if (found === undefined) return;
  if (!found.isSocket()) refuse(path, 'there is something else by that name', 'remove it, or choose another name');
  if (found.uid !== uid) refuse(path, 'it belongs to another user', 'choose another name');
  if (await isListening(path)) refuse(path, 'somebody listens there already', 'choose another name');
  unlinkSync(path);
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(join(realpathSync(dirname(path)), basename(path)));
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw failure(path, (error as Error).message);
  }
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', (error) => resolve(!isErrno(error, 'ECONNREFUSED') && !isErrno(error, 'ENOENT')));
  });
}

function refuse(path: string, why: string, advice: string): never {
  throw new WirqError('bad-argument', `--control unix:${path}: ${why}`, { advice });
}

function failure(path: string, why: string): WirqError {
  return new WirqError('bad-file', `--control unix:${path}: ${why}`);
}
