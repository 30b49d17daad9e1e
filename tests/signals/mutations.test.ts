/**
 * Whether the programs would notice a mistake: each mutation of the sources (mutations.ts) changes what a program does.
 * The mutated sources are loaded as they are, which takes a Node that strips types.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import type { Machine } from '../../src/machine/machine.ts';
import { root } from '../support/root.ts';
import { MUTATIONS, type Mutation } from './mutations.ts';
import { programs, resultsIn, runOnWirq } from './programs.ts';

const expected = resultsIn(readFileSync(join(root, 'tests/signals/linux.txt'), 'utf8'));
const stripsTypes = import.meta.url.endsWith('.ts');

/** A copy of the sources with one mistake in it, and its Machine. */
async function mutated({ file, from, to }: Mutation): Promise<{ machine: typeof Machine; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'wirq-mutation-'));
  cpSync(join(root, 'src'), join(folder, 'src'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  const path = join(folder, 'src', file);
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace(from, () => to),
  );
  const module = await import(pathToFileURL(join(folder, 'src/machine/machine.ts')).href);
  return { machine: module.Machine, folder };
}

test('each mutation is one place in the sources, and names a program', (t) => {
  t.true(MUTATIONS.length >= 15);
  for (const { mistake, file, from, caughtBy } of MUTATIONS) {
    t.is(readFileSync(join(root, 'src', file), 'utf8').split(from).length, 2, `${mistake}: mend its place in ${file}`);
    t.true(expected.has(caughtBy), caughtBy);
  }
});

for (const mutation of stripsTypes ? MUTATIONS : []) {
  test.serial(`caught by ${mutation.caughtBy}: ${mutation.mistake}`, async (t) => {
    const program = programs.find(({ name }) => name === mutation.caughtBy)!;
    const { machine, folder } = await mutated(mutation);
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    let result: string;
    try {
      result = runOnWirq(program, { timeout: '20s' }, machine);
    } catch (error) {
      result = `${error}`; // an assertion of our own that the mistake has broken
    }
    t.not(result, expected.get(program.name));
  });
}
