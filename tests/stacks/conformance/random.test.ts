/** Random programs run the same way on every kind of stacks: the same events at the same moments. */
import test from 'ava';
import type { Duration } from '../../../src/clock/instant.ts';
import type { Granularity } from '../../../src/rewrite/instrument.ts';
import { module, PARKING, run } from '../machines.ts';
import { RANDOM_PROGRAM } from './random-program.ts';

const SEEDS: Readonly<Record<Granularity, readonly number[]>> = {
  loop: Array.from({ length: 30 }, (_, k) => k + 1),
  block: Array.from({ length: 20 }, (_, k) => k + 100),
  access: [1, 2, 3],
  instruction: [1, 2, 3, 4],
};

for (const [granularity, seeds] of Object.entries(SEEDS) as [Granularity, readonly number[]][]) {
  test(`random programs have the same events on all stacks, --granularity ${granularity}`, async (t) => {
    for (const seed of seeds) {
      const options = { hz: '16MHz', invoke: 'main', args: [String(seed * 7919 + 1)], slice: '30us', timeout: '2s' };
      const runs = [];
      for (const stacks of PARKING) {
        const ran = await run(stacks, RANDOM_PROGRAM, { ...options, granularity }, (machine) =>
          machine.raise(4, { kind: 'every', period: 23_000 as Duration }),
        );
        t.is(ran.result.outcome.kind, 'exit', `seed ${seed} on ${stacks}: ${JSON.stringify(ran.result.outcome)}`);
        const delivered = ran.result.lines.filter((line) => line.delivered > 0).length;
        t.is(delivered, 3, `seed ${seed} on ${stacks}`);
        runs.push({ stacks, ran });
      }
      const [first, ...others] = runs;
      for (const { stacks, ran } of others) {
        const at = first!.ran.log.findIndex((line, k) => line !== ran.log[k]);
        const where = `seed ${seed}: ${first!.stacks} and ${stacks} part at event ${at}`;
        t.is(ran.log[at], first!.ran.log[at], where);
        t.deepEqual(ran.result.returned, first!.ran.result.returned, where);
      }
    }
  });
}

for (const stacks of PARKING) {
  test(`${stacks}: who switches stacks all the time has its slice, and no more`, async (t) => {
    const source = module(
      `(table funcref (elem $side $other)) (global $turns (mut i32) (i32.const 0))
      (func $side (loop $l (call $stack.switch (i32.const 0)) (br $l)))
      (func $other (call $say (global.get $turns)) (call $task.exit (i32.const 0)))
      (func (export "main") (local $s i32)
        (drop (call $task.spawn (i32.const 1) (i32.const 0) (i32.const 128)))
        (local.set $s (call $stack.new (i32.const 0) (i32.const 0)))
        (loop $l
          (global.set $turns (i32.add (global.get $turns) (i32.const 1)))
          (call $stack.switch (local.get $s))
          (br_if $l (i32.lt_u (global.get $turns) (i32.const 100000)))))`,
      ['wirq/task', 'wirq/stack'],
    );
    // By asyncify each switch had begun a slice anew, and the other task never had its turn.
    const { said } = await run(stacks, source, { invoke: 'main', slice: '20us', hz: '16MHz' });
    t.is(said.length, 1);
    t.true(said[0]! < 100, `after ${said[0]} turns`);
  });
}
