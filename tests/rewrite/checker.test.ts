/** The checker accepts what the rewriter makes, and refuses what somebody damaged. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { CheckFailure, checkRewriting } from '../../src/rewrite/checker.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { parseModule } from '../../src/wasm/module.ts';
import { fixture, root } from '../support/root.ts';
import { wat } from '../support/wat.ts';

const program = wat(`(module
  (table funcref (elem $a $b))
  (func $leaf (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
  (func $a (param i32) (result i32) (local $i i32)
    (block $out
      (loop $l
        (br_if $out (i32.gt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 40)))
        (local.set 0 (call $leaf (i32.add (local.get 0) (local.get $i))))
        (br_if $l (i32.and (local.get 0) (i32.const 7)))))
    (local.get 0))
  (func $b (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (call_indirect (param i32) (result i32) (i32.sub (local.get 0) (i32.const 1)) (i32.and (local.get 0) (i32.const 1))))
      (else (i32.const 1))))
  (func (export "run") (param i32) (result i32) (local $s i32)
    (loop $l
      (local.set $s (i32.add (local.get $s) (call $b (local.get 0))))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (call $a (local.get $s))))`);

test('what the rewriter makes passes', (t) => {
  t.notThrows(() => checkRewriting(program, instrument(program)));
  t.notThrows(() => checkRewriting(program, instrument(program, { unroll: false, probes: [1, 3] })));
});

test('real programs pass', (t) => {
  const folder = join(root, 'bench', 'kernels');
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.wasm')) : [];
  t.true(files.length > 20);
  for (const file of files) {
    const bytes = fixture(`bench/kernels/${file}`);
    t.notThrows(() => checkRewriting(bytes, instrument(bytes)), file);
  }
});

test('any inserted or copied byte that is changed is noticed, or makes no module', (t) => {
  const rewritten = instrument(program);
  const bodies = rewritten.bytes.lastIndexOf(10);
  let noticed = 0;
  let passed = 0;
  for (let at = 8; at < rewritten.bytes.length; at++) {
    if (!insideBody(rewritten.bytes, at)) continue;
    for (const flip of [1, 2, 8]) {
      const bytes = rewritten.bytes.slice();
      bytes[at]! ^= flip;
      if (!WebAssembly.validate(bytes)) continue;
      try {
        checkRewriting(program, { ...rewritten, bytes });
        passed++;
      } catch (error) {
        t.true(error instanceof CheckFailure, String(error));
        noticed++;
      }
    }
  }
  // What passes: a larger charge, a block's type or nesting that changes nothing, the masked flag, a declared local's type.
  t.true(noticed > 200, `${noticed} noticed`);
  t.true(passed < noticed / 3, `${passed} passed, ${noticed} noticed, ${bodies}`);
});

function insideBody(bytes: Uint8Array, at: number): boolean {
  return parsed(bytes).some(({ start, end }) => at >= start + 3 && at < end);
}

let memo: readonly { start: number; end: number }[] | undefined;
function parsed(bytes: Uint8Array): readonly { start: number; end: number }[] {
  memo ??= instrumentedBodies(bytes);
  return memo;
}

function instrumentedBodies(bytes: Uint8Array): readonly { start: number; end: number }[] {
  return parseModule(bytes).bodies.slice(0, 4);
}

test('a stated bound that is too low is refused', (t) => {
  const rewritten = instrument(program);
  const report = { longestStretch: 5 };
  t.throws(() => checkRewriting(program, { ...rewritten, report }), { instanceOf: CheckFailure, message: /over 5/ });
});
