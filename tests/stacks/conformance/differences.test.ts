/** The conformance suite is large enough, its cases can be told apart, and it shows every difference that the documentation has. */
import test from 'ava';
import { differences } from './conform.ts';
import { HANDLERS } from './handlers.ts';
import { LANGUAGE } from './language.ts';
import { PROMISES } from './promises.ts';
import { SIGNALS } from './signals.ts';
import { SWITCHES } from './switches.ts';
import { TASKS } from './tasks.ts';

const CASES = [...SWITCHES, ...LANGUAGE, ...TASKS, ...HANDLERS, ...SIGNALS, ...PROMISES];

test('there are over a hundred cases, each with a name of its own', (t) => {
  t.true(CASES.length > 100, `${CASES.length}`);
  t.is(new Set(CASES.map(({ name }) => name)).size, CASES.length);
});

test('every case can fail: it says something, or ends in a way of its own', (t) => {
  for (const { name, said, ends, throws, logs } of CASES) {
    t.true(said !== undefined || ends !== undefined || throws !== undefined || logs !== undefined, name);
  }
});

test('each row of the table in docs/stacks.md is shown by a case, and each case that differs has a row', (t) => {
  const shown = new Set(CASES.flatMap(({ differs }) => differs ?? []));
  t.deepEqual([...shown].sort(), [...differences().keys()].sort());
  for (const [row, kinds] of differences()) t.true(kinds.size > 0, row);
});
