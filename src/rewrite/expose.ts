/**
 * Makes visible what a host needs of a module that is to run as it is: the stack pointer, memory 0 and table 0 as further
 * exports, and the start section as one too, so that the host decides when it runs. No code changes, no index either.
 */
import { type Module, parseModule, sectionIds, sectionOrder } from '../wasm/module.ts';
import { Reader } from '../wasm/reader.ts';
import { u32Size, Writer } from '../wasm/writer.ts';
import { freePrefix } from './layout.ts';
import { ModuleScan } from './module-scan.ts';
import { OffsetMap } from './offsets.ts';
import { findStackPointer, type StackPointer } from './stack-pointer.ts';

/** Names of the exports that were added, as in `HookNames`. */
export interface ExposedNames {
  readonly start: string | undefined;
  readonly memory: string | undefined;
  readonly table: string | undefined;
  readonly stackPointer: string | undefined;
}

export interface Exposed {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The original, parsed. */
  readonly module: Module;
  readonly hookNames: ExposedNames;
  readonly offsets: OffsetMap;
}

/** Kinds of exports, as the binary format numbers them. */
const [FUNCTION, TABLE, MEMORY, GLOBAL] = [0, 1, 2, 3];

/**
 * @throws WirqError `bad-module` or `unsupported`, with function and offset in the user's file.
 * @example
 * const { bytes, hookNames } = expose(await readFile('firmware.wasm'));
 */
export function expose(original: Uint8Array): Exposed {
  const module = parseModule(original);
  const scan = new ModuleScan(module, [], { unroll: false, exact: false, keepsStrides: false, counts: false });
  scan.all();
  const stackPointer = findStackPointer(module, scan.prologues);
  const names = namesFor(module, stackPointer);
  const added = exportsOf(module, names, stackPointer);
  const out = new Writer(original.length + added.bytes.length + 64);
  const offsets = new OffsetMap();
  const copy = (start: number, end: number): void => {
    offsets.add(start, out.length, end - start);
    out.copy(original, start, end);
  };
  const addTo = (entries: number, count: number, end: number): void => {
    const total = count + added.count;
    out.u8(sectionIds.export).u32(u32Size(total) + (end - entries) + added.bytes.length);
    out.u32(total);
    copy(entries, end);
    out.bytes(added.bytes);
  };
  const place = sectionOrder.indexOf(sectionIds.export);
  let done = added.count === 0;
  copy(0, 8);
  for (const section of module.sections) {
    if (section.id === sectionIds.start) continue;
    const isExport = section.id === sectionIds.export;
    if (!done && !isExport && section.id !== sectionIds.custom && sectionOrder.indexOf(section.id) > place) {
      addTo(0, 0, 0);
      done = true;
    }
    if (!done && isExport) {
      const reader = new Reader(original, section.body, section.end);
      const count = reader.u32();
      addTo(reader.offset, count, section.end);
      done = true;
    } else copy(section.start, section.end);
  }
  if (!done) addTo(0, 0, 0);
  return { bytes: out.view(), module, hookNames: names, offsets };
}

function namesFor(module: Module, stackPointer: StackPointer | undefined): ExposedNames {
  const prefix = freePrefix(module);
  const when = (condition: boolean, name: string): string | undefined => (condition ? prefix + name : undefined);
  return {
    start: when(module.start !== undefined, 'start'),
    memory: when(module.memories.length > 0, 'memory'),
    table: when(module.tables[0]?.element === 'funcref', 'table'),
    stackPointer: when(stackPointer !== undefined, 'stack_pointer'),
  };
}

function exportsOf(module: Module, names: ExposedNames, stackPointer: StackPointer | undefined) {
  const writer = new Writer();
  let count = 0;
  const add = (name: string | undefined, kind: number, index: number): void => {
    if (name === undefined) return;
    writer.name(name).u8(kind).u32(index);
    count++;
  };
  add(names.start, FUNCTION!, module.start ?? 0);
  add(names.memory, MEMORY!, 0);
  add(names.table, TABLE!, 0);
  add(names.stackPointer, GLOBAL!, stackPointer?.globalIndex ?? 0);
  return { count, bytes: writer.view() };
}
