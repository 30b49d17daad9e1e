/**
 * Directories and files of a guest on a tape: what each call of their descriptors gave. In a replay nothing of them is there:
 * descriptors give what was given then, and what is written to them goes nowhere.
 */
import { Fd, wasi } from '@bjorn3/browser_wasi_shim';
import { type CalendarClock, GuestDirectory, type Preopen } from '../guests/wasi-directory.ts';
import type { TapeReader } from './tape-reader.ts';
import type { TapeWriter } from './tape-writer.ts';

/** How what a method gives is written: an errno alone, or an errno and so on. */
type Shape = 'errno' | 'fdstat' | 'filestat' | 'data' | 'written' | 'offset' | 'dirent' | 'opened' | 'link';

/** What a descriptor's prestat says is settled by the directory's name. */
const FILE_METHODS = {
  fd_allocate: 'errno',
  fd_close: 'errno',
  fd_fdstat_get: 'fdstat',
  fd_fdstat_set_flags: 'errno',
  fd_fdstat_set_rights: 'errno',
  fd_filestat_get: 'filestat',
  fd_filestat_set_size: 'errno',
  fd_filestat_set_times: 'errno',
  fd_pread: 'data',
  fd_pwrite: 'written',
  fd_read: 'data',
  fd_readdir_single: 'dirent',
  fd_seek: 'offset',
  fd_sync: 'errno',
  fd_tell: 'offset',
  fd_write: 'written',
  path_create_directory: 'errno',
  path_filestat_get: 'filestat',
  path_filestat_set_times: 'errno',
  path_open: 'opened',
  path_readlink: 'link',
  path_remove_directory: 'errno',
  path_unlink_file: 'errno',
} as const satisfies Readonly<Record<string, Shape>>;

const DIRECTORY_METHODS = { ...FILE_METHODS, rename: 'errno', link: 'errno', symlink: 'errno' } as const;

type Method = keyof typeof DIRECTORY_METHODS;
const METHODS = Object.keys(DIRECTORY_METHODS) as Method[];

/** Calls a method of a descriptor, wherever that leads. */
type Call = (method: Method, args: readonly unknown[]) => unknown;

class TapedFile extends Fd {
  readonly call: Call;

  constructor(call: Call) {
    super();
    this.call = call;
    install(this, Object.keys(FILE_METHODS) as Method[], call);
  }
}

class TapedDirectory extends GuestDirectory {
  readonly call: Call;
  /** What stands behind it; undefined in a replay. */
  readonly inner: GuestDirectory | undefined;

  constructor(call: Call, inner: GuestDirectory | undefined) {
    super();
    this.call = call;
    this.inner = inner;
    install(this, METHODS, call);
  }

  // These three are abstract, and so have to stand here; what was installed comes first.

  override rename(): number {
    return wasi.ERRNO_NOTSUP;
  }

  override link(): number {
    return wasi.ERRNO_NOTSUP;
  }

  override symlink(): number {
    return wasi.ERRNO_NOTSUP;
  }
}

function install(descriptor: Fd, methods: readonly Method[], call: Call): void {
  for (const method of methods) {
    const value = (...args: unknown[]) => call(method, args);
    Object.defineProperty(descriptor, method, { value, writable: true, configurable: true });
  }
}

// Recording

export function recordDirectory(preopen: Preopen, tape: TapeWriter): Preopen {
  return { ...preopen, guestPath: preopen.guestPath, open: (context) => recorded(preopen.open(context), tape) };
}

function recorded(descriptor: Fd, tape: TapeWriter): Fd {
  const call: Call = (method, args) => {
    const own = descriptor as unknown as Record<Method, (...args: unknown[]) => unknown>;
    const result = own[method](...args.map((each) => (each instanceof TapedDirectory ? each.inner : each)));
    tape.answer('file', [METHODS.indexOf(method), ...written(DIRECTORY_METHODS[method], result)]);
    if (DIRECTORY_METHODS[method] !== 'opened') return result;
    const { ret, fd_obj } = result as { ret: number; fd_obj: Fd | null };
    return { ret, fd_obj: fd_obj && recorded(fd_obj, tape) };
  };
  return descriptor instanceof GuestDirectory ? new TapedDirectory(call, descriptor) : new TapedFile(call);
}

function written(shape: Shape, result: unknown): unknown[] {
  if (shape === 'errno') return [result];
  const all = result as Record<string, unknown> & { ret: number };
  const { ret } = all;
  switch (shape) {
    case 'fdstat':
      return [ret, ...fields(all.fdstat, ['fs_filetype', 'fs_flags', 'fs_rights_base', 'fs_rights_inherited'])];
    case 'filestat':
      return [ret, ...fields(all.filestat, ['dev', 'ino', 'filetype', 'nlink', 'size', 'atim', 'mtim', 'ctim'])];
    case 'dirent': {
      const { dirent } = all as unknown as { dirent: wasi.Dirent | null };
      if (dirent === null) return [ret];
      return [ret, ...fields(dirent, ['d_next', 'd_ino', 'd_type']), new TextDecoder().decode(dirent.dir_name)];
    }
    case 'opened':
      return all.fd_obj === null ? [ret] : [ret, all.fd_obj instanceof GuestDirectory];
    case 'data':
    case 'link':
      return [ret, all.data];
    case 'written':
      return [ret, all.nwritten];
    default:
      return [ret, all.offset];
  }
}

function fields(from: unknown, names: readonly string[]): unknown[] {
  return from === null ? [] : names.map((name) => (from as Record<string, unknown>)[name]);
}

// Replay

export function replayDirectory(guestPath: string, tape: TapeReader): Preopen {
  return { guestPath, open: ({ calendar }) => replayed(true, tape, calendar) };
}

/** What changes a file asks what time it is, by the machine's calendar: that is asked again. */
function replayed(isDirectory: boolean, tape: TapeReader, calendar: CalendarClock): Fd {
  const call: Call = (method) => {
    if (tape.next === 'time') calendar();
    const value = tape.answer('file');
    const shape: Shape = DIRECTORY_METHODS[method];
    if (!Array.isArray(value) || value[0] !== METHODS.indexOf(method)) {
      if (!tape.isOver) tape.fail(`it calls ${method}, and the recording has another call of a file`);
      return read(shape, [wasi.ERRNO_IO], opened);
    }
    return read(shape, value.slice(1), opened);
  };
  const opened = (asDirectory: boolean) => replayed(asDirectory, tape, calendar);
  return isDirectory ? new TapedDirectory(call, undefined) : new TapedFile(call);
}

/** What was written, as the method gives it. Kinds of values are made to fit, for nobody has checked them. */
function read(shape: Shape, [ret, ...rest]: readonly unknown[], opened: (asDirectory: boolean) => Fd): unknown {
  const errno = number(ret);
  if (shape === 'errno') return errno;
  const answer = { ret: errno };
  switch (shape) {
    case 'fdstat':
      return { ...answer, fdstat: rest.length < 4 ? null : fdstatOf(rest) };
    case 'filestat':
      return { ...answer, filestat: rest.length < 8 ? null : filestatOf(rest) };
    case 'dirent': {
      const [next, inode, type, name] = rest;
      if (rest.length < 4) return { ...answer, dirent: null };
      return { ...answer, dirent: new wasi.Dirent(bigint(next), bigint(inode), String(name), number(type)) };
    }
    case 'opened':
      return { ...answer, fd_obj: rest.length < 1 ? null : opened(rest[0] === true) };
    case 'data':
      return { ...answer, data: rest[0] instanceof Uint8Array ? rest[0] : new Uint8Array(0) };
    case 'link':
      return { ...answer, data: typeof rest[0] === 'string' ? rest[0] : null };
    case 'written':
      return { ...answer, nwritten: number(rest[0]) };
    default:
      return { ...answer, offset: bigint(rest[0]) };
  }
}

function fdstatOf([type, flags, base, inherited]: readonly unknown[]): wasi.Fdstat {
  const fdstat = new wasi.Fdstat(number(type), number(flags));
  fdstat.fs_rights_base = bigint(base);
  fdstat.fs_rights_inherited = bigint(inherited);
  return fdstat;
}

function filestatOf(values: readonly unknown[]): wasi.Filestat {
  const [dev, ino, type, nlink, size, atim, mtim, ctim] = values;
  const filestat = new wasi.Filestat(bigint(ino), number(type), bigint(size));
  filestat.dev = bigint(dev);
  filestat.nlink = bigint(nlink);
  filestat.atim = bigint(atim);
  filestat.mtim = bigint(mtim);
  filestat.ctim = bigint(ctim);
  return filestat;
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function bigint(value: unknown): bigint {
  return typeof value === 'bigint' ? value : 0n;
}
