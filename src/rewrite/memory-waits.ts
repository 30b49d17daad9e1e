/**
 * Waits in shared memory, for machines whose only thread the guest runs on: nobody could wake it, and nothing could end it. Before
 * a module is rewritten, each `memory.atomic.wait32` and `wait64` (threads proposal, "Wait and notify") becomes a call of an appended
 * function, in the same bytes, so that nothing else in the code moves:
 *
 *     if the value differs from what is expected: 1, as the instruction gives it, and its traps
 *     else ask the host, by an appended and exported table: it lets machine time pass, and gives 0 or 2
 *
 * The result is a module like any other, and rewritten like one. Left as they are: waits in a memory that is not shared, which
 * trap.
 */
import { WirqError } from '../errors.ts';
import { Instructions } from '../wasm/instructions.ts';
import { readLocals } from '../wasm/locals.ts';
import { type Module, type Section, sectionIds, sectionOrder } from '../wasm/module.ts';
import { opcodeNamed } from '../wasm/opcodes.ts';
import { Reader } from '../wasm/reader.ts';
import { u32Size, Writer } from '../wasm/writer.ts';
import { emptyBlock, op } from './layout.ts';
import { OffsetMap } from './offsets.ts';

/** A module whose waits are the host's. */
export interface LoweredWaits {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /**
   * The exported table of one function: (address, expected, timeout_ns, bytes, memory) → 0 when the value changed, 2 when time was
   * over. The memories are exported as well, by this name with their numbers behind it.
   */
  readonly hook: string;
  /** To the offsets in the user's file. */
  readonly offsets: OffsetMap;
}

interface Site {
  readonly start: number;
  readonly end: number;
  /** Which of the appended functions stands for it. */
  readonly standIn: number;
}

const wait32 = opcodeNamed('memory.atomic.wait32')!;
const wait64 = opcodeNamed('memory.atomic.wait64')!;
const [i32, i64, funcref, func] = [0x7f, 0x7e, 0x70, 0x60];
const [nop, returns] = [opcodeNamed('nop')!, opcodeNamed('return')!];
/** Which of the types added is the hook's; before it come those of the functions that stand for waits. */
const hookType = 4;
/** Of a u32 in LEB128. */
const maxIndexBytes = 5;
const firstByte = 0xfe;
const [load32, load64] = [0x10, 0x11];

/** Undefined for a module that does not wait, and for a malformed one, of which the rewriter says more. */
export function lowerWaits(module: Module): LoweredWaits | undefined {
  if (!module.memories.some(({ limits }) => limits.shared)) return undefined;
  try {
    const { sites, standIns } = findWaits(module);
    return sites.length === 0 ? undefined : new Lowering(module, sites, standIns).run();
  } catch (error) {
    if (error instanceof WirqError) return undefined;
    throw error;
  }
}

/** `standIns`: the functions to append, one for each kind of wait and operand. */
function findWaits(module: Module): { sites: Site[]; standIns: StandIn[] } {
  const code = new Instructions(module.bytes);
  const sites: Site[] = [];
  const standIns: StandIn[] = [];
  const numbers = new Map<string, number>();
  module.bodies.forEach(({ start, end }, i) => {
    code.aim(start, end);
    readLocals(code, module.functionType(module.importedFunctions + i).params.length);
    while (!code.done) {
      code.next();
      if (code.opcode !== wait32 && code.opcode !== wait64) continue;
      const operand = operandOf(code);
      if (module.memories[operand.memory]?.limits.shared !== true) continue;
      const key = `${code.opcode} ${operand.bytes}`;
      const known = numbers.get(key) ?? standIns.push({ ...operand, wide: code.opcode === wait64 }) - 1;
      numbers.set(key, known);
      sites.push({ start: code.start, end: code.offset, standIn: known });
    }
  });
  return { sites, standIns };
}

interface Operand {
  /** As it stands: alignment, memory, offset. */
  readonly bytes: Uint8Array;
  readonly memory: number;
  readonly offset: bigint;
}

interface StandIn extends Operand {
  /** Whether it waits for 64 bits. */
  readonly wide: boolean;
}

function operandOf({ bytes, start, offset: end }: Instructions): Operand {
  const reader = new Reader(bytes, start + 1, end);
  reader.u32();
  const from = reader.offset;
  const memory = (reader.u32() & 0x40) === 0 ? 0 : reader.u32();
  return { bytes: bytes.subarray(from, end), memory, offset: reader.u64() };
}

class Lowering {
  readonly #module: Module;
  readonly #sites: readonly Site[];
  readonly #standIns: readonly StandIn[];
  readonly #out: Writer;
  readonly #offsets = new OffsetMap();
  readonly #hook: string;

  constructor(module: Module, sites: readonly Site[], standIns: readonly StandIn[]) {
    this.#module = module;
    this.#sites = sites;
    this.#standIns = standIns;
    this.#out = new Writer(module.bytes.length + 64 * standIns.length + 256);
    let name = 'waits';
    while (module.exports.some((each) => each.name.startsWith(name))) name += '_';
    this.#hook = name;
  }

  run(): LoweredWaits {
    this.#copy(0, 8);
    let done = 0;
    for (const section of this.#module.sections) {
      if (section.id === sectionIds.custom) {
        this.#copy(section.start, section.end);
        continue;
      }
      const place = sectionOrder.indexOf(section.id);
      // Who waits has types, functions and code; tables and exports perhaps not.
      for (; done < place; done++) this.#section(sectionOrder[done]!, undefined);
      this.#section(section.id, section);
      done = place + 1;
    }
    return { bytes: this.#out.view(), hook: this.#hook, offsets: this.#offsets };
  }

  #copy(start: number, end: number): void {
    this.#offsets.add(start, this.#out.length, end - start);
    this.#out.copy(this.#module.bytes, start, end);
  }

  #section(id: number, section: Section | undefined): void {
    const added = this.#added(id);
    if (added === undefined) {
      if (section !== undefined) this.#copy(section.start, section.end);
      return;
    }
    const reader = new Reader(this.#module.bytes, section?.body ?? 0, section?.end ?? 0);
    const total = (section === undefined ? 0 : reader.u32()) + added.count;
    this.#out.u8(id).u32(u32Size(total) + reader.end - reader.offset + added.bytes.length);
    this.#out.u32(total);
    if (id === sectionIds.code) this.#code(reader.offset, reader.end);
    else this.#copy(reader.offset, reader.end);
    this.#out.bytes(added.bytes.view());
  }

  /** The bodies there were, with calls for waits. */
  #code(from: number, to: number): void {
    let at = from;
    for (const { start, end, standIn } of this.#sites) {
      this.#copy(at, start);
      // In the map it stands for the wait.
      this.#offsets.add(start, this.#out.length, end - start);
      this.#call(this.#module.functions.length + standIn, end - start);
      at = end;
    }
    this.#copy(at, to);
  }

  /** A call in so many bytes: at least four, for a wait has two bytes of its own and two of its operand. */
  #call(index: number, bytes: number): void {
    const size = Math.min(bytes - 1, maxIndexBytes);
    this.#out.u8(op.call);
    for (let i = 0; i < size; i++) this.#out.u8(((index >>> (7 * i)) & 0x7f) | (i < size - 1 ? 0x80 : 0));
    for (let i = size + 1; i < bytes; i++) this.#out.u8(nop);
  }

  /** What a section gains; undefined if nothing. */
  #added(id: number): { count: number; bytes: Writer } | undefined {
    const { types, tables, memories } = this.#module;
    const bytes = new Writer();
    switch (id) {
      case sectionIds.type: {
        for (const address of [i32, i64]) {
          for (const value of [i32, i64]) bytes.bytes([func, 3, address, value, i64, 1, i32]);
        }
        bytes.bytes([func, 5, i64, i64, i64, i32, i32, 1, i32]);
        return { count: hookType + 1, bytes };
      }
      case sectionIds.function:
        for (const { memory, wide } of this.#standIns) {
          bytes.u32(types.length + 2 * Number(this.#isWide(memory)) + Number(wide));
        }
        return { count: this.#standIns.length, bytes };
      case sectionIds.table:
        return { count: 1, bytes: bytes.bytes([funcref, 1, 1, 1]) };
      case sectionIds.export:
        bytes.name(this.#hook).u8(1).u32(tables.length);
        memories.forEach((_, k) => {
          bytes.name(`${this.#hook}${k}`).u8(2).u32(k);
        });
        return { count: 1 + memories.length, bytes };
      case sectionIds.code:
        for (const standIn of this.#standIns) {
          const body = this.#body(standIn);
          bytes.u32(body.length).bytes(body.view());
        }
        return { count: this.#standIns.length, bytes };
      default:
        return undefined;
    }
  }

  #isWide(memory: number): boolean {
    return this.#module.memories[memory]!.limits.wide;
  }

  #body({ bytes, memory, offset, wide }: StandIn): Writer {
    const { types, tables } = this.#module;
    const body = new Writer(64).u8(0).u8(op.localGet).u32(0);
    body.bytes([firstByte, wide ? load64 : load32]).bytes(bytes);
    body
      .u8(op.localGet)
      .u32(1)
      .u8(wide ? i64Ne : op.i32Ne);
    body.u8(op.if).u8(emptyBlock).u8(op.i32Const).s32(1).u8(returns).u8(op.end);
    body.u8(op.localGet).u32(0);
    if (!this.#isWide(memory)) body.u8(op.i64ExtendU);
    body.u8(op.i64Const).bytes(signed64(offset)).u8(i64Add);
    body.u8(op.localGet).u32(1);
    if (!wide) body.u8(op.i64ExtendS);
    body.u8(op.localGet).u32(2);
    body.u8(op.i32Const).s32(wide ? 8 : 4);
    body.u8(op.i32Const).s32(memory).u8(op.i32Const).s32(0);
    body
      .u8(op.callIndirect)
      .u32(types.length + hookType)
      .u32(tables.length);
    return body.u8(op.end);
  }
}

/** The 64 bits in signed LEB128. */
function signed64(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asIntN(64, value);
  for (; rest < -0x40n || rest > 0x3fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest & 0x7fn)];
}

const i64Ne = opcodeNamed('i64.ne')!;
const i64Add = opcodeNamed('i64.add')!;
