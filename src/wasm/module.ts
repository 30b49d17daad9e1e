/**
 * A parsed module: its index spaces, where its sections and function bodies lie, its names. Core specification 5.5 "Modules".
 * Bodies are not decoded here (instructions.ts does that), and operands are not type-checked (the engine does that).
 */
import { WirqError } from '../errors.ts';
import { Instructions } from './instructions.ts';
import * as limits from './limits.ts';
import { type Names, noNames, readNames } from './names.ts';
import { Effect, opcodeNamed } from './opcodes.ts';
import { badModule, Reader } from './reader.ts';
import { type FunctionType, readTypeGroup, readValueType, type TypeDefinition, type ValueType } from './types.ts';

export const sectionIds = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

/** Sections in the order the specification demands: tags stand between memories and globals, the data count before the code. */
export const sectionOrder: readonly number[] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

export type ExternKind = 'func' | 'table' | 'memory' | 'global' | 'tag';
const externKinds: readonly ExternKind[] = ['func', 'table', 'memory', 'global', 'tag'];

export interface Section {
  readonly id: number;
  /** Offset of the section's id byte. */
  readonly start: number;
  /** Offset of its contents; of a custom section, behind its name. */
  readonly body: number;
  readonly end: number;
  /** The name of a custom section. */
  readonly name: string | undefined;
}

export interface Limits {
  readonly minimum: bigint;
  readonly maximum: bigint | undefined;
  readonly shared: boolean;
  /** Addresses or indices are 64 bits wide. */
  readonly wide: boolean;
}

export interface FunctionInfo {
  readonly typeIndex: number;
  readonly imported: boolean;
}
export interface TableInfo {
  readonly element: ValueType;
  readonly limits: Limits;
  readonly imported: boolean;
}
export interface MemoryInfo {
  readonly limits: Limits;
  readonly imported: boolean;
}
export interface GlobalInfo {
  readonly type: ValueType;
  readonly mutable: boolean;
  readonly imported: boolean;
  /** The initial value if it is a plain i32.const. */
  readonly initial: number | undefined;
}
export interface TagInfo {
  readonly typeIndex: number;
  readonly imported: boolean;
}

export interface Import {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternKind;
  /** In the index space of its kind. */
  readonly index: number;
}

export interface Export {
  readonly name: string;
  readonly kind: ExternKind;
  readonly index: number;
}

/** Where the body of a function of the module's own lies, its size field excluded. */
export interface Body {
  readonly start: number;
  readonly end: number;
}

/** Fills itself by reading; see `parseModule`. */
export class Module {
  readonly bytes: Uint8Array;
  readonly sections: Section[] = [];
  readonly types: TypeDefinition[] = [];
  readonly imports: Import[] = [];
  readonly functions: FunctionInfo[] = [];
  readonly tables: TableInfo[] = [];
  readonly memories: MemoryInfo[] = [];
  readonly globals: GlobalInfo[] = [];
  readonly tags: TagInfo[] = [];
  readonly exports: Export[] = [];
  readonly bodies: Body[] = [];
  /** Functions that something outside code refers to, so that an indirect call may reach them: elements, initialisers. */
  readonly referenced = new Set<number>();
  importedFunctions = 0;
  start: number | undefined;
  names: Names = noNames();
  dataSegments = 0;
  /** The number the data count section gives. */
  dataCount: number | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The contents of the first custom section of that name. */
  customSection(name: string): Uint8Array | undefined {
    const section = this.sections.find((candidate) => candidate.id === sectionIds.custom && candidate.name === name);
    return section && this.bytes.subarray(section.body, section.end);
  }

  /** What to call a function in messages: its name in the name section, else an export's, else `func[12]`. */
  functionName(index: number): string {
    const known = this.names.functions.get(index);
    if (known !== undefined) return known;
    this.#exportedFunctions ??= new Map(
      this.exports.filter(({ kind }) => kind === 'func').map(({ index, name }) => [index, name]),
    );
    return this.#exportedFunctions.get(index) ?? `func[${index}]`;
  }
  #exportedFunctions: Map<number, string> | undefined;

  /** The signature of a function, imported or own. */
  functionType(index: number): FunctionType {
    const info = this.functions[index];
    const signature = info && this.types[info.typeIndex]?.signature;
    if (signature === undefined) throw new RangeError(`there is no function ${index}`);
    return signature;
  }
}

/**
 * Reads a module's structure.
 *
 * @throws WirqError `bad-module`, `unsupported` or `limit`, with the offset in the file.
 * @example
 * parseModule(bytes).exports.map(({ name }) => name)
 */
export function parseModule(bytes: Uint8Array): Module {
  const module = new Module(bytes);
  readHeader(bytes);
  const reader = new Reader(bytes, 8);
  let order = -1;
  while (!reader.done) {
    const start = reader.offset;
    const id = reader.u8();
    const contents = reader.section(reader.u32(), `section ${id}`);
    if (id === sectionIds.custom) {
      readCustom(module, contents, start);
      continue;
    }
    const place = sectionOrder.indexOf(id);
    if (place < 0) throw new WirqError('unsupported', `unknown section ${id}`, { place: { offset: start } });
    if (place <= order) throw badModule(`section ${id} is out of order or repeated`, start);
    order = place;
    module.sections.push({ id, start, body: contents.offset, end: contents.end, name: undefined });
    readSection(module, id, contents);
    contents.expectEnd(`section ${id}`);
    checkIndices(module, contents, start);
  }
  checkCounts(module);
  return module;
}

/** Refuses indices beyond their spaces: what a rewriter appends must not give them a meaning. */
export function checkIndices(module: Module, reader: Reader, at: number): void {
  const beyond = (what: string, index: number): WirqError => badModule(`there is no ${what} ${index}`, at);
  if (reader.highestType >= module.types.length) throw beyond('type', reader.highestType);
  if (reader.highestTable >= module.tables.length) throw beyond('table', reader.highestTable);
  if (reader.highestGlobal >= module.globals.length) throw beyond('global', reader.highestGlobal);
}

function readHeader(bytes: Uint8Array): void {
  if (bytes.length > limits.maxModuleBytes) throw new WirqError('limit', 'the module is larger than 1 GiB');
  if (bytes.length < 8 || bytes[0] !== 0 || bytes[1] !== 0x61 || bytes[2] !== 0x73 || bytes[3] !== 0x6d) {
    throw new WirqError('bad-module', 'not a WebAssembly module: it does not begin with \\0asm and a version', {
      place: { offset: 0 },
      advice: 'give a binary module (.wasm); the text format has to be assembled first',
    });
  }
  const version = bytes[4]! | (bytes[5]! << 8) | (bytes[6]! << 16) | (bytes[7]! << 24);
  if (version === 1) return;
  const component = version === 0x1_000d;
  throw new WirqError(
    'unsupported',
    component ? 'this is a component, not a core module' : `unknown version ${version}`,
    {
      place: { offset: 4 },
    },
  );
}

function readSection(module: Module, id: number, reader: Reader): void {
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

function readCustom(module: Module, reader: Reader, start: number): void {
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

function readImports(module: Module, reader: Reader): void {
  const count = reader.count('imports', limits.maxImports);
  for (let i = 0; i < count; i++) {
    const from = reader.name(limits.maxNameBytes);
    const name = reader.name(limits.maxNameBytes);
    readImportType(module, reader, from, name);
  }
  module.importedFunctions = module.functions.length;
}

function readImportType(module: Module, reader: Reader, from: string, name: string): void {
  const at = reader.offset;
  const kind = externKinds[reader.u8()];
  const add = (kind: ExternKind, space: { readonly length: number }): void => {
    module.imports.push({ module: from, name, kind, index: space.length });
  };
  switch (kind) {
    case 'func':
      add(kind, module.functions);
      module.functions.push({ typeIndex: readFunctionTypeIndex(module, reader), imported: true });
      return;
    case 'table':
      add(kind, module.tables);
      module.tables.push({ element: readValueType(reader), limits: readLimits(reader), imported: true });
      return;
    case 'memory':
      add(kind, module.memories);
      module.memories.push({ limits: readLimits(reader), imported: true });
      return;
    case 'global':
      add(kind, module.globals);
      module.globals.push({ ...readGlobalType(reader), imported: true, initial: undefined });
      return;
    case 'tag':
      add(kind, module.tags);
      module.tags.push({ typeIndex: readTagType(module, reader), imported: true });
      return;
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

/** Passes over a constant expression; gives its value if it is one i32.const. */
function readConstant(module: Module, reader: Reader): number | undefined {
  const code = new Instructions(reader.bytes, reader.offset, reader.end);
  let value: number | undefined;
  for (let count = 0; ; count++) {
    code.next();
    if (code.effect === Effect.end) {
      reader.offset = code.offset;
      reader.highestType = Math.max(reader.highestType, code.highestType);
      reader.highestGlobal = Math.max(reader.highestGlobal, code.highestGlobal);
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
    reader.highestTable = Math.max(reader.highestTable, table);
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
    const body = reader.section(reader.u32(), 'a function body');
    if (body.end - body.offset > limits.maxFunctionBytes) {
      throw new WirqError('limit', `a function body is over ${limits.maxFunctionBytes} bytes`, {
        place: { offset: at },
      });
    }
    module.bodies.push({ start: body.offset, end: body.end });
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
    reader.section(reader.u32(), 'a data segment');
  }
  module.dataSegments = count;
}

function checkCounts(module: Module): void {
  const own = module.functions.length - module.importedFunctions;
  if (own !== module.bodies.length) {
    throw badModule(`${own} functions are declared, but ${module.bodies.length} have bodies`, module.bytes.length);
  }
  if (module.dataCount !== undefined && module.dataCount !== module.dataSegments) {
    throw badModule(`${module.dataCount} data segments announced, ${module.dataSegments} present`, module.bytes.length);
  }
}
