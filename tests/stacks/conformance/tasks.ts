/** Tasks: priorities, slices, join, exit codes, park and wake, sleep, deadlock, and thousands of them. */
import { add, type Case, get, global, join, say, set, sleep, spawn, start, table, times, YIELD } from './case.ts';

const A = '(local.get $a)';
const B = '(local.get $b)';

export const TASKS: readonly Case[] = [
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
        (loop $l ${say('(local.get 0)')} ${YIELD}
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
      ${start(`(drop ${spawn(0, 3, 130)})`, `(drop ${spawn(0, 1, 100)})`, say(2), sleep(1000))}`,
    said: [1, 2, 3],
  },
  {
    name: 'sleepers wake in the order of their times',
    source: `(table funcref (elem $t))
      (func $t (param i32) (call $task.sleep (i64.mul (i64.extend_i32_u (local.get 0)) (i64.const 1000)))
        ${say('(local.get 0)')})
      ${start(`(drop ${spawn(0, 30)})`, `(drop ${spawn(0, 10)})`, `(drop ${spawn(0, 20)})`, sleep(100000))}`,
    said: [10, 20, 30],
  },
  {
    name: 'park and wake, in either order',
    source: `(table funcref (elem $t)) (global $id (mut i32) (i32.const 0))
      (func $t (call $task.park) ${say(2)} (call $task.park) ${say(4)})
      ${start(
        `(global.set $id ${spawn(0, 0)})`,
        YIELD,
        say(1),
        `(call $task.wake (global.get $id))`,
        YIELD,
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
    name: 'more tasks than there can be stop the machine, not the process',
    source: `${table('t')} (func $t (call $task.park)) ${start(`(loop (drop ${spawn(0, 0, 0)}) (br 0))`)}`,
    ends: /spawn: more than 10000 tasks are alive/,
  },
  {
    name: 'a trap ends its task alone',
    source: `(table funcref (elem $t)) (func $t ${say(1)} (unreachable))
      ${start(`(call $say (call $task.join ${spawn(0, 0)}))`)}`,
    said: [1, 134],
  },
  {
    name: 'nobody can go on: who waits for what',
    source: `(table funcref (elem $t)) (func $t (call $task.park)) ${start(`(drop (call $task.join ${spawn(0)}))`)}`,
    ends: /the main task waits for the end of task 1; task 1 waits to be woken/,
  },
  {
    name: 'the start function may spawn and yield',
    source: `(table funcref (elem $t)) (func $t ${say(1)}) (start $s)
      (func $s (drop ${spawn(0)}) ${YIELD} ${say(2)}) ${start(say(3))}`,
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
  {
    name: 'two that spin share the processor by slices, to the instruction',
    source: `${table('t')} ${global('stop')}
      (func $t (param i32) (local $n i32)
        (loop (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (i32.store (local.get 0) (local.get $n)) (br_if 0 (i32.eqz ${get('stop')}))))
      ${start(`(drop ${spawn(0, 512, 200)})`, `(drop ${spawn(0, 516, 200)})`, sleep(400_000), `(local.set $a (i32.sub (i32.load (i32.const 512)) (i32.load (i32.const 516))))`, say(`(i32.lt_u (i32.add ${A} (i32.const 1000)) (i32.const 2000))`), say('(i32.gt_u (i32.load (i32.const 512)) (i32.const 4000))'))}`,
    options: { slice: '10us' },
    said: [1, 1],
  },
  {
    name: 'a slice is measured from when its task began to run',
    source: `${table('t')} (func $t (param i32) (local $i i32) ${times(2000, '')} ${say('(local.get 0)')})
      ${start(`(local.set $a ${spawn(0, 1)})`, `(local.set $b ${spawn(0, 2)})`, `(drop ${join(A)})`, `(drop ${join(B)})`)}`,
    options: { slice: '1ms' },
    said: [1, 2],
  },
  {
    name: 'the more urgent wakes from its sleep in the middle of who spins',
    source: `${table('urgent', 'spin')} ${global('n')}
      (func $urgent ${sleep(5000)} ${say(get('n'))} ${set('n', 1)})
      (func $spin (loop (br_if 0 (i32.eqz ${get('n')}))) ${say(2)})
      ${start(`(drop ${spawn(0, 0, 5)})`, `(drop ${join(spawn(1, 0, 200))})`)}`,
    said: [0, 2],
  },
  {
    name: 'yield does not let the less urgent go first',
    source: `${table('t')} (func $t ${say(3)}) ${start(`(local.set $a ${spawn(0, 0, 200)})`, YIELD, say(1), YIELD, say(2), `(drop ${join(A)})`)}`,
    said: [1, 2, 3],
  },
  {
    name: 'a task woken by the less urgent preempts it at once',
    source: `${table('t')} (func $t ${say(1)} (call $task.park) ${say(2)})
      ${start(`(local.set $a ${spawn(0, 0, 7)})`, `(call $task.wake ${A})`, say(3))}`,
    said: [1, 2, 3],
  },
  {
    name: 'a task woken by its equal waits for its turn',
    source: `${table('t')} (func $t ${say(1)} (call $task.park) ${say(3)})
      ${start(`(local.set $a ${spawn(0)})`, YIELD, `(call $task.wake ${A})`, say(2), `(drop ${join(A)})`)}`,
    said: [1, 2, 3],
  },
  {
    name: 'wakes that come before the park count once',
    source: `${table('t')} (func $t (call $task.park) ${say(1)} (call $task.park) ${say(2)})
      ${start(`(local.set $a ${spawn(0)})`, times(5, `(call $task.wake ${A})`), YIELD, say(9), `(call $task.wake ${A})`, `(drop ${join(A)})`)}`,
    said: [1, 9, 2],
  },
  {
    name: 'a wake for oneself is kept for the next park',
    source: start('(call $task.wake (i32.const 0))', '(call $task.park)', say(1)),
    said: [1],
  },
  {
    name: 'a wake does not end a sleep or a join',
    source: `${table('t', 'u')} (func $t ${sleep(1000)} ${say(2)} (call $task.park) ${say(3)})
      (func $u (drop ${join('(i32.const 1)')}) ${say(4)})
      ${start(`(local.set $a ${spawn(0)})`, `(local.set $b ${spawn(1)})`, YIELD, `(call $task.wake ${A})`, `(call $task.wake ${B})`, say(1), `(drop ${join(B)})`)}`,
    said: [1, 2, 3, 4],
  },
  {
    name: 'a wake for a task that has ended is nothing, and for one that never was an error',
    source: `${table('t')} (func $t) ${start(`(drop ${join(spawn(0))})`, '(call $task.wake (i32.const 1))', say(1), '(call $task.wake (i32.const 2))')}`,
    said: [1],
    ends: /wake\(2\): there is no such task/,
  },
  {
    name: 'several wait for the end of one, and go on in the order in which they came',
    source: `${table('t', 'w')} (func $t (result i32) ${sleep(2000)} (i32.const 5))
      (func $w (param i32) ${say(`(i32.add (local.get 0) ${join('(i32.const 1)')})`)})
      ${start(`(drop ${spawn(0)})`, `(drop ${spawn(1, 10)})`, `(drop ${spawn(1, 20)})`, `(drop ${spawn(1, 30)})`, sleep(5000))}`,
    said: [15, 25, 35],
  },
  {
    name: 'the code of exit is what join gives, of any value',
    source: `${table('t')} (func $t (param i32) (call $task.exit (local.get 0)))
      ${start(say(join(spawn(0, -7))), say(join(spawn(0, 0x7fffffff))), say(join(spawn(0))))}`,
    said: [-7, 0x7fffffff, 0],
  },
  {
    name: 'a task cannot wait for its own end',
    source: start(`(drop ${join('(call $task.current)')})`),
    ends: /join\(0\): a task cannot wait for its own end/,
  },
  {
    name: 'two that wait for each other are a deadlock, which says so',
    source: `${table('t', 'u')} (func $t (drop ${join('(i32.const 2)')})) (func $u (drop ${join('(i32.const 1)')}))
      ${start(`(drop ${spawn(0)})`, `(drop ${spawn(1)})`, '(call $task.park)')}`,
    ends: /the main task waits to be woken; task 1 waits for the end of task 2; task 2 waits for the end of task 1/,
  },
  {
    name: 'a sleep without an end waits for ever',
    source: start('(call $task.sleep (i64.const 0x7fffffffffffffff))'),
    ends: /the main task waits for the end of its sleep/,
  },
  {
    name: 'a sleep of nothing gives way, as yield does',
    source: `${table('t')} (func $t ${say(1)}) ${start(`(drop ${spawn(0)})`, sleep(0), say(2), sleep(-5))}`,
    said: [1, 2],
  },
  {
    name: 'sleepers of one moment wake in the order in which they lay down',
    source: `${table('t')} (func $t (param i32) ${sleep(1000)} ${say('(local.get 0)')})
      ${start(...[1, 2, 3, 4].map((n) => `(drop ${spawn(0, n)})`), '(call $task.set_priority (i32.const 0) (i32.const 200))', sleep(5000))}`,
    said: [1, 2, 3, 4],
  },
  {
    name: 'priorities out of range are refused',
    source: `${table('t')} (func $t) ${start(`(drop ${spawn(0, 0, 256)})`)}`,
    ends: /256 is no priority of a task/,
  },
  {
    name: 'a priority is raised for a ready task, which runs at once',
    source: `${table('t')} (func $t (param i32) ${say('(local.get 0)')})
      ${start(`(local.set $a ${spawn(0, 2, 200)})`, `(local.set $b ${spawn(0, 1, 200)})`, `(call $task.set_priority ${B} (i32.const 3))`, say(9), `(call $task.set_priority ${A} (i32.const 128))`, YIELD, say(10))}`,
    said: [1, 9, 2, 10],
  },
  {
    name: 'who becomes an equal of others shares the processor with them from then on',
    source: `${table('t')} ${global('go')} (func $t ${say(1)} ${set('go', 1)})
      ${start(
        `(drop ${spawn(0, 0, 150)})`,
        '(call $task.set_priority (i32.const 0) (i32.const 150))',
        `(loop (br_if 0 (i32.eqz ${get('go')})))`,
        say(2),
        set('go', 0),
        `(drop ${spawn(0, 0, 200)})`,
        '(call $task.set_priority (i32.const 2) (i32.const 150))',
        `(loop (br_if 0 (i32.eqz ${get('go')})))`,
        say(3),
      )}`,
    said: [1, 2, 1, 3],
  },
  {
    name: 'a priority is changed while its task waits, and holds when it wakes',
    source: `${table('t')} (func $t (param i32) (call $task.park) ${say('(local.get 0)')})
      ${start(`(local.set $a ${spawn(0, 1, 50)})`, `(local.set $b ${spawn(0, 2, 60)})`, `(call $task.set_priority ${A} (i32.const 200))`, `(call $task.wake ${A})`, say(8), `(call $task.wake ${B})`, say(9), sleep(100))}`,
    said: [8, 2, 9, 1],
  },
  {
    name: 'tasks start tasks, to the third generation',
    source: `${table('t')} (func $t (param i32) (result i32)
        (if (result i32) (local.get 0)
          (then (i32.add (i32.const 1) (i32.add ${join(spawn(0, '(i32.sub (local.get 0) (i32.const 1))'))} ${join(spawn(0, '(i32.sub (local.get 0) (i32.const 1))'))})))
          (else (i32.const 1))))
      ${start(say(join(spawn(0, 3))))}`,
    said: [15],
  },
  {
    name: 'the run ends with the main task, whatever the others do',
    source: `${table('t')} (func $t (loop (call $task.yield) (br 0))) ${start(...Array(5).fill(`(drop ${spawn(0)})`), YIELD, say(1))}`,
    said: [1],
  },
  {
    name: 'four thousand tasks go round',
    source: `${table('t')} ${global('sum')}
      (func $t (param i32) ${add('sum', 1)} ${YIELD} ${add('sum', '(local.get 0)')} ${YIELD} ${add('sum', 1)})
      ${start(times(4000, `(drop ${spawn(0, '(local.get $i)')})`), times(3, YIELD, say(get('sum'))))}`,
    said: [4000, 4000 + 7_998_000, 8000 + 7_998_000],
  },
  {
    name: 'a thousand tasks, one after another',
    source: `${table('t')} (func $t (param i32) (result i32) ${YIELD} (local.get 0))
      ${start(times(1000, `(local.set $a (i32.add ${A} ${join(spawn(0, '(local.get $i)'))}))`), say(A))}`,
    said: [499_500],
  },
  {
    name: 'a loop that never calls anything is left at its slice, and found again as it was',
    source: `${table('t', 'u')} ${global('done')}
      (func $t (result i32) (local $n i32) (local $h i32)
        (loop (local.set $h (i32.xor (i32.rotl (local.get $h) (i32.const 5)) (local.get $n)))
          (br_if 0 (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 30000))))
        (local.get $h))
      (func $u (loop ${add('done', 1)} (br 0)))
      ${start(`(local.set $a ${spawn(0)})`, `(drop ${spawn(1)})`, say(join(A)), say(`(i32.gt_u ${get('done')} (i32.const 100))`))}`,
    options: { slice: '5us' },
    said: [[...Array(30_000).keys()].reduce((h, n) => ((h << 5) | (h >>> 27)) ^ n, 0), 1],
  },
];
