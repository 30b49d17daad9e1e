/**
 * Import sections in the compact form: read as the same imports one by one are, written back as they stand. Modules by hand, because
 * no assembler writes the form, and no engine here takes it; Binaryen reads it.
 */
import test from 'ava';
import { WirqError } from '../../src/errors.ts';
import { Machine } from '../../src/machine/machine.ts';
import { checkRewritten } from '../../src/rewrite/checker/check.ts';
import { type Granularity, instrument } from '../../src/rewrite/instrument.ts';
import { type Import, parseModule, sectionIds } from '../../src/wasm/module.ts';
import { Writer } from '../../src/wasm/writer.ts';
import { host } from '../rewrite/harness.ts';
import { withoutCompactImports } from '../support/binaryen.ts';

const name = (text: string): number[] => [text.length, ...Buffer.from(text)];
const ownTypes = 0x7f;
const oneType = 0x7e;

/** Types 0: (i32) → i32, 1: () → (). The export calls the first two imported functions in a loop. */
function moduleWith(...imports: readonly number[]): Uint8Array<ArrayBuffer> {
  const body = [0, 0x03, 0x40, 0x20, 0, 0x10, 0, 0x10, 1, 0x22, 0, 0x0d, 0, 0x0b, 0x20, 0, 0x0b];
  const section = (id: number, ...contents: number[]): number[] => [id, contents.length, ...contents];
  return new Writer()
    .bytes([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
    .bytes(section(1, 2, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 0, 0))
    .bytes(section(2, ...imports))
    .bytes(section(3, 1, 0))
    .bytes(section(7, 1, ...name('run'), 0, functionsIn(imports)))
    .bytes(section(10, 1, body.length, ...body))
    .view()
    .slice();
}

/** All that these tests import: the functions come first. */
const functionsIn = (imports: readonly number[]): number => (imports.includes(ownTypes) ? 3 : 2);

const env = name('env');
const f = [...name('dec'), 0, 0];
const g = [...name('half'), 0, 0];
const everyKindContents = [
  ...[3, ...env, 0, ownTypes, 5, ...f, ...g, ...name('m'), 2, 1, 1, 2, ...name('c'), 3, 0x7f, 0, ...name('e'), 4, 0, 1],
  ...[...name('other'), ...name('n'), 0, 1],
  ...[...name(''), 0x80, 0x80, 0, ownTypes, 1, ...name(''), 1, 0x70, 0, 5],
];
const everyKind = moduleWith(...everyKindContents);
const sameTypesContents = [
  ...[2, ...env, 0, oneType, 0, 0, 2, ...name('dec'), ...name('half')],
  ...[...env, 0, oneType, 3, 0x7e, 1, 3, ...name('x'), ...name('y'), ...name('z')],
];
const sameTypes = moduleWith(...sameTypesContents);

const imported = ({ module, name, kind, index }: Import): string => `${module}.${name} ${kind} ${index}`;

test('a group gives a module once, each import with its type', (t) => {
  const module = parseModule(everyKind);
  t.deepEqual(module.imports.map(imported), [
    'env.dec func 0',
    'env.half func 1',
    'env.m memory 0',
    'env.c global 0',
    'env.e tag 0',
    'other.n func 2',
    '. table 0',
  ]);
  t.is(module.importedFunctions, 3);
  t.deepEqual(module.memories, [{ limits: { minimum: 1n, maximum: 2n, shared: false, wide: false }, imported: true }]);
  t.deepEqual(
    module.functions.map(({ typeIndex }) => typeIndex),
    [0, 0, 1, 0],
  );
});

test('or the type once too', (t) => {
  const module = parseModule(sameTypes);
  t.deepEqual(module.imports.map(imported), [
    'env.dec func 0',
    'env.half func 1',
    'env.x global 0',
    'env.y global 1',
    'env.z global 2',
  ]);
  t.deepEqual(
    module.globals.map(({ type, mutable }) => `${type} ${mutable}`),
    ['i64 true', 'i64 true', 'i64 true'],
  );
});

test('groups may be empty, and an import without a name is no group', (t) => {
  const empty = Uint8Array.of(
    0,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    1,
    4,
    1,
    0x60,
    0,
    0,
    2,
    17,
    3,
    ...[...[1, 0x61, 0, ownTypes, 0], ...[1, 0x61, 0, oneType, 0, 0, 0], ...[0, 0, 0, 0]],
  );
  t.deepEqual(parseModule(empty).imports.map(imported), ['. func 0']);
});

test('Binaryen reads the same imports', (t) => {
  for (const bytes of [everyKind, sameTypes]) {
    const own = parseModule(bytes);
    const theirs = parseModule(withoutCompactImports(bytes));
    // It writes them kind by kind.
    t.deepEqual(theirs.imports.map(imported).sort(), own.imports.map(imported).sort());
    t.deepEqual(theirs.memories, own.memories);
    t.deepEqual(theirs.tables, own.tables);
  }
});

for (const granularity of ['loop', 'block', 'access', 'instruction'] satisfies Granularity[]) {
  test(`the section stays as it is when the module is rewritten, at ${granularity}`, (t) => {
    for (const compact of [everyKind, sameTypes]) {
      const { bytes, hookNames } = instrument(compact, { granularity });
      t.deepEqual(checkRewritten(compact, bytes, hookNames, { granularity }).violations, []);
      const contents = (module: Uint8Array): Uint8Array => {
        const { start, end } = parseModule(module).sections.find(({ id }) => id === sectionIds.import)!;
        return module.subarray(start, end);
      };
      t.deepEqual(contents(bytes), contents(compact));
      // What this engine cannot run as it stands does with its imports one by one what it should.
      const plainImports = instrument(withoutCompactImports(compact), { granularity });
      t.is(plainImports.report.safepoints, instrument(compact, { granularity }).report.safepoints);
      if (compact !== sameTypes) continue;
      const machine = host(withoutCompactImports(compact), { granularity, quantum: 3, imports: imports() });
      t.is(machine.exports.run(40), 0);
      t.true(machine.calls.length > 3);
    }
  });
}

function imports(): WebAssembly.Imports {
  const global = () => new WebAssembly.Global({ value: 'i64', mutable: true }, 0n);
  return {
    env: { dec: (n: number) => n - 1, half: (n: number) => n >> 1, x: global(), y: global(), z: global() },
  };
}

const refused: Readonly<Record<string, readonly number[]>> = {
  'a group whose name is not empty': [1, ...env, ...name('b'), ownTypes, 1, ...f],
  'a group of one type whose name is not empty': [1, ...env, ...name('b'), oneType, 0, 0, 1, ...name('c')],
  'a group in a group': [1, ...env, 0, ownTypes, 1, 0, ownTypes, 1, ...f],
  'a group of groups': [1, ...env, 0, oneType, ownTypes, 1, ...f],
  'a group that announces more than there is': [1, ...env, 0, ownTypes, 3, ...f, ...g],
  'a group of one type that announces more than there is': [1, ...env, 0, oneType, 0, 0, 100, ...name('c')],
  'a type that does not exist': [1, ...env, 0, oneType, 0, 9, 1, ...name('c')],
  'bytes behind a group': [1, ...env, 0, ownTypes, 1, ...f, 0],
};

for (const [title, imports] of Object.entries(refused)) {
  test(`${title} is refused, with its place`, (t) => {
    const error = t.throws(() => parseModule(moduleWith(...imports)), { instanceOf: WirqError });
    t.true(['bad-module', 'unsupported'].includes(error.code), error.code);
    t.true(error.place!.offset! >= 18);
  });
}

test('cut short anywhere, it is refused', (t) => {
  for (const contents of [everyKindContents, sameTypesContents]) {
    for (let length = 1; length < contents.length; length++) {
      t.throws(
        () => parseModule(moduleWith(...contents.slice(0, length))),
        { instanceOf: WirqError },
        `${length} bytes`,
      );
    }
  }
});

test('a machine that runs it says, where the engine does not take it, that and where', (t) => {
  const board = moduleWith(1, ...name('wirq/board'), 0, oneType, 0, 0, 2, ...name('gpio_read'), ...name('gpio_read'));
  const run = () => Machine.load(board, { invoke: 'run', args: ['1'] }).run();
  if (WebAssembly.validate(board)) t.is(run().outcome.kind, 'exit');
  else t.regex(t.throws(run, { instanceOf: WirqError, code: 'bad-module' }).message, /import kind/);
});
