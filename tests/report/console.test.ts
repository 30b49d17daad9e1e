/** Goal: a person sees what failed, where and by how much; a run that went well does not talk; no guest commands the terminal. */
import test from 'ava';
import fc from 'fast-check';
import type { RunResult } from '../../src/machine/result.ts';
import { type ConsoleOptions, formatVerdict } from '../../src/report/console.ts';
import { summarize } from '../../src/report/summary.ts';
import type { Verdict } from '../../src/scenario/player.ts';
import type { Outcome } from '../../src/scheduler/outcome.ts';
import { FAILED, MET, resultOf } from './results.ts';

interface Case {
  readonly outcome: Outcome;
  readonly more?: Partial<RunResult>;
  readonly verdict?: Verdict;
  readonly options?: ConsoleOptions;
}

function said({ outcome, more, verdict, options }: Case): string {
  const scenario = verdict === undefined ? undefined : { name: 'button wakes the pump', verdict };
  const summary = summarize({
    result: resultOf(outcome, more),
    file: 'pump.wasm',
    scenario,
    output: { stdout: 0, stderr: 0 },
  });
  return formatVerdict(summary, options);
}

const TRAP: Outcome = {
  kind: 'trap',
  message: 'unreachable',
  advice: 'the guest gave up on purpose',
  backtrace: [
    { function: 'check', offset: 0x1a3 },
    { function: '_start', offset: undefined },
  ],
};
const ACCOUNT: Partial<RunResult> = {
  lines: [
    {
      name: 'SysTick',
      line: -1,
      raised: 12,
      delivered: 12,
      coalesced: 0,
      cleared: 0,
      dropped: 0,
      overrun: 0,
      pending: false,
    },
    {
      name: 'BUTTON',
      line: 3,
      raised: 5,
      delivered: 2,
      coalesced: 1,
      cleared: 1,
      dropped: 0,
      overrun: 0,
      pending: true,
    },
  ],
  deepestNesting: 2,
  handlerStack: { origin: 'allocated', bytes: 8192, highWaterMark: 212 },
  mailbox: { posted: 3, overruns: 1 },
  warnings: ['BUTTON is still pending'],
};

const CASES: readonly (readonly [title: string, run: Case, text: string])[] = [
  ['a plain run that went well', { outcome: { kind: 'exit', code: 0 } }, ''],
  [
    'a plain run with a code',
    { outcome: { kind: 'exit', code: 3 } },
    'failed pump.wasm (exit 3 at 10ms, 160000 instructions)\n',
  ],
  [
    'a scenario that was met',
    { outcome: { kind: 'finished' }, verdict: MET },
    'passed button wakes the pump (scenario finished at 10ms, 160000 instructions)\n',
  ],
  ['the same, quietly', { outcome: { kind: 'finished' }, verdict: MET, more: ACCOUNT, options: { quiet: true } }, ''],
  [
    'a scenario that failed',
    { outcome: { kind: 'exit', code: 0 }, verdict: FAILED },
    `button.yaml:9:5: pin LED
  expected  1
  actual    0
  when      9ms, 144000 instructions
failed button wakes the pump, 1 of 2 steps taken (exit 0 at 10ms, 160000 instructions)
`,
  ],
  [
    'a trap',
    { outcome: TRAP },
    `trap: unreachable
    at check (offset 0x1a3)
    at _start
  the guest gave up on purpose
failed pump.wasm (trap at 10ms, 160000 instructions)
`,
  ],
  [
    'a timeout',
    { outcome: { kind: 'timeout', limit: 'machine', message: '2s of machine time are over' } },
    'timeout: 2s of machine time are over\nfailed pump.wasm (timeout at 10ms, 160000 instructions)\n',
  ],
  [
    'a deadlock',
    { outcome: { kind: 'deadlock', message: 'nothing can wake it' } },
    'deadlock: nothing can wake it\nfailed pump.wasm (deadlock at 10ms, 160000 instructions)\n',
  ],
  [
    'a signal',
    { outcome: { kind: 'signal', signal: 15, name: 'SIGTERM' } },
    'signal: SIGTERM ended the guest, which does not handle it\nfailed pump.wasm (SIGTERM at 10ms, 160000 instructions)\n',
  ],
  [
    'warnings of a run that went well',
    { outcome: { kind: 'idle' }, more: { warnings: ['BUTTON is still pending'] } },
    'warning: BUTTON is still pending\n',
  ],
  [
    'figures of the handler stack',
    { outcome: { kind: 'finished' }, verdict: MET, more: { handlerStack: ACCOUNT.handlerStack } },
    `handler stack: 212 of 8192 bytes used at most (allocated)
passed button wakes the pump (scenario finished at 10ms, 160000 instructions)
`,
  ],
  [
    'everything',
    { outcome: { kind: 'idle' }, more: ACCOUNT, options: { verbose: true } },
    `warning: BUTTON is still pending
SysTick  12 raised, 12 delivered
BUTTON   5 raised, 2 delivered, 1 coalesced, 1 cleared, 1 pending
handlers were nested 2 deep
mailbox: 3 posted, 1 overruns
handler stack: 212 of 8192 bytes used at most (allocated)
passed pump.wasm (nothing left to do at 10ms, 160000 instructions)
`,
  ],
];

for (const [title, run, text] of CASES) {
  test(title, (t) => t.is(said(run), text));
}

test('a long backtrace keeps both its ends', (t) => {
  const backtrace = Array.from({ length: 64 }, (_, index) => ({ function: `f${index}`, offset: index }));
  const lines = said({ outcome: { kind: 'trap', message: 'call stack exhausted', backtrace } }).split('\n');
  t.is(lines[12], '    at f11 (offset 0xb)');
  t.is(lines[13], '    ... 48 more');
  t.is(lines[14], '    at f60 (offset 0x3c)');
});

test('colour only when asked for', (t) => {
  const run: Case = { outcome: TRAP, verdict: FAILED, more: ACCOUNT };
  const colored = said({ ...run, options: { color: true } });
  t.not(colored, said(run));
  t.is(colored.replace(/\p{Cc}\[\d+m/gu, ''), said(run));
});

test('no name or message of a guest holds control characters', (t) => {
  const text = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(text, text, (name, message) => {
      const output = said({
        outcome: { kind: 'trap', message, advice: message, backtrace: [{ function: name, offset: 1 }] },
        verdict: { ...FAILED, failures: [{ ...FAILED.failures[0]!, what: name, actual: message, expected: name }] },
        more: {
          warnings: [message],
          lines: [
            {
              name,
              line: 1,
              raised: 1,
              delivered: 1,
              coalesced: 0,
              cleared: 0,
              dropped: 0,
              overrun: 0,
              pending: false,
            },
          ],
        },
        options: { verbose: true },
      });
      t.notRegex(output.replaceAll('\n', ''), /[\p{Cc}\u2028\u2029]/u);
    }),
  );
});
