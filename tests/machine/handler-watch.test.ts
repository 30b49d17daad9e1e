/** `handlerTimeout` in virtual time, where it is exact to a quarter and costs nothing that is not asked for. */
import test from 'ava';
import { run } from './firmware.ts';

const FIRMWARE = (handler: string, main = '(loop $l (br $l))') => `(module
  (import "wirq/irq" "wfi" (func $wfi)) (memory (export "memory") 1)
  (func (export "IRQ3_Handler") ${handler})
  (func (export "IRQ4_Handler"))
  (func (export "main") ${main}))`;
const SPINS = '(loop $l (br $l))';
const options = {
  handlerTimeout: '10ms',
  timeout: '1s',
  priorityBits: 8,
  irqs: { SLOW: { line: 3, priority: 64 }, FAST: 4 },
};

test('a handler that never returns ends the run, within a quarter of the limit', (t) => {
  const { result } = run(FIRMWARE(SPINS), options, (machine) => machine.raise(3, '5ms'));
  t.like(result.outcome, { kind: 'timeout', limit: 'handler' });
  t.regex(
    (result.outcome as { message: string }).message,
    /the handler of SLOW has neither returned nor waited for 10ms/,
  );
  t.true(result.time >= 15e6 && result.time <= 18e6, `${result.time}`);
  t.is(result.exitCode, 124);
});

test('others that interrupt it and return make no difference', (t) => {
  const { result } = run(FIRMWARE(SPINS), options, (machine) => {
    machine.raise(3, '5ms');
    machine.at({ kind: 'every', period: 100_000 as never }, () => machine.raise(4));
  });
  t.like(result.outcome, { limit: 'handler' });
});

test('handlers that return, however many, and one that waits, are left alone', (t) => {
  const often = run(FIRMWARE(''), options, (machine) => {
    machine.at({ kind: 'every', period: 100_000 as never }, () => machine.raise(3));
  });
  t.like(often.result.outcome, { limit: 'machine' });
  const waits = run(FIRMWARE('(loop $l (call $wfi) (br $l))'), options, (machine) => {
    machine.raise(3, '5ms');
    machine.at({ kind: 'every', period: 9_000_000 as never }, () => machine.raise(4));
  });
  t.like(waits.result.outcome, { limit: 'machine' });
});

test('a handler that waits for nothing is still a deadlock', (t) => {
  const { result } = run(FIRMWARE('(call $wfi)'), { ...options, timeout: undefined }, (machine) =>
    machine.raise(3, '5ms'),
  );
  t.is(result.outcome.kind, 'deadlock');
});

test('without a limit there is none in virtual time, and 0 is none either', (t) => {
  const { result } = run(FIRMWARE(SPINS), { timeout: '20s', hz: 1000 }, (machine) => machine.raise(3, '5ms'));
  t.like(result.outcome, { limit: 'machine' });
  t.throws(() => run(FIRMWARE(SPINS), { handlerTimeout: 0 }), { message: /a handler timeout of 0 ends every handler/ });
});
