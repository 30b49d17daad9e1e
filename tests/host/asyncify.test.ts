/** Asyncified modules between runs: kept by what went in, never trusted when damaged; and what is said without Binaryen. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { asyncifyWhenNeeded, loadAsyncify } from '../../src/host/asyncify.ts';
import { AsyncifyCache, cacheDirectory } from '../../src/host/asyncify-cache.ts';
import { cleanUp, folderWith, wirq } from '../support/cli.ts';
import { root } from '../support/root.ts';
import { wat } from '../support/wat.ts';

test.after.always(cleanUp);

const MODULE = wat('(module (import "h" "p" (func $p)) (memory 1) (func (export "f") (call $p) (call $p)))');
const CONTENT = Uint8Array.of(1, 2, 3, 4, 5);

test('what was kept is found again, by another cache of the same directory', (t) => {
  const folder = join(folderWith({}), 'made', 'when', 'needed');
  new AsyncifyCache(folder).set('a1', CONTENT);
  t.deepEqual(new AsyncifyCache(folder).get('a1'), CONTENT);
  t.is(new AsyncifyCache(folder).get('a2'), undefined);
  t.is(readdirSync(folder).length, 1, 'and nothing else lies around');
});

test('what was damaged or cut off counts as absent, and is replaced', (t) => {
  const folder = folderWith({});
  const cache = new AsyncifyCache(folder);
  cache.set('a', CONTENT);
  const [name] = readdirSync(folder);
  const path = join(folder, name!);
  const whole = readFileSync(path);
  for (let at = 0; at < whole.length; at++) {
    const damaged = Buffer.from(whole);
    damaged[at]! ^= 1;
    writeFileSync(path, damaged);
    t.is(cache.get('a'), undefined, `byte ${at}`);
  }
  for (const length of [0, 1, 31, 32, whole.length - 1]) {
    writeFileSync(path, whole);
    truncateSync(path, length);
    t.is(cache.get('a'), undefined, `cut off at ${length}`);
  }
  cache.set('a', CONTENT);
  t.deepEqual(cache.get('a'), CONTENT);
});

test('a directory that cannot be one costs nothing but time', (t) => {
  const folder = folderWith({ file: 'in the way' });
  const cache = new AsyncifyCache(join(folder, 'file', 'below'));
  t.notThrows(() => cache.set('a', CONTENT));
  t.is(cache.get('a'), undefined);
});

test('the cache is bounded: what was not used for longest goes first', (t) => {
  const folder = folderWith({});
  const cache = new AsyncifyCache(folder, 200);
  const big = new Uint8Array(60);
  cache.set('old', big);
  cache.set('used', big);
  for (const [key, seconds] of [
    ['old', 200],
    ['used', 100],
  ] as const) {
    const name = readdirSync(folder).find((each) => each.startsWith(key))!;
    const then = Date.now() / 1000 - seconds;
    utimesSync(join(folder, name), then, then);
  }
  t.truthy(cache.get('old'), 'which makes it young again');
  cache.set('new', big);
  t.deepEqual([cache.get('used'), cache.get('old'), cache.get('new')], [undefined, big, big]);
  cache.set('huge', new Uint8Array(500));
  t.is(cache.get('huge'), undefined);
});

test.serial('the environment says where, or that there is none', (t) => {
  const before = { ...process.env };
  t.teardown(() => {
    for (const name of ['WIRQ_CACHE', 'XDG_CACHE_HOME']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });
  process.env.XDG_CACHE_HOME = '/somewhere/cache';
  process.env.WIRQ_CACHE = 'off';
  t.is(cacheDirectory(), undefined);
  process.env.WIRQ_CACHE = '/elsewhere';
  t.is(cacheDirectory(), '/elsewhere');
  delete process.env.WIRQ_CACHE;
  t.is(cacheDirectory(), join('/somewhere/cache', 'wirq'));
  process.env.XDG_CACHE_HOME = 'not/absolute';
  t.notRegex(cacheDirectory() ?? '', /not.absolute/, 'the specification says to ignore it');
});

test('a result is taken from the directory by the next process', async (t) => {
  const cache = folderWith({});
  const made = (await loadAsyncify({ cache }))(MODULE);
  t.true(WebAssembly.validate(made));
  const [name] = readdirSync(cache);
  // Another content under the same key shows who answers.
  new AsyncifyCache(cache).set(name!.slice(0, name!.indexOf('.')), CONTENT);
  t.deepEqual((await loadAsyncify({ cache }))(MODULE), CONTENT);
  t.deepEqual(asyncifyWhenNeeded({ cache })(MODULE), CONTENT, 'at once, without loading Binaryen');
  t.deepEqual((await loadAsyncify())(MODULE), made, 'no directory, no files');
});

test('Binaryen is loaded for what is not cached, once', async (t) => {
  const cache = folderWith({});
  const asyncify = asyncifyWhenNeeded({ cache });
  const later = asyncify(MODULE);
  t.true(later instanceof Promise);
  t.deepEqual(asyncify(MODULE) instanceof Promise, true);
  t.deepEqual(await later, (await loadAsyncify())(MODULE));
  t.false(asyncify(MODULE) instanceof Promise);
});

// V8 14.6 ended three of four such processes in a failed check, because flags changed while it still optimised Binaryen.
test('the command line survives making and running an asyncified module in one process', async (t) => {
  const source =
    '(module (import "wirq/task" "yield" (func $yield)) (func (export "_start") (call $yield) (loop (br 0))))';
  const cwd = folderWith({ 'yields.wasm': wat(source) });
  for (const cache of ['a', 'b', 'c', 'd']) {
    const args = ['--stacks', 'asyncify', '--timeout', '20s', 'yields.wasm'];
    const { code, stderr } = await wirq(args, { cwd, env: { WIRQ_CACHE: join(cwd, cache) } });
    t.is(code, 124, stderr);
    t.is(readdirSync(join(cwd, cache)).length, 1, 'Binaryen was used');
  }
});

test('without the package, that is said, with what to do', (t) => {
  if (!existsSync(join(root, 'dist/host/asyncify.js'))) throw new Error('the package is not built: npm run build');
  const folder = folderWith({ 'package.json': '{"type": "module"}' });
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  const script = `import { loadAsyncify, asyncifyProblem, asyncifyWhenNeeded } from './dist/host/asyncify.js';
    console.log(asyncifyProblem());
    await loadAsyncify().catch((error) => console.log(error.report));
    try { asyncifyWhenNeeded(); } catch (error) { console.log(error.code); }`;
  writeFileSync(join(folder, 'script.js'), script);
  const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'script.js')], { encoding: 'utf8' });
  t.is(stderr, '');
  t.regex(stdout, /^the package binaryen is not installed beside wirq\n/);
  t.regex(
    stdout,
    /need the package binaryen, which is not installed\n +install it beside wirq \(npm install binaryen\)/,
  );
  t.regex(stdout, /unsupported\n$/);
});
