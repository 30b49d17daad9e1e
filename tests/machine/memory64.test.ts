/** 64-bit memories, where the engine has them: handlers find their stack, imports are made to measure. */
import test from 'ava';
import wabtFactory from 'wabt';
import { duration } from '../../src/clock/instant.ts';
import { Machine } from '../../src/machine/machine.ts';

const wabt = await wabtFactory();

function wat64(source: string): Uint8Array<ArrayBuffer> {
  const parsed = wabt.parseWat('test.wat', source, { memory64: true, mutable_globals: true } as never);
  parsed.validate();
  return new Uint8Array(parsed.toBinary({ write_debug_names: true }).buffer);
}

for (const memory of ['(memory i64 1)', '(import "env" "memory" (memory i64 1 2))']) {
  const bytes = wat64(`(module ${memory} (global $__stack_pointer (mut i64) (i64.const 4096))
    (func (export "IRQ3_Handler") (i64.store (i64.const 8) (global.get $__stack_pointer)))
    (func (export "main") (result i32) (local $i i32)
      (loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000))))
      (i32.wrap_i64 (i64.add (i64.load (i64.const 8)) (global.get $__stack_pointer)))))`);
  const run = WebAssembly.validate(bytes) ? test : test.skip;
  run(`handlers of a module with ${memory} run below the red zone of a 64-bit stack pointer`, (t) => {
    const machine = Machine.load(bytes);
    machine.raise(3, { kind: 'every', period: duration(10_000) });
    const { outcome, handlerStack } = machine.run();
    t.deepEqual(outcome, { kind: 'exit', code: 4096 - 128 + 4096 });
    t.is(handlerStack?.origin, 'shared');
    t.true(machine.delivered(3) > 1);
  });
}
