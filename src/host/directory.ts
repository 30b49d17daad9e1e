/**
 * Real directories for guests (`--dir HOST[::GUEST]`): a file descriptor of `@bjorn3/browser_wasi_shim` over node:fs
 * with no way out (sandbox.ts) and nothing that differs from run to run (inodes.ts): names are listed in one order,
 * numbers and times are the machine's. Left out: devices, sockets and pipes, which could hang the host (ACCES).
 */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { type Fd, wasi } from '@bjorn3/browser_wasi_shim';
import { WirqError } from '../errors.ts';
import { GuestDirectory, type Preopen, type PreopenContext } from '../guests/wasi-directory.ts';
import { codeOf, ErrnoError, errnoFrom, errnoOf } from './errno.ts';
import { filetypeOf, hostTimes, type Inode, Inodes } from './inodes.ts';
import { OpenFile } from './open-file.ts';
import { checkLinkContent, componentsOf, type Entry, openPlace, type Place, withEntry } from './sandbox.ts';

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

/** Rights that ask for writing, as wasi-libc's open does. */
const WRITING = BigInt(wasi.RIGHTS_FD_WRITE | wasi.RIGHTS_FD_ALLOCATE | wasi.RIGHTS_FD_FILESTAT_SET_SIZE);
const READING = BigInt(wasi.RIGHTS_FD_READ | wasi.RIGHTS_FD_READDIR);
/** All rights of preview 1 that concern files and directories: what may be done is decided by the sandbox and the host. */
const ALL_RIGHTS = (1n << 28n) - 1n;
const FOLLOW = 1;

/**
 * Reads `HOST` or `HOST::GUEST` and makes the directory ready to be given to guests; `GUEST` is `HOST` unless said.
 * `open` is for tests: how the system's directories are opened.
 *
 * @throws WirqError `bad-file` where HOST is no directory, `bad-argument` where a side of `::` is empty
 * @example openPreopen('build/data::/data').guestPath // '/data'
 */
export function openPreopen(spec: string, open: (root: string) => Place = openPlace): Preopen {
  const at = spec.indexOf('::');
  const host = at === -1 ? spec : spec.slice(0, at);
  const guestPath = at === -1 ? spec : spec.slice(at + 2);
  if (host === '' || guestPath === '' || spec.includes('\0')) {
    throw new WirqError('bad-argument', `'${spec.replaceAll('\0', '\\0')}' names no directory`, {
      advice: 'say HOST or HOST::GUEST, as in build/data::/data',
    });
  }
  const root = realDirectory(host);
  return {
    guestPath,
    open: ({ calendar, device }: PreopenContext) => new HostDirectory(open(root), new Inodes(calendar, device)),
  };
}

function realDirectory(host: string): string {
  const refuse = (why: string, cause?: unknown) =>
    new WirqError('bad-file', `the directory '${host}' ${why}`, {
      advice: 'give the guest an existing directory, as in --dir build/data::/data',
      cause,
    });
  try {
    const root = realpathSync(host);
    if (!statSync(root).isDirectory()) throw refuse('is a file');
    return root;
  } catch (error) {
    if (error instanceof WirqError) throw error;
    throw refuse(codeOf(error) === 'ENOENT' ? 'does not exist' : `cannot be used (${codeOf(error)})`, error);
  }
}

interface Listed {
  readonly name: string;
  readonly number: bigint;
  readonly type: number;
}

class HostDirectory extends GuestDirectory {
  readonly #place: Place;
  readonly #inodes: Inodes;
  readonly #inode: Inode;
  #listing: Listed[] | undefined;

  constructor(place: Place, inodes: Inodes) {
    super();
    this.#place = place;
    this.#inodes = inodes;
    this.#inode = inodes.of(place.stat());
  }

  override path_open(
    dirflags: number,
    path: string,
    oflags: number,
    rights: bigint,
    _inheriting: bigint,
    fdflags: number,
  ): { ret: number; fd_obj: Fd | null } {
    // An exclusive creation never goes through a link.
    const exclusive = (oflags & wasi.OFLAGS_CREAT) !== 0 && (oflags & wasi.OFLAGS_EXCL) !== 0;
    const follow = (dirflags & FOLLOW) !== 0 && !exclusive;
    try {
      const fd_obj = withEntry(this.#place, path, follow, (entry) => this.#open(entry, oflags, rights, fdflags));
      return { ret: 0, fd_obj };
    } catch (error) {
      return { ret: errnoOf(error), fd_obj: null };
    }
  }

  #open(entry: Entry, oflags: number, rights: bigint, fdflags: number): Fd {
    const { stat } = entry;
    const asked = (flag: number) => (oflags & flag) !== 0;
    const asksDirectory = asked(wasi.OFLAGS_DIRECTORY);
    if (stat === undefined && !asked(wasi.OFLAGS_CREAT)) throw new ErrnoError(wasi.ERRNO_NOENT);
    if (stat !== undefined && asked(wasi.OFLAGS_CREAT) && asked(wasi.OFLAGS_EXCL)) {
      throw new ErrnoError(wasi.ERRNO_EXIST);
    }
    if (stat?.isSymbolicLink() === true) throw new ErrnoError(wasi.ERRNO_LOOP);
    if (stat?.isDirectory() === true) {
      const writes = asked(wasi.OFLAGS_CREAT) || asked(wasi.OFLAGS_TRUNC) || (rights & WRITING) !== 0n;
      if (writes && !asksDirectory) throw new ErrnoError(wasi.ERRNO_ISDIR);
      return new HostDirectory(entry.parent.enter(entry.name), this.#inodes);
    }
    if (asksDirectory) throw new ErrnoError(stat === undefined ? wasi.ERRNO_INVAL : wasi.ERRNO_NOTDIR);
    if (entry.meansDirectory) throw new ErrnoError(wasi.ERRNO_ISDIR);
    if (stat !== undefined && !stat.isFile()) throw new ErrnoError(wasi.ERRNO_ACCES);
    return this.#openFile(entry, oflags, rights, fdflags);
  }

  #openFile(entry: Entry, oflags: number, rights: bigint, fdflags: number): Fd {
    const writes = (rights & WRITING) !== 0n || (oflags & wasi.OFLAGS_TRUNC) !== 0;
    let mode = writes ? ((rights & READING) !== 0n ? O_RDWR : O_WRONLY) : O_RDONLY;
    // The kernel checks again that nobody has put a link or a pipe there in the meantime.
    mode |= O_NOFOLLOW | O_NONBLOCK;
    if ((oflags & wasi.OFLAGS_CREAT) !== 0) mode |= O_CREAT;
    if ((oflags & wasi.OFLAGS_EXCL) !== 0) mode |= O_EXCL;
    const fd = openSync(entry.parent.path(entry.name), mode, 0o666);
    const stat = fstatSync(fd, { bigint: true });
    try {
      if (!stat.isFile()) throw new ErrnoError(wasi.ERRNO_ACCES);
      entry.parent.confirm(entry.name, stat);
      // Not as a flag of the opening: nothing is changed before it is certain which file this is.
      if ((oflags & wasi.OFLAGS_TRUNC) !== 0 && stat.size > 0n) ftruncateSync(fd);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    const inode = this.#inodes.of(stat);
    if (entry.stat === undefined) {
      this.#changed(entry.parent);
      this.#inodes.changed(inode);
    } else if ((oflags & wasi.OFLAGS_TRUNC) !== 0) {
      this.#inodes.changed(inode);
    }
    return new OpenFile({ fd, inode, inodes: this.#inodes, flags: fdflags, rights });
  }

  override path_filestat_get(flags: number, path: string) {
    try {
      return withEntry(this.#place, path, (flags & FOLLOW) !== 0, ({ stat }) => {
        if (stat === undefined) throw new ErrnoError(wasi.ERRNO_NOENT);
        return { ret: 0, filestat: this.#inodes.filestat(stat, this.#inodes.of(stat)) };
      });
    } catch (error) {
      return { ret: errnoOf(error), filestat: null };
    }
  }

  override path_filestat_set_times(flags: number, path: string, atime: bigint, mtime: bigint, which: number): number {
    return this.#at(path, (flags & FOLLOW) !== 0, (entry) => this.#setTimes(entry, atime, mtime, which));
  }

  #setTimes({ parent, name, stat }: Pick<Entry, 'parent' | 'name' | 'stat'>, ...to: [bigint, bigint, number]): void {
    if (stat === undefined) throw new ErrnoError(wasi.ERRNO_NOENT);
    const times = this.#inodes.setTimes(this.#inodes.of(stat), ...to);
    if (times === undefined) throw new ErrnoError(wasi.ERRNO_INVAL);
    lutimesSync(parent.path(name), ...hostTimes(times, stat));
  }

  override path_create_directory(path: string): number {
    return this.#at(path, false, ({ parent, name, stat }) => {
      if (stat !== undefined) throw new ErrnoError(wasi.ERRNO_EXIST);
      mkdirSync(parent.path(name));
      this.#changed(parent);
      this.#inodes.changed(this.#inodes.of(lstatSync(parent.path(name), { bigint: true })));
    });
  }

  override path_remove_directory(path: string): number {
    return this.#at(path, false, (entry) => {
      if (existing(entry).isDirectory() === false) throw new ErrnoError(wasi.ERRNO_NOTDIR);
      rmdirSync(entry.parent.path(entry.name));
      this.#inodes.losesName(entry.stat);
      this.#changed(entry.parent);
    });
  }

  override path_unlink_file(path: string): number {
    return this.#at(path, false, (entry) => {
      if (existing(entry).isDirectory()) throw new ErrnoError(wasi.ERRNO_ISDIR);
      unlinkSync(entry.parent.path(entry.name));
      this.#inodes.losesName(entry.stat);
      this.#changed(entry.parent);
    });
  }

  override path_readlink(path: string) {
    try {
      return withEntry(this.#place, path, false, ({ parent, name, stat }) => {
        if (stat === undefined) throw new ErrnoError(wasi.ERRNO_NOENT);
        if (!stat.isSymbolicLink()) throw new ErrnoError(wasi.ERRNO_INVAL);
        const data = readlinkSync(parent.path(name));
        // An absolute path says where things lie on this host, which differs from host to host.
        componentsOf(data);
        return { ret: 0, data };
      });
    } catch (error) {
      return { ret: errnoOf(error), data: null };
    }
  }

  override symlink(content: string, path: string): number {
    return this.#at(path, false, ({ parent, name, stat, depth, meansDirectory }) => {
      if (stat !== undefined) throw new ErrnoError(wasi.ERRNO_EXIST);
      if (content === '' || meansDirectory) throw new ErrnoError(wasi.ERRNO_NOENT);
      this.#checkLink(content, path, depth);
      symlinkSync(content, parent.path(name));
      this.#changed(parent);
      this.#inodes.changed(this.#inodes.of(lstatSync(parent.path(name), { bigint: true })));
    });
  }

  /** Refuses a link at `path` whose content leads outside, read as text or through the links that exist now. */
  #checkLink(content: string, path: string, depth: number): void {
    checkLinkContent(content, depth);
    const folder = path.replace(/[^/]*$/, '');
    const errno = this.#at(`${folder}${content}`, true, () => {});
    if (errno === wasi.ERRNO_NOTCAPABLE) throw new ErrnoError(errno);
  }

  override rename(oldPath: string, target: GuestDirectory, newPath: string): number {
    if (!(target instanceof HostDirectory)) return wasi.ERRNO_XDEV;
    return this.#at(oldPath, false, (from) => {
      const moved = existing(from);
      withEntry(target.#place, newPath, false, (to) => {
        if (to.name === '.') throw new ErrnoError(wasi.ERRNO_INVAL);
        if (to.meansDirectory && !moved.isDirectory()) throw new ErrnoError(wasi.ERRNO_NOTDIR);
        const source = from.parent.path(from.name);
        if (moved.isSymbolicLink()) target.#checkLink(readlinkSync(source), newPath, to.depth);
        renameSync(source, to.parent.path(to.name));
        const replaced = to.stat !== undefined && !sameFile(to.stat, moved);
        if (replaced) target.#inodes.losesName(to.stat);
        if (target.#inodes !== this.#inodes) this.#inodes.losesName(moved);
        this.#changed(from.parent);
        target.#changed(to.parent);
      });
    });
  }

  override link(oldPath: string, follow: boolean, target: GuestDirectory, newPath: string): number {
    if (!(target instanceof HostDirectory)) return wasi.ERRNO_XDEV;
    return this.#at(oldPath, follow, (from) => {
      const linked = existing(from);
      // Some systems would follow a symbolic link here, out of the sandbox.
      if (!linked.isFile()) throw new ErrnoError(linked.isDirectory() ? wasi.ERRNO_PERM : wasi.ERRNO_NOTSUP);
      withEntry(target.#place, newPath, false, (to) => {
        if (to.stat !== undefined) throw new ErrnoError(wasi.ERRNO_EXIST);
        if (to.meansDirectory) throw new ErrnoError(wasi.ERRNO_NOENT);
        linkSync(from.parent.path(from.name), to.parent.path(to.name));
        target.#changed(to.parent);
      });
    });
  }

  override fd_readdir_single(cookie: bigint) {
    try {
      if (cookie === 0n || this.#listing === undefined) this.#listing = this.#list();
      const index = cookie < BigInt(this.#listing.length) ? Number(cookie) : -1;
      const entry = this.#listing[index];
      if (entry === undefined) return { ret: 0, dirent: null };
      return { ret: 0, dirent: new wasi.Dirent(cookie + 1n, entry.number, entry.name, entry.type) };
    } catch (error) {
      return { ret: errnoOf(error), dirent: null };
    }
  }

  /** All entries as they are now, sorted by their UTF-16 units, for the host's own order differs from run to run. */
  #list(): Listed[] {
    const self = { number: this.#inode.number, type: wasi.FILETYPE_DIRECTORY };
    const listing: Listed[] = [
      { name: '.', ...self },
      { name: '..', ...self },
    ];
    for (const name of readdirSync(this.#place.path('.')).sort()) {
      const stat = lstatSync(this.#place.path(name), { bigint: true, throwIfNoEntry: false });
      // Gone since it was listed.
      if (stat === undefined) continue;
      listing.push({ name, number: this.#inodes.of(stat).number, type: filetypeOf(stat) });
    }
    return listing;
  }

  override fd_filestat_get() {
    try {
      return { ret: 0, filestat: this.#inodes.filestat(this.#place.stat(), this.#inode) };
    } catch (error) {
      return { ret: errnoOf(error), filestat: null };
    }
  }

  override fd_filestat_set_times(atime: bigint, mtime: bigint, flags: number): number {
    const self = () => ({ parent: this.#place, name: '.', stat: this.#place.stat() });
    return errnoFrom(() => this.#setTimes(self(), atime, mtime, flags));
  }

  override fd_fdstat_get() {
    const fdstat = new wasi.Fdstat(wasi.FILETYPE_DIRECTORY, 0);
    fdstat.fs_rights_base = ALL_RIGHTS;
    fdstat.fs_rights_inherited = ALL_RIGHTS;
    return { ret: 0, fdstat };
  }

  override fd_fdstat_set_flags(): number {
    return 0;
  }

  override fd_prestat_get(): { ret: number; prestat: wasi.Prestat | null } {
    return { ret: wasi.ERRNO_BADF, prestat: null };
  }

  override fd_read() {
    return { ret: wasi.ERRNO_ISDIR, data: new Uint8Array() };
  }

  override fd_write() {
    return { ret: wasi.ERRNO_ISDIR, nwritten: 0 };
  }

  override fd_close(): number {
    return errnoFrom(() => this.#place.close());
  }

  #at(path: string, follow: boolean, act: (entry: Entry) => void): number {
    return errnoFrom(() => withEntry(this.#place, path, follow, act));
  }

  #changed(directory: Place): void {
    this.#inodes.changed(this.#inodes.of(directory.stat()));
  }
}

/** The entry's file, which an operation that takes a name away or gives another needs, under a name of its own. */
function existing({ name, stat }: Entry) {
  if (stat === undefined) throw new ErrnoError(wasi.ERRNO_NOENT);
  if (name === '.') throw new ErrnoError(wasi.ERRNO_INVAL);
  return stat;
}

function sameFile(a: NonNullable<Entry['stat']>, b: NonNullable<Entry['stat']>): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}
