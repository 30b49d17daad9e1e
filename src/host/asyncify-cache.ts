/**
 * Where asyncified modules are kept between runs: files named by the hash of what went in, in the user's cache directory
 * (XDG Base Directory Specification; `WIRQ_CACHE` names another, or `off`). A file begins with the hash of the rest, so
 * that what a full disk or a crash left behind is noticed; it is written elsewhere and renamed, so that nobody reads half
 * of one. A directory that cannot be written costs time, nothing else.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

const HASH_BYTES = 32;
const ENDING = '.asyncified';
/** All files together; the ones that were not used for longest go first. */
const MOST_BYTES = 256 << 20;

/** The directory that the environment asks for; undefined when it switches caching off. */
export function cacheDirectory(): string | undefined {
  const { WIRQ_CACHE: asked, XDG_CACHE_HOME: xdg, LOCALAPPDATA: windows } = process.env;
  if (asked === 'off') return undefined;
  if (asked !== undefined && asked !== '') return asked;
  // "All paths set in these environment variables must be absolute. If [not], consider the path invalid and ignore it."
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'wirq');
  if (process.platform === 'win32' && windows !== undefined) return join(windows, 'wirq', 'cache');
  const home = homedir();
  return isAbsolute(home) ? join(home, '.cache', 'wirq') : undefined;
}

export class AsyncifyCache {
  readonly #directory: string;
  readonly #mostBytes: number;

  constructor(directory: string, mostBytes = MOST_BYTES) {
    this.#directory = directory;
    this.#mostBytes = mostBytes;
  }

  /** What was kept under a key (a name for files: letters and digits); undefined when there is nothing, or not whole. */
  get(key: string): Uint8Array<ArrayBuffer> | undefined {
    const path = this.#path(key);
    try {
      const file = new Uint8Array(readFileSync(path));
      const content = file.slice(HASH_BYTES);
      if (!hash(content).equals(file.subarray(0, HASH_BYTES))) return undefined;
      this.#touch(path);
      return content;
    } catch {
      return undefined;
    }
  }

  set(key: string, content: Uint8Array): void {
    if (content.length + HASH_BYTES > this.#mostBytes) return;
    const path = this.#path(key);
    const unfinished = `${path}.${randomUUID()}`;
    try {
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
      writeFileSync(unfinished, Buffer.concat([hash(content), content]), { mode: 0o600 });
      renameSync(unfinished, path);
      this.#prune();
    } catch {
      this.#remove(unfinished);
    }
  }

  #remove(path: string): void {
    try {
      rmSync(path, { force: true });
    } catch {
      // the directory is none
    }
  }

  #path(key: string): string {
    return join(this.#directory, `${key}${ENDING}`);
  }

  /** A file that was used is young again. */
  #touch(path: string): void {
    try {
      const now = new Date();
      utimesSync(path, now, now);
    } catch {
      // somebody else's, or gone
    }
  }

  #prune(): void {
    const files = readdirSync(this.#directory)
      .filter((name) => name.includes(ENDING))
      .map((name) => join(this.#directory, name))
      .map((path) => ({ path, ...sizeAndAge(path) }))
      .sort((a, b) => b.usedMs - a.usedMs);
    let bytes = 0;
    for (const file of files) {
      bytes += file.bytes;
      if (bytes > this.#mostBytes) this.#remove(file.path);
    }
  }
}

function sizeAndAge(path: string): { readonly bytes: number; readonly usedMs: number } {
  try {
    const { size, mtimeMs } = statSync(path);
    return { bytes: size, usedMs: mtimeMs };
  } catch {
    return { bytes: 0, usedMs: 0 };
  }
}

function hash(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
