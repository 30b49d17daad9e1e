/**
 * Broken modules, made from good ones by flipping, cutting, splicing, shuffling, padding and exaggerating, give a typed error with
 * a place: no crash, no hang, no other error. And what the engine takes, we take, and make nothing of it that it refuses.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { WirqError } from '../../src/errors.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { parseModule } from '../../src/wasm/module.ts';
import { Writer } from '../../src/wasm/writer.ts';
import { checkMutation, mutate } from '../rewrite/differential-mutations.ts';
import { granularities } from '../rewrite/differential-run.ts';
import { root } from '../support/root.ts';
import { wat } from '../support/wat.ts';

const good = wat(`(module
  (type $t (func (param i32) (result i32)))
  (import "m" "f" (func $f (param i32))) (import "m" "mem" (memory 1))
  (table 4 funcref) (global $g (mut i32) (i32.const 3)) (tag $e (param i32))
  (elem (i32.const 0) $a $b) (data (i32.const 0) "text") (data $passive "more")
  (func $a (type $t) (local i64 f32 v128)
    (block $out (loop $l (br_table $l $out (local.get 0))))
    (memory.init $passive (i32.const 0) (i32.const 0) (i32.const 2))
    (try (do (throw $e (i32.const 1))) (catch $e (drop)))
    (if (result i32) (global.get $g) (then (call_indirect (type $t) (i32.const 1) (i32.const 1))) (else (i32.const -70000))))
  (func $b (export "b") (type $t) (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15
    (v128.const i64x2 1 2) (i8x16.splat (local.get 0)))) (f64.const 1.5) (i32.trunc_sat_f64_s))
  (start $s) (func $s))`);

const header = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const ways = granularities();

function accepts(bytes: Uint8Array): boolean {
  try {
    instrument(bytes);
    return true;
  } catch (error) {
    if (error instanceof WirqError) return false;
    throw error;
  }
}

/** Tries many mutations of a module, in all granularities by turns. */
function mutateMany(t: ExecutionContext, module: Uint8Array<ArrayBuffer>, seeds: number): void {
  let valid = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const verdict = checkMutation(mutate(module, seed), ways[seed % ways.length]);
    if (verdict.valid) valid++;
    t.is(verdict.fault, undefined, `mutation with seed ${seed}`);
  }
  t.true(valid > seeds / 50, `${valid} stayed valid`);
  t.true(valid < seeds - seeds / 50, `${seeds - valid} did not`);
}

test('mutations of a module with a bit of everything', (t) => {
  mutateMany(t, good, 2500);
});

for (const file of ['xxhash-wasm/workerd/xxhash.wasm', '@chainsafe/as-sha256/build/optimized.wasm', 'tests/sample']) {
  test(`mutations of ${file}`, (t) => {
    const path = file === 'tests/sample' ? 'firmware-samples/blinky/blinky.wasm' : join('node_modules', file);
    mutateMany(t, new Uint8Array(readFileSync(join(root, path))), 500);
  });
}

test('every byte of a module as every value', (t) => {
  const small = wat(
    '(module (memory 1) (global i32 (i32.const 1)) (func (export "f") (loop (br_if 0 (i32.const 0)))))',
  );
  for (let at = 0; at < small.length; at++) {
    for (let value = 0; value < 256; value++) {
      const bytes = small.slice();
      bytes[at] = value;
      const { fault } = checkMutation(bytes);
      if (fault !== undefined) t.fail(`byte ${at} as ${value}: ${fault}`);
    }
  }
  t.pass();
});

test('every way of cutting a module short', (t) => {
  for (let length = 0; length < good.length; length++) {
    const bytes = good.slice(0, length);
    if (accepts(bytes)) t.true(WebAssembly.validate(bytes), `cut to ${length} bytes`);
  }
  t.pass();
});

test('anything behind a valid header', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (rubbish) => {
      accepts(Uint8Array.of(...header, ...rubbish));
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

test('an error says which function and where', (t) => {
  const bytes = wat('(module (func $broken (export "x") (drop (i32.const 7))))').slice();
  const at = bytes.lastIndexOf(0x41);
  bytes[at] = 0x27;
  const error = t.throws(() => instrument(bytes), { instanceOf: WirqError, code: 'unsupported' });
  t.deepEqual(error.place, { offset: at, function: 'broken' });
});

const max32 = [0xff, 0xff, 0xff, 0xff, 0x0f];
const section = (id: number, ...contents: number[]): number[] => [id, contents.length, ...contents];
const emptyType = section(1, 1, 0x60, 0, 0);
const oneFunction = section(3, 1, 0);
const body = (...code: number[]): number[] => section(10, 1, code.length, ...code);

/** A count of four thousand million, where the format has one, in a section that is a few bytes long. */
const huge: Readonly<Record<string, readonly number[]>> = {
  types: section(1, ...max32, 0x60, 0, 0),
  'types of a group': section(1, 1, 0x4e, ...max32, 0x60, 0, 0),
  parameters: section(1, 1, 0x60, ...max32, 0x7f),
  results: section(1, 1, 0x60, 0, ...max32, 0x7f),
  fields: section(1, 1, 0x5f, ...max32, 0x7f, 0),
  imports: section(2, ...max32, 1, 0x6d),
  'bytes of a name': section(2, 1, ...max32, 0x6d),
  functions: [...emptyType, ...section(3, ...max32, 0)],
  tables: section(4, ...max32, 0x70, 0, 0),
  memories: section(5, ...max32, 0, 0),
  globals: section(6, ...max32, 0x7f, 0, 0x41, 0, 0x0b),
  tags: [...emptyType, ...section(13, ...max32, 0, 0)],
  exports: section(7, ...max32, 1, 0x6d, 0, 0),
  'element segments': section(9, ...max32, 0x41, 0, 0x0b, 0),
  elements: [...section(4, 1, 0x70, 0, 0), ...section(9, 1, 0, 0x41, 0, 0x0b, ...max32, 0)],
  'expressions of elements': [
    ...section(4, 1, 0x70, 0, 0),
    ...section(9, 1, 4, 0x41, 0, 0x0b, ...max32, 0xd2, 0, 0x0b),
  ],
  'data segments': section(11, ...max32, 1, 0),
  'bytes of data': section(11, 1, 1, ...max32, 0),
  bodies: [...emptyType, ...oneFunction, ...section(10, ...max32, 2, 0, 0x0b)],
  'bytes of a body': [...emptyType, ...oneFunction, ...section(10, 1, ...max32, 0, 0x0b)],
  'groups of locals': [...emptyType, ...oneFunction, ...body(...max32, 1, 0x7f, 0x0b)],
  locals: [...emptyType, ...oneFunction, ...body(1, ...max32, 0x7f, 0x0b)],
  'locals in two groups': [...emptyType, ...oneFunction, ...body(2, ...max32, 0x7f, ...max32, 0x7f, 0x0b)],
  'labels of br_table': [...emptyType, ...oneFunction, ...body(0, 0x41, 0, 0x0e, ...max32, 0, 0x0b)],
  'types of select': [...emptyType, ...oneFunction, ...body(0, 0x1c, ...max32, 0x7f, 0x0b)],
  'clauses of try_table': [...emptyType, ...oneFunction, ...body(0, 0x1f, 0x40, ...max32, 0, 0, 0x0b, 0x0b)],
  section: [1, ...max32, 0],
  'start function': [...emptyType, ...oneFunction, ...section(8, ...max32), ...body(0, 0x0b)],
  label: [...emptyType, ...oneFunction, ...body(0, 0x0c, ...max32, 0x0b)],
  callee: [...emptyType, ...oneFunction, ...body(0, 0x10, ...max32, 0x0b)],
};

for (const [what, contents] of Object.entries(huge)) {
  test(`a huge number: ${what}`, (t) => {
    const bytes = Uint8Array.of(...header, ...contents);
    t.false(WebAssembly.validate(bytes));
    const error = t.throws(() => instrument(bytes), { instanceOf: WirqError });
    t.true(['bad-module', 'limit'].includes(error.code), error.report);
    t.not(error.place?.offset, undefined, error.report);
  });
}

test('names that make no sense do no harm', (t) => {
  const name = (...contents: number[]) => section(0, 4, 0x6e, 0x61, 0x6d, 0x65, ...contents);
  for (const contents of [
    [1, 6, ...max32, 0],
    [1, 4, 1, ...max32],
    [...max32],
    [1, 3, 1, 0, 0x7f],
    [1, 5, 1, 0, 2, 0xff, 0xfe],
    [0, 0xff],
  ]) {
    const bytes = Uint8Array.of(...header, ...name(...contents), ...emptyType);
    t.true(WebAssembly.validate(bytes));
    t.deepEqual(
      [...parseModule(bytes).names.functions.keys()].filter((index) => index !== 0),
      [],
    );
    t.is(checkMutation(bytes).fault, undefined);
  }
});

test('branch hints that make no sense do no harm', (t) => {
  const hints = [...new TextEncoder().encode('metadata.code.branch_hint')];
  for (const contents of [
    [],
    max32,
    [1, 0, 1, 1, 1, 0xff],
    [1, ...max32, 1, 0, 1, 0],
    [1, 0, ...max32, 0, 1, 0],
    [2, 0, 0, 0, 0],
  ]) {
    const custom = section(0, hints.length, ...hints, ...contents);
    const bytes = Uint8Array.of(...header, ...emptyType, ...oneFunction, ...custom, ...body(0, 3, 0x40, 0x0b, 0x0b));
    t.true(WebAssembly.validate(bytes));
    t.is(checkMutation(bytes).fault, undefined);
  }
});

/** A module of functions () → (), the first of them exported, and a table of all; each is given as its locals and code. */
function moduleOf(bodies: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> {
  const count = bodies.length;
  const vector = (each: (out: Writer, index: number) => void): Writer => {
    const out = new Writer().u32(count);
    for (let i = 0; i < count; i++) each(out, i);
    return out;
  };
  const out = new Writer().bytes(header).bytes(emptyType);
  const add = (id: number, contents: Writer): unknown => out.u8(id).u32(contents.length).bytes(contents.view());
  add(
    3,
    vector((functions) => functions.u32(0)),
  );
  add(4, new Writer().u8(1).u8(0x70).u8(0).u32(count));
  add(7, new Writer().u32(1).name('main').u8(0).u32(0));
  add(
    9,
    new Writer()
      .u8(1)
      .u8(0)
      .bytes([0x41, 0, 0x0b])
      .bytes(vector((elements, i) => elements.u32(i)).view()),
  );
  add(
    10,
    vector((code, i) => code.u32(bodies[i]!.length).bytes(bodies[i]!)),
  );
  return out.view().slice();
}

const times = (count: number, ...code: readonly number[]): number[] => Array.from({ length: count }, () => code).flat();
const leb = (value: number): number[] => [...new Writer().u32(value).view()];
const labels = (count: number): number[] => Array.from({ length: count }, (_, i) => leb(i)).flat();

/** Shapes whose size is modest, but not for what does work quadratic in it, or recurses. */
const large: Readonly<Record<string, readonly (readonly number[])[]>> = {
  'blocks nested 20000 deep': [[0, ...times(20_000, 0x02, 0x40), ...times(20_000, 0x0b), 0x0b]],
  'loops nested 5000 deep': [[0, ...times(5000, 0x03, 0x40), ...times(5000, 0x41, 0, 0x0d, 0, 0x0b), 0x0b]],
  'ifs nested 5000 deep': [[0, ...times(5000, 0x41, 1, 0x04, 0x40), ...times(5000, 0x05, 0x0b), 0x0b]],
  'a chain of 10000 calls': Array.from({ length: 10_000 }, (_, i) => [0, 0x10, ...leb((i + 1) % 10_000), 0x0b]),
  'a chain of 10000 calls, callees first': Array.from({ length: 10_000 }, (_, i) => [
    0,
    0x10,
    ...leb(Math.max(0, i - 1)),
    0x0b,
  ]),
  '2000 functions that call each other indirectly': times(2000, 0).map(() => [
    ...[0, 0x41, 1, 0x11, 0, 0, 0x03, 0x40, 0x41, 2, 0x11, 0, 0, 0x41, 0, 0x0d, 0, 0x0b, 0x0b],
  ]),
  '400 functions that each call all others': Array.from({ length: 400 }, () => [
    ...[0, ...Array.from({ length: 400 }, (_, i) => [0x10, ...leb(i)]).flat(), 0x0b],
  ]),
  'tables of 3000 labels out of 3000 blocks': [
    [
      0,
      ...times(3000, 0x02, 0x40),
      ...times(40, 0x41, 1, 0x0e, ...leb(2999), ...labels(3000)),
      ...times(3000, 0x0b),
      0x0b,
    ],
  ],
  'a loop of 200000 instructions': [[0, 0x03, 0x40, ...times(100_000, 0x41, 0, 0x1a), 0x41, 0, 0x0d, 0, 0x0b, 0x0b]],
  '20000 small loops': [[0, ...times(20_000, 0x03, 0x40, 0x41, 0, 0x0d, 0, 0x0b), 0x0b]],
};

for (const [what, bodies] of Object.entries(large)) {
  test(what, (t) => {
    const bytes = moduleOf(bodies);
    t.true(WebAssembly.validate(bytes));
    for (const granularity of ways) t.is(checkMutation(bytes, granularity).fault, undefined);
  });
}
