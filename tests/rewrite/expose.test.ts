import test from 'ava';
import { expose } from '../../src/rewrite/expose.ts';
import { sectionIds } from '../../src/wasm/module.ts';
import { wat } from '../support/wat.ts';

const FIRMWARE = `(module
  (memory 1) (table 2 funcref)
  (global $__stack_pointer (mut i32) (i32.const 4096))
  (global $started (export "started") (mut i32) (i32.const 0))
  (func $start (global.set $started (i32.const 1)))
  (start $start)
  (func (export "main") (result i32) (unreachable)))`;

test('hidden state can be reached, and the start function waits to be called', (t) => {
  const { bytes, hookNames } = expose(wat(FIRMWARE));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  t.is((exports[hookNames.stackPointer!] as WebAssembly.Global).value, 4096);
  t.true(exports[hookNames.memory!] instanceof WebAssembly.Memory);
  t.true(exports[hookNames.table!] instanceof WebAssembly.Table);
  t.is((exports.started as WebAssembly.Global).value, 0);
  (exports[hookNames.start!] as () => void)();
  t.is((exports.started as WebAssembly.Global).value, 1);
});

test('the code section is the same to the byte, and offsets lead back to it', (t) => {
  const original = wat(FIRMWARE);
  const { bytes, module, offsets } = expose(original);
  const code = module.sections.find((section) => section.id === sectionIds.code)!;
  const text = (of: Uint8Array) => Buffer.from(of).toString('latin1');
  const at = text(bytes).indexOf(text(original.subarray(code.start, code.end)));
  t.true(at > 0);
  t.is(offsets.toOriginal(at), code.start);
});

test('a module with nothing to expose stays as it is; one without exports gains a section', (t) => {
  const bare = wat('(module (func (export "main")))');
  t.deepEqual(expose(bare).bytes, bare);
  const silent = expose(wat('(module (memory 1) (func $f) (start $f) (data (i32.const 0) "x"))'));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(silent.bytes));
  t.deepEqual(Object.keys(exports).sort(), [silent.hookNames.memory!, silent.hookNames.start!].sort());
});
