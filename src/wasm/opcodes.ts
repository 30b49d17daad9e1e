/**
 * The one table of instructions: name, encoding, immediates, control effect, cost. Everything that walks code derives from it.
 * WebAssembly core specification 3.0, 5.4 "Instructions" and appendix A.5, with the threads, relaxed SIMD, legacy exception
 * handling, stack switching and wide arithmetic proposals. Leaves out what is behind no released engine flag (fp16, descriptors).
 */

/** What follows an opcode. `index…` kinds are unsigned LEB128 numbers into an index space. */
export const Imm = {
  none: 0,
  index: 1, // a field or segment, that nothing here looks at
  func: 2,
  type: 3,
  global: 4,
  label: 5,
  labels: 6, // br_table
  block: 7, // a block type
  memarg: 8,
  memory: 9,
  lane: 10,
  i32: 11,
  i64: 12,
  f32: 13,
  f64: 14,
  v128: 15,
  types: 16, // the vector of value types of `select t`
  heap: 17,
  castFlags: 18,
  catches: 19, // the clauses of try_table
  handlers: 20, // the clauses of resume
  fence: 21,
  tag: 22,
  table: 23,
  local: 24,
} as const;
export type ImmKind = (typeof Imm)[keyof typeof Imm];

/** What an instruction does to control. */
export const Effect = {
  plain: 0,
  block: 1,
  loop: 2,
  if: 3,
  else: 4,
  end: 5,
  try: 6, // legacy exception handling
  catch: 7, // a catch or catch_all of a legacy try
  delegate: 8, // ends a legacy try
  tryTable: 9,
  br: 10,
  brIf: 11, // any conditional branch with one label
  brTable: 12,
  return: 13,
  stop: 14, // unreachable, throw, rethrow: control goes nowhere inside the function, or to a handler
  call: 15,
  callIndirect: 16,
  callRef: 17,
  returnCall: 18,
  returnCallIndirect: 19,
  returnCallRef: 20,
  switch: 21, // stack switching: other code may run before the next instruction
} as const;
export type EffectKind = (typeof Effect)[keyof typeof Effect];

/** Opcodes behind a prefix byte are numbered from these bases, so that one small array covers all. */
export const prefixBase = { fb: 0x100, fc: 0x200, fd: 0x300, fe: 0x500 } as const;
export const opcodeCount = 0x600;

const none = 0xff;
/** Per opcode: control effect, or 0xff where there is no such instruction. */
export const effectOf: Uint8Array = new Uint8Array(opcodeCount).fill(none);
/** Per opcode: kinds of up to four immediates. */
export const immediatesOf: Uint8Array = new Uint8Array(opcodeCount * 4);
/**
 * Per opcode: what it adds to the instruction count. One, except for structure, which an engine does not execute: block, loop,
 * else, end, try, catch, delegate, nop. `if` counts, as a branch does.
 */
export const costOf: Uint8Array = new Uint8Array(opcodeCount);
const names: string[] = new Array<string>(opcodeCount).fill('');

export function isOpcode(opcode: number): boolean {
  return effectOf[opcode] !== none;
}

/** The name in the text format, `i32.add`. */
export function opcodeName(opcode: number): string {
  return names[opcode] ?? '';
}

/** The opcode of a name, for tests and messages; undefined for an unknown name. */
export function opcodeNamed(name: string): number | undefined {
  const index = names.indexOf(name);
  return index < 0 ? undefined : index;
}

interface Row {
  readonly immediates?: readonly ImmKind[];
  readonly effect?: EffectKind;
  readonly cost?: 0 | 1;
}

/** Enters instructions with consecutive encodings; `-` leaves one unassigned. */
function define(first: number, list: string, row: Row = {}): void {
  let opcode = first;
  for (const name of list.trim().split(/\s+/)) {
    if (name !== '-') {
      names[opcode] = name;
      effectOf[opcode] = row.effect ?? Effect.plain;
      costOf[opcode] = row.cost ?? 1;
      row.immediates?.forEach((kind, i) => {
        immediatesOf[opcode * 4 + i] = kind;
      });
    }
    opcode++;
  }
}

/** `f(a b)` → `f.a f.b`. */
function of(shape: string, list: string): string {
  return list
    .trim()
    .split(/\s+/)
    .map((name) => (name === '-' ? '-' : `${shape}.${name}`))
    .join(' ');
}

const structure = { cost: 0 } as const;

// Control
define(0x00, 'unreachable', { effect: Effect.stop });
define(0x01, 'nop', structure);
define(0x02, 'block', { immediates: [Imm.block], effect: Effect.block, ...structure });
define(0x03, 'loop', { immediates: [Imm.block], effect: Effect.loop, ...structure });
define(0x04, 'if', { immediates: [Imm.block], effect: Effect.if });
define(0x05, 'else', { effect: Effect.else, ...structure });
define(0x06, 'try', { immediates: [Imm.block], effect: Effect.try, ...structure });
define(0x07, 'catch', { immediates: [Imm.tag], effect: Effect.catch, ...structure });
define(0x08, 'throw', { immediates: [Imm.tag], effect: Effect.stop });
define(0x09, 'rethrow', { immediates: [Imm.label], effect: Effect.stop });
define(0x0a, 'throw_ref', { effect: Effect.stop });
define(0x0b, 'end', { effect: Effect.end, ...structure });
define(0x0c, 'br', { immediates: [Imm.label], effect: Effect.br });
define(0x0d, 'br_if', { immediates: [Imm.label], effect: Effect.brIf });
define(0x0e, 'br_table', { immediates: [Imm.labels], effect: Effect.brTable });
define(0x0f, 'return', { effect: Effect.return });
define(0x10, 'call', { immediates: [Imm.func], effect: Effect.call });
define(0x11, 'call_indirect', { immediates: [Imm.type, Imm.table], effect: Effect.callIndirect });
define(0x12, 'return_call', { immediates: [Imm.func], effect: Effect.returnCall });
define(0x13, 'return_call_indirect', { immediates: [Imm.type, Imm.table], effect: Effect.returnCallIndirect });
define(0x14, 'call_ref', { immediates: [Imm.type], effect: Effect.callRef });
define(0x15, 'return_call_ref', { immediates: [Imm.type], effect: Effect.returnCallRef });
define(0x18, 'delegate', { immediates: [Imm.label], effect: Effect.delegate, ...structure });
define(0x19, 'catch_all', { effect: Effect.catch, ...structure });
define(0x1a, 'drop select');
define(0x1c, 'select', { immediates: [Imm.types] });
define(0x1f, 'try_table', { immediates: [Imm.block, Imm.catches], effect: Effect.tryTable, ...structure });

// Variables, tables, memory
define(0x20, 'local.get local.set local.tee', { immediates: [Imm.local] });
define(0x23, 'global.get global.set', { immediates: [Imm.global] });
define(0x25, 'table.get table.set', { immediates: [Imm.table] });
define(
  0x28,
  `i32.load i64.load f32.load f64.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u
   i64.load8_s i64.load8_u i64.load16_s i64.load16_u i64.load32_s i64.load32_u
   i32.store i64.store f32.store f64.store i32.store8 i32.store16 i64.store8 i64.store16 i64.store32`,
  { immediates: [Imm.memarg] },
);
define(0x3f, 'memory.size memory.grow', { immediates: [Imm.memory] });

// Numbers
define(0x41, 'i32.const', { immediates: [Imm.i32] });
define(0x42, 'i64.const', { immediates: [Imm.i64] });
define(0x43, 'f32.const', { immediates: [Imm.f32] });
define(0x44, 'f64.const', { immediates: [Imm.f64] });
const integerTests = 'eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u';
const floatTests = 'eq ne lt gt le ge';
const integerArithmetic = 'clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr';
const floatArithmetic = 'abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign';
define(0x45, of('i32', integerTests));
define(0x50, of('i64', integerTests));
define(0x5b, of('f32', floatTests));
define(0x61, of('f64', floatTests));
define(0x67, of('i32', integerArithmetic));
define(0x79, of('i64', integerArithmetic));
define(0x8b, of('f32', floatArithmetic));
define(0x99, of('f64', floatArithmetic));
define(0xa7, of('i32', 'wrap_i64 trunc_f32_s trunc_f32_u trunc_f64_s trunc_f64_u'));
define(0xac, of('i64', 'extend_i32_s extend_i32_u trunc_f32_s trunc_f32_u trunc_f64_s trunc_f64_u'));
define(0xb2, of('f32', 'convert_i32_s convert_i32_u convert_i64_s convert_i64_u demote_f64'));
define(0xb7, of('f64', 'convert_i32_s convert_i32_u convert_i64_s convert_i64_u promote_f32'));
define(0xbc, 'i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64');
define(0xc0, 'i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s');

// References and stack switching
define(0xd0, 'ref.null', { immediates: [Imm.heap] });
define(0xd1, 'ref.is_null');
define(0xd2, 'ref.func', { immediates: [Imm.func] });
define(0xd3, 'ref.eq ref.as_non_null');
define(0xd5, 'br_on_null br_on_non_null', { immediates: [Imm.label], effect: Effect.brIf });
define(0xe0, 'cont.new', { immediates: [Imm.type] });
define(0xe1, 'cont.bind', { immediates: [Imm.type, Imm.type] });
define(0xe2, 'suspend', { immediates: [Imm.tag], effect: Effect.switch });
define(0xe3, 'resume', { immediates: [Imm.type, Imm.handlers], effect: Effect.switch });
define(0xe4, 'resume_throw', { immediates: [Imm.type, Imm.tag, Imm.handlers], effect: Effect.switch });
define(0xe5, 'resume_throw_ref', { immediates: [Imm.type, Imm.handlers], effect: Effect.switch });
define(0xe6, 'switch', { immediates: [Imm.type, Imm.tag], effect: Effect.switch });

// 0xfb: garbage collection
const { fb, fc, fd, fe } = prefixBase;
define(fb + 0x00, 'struct.new struct.new_default', { immediates: [Imm.type] });
define(fb + 0x02, 'struct.get struct.get_s struct.get_u struct.set', { immediates: [Imm.type, Imm.index] });
define(fb + 0x06, 'array.new array.new_default', { immediates: [Imm.type] });
define(fb + 0x08, 'array.new_fixed array.new_data array.new_elem', { immediates: [Imm.type, Imm.index] });
define(fb + 0x0b, 'array.get array.get_s array.get_u array.set', { immediates: [Imm.type] });
define(fb + 0x0f, 'array.len');
define(fb + 0x10, 'array.fill', { immediates: [Imm.type] });
define(fb + 0x11, 'array.copy', { immediates: [Imm.type, Imm.type] });
define(fb + 0x12, 'array.init_data array.init_elem', { immediates: [Imm.type, Imm.index] });
define(fb + 0x14, 'ref.test ref.test_null ref.cast ref.cast_null', { immediates: [Imm.heap] });
define(fb + 0x18, 'br_on_cast br_on_cast_fail', {
  immediates: [Imm.castFlags, Imm.label, Imm.heap, Imm.heap],
  effect: Effect.brIf,
});
define(fb + 0x1a, 'any.convert_extern extern.convert_any ref.i31 i31.get_s i31.get_u');

// 0xfc: saturating conversions, bulk operations, wide arithmetic
define(fc + 0x00, of('i32', 'trunc_sat_f32_s trunc_sat_f32_u trunc_sat_f64_s trunc_sat_f64_u'));
define(fc + 0x04, of('i64', 'trunc_sat_f32_s trunc_sat_f32_u trunc_sat_f64_s trunc_sat_f64_u'));
define(fc + 0x08, 'memory.init', { immediates: [Imm.index, Imm.memory] });
define(fc + 0x09, 'data.drop', { immediates: [Imm.index] });
define(fc + 0x0a, 'memory.copy', { immediates: [Imm.memory, Imm.memory] });
define(fc + 0x0b, 'memory.fill', { immediates: [Imm.memory] });
define(fc + 0x0c, 'table.init', { immediates: [Imm.index, Imm.table] });
define(fc + 0x0d, 'elem.drop', { immediates: [Imm.index] });
define(fc + 0x0e, 'table.copy', { immediates: [Imm.table, Imm.table] });
define(fc + 0x0f, 'table.grow table.size table.fill', { immediates: [Imm.table] });
define(fc + 0x13, 'i64.add128 i64.sub128 i64.mul_wide_s i64.mul_wide_u');

// 0xfd: SIMD
define(
  fd + 0x00,
  of(
    'v128',
    `load load8x8_s load8x8_u load16x4_s load16x4_u load32x2_s load32x2_u
     load8_splat load16_splat load32_splat load64_splat store`,
  ),
  { immediates: [Imm.memarg] },
);
define(fd + 0x0c, 'v128.const i8x16.shuffle', { immediates: [Imm.v128] });
define(fd + 0x0e, 'i8x16.swizzle i8x16.splat i16x8.splat i32x4.splat i64x2.splat f32x4.splat f64x2.splat');
define(
  fd + 0x15,
  `i8x16.extract_lane_s i8x16.extract_lane_u i8x16.replace_lane
   i16x8.extract_lane_s i16x8.extract_lane_u i16x8.replace_lane
   i32x4.extract_lane i32x4.replace_lane i64x2.extract_lane i64x2.replace_lane
   f32x4.extract_lane f32x4.replace_lane f64x2.extract_lane f64x2.replace_lane`,
  { immediates: [Imm.lane] },
);
const laneTests = 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u';
define(fd + 0x23, of('i8x16', laneTests));
define(fd + 0x2d, of('i16x8', laneTests));
define(fd + 0x37, of('i32x4', laneTests));
define(fd + 0x41, of('f32x4', floatTests));
define(fd + 0x47, of('f64x2', floatTests));
define(fd + 0x4d, of('v128', 'not and andnot or xor bitselect any_true'));
define(
  fd + 0x54,
  of('v128', 'load8_lane load16_lane load32_lane load64_lane store8_lane store16_lane store32_lane store64_lane'),
  { immediates: [Imm.memarg, Imm.lane] },
);
define(fd + 0x5c, 'v128.load32_zero v128.load64_zero', { immediates: [Imm.memarg] });
define(fd + 0x5e, 'f32x4.demote_f64x2_zero f64x2.promote_low_f32x4');
define(fd + 0x60, of('i8x16', 'abs neg popcnt all_true bitmask narrow_i16x8_s narrow_i16x8_u'));
define(fd + 0x67, of('f32x4', 'ceil floor trunc nearest'));
define(fd + 0x6b, of('i8x16', 'shl shr_s shr_u add add_sat_s add_sat_u sub sub_sat_s sub_sat_u'));
define(fd + 0x74, 'f64x2.ceil f64x2.floor');
define(fd + 0x76, 'i8x16.min_s i8x16.min_u i8x16.max_s i8x16.max_u f64x2.trunc i8x16.avgr_u');
define(fd + 0x7c, 'i16x8.extadd_pairwise_i8x16_s i16x8.extadd_pairwise_i8x16_u');
define(fd + 0x7e, 'i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u');
define(
  fd + 0x80,
  of(
    'i16x8',
    `abs neg q15mulr_sat_s all_true bitmask narrow_i32x4_s narrow_i32x4_u
     extend_low_i8x16_s extend_high_i8x16_s extend_low_i8x16_u extend_high_i8x16_u
     shl shr_s shr_u add add_sat_s add_sat_u sub sub_sat_s sub_sat_u - mul min_s min_u max_s max_u - avgr_u
     extmul_low_i8x16_s extmul_high_i8x16_s extmul_low_i8x16_u extmul_high_i8x16_u`,
  ),
);
define(fd + 0x94, 'f64x2.nearest');
define(
  fd + 0xa0,
  of(
    'i32x4',
    `abs neg - all_true bitmask - - extend_low_i16x8_s extend_high_i16x8_s extend_low_i16x8_u extend_high_i16x8_u
     shl shr_s shr_u add - - sub - - - mul min_s min_u max_s max_u dot_i16x8_s -
     extmul_low_i16x8_s extmul_high_i16x8_s extmul_low_i16x8_u extmul_high_i16x8_u`,
  ),
);
define(
  fd + 0xc0,
  of(
    'i64x2',
    `abs neg - all_true bitmask - - extend_low_i32x4_s extend_high_i32x4_s extend_low_i32x4_u extend_high_i32x4_u
     shl shr_s shr_u add - - sub - - - mul eq ne lt_s gt_s le_s ge_s
     extmul_low_i32x4_s extmul_high_i32x4_s extmul_low_i32x4_u extmul_high_i32x4_u`,
  ),
);
define(fd + 0xe0, of('f32x4', 'abs neg - sqrt add sub mul div min max pmin pmax'));
define(fd + 0xec, of('f64x2', 'abs neg - sqrt add sub mul div min max pmin pmax'));
define(fd + 0xf8, 'i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_s f32x4.convert_i32x4_u');
define(fd + 0xfc, 'i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero');
define(fd + 0xfe, 'f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u');
define(
  fd + 0x100,
  `i8x16.relaxed_swizzle i32x4.relaxed_trunc_f32x4_s i32x4.relaxed_trunc_f32x4_u
   i32x4.relaxed_trunc_f64x2_s_zero i32x4.relaxed_trunc_f64x2_u_zero
   f32x4.relaxed_madd f32x4.relaxed_nmadd f64x2.relaxed_madd f64x2.relaxed_nmadd
   i8x16.relaxed_laneselect i16x8.relaxed_laneselect i32x4.relaxed_laneselect i64x2.relaxed_laneselect
   f32x4.relaxed_min f32x4.relaxed_max f64x2.relaxed_min f64x2.relaxed_max
   i16x8.relaxed_q15mulr_s i16x8.relaxed_dot_i8x16_i7x16_s i32x4.relaxed_dot_i8x16_i7x16_add_s`,
);

// 0xfe: threads
define(fe + 0x00, 'memory.atomic.notify memory.atomic.wait32 memory.atomic.wait64', { immediates: [Imm.memarg] });
define(fe + 0x03, 'atomic.fence', { immediates: [Imm.fence] });
define(
  fe + 0x10,
  `i32.atomic.load i64.atomic.load i32.atomic.load8_u i32.atomic.load16_u
   i64.atomic.load8_u i64.atomic.load16_u i64.atomic.load32_u
   i32.atomic.store i64.atomic.store i32.atomic.store8 i32.atomic.store16
   i64.atomic.store8 i64.atomic.store16 i64.atomic.store32`,
  { immediates: [Imm.memarg] },
);
['add', 'sub', 'and', 'or', 'xor', 'xchg', 'cmpxchg'].forEach((operation, i) => {
  const wide = (shape: string, width: string): string => `${shape}.atomic.rmw${width}.${operation}${width && '_u'}`;
  const list = [wide('i32', ''), wide('i64', ''), wide('i32', '8'), wide('i32', '16')];
  list.push(wide('i64', '8'), wide('i64', '16'), wide('i64', '32'));
  define(fe + 0x1e + 7 * i, list.join(' '), { immediates: [Imm.memarg] });
});
