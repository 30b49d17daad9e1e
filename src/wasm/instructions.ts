/**
 * Walks code one instruction at a time, as the opcode table describes it. Core specification 5.4 "Instructions".
 * Decodes only what control flow and the call graph need; operand types are left to the engine's own validation.
 */
import { WirqError } from '../errors.ts';
import { maxBranchTable } from './limits.ts';
import { costOf, Effect, type EffectKind, effectOf, Imm, immediatesOf, prefixBase } from './opcodes.ts';
import { badModule, Reader } from './reader.ts';
import { readHeapType, readValueType } from './types.ts';

const invalidEffect = 0xff;

/** No instruction that `pass` knows is longer: an opcode, an alignment, an offset of 64 bits. */
const longestPassed = 12;
/** In `passOf`: an instruction that `pass` leaves to `next`. */
const leave = 0xff;
/** Per one-byte opcode: the kind of its only immediate if it is plain, counted, and no one needs to look at it. */
const passOf: Uint8Array = passTable();

function passTable(): Uint8Array {
  const table = new Uint8Array(0x100).fill(leave);
  const kinds: readonly number[] = [Imm.none, Imm.local, Imm.global, Imm.memarg, Imm.i32, Imm.i64, Imm.f32, Imm.f64];
  for (let opcode = 0; opcode < table.length; opcode++) {
    const kind = immediatesOf[opcode * 4]!;
    if (effectOf[opcode] !== Effect.plain || costOf[opcode] !== 1) continue;
    if (kinds.includes(kind) && immediatesOf[opcode * 4 + 1] === Imm.none) table[opcode] = kind;
  }
  return table;
}

interface HeldLabels {
  readonly labels: number[];
  readonly spans: number[];
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
  /** The labels of br_table (default last), or those in the clauses of try_table and resume; none for other stack switching. */
  labels: readonly number[] = [];
  /** Where the last label stands: [start, end) of its number. */
  labelStart = 0;
  labelEnd = 0;
  /** For `labels`, where each stands: start and end in turn. */
  labelSpans: readonly number[] = [];
  /** What those two are, by how many labels there are: arrays that shrink and grow would be made anew each time. */
  readonly #ofCount = new Map<number, HeldLabels>();

  /** Begins anew, with the code in [start, end) of the same file: for those who read many functions. */
  aim(start: number, end: number): void {
    this.offset = start;
    this.end = end;
    this.highestType = -1;
    this.highestTable = -1;
    this.highestGlobal = -1;
    this.highestLocal = -1;
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
    if (effect === Effect.switch) this.#holdLabels(0);
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
        if (byte > this.highestLocal) this.highestLocal = byte;
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

  /**
   * Passes over plain instructions that stand before `to`, and gives how many that were; each counts one (costOf). Most code is
   * made of few kinds of them in their shortest form, and this reads those much faster than `next`. It stops, as early as at
   * once, in front of whatever else there is: `next` reads that, and says what is wrong with it.
   */
  pass(to: number): number {
    const { bytes } = this;
    const last = Math.min(to, this.end - longestPassed + 1);
    let count = 0;
    let at = this.offset;
    let { highestLocal } = this;
    for (; at < last; count++) {
      const kind = passOf[bytes[at]!]!;
      if (kind === Imm.none) {
        at++;
      } else if (kind === Imm.local) {
        const index = bytes[at + 1]!;
        if (index >= 0x80) break;
        if (index > highestLocal) highestLocal = index;
        at += 2;
      } else if (kind === Imm.i32 || kind === Imm.i64) {
        // Shorter than the longest they may be, all encodings are right.
        const longest = at + (kind === Imm.i32 ? 4 : 9);
        let end = at + 1;
        while (bytes[end]! >= 0x80 && end < longest) end++;
        if (bytes[end]! >= 0x80) break;
        at = end + 1;
      } else if (kind === Imm.memarg) {
        if (bytes[at + 1]! >= 0x40) break;
        if (bytes[at + 2]! < 0x80) at += 3;
        else if (bytes[at + 3]! < 0x80) at += 4;
        else break;
      } else if (kind === Imm.global) {
        const index = bytes[at + 1]!;
        if (index >= 0x80) break;
        if (index > this.highestGlobal) this.highestGlobal = index;
        at += 2;
      } else if (kind === Imm.f64) {
        at += 9;
      } else if (kind === Imm.f32) {
        at += 5;
      } else {
        break;
      }
    }
    this.offset = at;
    this.highestLocal = highestLocal;
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
    switch (kind) {
      case Imm.local:
        this.index = this.u32();
        if (this.index > this.highestLocal) this.highestLocal = this.index;
        return;
      case Imm.index:
      case Imm.func:
      case Imm.memory:
      case Imm.tag:
        this.index = this.u32();
        return;
      case Imm.type:
        this.index = this.u32();
        if (this.index > this.highestType) this.highestType = this.index;
        return;
      case Imm.global:
        this.index = this.u32();
        if (this.index > this.highestGlobal) this.highestGlobal = this.index;
        return;
      case Imm.table:
        this.index = this.u32();
        if (this.index > this.highestTable) this.highestTable = this.index;
        return;
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
    if (this.index > this.highestType) this.highestType = this.index;
  }

  #branchTable(): void {
    const count = this.count('labels of br_table', maxBranchTable);
    const held = this.#holdLabels(count + 1);
    for (let i = 0; i <= count; i++) this.#label(i, held);
  }

  /** Overwrites those of an instruction before. */
  #holdLabels(count: number): HeldLabels {
    let held = this.#ofCount.get(count);
    if (held === undefined) {
      held = { labels: new Array<number>(count).fill(0), spans: new Array<number>(2 * count).fill(0) };
      this.#ofCount.set(count, held);
    }
    this.labels = held.labels;
    this.labelSpans = held.spans;
    return held;
  }

  #label(i: number, { labels, spans }: HeldLabels): void {
    const start = this.offset;
    labels[i] = this.u32();
    spans[2 * i] = start;
    spans[2 * i + 1] = this.offset;
  }

  #catches(): void {
    const count = this.count('clauses of try_table', maxBranchTable);
    const held = this.#holdLabels(count);
    for (let i = 0; i < count; i++) {
      const at = this.offset;
      const kind = this.u8();
      if (kind > 3) throw badModule('unknown kind of catch clause', at);
      if (kind < 2) this.u32();
      this.#label(i, held);
    }
  }

  #handlers(): void {
    const count = this.count('clauses of resume', maxBranchTable);
    const held = this.#holdLabels(count);
    let labels = 0;
    for (let i = 0; i < count; i++) {
      const at = this.offset;
      const kind = this.u8();
      if (kind > 1) throw badModule('unknown kind of resume clause', at);
      this.u32();
      if (kind === 0) this.#label(labels++, held);
    }
    if (labels === count) return;
    this.labels = held.labels.slice(0, labels);
    this.labelSpans = held.spans.slice(0, 2 * labels);
  }
}
