/**
 * Gives a kernel a handler that writes all over its stack: `IRQ1_Handler` fills 256 bytes below the stack pointer. Where a
 * handler were given the interrupted function's stack, red zone and all, the kernel's result would be wrong. Appends one
 * function; everything else stays as it is.
 */
import { instrument } from '../../src/rewrite/instrument.ts';
import { parseModule, sectionIds } from '../../src/wasm/module.ts';
import { opcodeNamed } from '../../src/wasm/opcodes.ts';
import { Reader } from '../../src/wasm/reader.ts';
import { u32Size, Writer } from '../../src/wasm/writer.ts';

const SCRIBBLED_BYTES = 256;
const I32 = 0x7f;
const EMPTY_BLOCK = 0x40;
const END = 0x0b;

/** @throws Error for a module without a stack pointer. */
export function withScribbler(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const module = parseModule(bytes);
  const pointer = instrument(bytes).stackPointer?.globalIndex;
  if (pointer === undefined) throw new Error('the kernel has no stack pointer');
  const handler = module.exports.find((each) => each.name === 'IRQ0_Handler')!;
  const type = module.functions[handler.index]!.typeIndex;
  const body = handlerBody(pointer);
  const additions = new Map<number, Writer>([
    [sectionIds.function, new Writer().u32(type)],
    [sectionIds.export, new Writer().name('IRQ1_Handler').u8(0).u32(module.functions.length)],
    [sectionIds.code, new Writer().u32(body.length).bytes(body.view())],
  ]);
  const out = new Writer(bytes.length + 256);
  out.copy(bytes, 0, 8);
  for (const section of module.sections) {
    const addition = additions.get(section.id);
    if (addition === undefined) {
      out.copy(bytes, section.start, section.end);
      continue;
    }
    const reader = new Reader(bytes, section.body, section.end);
    const count = reader.u32() + 1;
    const entries = reader.offset;
    out.u8(section.id).u32(u32Size(count) + section.end - entries + addition.length);
    out.u32(count).copy(bytes, entries, section.end);
    out.bytes(addition.view());
  }
  return new Uint8Array(out.view());
}

/** for (p = sp - 256; p < sp; p += 4) *p = -1; */
function handlerBody(pointer: number): Writer {
  const op = (name: string): number => opcodeNamed(name)!;
  const [p] = [0];
  const code = new Writer().bytes([1, 1, I32]);
  code.u8(op('global.get')).u32(pointer).u8(op('i32.const')).s32(SCRIBBLED_BYTES).u8(op('i32.sub'));
  code.bytes([op('local.set'), p, op('loop'), EMPTY_BLOCK]);
  code
    .bytes([op('local.get'), p, op('i32.const')])
    .s32(-1)
    .bytes([op('i32.store'), 2, 0]);
  code.bytes([op('local.get'), p, op('i32.const'), 4, op('i32.add'), op('local.tee'), p]);
  code
    .u8(op('global.get'))
    .u32(pointer)
    .bytes([op('i32.lt_u'), op('br_if'), 0, END]);
  return code.u8(END);
}
