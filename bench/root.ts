/** Where the repository begins, seen from bench/ and from its compiled copy in build/bench/ (for Nodes that do not strip types). */
import { existsSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(import.meta.url);

function findRoot(): string {
  let folder = dirname(here);
  while (!existsSync(join(folder, 'package-lock.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('the benchmarks do not stand in a wirq repository');
    folder = parent;
  }
  return folder;
}

export const root = findRoot();

/** A program of this folder, as this one runs: source or compiled. */
export function sibling(name: string): string {
  return join(dirname(here), name + extname(here));
}
