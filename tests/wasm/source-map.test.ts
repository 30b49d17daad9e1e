/**
 * Goal: a source map, wherever it stands, leads from a byte of code to the line it was compiled from; one that is broken, hostile
 * or not to be had leads nowhere, and is told.
 */
import test from 'ava';
import fc from 'fast-check';
import { type Module, parseModule } from '../../src/wasm/module.ts';
import type { LoadSourceMap } from '../../src/wasm/source-map.ts';
import { SourcePositions } from '../../src/wasm/source-positions.ts';
import { assemblyScriptWithMap } from '../support/assemblyscript.ts';
import { fixture } from '../support/root.ts';

const SOURCE = `let reading: i32 = 0;

export function set(value: i32): void {
  reading = value;
}

export function check(channel: i32): i32 {
  return 1000 /
    reading;
}
`;

const { wasm, map } = await assemblyScriptWithMap(SOURCE, ['--sourceMap', '-O1']);

function bodyOf(module: Module, name: string): { start: number; end: number } {
  const { index } = module.exports.find((each) => each.name === name)!;
  return module.bodies[index - module.importedFunctions]!;
}

/** Every place that the bytes of a function lead to. */
function placesIn(positions: SourcePositions, { start, end }: { start: number; end: number }): Set<string> {
  const places = new Set<string>();
  for (let offset = start; offset < end; offset++) {
    const found = positions.find(offset);
    if (found !== undefined) places.add(`${found.file}:${found.line}:${found.column}`);
  }
  return places;
}

test('what asc writes', (t) => {
  const module = parseModule(wasm);
  const asked: string[] = [];
  const positions = new SourcePositions(module, (url) => {
    asked.push(url);
    return map;
  });
  t.deepEqual(asked, [], 'nothing is read before it is asked for');
  t.deepEqual(placesIn(positions, bodyOf(module, 'set')), new Set(['firmware.ts:4:13', 'firmware.ts:4:3']));
  const division = positions.find(bodyOf(module, 'check').end - 2);
  t.deepEqual(division, { file: 'firmware.ts', line: 8, column: 10 });
  t.deepEqual(asked, ['./firmware.wasm.map']);
  const { dwarf, sourceMap, warnings } = positions.describe();
  t.is(dwarf, undefined);
  t.is(sourceMap?.url, './firmware.wasm.map');
  t.true(sourceMap!.sources >= 1);
  t.deepEqual(warnings, []);
  for (const offset of [0, 8, bodyOf(module, 'check').end, wasm.length + 5, -1])
    t.is(positions.find(offset), undefined);
});

// Modules with a map of their own.

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

function named(text: string): number[] {
  const bytes = [...new TextEncoder().encode(text)];
  return [...leb(bytes.length), ...bytes];
}

/** Two functions of four nops: code at 25 to 29 and 31 to 35. The URL follows. */
function moduleNaming(url: string): Module {
  const code = [10, 13, 2, 5, 0, 1, 1, 1, 0x0b, 5, 0, 1, 1, 1, 0x0b];
  const contents = [...named('sourceMappingURL'), ...named(url)];
  const head = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 3, 2, 0, 0];
  return parseModule(Uint8Array.from([...head, ...code, 0, ...leb(contents.length), ...contents]));
}

const FIRST = moduleNaming('').bodies[0]!.start + 1;

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function vlq(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1;
  let text = '';
  do {
    const digit = rest & 31;
    rest >>>= 5;
    text += BASE64[rest > 0 ? digit | 32 : digit];
  } while (rest > 0);
  return text;
}

/** The first nop of the first function is a.c, line 3, column 5; nothing is said of the second. */
const SMALL = { version: 3, sources: ['src/a.c'], names: [], mappings: [FIRST, 0, 2, 4].map(vlq).join('') };

function positionsOf(url: string, load?: LoadSourceMap): SourcePositions {
  return new SourcePositions(moduleNaming(url), load);
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

test('a map in the module itself', (t) => {
  const text = JSON.stringify({ ...SMALL, sources: ['grün.c'] });
  for (const url of [
    `data:application/json;base64,${base64(text)}`,
    `data:application/json;charset=utf-8;base64,${base64(text)}`,
    `data:application/json,${encodeURIComponent(text)}`,
    `data:,${encodeURIComponent(text)}`,
  ]) {
    const positions = positionsOf(url, () => t.fail('nothing is loaded'));
    t.deepEqual(positions.find(FIRST), { file: 'grün.c', line: 3, column: 5 }, url);
    t.deepEqual(positions.describe(), { dwarf: undefined, sourceMap: { url: 'data:', sources: 1 }, warnings: [] });
  }
});

test('a mapping holds to the end of its function, and speaks of no other', (t) => {
  const positions = positionsOf('a.map', () => JSON.stringify(SMALL));
  t.is(positions.find(FIRST - 1), undefined);
  for (let at = FIRST; at < FIRST + 4; at++) t.is(positions.find(at)?.line, 3);
  for (let at = FIRST + 4; at < FIRST + 20; at++) t.is(positions.find(at), undefined);
});

test('what a map may hold: a guard before it, null as a source, a source root, more lines', (t) => {
  const lineOf = (text: string) => positionsOf('a.map', () => text).find(FIRST)?.file;
  t.is(lineOf(`)]}'\n${JSON.stringify(SMALL)}`), 'src/a.c');
  t.is(lineOf(JSON.stringify({ ...SMALL, sourceRoot: './elsewhere' })), 'src/a.c');
  t.is(lineOf(JSON.stringify({ ...SMALL, mappings: `${SMALL.mappings};;AAAA` })), 'src/a.c');
  t.is(lineOf(JSON.stringify({ ...SMALL, sources: [null] })), undefined);
  t.is(lineOf(JSON.stringify({ ...SMALL, sources: [] })), undefined);
  for (const place of [
    [0, -1, 3],
    [0, 2, -3],
    [-1, 2, 3],
    [1, 2, 3],
  ]) {
    const mappings = [FIRST, ...place].map(vlq).join('');
    t.is(lineOf(JSON.stringify({ ...SMALL, mappings })), undefined, `there is no place ${place}`);
  }
});

const BROKEN: readonly (readonly [what: string, text: string, warning: RegExp])[] = [
  ['no JSON', 'hello', /^source map a\.map: it is not JSON$/],
  ['JSON of another kind', '[1]', /it is no source map of version 3/],
  ['null', 'null', /it is not JSON/],
  ['another version', JSON.stringify({ ...SMALL, version: 2 }), /no source map of version 3/],
  ['no mappings', JSON.stringify({ ...SMALL, mappings: [] }), /no source map of version 3/],
  ['sources that are none', JSON.stringify({ ...SMALL, sources: [{}] }), /no source map of version 3/],
  ['an index map', JSON.stringify({ version: 3, sections: [] }), /no source map of version 3/],
  ['mappings without end', JSON.stringify({ ...SMALL, mappings: 'A'.repeat(9e6) }), /its mappings are longer than/],
];

for (const [what, text, warning] of BROKEN) {
  test(`broken: ${what}`, (t) => {
    const positions = positionsOf('a.map', () => text);
    t.is(positions.find(FIRST), undefined);
    const { sourceMap, warnings } = positions.describe();
    t.is(sourceMap, undefined);
    t.is(warnings.length, 1);
    t.regex(warnings[0]!, warning);
  });
}

test('a map that cannot be had is told', (t) => {
  t.deepEqual(positionsOf('a.map').describe().warnings, ['source map a.map: not found']);
  t.regex(positionsOf('data:;base64,%%%').describe().warnings[0]!, /^source map data:: the data: URL is malformed$/);
  t.true(positionsOf('x'.repeat(10_000)).describe().warnings[0]!.length < 200);
  const broken = moduleNaming('a.map');
  broken.bytes[broken.sections.at(-1)!.body] = 0x7f;
  t.regex(new SourcePositions(broken).describe().warnings[0]!, /^source map: a name reaches past the end/);
});

test('mappings of any kind never throw', (t) => {
  const alphabet = fc.constantFrom(...BASE64, ',', ';', '=', ' ', '\u0000', 'é');
  const text = fc.array(alphabet, { maxLength: 60 }).map((each) => each.join(''));
  fc.assert(
    fc.property(text, (mappings) => {
      const positions = positionsOf('a.map', () => JSON.stringify({ ...SMALL, mappings }));
      for (let at = FIRST - 2; at < FIRST + 12; at++) {
        const found = positions.find(at);
        if (found !== undefined) t.true(found.line >= 1 && found.column! >= 1 && found.file === 'src/a.c');
      }
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('DWARF comes before the source map, and DWARF elsewhere is told', (t) => {
  const bytes = fixture('tests/wasm/programs/sensor-dwarf5.wasm');
  const code = parseModule(bytes).sections.find(({ id }) => id === 10)!.body;
  const section = (name: string, contents: number[]) => [
    0,
    ...leb(named(name).length + contents.length),
    ...named(name),
    ...contents,
  ];
  const both = parseModule(
    Uint8Array.from([
      ...bytes,
      ...section('sourceMappingURL', named('a.map')),
      ...section('external_debug_info', named('b')),
    ]),
  );
  const mappings = [code + 2, 0, 2, 4].map(vlq).join('');
  const positions = new SourcePositions(both, () => JSON.stringify({ ...SMALL, mappings }));
  t.regex(positions.find(code + 0x12)!.file, /sensor-dwarf5\.c$/);
  t.is(positions.find(code + 0x1a)!.file, 'src/a.c', 'where DWARF says nothing');
  const { dwarf, sourceMap, warnings } = positions.describe();
  t.deepEqual(dwarf, { versions: [5], functions: 4 });
  t.is(sourceMap?.sources, 1);
  t.deepEqual(warnings, ['DWARF in a file of its own (section external_debug_info) is not read']);
});
