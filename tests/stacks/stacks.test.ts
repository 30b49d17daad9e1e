/** Side stacks and handlers that wait, on every backend: what they say, how they end, and the same events on each. */
import test from 'ava';
import type { Machine } from '../../src/machine/machine.ts';
import { module, PARKING, type Ran, run } from './machines.ts';

interface Case {
  readonly name: string;
  readonly source: string;
  readonly said?: readonly number[];
  /** How the run ends; default: exit 0. */
  readonly ends?: RegExp;
  readonly prepare?: (machine: Machine) => void;
  /** Backends that refuse the module: the table in docs/stacks.md says so. */
  readonly refusedBy?: readonly string[];
}

const ALL = ['wirq/task', 'wirq/stack', 'wirq/irq'] as const;
const say = (n: number | string) => `(call $say ${typeof n === 'number' ? `(i32.const ${n})` : n})`;
const make = (index: number, argument = 0) => `(call $stack.new (i32.const ${index}) (i32.const ${argument}))`;
const spawn = (index: number, argument = 0, priority = 128) =>
  `(call $task.spawn (i32.const ${index}) (i32.const ${argument}) (i32.const ${priority}))`;
const start = (...body: string[]) => `(func (export "_start") (local $a i32) (local $b i32) ${body.join('\n')})`;
const to = (id: string) => `(call $stack.switch ${id})`;
const MAIN = '(i32.const 0)';

const CASES: readonly Case[] = [
  {
    name: 'a generator gives one value a switch',
    source: `(table funcref (elem $g)) (global $value (mut i32) (i32.const 0))
      (func $g (param i32)
        (loop $l (global.set $value (local.get 0)) ${to(MAIN)}
          (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 4)))))
      ${start(
        `(local.set $a ${make(0, 1)})`,
        ...[1, 2, 3].flatMap(() => [to('(local.get $a)'), say('(global.get $value)')]),
        say('(call $stack.alive (local.get $a))'),
        to('(local.get $a)'),
        say('(call $stack.alive (local.get $a))'),
      )}`,
    said: [1, 2, 3, 1, 0],
  },
  {
    name: 'two stacks switch to each other without main',
    source: `(table funcref (elem $p $q)) (global $p (mut i32) (i32.const 0)) (global $q (mut i32) (i32.const 0))
      (func $p ${say(1)} ${to('(global.get $q)')} ${say(3)} ${to('(global.get $q)')} ${say(99)})
      (func $q ${say(2)} ${to('(global.get $p)')} ${say(4)})
      ${start(`(global.set $p ${make(0)})`, `(global.set $q ${make(1)})`, to('(global.get $p)'), say(5))}`,
    said: [1, 2, 3, 4, 5],
  },
  {
    name: 'current says which stack runs',
    source: `(table funcref (elem $f)) (func $f ${say('(call $stack.current)')})
      ${start(say('(call $stack.current)'), to(make(0)), to(make(0)), say('(call $stack.current)'))}`,
    said: [0, 1, 2, 0],
  },
  {
    name: 'a deep recursion switches at its bottom',
    source: `(table funcref (elem $f))
      (func $down (param i32) (result i32)
        (if (result i32) (local.get 0)
          (then (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1)))))
          (else ${to(MAIN)} (i32.const 0))))
      (func $f (param i32) ${say('(call $down (local.get 0))')})
      ${start(`(local.set $a ${make(0, 1000)})`, to('(local.get $a)'), say(1), to('(local.get $a)'))}`,
    said: [1, 1000],
  },
  {
    name: 'a stack can be freed that never ran, and one that is parked',
    source: `(table funcref (elem $f)) (func $f ${say(1)} ${to(MAIN)} ${say(99)})
      ${start(
        `(local.set $a ${make(0)})`,
        '(call $stack.free (local.get $a))',
        say('(call $stack.alive (local.get $a))'),
        `(local.set $a ${make(0)})`,
        to('(local.get $a)'),
        '(call $stack.free (local.get $a))',
        say('(call $stack.alive (local.get $a))'),
      )}`,
    said: [0, 1, 0],
  },
  {
    name: 'freeing the stack that runs is refused',
    source: `(table funcref (elem $f)) (func $f (call $stack.free (call $stack.current)))
      ${start(to(make(0)))}`,
    ends: /free\(1\): a task or handler is on that stack/,
  },
  {
    name: 'a switch to a stack that has ended is refused',
    source: `(table funcref (elem $f)) (func $f) ${start(`(local.set $a ${make(0)})`, to('(local.get $a)'), to('(local.get $a)'))}`,
    ends: /switch\(1\): there is no such stack, or it has ended/,
  },
  {
    name: 'a switch to a stack that another task is on is refused',
    source: `(table funcref (elem $t $f)) (global $s (mut i32) (i32.const 0))
      (func $t ${to('(global.get $s)')}) (func $f (call $task.yield) ${say(99)})
      ${start(`(global.set $s ${make(1)})`, `(drop ${spawn(0)})`, to('(global.get $s)'))}`,
    ends: /switch\(1\): another task or handler is on that stack/,
  },
  {
    name: 'a trap on a side stack ends that one, and main goes on',
    source: `(table funcref (elem $f)) (func $f ${say(1)} (unreachable))
      ${start(to(make(0)), say(2))}`,
    said: [1, 2],
  },
  {
    name: 'a trap on the main stack ends the run, whoever else there is',
    source: `(table funcref (elem $t)) (func $t (loop (call $task.yield) (br 0))) ${start(`(drop ${spawn(0)})`, '(unreachable)')}`,
    ends: /unreachable/,
  },
  {
    name: 'a function of another type begins no stack',
    source: `(table funcref (elem $f)) (func $f (param i64)) ${start(`(drop ${make(0)})`)}`,
    ends: /new\(0\): a function of this type cannot begin a stack/,
  },
  {
    name: 'an index without a function begins none',
    source: `(table 1 funcref) ${start(`(drop ${spawn(0)})`)}`,
    ends: /spawn\(0\): there is no function at this table index/,
  },
  {
    name: 'exit ends the stack that runs, and goes on with another',
    source: `(table funcref (elem $p $q)) (global $q (mut i32) (i32.const 0))
      (func $inner (call $stack.exit (global.get $q)) ${say(99)})
      (func $p ${say(1)} (call $inner) ${say(98)})
      (func $q ${say(2)} (call $stack.exit (i32.const 0)))
      ${start(
        `(local.set $a ${make(0)})`,
        `(global.set $q ${make(1)})`,
        to('(local.get $a)'),
        say('(call $stack.alive (local.get $a))'),
        say('(call $stack.alive (global.get $q))'),
      )}`,
    said: [1, 2, 0, 0],
  },
  {
    name: 'stack 0 cannot exit',
    source: start('(call $stack.exit (i32.const 0))'),
    ends: /exit\(0\): stack 0 ends when its task or handler does/,
  },
  {
    name: 'a stack cannot exit to itself',
    source: `(table funcref (elem $f)) (func $f (call $stack.exit (call $stack.current))) ${start(to(make(0)))}`,
    ends: /exit\(1\): that is the stack that ends/,
  },
  {
    name: 'an exception that nobody catches ends its stack alone, and is not caught by who switched there',
    source: `(table funcref (elem $f)) (tag $oops (export "oops") (param i32))
      (func $f ${say(1)} (throw $oops (i32.const 7)))
      (func $guarded (try (do ${to(make(0))}) (catch_all ${say(99)})))
      ${start('(call $guarded)', say(2))}`,
    said: [1, 2],
    refusedBy: [],
  },
  {
    name: 'an exception is caught on the stack that threw it, after a switch in between',
    source: `(table funcref (elem $f)) (tag $oops (param i32))
      (func $throws ${to(MAIN)} (throw $oops (i32.const 7)))
      (func $f (try (do (call $throws)) (catch $oops (call $say))) ${to(MAIN)})
      ${start(`(local.set $a ${make(0)})`, to('(local.get $a)'), say(1), to('(local.get $a)'), say(2))}`,
    said: [1, 7, 2],
  },
  {
    name: 'tasks have stacks of their own, and 0 is the one they began on',
    source: `(table funcref (elem $t $f))
      (func $f (param i32) ${say('(i32.add (local.get 0) (i32.const 1))')} (call $task.yield) ${to(MAIN)} ${say(99)})
      (func $t (param i32) ${say('(local.get 0)')} ${to('(call $stack.new (i32.const 1) (local.get 0))')} ${say('(i32.add (local.get 0) (i32.const 2))')})
      ${start(`(local.set $a ${spawn(0, 10)})`, `(local.set $b ${spawn(0, 20)})`, '(drop (call $task.join (local.get $a)))', '(drop (call $task.join (local.get $b)))')}`,
    said: [10, 11, 20, 21, 12, 22],
  },
  {
    name: 'an interrupt on a side stack, whose handler says so',
    source: `(table funcref (elem $f))
      (func (export "IRQ3_Handler") ${say(7)})
      (func $f ${say(1)} (call $irq.set_pending (i32.const 3)) ${say(2)})
      (func (export "_initialize") (call $irq.enable (i32.const 3)))
      ${start('(call $irq.enable (i32.const 3))', to(make(0)), say(3))}`,
    said: [1, 7, 2, 3],
  },
  {
    name: 'a handler sleeps, and what it interrupted goes on meanwhile',
    source: `(func (export "IRQ3_Handler") ${say(1)} (call $task.sleep (i64.const 1000)) ${say(4)})
      ${start('(call $irq.enable (i32.const 3))', '(call $irq.set_pending (i32.const 3))', say(2), '(call $task.sleep (i64.const 500))', say(3), '(call $task.sleep (i64.const 5000))', say(5))}`,
    said: [1, 2, 3, 4, 5],
  },
  {
    name: 'the line of a handler that waits is not entered again until it is done',
    source: `(func (export "IRQ3_Handler") ${say(1)} (call $task.sleep (i64.const 1000)) ${say(2)})
      ${start('(call $irq.enable (i32.const 3))', '(call $irq.set_pending (i32.const 3))', '(call $irq.set_pending (i32.const 3))', '(call $task.sleep (i64.const 5000))', say(5))}`,
    said: [1, 2, 1, 2, 5],
  },
  {
    name: 'a handler wakes a more urgent task, which runs when the handler has returned',
    source: `(table funcref (elem $t)) (global $id (mut i32) (i32.const 0))
      (func (export "IRQ3_Handler") (call $task.wake (global.get $id)) ${say(2)})
      (func $t ${say(1)} (call $task.park) ${say(3)})
      ${start('(call $irq.enable (i32.const 3))', `(global.set $id ${spawn(0, 0, 10)})`, '(call $irq.set_pending (i32.const 3))', say(4))}`,
    said: [1, 2, 3, 4],
  },
  {
    name: 'a handler switches to a stack and back',
    source: `(table funcref (elem $f))
      (func $f ${say(2)})
      (func (export "IRQ3_Handler") ${say(1)} ${to(make(0))} ${say(3)})
      ${start('(call $irq.enable (i32.const 3))', '(call $irq.set_pending (i32.const 3))', '(call $task.sleep (i64.const 100))', say(4))}`,
    said: [1, 2, 3, 4],
  },
  {
    name: 'PRIMASK keeps tasks from being preempted',
    source: `(table funcref (elem $t)) (func $t ${say(9)})
      ${start(
        '(drop (call $irq.set_primask (i32.const 1)))',
        `(drop ${spawn(0, 0, 10)})`,
        say(1),
        '(drop (call $irq.set_primask (i32.const 0)))',
        say(2),
      )}`,
    said: [1, 9, 2],
  },
  {
    name: 'a raised line interrupts a task in an endless loop at an instruction',
    source: `(table funcref (elem $spin))
      (func $spin (loop (br 0)))
      (func (export "IRQ3_Handler") ${say(1)})
      ${start('(call $irq.enable (i32.const 3))', `(drop ${spawn(0)})`, '(call $task.sleep (i64.const 50000))', say(2))}`,
    prepare: (machine) => machine.raise(3, { kind: 'instruction', count: 10_000 }),
    said: [1, 2],
  },
  {
    name: 'wfi parks its task, and the interrupt wakes it',
    source: `(table funcref (elem $t))
      (func $t ${say(1)} (call $irq.wfi) ${say(4)})
      (func (export "IRQ3_Handler") ${say(3)})
      ${start('(call $irq.enable (i32.const 3))', `(local.set $a ${spawn(0)})`, '(call $task.yield)', say(2), '(drop (call $task.join (local.get $a)))', say(5))}`,
    prepare: (machine) => machine.raise(3, '10us'),
    said: [1, 2, 3, 4, 5],
  },
  {
    name: 'nobody can go on: who waits for what',
    source: `(table funcref (elem $t)) (func $t (call $task.park)) ${start(`(drop (call $task.join ${spawn(0)}))`)}`,
    ends: /the main task waits for the end of task 1; task 1 waits to be woken/,
  },
  {
    name: 'the start function may spawn and yield',
    source: `(table funcref (elem $t)) (func $t ${say(1)}) (start $s)
      (func $s (drop ${spawn(0)}) (call $task.yield) ${say(2)}) ${start(say(3))}`,
    said: [1, 2, 3],
  },
  {
    refusedBy: ['asyncify'],
    name: 'a tail call leaves the stack where it is',
    source: `(table funcref (elem $f))
      (func $g (param i32) ${say('(local.get 0)')} ${to(MAIN)} ${say(2)})
      (func $f (param i32) (return_call $g (local.get 0)))
      ${start(`(local.set $a ${make(0, 1)})`, to('(local.get $a)'), to('(local.get $a)'), say(3))}`,
    said: [1, 2, 3],
  },
  {
    name: 'a lower priority set on oneself lets others go first',
    source: `(table funcref (elem $t)) (func $t ${say(1)})
      ${start(`(drop ${spawn(0, 0, 200)})`, '(call $task.set_priority (i32.const 0) (i32.const 250))', say(2), say('(call $task.get_priority (i32.const 0))'))}`,
    said: [1, 2, 250],
  },
  {
    name: 'join of a task that has ended already gives its code; twice is refused',
    source: `(table funcref (elem $t)) (func $t (param i32) (result i32) (local.get 0))
      ${start(`(local.set $a ${spawn(0, 33, 1)})`, say('(call $task.join (local.get $a))'), say('(call $task.join (local.get $a))'))}`,
    ends: /join\(1\): there is no such task, or it was joined before/,
  },
  {
    name: 'the main task ends the run by exit',
    source: `(table funcref (elem $t)) (func $t (loop (br 0))) ${start(`(drop ${spawn(0)})`, '(call $task.exit (i32.const 5))')}`,
    ends: /^exit 5$/,
  },
];

function ending({ result: { outcome } }: Ran): string {
  if (outcome.kind === 'exit') return outcome.code === 0 ? 'exit 0' : `exit ${outcome.code}`;
  return 'message' in outcome ? String(outcome.message) : outcome.kind;
}

for (const { name, source, said, ends, prepare, refusedBy = [] } of CASES) {
  const text = module(source, ALL);
  const backends = PARKING.filter((each) => !refusedBy.includes(each));
  for (const stacks of PARKING.filter((each) => refusedBy.includes(each))) {
    test(`${stacks} refuses: ${name}`, async (t) => {
      await t.throwsAsync(run(stacks, text), { code: 'unsupported' });
    });
  }
  for (const stacks of backends) {
    test(`${stacks}: ${name}`, async (t) => {
      const ran = await run(stacks, text, {}, prepare);
      if (said !== undefined) t.deepEqual(ran.said, said, ran.log.join('\n'));
      t.regex(ending(ran), ends ?? /^exit 0$/, ran.log.join('\n'));
    });
  }
  test(`the same events on every backend and granularity: ${name}`, async (t) => {
    for (const granularity of ['loop', 'block', 'access', 'instruction'] as const) {
      const logs: (readonly string[])[] = [];
      for (const stacks of backends) logs.push((await run(stacks, text, { granularity }, prepare)).log);
      for (const log of logs) t.deepEqual(log, logs[0], granularity);
    }
    // An engine without any backend for a case has nothing to compare.
    t.pass();
  });
}
