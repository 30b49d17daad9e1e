/** Goal: the JSON object holds what the run left behind, in a form that does not change behind a program's back. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { finalExitCode, formatSummary, summarize } from '../../src/report/summary.ts';
import type { Verdict } from '../../src/scenario/player.ts';
import type { Outcome } from '../../src/scheduler/outcome.ts';
import { root } from '../support/root.ts';
import { FAILED, MET, resultOf } from './results.ts';

const NO_OUTPUT = { stdout: 0, stderr: 0 };

test('a run without a scenario, field by field', (t) => {
  const summary = summarize({ result: resultOf({ kind: 'exit', code: 0 }), output: { stdout: 5, stderr: 2 } });
  t.deepEqual(summary, {
    format: 1,
    file: null,
    scenario: null,
    verdict: 'passed',
    exitCode: 0,
    outcome: { kind: 'exit', code: 0 },
    time: 10_000_000,
    instructions: 160_000,
    returned: [],
    failures: [],
    lines: [],
    deepestNesting: 0,
    resets: { count: 0, cause: 'power-on' },
    devices: {},
    handlerStack: null,
    stacks: { by: 'nested', bytes: null, highWaterMark: null },
    mailbox: null,
    statistics: { lines: [], masked: null },
    output: { stdout: 5, stderr: 2 },
    warnings: [],
    digest: null,
  });
});

const OUTCOMES: readonly (readonly [outcome: Outcome, exitCode: number, passed: boolean])[] = [
  [{ kind: 'exit', code: 0 }, 0, true],
  [{ kind: 'exit', code: 3 }, 3, false],
  [{ kind: 'signal', signal: 15, name: 'SIGTERM' }, 143, false],
  [{ kind: 'trap', message: 'unreachable', backtrace: [{ function: 'f', offset: undefined }] }, 134, false],
  [{ kind: 'timeout', limit: 'machine', message: 'two seconds are over' }, 124, false],
  [{ kind: 'deadlock', message: 'wfi for ever' }, 134, false],
  [{ kind: 'idle' }, 0, true],
  [{ kind: 'finished' }, 0, true],
];

for (const [outcome, exitCode, passed] of OUTCOMES) {
  test(`verdict of ${JSON.stringify(outcome).slice(0, 40)}`, (t) => {
    const summary = summarize({ result: resultOf(outcome), output: NO_OUTPUT });
    t.is(summary.exitCode, exitCode);
    t.is(summary.verdict, passed ? 'passed' : 'failed');
    t.is(summary.outcome.kind, outcome.kind);
    t.deepEqual(JSON.parse(formatSummary(summary)), summary, 'something is lost in JSON');
  });
}

test('a scenario that was met judges the run; one that was not gives 1', (t) => {
  const verdictOf = (outcome: Outcome, verdict: Verdict) => {
    const summary = summarize({ result: resultOf(outcome), scenario: { name: 's', verdict }, output: NO_OUTPUT });
    t.is(finalExitCode(resultOf(outcome), verdict), summary.exitCode);
    return [summary.verdict, summary.exitCode];
  };
  t.deepEqual(verdictOf({ kind: 'exit', code: 3 }, MET), ['passed', 3]);
  t.deepEqual(verdictOf({ kind: 'exit', code: 0 }, FAILED), ['failed', 1]);
  t.deepEqual(verdictOf({ kind: 'exit', code: 3 }, FAILED), ['failed', 1]);
  t.deepEqual(verdictOf({ kind: 'exit', code: 3 }, { ...MET, stepsTaken: 1 }), ['failed', 3]);
  t.deepEqual(verdictOf({ kind: 'exit', code: 3 }, { ...MET, stepsTaken: 0, stepsTotal: 0 }), ['failed', 3]);
  const killed = { kind: 'signal', signal: 10, name: 'SIGUSR1' } as const;
  t.deepEqual(
    verdictOf(killed, MET),
    ['failed', 138],
    'it came at the moment of the last step, and nobody expected it',
  );
  t.deepEqual(verdictOf(killed, { ...MET, endExpected: true }), ['passed', 138]);
});

test('values that JSON has no number for are strings', (t) => {
  const returned = [7, 2n ** 63n, Number.NaN, Number.NEGATIVE_INFINITY, -0];
  const summary = summarize({ result: resultOf({ kind: 'exit', code: 0 }, { returned }), output: NO_OUTPUT });
  t.deepEqual(JSON.parse(formatSummary(summary)).returned, [7, '9223372036854775808', 'NaN', '-Infinity', '-0']);
});

/** Every key of an object at any depth. */
function keysOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => [key, ...keysOf(each)]);
}

test('docs/json.md names every field and every outcome', (t) => {
  const documented = readFileSync(join(root, 'docs/json.md'), 'utf8');
  const summaries = OUTCOMES.map(([outcome]) =>
    summarize({
      result: resultOf(outcome, {
        lines: [
          {
            name: 'BUTTON',
            line: 3,
            raised: 1,
            delivered: 1,
            coalesced: 0,
            cleared: 0,
            dropped: 0,
            overrun: 0,
            pending: false,
          },
        ],
        handlerStack: { origin: 'allocated', bytes: 8192, highWaterMark: 212 },
        mailbox: { posted: 1, overruns: 0 },
      }),
      scenario: { name: 's', verdict: FAILED },
      output: NO_OUTPUT,
    }),
  );
  for (const key of new Set(keysOf(summaries))) t.true(documented.includes(`\`${key}\``), key);
  for (const [outcome] of OUTCOMES) t.regex(documented, new RegExp(`^\\| \`${outcome.kind}\` +\\|`, 'm'));
});
