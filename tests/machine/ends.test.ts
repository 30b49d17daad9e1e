/** How a run can end, and what is known of it afterwards. */
import test from 'ava';
import { firmware, NS_PER_CYCLE, run, trapOf } from './firmware.ts';

test('what was executed before a trap counts as time', (t) => {
  const { result } = run(
    `(module (func (export "_start") (local $i i32)
      (loop $next (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000))))
      unreachable))`,
    NS_PER_CYCLE,
  );
  t.is(trapOf(result), 'unreachable');
  t.true(result.instructions >= 5000, `${result.instructions} instructions`);
  t.is(Number(result.time), result.instructions);
  t.is(result.exitCode, 134);
});

test('a machine runs once', (t) => {
  const machine = firmware('(module (func (export "_start")))');
  machine.run();
  t.throws(() => machine.run(), { code: 'bad-argument', message: /runs once/ });
});
