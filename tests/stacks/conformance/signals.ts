/** Signals among tasks and stacks: whose stack their handlers run on, who waits meanwhile, what ends a wait. */
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
  sleep,
  spawn,
  start,
  table,
  times,
  to,
  YIELD,
} from './case.ts';

const A = '(local.get $a)';
const SIGUSR1 = 10;
/** A handler by its table index: struct sigaction at 256. */
const handle = (signal: number, index: number) =>
  `(i64.store (i32.const 264) (i64.const 0)) (i32.store (i32.const 256) (i32.const ${index}))
   (drop (call $signal.sigaction (i32.const ${signal}) (i32.const 256) (i32.const 0)))`;
const raise = (signal: number) => `(drop (call $signal.raise (i32.const ${signal})))`;
const ALL = ['wirq/task', 'wirq/stack', 'wirq/signal'] as const;
const ALONE = ['wirq/signal'] as const;
/** The first of the functions is the handler: index 0 is SIG_DFL. */
const signals = (...functions: string[]) => table('none', ...functions).concat(' (func $none)');

export const SIGNALS: readonly Case[] = [
  {
    name: 'signals alone: raise runs the handler before it returns',
    interfaces: ALONE,
    source: `${signals('h')} (func $h (param i32) ${say('(local.get 0)')}) ${start(handle(SIGUSR1, 1), say(1), raise(SIGUSR1), say(2))}`,
    said: [1, SIGUSR1, 2],
  },
  {
    name: 'signals alone: the default action ends the program',
    interfaces: ALONE,
    source: start(say(1), raise(SIGUSR1), say(99)),
    said: [1],
    ends: /signal/,
  },
  {
    name: 'signals alone: pause waits for one from outside',
    interfaces: ALONE,
    source: `${signals('h')} (func $h (param i32) ${say(2)}) ${start(handle(SIGUSR1, 1), say(1), '(drop (call $signal.pause))', say(3))}`,
    prepare: (machine) => machine.signal('SIGUSR1', { when: '20us' }),
    said: [1, 2, 3],
  },
  {
    name: "a signal's handler runs on the stack of the task that raised it",
    interfaces: ALL,
    source: `${signals('h', 't')} (func $h (param i32) ${say('(call $task.current)')}) (func $t ${raise(SIGUSR1)} ${say(5)})
      ${start(handle(SIGUSR1, 1), `(drop ${join(spawn(2))})`, raise(SIGUSR1))}`,
    said: [1, 5, 0],
  },
  {
    name: 'a signal on a side stack',
    interfaces: ALL,
    source: `${signals('h', 'f')} (func $h (param i32) ${say('(call $stack.current)')}) (func $f ${raise(SIGUSR1)} ${MAIN} ${say(3)})
      ${start(handle(SIGUSR1, 1), to(make(2)), say(2), to(1))}`,
    said: [1, 2, 3],
  },
  {
    name: 'a pause waits with the whole machine',
    interfaces: ALL,
    source: `${signals('h', 't')} (func $h (param i32) ${say(2)}) (func $t ${say(1)} (drop (call $signal.pause)) ${say(3)})
      ${start(handle(SIGUSR1, 1), `(local.set $a ${spawn(2)})`, YIELD, say(4), `(drop ${join(A)})`, say(5))}`,
    prepare: (machine) => machine.signal('SIGUSR1', { when: '20us' }),
    said: [1, 2, 3, 4, 5],
  },
  {
    name: 'a signal while all tasks wait leaves what they have on their stacks alone',
    interfaces: ALL,
    source: `(global $sp (mut i32) (i32.const 60000)) (export "__stack_pointer" (global $sp)) ${signals('h', 't')}
      (func $fill (param $with i32) (global.set $sp (i32.sub (global.get $sp) (i32.const 256)))
        (memory.fill (global.get $sp) (local.get $with) (i32.const 256)))
      (func $drop (global.set $sp (i32.add (global.get $sp) (i32.const 256))))
      (func $h (param i32) (call $fill (i32.const 9)) ${say(1)} (call $drop))
      (func $t (call $fill (i32.const 2)) ${sleep(30_000)} ${say('(i32.load8_u (global.get $sp))')} (call $drop))
      ${start(handle(SIGUSR1, 1), '(call $fill (i32.const 3))', `(local.set $a ${spawn(2)})`, `(drop ${join(A)})`, say('(i32.load8_u (global.get $sp))'), '(call $drop)')}`,
    prepare: (machine) => machine.signal('SIGUSR1', { when: '20us' }),
    said: [1, 2, 3],
  },
  {
    name: 'a signal beside an interrupt, and the task goes on afterwards',
    interfaces: [...ALL, 'wirq/irq'],
    source: `${signals('h')} ${global('hits')} (func $h (param i32) ${add('hits', 1)}) (func (export "IRQ3_Handler") ${add('hits', 10)})
      ${start(enable(3), handle(SIGUSR1, 1), `(loop (br_if 0 (i32.lt_u ${get('hits')} (i32.const 11))))`, say(get('hits')), YIELD)}`,
    prepare: (machine) => {
      machine.raise(3, '5us');
      machine.signal('SIGUSR1', { when: '5us' });
    },
    said: [11],
  },
  {
    name: 'a signal and an interrupt from one host call',
    interfaces: [...ALL, 'wirq/irq'],
    source: `${signals('h')} ${global('hits')} (func $h (param i32) ${say(2)}) (func (export "IRQ3_Handler") ${say(1)} ${raise(SIGUSR1)})
      ${start(enable(3), handle(SIGUSR1, 1), pend(3), YIELD, say(3), YIELD)}`,
    said: [1, 2, 3],
    differs: 'a signal that a host call sends together with an interrupt',
    otherwise: [1, 2, 3],
  },
  {
    name: 'a signal from outside in the middle of tasks that spin',
    interfaces: ALL,
    source: `${signals('h', 't')} ${global('hits')} (func $h (param i32) ${add('hits', 1)})
      (func $t (loop (br_if 0 (i32.lt_u ${get('hits')} (i32.const 3)))))
      ${start(handle(SIGUSR1, 1), `(local.set $a ${spawn(2)})`, `(drop ${spawn(2)})`, `(drop ${join(A)})`, say(get('hits')))}`,
    options: { slice: '10us' },
    prepare: (machine) => {
      for (const time of ['15us', '40us', '90us']) machine.signal('SIGUSR1', { when: time });
    },
    said: [3],
  },
  {
    name: "a signal's handler may not switch stacks",
    interfaces: ALL,
    source: `${signals('h', 'f')} (func $f ${say(99)}) (func $h (param i32) ${to(make(2))}) ${start(handle(SIGUSR1, 1), raise(SIGUSR1))}`,
    ends: /may not wait, switch stacks or yield/,
  },
  {
    name: "a signal's handler that sleeps holds up the whole machine",
    interfaces: ALL,
    source: `${signals('h', 't')} (func $h (param i32) ${say(1)} ${sleep(1000)} ${say(2)}) (func $t ${say(3)})
      ${start(handle(SIGUSR1, 1), `(local.set $a ${spawn(2)})`, raise(SIGUSR1), `(drop ${join(A)})`, times(1, say(4)))}`,
    said: [1, 2, 3, 4],
  },
];
