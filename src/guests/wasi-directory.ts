/**
 * What WASI needs from a directory that is given to a guest, beyond the file descriptor of `@bjorn3/browser_wasi_shim`:
 * moving, linking and symbolic links, which the shim does by unlinking and relinking objects in memory.
 * Real directories are in host/directory.ts; this file knows no operating system.
 */
import { Fd } from '@bjorn3/browser_wasi_shim';

/** The machine's calendar time as WASI's CLOCK_REALTIME shows it: nanoseconds since 1970. */
export type CalendarClock = () => bigint;

/** What a directory is told of the run it is opened for. */
export interface PreopenContext {
  /** Dates what the guest changes. */
  readonly calendar: CalendarClock;
  /** The device number of its files, different for each directory of a run. */
  readonly device: number;
}

/** A directory that a guest may use, under the name it sees. */
export interface Preopen {
  /** What the guest calls it: `.`, `/data`, … */
  readonly guestPath: string;
  /** Opens it for one run. An in-memory directory (the shim's `PreopenDirectory`) does as well as a real one. */
  open(context: PreopenContext): Fd;
}

/** A directory that can also move, link and make symbolic links. Each method returns a WASI errno, 0 for success. */
export abstract class GuestDirectory extends Fd {
  /** Moves `oldPath` of this directory to `newPath` of `target`. */
  abstract rename(oldPath: string, target: GuestDirectory, newPath: string): number;
  /** Gives the file at `oldPath` a second name. `follow`: a symbolic link at `oldPath` stands for what it points to. */
  abstract link(oldPath: string, follow: boolean, target: GuestDirectory, newPath: string): number;
  /** Makes a symbolic link at `path` that says `content`. */
  abstract symlink(content: string, path: string): number;
}
