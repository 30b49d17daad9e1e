/** Changes single instructions of a module, to see whether the checker notices: takes bodies apart and puts them together again. */
import { Instructions } from '../../src/wasm/instructions.ts';
import { readLocals } from '../../src/wasm/locals.ts';
import { type Module, parseModule, sectionIds } from '../../src/wasm/module.ts';
import { opcodeName } from '../../src/wasm/opcodes.ts';
import { readValueType } from '../../src/wasm/types.ts';
import { Writer } from '../../src/wasm/writer.ts';

export interface Part {
  readonly name: string;
  readonly bytes: readonly number[];
}

/** `edit` changes the list of instructions of the function `index` in place. */
export function editBody(bytes: Uint8Array, index: number, edit: (parts: Part[]) => void): Uint8Array {
  const module = parseModule(bytes);
  const own = index - module.importedFunctions;
  const section = module.sections.find(({ id }) => id === sectionIds.code)!;
  const contents = new Writer().u32(module.bodies.length);
  module.bodies.forEach(({ start, end }, i) => {
    const body = i === own ? edited(bytes, start, end, edit) : bytes.subarray(start, end);
    contents.u32(body.length).bytes(body);
  });
  const out = new Writer().bytes(bytes.subarray(0, section.start));
  out.u8(sectionIds.code).u32(contents.length).bytes(contents.view());
  return out.bytes(bytes.subarray(section.end)).view();
}

function edited(bytes: Uint8Array, start: number, end: number, edit: (parts: Part[]) => void): Uint8Array {
  const code = new Instructions(bytes, start, end);
  for (let groups = code.u32(); groups > 0; groups--) {
    code.u32();
    readValueType(code);
  }
  const locals = bytes.subarray(start, code.offset);
  const parts: Part[] = [];
  while (!code.done) {
    code.next();
    parts.push({ name: opcodeName(code.opcode), bytes: [...bytes.subarray(code.start, code.offset)] });
  }
  edit(parts);
  const writer = new Writer().bytes(locals);
  for (const part of parts) writer.bytes(part.bytes);
  return writer.view().slice();
}

/** Where the budget is charged, in its global or in a local that the original has not: the places of the constants. */
export function chargesIn(parts: readonly Part[], original: Module, index: number): number[] {
  const places: number[] = [];
  const { start, end } = original.bodies[index - original.importedFunctions]!;
  const { length } = original.functionType(index).params;
  const { localCount } = readLocals(new Instructions(original.bytes, start, end), length);
  for (let at = 1; at < parts.length - 1; at++) {
    const { name, bytes } = parts[at - 1]!;
    const added = name === 'local.get' ? bytes[1]! >= localCount : bytes[1] === original.globals.length;
    const reads = added && (name === 'local.get' || name === 'global.get');
    if (reads && parts[at]!.name === 'i32.const' && parts[at + 1]!.name === 'i32.sub') places.push(at);
  }
  return places;
}

/** Where a sequence of names begins, at its `nth` place. */
export function find(parts: readonly Part[], names: string, nth = 0): number {
  const list = names.split(' ');
  let left = nth;
  for (let at = 0; at < parts.length; at++) {
    if (list.every((name, i) => parts[at + i]?.name === name) && left-- === 0) return at;
  }
  throw new Error(`no ${names} in ${parts.map(({ name }) => name).join(' ')}`);
}

export const part = (name: string, ...bytes: number[]): Part => ({ name, bytes });

export function functionNamed(module: Module, name: string): number {
  const index = module.functions.findIndex((_, i) => module.functionName(i) === name);
  if (index < 0) throw new Error(`there is no function ${name}`);
  return index;
}

/** A copy with some bytes replaced: at the first place, behind `from`, where `old` stands. */
export function replaceBytes(bytes: Uint8Array, old: readonly number[], now: readonly number[], from = 0): Uint8Array {
  const copy = bytes.slice();
  for (let at = from; at < copy.length; at++) {
    if (!old.every((byte, i) => copy[at + i] === byte)) continue;
    copy.set(now, at);
    return copy;
  }
  throw new Error('those bytes are nowhere');
}
