/**
 * A parsed module: its index spaces, where its sections and function bodies lie, its names. Core specification 5.5 "Modules".
 * Bodies are not decoded here (instructions.ts does that), and operands are not type-checked (the engine does that).
 */
import { WirqError } from '../errors.ts';
import * as limits from './limits.ts';
import { type Names, noNames } from './names.ts';
import { badModule, Reader, Space } from './reader.ts';
import { sectionIds, sectionOrder } from './section-ids.ts';
import { readCustom, readSection } from './sections.ts';
import type { FunctionType, TypeDefinition, ValueType } from './types.ts';

export { sectionIds, sectionOrder } from './section-ids.ts';

export type ExternKind = 'func' | 'table' | 'memory' | 'global' | 'tag';

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
  const { highest } = reader;
  if (highest[Space.type]! >= module.types.length) throw beyond('type', highest[Space.type]!, at);
  if (highest[Space.table]! >= module.tables.length) throw beyond('table', highest[Space.table]!, at);
  if (highest[Space.global]! >= module.globals.length) throw beyond('global', highest[Space.global]!, at);
}

function beyond(space: string, index: number, at: number): WirqError {
  return badModule(`there is no ${space} ${index}`, at);
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

function checkCounts(module: Module): void {
  const own = module.functions.length - module.importedFunctions;
  if (own !== module.bodies.length) {
    throw badModule(`${own} functions are declared, but ${module.bodies.length} have bodies`, module.bytes.length);
  }
  if (module.dataCount !== undefined && module.dataCount !== module.dataSegments) {
    throw badModule(`${module.dataCount} data segments announced, ${module.dataSegments} present`, module.bytes.length);
  }
}
