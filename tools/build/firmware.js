// Builds each committed firmware .wasm from the C, Rust or AssemblyScript source beside it, or with --check tells which ones
// are not what their sources give. Clang is its WebAssembly build from npm, so nothing else has to be installed; modules in
// Rust, of which there is no such build, are left as they are where its compiler is missing.
// The output depends on the sources and the two compilers' exact versions only: every path a compiler sees is relative
// to the repository. What it leaves out: dependencies between sources; all are rebuilt, about half a second each.
// Folders of many programs that become one module together are described in suites.js.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compileRust, RUST, RustMissing } from './rust.js';
import { SUITES, suiteSource } from './suites.js';

/** Folders whose sources each become a .wasm of the same name beside them; `*` is one folder, `**` any number. */
const SOURCE_FOLDERS = [
  'firmware-samples/*',
  'bench/kernels',
  'bench/interrupts',
  'bench/signals',
  'bench/stacks',
  'tests/**/programs',
];

/** Headers that a C source may include by name, besides those in its own folder and wasi-libc's. */
const INCLUDE_FOLDERS = ['sdk/c'];

/** Where the flags a source asks for may stand: `// build: clang -nostdlib …` within its first lines. */
const FLAG_LINES = 5;

/**
 * Each compiler's flags before and after those of the source. Names stay in the modules, so that backtraces read well;
 * debug sections (the C library brings some) go, unless the source asks for them with -g.
 */
const COMPILERS = {
  '.c': { name: 'clang', flags: ['-O2', '-Wall', '-Wextra', '-Werror'], compile: compileC },
  '.rs': { name: 'rustc', flags: ['--target', RUST.target], compile: compileRust },
  '.ts': { name: 'asc', flags: ['-O2', '--debug', '--runtime', 'minimal'], compile: compileAssemblyScript },
};

const HELP = `Usage: npm run build:firmware -- [--check] [--only <text>]

  --check        write nothing; name each .wasm that differs from what its source gives, and exit with 1
  --only <text>  only sources whose path contains this text
  --list         name the sources and their flags`;

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The folders that a pattern of SOURCE_FOLDERS names, relative to the root and sorted. */
function expandFolders(pattern) {
  let found = [''];
  for (const part of pattern.split('/')) {
    if (part === '**') found = found.flatMap((folder) => [folder, ...foldersBelow(folder)]);
    else if (part === '*') found = found.flatMap(foldersIn);
    else found = found.map((folder) => join(folder, part)).filter((folder) => existsSync(join(root, folder)));
  }
  return [...new Set(found)].sort();
}

function foldersIn(folder) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
}

function foldersBelow(folder) {
  return foldersIn(folder).flatMap((child) => [child, ...foldersBelow(child)]);
}

/** @returns the sources as {path, output, compiler, flags}, sorted by path. */
function findSources(only) {
  const sources = [];
  const suites = SUITES.map((suite) => suite.folder);
  for (const folder of SOURCE_FOLDERS.flatMap(expandFolders).filter((each) => !suites.includes(each))) {
    for (const name of readdirSync(join(root, folder)).sort()) {
      const path = `${folder}/${name}`;
      const compiler = COMPILERS[extname(name)];
      if (compiler === undefined || name.endsWith('.d.ts') || !path.includes(only)) continue;
      const output = `${path.slice(0, -extname(name).length)}.wasm`;
      sources.push({ path, output, compiler, flags: [...compiler.flags, ...flagsIn(path, compiler)] });
    }
  }
  for (const { folder, flags } of SUITES.filter((suite) => suite.folder.includes(only))) {
    const compiler = { ...COMPILERS['.c'], compile: compileSuite };
    sources.push({ path: folder, output: `${folder}.wasm`, compiler, flags: [...compiler.flags, ...flags] });
  }
  return sources;
}

/** The flags that a source's own `// build:` line adds. */
function flagsIn(path, compiler) {
  const head = readFileSync(join(root, path), 'utf8').split('\n', FLAG_LINES);
  const line = head
    .map((text) => /^\s*(?:\/\/|\/\*|\*)\s*build:\s*(.*?)\s*(?:\*\/)?$/.exec(text))
    .find((match) => match);
  if (line === undefined) return [];
  const [tool, ...flags] = line[1].split(/\s+/);
  if (tool !== compiler.name) throw new Error(`${path}: 'build: ${tool} …', but this is a file for ${compiler.name}`);
  return flags;
}

async function compileC(source) {
  return runCompiler(source, [source.path], treeOf([dirname(source.path), ...INCLUDE_FOLDERS]));
}

/** A folder of programs, with a generated main that chooses among them, as one module. */
async function compileSuite(source) {
  const tree = treeOf([...SUITES.map((suite) => suite.folder), ...INCLUDE_FOLDERS]);
  tree['suite.c'] = suiteSource(root, source.path);
  return runCompiler(source, ['-I.', 'suite.c'], tree);
}

/** All C files go through one process, because loading the compiler (105 MB of WebAssembly) takes some seconds. */
async function runCompiler(source, inputs, tree) {
  const { Exit, runClang } = await import('@yowasp/clang');
  await runClang(null, {}, { fetchProgress: () => {} }); // loads it without its own talk; nothing when already loaded
  const messages = [];
  const collect = (bytes) => bytes !== null && messages.push(Buffer.from(bytes));
  const args = [
    'clang',
    '--target=wasm32-wasip1',
    // A source that names such a folder itself says how it is searched: `-iquotesdk/c` keeps wasi-libc's <time.h>, say.
    ...INCLUDE_FOLDERS.filter((folder) => !source.flags.some((flag) => flag.endsWith(folder))).map(
      (folder) => `-I${folder}`,
    ),
    ...source.flags,
    ...(source.flags.includes('-g') ? ['-ffile-compilation-dir=.'] : ['-Wl,--strip-debug']),
    ...inputs,
    '-o',
    source.output,
  ];
  try {
    const files = await runClang(args, tree, { stdout: collect, stderr: collect });
    return fileIn(files, source.output) ?? fail(messages);
  } catch (error) {
    if (error instanceof Exit) fail(messages);
    throw error;
  }
}

function fail(messages) {
  throw new Error(Buffer.concat(messages).toString().trim() || 'the compiler wrote nothing');
}

/** The tree of nested objects that is the compiler's file system, with the C files of these folders. */
function treeOf(folders) {
  const tree = {};
  for (const folder of folders) addSources(tree, folder);
  return tree;
}

/** Adds the C files of a folder and those below it to the tree of nested objects that is the compiler's file system. */
function addSources(tree, folder) {
  if (!existsSync(join(root, folder))) return;
  let node = tree;
  for (const part of folder.split('/')) {
    node[part] ??= {};
    node = node[part];
  }
  for (const name of readdirSync(join(root, folder))) {
    if (/\.(c|h|inc)$/.test(name)) node[name] = readFileSync(join(root, folder, name), 'utf8');
  }
  for (const child of foldersIn(folder)) addSources(tree, child);
}

function fileIn(tree, path) {
  return path.split('/').reduce((node, part) => node?.[part], tree);
}

async function compileAssemblyScript(source) {
  const { default: asc } = await import('assemblyscript/asc');
  let output;
  const { error, stderr } = await asc.main([source.path, ...source.flags, '--outFile', source.output], {
    stdout: asc.createMemoryStream(),
    stderr: asc.createMemoryStream(),
    readFile: (name) => (existsSync(join(root, name)) ? readFileSync(join(root, name), 'utf8') : null),
    writeFile: (name, contents) => {
      if (name === source.output) output = contents;
    },
    listFiles: () => [],
  });
  if (error !== null || output === undefined) throw new Error(`${stderr}`.trim() || `${error}`);
  return output;
}

/** Writes the fresh module in its place, or compares it with the committed one. @returns what is wrong, if anything. */
function settle(source, fresh, checkFolder) {
  const committed = existsSync(join(root, source.output)) ? readFileSync(join(root, source.output)) : undefined;
  const same = committed?.equals(fresh) === true;
  if (checkFolder === undefined) {
    if (!same) writeFileSync(join(root, source.output), fresh);
    return undefined;
  }
  if (same) return undefined;
  const kept = join(checkFolder, source.output);
  mkdirSync(dirname(kept), { recursive: true });
  writeFileSync(kept, fresh);
  if (committed === undefined) return `is missing; a fresh one is ${kept}`;
  const offset = committed.findIndex((byte, index) => byte !== fresh[index]);
  const where = offset === -1 ? 'at its end' : `from offset 0x${offset.toString(16)}`;
  return `differs ${where} (${committed.length} bytes, ${fresh.length} from the source); the fresh one is ${kept}`;
}

async function build(sources, checkFolder) {
  let failures = 0;
  for (const [index, source] of sources.entries()) {
    const progress = `[${index + 1}/${sources.length}] ${source.output}`;
    const started = performance.now();
    let problem;
    let size = 0;
    try {
      const fresh = Buffer.from(await source.compiler.compile(source));
      size = fresh.length;
      problem = settle(source, fresh, checkFolder);
    } catch (error) {
      if (error instanceof RustMissing && existsSync(join(root, source.output))) {
        console.log(`${progress} left as it is: ${error.message}`);
        continue;
      }
      problem = `was not built:\n${error.message}`;
    }
    if (problem !== undefined) failures++;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    if (problem === undefined) console.log(`${progress} ${size} bytes, ${seconds}s`);
    else console.error(`${progress} ${problem}`);
  }
  return failures;
}

const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const sources = options.help ? [] : findSources(options.only);
if (options.help) {
  console.log(HELP);
} else if (options.list) {
  for (const { path, compiler, flags } of sources) console.log(`${path}: ${compiler.name} ${flags.join(' ')}`);
} else if (sources.length === 0) {
  console.error(`no source has '${options.only}' in its path`);
  process.exitCode = 2;
} else {
  const checkFolder = options.check ? mkdtempSync(join(tmpdir(), 'wirq-firmware-')) : undefined;
  const failures = await build(sources, checkFolder);
  if (checkFolder !== undefined && failures === 0) rmSync(checkFolder, { recursive: true });
  if (failures > 0) {
    const advice = options.check ? "; 'npm run build:firmware' rebuilds them all" : '';
    console.error(`${failures} of ${sources.length} firmware modules failed${advice}`);
    process.exitCode = 1;
  }
}
