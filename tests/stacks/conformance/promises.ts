/** Async host functions in every state: settled before, at and after their latency, rejected, thrown, in every place. */
import type { AsyncCall, GivenModules } from '../../../src/guests/interface.ts';
import { type Case, enable, join, MAIN, make, pend, say, sleep, spawn, start, table, times, to } from './case.ts';

const A = '(local.get $a)';
const IMPORT = '(import "host" "get" (func $get (param i32) (result i32)))';
const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const ask = (n: number | string) => say(`(call $get ${typeof n === 'number' ? `(i32.const ${n})` : n})`);
const host =
  (call: (n: number) => unknown, async: AsyncCall = {}): (() => GivenModules) =>
  () => ({ host: { get: { signature: 'i>i', async, call } } });
const twice = host(async (n) => n * 2);
const fails = async (n: number) => {
  if (n < 0) await later(1);
  throw new Error(`no ${n}`);
};
/** Behind the imports of wirq, in front of everything else. */
const asking = (source: string) => `${IMPORT} ${source}`;

export const PROMISES: readonly Case[] = [
  { name: 'a promise that is settled at once', source: asking(start(ask(4), say(1))), imports: twice, said: [8, 1] },
  {
    name: 'a promise that settles after its latency has passed in machine time',
    source: asking(start(ask(4))),
    imports: host(async (n) => later(4).then(() => n + 1), { latency_ns: 1000 }),
    said: [5],
  },
  {
    name: 'a promise whose latency is nothing',
    source: asking(start(ask(4), ask(5))),
    imports: host(async (n) => n + 1, { latency_ns: 0 }),
    said: [5, 6],
  },
  {
    name: 'an answer that is none of a promise',
    source: asking(start(ask(4))),
    imports: host((n) => n - 1),
    said: [3],
  },
  {
    name: 'a rejection becomes the declared number',
    source: asking(start(ask(4), ask(-4))),
    imports: host(fails, { rejected: -22 }),
    said: [-22, -22],
  },
  {
    name: 'a rejection that nobody declared ends the run',
    source: asking(start(ask(4))),
    imports: host(fails),
    ends: /host.get was rejected: no 4/,
  },
  {
    name: 'what a call throws before it gives a promise is thrown by the run',
    source: asking(start(ask(4))),
    imports: host(() => {
      throw new RangeError('not today');
    }),
    throws: /not today/,
  },
  {
    name: 'a promise in the start function',
    source: asking(`(start $s) (func $s ${ask(4)}) ${start(say(1))}`),
    imports: twice,
    said: [8, 1],
  },
  {
    name: 'a promise on a side stack, which other tasks leave alone',
    source: asking(`${table('f')} (func $f ${ask(4)} ${MAIN} ${ask(5)}) ${start(to(make(0)), say(1), to(1), say(2))}`),
    imports: twice,
    said: [8, 1, 10, 2],
  },
  {
    name: 'a promise in a handler, and what it interrupted goes on',
    source: asking(
      `(func (export "IRQ3_Handler") ${ask(4)}) ${start(enable(3), pend(3), say(1), sleep(2_000_000), say(2))}`,
    ),
    imports: twice,
    said: [1, 8, 2],
  },
  {
    name: 'many tasks wait for promises, and go on in the order of their calls',
    source: asking(`${table('t')} (func $t (param i32) ${ask('(local.get 0)')})
      ${start(times(6, `(local.set $a ${spawn(0, '(local.get $i)')})`), `(drop ${join(A)})`)}`),
    imports: host(async (n) => later((6 - n) * 2).then(() => n)),
    said: [0, 1, 2, 3, 4, 5],
  },
  {
    name: 'a loop of promises',
    source: asking(start(times(50, `(local.set $a (i32.add ${A} (call $get (local.get $i))))`), say(A))),
    imports: twice,
    said: [2450],
  },
  {
    name: 'the run ends while a task waits for a promise',
    source: asking(`${table('t')} (func $t ${ask(1)}) ${start(`(drop ${spawn(0, 0, 5)})`, say(3))}`),
    imports: host(() => new Promise(() => {})),
    said: [3],
  },
  {
    name: 'an interrupt while the only task waits for a promise',
    source: asking(`(func (export "IRQ3_Handler") ${say(1)}) ${start(enable(3), ask(4), say(2))}`),
    imports: twice,
    prepare: (machine) => machine.raise(3, '500us'),
    said: [1, 8, 2],
  },
];
