/**
 * The numbers and times of files as a guest sees them, made so that they are the same on every run: inode numbers count
 * up in the order in which the guest meets the files, and times are the machine's. A file that the guest has not changed
 * shows the time of reset, whatever the host's clock said when it was written; sizes of directories are 0, their links 1.
 */
import type { BigIntStats } from 'node:fs';
import { wasi } from '@bjorn3/browser_wasi_shim';
import { EPOCH_NS } from '../guests/wasi-clock.ts';
import type { CalendarClock } from '../guests/wasi-directory.ts';

/** One file's number and times. An open file keeps its own, even after its last name is gone. */
export interface Inode {
  readonly number: bigint;
  atime: bigint;
  mtime: bigint;
}

export class Inodes {
  readonly #calendar: CalendarClock;
  readonly #device: bigint;
  readonly #known = new Map<string, Inode>();
  #next = 1n;

  constructor(calendar: CalendarClock, device: number) {
    this.#calendar = calendar;
    this.#device = BigInt(device);
  }

  /** The inode of a file of the host. */
  of(stat: BigIntStats): Inode {
    const key = keyOf(stat);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const inode = { number: this.#next++, atime: EPOCH_NS, mtime: EPOCH_NS };
    this.#known.set(key, inode);
    return inode;
  }

  /** To be told before a name of a file goes: after its last one the host may give its number to another file. */
  losesName(stat: BigIntStats | undefined): void {
    if (stat !== undefined && (stat.nlink <= 1n || stat.isDirectory())) this.#known.delete(keyOf(stat));
  }

  /** Dates a file that the guest has changed just now. */
  changed(inode: Inode): void {
    inode.mtime = this.#calendar();
  }

  /** Sets times as `fd_filestat_set_times` says; undefined where `flags` contradict each other. */
  setTimes(inode: Inode, atime: bigint, mtime: bigint, flags: number): TimesToSet | undefined {
    const chosen = (value: bigint, explicit: number, now: number): bigint | 'now' | 'contradiction' | undefined => {
      if ((flags & explicit) !== 0) return (flags & now) !== 0 ? 'contradiction' : value;
      return (flags & now) !== 0 ? 'now' : undefined;
    };
    const access = chosen(atime, wasi.FSTFLAGS_ATIM, wasi.FSTFLAGS_ATIM_NOW);
    const change = chosen(mtime, wasi.FSTFLAGS_MTIM, wasi.FSTFLAGS_MTIM_NOW);
    if (access === 'contradiction' || change === 'contradiction') return undefined;
    if (access !== undefined) inode.atime = access === 'now' ? this.#calendar() : access;
    if (change !== undefined) inode.mtime = change === 'now' ? this.#calendar() : change;
    return { access, change };
  }

  filestat(stat: BigIntStats, inode: Inode): wasi.Filestat {
    const directory = stat.isDirectory();
    const filestat = new wasi.Filestat(inode.number, filetypeOf(stat), directory ? 0n : stat.size);
    filestat.dev = this.#device;
    filestat.nlink = directory ? 1n : stat.nlink;
    filestat.atim = inode.atime;
    filestat.mtim = inode.mtime;
    filestat.ctim = inode.mtime;
    return filestat;
  }
}

/** Times for the host's own file: `now` is the host's now, so that a guest's output is not dated to the year 2000. */
export interface TimesToSet {
  readonly access: bigint | 'now' | undefined;
  readonly change: bigint | 'now' | undefined;
}

/** The pair that node:fs takes, where unchanged times are those of `stat`. */
export function hostTimes(times: TimesToSet, stat: BigIntStats): [Date, Date] {
  const dateOf = (time: bigint | 'now' | undefined, present_ns: bigint) =>
    time === 'now' ? new Date() : new Date(Number((time ?? present_ns) / 1_000_000n));
  return [dateOf(times.access, stat.atimeNs), dateOf(times.change, stat.mtimeNs)];
}

export function filetypeOf(stat: BigIntStats): number {
  if (stat.isFile()) return wasi.FILETYPE_REGULAR_FILE;
  if (stat.isDirectory()) return wasi.FILETYPE_DIRECTORY;
  if (stat.isSymbolicLink()) return wasi.FILETYPE_SYMBOLIC_LINK;
  if (stat.isCharacterDevice()) return wasi.FILETYPE_CHARACTER_DEVICE;
  if (stat.isBlockDevice()) return wasi.FILETYPE_BLOCK_DEVICE;
  if (stat.isSocket()) return wasi.FILETYPE_SOCKET_STREAM;
  return wasi.FILETYPE_UNKNOWN;
}

function keyOf(stat: BigIntStats): string {
  return `${stat.dev}:${stat.ino}`;
}
