/**
 * wirq against Linux: each program of programs/ and jumping-programs/ does the same on both, in output and exit status.
 * linux.txt holds what Linux did; where there is a C compiler on x86-64 Linux, a test shows that it still does.
 * To record it anew: WIRQ_BLESS=1 npx ava tests/signals/differential.test.ts
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { root } from '../support/root.ts';
import { canRunNatively, programs, resultsIn, runNatively, runOnWirq } from './programs.ts';

const record = join(root, 'tests/signals/linux.txt');
const bless = process.env.WIRQ_BLESS === '1';
const expected = resultsIn(existsSync(record) ? readFileSync(record, 'utf8') : '');

/** Programs that do something else on wirq, and why. A program that agrees after all has to leave the list. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  'bad-address-told': 'an engine does not tell the address of an access out of bounds',
  'jump-out-of-division': 'a trap has unwound the frame that siglongjmp() would have to return to',
};

test('there are enough programs, and each says what it shows', (t) => {
  t.true(programs.length >= 120, `${programs.length} programs`);
  t.is(new Set(programs.map(({ name }) => name)).size, programs.length, 'no two have the same name');
  for (const { name, sentence } of programs) t.regex(sentence, /^(POSIX|Linux|[\w-]+\(\d\)).*[.]$/, name);
  for (const name of Object.keys(DIFFERENCES))
    t.true(
      programs.some((program) => program.name === name),
      name,
    );
});

test('what Linux did is on record', async (t) => {
  if (bless) {
    const results = await runNatively(expected);
    writeFileSync(record, programs.map(({ name }) => results.get(name)).join(''));
    t.pass('recorded');
    return;
  }
  t.deepEqual(
    [...expected.keys()],
    programs.map(({ name }) => name),
  );
});

test('Linux does what is on record', async (t) => {
  if (bless || !canRunNatively()) {
    t.log(bless ? 'being recorded' : 'not compared: no C compiler here, or not x86-64 Linux');
    t.pass();
    return;
  }
  t.timeout(120_000);
  const results = await runNatively(expected);
  for (const { name } of programs) t.is(results.get(name), expected.get(name));
});

for (const program of programs) {
  const reason = DIFFERENCES[program.name];
  if (reason === undefined) {
    test(`as on Linux: ${program.name}`, (t) => {
      t.is(runOnWirq(program), expected.get(program.name)!, program.sentence);
    });
  } else {
    test(`not as on Linux: ${program.name}: ${reason}`, (t) => {
      t.not(runOnWirq(program), expected.get(program.name), 'they agree now: take it off the list');
    });
  }
}

test('neither the clock rate nor how finely work is counted makes a difference', (t) => {
  for (const program of programs.filter(({ name }) => DIFFERENCES[name] === undefined)) {
    t.is(runOnWirq(program, { hz: '50MHz', granularity: 'block' }), expected.get(program.name)!, program.sentence);
  }
});
