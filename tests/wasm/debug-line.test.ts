/**
 * Goal: each byte of code leads to the file, line and column that LLVM's own reader says; and what is no debug information, or
 * hostile, leads nowhere, quickly, without an exception.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { DebugLine, type SourcePosition } from '../../src/wasm/debug-line.ts';
import { type Module, parseModule } from '../../src/wasm/module.ts';
import { fixture, root } from '../support/root.ts';

const SENSORS = { 4: 'sensor-dwarf4', 5: 'sensor-dwarf5' } as const;
const folder = 'tests/wasm/programs';

function codeStart(module: Module): number {
  return module.sections.find(({ id }) => id === 10)!.body;
}

interface Row {
  readonly address: number;
  readonly line: number;
  readonly column: number;
  readonly file: number;
  readonly ends: boolean;
}

/** What llvm-dwarfdump printed: file names by number, and rows. */
function readDump(text: string): { files: Map<number, string>; rows: readonly Row[] } {
  const directories = new Map(
    [...text.matchAll(/include_directories\[ *(\d+)\] = "(.*)"/g)].map((m) => [+m[1]!, m[2]!]),
  );
  const entries = text.matchAll(/file_names\[ *(\d+)\]:\n +name: "(.*)"\n +dir_index: (\d+)/g);
  const files = new Map<number, string>();
  for (const [, number, name, directory] of entries) {
    files.set(+number!, directory === '0' ? name! : `${directories.get(+directory!)}/${name}`);
  }
  const rows = [...text.matchAll(/^0x([0-9a-f]+) +(\d+) +(\d+) +(\d+) +\d+ +\d+ +(.*)$/gm)].map(
    ([, address, line, column, file, flags]) => ({
      address: Number.parseInt(address!, 16),
      line: +line!,
      column: +column!,
      file: +file!,
      ends: flags!.includes('end_sequence'),
    }),
  );
  return { files, rows };
}

for (const [version, name] of Object.entries(SENSORS)) {
  test(`DWARF ${version}: every byte of code, as llvm-dwarfdump has it`, (t) => {
    const module = parseModule(fixture(`${folder}/${name}.wasm`));
    const { files, rows } = readDump(readFileSync(join(root, `${folder}/${name}.lines.txt`), 'utf8'));
    const lines = DebugLine.of(module)!;
    t.deepEqual([lines.versions, lines.problem], [[Number(version)], undefined]);
    t.is(lines.sequences, rows.filter(({ ends }) => ends).length);
    const expected = new Map<number, SourcePosition>();
    rows.forEach((row, i) => {
      const next = rows[i + 1];
      if (row.ends || row.line === 0 || next === undefined) return;
      const place = { file: files.get(row.file)!, line: row.line };
      for (let address = row.address; address < next.address; address++) {
        expected.set(address, row.column === 0 ? place : { ...place, column: row.column });
      }
    });
    t.true(expected.size > 80);
    t.is(new Set([...expected.values()].map(({ file }) => file)).size, 2);
    const code = module.sections.find(({ id }) => id === 10)!;
    for (let address = 0; address < code.end - code.body; address++) {
      t.deepEqual(lines.find(code.body + address), expected.get(address), `0x${address.toString(16)}`);
    }
  });
}

test('files are named below their directory, whatever form their names have', (t) => {
  for (const [version, name] of Object.entries(SENSORS)) {
    const module = parseModule(fixture(`${folder}/${name}.wasm`));
    const lines = DebugLine.of(module)!;
    t.is(lines.find(codeStart(module) + 0x12)?.file, `${folder}/sensor-dwarf${version}.c`);
    t.is(lines.find(codeStart(module) + 0x30)?.file, `${folder}/sensor.h`);
  }
});

// Line tables made by hand: what a compiler here does not write.

const CODE = [10, 10, 1, 8, 0, 1, 1, 1, 1, 1, 1, 0x0b]; // one function of seven nops, its code from address 3 to 10

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

function u32(value: number): number[] {
  return [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
}

function custom(name: string, contents: readonly number[]): number[] {
  const text = [...new TextEncoder().encode(name)];
  return [
    0,
    ...leb(leb(text.length).length + text.length + contents.length),
    ...leb(text.length),
    ...text,
    ...contents,
  ];
}

function moduleWith(...sections: readonly (readonly number[])[]): Module {
  const head = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0];
  return parseModule(Uint8Array.from([...head, ...CODE, ...sections.flat()]));
}

const STANDARD = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];
const text = (value: string) => [...new TextEncoder().encode(value), 0];
const setAddress = (address: number) => [0, 5, 2, ...u32(address)];
const END = [0, 1, 1];

interface Unit {
  readonly version?: number;
  readonly wide?: boolean;
  readonly tables?: readonly number[];
  readonly program: readonly number[];
}

/** A unit of a line table: minimum instruction length 1, line base −5, line range 14, opcode base 13. */
function unit({ version = 4, wide = false, tables, program }: Unit): number[] {
  const sized = (value: number) => (wide ? [...u32(value), ...u32(0)] : u32(value));
  const files = tables ?? [
    ...text('src'),
    0,
    ...text('a.c'),
    1,
    0,
    0,
    ...text('/abs/b.c'),
    1,
    0,
    0,
    ...text('c.c'),
    0,
    0,
    0,
    0,
  ];
  const header = [1, ...(version >= 4 ? [1] : []), 1, 0xfb, 14, 13, ...STANDARD, ...files];
  const contents = [...[version, 0], ...(version >= 5 ? [4, 0] : []), ...sized(header.length), ...header, ...program];
  return [...(wide ? [0xff, 0xff, 0xff, 0xff] : []), ...sized(contents.length), ...contents];
}

/** Opcode for a row that is `advance` bytes and `lines` lines on. */
const row = (advance: number, lines: number) => 13 + advance * 14 + lines + 5;

function linesOf(...sections: readonly (readonly number[])[]): (address: number) => string | undefined {
  const module = moduleWith(...sections);
  const table = DebugLine.of(module);
  return (address) => {
    const found = table?.find(codeStart(module) + address);
    return found && `${found.file}:${found.line}${found.column === undefined ? '' : `:${found.column}`}`;
  };
}

test('every opcode moves what it should', (t) => {
  const at = (program: readonly number[], address: number) =>
    linesOf(custom('.debug_line', unit({ program: [...setAddress(3), ...program, 2, 1, ...END] })))(address);
  t.is(at([1, 2, 2, 3, 41, 1], 5), 'src/a.c:42');
  t.is(at([3, 9, 1, 9, 1, 0, 3, 0x7e, 1], 4), 'src/a.c:8');
  t.is(at([4, 2, 1], 3), '/abs/b.c:1');
  t.is(at([4, 3, 5, 0x85, 0x01, 1], 3), 'c.c:1:133');
  t.is(at([4, 4, 1], 3), undefined, 'there is no file 4');
  t.is(at([4, 0, 1], 3), undefined);
  t.is(at([6, 7, 10, 11, 12, 3, 1], 3), 'src/a.c:1', 'opcodes without effect; set_isa has an operand');
  t.is(at([0, 3, 0x80, 1, 1, 1], 3), 'src/a.c:1', 'unknown extended opcodes are passed over');
  t.is(at([3, 0x7f, 1], 3), undefined, 'line 0 is no line');
  t.is(at([1, 8, 3, 4, 1], 3), undefined, 'const_add_pc goes 17 bytes on: beyond the code');
});

test('every version has its own header, also in 64-bit DWARF', (t) => {
  const program = [...setAddress(3), row(0, 4), 2, 2, ...END];
  const tables = [
    ...[1, 1, 0x08, 2, ...text('/build'), ...text('src')],
    ...[4, 1, 0x1f, 2, 0x0b, 5, 0x1e, 4, 0x0f, 3],
    ...[...u32(1), 0, ...new Array(16).fill(1), 0xff, 1],
    ...[...u32(5), 1, ...new Array(16).fill(2), 0],
    ...[...u32(99), 1, ...new Array(16).fill(2), 0],
  ];
  const strings = custom('.debug_line_str', [...text('-'), 0x61, 0x2e, 0x63, ...text('b.c')]);
  for (const version of [2, 3, 4]) {
    for (const wide of [false, true]) {
      t.is(linesOf(custom('.debug_line', unit({ version, wide, program })))(4), 'src/a.c:5', `${version}`);
    }
  }
  const five = (more: readonly number[]) =>
    linesOf(
      custom('.debug_line', unit({ version: 5, tables, program: [...setAddress(3), ...more, 1, 2, 2, ...END] })),
      strings,
    );
  t.is(five([4, 1])(3), 'src/b.c:1');
  t.is(five([4, 2])(3), undefined, 'its name is not in the section');
  t.is(five([4, 0])(3), undefined, 'its name is empty');
});

test('sequences of functions that the linker dropped are no code, and units that cannot be read hide nothing', (t) => {
  const good = unit({ program: [...setAddress(3), row(0, 4), 2, 2, ...END] });
  const dropped = unit({
    program: [
      ...[...setAddress(0), row(0, 0), 2, 8, ...END],
      ...[...setAddress(0xffff_ffff), row(0, 0), 2, 8, ...END],
      ...[...setAddress(3), row(0, 0), 2, 90, ...END],
      ...[...setAddress(3), row(0, 0)],
    ],
  });
  const strange = unit({ version: 9, program: [] });
  const module = moduleWith(custom('.debug_line', [...dropped, ...strange, ...good]));
  const lines = DebugLine.of(module)!;
  t.is(lines.sequences, 1);
  t.deepEqual(lines.versions, [4]);
  t.regex(lines.problem ?? '', /version 9 \(offset 0x/);
  t.deepEqual(lines.find(codeStart(module) + 4), { file: 'src/a.c', line: 5 });
});

test('no section, no code: no line table', (t) => {
  t.is(DebugLine.of(moduleWith()), undefined);
  t.is(
    DebugLine.of(parseModule(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...custom('.debug_line', [])]))),
    undefined,
  );
  t.is(DebugLine.of(moduleWith(custom('.debug_line', [])))?.problem, undefined);
});

const HOSTILE: Readonly<Record<string, readonly number[]>> = {
  'a length beyond the section': u32(1000),
  'a reserved length': u32(0xffff_fff5),
  'a 64-bit length beyond everything': [...u32(0xffff_ffff), ...new Array(8).fill(0xff)],
  'a header that is cut short': [...u32(3), 4, 0, 1],
  'no line range': unit({ program: [] }).map((byte, i) => (i === 14 ? 0 : byte)),
  'no opcodes': unit({ program: [] }).map((byte, i) => (i === 15 ? 0 : byte)),
  'an operand that never ends': unit({ program: [3, ...new Array(12).fill(0xff)] }),
  'an extended opcode beyond the unit': unit({ program: [0, 0x7f, 1] }),
};

for (const [name, bytes] of Object.entries(HOSTILE)) {
  test(`hostile: ${name}`, (t) => {
    const module = moduleWith(custom('.debug_line', bytes));
    const lines = DebugLine.of(module)!;
    t.is(lines.sequences, 0);
    t.truthy(lines.problem, 'it is told');
    for (let address = -1; address < 12; address++) t.is(lines.find(codeStart(module) + address), undefined);
  });
}

test('hostile: tables of very many entries that take no bytes', (t) => {
  const program = [...setAddress(3), 1, 2, 2, ...END];
  const many = [0xff, 0xff, 0xff, 0xff, 0x0f];
  for (const tables of [
    [0, ...many],
    [1, 1, 0x19, ...many],
    [1, 1, 0x21, 1],
  ]) {
    t.is(linesOf(custom('.debug_line', unit({ version: 5, tables, program })))(3), undefined);
  }
});

test('flipped bytes and cut ends never throw', (t) => {
  const bytes = fixture(`${folder}/sensor-dwarf5.wasm`);
  const original = parseModule(bytes);
  const section = original.sections.find(({ name }) => name === '.debug_line')!;
  const flip = fc.tuple(fc.integer({ min: section.body, max: section.end - 1 }), fc.integer({ min: 1, max: 255 }));
  const property = fc.property(fc.array(flip, { minLength: 1, maxLength: 8 }), (flips) => {
    const changed = bytes.slice();
    for (const [at, bits] of flips) changed[at]! ^= bits;
    const module = parseModule(changed);
    const lines = DebugLine.of(module)!;
    for (let offset = section.body; offset < section.end; offset += 7) lines.find(offset);
    for (let address = 0; address < 0x8a; address += 3) {
      const found = lines.find(codeStart(module) + address);
      if (found !== undefined) t.true(found.line >= 1 && Number.isSafeInteger(found.line));
    }
  });
  fc.assert(property, { numRuns: 300 });
  t.pass();
});
