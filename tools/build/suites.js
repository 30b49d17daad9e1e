// Folders of C programs that become one module, or one native program: each file has a main of its own, and the first
// argument chooses among them. All are compiled as one source, because a compiler spends most of its time on headers:
// what a program defines at file scope gets a name of its own by macros. The sources stay ordinary programs.
// Run by itself, it compiles a suite natively: `node tools/build/suites.js tests/signals/programs /tmp/programs`.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The module lies beside the folder and has its name. */
export const SUITES = [
  { folder: 'tests/signals/programs', flags: [] },
  { folder: 'tests/signals/jumping-programs', flags: ['-mllvm', '-wasm-enable-sjlj', '-lsetjmp'] },
];

/** What all programs include, and the main that chooses among them. */
const PROGRAM = 'tests/signals/programs/program.h';
const DISPATCHER = 'tests/signals/programs/dispatcher.h';

/** One source that includes all programs of a folder, by paths from the root. */
export function suiteSource(root, folder) {
  const names = readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.c'))
    .map((name) => name.slice(0, -2))
    .sort();
  const texts = names.map((name) => readFileSync(join(root, folder, `${name}.c`), 'utf8'));
  const headers = new Set(texts.flatMap((text) => text.match(/^#include <.*>/gm) ?? []));
  const lines = [`#include "${PROGRAM}"`, ...headers]; // first, so that no macro below changes them
  for (const [index, name] of names.entries()) {
    const own = ['main', ...namesAtFileScope(texts[index])];
    lines.push(...own.map((each) => `#define ${each} ${symbolOf(name)}__${each}`));
    lines.push(`#include "${folder}/${name}.c"`);
    lines.push(...own.map((each) => `#undef ${each}`));
  }
  const list = names.map((name) => `PROGRAM(${symbolOf(name)}__main, "${name}")`);
  return [...lines, `#define PROGRAMS ${list.join(' ')}`, `#include "${DISPATCHER}"`, ''].join('\n');
}

function symbolOf(name) {
  return name.replaceAll('-', '_');
}

/** What the static definitions in a source are called: each begins a line. */
function namesAtFileScope(text) {
  const names = [];
  for (const [, definition] of text.matchAll(/^(?:__attribute__\(\(\w+\)\) )?static ([^;{]*)/gm)) {
    const declarators = definition.includes('(')
      ? [definition.slice(0, definition.indexOf('('))]
      : definition.split(',');
    names.push(...declarators.map((each) => /(\w+)\s*(?:\[\w*\]\s*)?(?:=.*)?$/.exec(each.trim())[1]));
  }
  return names;
}

/** Compiles and links with cc. @returns what the compiler said and its exit code. */
function compileNatively(root, folder, output) {
  const flags = ['-O1', '-Wall', '-Wextra', `-I${root}`, '-x', 'c', '-', '-o', output, '-lrt'];
  return spawnSync('cc', flags, { encoding: 'utf8', input: suiteSource(root, folder) });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const [folder, output] = process.argv.slice(2);
  if (output === undefined) {
    console.error(`Usage: node tools/build/${basename(import.meta.url)} <folder of programs> <output>`);
    process.exit(2);
  }
  const { status, stderr, error } = compileNatively(root, folder, output);
  if (error !== undefined || stderr !== '') console.error(error?.message ?? stderr);
  process.exit(status ?? 1);
}
