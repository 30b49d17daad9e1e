/** Handlers of interrupts and signals among tasks and stacks: above all of them, waiting themselves, nested; and alone. */
import {
  add,
  type Case,
  enable,
  get,
  global,
  join,
  MAIN,
  make,
  pend,
  say,
  set,
  sleep,
  spawn,
  start,
  table,
  times,
  to,
  YIELD,
} from './case.ts';

const A = '(local.get $a)';
const B = '(local.get $b)';
const handler = (line: number, ...body: string[]) =>
  `(func (export "IRQ${line}_Handler") (local $i i32) ${body.join(' ')})`;
const priority = (line: number, value: number) => `(call $irq.set_priority (i32.const ${line}) (i32.const ${value}))`;
const IRQ = ['wirq/irq'] as const;

export const HANDLERS: readonly Case[] = [
  {
    name: 'an interrupt on a side stack, whose handler says so',
    source: `(table funcref (elem $f))
      (func (export "IRQ3_Handler") ${say(7)})
      (func $f ${say(1)} (call $irq.set_pending (i32.const 3)) ${say(2)})
      (func (export "_initialize") (call $irq.enable (i32.const 3)))
      ${start(enable(3), to(make(0)), say(3))}`,
    said: [1, 7, 2, 3],
  },
  {
    name: 'a handler sleeps, and what it interrupted goes on meanwhile',
    source: `(func (export "IRQ3_Handler") ${say(1)} (call $task.sleep (i64.const 1000)) ${say(4)})
      ${start(enable(3), pend(3), say(2), sleep(500), say(3), sleep(5000), say(5))}`,
    said: [1, 2, 3, 4, 5],
  },
  {
    name: 'the line of a handler that waits is not entered again until it is done',
    source: `(func (export "IRQ3_Handler") ${say(1)} (call $task.sleep (i64.const 1000)) ${say(2)})
      ${start(enable(3), pend(3), pend(3), sleep(5000), say(5))}`,
    said: [1, 2, 1, 2, 5],
  },
  {
    name: 'a handler wakes a more urgent task, which runs when the handler has returned',
    source: `(table funcref (elem $t)) (global $id (mut i32) (i32.const 0))
      (func (export "IRQ3_Handler") (call $task.wake (global.get $id)) ${say(2)})
      (func $t ${say(1)} (call $task.park) ${say(3)})
      ${start(enable(3), `(global.set $id ${spawn(0, 0, 10)})`, pend(3), say(4))}`,
    said: [1, 2, 3, 4],
  },
  {
    name: 'a handler switches to a stack and back',
    source: `(table funcref (elem $f))
      (func $f ${say(2)})
      (func (export "IRQ3_Handler") ${say(1)} ${to(make(0))} ${say(3)})
      ${start(enable(3), pend(3), sleep(100), say(4))}`,
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
      ${start(enable(3), `(drop ${spawn(0)})`, sleep(50000), say(2))}`,
    prepare: (machine) => machine.raise(3, { kind: 'instruction', count: 10_000 }),
    said: [1, 2],
  },
  {
    name: 'wfi parks its task, and the interrupt wakes it',
    source: `(table funcref (elem $t))
      (func $t ${say(1)} (call $irq.wfi) ${say(4)})
      (func (export "IRQ3_Handler") ${say(3)})
      ${start(enable(3), `(local.set $a ${spawn(0)})`, YIELD, say(2), '(drop (call $task.join (local.get $a)))', say(5))}`,
    prepare: (machine) => machine.raise(3, '10us'),
    said: [1, 2, 3, 4, 5],
  },
  {
    name: 'handlers alone: the more urgent interrupts the less urgent',
    interfaces: IRQ,
    source: `${handler(1, say(1), pend(2), say(3))} ${handler(2, say(2))}
      ${start(enable(1), enable(2), priority(1, 100), priority(2, 50), pend(1), say(4))}`,
    said: [1, 2, 3, 4],
  },
  {
    name: 'handlers alone: the less urgent waits for the more urgent to end',
    interfaces: IRQ,
    source: `${handler(1, say(1), pend(2), say(2))} ${handler(2, say(3))}
      ${start(enable(1), enable(2), priority(1, 50), priority(2, 100), pend(1), say(4))}`,
    said: [1, 2, 3, 4],
  },
  {
    name: 'handlers alone: wfi sleeps until a line comes from outside',
    interfaces: IRQ,
    source: `${handler(3, say(2))} ${start(enable(3), say(1), '(call $irq.wfi)', say(3))}`,
    prepare: (machine) => machine.raise(3, '20us'),
    said: [1, 2, 3],
  },
  {
    name: 'handlers alone: a loop without calls is interrupted at exact instructions',
    interfaces: IRQ,
    source: `${global('n')} ${handler(3, add('n', 1))} ${start(enable(3), '(loop (br_if 0 (i32.lt_u (global.get $n) (i32.const 5))))', say(get('n')))}`,
    prepare: (machine) => {
      for (const count of [50, 200, 533, 1000, 2001]) machine.raise(3, { kind: 'instruction', count });
    },
    said: [5],
  },
  {
    name: 'handlers alone: a trap ends the run, with the handler in its backtrace',
    interfaces: IRQ,
    source: `${handler(3, say(1), '(unreachable)')} ${start(enable(3), pend(3), say(2))}`,
    said: [1],
    ends: /unreachable/,
  },
  {
    name: 'handlers alone: SysTick beats while the main loop counts',
    interfaces: IRQ,
    source: `${global('ticks')} (func (export "SysTick_Handler") ${add('ticks', 1)})
      ${start('(drop (call $irq.systick (i32.const 5000)))', '(loop (br_if 0 (i32.lt_u (global.get $ticks) (i32.const 7))))', say(get('ticks')))}`,
    said: [7],
  },
  {
    name: 'handlers alone: one that waits',
    interfaces: IRQ,
    source: `${handler(3, say(1), '(call $irq.wfi)', say(4))} ${handler(4, say(3))}
      ${start(enable(3), enable(4), priority(4, 10), priority(3, 100), pend(3), say(2), '(loop (br_if 0 (i32.lt_u (i32.load (i32.const 2048)) (i32.const 16))))', say(5))}`,
    prepare: (machine) => machine.raise(4, '30us'),
    said: [1, 2, 3, 4, 5],
    differs: 'a handler that waits',
    otherwise: [1, 3, 4, 2, 5],
  },
  {
    name: 'a handler starts a task, which runs when the handler has returned',
    source: `${table('t')} (func $t (param i32) ${say('(local.get 0)')}) ${handler(3, `(drop ${spawn(0, 7, 5)})`, say(1))}
      ${start(enable(3), pend(3), say(2))}`,
    said: [1, 7, 2],
  },
  {
    name: 'a handler waits for the end of a task',
    source: `${table('t')} (func $t (result i32) ${sleep(500)} ${say(2)} (i32.const 3)) ${handler(3, say(join(spawn(0, 0, 5))))}
      ${start(enable(3), pend(3), say(1), sleep(5000), say(4))}`,
    said: [1, 2, 3, 4],
  },
  {
    name: 'a handler is not a task: it cannot park',
    source: `${handler(3, '(call $task.park)')} ${start(enable(3), pend(3))}`,
    ends: /park: a handler is not a task/,
  },
  {
    name: 'a handler is not a task: it cannot exit, and has no number',
    source: `${handler(3, say('(call $task.current)'), '(call $task.exit (i32.const 1))')} ${start(enable(3), pend(3))}`,
    said: [-1],
    ends: /exit: a handler is not a task/,
  },
  {
    name: 'handlers of several lines wait at once',
    source: `${handler(3, say(1), sleep(3000), say(5))} ${handler(4, say(2), sleep(1000), say(4))}
      ${start(enable(3), enable(4), pend(3), pend(4), say(3), sleep(10_000), say(6))}`,
    said: [1, 2, 3, 4, 5, 6],
  },
  {
    name: 'a handler interrupts one that had waited, when it goes on',
    source: `${global('go')} ${handler(3, say(1), sleep(1000), say(3), pend(4), say(5))} ${handler(4, say(4))}
      ${start(enable(3), enable(4), priority(3, 100), priority(4, 50), pend(3), say(2), sleep(10_000), say(6))}`,
    said: [1, 2, 3, 4, 5, 6],
  },
  {
    name: 'a handler that waits is interrupted by its equal meanwhile',
    source: `${handler(3, say(1), sleep(5000), say(4))} ${handler(4, say(3))}
      ${start(enable(3), enable(4), pend(3), say(2), pend(4), sleep(10_000), say(5))}`,
    said: [1, 2, 3, 4, 5],
  },
  {
    name: 'a handler that trapped after it had waited ends the run',
    source: `${handler(3, say(1), sleep(1000), '(unreachable)')} ${start(enable(3), pend(3), say(2), sleep(10_000), say(9))}`,
    said: [1, 2],
    ends: /unreachable/,
  },
  {
    name: 'PendSV reschedules for a handler that only notes',
    source: `${table('t')} ${global('id')} (func $t ${say(1)} (call $task.park) ${say(5)})
      (func (export "PendSV_Handler") ${say(4)} (call $task.wake ${get('id')}))
      ${handler(3, say(3), '(call $irq.set_pending (i32.const -2))')}
      ${start(enable(3), '(call $irq.set_priority (i32.const -2) (i32.const 255))', set('id', spawn(0, 0, 10)), say(2), pend(3), say(6))}`,
    said: [1, 2, 3, 4, 5, 6],
  },
  {
    name: 'ping-pong of two stacks under a rain of interrupts',
    source: `${table('f')} ${global('n')} ${global('hits')} ${handler(3, add('hits', 1))}
      (func $f (loop ${add('n', 1)} ${MAIN} (br 0)))
      ${start(enable(3), `(local.set $a ${make(0)})`, times(400, to(A)), say(get('n')), say(get('hits')))}`,
    prepare: (machine) => {
      for (let count = 100; count < 3000; count += 37) machine.raise(3, { kind: 'instruction', count });
    },
    said: [400, 79],
  },
  {
    name: 'the same, and each handler switches to a stack of its own',
    source: `${table('f', 'h')} ${global('n')} ${global('hits')}
      (func $h (loop ${add('hits', 1)} ${MAIN} (br 0)))
      ${handler(3, `(local.set $i ${make(1)})`, to('(local.get $i)'), to('(local.get $i)'), '(call $stack.free (local.get $i))')}
      (func $f (loop ${add('n', 1)} ${MAIN} (br 0)))
      ${start(enable(3), `(local.set $a ${make(0)})`, times(400, to(A)), say(get('n')), say(get('hits')))}`,
    prepare: (machine) => {
      for (let count = 100; count < 3000; count += 371) machine.raise(3, { kind: 'instruction', count });
    },
    said: [400, 16],
  },
  {
    name: 'a rain of interrupts on tasks that go round',
    source: `${table('t')} ${global('n')} ${global('hits')} ${handler(3, add('hits', 1))}
      (func $t (local $i i32) ${times(100, add('n', 1), YIELD)})
      ${start(enable(3), `(local.set $a ${spawn(0)})`, `(local.set $b ${spawn(0)})`, `(drop ${join(A)})`, `(drop ${join(B)})`, say(get('n')), say(get('hits')))}`,
    prepare: (machine) => {
      for (let count = 100; count < 1500; count += 41) machine.raise(3, { kind: 'instruction', count });
    },
    said: [200, 35],
  },
  {
    name: 'a handler set at run time switches stacks',
    source: `${table('f', 'h')} (func $h (param i32) ${say('(local.get 0)')} ${to(make(0))} ${say(2)}) (func $f ${say(1)})
      ${start('(call $irq.set_vector (i32.const 9) (i32.const 1))', enable(9), pend(9), sleep(10), say(3))}`,
    said: [9, 1, 2, 3],
  },
];
