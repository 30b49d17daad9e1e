/**
 * Puts the companion modules together (core specification 5.5): types once each, imports, functions, and what little else
 * they need. Indices are final when given: import all functions before the first is added.
 */
import { Writer } from '../wasm/writer.ts';
import { COMPANION_NAME, type Passing } from './backend.ts';

export const TYPE_BYTES: Readonly<Record<Passing, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  externref: 0x6f,
  funcref: 0x70,
};

const FUNC = 0;
const TABLE = 1;
const MEMORY = 2;
const GLOBAL = 3;
const TAG = 4;
export const EXTERNAL = { table: TABLE, memory: MEMORY, tag: TAG } as const;

const MUTABLE = 1;
const DECLARED = 3;

interface Body {
  readonly type: number;
  readonly code: Writer;
}

export class ModuleBuilder {
  readonly #types: Writer[] = [];
  readonly #typeIndex = new Map<string, number>();
  readonly #imports: Writer[] = [];
  readonly #bodies: Body[] = [];
  readonly #exports: Writer[] = [];
  readonly #tables: Writer[] = [];
  readonly #memories: Writer[] = [];
  readonly #tags: Writer[] = [];
  readonly #referred: number[] = [];
  #importedFunctions = 0;

  /** A type in its encoding. */
  rawType(encoding: Writer): number {
    this.#types.push(encoding);
    return this.#types.length - 1;
  }

  type(params: readonly Passing[], results: readonly Passing[]): number {
    const key = `${params} ${results}`;
    const known = this.#typeIndex.get(key);
    if (known !== undefined) return known;
    const bytes = (types: readonly Passing[]) => types.map((type) => TYPE_BYTES[type]);
    const writer = new Writer(16).u8(0x60).u32(params.length).bytes(bytes(params));
    const index = this.rawType(writer.u32(results.length).bytes(bytes(results)));
    this.#typeIndex.set(key, index);
    return index;
  }

  /** @returns the function's index. */
  importFunction(module: string, name: string, params: readonly Passing[], results: readonly Passing[]): number {
    this.#imports.push(new Writer(32).name(module).name(name).u8(FUNC).u32(this.type(params, results)));
    return this.#importedFunctions++;
  }

  /** Of any size. */
  importMemory(module: string, name: string): void {
    this.#imports.push(new Writer(32).name(module).name(name).u8(MEMORY).u8(0).u32(0));
  }

  /** A mutable i32. */
  importGlobal(module: string, name: string): void {
    this.#imports.push(new Writer(32).name(module).name(name).u8(GLOBAL).u8(TYPE_BYTES.i32).u8(MUTABLE));
  }

  importTag(module: string, name: string, type: number): void {
    this.#imports.push(new Writer(32).name(module).name(name).u8(TAG).u8(0).u32(type));
  }

  /** @returns the function's index. */
  add(exportAs: string | undefined, type: number, code: Writer): number {
    this.#bodies.push({ type, code });
    const index = this.#importedFunctions + this.#bodies.length - 1;
    if (exportAs !== undefined) this.export(exportAs, FUNC, index);
    return index;
  }

  /** A function that `ref.func` names without its being exported. */
  declare(functionIndex: number): void {
    this.#referred.push(functionIndex);
  }

  /** `element` in its encoding. */
  table(element: readonly number[], minimum: number): void {
    this.#tables.push(new Writer(8).bytes(element).u8(0).u32(minimum));
  }

  memory(pages: number): void {
    this.#memories.push(new Writer(8).u8(0).u32(pages));
  }

  tag(type: number): void {
    this.#tags.push(new Writer(8).u8(0).u32(type));
  }

  export(name: string, kind: number, index: number): void {
    this.#exports.push(new Writer(16).name(name).u8(kind).u32(index));
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const out = new Writer(4096).bytes([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
    const functions = this.#bodies.map(({ type }) => new Writer(4).u32(type));
    const code = this.#bodies.map((body) =>
      new Writer(body.code.length + 5).u32(body.code.length).bytes(body.code.view()),
    );
    section(out, 1, this.#types);
    section(out, 2, this.#imports);
    section(out, 3, functions);
    section(out, 4, this.#tables);
    section(out, 5, this.#memories);
    section(out, 13, this.#tags);
    section(out, 7, this.#exports);
    section(out, 9, this.#referred.length === 0 ? [] : [this.#declaration()]);
    section(out, 10, code);
    const named = new Writer(32).name('name').u8(0);
    const moduleName = new Writer(32).name(COMPANION_NAME);
    named.u32(moduleName.length).bytes(moduleName.view());
    return out.u8(0).u32(named.length).bytes(named.view()).view();
  }

  #declaration(): Writer {
    const declared = new Writer(16).u8(DECLARED).u8(0).u32(this.#referred.length);
    for (const index of this.#referred) declared.u32(index);
    return declared;
  }
}

function section(out: Writer, id: number, entries: readonly Writer[]): void {
  if (entries.length === 0) return;
  const contents = new Writer(256).u32(entries.length);
  for (const entry of entries) contents.bytes(entry.view());
  out.u8(id).u32(contents.length).bytes(contents.view());
}
