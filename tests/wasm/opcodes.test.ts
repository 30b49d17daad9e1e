/** Each class of instruction is read to its end: its table entry says as many immediates as the engine finds. */
import test from 'ava';
import { WirqError } from '../../src/errors.ts';
import { Instructions } from '../../src/wasm/instructions.ts';
import { Effect, isOpcode, opcodeCount, opcodeName, opcodeNamed } from '../../src/wasm/opcodes.ts';

function read(...bytes: number[]): Instructions {
  const code = new Instructions(Uint8Array.from(bytes));
  code.next();
  return code;
}

/** Encodings with known lengths, one of each class; a byte of rubbish behind each shows where reading stopped. */
const samples: [name: string, bytes: number[]][] = [
  ['unreachable', [0x00]],
  ['block', [0x02, 0x40]],
  ['block', [0x02, 0x63, 0x07]],
  ['block', [0x02, 0x80, 0x01]],
  ['br_table', [0x0e, 2, 0, 1, 0]],
  ['call_indirect', [0x11, 3, 0]],
  ['select', [0x1c, 1, 0x7f]],
  ['try_table', [0x1f, 0x40, 2, 0, 1, 0, 2, 0]],
  ['i32.load', [0x28, 2, 0x80, 0x01]],
  ['i64.store', [0x37, 0x43, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
  ['i32.const', [0x41, 0xff, 0x7e]],
  ['i64.const', [0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]],
  ['f32.const', [0x43, 1, 2, 3, 4]],
  ['f64.const', [0x44, 1, 2, 3, 4, 5, 6, 7, 8]],
  ['i32.extend8_s', [0xc0]],
  ['ref.null', [0xd0, 0x70]],
  ['ref.null', [0xd0, 0x85, 0x01]],
  ['br_on_null', [0xd5, 0]],
  ['resume', [0xe3, 1, 2, 0, 1, 0, 1, 1]],
  ['struct.get', [0xfb, 2, 1, 3]],
  ['br_on_cast', [0xfb, 0x18, 3, 1, 0x6e, 0x6c]],
  ['i64.trunc_sat_f64_u', [0xfc, 7]],
  ['memory.copy', [0xfc, 0x0a, 0, 0]],
  ['i64.mul_wide_u', [0xfc, 0x16]],
  ['v128.const', [0xfd, 0x0c, ...new Array<number>(16).fill(9)]],
  ['i8x16.shuffle', [0xfd, 0x0d, ...new Array<number>(16).fill(9)]],
  ['f64x2.replace_lane', [0xfd, 0x22, 1]],
  ['v128.store64_lane', [0xfd, 0x5b, 3, 0, 1]],
  ['f64x2.convert_low_i32x4_u', [0xfd, 0xff, 0x01]],
  ['i32x4.relaxed_dot_i8x16_i7x16_add_s', [0xfd, 0x93, 0x02]],
  ['atomic.fence', [0xfe, 3, 0]],
  ['i64.atomic.rmw32.cmpxchg_u', [0xfe, 0x4e, 2, 0]],
];

test('instructions are as long as their immediates', (t) => {
  for (const [name, bytes] of samples) {
    const code = read(...bytes, 0xff);
    t.is(opcodeName(code.opcode), name);
    t.is(code.offset, bytes.length, name);
    for (let cut = 1; cut < bytes.length; cut++) {
      t.throws(() => read(...bytes.slice(0, cut)), { instanceOf: WirqError }, `${name} cut to ${cut}`);
    }
  }
});

test('labels of branches come out', (t) => {
  t.deepEqual(read(0x0e, 2, 5, 6, 7).labels, [5, 6, 7]);
  t.deepEqual(read(0x1f, 0x40, 2, 1, 9, 4, 3, 5).labels, [4, 5]);
  t.is(read(0xfb, 0x19, 0, 6, 0x6e, 0x6c).index, 6);
  t.is(read(0x11, 3, 1).first, 3);
});

test('unknown encodings are refused with their place', (t) => {
  for (const bytes of [[0x16], [0xff], [0xfc, 0x12], [0xfd, 0xff, 0x03], [0xfb, 0xff, 0xff, 0x03]]) {
    const error = t.throws(() => read(...bytes), { instanceOf: WirqError, code: 'unsupported' });
    t.is(error.place?.offset, 0);
    t.regex(error.message, /^unknown instruction [0-9a-f]{2}/);
  }
});

test('names are unique but for the two encodings of select, and lead back to their opcode', (t) => {
  const seen = new Map<string, number>();
  for (let opcode = 0; opcode < opcodeCount; opcode++) {
    if (!isOpcode(opcode)) continue;
    const name = opcodeName(opcode);
    t.regex(name, /^[a-z0-9_.]+$/);
    if (name !== 'select') t.false(seen.has(name), name);
    seen.set(name, opcode);
  }
  t.is(opcodeNamed('f64.copysign'), 0xa6);
  t.is(opcodeNamed('i64.rotr'), 0x8a);
  t.is(opcodeNamed('f64.reinterpret_i64'), 0xbf);
  t.is(opcodeNamed('no.such'), undefined);
  t.is(read(0x0d, 1).effect, Effect.brIf);
});
