/**
 * What stands in a rewritten module, without what was added, is the original to the byte: sections tile the file, instructions tile
 * the bodies, and what no run of the offset map has copied is a count, a size, a type or a label that had to become another one.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { branchHintSection } from '../../src/rewrite/branch-hints.ts';
import { type Granularity, instrument } from '../../src/rewrite/instrument.ts';
import { Instructions } from '../../src/wasm/instructions.ts';
import { readLocals } from '../../src/wasm/locals.ts';
import { type Module, parseModule, sectionIds } from '../../src/wasm/module.ts';
import { Effect, opcodeNamed } from '../../src/wasm/opcodes.ts';
import { newWat } from '../support/binaryen.ts';
import { root } from '../support/root.ts';

const wasmIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.wasm'))
    .map((name) => join(folder, name));
const proposals = 'tests/rewrite/proposals';

/** Modules at hand: of each compiler one that is not large, and every extension of the language. */
function modules(): (readonly [string, Uint8Array<ArrayBuffer>])[] {
  const npm = [
    '@wasm-fmt/gofmt/gofmt.wasm',
    '@chainsafe/as-sha256/build/optimized.simd.wasm',
    'vscode-oniguruma/release/onig.wasm',
  ];
  const files = [
    ...['bench/kernels', 'firmware-samples', 'tests/wasm/programs'].flatMap(wasmIn),
    ...npm.map((name) => join('node_modules', name)),
  ];
  return [
    ...files.map((name) => [name, new Uint8Array(readFileSync(join(root, name)))] as const),
    ...readdirSync(join(root, proposals)).map(
      (name) => [name, newWat(readFileSync(join(root, proposals, name), 'utf8'))] as const,
    ),
  ];
}

const localGet = opcodeNamed('local.get');
const i32Const = opcodeNamed('i32.const');
/** Labels lead elsewhere, or something is charged where control goes there. */
const changing: ReadonlySet<number> = new Set([Effect.br, Effect.brIf, Effect.brTable, Effect.return]);

/** 1 for each byte that may be another. */
function mayChange({ bytes, sections, bodies, functions, importedFunctions }: Module, t: ExecutionContext): Uint8Array {
  const free = new Uint8Array(bytes.length);
  let end = 8;
  for (const { id, start, body, end: next, name } of sections) {
    t.is(start, end, 'sections stand behind each other');
    end = next;
    if (id === sectionIds.start || name === branchHintSection) free.fill(1, start, next);
    // Its size, and how many entries it has, in five bytes each at most; in the function section also types.
    if (id !== sectionIds.custom) free.fill(1, start, Math.min(next, body + 5));
    if (id === sectionIds.function) free.fill(1, start, next);
  }
  t.is(end, bytes.length);
  t.is(functions.length, importedFunctions + bodies.length);
  for (const { start, end } of bodies) {
    free.fill(1, start - 5, start);
    const code = new Instructions(bytes, start, end);
    readLocals(code, 0);
    // The declaration of locals gets another count and another group.
    free.fill(1, start, start + 5);
    const operands: [number, number][] = [];
    while (code.offset < end) {
      const from = code.offset;
      code.next();
      t.is(code.start, from, 'instructions stand behind each other');
      if (changing.has(code.effect)) free.fill(1, from, code.offset);
      // Before a branch back: the bound, in whose place a strip of a loop's rounds has a nearer one.
      if (code.effect === Effect.brIf) for (const each of operands.slice(-6)) free.fill(1, ...each);
      if (code.opcode === localGet || code.opcode === i32Const) operands.push([from, code.offset]);
    }
    t.is(code.offset, end);
  }
  return free;
}

for (const granularity of ['loop', 'block', 'instruction'] satisfies Granularity[]) {
  test(`nothing of a module is lost or changed: ${granularity}`, (t) => {
    for (const [name, bytes] of modules()) {
      const { bytes: rewritten, offsets } = instrument(bytes, { granularity });
      const missing = mayChange(parseModule(bytes), t).map((free) => 1 - free);
      for (const [from, to, length] of offsets.runs()) {
        for (let i = 0; i < length; i++) {
          if (bytes[from + i] === rewritten[to + i]) missing[from + i] = 0;
          else if (missing[from + i] === 1) t.fail(`${name}: byte ${from + i} is another`);
        }
      }
      t.is(missing.indexOf(1), -1, name);
    }
  });
}
