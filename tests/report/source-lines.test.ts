/** Goal: a frame shows its source line where it has one, and nothing that a hostile module put there reaches the terminal raw. */
import test from 'ava';
import { formatVerdict } from '../../src/report/console.ts';
import { summarize } from '../../src/report/summary.ts';
import type { Frame } from '../../src/scheduler/outcome.ts';
import { resultOf } from './results.ts';

const BACKTRACE: readonly Frame[] = [
  { function: 'divide', offset: 0x1a3, source: { file: 'src/sensor.c', line: 17, column: 9 } },
  { function: 'sample', offset: 0x1b0, source: { file: 'src/sensor.c', line: 40 } },
  { function: '_start', offset: 0x200 },
  { function: 'evil', offset: 1, source: { file: 'a\u001b[2J\nb.c', line: 1 } },
];

const summary = summarize({
  result: resultOf({ kind: 'trap', message: 'divide by zero', backtrace: BACKTRACE }),
  output: { stdout: 0, stderr: 0 },
});

test('for people', (t) => {
  t.deepEqual(formatVerdict(summary).split('\n').slice(1, 5), [
    '    at divide (src/sensor.c:17:9)',
    '    at sample (src/sensor.c:40)',
    '    at _start (offset 0x200)',
    '    at evil (a\\u001b[2J\\nb.c:1)',
  ]);
});

test('for programs: every field is there', (t) => {
  const frames = summary.outcome.kind === 'trap' ? summary.outcome.backtrace : [];
  t.deepEqual(frames.slice(0, 3), [
    { function: 'divide', offset: 0x1a3, source: { file: 'src/sensor.c', line: 17, column: 9 } },
    { function: 'sample', offset: 0x1b0, source: { file: 'src/sensor.c', line: 40, column: null } },
    { function: '_start', offset: 0x200, source: null },
  ]);
});
