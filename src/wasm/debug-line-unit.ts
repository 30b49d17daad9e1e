/**
 * The header of one unit of `.debug_line`, DWARF 2 to 5: how its line program is encoded, and which files it speaks of.
 * DWARF 5, 6.2.4 "The Line Number Program Header". Left out: names behind `.debug_str_offsets` and supplementary files, which
 * no compiler puts into a line table of a linked module.
 */
import { WirqError } from '../errors.ts';
import { DwarfReader } from './dwarf-reader.ts';
import { maxDebugUnitBytes } from './limits.ts';
import { type Module, sectionIds } from './module.ts';
import { badModule } from './reader.ts';

export interface LineUnit {
  readonly version: number;
  /** Whether lengths and offsets take eight bytes. */
  readonly wide: boolean;
  readonly minimumInstructionLength: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** How many LEB128 operands each standard opcode takes; that of opcode 1 comes first. */
  readonly operandCounts: Uint8Array;
  /** Offset of the tables of directories and files. */
  readonly tables: number;
  /** Of the line program. */
  readonly start: number;
  readonly end: number;
}

const oldestVersion = 2;
const newestVersion = 5;
/** Lengths from here on are not lengths; the last one says that a 64-bit one follows. */
const reservedLengths = 0xffff_fff0;
const wideLength = 0xffff_ffff;

/** The range of a unit, behind its length. Moves past the unit, so that one that cannot be read does not hide the next. */
export function nextUnit(section: DwarfReader): { reader: DwarfReader; wide: boolean } {
  const at = section.offset;
  let length = section.fixed(4);
  const wide = length === wideLength;
  if (wide) length = section.fixed(8);
  else if (length >= reservedLengths) throw badModule('a unit of reserved length', at);
  const start = section.offset;
  section.skip(length);
  return { reader: new DwarfReader(section.bytes, start, section.offset), wide };
}

/** Reads the header of a unit that `nextUnit` found. */
export function readLineUnit(reader: DwarfReader, wide: boolean): LineUnit {
  const at = reader.offset;
  const version = reader.fixed(2);
  if (version < oldestVersion || version > newestVersion) {
    throw new WirqError('unsupported', `line tables of version ${version}`, { place: { offset: at } });
  }
  if (version >= 5) reader.skip(2); // sizes of an address and of a segment selector: set_address says how long it is
  const headerLength = reader.sized(wide);
  const start = reader.offset + headerLength;
  if (start > reader.end) throw badModule('the header of a line table is longer than its unit', at);
  const minimumInstructionLength = reader.u8();
  if (version >= 4) reader.skip(1); // operations per instruction: one, but on VLIW machines
  reader.skip(1); // whether rows are statements at first: they count all the same
  const lineBase = reader.s8();
  const lineRange = reader.u8();
  const opcodeBase = reader.u8();
  if (lineRange === 0 || opcodeBase === 0) throw badModule('a line table without opcodes', at);
  const operandCounts = reader.take(opcodeBase - 1);
  const end = reader.end;
  const tables = reader.offset;
  return {
    version,
    wide,
    minimumInstructionLength,
    lineBase,
    lineRange,
    opcodeBase,
    operandCounts,
    tables,
    start,
    end,
  };
}

/** An entry of the table of directories or of files. */
interface Entry {
  readonly path: string | undefined;
  readonly directory: number;
}

/** Passes over one table and gives one of its entries: a hostile table may have very many. */
type ReadTable = (wanted: number | undefined) => Entry | undefined;

/**
 * The name of a file of the unit, below its directory; as the compiler was given it, so without the folder that the compiler
 * ran in. Undefined for a number that names no file.
 */
export function fileName(module: Module, unit: LineUnit, file: number): string | undefined {
  if (unit.start - unit.tables > maxDebugUnitBytes) return undefined;
  const reader = new DwarfReader(module.bytes, unit.tables, unit.start);
  const readDirectories: ReadTable =
    unit.version >= 5
      ? (wanted) => readTable(module, unit, reader, wanted)
      : (wanted) => readOldDirectories(reader, wanted);
  readDirectories(undefined);
  const entry = unit.version >= 5 ? readTable(module, unit, reader, file) : readOldFiles(reader, file);
  if (entry?.path === undefined || entry.path === '') return undefined;
  const path = plain(entry.path);
  if (entry.directory === 0 || isAbsolute(path)) return path;
  reader.offset = unit.tables;
  const folder = readDirectories(entry.directory)?.path;
  return folder === undefined ? path : `${plain(folder).replace(/\/$/, '')}/${path}`;
}

function plain(path: string): string {
  return path.replace(/^(?:\.\/)+/, '');
}

function isAbsolute(path: string): boolean {
  return /^(?:[/\\]|[A-Za-z]:)/.test(path);
}

/** Before version 5: lists ended by an empty string; both count from 1, and directory 0 is where the compiler ran. */
function readOldDirectories(reader: DwarfReader, wanted: number | undefined): Entry | undefined {
  let found: Entry | undefined;
  for (let i = 1; ; i++) {
    const path = reader.text();
    if (path === '') return found;
    if (i === wanted) found = { path, directory: 0 };
  }
}

function readOldFiles(reader: DwarfReader, wanted: number): Entry | undefined {
  for (let i = 1; ; i++) {
    const path = reader.text();
    if (path === '') return undefined;
    const directory = reader.uleb();
    reader.uleb(); // time of last change
    reader.uleb(); // length
    if (i === wanted) return { path, directory };
  }
}

/** What a field of an entry is: DW_LNCT_path and DW_LNCT_directory_index; the others are passed over. */
const contentPath = 1;
const contentDirectory = 2;

function readTable(module: Module, unit: LineUnit, reader: DwarfReader, wanted: number | undefined): Entry | undefined {
  const format: { content: number; form: number }[] = [];
  for (let count = reader.u8(); count > 0; count--) format.push({ content: reader.uleb(), form: reader.uleb() });
  const at = reader.offset;
  const count = reader.uleb();
  // Every field takes at least one byte, so the count is bounded by the bytes that are left, unless there are no fields.
  if (count > 0 && format.length === 0) throw badModule('entries of a line table without fields', at);
  let found: Entry | undefined;
  for (let i = 0; i < count; i++) {
    let path: string | undefined;
    let directory = 0;
    for (const { content, form } of format) {
      const isWanted = i === wanted && (content === contentPath || content === contentDirectory);
      const value = readForm(module, unit, reader, form, isWanted);
      if (isWanted && content === contentPath && typeof value === 'string') path = value;
      if (isWanted && content === contentDirectory && typeof value === 'number') directory = value;
    }
    if (i === wanted) found = { path, directory };
  }
  return found;
}

/** Forms that a field can have (DWARF 5, 7.5.6), by how long they are. */
const fixedForms = new Map([
  [0x0b, 1],
  [0x05, 2],
  [0x06, 4],
  [0x07, 8],
  [0x1e, 16],
  [0x25, 1], // strx1 to strx4: not looked up
  [0x26, 2],
  [0x27, 3],
  [0x28, 4],
]);

/** Strings in other sections are looked up only if they are `wanted`. */
function readForm(
  module: Module,
  unit: LineUnit,
  reader: DwarfReader,
  form: number,
  wanted: boolean,
): string | number | undefined {
  const size = fixedForms.get(form);
  if (size !== undefined) return reader.fixed(size);
  switch (form) {
    case 0x08: // string
      return reader.text();
    case 0x0e: // strp
      return textAt(module, '.debug_str', reader.sized(unit.wide), wanted);
    case 0x1f: // line_strp
      return textAt(module, '.debug_line_str', reader.sized(unit.wide), wanted);
    case 0x0f: // udata
      return reader.uleb();
    case 0x09: // block
      reader.skip(reader.uleb());
      return undefined;
    case 0x1a: // strx
      reader.uleb();
      return undefined;
    default:
      throw new WirqError('unsupported', `form 0x${form.toString(16)} in a line table`, {
        place: { offset: reader.offset },
      });
  }
}

function textAt(module: Module, name: string, offset: number, wanted: boolean): string | undefined {
  if (!wanted) return undefined;
  const section = module.sections.find((each) => each.id === sectionIds.custom && each.name === name);
  if (section === undefined || offset >= section.end - section.body) return undefined;
  return new DwarfReader(module.bytes, section.body + offset, section.end).text();
}
