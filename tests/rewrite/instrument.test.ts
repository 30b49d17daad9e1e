/** Rewritten programs compute the same, are interruptible everywhere, count exactly where the host looks. */
import test from 'ava';
import { WirqError } from '../../src/errors.ts';
import { checkRewritten } from '../../src/rewrite/checker/check.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { parseModule } from '../../src/wasm/module.ts';
import { Writer } from '../../src/wasm/writer.ts';
import { wat } from '../support/wat.ts';
import { host, plain } from './harness.ts';
import { shapes } from './programs.ts';

const sum = wat(`(module
  (func $square (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
  (func (export "sum") (param $n i32) (result i32) (local $s i32)
    (loop $next
      (local.set $s (i32.add (local.get $s) (call $square (local.get $n))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s)))`);

test('a rewritten program computes what the original computes, however often it is interrupted', (t) => {
  const expected = plain(sum).sum(1000);
  t.is(host(sum).exports.sum(1000), expected);
  const busy = host(sum, { quantum: 1 });
  t.is(busy.exports.sum(1000), expected);
  t.true(busy.calls.length >= 1000 / 4 - 1);
});

test('every iteration and every call is charged: never less than what was executed', (t) => {
  const machine = host(sum);
  machine.exports.sum(1);
  const once = machine.spent();
  machine.exports.sum(1000);
  // Ten instructions an iteration (the br_if included), three in the callee; one more for the result.
  t.is(machine.spent() - 2 * once, 999 * (10 + 3));
});

test('a loop that calls nothing is interrupted, and the hook can end it', (t) => {
  const forever = wat('(module (func (export "run") (loop $l (br $l))))');
  const machine = host(forever, {
    quantum: 1000,
    onSafepoint: ({ calls }) => {
      if (calls.length === 3) throw new Error('enough');
    },
  });
  t.throws(() => machine.exports.run(), { message: 'enough' });
  t.deepEqual(
    machine.calls.map(([budget]) => budget < 0),
    [true, true, true],
  );
});

test('recursion without loops is interrupted', (t) => {
  const recursive = wat(`(module
    (func $even (export "even") (param i32) (result i32)
      (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 1)) (else (call $odd (i32.sub (local.get 0) (i32.const 1))))))
    (func $odd (param i32) (result i32)
      (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0)) (else (call $even (i32.sub (local.get 0) (i32.const 1)))))))`);
  const machine = host(recursive, { quantum: 10 });
  t.is(machine.exports.even(1001), 0);
  t.true(machine.calls.length > 1000 / 10);
});

test('recursion through a table is interrupted', (t) => {
  const recursive = wat(`(module
    (type $f (func (param i32) (result i32)))
    (table funcref (elem $down))
    (func $down (type $f)
      (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 7))
        (else (call_indirect (type $f) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)))))
    (func (export "run") (param i32) (result i32) (call $down (local.get 0))))`);
  const machine = host(recursive, { quantum: 5 });
  t.is(machine.exports.run(500), 7);
  t.true(machine.calls.length > 100);
});

test('a tail call to itself is a cycle like any other', (t) => {
  const spin = wat('(module (func $spin (export "spin") (return_call $spin)))');
  const machine = host(spin, {
    quantum: 100,
    onSafepoint: () => {
      throw new Error('stopped');
    },
  });
  t.throws(() => machine.exports.spin(), { message: 'stopped' });
});

test('a chain of calls that doubles at each level gets a check although it has no cycle', (t) => {
  const levels = Array.from({ length: 40 }, (_, i) => `(func $f${i} (call $f${i + 1}) (call $f${i + 1}))`);
  const module = wat(`(module ${levels.join('\n')} (func $f40) (func (export "run") (call $f0)))`);
  const machine = host(module, {
    quantum: 1_000_000,
    onSafepoint: ({ calls }) => {
      if (calls.length === 3) throw new Error('stopped');
    },
  });
  t.throws(() => machine.exports.run(), { message: 'stopped' });
  t.true(machine.instrumented.report.longestStretch < 1_000_000);
});

test('the budget is exact when the host is called', (t) => {
  const module = wat(`(module
    (import "h" "look" (func $look))
    (func (export "run") (param $n i32)
      (loop $next
        (call $look)
        (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))`);
  const seen: number[] = [];
  const machine = host(module, { imports: { h: { look: () => seen.push(machine.spent()) } } });
  machine.exports.run(4);
  const steps = seen.slice(1).map((spent, i) => spent - seen[i]!);
  t.deepEqual(steps, [6, 6, 6]);
});

test('a handler called from the hook spends from the same budget, and the guest goes on unharmed', (t) => {
  const module = wat(`(module
    (global $ticks (export "ticks") (mut i32) (i32.const 0))
    (func (export "handler") (local $i i32)
      (global.set $ticks (i32.add (global.get $ticks) (i32.const 1)))
      (loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 50)))))
    (func (export "run") (param $n i32) (result i32) (local $s i32)
      (loop $l
        (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 31)) (local.get $n)))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (local.get $s)))`);
  let inside = false;
  const machine = host(module, {
    quantum: 300,
    onSafepoint: ({ exports }) => {
      if (inside) return;
      inside = true;
      exports.handler();
      inside = false;
    },
  });
  t.is(machine.exports.run(10_000), plain(module).run(10_000));
  t.true(machine.exports.ticks.value > 100);
});

test('the start function becomes an export and runs interruptibly', (t) => {
  const module = wat(`(module
    (global $g (export "g") (mut i32) (i32.const 0))
    (func $init (loop $l (global.set $g (i32.add (global.get $g) (i32.const 1))) (br_if $l (i32.lt_u (global.get $g) (i32.const 100)))))
    (start $init))`);
  const machine = host(module, { quantum: 20 });
  t.is(machine.exports.g.value, 0);
  machine.exports[machine.instrumented.hookNames.start!]();
  t.is(machine.exports.g.value, 100);
  t.true(machine.calls.length > 10);
});

test('names that the guest exports already are not taken', (t) => {
  const module = wat('(module (memory (export "wirq:hooks") 1) (func (export "wirq1:x")))');
  const { hookNames, bytes } = instrument(module);
  t.is(hookNames.hooks, 'wirq2:hooks');
  t.true(WebAssembly.validate(bytes));
});

test('memory, table and stack pointer are reachable although the guest exports none of them', (t) => {
  const module = wat(`(module (memory 1) (table 3 funcref)
    (global $__stack_pointer (mut i32) (i32.const 1024)))`);
  const { exports, instrumented } = host(module);
  const names = instrumented.hookNames;
  t.deepEqual(instrumented.stackPointer, { globalIndex: 0, how: 'name' });
  t.is(exports[names.getStackPointer!](), 1024);
  t.is(exports[names.memory!].buffer.byteLength, 65536);
  t.is(exports[names.table!].length, 3);
});

test('the stack pointer is found by its export and by the prologues of functions', (t) => {
  const exported = wat('(module (global (export "__stack_pointer") (mut i32) (i32.const 4096)))');
  const machine = host(exported);
  const names = machine.instrumented.hookNames;
  t.deepEqual(machine.instrumented.stackPointer, { globalIndex: 0, how: 'export' });
  machine.exports[names.setStackPointer!](2048);
  t.is(machine.exports[names.getStackPointer!](), 2048);

  const prologue = (bytes: number): string => `(func (local i32)
    (global.set $sp (local.tee 0 (i32.sub (global.get $sp) (i32.const ${bytes}))))
    (global.set $sp (i32.add (local.get 0) (i32.const ${bytes}))))`;
  const declarations = '(global $count (mut i32) (i32.const 0)) (global $sp (mut i32) (i32.const 65536))';
  const found = (functions: string): unknown => instrument(wat(`(module ${declarations} ${functions})`)).stackPointer;
  t.deepEqual(found(prologue(16) + prologue(112)), { globalIndex: 1, how: 'pattern' });
  t.is(found(prologue(8) + prologue(24)), undefined);
  t.is(found(prologue(16)), undefined);
});

test('masked functions report their safepoints as masked', (t) => {
  const module = wat(`(module
    (func $quiet (export "quiet") (local $i i32)
      (loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5)))))
    (func $loud (export "loud") (local $i i32)
      (loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5))))))`);
  const machine = host(module, { quantum: 1, maskFunction: (name) => name === 'quiet' });
  machine.exports.quiet();
  t.true(machine.calls.length > 0 && machine.calls.every(([, masked]) => masked === 1));
  const quiet = machine.calls.length;
  machine.exports.loud();
  t.true(machine.calls.slice(quiet).every(([, masked]) => masked === 0));
  t.deepEqual(machine.instrumented.report.maskedFunctions, ['quiet']);
});

test('a probe is called at each entry, and a budget it takes away is noticed at once', (t) => {
  const module = wat(`(module
    (func $leaf (export "leaf"))
    (func (export "run") (call $leaf) (call $leaf)))`);
  const machine = host(module, { probes: [0] });
  machine.exports.run();
  t.deepEqual(machine.probes, [0, 0]);
  machine.exports[machine.instrumented.hookNames.setBudget](0);
  machine.exports.leaf();
  t.is(machine.calls.length, 1);
  t.throws(() => instrument(module, { probes: [2] }), { instanceOf: WirqError, code: 'bad-argument' });
});

test('loops with parameters, in unreachable code, and in every kind of block', (t) => {
  const module = wat(`(module
    (func (export "run") (param i32) (result i32)
      (i32.const 1) (local.get 0)
      (loop $l (param i32 i32) (result i32)
        (local.set 0)
        (i32.mul (i32.const 2))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))) (local.get 0))
        (drop))
      (return)
      (loop $dead (br $dead)) (unreachable)))`);
  t.true(WebAssembly.validate(module));
  const machine = host(module, { quantum: 3 });
  t.is(machine.exports.run(5), plain(module).run(5));
  t.true(machine.calls.length > 3);
});

test('nothing is renumbered: the rewritten module begins with all that the original has', (t) => {
  const module = wat(`(module
    (type (func (param i64) (result i64)))
    (import "m" "f" (func)) (import "m" "g" (global i32)) (import "m" "t" (table 1 funcref))
    (memory (export "memory") 1 2) (table 2 funcref) (global (mut i64) (i64.const -5))
    (elem (i32.const 0) func 1) (data (i32.const 8) "hello")
    (func $named (export "go") (param i64) (result i64) (local.get 0)))`);
  const original = parseModule(module);
  const rewritten = parseModule(instrument(module).bytes);
  t.deepEqual(rewritten.types.slice(0, original.types.length), original.types);
  t.deepEqual(rewritten.imports, original.imports);
  t.deepEqual(rewritten.functions.slice(0, original.functions.length), original.functions);
  t.deepEqual(rewritten.globals.slice(0, original.globals.length), original.globals);
  t.deepEqual(rewritten.tables.slice(0, original.tables.length), original.tables);
  t.deepEqual(rewritten.memories, original.memories);
  t.deepEqual(rewritten.exports.slice(0, original.exports.length), original.exports);
  t.deepEqual(rewritten.names, original.names);
  t.is(rewritten.dataSegments, 1);
});

test('an empty module gets its hooks too', (t) => {
  const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  t.is(host(empty).spent(), 0);
});

test('the offset map leads from each byte of a body to its copy and back', (t) => {
  const { bytes, offsets } = instrument(sum);
  const { bodies } = parseModule(sum);
  for (const { start, end } of bodies) {
    for (let old = start + 1; old < end; old++) {
      const now = offsets.toRewritten(old)!;
      t.is(bytes[now], sum[old]);
      t.is(offsets.toOriginal(now), old);
    }
  }
  t.is(offsets.toOriginal(0), 0);
});

test('a trap in the rewritten module is led back to its instruction', (t) => {
  const module = wat('(module (func (export "run") (loop (unreachable))))');
  const { bytes, offsets } = instrument(module);
  const exports = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  const error = t.throws(() => (exports.run as () => void)());
  const at = Number.parseInt(/:0x([0-9a-f]+)/.exec(error.stack!)![1]!, 16);
  t.is(module[offsets.toOriginal(at)], 0x00);
  t.is(offsets.toOriginal(at), parseModule(module).bodies[0]!.end - 3);
});

test('branch hints the module came with stay, moved with their branches', (t) => {
  // Hints that the `if` of a loop is likely taken; offset 6 of the body: locals, loop + type, local.get 0, if.
  const body = [0, 0x03, 0x40, 0x20, 0, 0x04, 0x40, 0x0b, 0x0b, 0x0b];
  const name = [...new TextEncoder().encode('metadata.code.branch_hint')];
  const module = Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 1, 0x7f, 0, 3, 2, 1, 0],
    ...[0, 1 + name.length + 6, name.length, ...name, 1, 0, 1, 5, 1, 1],
    ...[10, 2 + body.length, 1, body.length, ...body],
  );
  const { bytes } = instrument(module);
  t.true(WebAssembly.validate(bytes));
  const rewritten = parseModule(bytes);
  const hints = [...rewritten.customSection('metadata.code.branch_hint')!];
  const start = rewritten.bodies[0]!.start;
  // One function, five hints: the user's in each of four copies of the loop, then the check's, likely to go on.
  t.deepEqual(hints.slice(0, 3), [1, 0, 5]);
  for (let i = 0; i < 4; i++) {
    t.is(bytes[start + hints[3 + 3 * i]!], 0x04);
    t.deepEqual(hints.slice(4 + 3 * i, 6 + 3 * i), [1, 1]);
  }
  t.is(bytes[start + hints[15]!], 0x0d);
  t.deepEqual(hints.slice(16), [1, 1]);
});

test('loops of every shape, left by every kind of branch', (t) => {
  t.true(WebAssembly.validate(instrument(shapes).bytes));
  for (const unroll of [true, false]) {
    for (const quantum of [1, 7, 100, 1_000_000]) {
      const seen: number[] = [];
      const imports = (look: () => void): WebAssembly.Imports => ({ h: { look } });
      const machine = host(shapes, { quantum, unroll, imports: imports(() => seen.push(machine.spent())) });
      const expected = plain(
        shapes,
        imports(() => {}),
      );
      for (const name of ['exits', 'value', 'table', 'nested', 'pair']) {
        for (const n of [1, 2, 3, 4, 5, 13, 64, 100, 1003]) {
          t.deepEqual(machine.exports[name](n), expected[name](n), `${name}(${n}), quantum ${quantum}`);
        }
      }
      t.true(seen.every((spent, i) => i === 0 || spent > seen[i - 1]!));
      t.true(machine.calls.length > (quantum === 1 ? 1000 : -1));
    }
  }
});

test('how much is charged does not depend on when safepoints call out', (t) => {
  const charge = (quantum: number): number[] => {
    const machine = host(shapes, { quantum, imports: { h: { look: () => {} } } });
    return [1, 2, 7, 50].map((n) => {
      machine.exports.nested(n);
      machine.exports.value(n);
      machine.exports.table(n);
      return machine.spent();
    });
  };
  const expected = charge(1_000_000);
  for (const quantum of [1, 3, 50]) t.deepEqual(charge(quantum), expected);
});

test('groups of locals may be empty, and more than there can be locals', (t) => {
  const groups = 60_000;
  const body = new Writer().u32(groups);
  for (let i = 0; i < groups; i++) body.u8(0).u8(0x7f);
  const contents = new Writer()
    .u8(1)
    .u32(body.length + 1)
    .bytes(body.view())
    .u8(0x0b);
  const before = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10];
  const bytes = new Writer().bytes(before).u32(contents.length).bytes(contents.view()).view().slice();
  t.true(WebAssembly.validate(bytes));
  const rewritten = instrument(bytes, { granularity: 'instruction' });
  t.true(WebAssembly.validate(rewritten.bytes));
  t.deepEqual(
    checkRewritten(bytes, rewritten.bytes, rewritten.hookNames, { granularity: 'instruction' }).violations,
    [],
  );
});

test('choices that there are not are refused', (t) => {
  const refused = (options: object) => t.throws(() => instrument(sum, options), { instanceOf: WirqError }).message;
  t.is(refused({ granularity: 'fine' }), '"fine" is not a granularity');
  t.is(refused({ granularity: 'toString' }), '"toString" is not a granularity');
  t.is(refused({ counting: 'some' }), '"some" cannot be counted');
});

test('a module that has as many of something as an engine takes is refused, not made invalid', (t) => {
  const tables = (count: number) => {
    const contents = new Writer().u32(count);
    for (let i = 0; i < count; i++) contents.u8(0x70).u8(0).u8(0);
    const section = new Writer().bytes([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 4]).u32(contents.length);
    return section.bytes(contents.view()).view().slice();
  };
  t.true(WebAssembly.validate(instrument(tables(99_999)).bytes));
  t.true(WebAssembly.validate(tables(100_000)));
  const error = t.throws(() => instrument(tables(100_000)), { instanceOf: WirqError });
  t.is(error.code, 'limit');
  t.is(error.message, '100001 tables with what safepoints need, over 100000');
});
