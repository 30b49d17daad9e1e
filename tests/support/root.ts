/** Where the repository begins, seen from the tests in `tests/` and from their compiled copies in `build/tests/`. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package-lock.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('the tests do not stand in a wirq repository');
    folder = parent;
  }
  return folder;
}

export const root = findRoot();

/** The bytes of a file of the repository, its path relative to the root. */
export function fixture(path: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(join(root, path)));
}
