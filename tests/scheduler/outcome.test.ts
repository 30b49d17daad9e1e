/** Exit codes are what shells and timeout(1) taught people to expect. */
import test from 'ava';
import { exitCode, type Outcome } from '../../src/scheduler/outcome.ts';

const CODES: readonly (readonly [Outcome, number])[] = [
  [{ kind: 'exit', code: 0 }, 0],
  [{ kind: 'exit', code: 255 }, 255],
  [{ kind: 'exit', code: 256 }, 0],
  [{ kind: 'exit', code: -1 }, 255],
  [{ kind: 'signal', signal: 15, name: 'SIGTERM' }, 143],
  [{ kind: 'signal', signal: 64, name: 'SIGRTMAX' }, 192],
  [{ kind: 'trap', message: 'unreachable', backtrace: [] }, 134],
  [{ kind: 'deadlock', message: '' }, 134],
  [{ kind: 'timeout', limit: 'wall', message: '' }, 124],
  [{ kind: 'idle' }, 0],
  [{ kind: 'finished' }, 0],
];

for (const [outcome, code] of CODES) {
  test(`${JSON.stringify(outcome)} is exit code ${code}`, (t) => t.is(exitCode(outcome), code));
}

test('an outcome that is none is our own mistake', (t) => {
  t.throws(() => exitCode({ kind: 'other' } as never), { name: 'AssertionError' });
});
