/**
 * Code that changes stacks in linear memory at a switch that WebAssembly makes: whether the one that is left is whole, and whose
 * pointer holds. `continuations.ts` has it inside; doors made before the guest was call it in a module of its own.
 * Encodings as in switchboard.ts.
 */
import { opcodeNamed } from '../wasm/opcodes.ts';
import { Writer } from '../wasm/writer.ts';
import { ModuleBuilder, TYPE_BYTES } from './module-builder.ts';
import { CANARY_WORDS, PAINT } from './shadow-stack.ts';
import { CANARY, loadAt, loadWord, POINTER, RUNNING_WORD, record, SLOTS_WORD, storeAt } from './words.ts';

const EMPTY_BLOCK = 0x40;
/** A memory index follows (core specification 5.4.6, "memarg"). */
const IN_MEMORY = 0x40;
const GUEST_MEMORY = 1;
/** Two words of it, as a signed LEB128 number. */
const PAINTED = signed((BigInt(PAINT) << 32n) | BigInt(PAINT));
const op = (name: string): number => opcodeNamed(name)!;
const OP = {
  end: op('end'),
  if: op('if'),
  return: op('return'),
  localGet: op('local.get'),
  localSet: op('local.set'),
  localTee: op('local.tee'),
  globalGet: op('global.get'),
  globalSet: op('global.set'),
  const: op('i32.const'),
  load64: op('i64.load'),
  const64: op('i64.const'),
  ne64: op('i64.ne'),
  or: op('i32.or'),
} as const;

/** What is needed of the guest. */
export interface GuestShadows {
  readonly memory: WebAssembly.Memory;
  readonly pointer: WebAssembly.Global;
}

/** Locals: the slots of who stops and of who goes on, and one that is free. */
export interface ShadowLocals {
  readonly stopped: number;
  readonly target: number;
  readonly address: number;
}

/** To be called before anything is added: memory 1 and global 0. */
export function importShadows(builder: ModuleBuilder): void {
  builder.importMemory('g', 'memory');
  builder.importGlobal('g', 'pointer');
}

/** Returns 1 where the canary is gone, for the host to see; else the stack pointer goes with the stack. */
export function changeShadow(code: Writer, { stopped, target, address }: ShadowLocals): void {
  loadAt(record(code, stopped), SLOTS_WORD + CANARY)
    .u8(OP.localTee)
    .u32(address)
    .u8(OP.if)
    .u8(EMPTY_BLOCK);
  for (let word = 0; word < CANARY_WORDS; word += 2) {
    code.u8(OP.localGet).u32(address);
    code
      .u8(OP.load64)
      .u32(IN_MEMORY | 2)
      .u32(GUEST_MEMORY)
      .u32(word * 4);
    code.u8(OP.const64).bytes(PAINTED).u8(OP.ne64);
    if (word > 0) code.u8(OP.or);
  }
  code.u8(OP.if).u8(EMPTY_BLOCK).u8(OP.const).s32(1).u8(OP.return).u8(OP.end).u8(OP.end);
  storeAt(record(code, stopped).u8(OP.globalGet).u32(0), SLOTS_WORD + POINTER);
  loadAt(record(code, target), SLOTS_WORD + POINTER)
    .u8(OP.globalSet)
    .u32(0);
}

/** A module with nothing else. Imports: `w` `words`, `g` `memory` and `pointer`. Exports: `change(target)`, as above, or 0. */
export function shadowModule(): Uint8Array<ArrayBuffer> {
  const builder = new ModuleBuilder();
  builder.importMemory('w', 'words');
  importShadows(builder);
  const [target, stopped, address] = [0, 1, 2];
  const code = new Writer(128).u32(1).u32(2).u8(TYPE_BYTES.i32);
  loadWord(code, RUNNING_WORD).u8(OP.localSet).u32(stopped);
  changeShadow(code, { stopped, target, address });
  builder.add('change', builder.type(['i32'], ['i32']), code.u8(OP.const).s32(0).u8(OP.end));
  return builder.bytes();
}

function signed(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    const low = Number(rest & 0x7fn);
    const last = rest >> 7n === (low & 0x40 ? -1n : 0n);
    bytes.push(last ? low : low | 0x80);
    if (last) return bytes;
  }
}
