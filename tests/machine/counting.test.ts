/** Goal: what docs/counting.md says of counts and of `insn:N` holds, for every N of a program with every kind of place. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { Machine } from '../../src/machine/machine.ts';
import { type Granularity, instrument } from '../../src/rewrite/instrument.ts';
import { host } from '../rewrite/harness.ts';
import { fixture, root } from '../support/root.ts';
import { wat } from '../support/wat.ts';
import { NS_PER_CYCLE, run as runFirmware } from './firmware.ts';

const GRANULARITIES: readonly Granularity[] = ['loop', 'block', 'access', 'instruction'];

/** Branch tables, calls, recursion, a loop in which to call, one to unroll, arms of different length. */
const PROGRAM = wat(`(module
  (memory (export "memory") 1)
  (func (export "IRQ3_Handler"))
  (func $leaf (param i32) (result i32)
    (i32.store (i32.const 0) (local.get 0))
    (i32.load (i32.const 0)))
  (func $depth (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (i32.const 1) (call $depth (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.const 7))))
  (func (export "run") (param $n i32) (result i32) (local $i i32) (local $s i32)
    (loop $l
      (block $b
        (block $a (br_table $a $b (i32.and (local.get $i) (i32.const 1))))
        (local.set $s (i32.add (local.get $s) (call $leaf (local.get $i)))))
      (if (i32.rem_u (local.get $i) (i32.const 3)) (then (local.set $s (i32.load (i32.const 4)))))
      (local.set $s (i32.add (local.get $s) (call $depth (i32.const 3))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (loop $k (br_if $k (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s)))`);

/** @returns the count when the handler was entered, if it was, and at the end. */
function run(granularity: Granularity, count?: number): { landed: number | undefined; total: number } {
  const machine = Machine.load(PROGRAM, { invoke: 'run', args: ['5'], granularity });
  let landed: number | undefined;
  machine.onEvent((event) => {
    if (event.kind === 'enter') landed = event.instructions;
  });
  if (count !== undefined) machine.raise(3, { kind: 'instruction', count });
  const total = machine.run().instructions;
  return { landed, total };
}

for (const granularity of GRANULARITIES) {
  test(`${granularity}: insn:N lands at or behind N, within the longest stretch, always at the same place`, (t) => {
    const { longestStretch } = instrument(PROGRAM, { granularity }).report;
    const { total } = run(granularity);
    let before = 0;
    for (let count = 1; count <= total - longestStretch; count++) {
      const { landed } = run(granularity, count);
      t.true(landed !== undefined && landed >= count, `insn:${count} landed at ${landed}`);
      t.true(landed! < count + longestStretch, `insn:${count} landed at ${landed}, over ${longestStretch} later`);
      t.true(landed! >= before, 'later moments land no earlier');
      if (granularity === 'instruction') t.is(landed!, count, `insn:${count} landed at ${landed}`);
      before = landed!;
    }
    t.is(run(granularity, 50).landed, run(granularity, 50).landed);
  });
}

test('the exact granularities agree; the estimate is never below them, and unrolling does not change it', (t) => {
  const totals = GRANULARITIES.map((granularity) => run(granularity).total);
  t.deepEqual(totals.slice(2), [totals[1], totals[1]]);
  t.true(totals[0]! >= totals[1]!);
  for (const name of ['crc32', 'recursion', 'json']) {
    const bytes = fixture(`bench/kernels/${name}.wasm`);
    const spent = (options: Parameters<typeof host>[1]) => {
      const hosted = host(bytes, options);
      hosted.exports.run(1);
      return hosted.spent();
    };
    const estimate = spent({});
    t.is(spent({ unroll: false }), estimate, name);
    t.true(estimate >= spent({ granularity: 'block' }), name);
  }
});

test('what counts nothing is what the documentation lists', (t) => {
  const documented = readFileSync(join(root, 'docs/counting.md'), 'utf8');
  const structure = wat(`(module (func (export "run")
    (block nop (loop (if (i32.const 0) (then nop) (else nop))) (try (do nop) (catch_all nop)))))`);
  for (const granularity of ['block', 'access', 'instruction'] as const) {
    const hosted = host(structure, { granularity });
    hosted.exports.run();
    t.is(hosted.spent(), 2, 'i32.const and if');
  }
  for (const name of ['block', 'loop', 'else', 'end', 'nop', 'try', 'try_table', 'catch', 'catch_all', 'delegate']) {
    t.true(documented.includes(`\`${name}\``), name);
  }
});

test('filling a megabyte takes time, and what is due meanwhile is handled directly behind', (t) => {
  for (const granularity of ['loop', 'block'] as const) {
    const source = `(module (import "wirq/board" "now" (func $now (result i64))) (memory (export "memory") 17)
      (func (export "IRQ3_Handler")
        (i32.store (i32.const 8) (i32.load8_u (i32.const 65536))) (i64.store (i32.const 16) (call $now)))
      (func (export "_start")
        (memory.fill (i32.const 65536) (i32.const 5) (i32.const 0x100000))
        (i64.store (i32.const 0) (call $now))))`;
    const { u32 } = runFirmware(source, { ...NS_PER_CYCLE, granularity }, (machine) => {
      machine.raise(3, { kind: 'instruction', count: 1000 });
    });
    const [after, seen, handled] = [u32(0), u32(8), u32(16)];
    t.is(seen, 5, 'the handler finds it filled');
    t.true(handled >= 0x20000 && handled < 0x20000 + 20, `${handled}`);
    t.true(after >= handled && after < 0x20000 + 40, `${after}`);
  }
});
