/**
 * Finds the source map that a module names, beside the module. The name comes from the module, which may be anybody's: it leads
 * to regular files in the module's own folder and below it, and nowhere else.
 */
import { realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { WirqError } from '../errors.ts';
import { fileError, readText } from './files.ts';

/** A source map is read into memory whole; the reader of source maps has its own limit, in characters. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * @returns a function that gives the text of the file at a relative URL.
 * @example Machine.load(bytes, { sourceMap: sourceMapsBeside('build/blinky.wasm') })
 */
export const sourceMapsBeside = textBeside;

/** The same for whatever names files that stand beside it: a scenario and its samples. */
export function textBeside(file: string): (url: string) => string {
  return (url) => readText(pathBeside(file, url));
}

function pathBeside(module: string, url: string): string {
  const path = relativePath(url);
  if (path === undefined) {
    throw new WirqError('bad-file', 'it is not read: only files beside what names them are, by a relative path');
  }
  const folder = dirname(module);
  const file = join(folder, path);
  try {
    const inside = relative(realpathSync(folder), realpathSync(file));
    if (inside.startsWith('..') || isAbsolute(inside)) {
      throw new WirqError('bad-file', 'it is not read: it leads out of the folder of what names it');
    }
    const { size } = checkRegular(file);
    if (size > MAX_BYTES) throw new WirqError('bad-file', `it is larger than ${MAX_BYTES} bytes`);
  } catch (error) {
    throw error instanceof WirqError ? error : fileError(file, 'read', error);
  }
  return file;
}

/** A pipe would wait for its writer, a device might never end. */
function checkRegular(file: string): { readonly size: number } {
  const status = statSync(file);
  if (!status.isFile()) throw new WirqError('bad-file', 'it is no regular file');
  return status;
}

/** The path that a relative URL names, if it leads downwards. */
function relativePath(url: string): string | undefined {
  let path: string;
  try {
    path = decodeURIComponent(url.replace(/[?#].*$/s, ''));
  } catch {
    return undefined;
  }
  const parts = path.split('/');
  const leadsElsewhere = parts.includes('..') || path === '' || /^[/\\]|^[A-Za-z][A-Za-z0-9+.-]*:|\0/.test(path);
  return leadsElsewhere || (sep === '\\' && path.includes('\\')) ? undefined : path;
}
