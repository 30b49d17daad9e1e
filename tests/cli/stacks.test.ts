/** `--stacks` on the command line: what is refused and with which advice, and what Binaryen made, kept from run to run. */
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { cleanUp, folderWith, runMain, wirq } from '../support/cli.ts';
import { root } from '../support/root.ts';
import { wat } from '../support/wat.ts';

test.after.always(cleanUp);

const hasStackSwitching = Number(process.versions.node.split('.')[0]) >= 26;
const hasPromiseIntegration = 'Suspending' in WebAssembly;

/** Spawns a task, whose exit code is that of the run. */
const TASK = wat(`(module (import "wirq/task" "join" (func $join (param i32) (result i32)))
  (import "wirq/task" "spawn" (func $spawn (param i32 i32 i32) (result i32)))
  (import "wirq/task" "sleep" (func $sleep (param i64)))
  (memory (export "memory") 1) (table funcref (elem $t))
  (func $t (param i32) (result i32) (call $sleep (i64.const 1000)) (local.get 0))
  (func (export "main") (result i32) (call $join (call $spawn (i32.const 0) (i32.const 7) (i32.const 100)))))`);
const cwd = folderWith({
  'task.wasm': TASK,
  'plain.wasm': wat('(module (func (export "main") (result i32) i32.const 3))'),
});

const others = [...(hasStackSwitching ? ['wasmfx'] : []), ...(hasPromiseIntegration ? ['jspi'] : []), 'asyncify'];

test('nested stacks refuse a module with tasks, by the name of the import, and say what would do', async (t) => {
  const { code, stderr } = await runMain(['--stacks', 'nested', 'task.wasm'], { cwd });
  t.is(code, 2);
  t.regex(stderr, /task.wasm: stacks by nested: nothing parks on them, and the module imports wirq\/task.join/);
  t.true(stderr.includes(`here, --stacks ${others.join(' and --stacks ')} would do`), stderr);
});

for (const stacks of ['auto', 'wasmfx', 'jspi', 'asyncify']) {
  test(`--stacks ${stacks} runs it, or says what would do`, async (t) => {
    const { code, stderr } = await runMain(['--stacks', stacks, 'task.wasm'], { cwd });
    if (stacks === 'auto' || others.includes(stacks)) {
      t.is(code, 7, stderr);
      return;
    }
    t.is(code, 2);
    t.regex(stderr, new RegExp(`stacks by ${stacks}: this engine has no `));
    t.regex(stderr, /here, --stacks (jspi and --stacks )?asyncify would do/);
  });

  test(`--stacks ${stacks} runs a module without tasks where it can`, async (t) => {
    const { code, stderr } = await runMain(['--stacks', stacks, 'plain.wasm'], { cwd });
    t.is(code, stacks === 'auto' || others.includes(stacks) ? 3 : 2, stderr);
  });
}

test('what Asyncify does not know is refused before anything runs, with the function and what would do', async (t) => {
  const folder = folderWith({
    'tail.wasm': wat(
      '(module (import "wirq/task" "yield" (func $y)) (func $f (return_call $y)) (func (export "main") (call $f)))',
    ),
    'wide.wasm': Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 4, 1),
  });
  const tail = await runMain(['--stacks', 'asyncify', 'tail.wasm'], { cwd: folder });
  t.is(tail.code, 2);
  t.regex(tail.stderr, /^wirq: tail.wasm: stacks by asyncify: Asyncify does not know tail calls \(function f\)\n/);
  if (others.length > 1) {
    t.regex(tail.stderr, /here, --stacks \w+/);
    t.is((await runMain(['tail.wasm'], { cwd: folder })).code, 0);
  } else t.regex((await runMain(['tail.wasm'], { cwd: folder })).stderr, /asyncify: Asyncify does not know tail calls/);
  const wide = await runMain(['--stacks', 'asyncify', 'wide.wasm'], { cwd: folder });
  t.is(wide.code, 2);
  t.regex(wide.stderr, /does not know 64-bit memories/);
});

test('what Binaryen made is kept where WIRQ_CACHE says, and made anew when it was damaged', async (t) => {
  const cache = join(folderWith({}), 'cache');
  const run = () => runMain(['--stacks', 'asyncify', '--digest', 'task.wasm'], { cwd, env: { WIRQ_CACHE: cache } });
  const first = await run();
  t.is(first.code, 7);
  const [name, ...more] = readdirSync(cache);
  t.deepEqual(more, []);
  const whole = readFileSync(join(cache, name!));
  t.deepEqual(await run(), first);
  for (const damaged of [whole.subarray(0, whole.length / 2), Buffer.from(whole).fill(0, 40, 80)]) {
    writeFileSync(join(cache, name!), damaged);
    t.deepEqual(await run(), first);
    t.deepEqual(readFileSync(join(cache, name!)), whole);
  }
});

test('without Binaryen, asyncify is refused with what to do; modules that need none run', async (t) => {
  const folder = folderWith({ 'package.json': readFileSync(join(root, 'package.json')) });
  for (const part of ['dist', 'bin']) cpSync(join(root, part), join(folder, part), { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync(join(root, 'node_modules')).filter((each) => each !== 'binaryen')) {
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction');
  }
  const run = (...args: string[]) => wirq(args, { cwd, launcher: join(folder, 'bin/wirq.js') });
  const refused = await run('--stacks', 'asyncify', 'task.wasm');
  t.is(refused.code, 2, refused.stderr);
  t.regex(
    refused.stderr,
    /stacks by asyncify need the package binaryen, which is not installed\n +install it beside wirq/,
  );
  t.is((await run('plain.wasm')).code, 3);
  const automatic = await run('task.wasm');
  if (others.length > 1) t.is(automatic.code, 7);
  else {
    t.is(automatic.code, 2);
    t.regex(automatic.stderr, /imports wirq\/task.join: it needs stacks that can park, and none is here/);
    t.regex(
      automatic.stderr,
      /wasmfx: .*; jspi: .*; asyncify: the package binaryen is not there \(npm install binaryen/,
    );
  }
  t.regex((await run('doctor')).stdout, /no {3}asyncify {2}the package binaryen is not there/);
});
