/** LEB128 and names at their edges, and back through the writer. */
import test from 'ava';
import fc from 'fast-check';
import { WirqError } from '../../src/errors.ts';
import { Reader } from '../../src/wasm/reader.ts';
import { u32Size, Writer } from '../../src/wasm/writer.ts';

const reader = (...bytes: number[]): Reader => new Reader(Uint8Array.from(bytes));
const refused = { instanceOf: WirqError, code: 'bad-module' };

test('unsigned 32-bit numbers: the longest encodings and what is beyond them', (t) => {
  t.is(reader(0xff, 0xff, 0xff, 0xff, 0x0f).u32(), 0xffff_ffff);
  t.is(reader(0x80, 0x80, 0x80, 0x80, 0x00).u32(), 0);
  t.throws(() => reader(0xff, 0xff, 0xff, 0xff, 0x1f).u32(), refused);
  t.throws(() => reader(0x80, 0x80, 0x80, 0x80, 0x80, 0x00).u32(), refused);
  t.throws(() => reader(0x80).u32(), refused);
  t.throws(() => reader().u32(), refused);
});

test('signed 32-bit numbers: unused bits repeat the sign', (t) => {
  t.is(reader(0x80, 0x80, 0x80, 0x80, 0x78).s32(), -0x8000_0000);
  t.is(reader(0xff, 0xff, 0xff, 0xff, 0x07).s32(), 0x7fff_ffff);
  t.is(reader(0xff, 0xff, 0xff, 0xff, 0x7f).s32(), -1);
  t.throws(() => reader(0x80, 0x80, 0x80, 0x80, 0x08).s32(), refused);
  t.throws(() => reader(0xff, 0xff, 0xff, 0xff, 0x4f).s32(), refused);
  t.throws(() => reader(0xff, 0xff, 0xff, 0xff, 0xff, 0x7f).s32(), refused);
});

test('64-bit numbers', (t) => {
  t.is(reader(...new Array<number>(9).fill(0xff), 0x01).u64(), 2n ** 64n - 1n);
  t.throws(() => reader(...new Array<number>(9).fill(0xff), 0x02).u64(), refused);
  t.is(reader(...new Array<number>(9).fill(0x80), 0x7f).s64(), -(2n ** 63n));
  t.throws(() => reader(...new Array<number>(9).fill(0x80), 0x01).s64(), refused);
  t.is(reader(0x70).s33(), -16);
  t.is(reader(0xff, 0xff, 0xff, 0xff, 0x0f).s33(), 0xffff_ffff);
});

test('what the writer writes the reader reads', (t) => {
  fc.assert(
    fc.property(fc.nat(0xffff_ffff), fc.integer(), fc.string(), (unsigned, signed, text) => {
      const bytes = new Writer(1).u32(unsigned).s32(signed).name(text).view();
      const back = new Reader(bytes);
      t.is(back.u32(), unsigned);
      t.is(back.offset, u32Size(unsigned));
      t.is(back.s32(), signed);
      t.is(back.name(1000), text);
      t.true(back.done);
    }),
  );
});

test('names are UTF-8 and counts are no longer than what follows', (t) => {
  t.throws(() => reader(2, 0xc3, 0x28).name(10), refused);
  t.throws(() => reader(9, 0x61).name(10), refused);
  t.throws(() => reader(0xff, 0xff, 0xff, 0xff, 0x0f).count('things', 2 ** 32), refused);
  t.throws(() => reader(2, 0, 0).count('things', 1), { instanceOf: WirqError, code: 'limit' });
});
