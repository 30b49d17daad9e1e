/**
 * The companion module that drives continuations: begins them, goes on with them, and keeps those that have parked. Where one
 * asks for another to go on in its place it does so itself, with the guest's stack pointer: a switch then costs little more
 * than suspending and resuming do. Made when the guest is there. Encodings as in switchboard.ts.
 */
import { opcodeNamed } from '../wasm/opcodes.ts';
import { Writer } from '../wasm/writer.ts';
import type { Shape } from './backend.ts';
import { ModuleBuilder, TYPE_BYTES } from './module-builder.ts';
import { changeShadow, importShadows } from './shadow-code.ts';
import { addRunners } from './switchboard.ts';
import { handOver, loadWord, RUNNING_WORD, storeWord, TARGET_WORD } from './words.ts';

const EMPTY_BLOCK = 0x40;
const REF = 0x64;
const REF_NULL = 0x63;
const CONT_TYPE = 0x5d;
const PREFIX_FC = 0xfc;
const TABLE_GROW = 0x0f;
const PARKED_TABLE = 1;
const op = (name: string): number => opcodeNamed(name)!;
const OP = {
  end: op('end'),
  block: op('block'),
  loop: op('loop'),
  if: op('if'),
  br: op('br'),
  return: op('return'),
  call: op('call'),
  localGet: op('local.get'),
  localSet: op('local.set'),
  localTee: op('local.tee'),
  tableGet: op('table.get'),
  tableSet: op('table.set'),
  const: op('i32.const'),
  eqz: op('i32.eqz'),
  unreachable: op('unreachable'),
  refNull: op('ref.null'),
  refFunc: op('ref.func'),
  contNew: op('cont.new'),
  resume: op('resume'),
} as const;

export interface ContinuationOptions {
  readonly shapes: readonly Shape[];
  /** Whether stacks in linear memory go with the continuations: a stack pointer and a plain memory are imported. */
  readonly shadows: boolean;
}

/**
 * Imports: `w` `words` and `w` `parked` of the switchboard, `g` `memory` and `g` `pointer` of the guest, and what runners need.
 * Exports: `b0`… which begin a function of a shape, and `resume` for the continuation in a slot: 0 when it ended, 1 when it
 * parked; `grow` makes room for more of them.
 */
export function continuations({ shapes, shadows }: ContinuationOptions): Uint8Array<ArrayBuffer> {
  const builder = new ModuleBuilder();
  const plain = builder.type([], []);
  const cont = builder.rawType(new Writer(4).u8(CONT_TYPE).u32(plain));
  const finishRunners = addRunners(builder, shapes);
  builder.importMemory('w', 'words');
  builder.importTag('w', 'parked', plain);
  if (shadows) importShadows(builder);
  builder.table([REF_NULL, cont], 0);
  const driving = builder.rawType(new Writer(8).bytes([0x60, 1, REF_NULL, cont, 1, TYPE_BYTES.i32]));
  const drive = builder.add(undefined, driving, driveCode(cont, shadows));
  finishRunners().forEach((runner, k) => {
    builder.declare(runner);
    const begin = new Writer(16).u8(0).u8(OP.refFunc).u32(runner).u8(OP.contNew).u32(cont);
    builder.add(`b${k}`, builder.type([], ['i32']), begin.u8(OP.call).u32(drive).u8(OP.end));
  });
  const wordToWord = builder.type(['i32'], ['i32']);
  const take = new Writer(16).u8(0).u8(OP.localGet).u32(0).u8(OP.tableGet).u32(PARKED_TABLE);
  builder.add('resume', wordToWord, take.u8(OP.call).u32(drive).u8(OP.end));
  const grow = new Writer(16).u8(0).u8(OP.refNull).u32(cont).u8(OP.localGet).u32(0);
  builder.add('grow', wordToWord, grow.u8(PREFIX_FC).u32(TABLE_GROW).u32(PARKED_TABLE).u8(OP.end));
  return builder.bytes();
}

/** Locals: the continuation; the slot that goes on, and the one that stops; an address. */
const K = 0;
const TARGET = 1;
const STOPPED = 2;
const ADDRESS = 3;

function driveCode(cont: number, shadows: boolean): Writer {
  const code = new Writer(128).u32(1).u32(3).u8(TYPE_BYTES.i32);
  code.u8(OP.loop).u8(EMPTY_BLOCK);
  code.u8(OP.block).u8(REF).u32(cont).u8(OP.localGet).u32(K);
  code.u8(OP.resume).u32(cont).u32(1).u8(0).u32(0).u32(0);
  code.u8(OP.const).s32(0).u8(OP.return).u8(OP.end);
  code.u8(OP.localSet).u32(K);
  loadWord(code, RUNNING_WORD).u8(OP.localTee).u32(STOPPED).u8(OP.localGet).u32(K).u8(OP.tableSet).u32(PARKED_TABLE);
  loadWord(code, TARGET_WORD).u8(OP.localTee).u32(TARGET).u8(OP.eqz);
  code.u8(OP.if).u8(EMPTY_BLOCK).u8(OP.const).s32(1).u8(OP.return).u8(OP.end);
  storeWord(code, TARGET_WORD, (value) => value.u8(OP.const).s32(0));
  // Parks for the host to see where the canary is gone.
  if (shadows) changeShadow(code, { stopped: STOPPED, target: TARGET, address: ADDRESS });
  handOver(code, STOPPED, TARGET);
  code.u8(OP.localGet).u32(TARGET).u8(OP.tableGet).u32(PARKED_TABLE).u8(OP.localSet).u32(K);
  return code.u8(OP.br).u32(0).u8(OP.end).u8(OP.unreachable).u8(OP.end);
}
