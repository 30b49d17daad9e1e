/**
 * Every sample has the digest that was written down (determinism.test.ts) on each kind of stacks that can run it: those of this
 * engine that can park all do, and nested stacks do unless the sample needs others.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { PARKING } from '../stacks/rigs.ts';
import { cleanUp, runMain } from '../support/cli.ts';
import { root } from '../support/root.ts';
import { DIGESTS, RUNS } from './sample-runs.ts';

const digests = JSON.parse(readFileSync(DIGESTS, 'utf8')) as Readonly<Record<string, string>>;

/** What needs stacks that can park, which nested ones refuse. */
const PARKS = /^(generators|goroutines|preemptive-tasks|fetch-sync)/;

test.after.always(cleanUp);

for (const [name, args] of Object.entries(RUNS)) {
  for (const kind of [...PARKING, 'nested']) {
    test(`${name} on ${kind}`, async (t) => {
      const cwd = join(root, 'firmware-samples');
      const { stdout, stderr, code } = await runMain(['--digest', '--stacks', kind, ...args], { cwd });
      if (kind === 'nested' && PARKS.test(name)) {
        t.is(code, 2, stderr);
        t.regex(stderr, /nothing parks on/);
      } else t.is(/^digest: sha256:([0-9a-f]{64})$/m.exec(stdout)?.[1], digests[name], stderr);
    });
  }
}
