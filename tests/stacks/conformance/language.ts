/** Where switches meet the rest of the language: exceptions, tail calls, start functions, growing tables, many values. */
import { type Case, get, global, join, MAIN, make, say, set, spawn, start, table, times, to, YIELD } from './case.ts';

const A = '(local.get $a)';
const TAG = '(tag $e (param i32))';

export const LANGUAGE: readonly Case[] = [
  {
    name: 'a tail call leaves the stack where it is',
    source: `(table funcref (elem $f))
      (func $g (param i32) ${say('(local.get 0)')} ${MAIN} ${say(2)})
      (func $f (param i32) (return_call $g (local.get 0)))
      ${start(`(local.set $a ${make(0, 1)})`, to('(local.get $a)'), to('(local.get $a)'), say(3))}`,
    said: [1, 2, 3],
    differs: 'tail calls',
  },
  {
    name: 'a loop of tail calls switches in each',
    source: `${table('f')} (func $f (param i32) ${say('(local.get 0)')} ${MAIN}
        (br_if 0 (i32.eqz (local.get 0))) (return_call $f (i32.sub (local.get 0) (i32.const 1))))
      ${start(`(local.set $a ${make(0, 2)})`, times(4, to(A)), say(`(call $stack.alive ${A})`))}`,
    said: [2, 1, 0, 0],
    differs: 'tail calls',
  },
  {
    name: 'an indirect tail call ends on the stack it began on',
    source: `(type $v (func (param i32))) ${table('f', 'g')}
      (func $g (param i32) ${MAIN} ${say('(local.get 0)')})
      (func $f (param i32) (return_call_indirect (type $v) (local.get 0) (i32.const 1)))
      ${start(to(make(0, 8)), say(1), to(1), say('(call $stack.alive (i32.const 1))'))}`,
    said: [1, 8, 0],
    differs: 'tail calls',
  },
  {
    name: 'the start function makes a stack and switches',
    source: `${table('f')} (func $f ${say(1)} ${MAIN} ${say(3)}) (start $s)
      (func $s ${to(make(0))} ${say(2)}) ${start(to(1), say(4))}`,
    said: [1, 2, 3, 4],
  },
  {
    name: 'an exception ends a side stack that does not catch it',
    source: `${TAG} ${table('f')} (func $f ${MAIN} (throw $e (i32.const 1)))
      ${start(to(make(0)), to(1), say('(call $stack.alive (i32.const 1))'))}`,
    said: [0],
    logs: [/fault/],
  },
  {
    name: "an exception on a side stack is none of main's business",
    source: `${TAG} ${table('f')} (func $f (throw $e (i32.const 1)))
      ${start(`(block $h (result i32) (try_table (catch $e $h) ${to(make(0))}) (i32.const 5))`, '(call $say)')}`,
    said: [5],
    differs: '`try_table`',
  },
  {
    name: 'a switch inside a try_table, whose body throws afterwards',
    source: `${TAG} ${table('f')}
      (func $f ${say(`(block $h (result i32) (try_table (catch $e $h) ${MAIN} (throw $e (i32.const 6))) (i32.const 99))`)})
      ${start(to(make(0)), say(1), to(1))}`,
    said: [1, 6],
    differs: '`try_table`',
  },
  {
    name: 'a switch in what follows a catch',
    source: `${TAG} ${table('f')}
      (func $f (local $got i32) (local.set $got (block $h (result i32) (try_table (catch $e $h) (throw $e (i32.const 6))) (i32.const 99)))
        ${MAIN} ${say('(local.get $got)')})
      ${start(to(make(0)), say(1), to(1))}`,
    said: [1, 6],
    differs: '`try_table`',
  },
  {
    name: 'an exception from below a switch is caught above it, in the same stack',
    source: `${TAG} ${table('f')} (func $below ${MAIN} (throw $e (i32.const 4)))
      (func $f ${say('(block $h (result i32) (try_table (catch $e $h) (call $below)) (i32.const 99))')})
      ${start(to(make(0)), say(1), to(1), say(2))}`,
    said: [1, 4, 2],
    differs: '`try_table`',
  },
  {
    name: 'a switch inside a catch of the older kind',
    source: `${TAG} ${table('f')}
      (func $f (try (do (throw $e (i32.const 3))) (catch $e ${MAIN} (call $say))))
      ${start(to(make(0)), say(1), to(1), say(2))}`,
    said: [1, 3, 2],
    differs: 'calls inside a `catch` of the older kind',
  },
  {
    name: 'a switch inside a try of the older kind, and a rethrow afterwards',
    source: `${TAG} ${table('f')}
      (func $f (try (do (try (do ${MAIN} (throw $e (i32.const 3))) (catch_all (rethrow 0)))) (catch $e (call $say))))
      ${start(to(make(0)), say(1), to(1), say(2))}`,
    said: [1, 3, 2],
    differs: 'calls inside a `catch` of the older kind',
  },
  {
    name: 'an exception that nobody catches ends its stack alone, and is not caught by who switched there',
    source: `(table funcref (elem $f)) (tag $oops (export "oops") (param i32))
      (func $f ${say(1)} (throw $oops (i32.const 7)))
      (func $guarded (try (do ${to(make(0))}) (catch_all ${say(99)})))
      ${start('(call $guarded)', say(2))}`,
    said: [1, 2],
    differs: 'calls inside a `catch` of the older kind',
  },
  {
    name: 'an exception is caught on the stack that threw it, after a switch in between',
    source: `(table funcref (elem $f)) (tag $oops (param i32))
      (func $throws ${MAIN} (throw $oops (i32.const 7)))
      (func $f (try (do (call $throws)) (catch $oops (call $say))) ${MAIN})
      ${start(`(local.set $a ${make(0)})`, to('(local.get $a)'), say(1), to('(local.get $a)'), say(2))}`,
    said: [1, 7, 2],
    differs: 'calls inside a `catch` of the older kind',
  },
  {
    name: 'a task that throws ends with the code of a trap',
    source: `${TAG} ${table('t')} (func $t ${YIELD} (throw $e (i32.const 1))) ${start(say(join(spawn(0))))}`,
    said: [134],
  },
  {
    name: 'a table grows on a side stack, and main calls what is new',
    source: `(type $n (func (result i32))) (table 2 funcref) (elem (i32.const 0) $f $one)
      (func $one (result i32) (i32.const 11))
      (func $f (drop (table.grow (ref.null func) (i32.const 4))) (table.set (i32.const 5) (table.get (i32.const 1))) ${MAIN})
      ${start(to(make(0)), say('(call_indirect (type $n) (i32.const 5))'))}`,
    said: [11],
    differs: 'references on the operand stack',
  },
  {
    name: 'blocks and functions of several values',
    source: `${table('f')} (func $two (param i32) (result i32 i32) ${MAIN} (local.get 0) (i32.const 1))
      (func $f (call $two (i32.const 5)) (i32.sub) (call $say))
      ${start(to(make(0)), to(1))}`,
    said: [4],
  },
  {
    name: 'a branch table out of nested blocks after a switch',
    source: `${table('f')}
      (func $f (param i32) (block $c (block $b (block $a ${MAIN} (br_table $a $b $c (local.get 0))) ${say(1)} (return)) ${say(2)} (return)) ${say(3)})
      ${start(...[0, 1, 2].map((n) => `(drop ${make(0, n)})`), ...[1, 2, 3, 1, 2, 3].map(to))}`,
    said: [1, 2, 3],
  },
  {
    name: 'masked functions switch as others do',
    source: `${table('f')} ${global('n')} (func $masked_f ${set('n', 1)} ${MAIN} ${set('n', 2)}) (func $f (call $masked_f))
      ${start(to(make(0)), say(get('n')), to(1), say(get('n')))}`,
    options: { maskFunctions: ['masked_*'] },
    said: [1, 2],
  },
];
