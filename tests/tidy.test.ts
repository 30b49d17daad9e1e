/**
 * The rules of the house, as a test: imports run one way, real time and the outside world stay in host/ and cli/,
 * files are concepts of a bounded size that say what they are, and nothing lies around dead.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import test from 'ava';
import { root } from './support/root.ts';

/** Who may import from whom. `errors.ts` and `assert.ts` are everybody's. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  wasm: [],
  rewrite: ['wasm'],
  clock: [],
  interrupts: ['clock'],
  signals: ['clock'],
  stacks: ['wasm'],
  scheduler: ['clock', 'interrupts', 'signals', 'stacks'],
  devices: ['clock', 'interrupts'],
  guests: ['clock', 'devices', 'interrupts', 'signals', 'wasm'],
  machine: ['clock', 'devices', 'guests', 'interrupts', 'rewrite', 'scheduler', 'signals', 'stacks', 'wasm'],
  scenario: ['clock', 'devices', 'interrupts', 'machine', 'scheduler', 'signals', 'wasm'],
  trace: ['clock', 'guests', 'interrupts', 'machine', 'scheduler', 'stacks', 'wasm'],
  control: ['devices', 'machine', 'scenario', 'trace'],
  report: ['clock', 'machine', 'scenario', 'scheduler', 'trace'],
  host: ['clock', 'guests', 'interrupts', 'stacks'],
  cli: [
    'clock',
    'control',
    'guests',
    'host',
    'machine',
    'report',
    'rewrite',
    'scenario',
    'scheduler',
    'stacks',
    'trace',
    'wasm',
  ],
};

/** What would make a run depend on the moment or the machine it runs on. */
const BANNED = [
  'Date.now',
  'new Date',
  'performance.now',
  'Math.random',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'process.',
  "'node:fs'",
  "'node:os'",
  "'node:process'",
  "'node:worker_threads'",
  "'node:v8'",
];

/** Longer files are more than one concept. */
const MAX_LINES = 420;
const VAGUE_NAMES = /^(util|utils|helper|helpers|manager|data|misc|common)(\.ts)?$/;

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path, ending);
    return entry.name.endsWith(ending) ? [path] : [];
  });
}

const src = join(root, 'src');
const sources = filesBelow(src, '.ts').map((path) => ({ path: relative(src, path), text: readFileSync(path, 'utf8') }));

/** Comments and strings may speak of what code may not do; strings only where they are documentation of imports. */
function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/\s\/\/ .*$/gm, '');
}

function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => match[1]!);
}

test('imports run one way', (t) => {
  t.true(sources.length > 50, 'the sources were found');
  for (const { path, text } of sources) {
    const layer = path.includes('/') ? path.split('/')[0]! : undefined;
    for (const imported of importsOf(text)) {
      const target = normalize(join(dirname(path), imported));
      t.true(target.endsWith('.ts'), `${path} imports ${imported}: sources are imported with their ending`);
      t.notThrows(() => statSync(join(src, target)), `${path} imports ${imported}, which does not exist`);
      const targetLayer = target.includes('/') ? target.split('/')[0]! : undefined;
      if (layer === undefined || targetLayer === layer) continue;
      if (targetLayer === undefined) {
        t.true(['errors.ts', 'assert.ts'].includes(target), `${path} imports ${target}: not from inside`);
        continue;
      }
      t.true(LAYERS[layer]?.includes(targetLayer), `${path}: ${layer} may not import from ${targetLayer}`);
    }
  }
});

test('every layer is known and there', (t) => {
  const folders = readdirSync(src, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  t.deepEqual(folders.map((entry) => entry.name).sort(), Object.keys(LAYERS).sort());
});

test('real time and the outside world stay in host and cli', (t) => {
  for (const { path, text } of sources) {
    if (path.startsWith('host/') || path.startsWith('cli/')) continue;
    const code = withoutComments(text);
    for (const banned of BANNED) {
      const pattern = new RegExp(`(?<![\\w.'"\`])${banned.replaceAll('.', '\\.')}`);
      const found = banned.startsWith("'") ? code.includes(`from ${banned}`) : pattern.test(code);
      t.false(found, `${path} uses ${banned}`);
    }
  }
});

test('each file is a concept: it says what it is, and is not longer than one', (t) => {
  for (const { path, text } of sources) {
    t.true(text.startsWith('/**'), `${path} begins by saying what it is`);
    t.true(text.split('\n').length <= MAX_LINES, `${path} is longer than ${MAX_LINES} lines`);
    for (const part of path.split('/')) t.notRegex(part, VAGUE_NAMES, `${path}: a name that says nothing`);
  }
});

test('no file is dead', (t) => {
  const reached = new Set(['index.ts', 'cli/main.ts', 'cli/core-thread.ts', 'host/alarm-thread.ts']);
  const waiting = [...reached];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const text = sources.find((source) => source.path === path)?.text ?? '';
    for (const imported of importsOf(text)) {
      const target = normalize(join(dirname(path), imported));
      if (!reached.has(target)) {
        reached.add(target);
        waiting.push(target);
      }
    }
  }
  for (const { path } of sources)
    t.true(reached.has(path), `${path} is imported by nothing that is reached from outside`);
});

test('the syntax is erasable, and errors and assertions are ours', (t) => {
  for (const { path, text } of sources) {
    const code = withoutComments(text);
    t.notRegex(code, /^\s*(export )?(const )?enum \w/m, `${path} has an enum`);
    t.notRegex(code, /console\.(log|warn|error)\(/, `${path} writes to the console`);
  }
});

test('ARCHITECTURE.md names every folder, and no file that is not there', (t) => {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  for (const layer of Object.keys(LAYERS))
    t.true(text.includes(`src/${layer}/`) || text.includes(`\`${layer}/`), `ARCHITECTURE.md speaks of ${layer}`);
  for (const [, path] of text.matchAll(/`((?:src|tests|bench|tools|sdk|docs|bin)\/[\w./-]*\w)`/g)) {
    t.notThrows(() => statSync(join(root, path!)), `ARCHITECTURE.md names ${path}, which does not exist`);
  }
});
