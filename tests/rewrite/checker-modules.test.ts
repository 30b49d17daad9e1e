/** Every module at hand, rewritten at every granularity, keeps what the checker proves; and programs of every control structure. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import binaryen from 'binaryen';
import { checkRewritten } from '../../src/rewrite/checker/check.ts';
import { formatViolation } from '../../src/rewrite/checker/violation.ts';
import { type Granularity, instrument } from '../../src/rewrite/instrument.ts';
import { fixture, root } from '../support/root.ts';
import { wat } from '../support/wat.ts';
import { editBody, find } from './mutate.ts';
import { shapes } from './programs.ts';

const granularities: readonly Granularity[] = ['loop', 'block', 'access', 'instruction'];

function wasmBelow(folder: string, maxBytes: number): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return wasmBelow(path, maxBytes);
    return entry.name.endsWith('.wasm') && statSync(join(root, path)).size <= maxBytes ? [path] : [];
  });
}

/** What the checker says, and the figures of both. */
function check(bytes: Uint8Array, granularity: Granularity, unroll = true) {
  const rewritten = instrument(bytes, { granularity, unroll });
  const bound = rewritten.report.longestStretch;
  const report = checkRewritten(bytes, rewritten.bytes, rewritten.hookNames, { granularity, bound });
  return { violations: report.violations.map(formatViolation), checked: report, claimed: rewritten.report };
}

for (const folder of ['firmware-samples', 'bench/kernels', 'tests']) {
  test(`the modules in ${folder}`, (t) => {
    const paths = wasmBelow(folder, 60_000);
    t.true(paths.length > 3);
    for (const path of paths) {
      const bytes = fixture(path);
      for (const granularity of granularities) {
        const { violations, checked, claimed } = check(bytes, granularity);
        t.deepEqual(violations, [], `${path} at ${granularity}`);
        t.is(checked.safepoints, claimed.safepoints, path);
        t.true(checked.longestStretch.charged <= claimed.longestStretch, path);
      }
      t.deepEqual(check(bytes, 'loop', false).violations, [], `${path} without copies`);
    }
  });
}

/** From C++, AssemblyScript and Go, if they are installed. */
for (const path of ['@yowasp/clang/gen/llvm.core2.wasm', 'assemblyscript/dist', '@wasm-fmt/shfmt/shfmt.wasm']) {
  test(`modules from npm: ${path}`, (t) => {
    const full = `node_modules/${path}`;
    if (!existsSync(join(root, full))) {
      t.pass('not installed');
      return;
    }
    const paths = path.endsWith('.wasm') ? [full] : wasmBelow(full, 100_000);
    for (const each of paths) t.deepEqual(check(fixture(each), 'loop').violations, [], each);
    t.pass();
  });
}

const programs: Readonly<Record<string, Uint8Array>> = {
  'loops of every shape': shapes,
  'branches that drop operands': wat(`(module
    (func (export "f") (param i32) (result i32)
      (block $out (result i32)
        (i32.const 1)
        (loop $l (param i32) (result i32)
          (i32.const 2) (i32.const 3)
          (br_if $out (local.get 0))
          (drop)
          (br_if $l (i32.const 9) (local.get 0))
          (br $out))
        (drop)
        (i32.const 4))))`),
  'loops with parameters and several values': wat(`(module
    (func (export "f") (param i32) (result i32 i32)
      (i32.const 1) (local.get 0)
      (loop $l (param i32 i32) (result i32 i32)
        (i32.add)
        (local.get 0)
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`),
  'tables of branches into and out of loops': wat(`(module
    (func (export "f") (param i32) (result i32)
      (block $a (loop $b (block $c (loop $d
        (br_table $a $b $c $d $a (local.get 0)))
        (br $a))
        (local.set 0 (i32.add (local.get 0) (i32.const 1)))
        (br $b)))
      (local.get 0)))`),
  'loops in which nothing happens': wat(`(module
    (func (export "a") (loop (br 0)))
    (func (export "b") (loop $o (loop $i (br $i)) (br $o)))
    (func (export "c") (param i32) (if (local.get 0) (then (loop $l (nop) (block (br $l)))) (else (loop $m (br $m)))))
    (func (export "d") (loop $l (br_if $l (i32.const 1)))))`),
  'tail calls': wat(`(module
    (type $t (func (param i32) (result i32)))
    (table funcref (elem $even $odd))
    (func $even (export "even") (type $t)
      (if (i32.eqz (local.get 0)) (then (return (i32.const 1))))
      (return_call $odd (i32.sub (local.get 0) (i32.const 1))))
    (func $odd (type $t)
      (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
      (return_call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0))))`),
  'exceptions, caught, rethrown and delegated': wat(`(module
    (import "h" "look" (func $look (param i32)))
    (tag $e (param i32))
    (tag $f)
    (func $thrower (param i32) (if (i32.and (local.get 0) (i32.const 1)) (then (throw $e (local.get 0)))) (throw $f))
    (func (export "run") (param $n i32) (result i32) (local $s i32)
      (loop $l
        (try $outer
          (do
            (try
              (do (call $look (local.get $n)) (call $thrower (local.get $n)))
              (catch $e (local.set $s (i32.add (local.get $s))))
              (catch_all (try (do (rethrow 1)) (delegate $outer)))))
          (catch_all
            (try (do (throw $f)) (delegate $l))
            (local.set $s (i32.const 3))))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (local.get $s)))`),
  'recursion through tables and loops': wat(`(module
    (import "h" "look" (func $look))
    (type $t (func (param i32)))
    (table funcref (elem $a $b))
    (func $a (type $t)
      (loop $l
        (call $look)
        (call_indirect (type $t) (local.get 0) (i32.const 1))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
    (func $b (type $t) (call_indirect (type $t) (local.get 0) (i32.const 0)) (call $leaf) (call $leaf))
    (func $leaf (call $look))
    (func (export "run") (param i32) (call $a (local.get 0)) (call $b (local.get 0))))`),
  'a check in a copied body, which has to pay for the copies before it': wat(`(module
    (func (export "f") (param i32) (local i32)
      (loop $o (loop $i
        (local.set 1 (i32.add (local.get 1) (i32.const 1)))
        (br_if $o (local.get 0))
        (br_if $i (local.get 1))))))`),
  'returns out of recursion, which charge for a table of branches': wat(`(module
    (func $f (export "f") (param i32)
      (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1)))))
      (block (br_table 0 0 (local.get 0)))))`),
  'a start function, and memory in bulk': wat(`(module
    (memory 1) (global $g (mut i32) (i32.const 0)) (start $start)
    (func $start
      (memory.fill (i32.const 0) (i32.const 1) (i32.const 100))
      (loop $l (global.set $g (i32.add (global.get $g) (i32.const 1))) (br_if $l (i32.lt_u (global.get $g) (i32.const 9))))))`),
};

for (const [title, bytes] of Object.entries(programs)) {
  test(title, (t) => {
    for (const granularity of granularities) {
      t.deepEqual(check(bytes, granularity).violations, [], granularity);
      t.deepEqual(check(bytes, granularity, false).violations, [], `${granularity} without copies`);
    }
  });
}

/** Assembled by Binaryen: WABT does not know these instructions. */
const proposals = `(module
  (type $ft (func (param i32) (result i32)))
  (type $ct (cont $ft))
  (type $s (struct (field i32) (field (mut i32))))
  (import "h" "look" (func $look))
  (tag $t (param i32) (result i32))
  (tag $e (param i32))
  (memory i64 1)
  (elem declare func $f $g)
  (func $f (type $ft)
    (resume $ct (local.get 0) (cont.new $ct (ref.func $f))))
  (func $g (type $ft)
    (loop $l (result i32)
      (local.set 0 (suspend $t (local.get 0)))
      (br_if $l (local.get 0))
      (local.get 0)))
  (func $h (param i32) (result i32)
    (loop $l
     (block $on (result i32 (ref $ct))
      (return (resume $ct (on $t $on) (local.get 0) (cont.new $ct (ref.func $g)))))
     (drop) (local.set 0)
     (br $l))
    (unreachable))
  (func $eh (export "eh") (param i32) (result i32)
    (loop $l
      (block $c (result i32)
        (try_table (catch $e $c)
          (call $look)
          (throw $e (local.get 0)))
        (i32.const 4))
      (local.set 0 (i32.sub (i32.const 1)))
      (br_if $l (local.get 0)))
    (local.get 0))
  (func $gc (export "gc") (param anyref) (result i32) (local i32)
    (loop $l
      (block $isn (result anyref)
        (struct.get $s 1 (br_on_cast_fail $isn anyref (ref $s) (local.get 0)))
        (local.set 1)
        (br_if $l (local.get 1))
        (local.get 0))
      (drop)
      (i32.store (i64.const 4) (local.get 1)))
    (block $null
      (drop (br_on_null $null (local.get 0)))
      (return (struct.get $s 0 (struct.new $s (i32.const 1) (local.get 1)))))
    (i32.const 2)))`;

test('exceptions of both kinds, references, garbage collection, 64-bit memory and continuations', (t) => {
  const parsed = binaryen.parseText(proposals);
  parsed.setFeatures(binaryen.Features.All);
  const bytes = parsed.emitBinary();
  parsed.dispose();
  for (const granularity of granularities) {
    const rewritten = instrument(bytes, { granularity });
    const report = checkRewritten(bytes, rewritten.bytes, rewritten.hookNames, { granularity });
    t.deepEqual(report.violations.map(formatViolation), [], granularity);
    t.is(report.safepoints, rewritten.report.safepoints, granularity);
  }
});

test('recursion has to pass a safepoint, also through a tail call or an exception', (t) => {
  for (const call of ['(call $f)', '(return_call $f)', '(try (do (call $f)) (catch_all))']) {
    const module = wat(`(module (func $f (export "f") ${call}))`);
    const rewritten = instrument(module);
    t.deepEqual(checkRewritten(module, rewritten.bytes, rewritten.hookNames).violations, []);
    const unchecked = editBody(rewritten.bytes, 0, (parts) => {
      const from = find(parts, 'global.get i32.const i32.sub');
      parts.splice(from, find(parts.slice(from), 'end') + 1);
    });
    const [violation] = checkRewritten(module, unchecked, rewritten.hookNames).violations;
    t.is(violation?.kind, 'cycle', call);
  }
});

test('the longest stretch is that of the longest path through calls', (t) => {
  const program = wat(`(module
    (func $callee (param i32) (result i32) (i32.add (i32.mul (local.get 0) (i32.const 3)) (i32.const 1)))
    (func (export "run") (result i32) (call $callee (call $callee (i32.const 1)))))`);
  // One constant, two calls, and five instructions in each.
  t.deepEqual(check(program, 'block').checked.longestStretch, { charged: 13, executed: 13 });
});
