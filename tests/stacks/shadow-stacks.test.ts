/** Stacks in linear memory behind a stack pointer: each task and side stack has its own, with a canary and a mark. */
import test from 'ava';
import { Machine } from '../../src/machine/machine.ts';
import { wat } from '../support/wat.ts';
import { asyncify, module, PARKING, run } from './machines.ts';

const ALL = ['wirq/task', 'wirq/stack'] as const;

/** `$use` takes n bytes of the stack, fills them, yields, and says whether they are still what they were. */
const USE = `(global $__stack_pointer (mut i32) (i32.const 32768))
  (table funcref (elem $task $side))
  (func $use (param $n i32) (param $fill i32) (local $at i32) (local $i i32) (local $same i32)
    (global.set $__stack_pointer (local.tee $at (i32.sub (global.get $__stack_pointer) (local.get $n))))
    (loop $l
      (i32.store8 (i32.add (local.get $at) (local.get $i)) (local.get $fill))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (call $task.yield)
    (local.set $same (i32.const 1))
    (local.set $i (i32.const 0))
    (loop $l
      (if (i32.ne (i32.load8_u (i32.add (local.get $at) (local.get $i))) (local.get $fill)) (then (local.set $same (i32.const 0))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (call $say (local.get $same))
    (global.set $__stack_pointer (i32.add (local.get $at) (local.get $n))))`;

for (const stacks of PARKING) {
  test(`${stacks}: nobody overwrites another's, and the most that was used is reported`, async (t) => {
    const source = `${USE}
      (func $task (param i32) (call $use (i32.const 256) (local.get 0)))
      (func $side (call $use (i32.const 1024) (i32.const 9)))
      (func (export "_start") (local $a i32) (local $b i32)
        (local.set $a (call $task.spawn (i32.const 0) (i32.const 1) (i32.const 128)))
        (local.set $b (call $task.spawn (i32.const 0) (i32.const 2) (i32.const 128)))
        (call $stack.switch (call $stack.new (i32.const 1) (i32.const 0)))
        (drop (call $task.join (local.get $a))) (drop (call $task.join (local.get $b)))
        (call $say (global.get $__stack_pointer)))`;
    const { said, result } = await run(stacks, module(source, ALL));
    t.deepEqual(said, [1, 1, 1, 32768]);
    t.deepEqual(result.stacks, { by: stacks, bytes: 8192, highWaterMark: 1024 });
  });

  test(`${stacks}: the mark counts stacks that are alive at the end, and the firmware says how large they are`, async (t) => {
    const source = `${USE}
      (global (export "wirq_stack_bytes") i32 (i32.const 1024))
      (data (i32.const 1024) "\\00\\10\\00\\00")
      (func $task (call $use (i32.const 512) (i32.const 3)) (call $task.park))
      (func $side)
      (func (export "_start")
        (drop (call $task.spawn (i32.const 0) (i32.const 0) (i32.const 100))) (call $task.yield) (call $task.yield))`;
    const { result } = await run(stacks, module(source, ALL));
    t.deepEqual(result.stacks, { by: stacks, bytes: 4096, highWaterMark: 512 });
  });

  test(`${stacks}: an overrun is found when its task parks`, async (t) => {
    const source = `${USE}
      (func $task (call $use (i32.const 8192) (i32.const 3)))
      (func $side)
      (func (export "_start")
        (drop (call $task.join (call $task.spawn (i32.const 0) (i32.const 0) (i32.const 128)))))`;
    const { outcome } = (await run(stacks, module(source, ALL))).result;
    t.is(outcome.kind, 'trap');
    t.regex('message' in outcome ? String(outcome.message) : '', /task 1 overran its stack of 8192 bytes/);
  });
}

test('a guest without a stack pointer needs none', async (t) => {
  const source =
    '(table funcref (elem $f)) (func $f) (func (export "_start") (call $stack.switch (call $stack.new (i32.const 0) (i32.const 0))))';
  const { result } = await run('asyncify', module(source, ALL));
  t.deepEqual(result.stacks, { by: 'asyncify', bytes: undefined, highWaterMark: undefined });
});

test('a guest without a memory parks too', async (t) => {
  const text = `(module (import "wirq/task" "sleep" (func $sleep (param i64)))
    (func (export "main") (result i32) (call $sleep (i64.const 1000)) (i32.const 5)))`;
  for (const stacks of PARKING) {
    const machine = Machine.load(wat(text), { stacks, asyncify });
    t.is((await machine.runAsync()).exitCode, 5, stacks);
  }
});
