/**
 * Modules that a rewriter once got wrong, or that stand for a shape worth keeping: each file in regressions/ (.wat or .wasm) is
 * rewritten in every way, run and compared. The first comment of a .wat says what went wrong.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { root } from '../support/root.ts';
import { wat } from '../support/wat.ts';
import { compare, granularities } from './differential-run.ts';

const folder = join(root, 'tests/rewrite/regressions');
const files = readdirSync(folder).filter((name) => /\.(wat|wasm)$/.test(name));

/** Modules of the newest proposals are for engines that have them; every one has to be valid somewhere. */
const newEngine = Number(process.versions.node.split('.')[0]) >= 26;

for (const name of files) {
  test(name, (t) => {
    const path = join(folder, name);
    const bytes = name.endsWith('.wat') ? wat(readFileSync(path, 'utf8')) : new Uint8Array(readFileSync(path));
    for (let seed = 1; seed <= 4; seed++) {
      const { outcome, differences } = compare(bytes, seed, { granularities: granularities() });
      t.deepEqual(differences, [], `seed ${seed}`);
      if (newEngine) t.is(outcome, 'same', 'the engine takes the module');
    }
  });
}
