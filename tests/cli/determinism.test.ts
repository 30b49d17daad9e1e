/**
 * Every sample under its scenario has the digest it had on whatever Node, system and processor it was written down.
 * As the whole test-suite runs on the oldest Node and on the newest, this proves that both give the same.
 * A change of what is charged, or of the samples, changes the digests: `WIRQ_BLESS=1 npx ava tests/cli/determinism.test.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { cleanUp, runMain } from '../support/cli.ts';
import { root } from '../support/root.ts';
import { DIGESTS, RUNS } from './sample-runs.ts';

const BLESS = process.env.WIRQ_BLESS === '1';

const found: Record<string, string> = {};

test.after.always(cleanUp);
test.after('digests are written down when asked for', (t) => {
  if (BLESS) writeFileSync(DIGESTS, `${JSON.stringify(found, undefined, 2)}\n`);
  t.pass();
});

for (const [name, args] of Object.entries(RUNS)) {
  test(`${name} runs everywhere as it ran here`, async (t) => {
    const digest = async () => {
      const { stdout, stderr } = await runMain(['--digest', ...args], { cwd: join(root, 'firmware-samples') });
      return /^digest: sha256:([0-9a-f]{64})$/m.exec(stdout)?.[1] ?? `none: ${stderr}`;
    };
    const first = await digest();
    t.is(await digest(), first, 'and again');
    t.regex(first, /^[0-9a-f]{64}$/);
    found[name] = first;
    const expected = JSON.parse(readFileSync(DIGESTS, 'utf8')) as Record<string, string>;
    if (!BLESS)
      t.is(first, expected[name] ?? 'none written down', 'the event log or output differs; see the head of this file');
  });
}
