/** Results of runs that never were, for tests of what is said about them. */
import type { Instant } from '../../src/clock/instant.ts';
import type { RunResult } from '../../src/machine/result.ts';
import type { Verdict } from '../../src/scenario/player.ts';
import { exitCode, type Outcome } from '../../src/scheduler/outcome.ts';

export function resultOf(outcome: Outcome, more: Partial<RunResult> = {}): RunResult {
  return {
    outcome,
    exitCode: exitCode(outcome),
    returned: [],
    time: 10_000_000 as Instant,
    instructions: 160_000,
    lines: [],
    deepestNesting: 0,
    resets: { count: 0, cause: 'power-on' },
    devices: {},
    handlerStack: undefined,
    stacks: { by: 'nested', bytes: undefined, highWaterMark: undefined },
    mailbox: undefined,
    statistics: { lines: [], masked: null },
    warnings: [],
    ...more,
  };
}

export const MET: Verdict = { passed: true, failures: [], stepsTaken: 2, stepsTotal: 2, endExpected: false };

export const FAILED: Verdict = {
  passed: false,
  failures: [
    {
      what: 'pin LED',
      expected: '1',
      actual: '0',
      time: 9_000_000 as Instant,
      instructions: 144_000,
      place: 'button.yaml:9:5',
    },
  ],
  stepsTaken: 1,
  stepsTotal: 2,
  endExpected: false,
};
