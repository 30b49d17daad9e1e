/**
 * Walks code one instruction at a time, as the opcode table describes it. Core specification 5.4 "Instructions".
 * Decodes only what control flow and the call graph need; operand types are left to the engine's own validation.
 */
import { WirqError } from '../errors.ts';
import { maxBranchTable } from './limits.ts';
import { costOf, Effect, type EffectKind, effectOf, Imm, immediatesOf, prefixBase } from './opcodes.ts';
import { badModule, Reader, Space } from './reader.ts';
import { readHeapType, readValueType } from './types.ts';

const invalidEffect = 0xff;

/** No instruction that `pass` knows is longer: an f64.const. */
const longestPassed = 9;
/** So many bytes more than one may a number have there: up to four, every encoding is right. */
const maxMoreBytes = 3;
/** What `pass` knows of the byte behind an opcode. By these, the greatest that it takes: of indices, those of one byte. */
const Operand = { unknown: 0, any: 1, local: 2, global: 3, alignment: 4 } as const;
const greatestOperands = [-1, 0xff, 0x7f, 0x7f, 0x3f];
const mayContinue = 0x80;
const noIndex = 0xff;
/** Per kind of immediate that is an index: of what. One table for all, so that none meets code that V8 has not seen run. */
const spaceOf: Uint8Array = spaceTable();

function spaceTable(): Uint8Array {
  const table = new Uint8Array(Math.max(...Object.values(Imm)) + 1).fill(noIndex);
  for (const kind of [Imm.index, Imm.func, Imm.memory, Imm.tag]) table[kind] = Space.other;
  table[Imm.type] = Space.type;
  table[Imm.table] = Space.table;
  table[Imm.global] = Space.global;
  table[Imm.local] = Space.local;
  return table;
}

/**
 * Per one-byte opcode that is plain and counted, and that no one needs to look at: how many bytes it takes in its shortest form;
 * `mayContinue` if the last of them is of a number that may be longer; and, eight bits up, its `Operand`.
 */
const shapes: Uint16Array = shapeTable();

function shapeTable(): Uint16Array {
  const ofImmediate = new Map<number, number>([
    [Imm.none, 1 | (Operand.any << 8)],
    [Imm.local, 2 | (Operand.local << 8)],
    [Imm.global, 2 | (Operand.global << 8)],
    [Imm.memarg, 3 | mayContinue | (Operand.alignment << 8)],
    [Imm.i32, 2 | mayContinue | (Operand.any << 8)],
    [Imm.i64, 2 | mayContinue | (Operand.any << 8)],
    [Imm.f32, 5 | (Operand.any << 8)],
    [Imm.f64, 9 | (Operand.any << 8)],
  ]);
  return Uint16Array.from({ length: 0x100 }, (_, opcode) => {
    const isPlain = effectOf[opcode] === Effect.plain && costOf[opcode] === 1;
    const hasOne = immediatesOf[opcode * 4 + 1] === Imm.none;
    return (isPlain && hasOne ? ofImmediate.get(immediatesOf[opcode * 4]!) : undefined) ?? Operand.unknown;
  });
}

/** A reader whose `next` reads one instruction and leaves what it found in the fields. */
export class Instructions extends Reader {
  /** Number of the instruction in opcodes.ts. */
  opcode = 0;
  effect: EffectKind = 0;
  /** Offset of the instruction's first byte; `offset` is that of the instruction behind it. */
  start = 0;
  /** The last immediate that is an index, label or lane; a block type as a signed number (see Reader.s33). */
  index = 0;
  /** The first immediate if it is an index: the type of call_indirect, the function of call. */
  first = 0;
  /** The value of i32.const. */
  constant = 0;
  /** Where the last label stands: [start, end) of its number. */
  labelStart = 0;
  labelEnd = 0;
  /** How many labels br_table has (default last), or the clauses of try_table and resume; 0 for other stack switching. */
  labelCount = 0;
  /** Those labels, and where each starts and ends: three numbers a label. Never shrinks, because there are many of such. */
  #labels = new Uint32Array(0);
  /** By `Operand`. */
  readonly #greatest = Int16Array.from(greatestOperands);

  /** Begins anew, with the code in [start, end) of the same file: for those who read many functions. */
  aim(start: number, end: number): void {
    this.offset = start;
    this.end = end;
    this.highest.fill(-1);
    this.limit(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  }

  /** Reads the instruction at `offset`. Throws `bad-module` for one cut short, `unsupported` for one not in the table. */
  next(): void {
    const start = this.offset;
    this.start = start;
    if (start >= this.end) throw badModule('unexpected end', start);
    let opcode = this.bytes[start]!;
    this.offset = start + 1;
    if (opcode >= 0xfb && opcode <= 0xfe) opcode = this.#prefixed(opcode);
    const effect = effectOf[opcode]!;
    if (effect === invalidEffect) this.#unknown();
    this.opcode = opcode;
    this.effect = effect as EffectKind;
    if (effect === Effect.switch) this.labelCount = 0;
    const base = opcode * 4;
    const first = immediatesOf[base]!;
    if (first === Imm.none) return;
    if (this.#short(first, immediatesOf[base + 1]!)) return;
    this.#immediate(first);
    this.first = this.index;
    for (let i = base + 1; i < base + 4; i++) {
      const kind = immediatesOf[i]!;
      if (kind === Imm.none) return;
      this.#immediate(kind);
    }
  }

  /** Reads the only immediate of most instructions where it is a number of one byte: worth a way of its own. */
  #short(kind: number, second: number): boolean {
    const at = this.offset;
    const byte = this.bytes[at]!;
    if (second !== Imm.none || byte >= 0x80 || at >= this.end) return false;
    switch (kind) {
      case Imm.local:
        this.note(Space.local, byte);
        break;
      case Imm.label:
        this.labelStart = at;
        this.labelEnd = at + 1;
        break;
      case Imm.func:
        break;
      case Imm.block:
        // Numbers, vectors and nothing; what else there is takes more than a byte, or is rare.
        if (byte < 0x7b && byte !== 0x40) return false;
        this.offset = at + 1;
        this.index = byte - 0x80;
        this.first = this.index;
        return true;
      default:
        return false;
    }
    this.offset = at + 1;
    this.index = byte;
    this.first = byte;
    return true;
  }

  /** Has `pass` stop in front of indices from these numbers on, so that `next` sees them: until the next `aim`. */
  limit(locals: number, globals: number): void {
    this.#greatest[Operand.local] = Math.min(locals - 1, greatestOperands[Operand.local]!);
    this.#greatest[Operand.global] = Math.min(globals - 1, greatestOperands[Operand.global]!);
  }

  /**
   * Passes over plain instructions that stand before `to`, and gives how many that were; each counts one (costOf). Most code is
   * made of few kinds of them in their shortest form, and this reads those much faster than `next`. It stops, as early as at
   * once, in front of whatever else there is: `next` reads that, and says what is wrong with it.
   */
  pass(to: number): number {
    const { bytes } = this;
    const greatest = this.#greatest;
    const last = Math.min(to, this.end - longestPassed + 1);
    let count = 0;
    let at = this.offset;
    for (; at < last; count++) {
      const shape = shapes[bytes[at]!]!;
      if (bytes[at + 1]! > greatest[shape >> 8]!) break;
      let end = at + (shape & 0xf);
      if ((bytes[end - 1]! & shape & mayContinue) !== 0) {
        const longest = end + maxMoreBytes;
        while (end < longest && bytes[end - 1]! >= 0x80) end++;
        if (bytes[end - 1]! >= 0x80) break;
      }
      at = end;
    }
    this.offset = at;
    return count;
  }

  #prefixed(prefix: number): number {
    const code = this.u32();
    switch (prefix) {
      case 0xfb:
        return code < 0x100 ? prefixBase.fb + code : this.#unknown();
      case 0xfc:
        return code < 0x100 ? prefixBase.fc + code : this.#unknown();
      case 0xfd:
        return code < 0x200 ? prefixBase.fd + code : this.#unknown();
      case 0xfe:
        return code < 0x100 ? prefixBase.fe + code : this.#unknown();
      default:
        return this.#unknown();
    }
  }

  #unknown(): never {
    const shown = Array.from(this.bytes.subarray(this.start, Math.max(this.offset, this.start + 1)), (byte) =>
      byte.toString(16).padStart(2, '0'),
    ).join(' ');
    throw new WirqError('unsupported', `unknown instruction ${shown}`, { place: { offset: this.start } });
  }

  #immediate(kind: number): void {
    const space = spaceOf[kind]!;
    if (space !== noIndex) {
      this.index = this.u32();
      this.note(space, this.index);
      return;
    }
    switch (kind) {
      case Imm.label:
        this.labelStart = this.offset;
        this.index = this.u32();
        this.labelEnd = this.offset;
        return;
      case Imm.i32:
        this.#constant32();
        return;
      case Imm.memarg:
        this.#memarg();
        return;
      case Imm.block:
        this.#blockType();
        return;
      case Imm.labels:
        this.#branchTable();
        return;
      default:
        this.#rareImmediate(kind);
    }
  }

  #rareImmediate(kind: number): void {
    switch (kind) {
      case Imm.i64:
        this.skipS64();
        return;
      case Imm.f32:
        this.skip(4);
        return;
      case Imm.f64:
        this.skip(8);
        return;
      case Imm.v128:
        this.skip(16);
        return;
      case Imm.lane:
        this.index = this.u8();
        return;
      case Imm.fence:
        if (this.u8() !== 0) throw badModule('atomic.fence with a non-zero flag', this.offset - 1);
        return;
      case Imm.castFlags:
        if (this.u8() > 3) throw badModule('unknown flags of a cast', this.offset - 1);
        return;
      case Imm.heap:
        readHeapType(this);
        return;
      case Imm.types: {
        const count = this.count('types of select', 1000);
        for (let i = 0; i < count; i++) readValueType(this);
        return;
      }
      case Imm.catches:
        this.#catches();
        return;
      default:
        this.#handlers();
    }
  }

  #constant32(): void {
    const byte = this.bytes[this.offset]!;
    if (this.offset < this.end && byte < 0x80) {
      this.offset++;
      this.constant = byte < 0x40 ? byte : byte - 0x80;
    } else {
      this.constant = this.s32();
    }
  }

  /** Alignment, then offset. Bit 6 of the alignment says that a memory index stands between them. */
  #memarg(): void {
    const at = this.offset;
    const alignment = this.u32();
    if (alignment >= 0x80) throw badModule('malformed alignment of a memory access', at);
    if ((alignment & 0x40) !== 0) this.u32();
    const offset = this.bytes[this.offset]!;
    if (this.offset < this.end && offset < 0x80) this.offset++;
    else this.skipU64();
  }

  #blockType(): void {
    const byte = this.bytes[this.offset]!;
    // A reference to a concrete type takes two parts and is no s33.
    if (this.offset < this.end && (byte === 0x63 || byte === 0x64)) {
      readValueType(this);
      this.index = -1;
      return;
    }
    this.index = this.s33();
    this.note(Space.type, this.index);
  }

  /** The label numbered `i`, below `labelCount`; and where it stands. */
  label(i: number): number {
    return this.#labels[3 * i]!;
  }

  startOfLabel(i: number): number {
    return this.#labels[3 * i + 1]!;
  }

  endOfLabel(i: number): number {
    return this.#labels[3 * i + 2]!;
  }

  /** All of them: for those who are in no hurry. */
  get labels(): readonly number[] {
    return Array.from({ length: this.labelCount }, (_, i) => this.label(i));
  }

  #branchTable(): void {
    const count = this.count('labels of br_table', maxBranchTable) + 1;
    this.labelCount = 0;
    for (let i = 0; i < count; i++) this.#addLabel();
  }

  #addLabel(): void {
    const at = 3 * this.labelCount++;
    if (at === this.#labels.length) this.#growLabels();
    this.#labels[at + 1] = this.offset;
    this.#labels[at] = this.u32();
    this.#labels[at + 2] = this.offset;
  }

  #growLabels(): void {
    const grown = new Uint32Array(Math.max(3 * 64, 2 * this.#labels.length));
    grown.set(this.#labels);
    this.#labels = grown;
  }

  #catches(): void {
    const count = this.count('clauses of try_table', maxBranchTable);
    this.labelCount = 0;
    for (let i = 0; i < count; i++) {
      const at = this.offset;
      const kind = this.u8();
      if (kind > 3) throw badModule('unknown kind of catch clause', at);
      if (kind < 2) this.u32();
      this.#addLabel();
    }
  }

  #handlers(): void {
    const count = this.count('clauses of resume', maxBranchTable);
    this.labelCount = 0;
    for (let i = 0; i < count; i++) {
      const at = this.offset;
      const kind = this.u8();
      if (kind > 1) throw badModule('unknown kind of resume clause', at);
      this.u32();
      if (kind === 0) this.#addLabel();
    }
  }
}
