/**
 * Finds the file that a guest's path names, below one directory and never outside it. Goes component by component and
 * reads symbolic links itself; `..`, absolute paths and links that lead above the directory are refused with NOTCAPABLE.
 * On Linux each directory on the way is held open and the next one is looked up in it (through /proc/self/fd, Node
 * having no openat), so that nobody can swap one for a link meanwhile. Elsewhere what was opened is looked at once more,
 * which leaves a process outside the guest only a narrow chance to win such a race.
 */
import {
  type BigIntStats,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
} from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { wasi } from '@bjorn3/browser_wasi_shim';
import { codeOf, ErrnoError } from './errno.ts';

/** As Linux: more links than this in one path are a loop. */
export const MAX_LINKS = 40;
/** The deepest directory below a preopen that a path may pass through. */
export const MAX_DEPTH = 256;

const { O_RDONLY, O_DIRECTORY = 0, O_NOFOLLOW = 0 } = constants;
const HOLDS_DIRECTORIES_OPEN = process.platform === 'linux' && existsSync('/proc/self/fd');

/** A directory of the host, inside a sandbox. */
export interface Place {
  /** A host path for an entry, `.` for the directory itself. Good until `close`. */
  path(name: string): string;
  /** The directory called `name` in this one; throws where it is none, a symbolic link included. */
  enter(name: string): Place;
  stat(): BigIntStats;
  /** Throws unless what was opened under `name` lies in this very directory, where the system leaves that in doubt. */
  confirm(name: string, opened: BigIntStats): void;
  close(): void;
}

/** Opens the directory that everything stays in. `path` is the user's, links in it are followed. */
export function openPlace(path: string): Place {
  return HOLDS_DIRECTORIES_OPEN ? new HeldPlace(openSync(path, O_RDONLY | O_DIRECTORY)) : openNamedPlace(path);
}

/** The same by name only, as on systems where directories cannot be held open. `path` has no links in it. */
export function openNamedPlace(path: string): Place {
  return new NamedPlace(path);
}

class HeldPlace implements Place {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  path(name: string): string {
    return `/proc/self/fd/${this.#fd}/${name}`;
  }

  enter(name: string): Place {
    return new HeldPlace(openSync(this.path(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  }

  stat(): BigIntStats {
    return fstatSync(this.#fd, { bigint: true });
  }

  confirm(): void {}

  close(): void {
    closeSync(this.#fd);
  }
}

class NamedPlace implements Place {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  path(name: string): string {
    return join(this.#path, name);
  }

  enter(name: string): Place {
    const path = this.path(name);
    if (!lstatSync(path).isDirectory()) throw new ErrnoError(wasi.ERRNO_NOTDIR);
    return new NamedPlace(path);
  }

  stat(): BigIntStats {
    return lstatSync(this.#path, { bigint: true });
  }

  confirm(name: string, opened: BigIntStats): void {
    const found = statOf(this, name);
    const same = found?.dev === opened.dev && found.ino === opened.ino;
    if (!same || realpathSync(this.#path) !== this.#path) throw new ErrnoError(wasi.ERRNO_NOTCAPABLE);
  }

  close(): void {}
}

/** What a path names: an entry of a directory inside the sandbox, which may or may not exist. */
export interface Entry {
  readonly parent: Place;
  /** A single component, or `.` for `parent` itself. */
  readonly name: string;
  /** Undefined where nothing has that name yet. A symbolic link only if links were not to be followed. */
  readonly stat: BigIntStats | undefined;
  /** Whether the path says that it means a directory, by a slash at its end. */
  readonly meansDirectory: boolean;
  /** How many directories below the base `parent` is. */
  readonly depth: number;
}

/**
 * Calls `act` with the entry that `path` names below `base`, whose places stay open only meanwhile.
 * `follow` says whether a symbolic link at the very end stands for what it points to.
 *
 * @throws ErrnoError, and what node:fs throws
 */
export function withEntry<T>(base: Place, path: string, follow: boolean, act: (entry: Entry) => T): T {
  if (path === '') throw new ErrnoError(wasi.ERRNO_NOENT);
  const walk = new Walk(base);
  try {
    return act(walk.to(path, follow));
  } finally {
    walk.close();
  }
}

/** One way through the directories, with those it has entered, so that `..` goes back by the way it came. */
class Walk {
  readonly #base: Place;
  readonly #entered: Place[] = [];
  #links = 0;

  constructor(base: Place) {
    this.#base = base;
  }

  get #here(): Place {
    return this.#entered.at(-1) ?? this.#base;
  }

  close(): void {
    for (const place of this.#entered.splice(0)) place.close();
  }

  to(path: string, follow: boolean): Entry {
    let rest = componentsOf(path);
    let meansDirectory = meansDirectoryBy(path);
    for (;;) {
      const name = rest.shift();
      if (name === undefined) return this.#entry('.', this.#here.stat(), true);
      if (name === '..') {
        this.#leave();
        continue;
      }
      const stat = statOf(this.#here, name);
      const last = rest.length === 0;
      if (stat?.isSymbolicLink() === true && (!last || follow || meansDirectory)) {
        const content = this.#read(name);
        if (last) meansDirectory ||= meansDirectoryBy(content);
        rest = [...componentsOf(content), ...rest];
      } else if (last) {
        return this.#entry(name, stat, meansDirectory);
      } else {
        this.#enter(name, stat);
      }
    }
  }

  #entry(name: string, stat: BigIntStats | undefined, meansDirectory: boolean): Entry {
    if (meansDirectory && stat !== undefined && !stat.isDirectory()) throw new ErrnoError(wasi.ERRNO_NOTDIR);
    return { parent: this.#here, name, stat, meansDirectory, depth: this.#entered.length };
  }

  #leave(): void {
    const left = this.#entered.pop();
    if (left === undefined) throw new ErrnoError(wasi.ERRNO_NOTCAPABLE);
    left.close();
  }

  #enter(name: string, stat: BigIntStats | undefined): void {
    if (stat === undefined) throw new ErrnoError(wasi.ERRNO_NOENT);
    if (!stat.isDirectory()) throw new ErrnoError(wasi.ERRNO_NOTDIR);
    if (this.#entered.length >= MAX_DEPTH) throw new ErrnoError(wasi.ERRNO_NAMETOOLONG);
    this.#entered.push(this.#here.enter(name));
  }

  #read(name: string): string {
    if (++this.#links > MAX_LINKS) throw new ErrnoError(wasi.ERRNO_LOOP);
    return readlinkSync(this.#here.path(name));
  }
}

function meansDirectoryBy(path: string): boolean {
  return /(?:^|\/)\.{0,2}$/.test(path);
}

function statOf(place: Place, name: string): BigIntStats | undefined {
  try {
    return lstatSync(place.path(name), { bigint: true });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The components of a relative path, without `.` and empty ones. Refuses what could mean another place on this host. */
export function componentsOf(path: string): string[] {
  if (path.startsWith('/') || isAbsolute(path)) throw new ErrnoError(wasi.ERRNO_NOTCAPABLE);
  const components = path.split('/').filter((component) => component !== '' && component !== '.');
  // On Windows `a\..\..\b`, `C:b` and `a:stream` are one component to us and something else to the system.
  if (process.platform === 'win32' && components.some((component) => /[\\:]/.test(component))) {
    throw new ErrnoError(wasi.ERRNO_NOTCAPABLE);
  }
  return components;
}

/**
 * Refuses the content of a symbolic link that would lead outside when read in a directory `depth` below the base.
 * Links are checked again whenever they are followed; this keeps the guest from leaving traps for others.
 *
 * @throws ErrnoError NOTCAPABLE
 */
export function checkLinkContent(content: string, depth: number): void {
  let level = depth;
  for (const component of componentsOf(content)) {
    level += component === '..' ? -1 : 1;
    if (level < 0) throw new ErrnoError(wasi.ERRNO_NOTCAPABLE);
  }
}
