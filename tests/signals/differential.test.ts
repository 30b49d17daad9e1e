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

const table = readFileSync(join(root, 'docs/signals-conformance.md'), 'utf8');

test('the table in the documentation names every program, and none that is not there', (t) => {
  const named = new Set([...table.matchAll(/`([a-z]+(?:-[a-z]+)*)`/g)].map((match) => match[1]!));
  for (const { name } of programs) t.true(named.has(name), `${name} is in the table`);
  for (const name of [...named].filter((each) => each.includes('-')))
    t.true(
      programs.some((program) => program.name === name),
      `${name} is a program`,
    );
  const different = table.slice(table.indexOf('## What is not as on Linux'));
  for (const name of Object.keys(DIFFERENCES)) t.true(different.includes(`\`${name}\``), `${name} is explained`);
});

test('the table names every function of the C headers', (t) => {
  const headers = ['signal.h', 'setjmp.h', 'time.h', 'unistd.h', 'poll.h', 'sys/select.h', 'sys/time.h'];
  const functions = headers.flatMap((header) => {
    const text = readFileSync(join(root, 'sdk/c', header), 'utf8');
    const heads = text.match(/^(?:__WIRQ_WEAK|__attribute__\(\(weak\)\)|static inline) .*$/gm) ?? [];
    return heads.map((head) => /\b(?!__|void\b)(\w+)\(/.exec(head.replaceAll(/__attribute__\(\(\w+\)\) ?/g, ''))?.[1]);
  });
  t.true(functions.includes('sigaction') && functions.includes('signal'), 'the functions were found');
  const missing = functions.filter((name) => name !== undefined && !table.includes(`\`${name}\``));
  t.deepEqual(missing, []);
});
