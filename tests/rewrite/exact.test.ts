/** The granularities whose counts are exact: what is charged is what was executed, wherever anybody can look. */
import test from 'ava';
import { WirqError } from '../../src/errors.ts';
import { type Granularity, instrument } from '../../src/rewrite/instrument.ts';
import { Writer } from '../../src/wasm/writer.ts';
import { wat } from '../support/wat.ts';
import { type Exports, type Hosted, host, plain } from './harness.ts';
import { shapes } from './programs.ts';

const exact: readonly Granularity[] = ['block', 'access', 'instruction'];

/** Three instructions before the loop; seven an iteration with an odd counter, nine with an even one; one behind it. */
const counted = wat(`(module
  (import "h" "look" (func $look (param i32)))
  (memory 1)
  (func (export "run") (param $n i32) (result i32) (local $s i32)
    (drop (i32.const 1)) nop
    (loop $l
      (if (i32.eqz (i32.and (local.get $n) (i32.const 1)))
        (then (call $look (local.get $n))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s)))`);

test('the host sees the exact count, its own call included', (t) => {
  for (const granularity of exact) {
    const seen: [number, number][] = [];
    const machine: Hosted = host(counted, {
      granularity,
      imports: { h: { look: (n: number) => seen.push([n, machine.spent()]) } },
    });
    machine.exports.run(4);
    // Before the loop 2; a condition and its `if` 5; the call 2; the rest of an iteration 5.
    t.deepEqual(seen, [
      [4, 2 + 5 + 2],
      [2, 2 + (5 + 2 + 5) + (5 + 5) + 5 + 2],
    ]);
    t.is(machine.spent(), 2 + 2 * (5 + 2 + 5) + 2 * (5 + 5) + 1, granularity);
  }
});

test('all exact granularities count the same, and compute what the original computes', (t) => {
  for (const quantum of [1, 5, 1000, 1_000_000]) {
    const machines = exact.map((granularity) => {
      const seen: number[] = [];
      const machine: Hosted = host(shapes, {
        granularity,
        quantum,
        imports: { h: { look: () => seen.push(machine.spent()) } },
      });
      return { machine, seen };
    });
    const expected: Exports = plain(shapes, { h: { look: () => {} } });
    for (const name of ['exits', 'value', 'table', 'nested', 'pair']) {
      for (const n of [1, 2, 3, 5, 13, 64, 1003]) {
        for (const { machine } of machines) t.deepEqual(machine.exports[name](n), expected[name](n), `${name}(${n})`);
        t.is(new Set(machines.map(({ machine }) => machine.spent())).size, 1, `${name}(${n})`);
      }
    }
    t.deepEqual(machines[1]!.seen, machines[0]!.seen);
    t.deepEqual(machines[2]!.seen, machines[0]!.seen);
  }
});

test('with `instruction` a safepoint stands behind every instruction: before the next, or the end', (t) => {
  const seen = new Set<number>();
  const machine: Hosted = host(counted, {
    granularity: 'instruction',
    quantum: 0,
    imports: { h: { look: () => {} } },
    onSafepoint: () => seen.add(machine.spent()),
  });
  machine.exports.run(3);
  t.deepEqual(
    [...seen],
    Array.from({ length: machine.spent() }, (_, i) => i + 1),
  );
});

test('with `access` a safepoint stands before every load, store and call, behind what works on a length, and at the end', (t) => {
  const module = wat(`(module (memory 1)
    (func (export "run") (result i32)
      (i32.store (i32.const 0) (i32.const 7))
      (memory.fill (i32.const 8) (i32.const 1) (i32.const 4))
      (i32.add (i32.load (i32.const 0)) (i32.load8_u (i32.const 8)))))`);
  const machine = host(module, { granularity: 'access', quantum: 1 });
  t.is(machine.exports.run(), 8);
  t.is(machine.calls.length, 6);
});

test('recursion and endless loops are interrupted at every granularity', (t) => {
  const module = wat(
    `(module
    (func $down (export "down") (param i32) (result i32)
      (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0))))
    (func (export "forever") (loop $l (br $l)))
    (func (export "spin") (return_call 0 (i32.const 1)) drop))`.replace(
      '(return_call 0 (i32.const 1)) drop',
      '(drop (call 0 (i32.const 1)))',
    ),
  );
  for (const granularity of exact) {
    const machine = host(module, {
      granularity,
      quantum: 100,
      onSafepoint: ({ calls }) => {
        if (calls.length > 1000) throw new Error('enough');
      },
    });
    t.is(machine.exports.down(1000), 1000);
    t.true(machine.calls.length > 50);
    t.throws(() => machine.exports.forever(), { message: 'enough' });
  }
});

test('the rewritten modules are valid', (t) => {
  for (const granularity of exact) t.true(WebAssembly.validate(instrument(shapes, { granularity }).bytes));
});

test('a check in a loop that could be copied sees the exact count', (t) => {
  const module = wat(`(module (func (export "run") (param $n i32) (param $m i32) (local $i i32)
    (loop $outer
      (loop $inner
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $outer (i32.eq (local.get $i) (local.get $n)))
        (br_if $inner (i32.lt_u (local.get $i) (local.get $m)))))))`);
  const seen: number[] = [];
  const machine: Hosted = host(module, {
    granularity: 'block',
    quantum: 0,
    onSafepoint: () => seen.push(machine.spent()),
  });
  machine.exports.run(7, 20);
  // Eight instructions to the first branch back, four more to the second.
  t.deepEqual(seen.slice(0, 6), [8, 12, 20, 24, 32, 36]);
});

test('a function that grows beyond what an engine takes is refused with its name', (t) => {
  // A body of a million instructions: twelve bytes before each are too many.
  const code: number[] = [];
  for (let i = 0; i < 1_000_000; i++) code.push(0x41, 0, 0x1a);
  const start = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 7, 1, 3, 0x62, 0x69, 0x67, 0, 0];
  const size = new Writer().u32(code.length + 2).view();
  const module = Uint8Array.of(...start);
  const whole = new Writer(code.length + 64)
    .bytes(module)
    .u8(10)
    .u32(code.length + 3 + size.length);
  whole.u8(1).bytes(size).u8(0).bytes(Uint8Array.from(code)).u8(0x0b);
  const bytes = whole.view();
  t.true(WebAssembly.validate(bytes));
  t.true(WebAssembly.validate(instrument(bytes).bytes));
  const error = t.throws(() => instrument(bytes, { granularity: 'instruction' }), {
    instanceOf: WirqError,
    code: 'limit',
  });
  t.is(error.place?.function, 'big');
});

test('with `access` a safepoint stands between the last access of a callee and the next of its caller', (t) => {
  const module = wat(`(module (memory 1)
    (func $f (result i32) (i32.store (i32.const 4) (i32.const 1)) (i32.const 4))
    (func (export "run") (result i32) (i32.load (call $f))))`);
  const seen: number[] = [];
  const machine: Hosted = host(module, {
    granularity: 'access',
    quantum: 0,
    onSafepoint: () => seen.push(machine.spent()),
  });
  machine.exports.run();
  // In front of the store (the call and two constants); behind the callee's last instruction; at the end.
  t.deepEqual(seen, [1, 3, 5, 6]);
});

test('each return through a recursion passes a safepoint, also when nothing is owed at the end', (t) => {
  const module = wat(`(module (func $f (export "f") (param i32)
    (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1)))))
    (block (br_table 0 0 (local.get 0)))))`);
  const machine = host(module, { granularity: 'block', quantum: 0 });
  machine.exports.f(10);
  t.true(machine.calls.length >= 10 + 11);
});

/** Entered 25 times for n = 6, 13 times with less than 2: six instructions then, else thirteen. */
const fibonacci = wat(`(module
  (import "h" "look" (func $look))
  (func $leaf (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func $fibonacci (param i32) (result i32)
    (if (i32.lt_u (local.get 0) (i32.const 2)) (then (return (local.get 0))))
    (i32.add (call $fibonacci (i32.sub (local.get 0) (i32.const 1)))
      (call $fibonacci (i32.sub (local.get 0) (i32.const 2)))))
  (func (export "run") (param i32) (result i32)
    (local.set 0 (call $fibonacci (call $leaf (local.get 0))))
    (call $look)
    (local.get 0)))`);

test('what functions leave to their callers is counted when somebody looks, and at every safepoint', (t) => {
  const counts = exact.map((granularity) => {
    const seen: number[] = [];
    const machine: Hosted = host(fibonacci, {
      granularity,
      imports: { h: { look: () => seen.push(machine.spent()) } },
    });
    t.is(machine.exports.run(5), 8);
    return [...seen, machine.spent()];
  });
  // Around them: argument, two calls and the leaf's three, the result's local; then the call of the host; then its result.
  const expected = 13 * 6 + 12 * 13 + 1 + 1 + 3 + 1 + 1 + 1;
  t.deepEqual(
    counts,
    exact.map(() => [expected, expected + 1]),
  );
});
