/**
 * What the checker has to know of types beyond src/wasm/types.ts: how many fields a struct has, which function a continuation is of.
 * Core specification 5.3 "Types"; reads the type section once more, from the bytes.
 */
import { type Module, sectionIds } from '../../wasm/module.ts';
import { badModule, Reader } from '../../wasm/reader.ts';
import { readHeapType, readValueType } from '../../wasm/types.ts';

export interface TypeShape {
  /** Of a function: parameters and results. */
  readonly params: number;
  readonly results: number;
  /** Of a struct. */
  readonly fields: number;
  /** Of a continuation: the index of its function type. */
  readonly continues: number | undefined;
}

/** Looks types up for the code that is being read, by whatever names them. Throws `bad-module`, at the given offset. */
export class TypeTable {
  readonly #module: Module;
  readonly #shapes: readonly TypeShape[];

  constructor(module: Module) {
    this.#module = module;
    this.#shapes = readTypeShapes(module);
  }

  type(index: number, at: number): TypeShape {
    const shape = this.#shapes[index];
    if (shape === undefined) throw badModule(`there is no type ${index}`, at);
    return shape;
  }

  ofFunction(index: number, at: number): TypeShape {
    const info = this.#module.functions[index];
    if (info === undefined) throw badModule(`there is no function ${index}`, at);
    return this.type(info.typeIndex, at);
  }

  /** The function type of a continuation type. */
  continuation(index: number, at: number): TypeShape {
    return this.type(this.type(index, at).continues ?? -1, at);
  }

  tag(index: number, at: number): TypeShape {
    const tag = this.#module.tags[index];
    if (tag === undefined) throw badModule(`there is no tag ${index}`, at);
    return this.type(tag.typeIndex, at);
  }

  /** Of a block type as Instructions gives it. */
  block(index: number, at: number): { readonly params: number; readonly results: number } {
    if (index >= 0) return this.type(index, at);
    return { params: 0, results: index === emptyBlock ? 0 : 1 };
  }

  /** What comes back from `switch`: the parameters of the continuation type that is its last parameter. */
  switchedTo(index: number, at: number): number {
    const signature = this.#module.types[this.type(index, at).continues ?? -1]?.signature;
    const last = /(\d+)\)$/.exec(signature?.params.at(-1) ?? '');
    if (last === null) throw badModule('switch to what is no continuation', at);
    return this.continuation(Number(last[1]), at).params;
  }
}

const emptyBlock = -0x40;
const maxCount = 1_000_000;

/** One shape for each type index. */
function readTypeShapes(module: Module): readonly TypeShape[] {
  const section = module.sections.find(({ id }) => id === sectionIds.type);
  const shapes: TypeShape[] = [];
  if (section === undefined) return shapes;
  const reader = new Reader(module.bytes, section.body, section.end);
  for (let groups = reader.u32(); groups > 0; groups--) {
    let members = 1;
    if (reader.bytes[reader.offset] === 0x4e) {
      reader.skip(1);
      members = reader.count('types of a group', maxCount);
    }
    for (; members > 0; members--) shapes.push(readShape(reader));
  }
  return shapes;
}

function readShape(reader: Reader): TypeShape {
  let code = reader.u8();
  if (code === 0x50 || code === 0x4f) {
    for (let parents = reader.u32(); parents > 0; parents--) reader.u32();
    code = reader.u8();
  }
  const shape = { params: 0, results: 0, fields: 0, continues: undefined };
  switch (code) {
    case 0x60:
      return { ...shape, params: skipTypes(reader), results: skipTypes(reader) };
    case 0x5f: {
      const fields = reader.count('fields', maxCount);
      for (let i = 0; i < fields; i++) skipField(reader);
      return { ...shape, fields };
    }
    case 0x5e:
      skipField(reader);
      return shape;
    default:
      return { ...shape, continues: Number(readHeapType(reader)) };
  }
}

function skipTypes(reader: Reader): number {
  const count = reader.count('types', maxCount);
  for (let i = 0; i < count; i++) readValueType(reader);
  return count;
}

/** A storage type, which may be packed, and whether it can change. */
function skipField(reader: Reader): void {
  const code = reader.bytes[reader.offset];
  if (code === 0x78 || code === 0x77) reader.skip(1);
  else readValueType(reader);
  reader.skip(1);
}
