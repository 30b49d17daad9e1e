/** Side stacks: made, switched to and between, freed, left by traps; what they share and what is each one's own. */
import {
  add,
  type Case,
  get,
  global,
  join as joinTask,
  MAIN,
  make,
  say,
  set,
  spawn,
  start,
  table,
  times,
  to,
  YIELD,
} from './case.ts';

const A = '(local.get $a)';
const B = '(local.get $b)';

export const SWITCHES: readonly Case[] = [
  {
    name: 'a generator gives one value a switch',
    source: `(table funcref (elem $g)) (global $value (mut i32) (i32.const 0))
      (func $g (param i32)
        (loop $l (global.set $value (local.get 0)) ${MAIN}
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
          (else ${MAIN} (i32.const 0))))
      (func $f (param i32) ${say('(call $down (local.get 0))')})
      ${start(`(local.set $a ${make(0, 1000)})`, to('(local.get $a)'), say(1), to('(local.get $a)'))}`,
    said: [1, 1000],
  },
  {
    name: 'a stack can be freed that never ran, and one that is parked',
    source: `(table funcref (elem $f)) (func $f ${say(1)} ${MAIN} ${say(99)})
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
      (func $t ${to('(global.get $s)')}) (func $f ${YIELD} ${say(99)})
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
    source: `(table funcref (elem $t)) (func $t (loop ${YIELD} (br 0))) ${start(`(drop ${spawn(0)})`, '(unreachable)')}`,
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
    name: 'tasks have stacks of their own, and 0 is the one they began on',
    source: `(table funcref (elem $t $f))
      (func $f (param i32) ${say('(i32.add (local.get 0) (i32.const 1))')} ${YIELD} ${MAIN} ${say(99)})
      (func $t (param i32) ${say('(local.get 0)')} ${to('(call $stack.new (i32.const 1) (local.get 0))')} ${say('(i32.add (local.get 0) (i32.const 2))')})
      ${start(`(local.set $a ${spawn(0, 10)})`, `(local.set $b ${spawn(0, 20)})`, '(drop (call $task.join (local.get $a)))', '(drop (call $task.join (local.get $b)))')}`,
    said: [10, 11, 20, 21, 12, 22],
  },
  {
    name: 'stacks make stacks, and each goes on to the next',
    source: `${table('f')} ${global('n')}
      (func $f (param i32) ${say('(local.get 0)')}
        (if (i32.lt_u (local.get 0) (i32.const 5)) (then ${to(make(0, '(i32.add (local.get 0) (i32.const 1))'))}))
        ${say(99)})
      ${start(to(make(0, 1)), say(6), to(4), say(7), '(call $stack.free (i32.const 3))', say('(call $stack.alive (i32.const 3))'))}`,
    said: [1, 2, 3, 4, 5, 99, 6, 99, 7, 0],
  },
  {
    name: 'three stacks in a ring go round three hundred times',
    source: `${table('f', 'turn')} ${global('sum')}
      (func $f (param i32) (loop ${add('sum', '(local.get 0)')} ${to('(i32.add (call $stack.current) (i32.const 1))')} (br 0)))
      (func $turn (local $i i32)
        (loop ${add('sum', 100)}
          (if (i32.rem_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100)) (then ${to(1)}) (else ${MAIN}))
          (br 0)))
      ${start(`(drop ${make(0, 1)})`, `(drop ${make(0, 10)})`, `(drop ${make(1)})`, times(3, to(1)), say(get('sum')))}`,
    said: [3 * 100 * 111],
  },
  {
    name: 'a switch to the stack that runs does nothing',
    source: `${table('f')} (func $f ${to('(call $stack.current)')} ${say(1)} ${MAIN} ${say(2)})
      ${start(MAIN, to(make(0)), MAIN, say(3), to(1), say(4))}`,
    said: [1, 3, 2, 4],
  },
  {
    name: 'a stack that ends goes back to main, not to who switched to it',
    source: `${table('f', 'g')}
      (func $f ${say(1)} ${to(make(1))} ${say(5)})
      (func $g ${say(2)})
      ${start(`(local.set $a ${make(0)})`, to(A), say(3), to(A), say(6))}`,
    said: [1, 2, 3, 5, 6],
  },
  {
    name: 'locals and operands of every type survive',
    source: `${table('f')}
      (func $f (param $n i32) (local $w i64) (local $x f32) (local $y f64) (local $v v128)
        (local.set $w (i64.const 0x123456789abcdef)) (local.set $x (f32.const 1.5)) (local.set $y (f64.const -2.25))
        (local.set $v (v128.const i32x4 1 2 3 4))
        ${say(`(i32.add (local.get $n) (block (result i32) ${MAIN} (i32.const 7)))`)}
        (local.set $n (i32.const 1))
        ${MAIN}
        ${say('(i32.wrap_i64 (i64.shr_u (local.get $w) (i64.const 32)))')}
        ${say('(i32.trunc_f32_s (f32.mul (local.get $x) (f32.const 2)))')}
        ${say('(i32.trunc_f64_s (f64.mul (local.get $y) (f64.const 4)))')}
        ${say('(i32x4.extract_lane 2 (local.get $v))')} ${say('(local.get $n)')})
      ${start(`(local.set $a ${make(0, 5)})`, `(local.set $b ${make(0, 6)})`, to(A), to(B), to(A), to(B), to(A), to(B))}`,
    said: [12, 13, 0x1234567, 3, -9, 3, 1, 0x1234567, 3, -9, 3, 1],
  },
  {
    name: 'values on the operand stack wait for a switch below them',
    source: `${table('f')}
      (func $give (param i32) (result i32) ${MAIN} (local.get 0))
      (func $f ${say('(i32.sub (i32.mul (call $give (i32.const 6)) (call $give (i32.const 7))) (call $give (i32.const 2)))')})
      ${start(`(local.set $a ${make(0)})`, times(4, to(A), say('(local.get $i)')))}`,
    said: [0, 1, 2, 40, 3],
  },
  {
    name: 'a recursive walk over a tree gives a leaf a switch',
    source: `${table('walk')} ${global('leaf')}
      (func $node (param $n i32)
        (if (i32.ge_u (local.get $n) (i32.const 8)) (then ${set('leaf', '(local.get $n)')} ${MAIN} (return)))
        (call $node (i32.mul (local.get $n) (i32.const 2)))
        (call $node (i32.add (i32.mul (local.get $n) (i32.const 2)) (i32.const 1))))
      (func $walk (param i32) (call $node (local.get 0)) ${set('leaf', -1)})
      ${start(`(local.set $a ${make(0, 1)})`, `(local.set $b ${make(0, 2)})`, times(9, to(A), say(get('leaf'))), to(B), say(get('leaf')))}`,
    said: [8, 9, 10, 11, 12, 13, 14, 15, -1, 8],
  },
  {
    name: 'a deep recursion switches at each level, down and up',
    source: `${table('f')} ${global('sum')}
      (func $down (param i32)
        (if (local.get 0) (then ${add('sum', 1)} ${MAIN} (call $down (i32.sub (local.get 0) (i32.const 1))) ${add('sum', 1000)} ${MAIN})))
      (func $f (param i32) (call $down (local.get 0)) ${set('sum', '(i32.sub (i32.const 0) (global.get $sum))')})
      ${start(`(local.set $a ${make(0, 150)})`, times(301, to(A)), say(get('sum')))}`,
    said: [-150_150],
  },
  {
    name: 'ten thousand stacks live at once',
    source: `${table('f')} ${global('sum')}
      (func $f (param i32) ${add('sum', '(local.get 0)')} ${MAIN} ${add('sum', 1)})
      ${start(
        times(10_000, `(drop ${make(0, '(local.get $i)')})`),
        times(10_000, to('(i32.add (local.get $i) (i32.const 1))')),
        say(get('sum')),
        times(10_000, to('(i32.sub (i32.const 10000) (local.get $i))')),
        say(get('sum')),
        say('(call $stack.alive (i32.const 5000))'),
      )}`,
    said: [49_995_000, 50_005_000, 0],
  },
  {
    name: 'thousands of stacks, one after another, parked and freed',
    source: `${table('f')} ${global('sum')} (func $f (param i32) ${add('sum', '(local.get 0)')} ${MAIN} (unreachable))
      ${start(times(3000, `(local.set $a ${make(0, '(local.get $i)')})`, to(A), `(call $stack.free ${A})`), say(get('sum')), say('(local.get $a)'))}`,
    said: [4_498_500, 3000],
  },
  {
    name: 'a switch lets nobody more urgent go first while PRIMASK is set',
    source: `${table('f', 't')} (func $f ${say(2)} ${MAIN} ${say(4)} ${MAIN}) (func $t ${say(9)})
      ${start(`(local.set $a ${make(0)})`, '(drop (call $irq.set_primask (i32.const 1)))', `(drop ${spawn(1, 0, 5)})`, say(1), to(A), say(3), to(A), say(5), '(drop (call $irq.set_primask (i32.const 0)))', say(6))}`,
    said: [1, 2, 3, 4, 5, 9, 6],
  },
  {
    name: 'numbers of stacks that are far apart stay apart',
    source: `${table('f')} (func $f (param i32) ${say('(local.get 0)')} ${MAIN} ${say('(i32.add (local.get 0) (i32.const 1))')} ${MAIN} ${say(99)})
      ${start(`(local.set $a ${make(0, 10)})`, to(A), times(32_767, `(call $stack.free ${make(0)})`), `(local.set $b ${make(0, 20)})`, to(B), to(A), to(B), say(B))}`,
    said: [10, 20, 11, 21, 32_769],
  },
  {
    name: 'stacks share globals and memory',
    source: `${table('f')} ${global('n')}
      (func $f (loop ${add('n', 1)} (i32.store (i32.const 512) (i32.mul (i32.load (i32.const 512)) (i32.const 2))) ${MAIN} (br 0)))
      ${start('(i32.store (i32.const 512) (i32.const 1))', `(drop ${make(0)})`, `(drop ${make(0)})`, times(4, to(1), to(2)), say(get('n')), say('(i32.load (i32.const 512))'))}`,
    said: [8, 256],
  },
  {
    name: 'stacks share the table',
    source: `(type $n (func (result i32))) (table 4 funcref) (elem (i32.const 0) $f $one $two) (elem declare func $two)
      (func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 2))
      (func $f (table.set (i32.const 1) (ref.func $two)) ${MAIN} ${say('(call_indirect (type $n) (i32.const 3))')})
      ${start(to(make(0)), say('(call_indirect (type $n) (i32.const 1))'), '(table.set (i32.const 3) (table.get (i32.const 2)))', to(1))}`,
    said: [2, 2],
    differs: 'references on the operand stack',
  },
  {
    name: 'memory that grows on one stack has grown on all',
    source: `${table('f')} (func $f (drop (memory.grow (i32.const 1))) (i32.store (i32.const 70000) (i32.const 5)) ${MAIN} ${say('(memory.size)')})
      ${start(to(make(0)), say('(i32.load (i32.const 70000))'), '(drop (memory.grow (i32.const 1)))', to(1))}`,
    said: [5, 3],
  },
  {
    name: 'what a stack is given arrives, and what it returns is dropped',
    source: `${table('f', 'g')}
      (func $f (param i32) (result i32) ${say('(local.get 0)')} ${MAIN} ${say('(local.get 0)')} (i32.const 9)) (func $g (result i32) ${say(3)} (i32.const 8))
      ${start(to(make(0, -5)), to(make(1)), to(1), say(4))}`,
    said: [-5, 3, -5, 4],
  },
  {
    name: 'a stack that has ended may be freed, and no others that are none',
    source: `${table('f')} (func $f) ${start(to(make(0)), '(call $stack.free (i32.const 1))', say(1), '(call $stack.free (i32.const 2))')}`,
    said: [1],
    ends: /free\(2\): there is no such stack/,
  },
  {
    name: 'the main stack cannot be freed',
    source: `${table('f')} (func $f (call $stack.free (i32.const 0))) ${start(to(make(0)))}`,
    ends: /free\(0\)/,
  },
  {
    name: 'a trap after many switches ends its stack and is in the log',
    source: `${table('f')} (func $inner (drop (i32.div_u (i32.const 1) (i32.load (i32.const 0))))) (func $f ${MAIN} ${MAIN} (call $inner) ${say(99)})
      ${start(`(local.set $a ${make(0)})`, times(3, to(A)), say(`(call $stack.alive ${A})`))}`,
    said: [0],
    logs: [/fault.*on a side stack.*divide by zero.*inner < f/],
  },
  {
    name: 'a fault on a side stack is a HardFault where that is asked for',
    source: `${table('f')} (func (export "HardFault_Handler") ${say(7)}) (func $f (unreachable)) ${start(to(make(0)), say(1))}`,
    options: { faults: 'hardfault' },
    said: [7, 1],
  },
  {
    name: 'a task goes on with a stack that another made and left',
    source: `${table('t', 'f')} ${global('s')} (func $f ${say(1)} ${MAIN} ${say(3)} ${MAIN} ${say(99)})
      (func $t ${to(get('s'))} ${say(4)})
      ${start(set('s', make(1)), to(get('s')), say(2), `(drop ${joinTask(spawn(0))})`, say(5))}`,
    said: [1, 2, 3, 4, 5],
  },
  {
    name: 'a task that ends on a side stack takes its own along',
    source: `${table('t', 'f')} ${global('s')} (func $f ${say(1)} (call $task.exit (i32.const 6)) ${say(99)})
      (func $t ${set('s', make(1))} ${to(get('s'))} ${say(98)})
      ${start(say(joinTask(spawn(0))), say(`(call $stack.alive ${get('s')})`))}`,
    said: [1, 6, 0],
  },
  {
    name: 'slices end on side stacks too, and the stack is still there afterwards',
    source: `${table('t', 'f')} ${global('stop')} ${global('sum')}
      (func $f (param i32) (local $n i32) (loop (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if 0 (i32.eqz ${get('stop')}))) ${say('(i32.gt_u (local.get $n) (i32.const 100))')})
      (func $t (param i32) ${to(make(1))} ${add('sum', '(local.get 0)')})
      ${start(`(local.set $a ${spawn(0, 10)})`, `(local.set $b ${spawn(0, 20)})`, '(call $task.sleep (i64.const 200000))', set('stop', 1), `(drop ${joinTask(A)})`, `(drop ${joinTask(B)})`, say(get('sum')))}`,
    options: { slice: '10us' },
    said: [1, 1, 30],
  },
  {
    name: "stacks in linear memory are each one's own",
    source: `(global $sp (mut i32) (i32.const 60000)) (export "__stack_pointer" (global $sp)) ${table('f')}
      (func $f (param $n i32) (local $frame i32)
        (global.set $sp (local.tee $frame (i32.sub (global.get $sp) (i32.const 64))))
        (i32.store (local.get $frame) (local.get $n)) ${MAIN}
        ${say('(i32.load (local.get $frame))')} ${say('(i32.eq (global.get $sp) (local.get $frame))')}
        (global.set $sp (i32.add (local.get $frame) (i32.const 64))))
      ${start(`(drop ${make(0, 5)})`, `(drop ${make(0, 6)})`, to(1), to(2), say('(global.get $sp)'), to(1), to(2), say('(global.get $sp)'))}`,
    said: [60000, 5, 1, 6, 1, 60000],
  },
  {
    name: 'an overrun of a stack in linear memory is noticed when it is left',
    source: `(global $sp (mut i32) (i32.const 60000)) (export "__stack_pointer" (global $sp)) ${table('f')}
      (func $f (memory.fill (i32.sub (global.get $sp) (i32.const 8192)) (i32.const 1) (i32.const 8192)) ${MAIN})
      ${start(to(make(0)), say(99))}`,
    ends: /overran its stack of 8192 bytes/,
  },
  {
    name: 'two tasks play ping-pong, each between two stacks of its own',
    source: `${table('t', 'f')}
      (func $f (param i32) (loop ${say('(local.get 0)')} ${YIELD} ${MAIN} (br 0)))
      (func $t (param i32) (local $i i32) (local $s i32) (local.set $s ${make(1, '(i32.mul (local.get 0) (i32.const 10))')})
        ${times(2, to('(local.get $s)'), say('(local.get 0)'))})
      ${start(`(local.set $a ${spawn(0, 1)})`, `(local.set $b ${spawn(0, 2)})`, `(drop ${joinTask(A)})`, `(drop ${joinTask(B)})`)}`,
    said: [10, 20, 1, 10, 2, 20, 1, 2],
  },
];
