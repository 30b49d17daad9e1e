/**
 * Reads each kind of section. Core specification 5.5.3 to 5.5.17, and the proposal "compact import section". Indices are compared
 * with their spaces where they are read, or, for those that expressions and types hold, by whoever called (checkIndices in
 * module.ts).
 */
import { WirqError } from '../errors.ts';
import { Instructions } from './instructions.ts';
import * as limits from './limits.ts';
import type { ExternKind, Limits, Module } from './module.ts';
import { readNames } from './names.ts';
import { Effect, opcodeNamed } from './opcodes.ts';
import { badModule, type Reader, Space } from './reader.ts';
import { sectionIds } from './section-ids.ts';
import { readTypeGroup, readValueType, type ValueType } from './types.ts';

const externKinds: readonly ExternKind[] = ['func', 'table', 'memory', 'global', 'tag'];

/** Reads the contents of a section other than a custom one into `module`. */
export function readSection(module: Module, id: number, reader: Reader): void {
  switch (id) {
    case sectionIds.type: {
      const count = reader.count('types', limits.maxTypes);
      for (let i = 0; i < count; i++) readTypeGroup(reader, module.types, limits.maxTypes);
      return;
    }
    case sectionIds.import:
      readImports(module, reader);
      return;
    case sectionIds.function: {
      const count = reader.count('functions', limits.maxFunctions);
      for (let i = 0; i < count; i++) {
        module.functions.push({ typeIndex: readFunctionTypeIndex(module, reader), imported: false });
      }
      return;
    }
    case sectionIds.table: {
      const count = reader.count('tables', limits.maxTables);
      for (let i = 0; i < count; i++) readTable(module, reader);
      return;
    }
    case sectionIds.memory: {
      const count = reader.count('memories', limits.maxMemories);
      for (let i = 0; i < count; i++) module.memories.push({ limits: readLimits(reader), imported: false });
      return;
    }
    case sectionIds.tag: {
      const count = reader.count('tags', limits.maxTags);
      for (let i = 0; i < count; i++) module.tags.push({ typeIndex: readTagType(module, reader), imported: false });
      return;
    }
    case sectionIds.global: {
      const count = reader.count('globals', limits.maxGlobals);
      for (let i = 0; i < count; i++) {
        const { type, mutable } = readGlobalType(reader);
        module.globals.push({ type, mutable, imported: false, initial: readConstant(module, reader) });
      }
      return;
    }
    case sectionIds.export:
      readExports(module, reader);
      return;
    case sectionIds.start:
      readStart(module, reader);
      return;
    case sectionIds.element: {
      const count = reader.count('element segments', limits.maxSegments);
      for (let i = 0; i < count; i++) readElements(module, reader);
      return;
    }
    case sectionIds.dataCount:
      module.dataCount = reader.u32();
      return;
    case sectionIds.code:
      readBodies(module, reader);
      return;
    default:
      readData(module, reader);
      return;
  }
}

/** Notes a custom section, and reads the names if it has them. */
export function readCustom(module: Module, reader: Reader, start: number): void {
  const name = reader.name(limits.maxNameBytes);
  module.sections.push({ id: sectionIds.custom, start, body: reader.offset, end: reader.end, name });
  if (name === 'name') module.names = readNames(reader);
}

function readFunctionTypeIndex(module: Module, reader: Reader): number {
  const at = reader.offset;
  const index = reader.u32();
  if (module.types[index]?.kind !== 'func') throw badModule(`type ${index} is not a function type`, at);
  return index;
}

function readTagType(module: Module, reader: Reader): number {
  const at = reader.offset;
  if (reader.u8() !== 0) throw badModule('unknown attribute of a tag', at);
  return readFunctionTypeIndex(module, reader);
}

function readLimits(reader: Reader): Limits {
  const at = reader.offset;
  const flags = reader.u8();
  if (flags > 7)
    throw new WirqError('unsupported', `unknown kind of limits 0x${flags.toString(16)}`, { place: { offset: at } });
  const wide = (flags & 4) !== 0;
  const bound = (): bigint => (wide ? reader.u64() : BigInt(reader.u32()));
  const minimum = bound();
  const maximum = (flags & 1) !== 0 ? bound() : undefined;
  return { minimum, maximum, shared: (flags & 2) !== 0, wide };
}

function readGlobalType(reader: Reader): { type: ValueType; mutable: boolean } {
  const type = readValueType(reader);
  const at = reader.offset;
  const mutability = reader.u8();
  if (mutability > 1) throw badModule('a global is neither const nor var', at);
  return { type, mutable: mutability === 1 };
}

function readTable(module: Module, reader: Reader): void {
  const initialised = reader.bytes[reader.offset] === 0x40 && reader.bytes[reader.offset + 1] === 0;
  if (initialised) reader.skip(2);
  const element = readValueType(reader);
  module.tables.push({ element, limits: readLimits(reader), imported: false });
  if (initialised) readConstant(module, reader);
}

/** In place of the kind of an import that has no name: several of that module follow, each with its own type, or all with one. */
const compactKinds = { ownTypes: 0x7f, oneType: 0x7e } as const;

/** Each entry is one import, or in the compact form a group of them from one module. */
function readImports(module: Module, reader: Reader): void {
  const entries = reader.count('imports', limits.maxImports);
  for (let i = 0; i < entries; i++) {
    const from = reader.name(limits.maxNameBytes);
    const name = reader.name(limits.maxNameBytes);
    const kind = name === '' ? reader.bytes[reader.offset] : undefined;
    if (kind === compactKinds.ownTypes || kind === compactKinds.oneType) {
      reader.skip(1);
      readImportGroup(module, reader, from, kind);
    } else readExternType(module, reader)(from, name);
  }
  module.importedFunctions = module.functions.length;
}

function readImportGroup(module: Module, reader: Reader, from: string, kind: number): void {
  const addOne = kind === compactKinds.oneType ? readExternType(module, reader) : undefined;
  const count = reader.count('imports', limits.maxImports - module.imports.length);
  for (let i = 0; i < count; i++) {
    const name = reader.name(limits.maxNameBytes);
    const add = addOne ?? readExternType(module, reader);
    add(from, name);
  }
}

/** Reads what an import is; the answer adds one such under a name. */
function readExternType(module: Module, reader: Reader): (from: string, name: string) => void {
  const at = reader.offset;
  const kind = externKinds[reader.u8()];
  const adding =
    <T>(kind: ExternKind, space: T[], item: T) =>
    (from: string, name: string): void => {
      module.imports.push({ module: from, name, kind, index: space.length });
      space.push(item);
    };
  switch (kind) {
    case 'func':
      return adding(kind, module.functions, { typeIndex: readFunctionTypeIndex(module, reader), imported: true });
    case 'table':
      return adding(kind, module.tables, {
        element: readValueType(reader),
        limits: readLimits(reader),
        imported: true,
      });
    case 'memory':
      return adding(kind, module.memories, { limits: readLimits(reader), imported: true });
    case 'global':
      return adding(kind, module.globals, { ...readGlobalType(reader), imported: true, initial: undefined });
    case 'tag':
      return adding(kind, module.tags, { typeIndex: readTagType(module, reader), imported: true });
    default:
      throw new WirqError('unsupported', 'unknown kind of import', { place: { offset: at } });
  }
}

function readExports(module: Module, reader: Reader): void {
  const count = reader.count('exports', limits.maxExports);
  const spaces = {
    func: module.functions,
    table: module.tables,
    memory: module.memories,
    global: module.globals,
    tag: module.tags,
  };
  for (let i = 0; i < count; i++) {
    const name = reader.name(limits.maxNameBytes);
    const at = reader.offset;
    const kind = externKinds[reader.u8()];
    if (kind === undefined) throw badModule('unknown kind of export', at);
    const index = reader.u32();
    if (index >= spaces[kind].length) throw badModule(`export '${name}': there is no ${kind} ${index}`, at);
    module.exports.push({ name, kind, index });
    if (kind === 'func') module.referenced.add(index);
  }
}

function readStart(module: Module, reader: Reader): void {
  const at = reader.offset;
  module.start = reader.u32();
  checkFunction(module, module.start, at);
  const { params, results } = module.functionType(module.start);
  if (params.length + results.length > 0) throw badModule('the start function takes parameters or has results', at);
}

function checkFunction(module: Module, index: number, at: number): void {
  if (index >= module.functions.length) throw badModule(`there is no function ${index}`, at);
}

const refFunc = opcodeNamed('ref.func');
const i32Const = opcodeNamed('i32.const');
const end = opcodeNamed('end');

/** Passes over a constant expression; gives its value if it is one i32.const. */
function readConstant(module: Module, reader: Reader): number | undefined {
  const { offset } = reader;
  // A large module has tens of thousands of segments that begin with a plain number.
  if (reader.bytes[offset] === i32Const && offset < reader.end) {
    reader.offset++;
    const constant = reader.s32();
    if (reader.bytes[reader.offset] === end && reader.offset < reader.end) {
      reader.offset++;
      return constant;
    }
    reader.offset = offset;
  }
  const code = new Instructions(reader.bytes, reader.offset, reader.end);
  let value: number | undefined;
  for (let count = 0; ; count++) {
    code.next();
    if (code.effect === Effect.end) {
      reader.offset = code.offset;
      reader.note(Space.type, code.highest[Space.type]!);
      reader.note(Space.global, code.highest[Space.global]!);
      return value;
    }
    if (code.effect !== Effect.plain) throw badModule('not a constant expression', code.start);
    value = count === 0 && code.opcode === i32Const ? code.constant : undefined;
    if (code.opcode === refFunc) {
      checkFunction(module, code.index, code.start);
      module.referenced.add(code.index);
    }
  }
}

/** The eight forms of element segments: bit 0 not active, bit 1 explicit table or declarative, bit 2 expressions. */
function readElements(module: Module, reader: Reader): void {
  const at = reader.offset;
  const flags = reader.u32();
  if (flags > 7) throw badModule('unknown kind of element segment', at);
  const active = (flags & 1) === 0;
  if (active) {
    // Without an index it is table 0, which has to exist all the same.
    const table = (flags & 2) !== 0 ? reader.u32() : 0;
    reader.note(Space.table, table);
    readConstant(module, reader);
  }
  const expressions = (flags & 4) !== 0;
  if ((flags & 3) !== 0) {
    if (expressions) readValueType(reader);
    else if (reader.u8() !== 0) throw badModule('unknown kind of elements', reader.offset - 1);
  }
  const count = reader.count('elements', limits.maxSegments);
  for (let i = 0; i < count; i++) {
    if (expressions) {
      readConstant(module, reader);
    } else {
      const index = reader.u32();
      checkFunction(module, index, reader.offset);
      module.referenced.add(index);
    }
  }
}

function readBodies(module: Module, reader: Reader): void {
  const count = reader.count('function bodies', limits.maxFunctions);
  for (let i = 0; i < count; i++) {
    const at = reader.offset;
    const length = reader.u32();
    const start = reader.offset;
    reader.skipSection(length, 'a function body');
    if (length > limits.maxFunctionBytes) {
      throw new WirqError('limit', `a function body is over ${limits.maxFunctionBytes} bytes`, {
        place: { offset: at },
      });
    }
    module.bodies.push({ start, end: reader.offset });
  }
}

function readData(module: Module, reader: Reader): void {
  const count = reader.count('data segments', limits.maxSegments);
  for (let i = 0; i < count; i++) {
    const at = reader.offset;
    const flags = reader.u32();
    if (flags > 2) throw badModule('unknown kind of data segment', at);
    if (flags === 2) reader.u32();
    if (flags !== 1) readConstant(module, reader);
    reader.skipSection(reader.u32(), 'a data segment');
  }
  module.dataSegments = count;
}
