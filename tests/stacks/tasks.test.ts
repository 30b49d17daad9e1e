/** Tasks on every backend: what they say in which order, how they end; and the same events on each backend. */
import test from 'ava';
import { module, PARKING, type Ran, run } from './machines.ts';

interface Case {
  readonly name: string;
  readonly source: string;
  readonly said: readonly number[];
  readonly check?: (ran: Ran) => void;
}

const ALL = ['wirq/task', 'wirq/stack', 'wirq/irq'] as const;
const say = (n: number | string) => `(call $say ${typeof n === 'number' ? `(i32.const ${n})` : n})`;
const spawn = (index: number, argument: number, priority = 128) =>
  `(call $task.spawn (i32.const ${index}) (i32.const ${argument}) (i32.const ${priority}))`;
const start = (...body: string[]) => `(func (export "_start") ${body.join('\n')})`;

const CASES: readonly Case[] = [
  {
    name: 'a task runs when the main task joins it',
    source: `(table funcref (elem $t)) (func $t (param i32) (result i32) ${say('(local.get 0)')} (i32.const 42))
      ${start(say(1), `(call $say (call $task.join ${spawn(0, 7)}))`)}`,
    said: [1, 7, 42],
  },
  {
    name: 'yield goes round',
    source: `(table funcref (elem $t))
      (func $t (param i32) (local $i i32)
        (loop $l ${say('(local.get 0)')} (call $task.yield)
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3)))))
      (func (export "_start") (local $a i32) (local $b i32)
        (local.set $a ${spawn(0, 1)}) (local.set $b ${spawn(0, 2)})
        (drop (call $task.join (local.get $a))) (drop (call $task.join (local.get $b))))`,
    said: [1, 2, 1, 2, 1, 2],
  },
  {
    name: 'a task in an endless loop does not starve its equals',
    source: `(table funcref (elem $spin $t))
      (func $spin (loop (br 0)))
      (func $t (param i32) ${say('(local.get 0)')})
      ${start(`(drop ${spawn(0, 0)})`, `(drop (call $task.join ${spawn(1, 5)}))`, say(6))}`,
    said: [5, 6],
  },
  {
    name: 'the more urgent runs first, and at once',
    source: `(table funcref (elem $t))
      (func $t (param i32) ${say('(local.get 0)')})
      ${start(`(drop ${spawn(0, 3, 130)})`, `(drop ${spawn(0, 1, 100)})`, say(2), `(call $task.sleep (i64.const 1000))`)}`,
    said: [1, 2, 3],
  },
  {
    name: 'sleepers wake in the order of their times',
    source: `(table funcref (elem $t))
      (func $t (param i32) (call $task.sleep (i64.mul (i64.extend_i32_u (local.get 0)) (i64.const 1000)))
        ${say('(local.get 0)')})
      ${start(`(drop ${spawn(0, 30)})`, `(drop ${spawn(0, 10)})`, `(drop ${spawn(0, 20)})`, `(call $task.sleep (i64.const 100000))`)}`,
    said: [10, 20, 30],
  },
  {
    name: 'park and wake, in either order',
    source: `(table funcref (elem $t)) (global $id (mut i32) (i32.const 0))
      (func $t (call $task.park) ${say(2)} (call $task.park) ${say(4)})
      ${start(
        `(global.set $id ${spawn(0, 0)})`,
        `(call $task.yield)`,
        say(1),
        `(call $task.wake (global.get $id))`,
        `(call $task.yield)`,
        say(3),
        `(call $task.wake (global.get $id))`,
        `(drop (call $task.join (global.get $id)))`,
      )}`,
    said: [1, 2, 3, 4],
  },
  {
    name: 'exit ends a task in the middle of its calls',
    source: `(table funcref (elem $t))
      (func $inner (call $task.exit (i32.const 9)) ${say(99)})
      (func $t ${say(1)} (call $inner) ${say(98)})
      ${start(`(call $say (call $task.join ${spawn(0, 0)}))`)}`,
    said: [1, 9],
  },
  {
    name: 'kill ends a task that sleeps, one that is ready, and one that is on a stack of its own',
    source: `(table funcref (elem $sleeps $ready $side $s))
      (func $sleeps ${say(1)} (call $task.sleep (i64.const 1000000000)) ${say(99)})
      (func $ready ${say(98)})
      (func $side (call $stack.switch (call $stack.new (i32.const 3) (i32.const 0))) ${say(97)})
      (func $s ${say(2)} (call $task.park) ${say(96)})
      (func (export "_start") (local $a i32) (local $b i32) (local $c i32)
        (local.set $a ${spawn(0, 0)}) (local.set $c ${spawn(2, 0)})
        (call $task.yield)
        (local.set $b ${spawn(1, 0)})
        (call $task.kill (local.get $a) (i32.const 10))
        (call $task.kill (local.get $b) (i32.const 11))
        (call $task.kill (local.get $c) (i32.const 12))
        ${say('(call $stack.alive (i32.const 1))')}
        ${say('(call $task.join (local.get $a))')} ${say('(call $task.join (local.get $b))')} ${say('(call $task.join (local.get $c))')}
        (call $task.kill (local.get $a) (i32.const 13)))`,
    said: [1, 2, 0, 10, 11, 12],
  },
  {
    name: 'a task kills itself, and a handler kills the task that it interrupts, in the middle of a loop and of a wait',
    source: `(table funcref (elem $self $spins $waits)) (global $victim (mut i32) (i32.const 0))
      (func $self (call $task.kill (call $task.current) (i32.const 5)) ${say(99)})
      (func $spins ${say(1)} (call $irq.set_pending (i32.const 3)) ${say(98)} (loop (br 0)))
      (func $waits ${say(3)} (drop (call $irq.set_primask (i32.const 1))) (call $irq.set_pending (i32.const 3))
        (drop (call $irq.set_primask (i32.const 0))) ${say(97)} (call $task.sleep (i64.const 1000)) ${say(96)})
      (func (export "IRQ3_Handler") (call $task.kill (global.get $victim) (i32.const 6)) ${say(2)})
      ${start(
        '(call $irq.enable (i32.const 3))',
        `${say(`(call $task.join ${spawn(0, 0)})`)}`,
        `(global.set $victim ${spawn(1, 0)})`,
        `${say('(call $task.join (global.get $victim))')}`,
        `(global.set $victim ${spawn(2, 0)})`,
        `${say('(call $task.join (global.get $victim))')}`,
      )}`,
    said: [5, 1, 2, 6, 3, 2, 6],
  },
  {
    name: 'a trap ends its task alone',
    source: `(table funcref (elem $t)) (func $t ${say(1)} (unreachable))
      ${start(`(call $say (call $task.join ${spawn(0, 0)}))`)}`,
    said: [1, 134],
  },
];

for (const { name, source, said } of CASES) {
  for (const stacks of PARKING) {
    test(`${stacks}: ${name}`, async (t) => {
      const ran = await run(stacks, module(source, ALL));
      t.deepEqual(ran.said, said, ran.log.join('\n'));
      t.deepEqual(ran.result.outcome, { kind: 'exit', code: 0 });
    });
  }
  test(`the same events on every backend: ${name}`, async (t) => {
    const logs = await Promise.all(PARKING.map(async (stacks) => (await run(stacks, module(source, ALL))).log));
    for (const log of logs) t.deepEqual(log, logs[0]);
  });
}

// Goal: a guest cannot have the engine map so many stacks that the operating system ends the process.
for (const stacks of PARKING.filter((name) => name !== 'asyncify')) {
  test(`${stacks}: more tasks than there can be stop the machine, not the process`, async (t) => {
    const { result } = await run(
      stacks,
      module(
        `(table funcref (elem $t)) (func $t (call $task.park)) ${start(`(loop (drop ${spawn(0, 0, 0)}) (br 0))`)}`,
      ),
    );
    t.is(result.exitCode, 134);
    t.regex((result.outcome as { message: string }).message, /^spawn: more than 10000 tasks are alive/);
  });
}
