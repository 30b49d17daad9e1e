/**
 * A regular file of the host, opened by a guest: a file descriptor of `@bjorn3/browser_wasi_shim` over node:fs.
 * Keeps the position itself and reads and writes at explicit offsets, so that appending works alike everywhere.
 */
import {
  type BigIntStats,
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  readSync,
  writeSync,
} from 'node:fs';
import { Fd, wasi } from '@bjorn3/browser_wasi_shim';
import { ErrnoError, errnoFrom, errnoOf } from './errno.ts';
import { hostTimes, type Inode, type Inodes } from './inodes.ts';

/** A read asks for so much even where the size of the file says less: it may be a file without a true size. */
const LEAST_READ_BYTES = 65536;

const SETTABLE_FLAGS =
  wasi.FDFLAGS_APPEND | wasi.FDFLAGS_DSYNC | wasi.FDFLAGS_NONBLOCK | wasi.FDFLAGS_RSYNC | wasi.FDFLAGS_SYNC;

export interface OpenFileOptions {
  readonly fd: number;
  readonly inode: Inode;
  readonly inodes: Inodes;
  /** WASI's fdflags. */
  readonly flags: number;
  readonly rights: bigint;
}

export class OpenFile extends Fd {
  readonly #fd: number;
  readonly #inode: Inode;
  readonly #inodes: Inodes;
  readonly #rights: bigint;
  #flags: number;
  #position = 0n;

  constructor(options: OpenFileOptions) {
    super();
    this.#fd = options.fd;
    this.#inode = options.inode;
    this.#inodes = options.inodes;
    this.#rights = options.rights;
    this.#flags = options.flags & SETTABLE_FLAGS;
  }

  override fd_read(size: number) {
    const result = this.fd_pread(size, this.#position);
    this.#position += BigInt(result.data.length);
    return result;
  }

  override fd_pread(size: number, offset: bigint) {
    try {
      const start = hostOffset(offset);
      const rest = Math.max(Number(this.#stat().size) - start, LEAST_READ_BYTES);
      const data = new Uint8Array(Math.min(size, rest));
      let done = 0;
      while (done < data.length) {
        const got = readSync(this.#fd, data, done, data.length - done, start + done);
        if (got === 0) break;
        done += got;
      }
      return { ret: 0, data: data.subarray(0, done) };
    } catch (error) {
      return { ret: errnoOf(error), data: new Uint8Array() };
    }
  }

  override fd_write(data: Uint8Array) {
    const appends = (this.#flags & wasi.FDFLAGS_APPEND) !== 0;
    try {
      if (appends) this.#position = this.#stat().size;
    } catch (error) {
      return { ret: errnoOf(error), nwritten: 0 };
    }
    const result = this.fd_pwrite(data, this.#position);
    this.#position += BigInt(result.nwritten);
    return result;
  }

  override fd_pwrite(data: Uint8Array, offset: bigint) {
    let done = 0;
    try {
      const start = hostOffset(offset);
      // The offset of the last byte must exist as well.
      hostOffset(offset + BigInt(data.length));
      while (done < data.length) done += writeSync(this.#fd, data, done, data.length - done, start + done);
      if (done > 0) this.#inodes.changed(this.#inode);
      return { ret: 0, nwritten: done };
    } catch (error) {
      // What was written before the error counts, as POSIX has it.
      return done > 0 ? { ret: 0, nwritten: done } : { ret: errnoOf(error), nwritten: 0 };
    }
  }

  override fd_seek(offset: bigint, whence: number) {
    try {
      const from = this.#origin(whence);
      const position = from === undefined ? -1n : from + offset;
      if (position < 0n || position > BigInt(Number.MAX_SAFE_INTEGER)) return { ret: wasi.ERRNO_INVAL, offset: 0n };
      this.#position = position;
      return { ret: 0, offset: position };
    } catch (error) {
      return { ret: errnoOf(error), offset: 0n };
    }
  }

  #origin(whence: number): bigint | undefined {
    if (whence === wasi.WHENCE_SET) return 0n;
    if (whence === wasi.WHENCE_CUR) return this.#position;
    return whence === wasi.WHENCE_END ? this.#stat().size : undefined;
  }

  override fd_tell() {
    return { ret: 0, offset: this.#position };
  }

  override fd_allocate(offset: bigint, length: bigint): number {
    return errnoFrom(() => {
      const end = hostOffset(offset + length);
      if (length === 0n) throw new ErrnoError(wasi.ERRNO_INVAL);
      if (this.#stat().size < BigInt(end)) this.#resize(end);
    });
  }

  override fd_filestat_set_size(size: bigint): number {
    return errnoFrom(() => this.#resize(hostOffset(size)));
  }

  #resize(size: number): void {
    ftruncateSync(this.#fd, size);
    this.#inodes.changed(this.#inode);
  }

  override fd_filestat_get() {
    try {
      return { ret: 0, filestat: this.#inodes.filestat(this.#stat(), this.#inode) };
    } catch (error) {
      return { ret: errnoOf(error), filestat: null };
    }
  }

  override fd_filestat_set_times(atime: bigint, mtime: bigint, flags: number): number {
    return errnoFrom(() => {
      const times = this.#inodes.setTimes(this.#inode, atime, mtime, flags);
      if (times === undefined) throw new ErrnoError(wasi.ERRNO_INVAL);
      futimesSync(this.#fd, ...hostTimes(times, this.#stat()));
    });
  }

  override fd_fdstat_get() {
    const fdstat = new wasi.Fdstat(wasi.FILETYPE_REGULAR_FILE, this.#flags);
    fdstat.fs_rights_base = this.#rights;
    return { ret: 0, fdstat };
  }

  override fd_fdstat_set_flags(flags: number): number {
    this.#flags = flags & SETTABLE_FLAGS;
    return 0;
  }

  override fd_prestat_get() {
    return { ret: wasi.ERRNO_BADF, prestat: null };
  }

  override fd_sync(): number {
    return errnoFrom(() => fsyncSync(this.#fd));
  }

  override fd_close(): number {
    return errnoFrom(() => closeSync(this.#fd));
  }

  #stat(): BigIntStats {
    return fstatSync(this.#fd, { bigint: true });
  }
}

/** Node counts bytes of a file in doubles. */
function hostOffset(offset: bigint): number {
  if (offset < 0n || offset > BigInt(Number.MAX_SAFE_INTEGER)) throw new ErrnoError(wasi.ERRNO_FBIG);
  return Number(offset);
}
