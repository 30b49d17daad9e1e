/** `pass` is `next` many times over: what it passes over it counts and checks alike, and all else it leaves alone. */
import test from 'ava';
import fc from 'fast-check';
import { WirqError } from '../../src/errors.ts';
import { Instructions } from '../../src/wasm/instructions.ts';
import { costOf } from '../../src/wasm/opcodes.ts';
import { Space } from '../../src/wasm/reader.ts';

interface Limits {
  readonly locals: number;
  readonly globals: number;
}

/** What a walk over code finds: what it counted, where it stopped and why, the greatest indices, and whether any is too great. */
function walk(bytes: Uint8Array, end: number, { locals, globals }: Limits, passing: boolean): unknown {
  const code = new Instructions(bytes, 0, end);
  code.limit(locals, globals);
  let count = 0;
  let failure: unknown;
  try {
    while (code.offset < end) {
      if (passing) count += code.pass(end);
      if (code.offset >= end) break;
      code.next();
      count += costOf[code.opcode]!;
    }
  } catch (error) {
    if (!(error instanceof WirqError)) throw error;
    failure = [error.code, error.message, error.place];
  }
  const { offset, highest } = code;
  const beyond = [highest[Space.local]! >= locals, highest[Space.global]! >= globals];
  return { count, failure, offset, types: highest[Space.type], tables: highest[Space.table], beyond };
}

/** Bytes that are mostly instructions `pass` knows, their immediates often long, sometimes too long. */
const codeBytes = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.tuple(fc.integer({ min: 0x20, max: 0x44 }), fc.integer({ min: 0, max: 0x7f })) },
      fc.tuple(
        fc.integer({ min: 0x28, max: 0x3e }),
        fc.integer({ min: 0, max: 0x45 }),
        fc.integer({ min: 0, max: 255 }),
      ),
      fc.tuple(fc.constantFrom(0x41, 0x42), fc.constantFrom(0x80, 0xff), fc.constantFrom(0x80, 0xff, 0x7f, 0x0f)),
      fc.array(fc.constantFrom(0x80, 0xff, 0x0f, 0x7f), { maxLength: 11 }),
      fc.tuple(fc.integer({ min: 0x45, max: 0xc4 })),
      fc.tuple(fc.integer({ min: 0, max: 255 })),
    ),
    { maxLength: 40 },
  )
  .map((parts) => Uint8Array.from(parts.flat()));

test('passing over instructions finds what reading them one by one finds, up to the same error', (t) => {
  fc.assert(
    fc.property(codeBytes, fc.nat(20), fc.nat(200), fc.nat(200), (bytes, cut, locals, globals) => {
      const end = Math.max(0, bytes.length - cut);
      t.deepEqual(walk(bytes, end, { locals, globals }, true), walk(bytes, end, { locals, globals }, false));
    }),
    { numRuns: 3000 },
  );
});

test('what begins at the place to stop at, or behind it, is not passed over', (t) => {
  const code = new Instructions(
    Uint8Array.from([...new Array<number>(20).fill(0x6a), ...new Array<number>(20).fill(0)]),
  );
  t.is(code.pass(7), 7);
  t.is(code.offset, 7);
  t.is(code.pass(7), 0);
});

test('most plain code is passed over: it is not left to be read instruction by instruction', (t) => {
  // local.get 1 · i32.const 70000 · i32.add · i64.load offset=300 · global.set 2 · f64.const, then what stands near an end
  const once = [0x20, 1, 0x41, 0xf0, 0xa2, 0x04, 0x6a, 0x29, 3, 0xac, 0x02, 0x24, 2, 0x44, 1, 2, 3, 4, 5, 6, 7, 8];
  const code = new Instructions(Uint8Array.from([...once, ...once, ...once]));
  t.true(code.pass(code.end) >= 12);
});

test('plain code is passed over up to an index that there is not, which is read', (t) => {
  const once = [0x20, 1, 0x41, 5, 0x24, 2, 0x44, 1, 2, 3, 4, 5, 6, 7, 8];
  const code = new Instructions(Uint8Array.from([...once, ...once]));
  const end = code.end;
  code.limit(1, 3);
  t.is(code.pass(end), 0);
  code.next();
  t.is(code.highest[Space.local], 1);
  t.is(code.pass(end), 3, 'the constant, the global and the other constant');
  code.aim(0, end);
  code.limit(2, 2);
  t.is(code.pass(end), 2);
  code.next();
  t.is(code.highest[Space.global], 2);
  code.aim(0, end);
  t.is(code.pass(end), 8, 'who has checked them need not again');
});

test('a suspend has no labels, whatever branched before it', (t) => {
  const code = new Instructions(Uint8Array.of(0x0e, 2, 0, 1, 0, 0xe2, 0));
  code.next();
  t.deepEqual(code.labels, [0, 1, 0]);
  t.is(code.startOfLabel(2), 4);
  t.is(code.endOfLabel(2), 5);
  code.next();
  t.deepEqual(code.labels, []);
});
