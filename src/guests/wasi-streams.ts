/**
 * A guest's standard streams as file descriptors of `@bjorn3/browser_wasi_shim`. They are character devices, so that
 * wasi-libc keeps stdout line-buffered and a line shows at the machine time at which it was printed.
 * Waiting for input is the caller's business (wasi.ts): a descriptor only hands out what has been fetched.
 */
import { Fd, wasi } from '@bjorn3/browser_wasi_shim';
import { MOST_AT_ONCE } from './memory.ts';
import type { GuestServices } from './services.ts';

abstract class Stream extends Fd {
  readonly #rights: bigint;
  protected flags = 0;

  constructor(rights: number) {
    super();
    this.#rights = BigInt(rights | wasi.RIGHTS_FD_FDSTAT_SET_FLAGS | wasi.RIGHTS_FD_FILESTAT_GET);
  }

  override fd_fdstat_get() {
    const fdstat = new wasi.Fdstat(wasi.FILETYPE_CHARACTER_DEVICE, this.flags);
    fdstat.fs_rights_base = this.#rights;
    return { ret: 0, fdstat };
  }

  override fd_fdstat_set_flags(flags: number): number {
    this.flags = flags & wasi.FDFLAGS_NONBLOCK;
    return 0;
  }

  override fd_filestat_get() {
    return { ret: 0, filestat: new wasi.Filestat(0n, wasi.FILETYPE_CHARACTER_DEVICE, 0n) };
  }

  override fd_prestat_get() {
    return { ret: wasi.ERRNO_BADF, prestat: null };
  }

  override fd_seek() {
    return { ret: wasi.ERRNO_SPIPE, offset: 0n };
  }

  override fd_tell() {
    return { ret: wasi.ERRNO_SPIPE, offset: 0n };
  }

  override fd_pread() {
    return { ret: wasi.ERRNO_SPIPE, data: new Uint8Array() };
  }

  override fd_pwrite() {
    return { ret: wasi.ERRNO_SPIPE, nwritten: 0 };
  }
}

/** Standard input. `ready` and `fetch` take bytes from the machine; `fd_read` hands out only what they took. */
export class InputStream extends Stream {
  readonly #services: GuestServices;
  #fetched = new Uint8Array(0);
  #ended = false;

  constructor(services: GuestServices) {
    super(wasi.RIGHTS_FD_READ | wasi.RIGHTS_POLL_FD_READWRITE);
    this.#services = services;
  }

  get nonblocking(): boolean {
    return (this.flags & wasi.FDFLAGS_NONBLOCK) !== 0;
  }

  /** Whether a read would return at once: with bytes, or at the end of input. */
  ready(): boolean {
    // One byte only: what is not read now stays with the machine, for another device that listens.
    this.fetch(1);
    return this.#fetched.length > 0 || this.#ended;
  }

  /** Bytes that a read would get for certain; 0 at the end of input too. */
  get available(): number {
    return this.#fetched.length;
  }

  /** Takes what has arrived, until `wanted` bytes are at hand. */
  fetch(wanted: number): void {
    const missing = wanted - this.#fetched.length;
    if (this.#ended || missing <= 0) return;
    const more = this.#services.input(missing);
    if (more === undefined) this.#ended = true;
    else if (more.length > 0) this.#fetched = concat([this.#fetched, more]);
  }

  override fd_read(size: number) {
    const data = this.#fetched.slice(0, size);
    this.#fetched = this.#fetched.slice(data.length);
    return { ret: 0, data };
  }
}

/** Standard output or standard error. Gathers the vectors of one call; `flush` passes them on as one write. */
export class OutputStream extends Stream {
  readonly #services: GuestServices;
  readonly #name: 'stdout' | 'stderr';
  #gathered: Uint8Array[] = [];
  #room = MOST_AT_ONCE;

  constructor(services: GuestServices, name: 'stdout' | 'stderr') {
    super(wasi.RIGHTS_FD_WRITE | wasi.RIGHTS_POLL_FD_READWRITE);
    this.#services = services;
    this.#name = name;
  }

  override fd_write(data: Uint8Array) {
    const taken = data.length > this.#room ? data.subarray(0, this.#room) : data;
    this.#room -= taken.length;
    if (taken.length > 0) this.#gathered.push(taken);
    return { ret: 0, nwritten: taken.length };
  }

  flush(): void {
    if (this.#gathered.length === 0) return;
    const bytes = concat(this.#gathered);
    this.#gathered = [];
    this.#room = MOST_AT_ONCE;
    this.#services.output(this.#name, bytes);
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
