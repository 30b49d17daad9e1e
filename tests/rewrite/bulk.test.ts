/** Instructions that work on a length are charged by it, at every granularity, behind themselves, and checked at once. */
import test, { type ExecutionContext } from 'ava';
import { checkRewritten } from '../../src/rewrite/checker/check.ts';
import { formatViolation } from '../../src/rewrite/checker/violation.ts';
import { type Granularity, instrument } from '../../src/rewrite/instrument.ts';
import { newEngine, newWat } from '../support/binaryen.ts';
import { wat } from '../support/wat.ts';
import { host, plain } from './harness.ts';

const granularities: readonly Granularity[] = ['loop', 'block', 'access', 'instruction'];

const memory = (code: string, declared = '(memory 4)') => `(module ${declared} (data $d "0123456789abcdefghij")
  (func (export "run") (param $n i32) ${code}))`;
const table = (code: string) => `(module (table $t 100 200 funcref) (table $u 100 funcref) (elem $e func $f $f $f $f $f)
  (func $f) (func (export "run") (param $n i32) ${code}))`;
const array = (code: string) => `(module
  (type $bytes (array (mut i8))) (type $refs (array (mut funcref)))
  (data $d "0123456789abcdefghij") (elem $e func $f $f $f $f $f)
  (global $a (ref $bytes) (array.new_default $bytes (i32.const 100)))
  (global $b (ref $bytes) (array.new_default $bytes (i32.const 100)))
  (global $r (ref $refs) (array.new_default $refs (i32.const 100)))
  (func $f) (func (export "run") (param $n i32) ${code}))`;
const wide = (code: string) => `(module (memory $m i64 4) (table $t i64 100 200 funcref)
  (func (export "run") (param $n i64) ${code}))`;

interface Case {
  readonly source: string;
  /** Length, and what it costs beyond what the instruction costs with none. */
  readonly costs: readonly (readonly [length: number, charged: number])[];
}
const eighths = [
  [1, 0],
  [7, 0],
  [8, 1],
  [15, 1],
  [16, 2],
  [4096, 512],
  [0x30000, 0x6000],
] as const;
const initEighths = [
  [7, 0],
  [8, 1],
  [20, 2],
] as const;
const each = [
  [1, 1],
  [7, 7],
  [100, 100],
] as const;
const initEach = [
  [1, 1],
  [5, 5],
] as const;

const cases: Readonly<Record<string, Case>> = {
  'memory.fill': {
    source: memory('(memory.fill (i32.const 16) (i32.const 7) (local.get $n))'),
    costs: eighths,
  },
  'memory.copy': {
    source: memory('(memory.copy (i32.const 16) (i32.const 65) (local.get $n))'),
    costs: eighths,
  },
  'memory.init': { source: memory('(memory.init $d (i32.const 9) (i32.const 0) (local.get $n))'), costs: initEighths },
  'memory.copy between two memories': {
    source: memory('(memory.copy $a $b (i32.const 16) (i32.const 65) (local.get $n))', '(memory $a 4) (memory $b 4)'),
    costs: eighths,
  },
  'table.fill': { source: table('(table.fill $t (i32.const 0) (ref.func $f) (local.get $n))'), costs: each },
  'table.copy': { source: table('(table.copy $t $u (i32.const 0) (i32.const 0) (local.get $n))'), costs: each },
  'table.init': { source: table('(table.init $t $e (i32.const 3) (i32.const 0) (local.get $n))'), costs: initEach },
  'table.grow, where there is no room': {
    source: table('(drop (table.grow $t (ref.null func) (local.get $n)))'),
    costs: [
      [101, 0],
      [0xffff_ffff, 0],
    ],
  },
  'table.grow': {
    source: table('(drop (table.grow $t (ref.null func) (local.get $n)))'),
    costs: [
      [5, 5],
      [90, 90],
    ],
  },
  'array.new': { source: array('(drop (array.new $bytes (i32.const 5) (local.get $n)))'), costs: each },
  'array.new_default': { source: array('(drop (array.new_default $refs (local.get $n)))'), costs: each },
  'array.new_data': {
    source: array('(drop (array.new_data $bytes $d (i32.const 0) (local.get $n)))'),
    costs: [[20, 20]],
  },
  'array.new_elem': { source: array('(drop (array.new_elem $refs $e (i32.const 0) (local.get $n)))'), costs: initEach },
  'array.fill': {
    source: array('(array.fill $bytes (global.get $a) (i32.const 0) (i32.const 9) (local.get $n))'),
    costs: each,
  },
  'array.copy': {
    source: array(
      '(array.copy $bytes $bytes (global.get $a) (i32.const 0) (global.get $b) (i32.const 0) (local.get $n))',
    ),
    costs: each,
  },
  'array.init_data': {
    source: array('(array.init_data $bytes $d (global.get $a) (i32.const 0) (i32.const 0) (local.get $n))'),
    costs: [[20, 20]],
  },
  'array.init_elem': {
    source: array('(array.init_elem $refs $e (global.get $r) (i32.const 0) (i32.const 0) (local.get $n))'),
    costs: initEach,
  },
  'memory.fill, 64 bits': {
    source: wide('(memory.fill $m (i64.const 16) (i32.const 7) (local.get $n))'),
    costs: eighths,
  },
  'memory.copy, 64 bits': {
    source: wide('(memory.copy $m $m (i64.const 16) (i64.const 65) (local.get $n))'),
    costs: eighths,
  },
  'table.fill, 64 bits': { source: wide('(table.fill $t (i64.const 0) (ref.null func) (local.get $n))'), costs: each },
  'table.grow, 64 bits': {
    source: wide('(drop (table.grow $t (ref.null func) (local.get $n)))'),
    costs: [
      [3, 3],
      [97, 97],
      [2 ** 40, 0],
      [1, 0],
    ],
  },
};

function charged(t: ExecutionContext, bytes: Uint8Array<ArrayBuffer>, costs: Case['costs'], wideLength = false): void {
  if (!WebAssembly.validate(bytes) && !newEngine) {
    t.pass('beyond this engine');
    return;
  }
  const length = (value: number): number | bigint => (wideLength ? BigInt(value) : value);
  for (const granularity of granularities) {
    const { exports, instrumented, spent } = host(bytes, { granularity });
    exports.run(length(0));
    const withNone = spent();
    for (const [value, expected] of costs) {
      const before = spent();
      exports.run(length(value));
      t.is(spent() - before - withNone, expected, `${value} at ${granularity}`);
    }
    const { violations } = checkRewritten(bytes, instrumented.bytes, instrumented.hookNames, { granularity });
    t.deepEqual(violations.map(formatViolation), [], granularity);
  }
}

for (const [title, { source, costs }] of Object.entries(cases)) {
  test(`${title} is charged by its length`, (t) => {
    charged(t, newWat(source), costs, source.includes('(param $n i64)'));
  });
}

/** By hand, because neither assembler takes it: memories of 32 and 64 bits, and `code` in a function of an i32. */
const mixed = (...code: readonly number[]) =>
  Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 1, 0x7f, 0, 3, 2, 1, 0],
    ...[5, 5, 2, 0, 4, 4, 4, 7, 7, 1, 3, ...Buffer.from('run'), 0, 0],
    ...[10, code.length + 4, 1, code.length + 2, 0, ...code, 0x0b],
  );

test('between memories of 32 and 64 bits the length has 32', (t) => {
  // i32.const 16, i64.const 33, local.get 0, memory.copy 0 1; and the other way.
  charged(t, mixed(0x41, 16, 0x42, 33, 0x20, 0, 0xfc, 10, 0, 1), eighths);
  charged(t, mixed(0x42, 16, 0x41, 33, 0x20, 0, 0xfc, 10, 1, 0), eighths);
});

const fills = wat(`(module (memory (export "memory") 4)
  (func (export "run") (param $n i32)
    (memory.fill (i32.const 0) (i32.const 1) (local.get $n))
    (memory.fill (i32.const 0) (i32.const 2) (local.get $n))
    (memory.fill (i32.const 0) (i32.const 3) (local.get $n))))`);

test('an instruction that traps is not charged for its length', (t) => {
  for (const granularity of granularities) {
    for (const length of [0x40001, -1]) {
      const { exports, spent } = host(fills, { granularity });
      t.throws(() => exports.run(length), { instanceOf: WebAssembly.RuntimeError });
      t.true(spent() <= 12, `${spent()} at ${granularity}`);
    }
  }
});

test('the budget is looked at behind each, before the next begins', (t) => {
  for (const granularity of ['loop', 'block'] as const) {
    const seen: [filled: number, spent: number][] = [];
    const machine = host(fills, {
      granularity,
      quantum: 1000,
      onSafepoint: ({ exports }) => seen.push([new Uint8Array(exports.memory.buffer)[0]!, machine.spent()]),
    });
    machine.exports.run(0x40000);
    // Four instructions and a length each; at `loop` the instructions are charged at the entry.
    const instructions = granularity === 'loop' ? [12, 12, 12] : [4, 8, 12];
    t.deepEqual(
      seen.slice(0, 3),
      instructions.map((count, i) => [i + 1, count + (i + 1) * 0x8000] as [number, number]),
      granularity,
    );
  }
});

test('in a masked function it is charged too, and the safepoint says that it is masked', (t) => {
  const { exports, calls, spent } = host(fills, { quantum: 100, maskFunction: () => true });
  exports.run(800);
  t.is(spent(), 12 + 300);
  t.deepEqual(
    calls.map(([, masked]) => masked),
    [1, 1, 1],
  );
});

const loops = wat(`(module (memory 1)
  (func $clear (param $at i32) (param $n i32) (memory.fill (local.get $at) (i32.const 0) (local.get $n)))
  (func (export "run") (param $n i32) (result i32) (local $i i32) (local $sum i32)
    (loop $outer
      (memory.fill (i32.const 0) (local.get $i) (i32.and (local.get $i) (i32.const 63)))
      (loop $inner
        (local.set $sum (i32.add (local.get $sum) (i32.load8_u (i32.and (local.get $sum) (i32.const 63)))))
        (if (i32.and (local.get $i) (i32.const 4))
          (then (memory.copy (i32.const 9) (i32.const 5) (i32.and (local.get $sum) (i32.const 31)))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $outer (i32.eq (i32.and (local.get $i) (i32.const 15)) (i32.const 3)))
        (br_if $inner (i32.and (local.get $i) (i32.const 7))))
      (call $clear (i32.const 20) (i32.and (local.get $i) (i32.const 15)))
      (block $done
        (br_if $done (i32.gt_u (local.get $i) (local.get $n)))
        (br $outer)))
    (local.get $sum)))`);

test('in loops, under interrupts, all exact granularities count the same, and `loop` no less', (t) => {
  const expected = plain(loops).run(500);
  for (const quantum of [1, 13, 100_000]) {
    const spent = granularities.map((granularity) => {
      const machine = host(loops, { granularity, quantum });
      t.is(machine.exports.run(500), expected, `${granularity}, quantum ${quantum}`);
      return machine.spent();
    });
    t.is(spent[2], spent[1]);
    t.is(spent[3], spent[1]);
    t.true(spent[0]! >= spent[1]!, `${spent}`);
  }
});

test('where control cannot come nothing is added', (t) => {
  const dead = wat('(module (memory 1) (func (export "run") (return) (memory.fill) (unreachable)))');
  for (const granularity of granularities) {
    const { bytes, report } = instrument(dead, { granularity });
    t.true(WebAssembly.validate(bytes));
    t.is(report.safepoints, granularity === 'access' || granularity === 'instruction' ? 1 : 0, granularity);
  }
});
