/** What wirq says of itself, of the engine and of modules: --version, --help, doctor, inspect. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { Inspection } from '../../src/machine/inspection.ts';
import { cleanUp, folderWith, runMain, wirq } from '../support/cli.ts';
import { fixture, root } from '../support/root.ts';
import { wat } from '../support/wat.ts';
import { firmware } from './firmware.ts';

test.after.always(cleanUp);

const hasStackSwitching = Number(process.versions.node.split('.')[0]) >= 26;
const modules = firmware('functions', 'arguments', 'missing', 'app');

/** The files that the examples of the help speak of. */
const cwd = folderWith({
  ...modules,
  'fib.wasm': modules['functions.wasm']!,
  'tool.wasm': modules['arguments.wasm']!,
  'primes.wasm': fixture('firmware-samples/primes/primes.wasm'),
  'blinky.wasm': fixture('firmware-samples/blinky/blinky.wasm'),
  'button.yaml': readFileSync(join(root, 'firmware-samples/blinky/button.yaml')),
  'data/in': 'data\n',
});

test('--version is that of the package', async (t) => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  for (const args of [['--version'], ['-V'], ['run', '--version'], ['inspect', '-V'], ['doctor', '--version']]) {
    t.deepEqual(await runMain(args), { code: 0, stdout: `${version}\n`, stderr: '' }, args.join(' '));
  }
  t.is((await wirq(['--version'])).stdout, `${version}\n`);
});

test('--help shows the commands; each of them its options', async (t) => {
  const overview = await wirq(['--help']);
  t.is(overview.code, 0);
  t.is(overview.stderr, '');
  for (const command of ['run', 'inspect', 'doctor']) {
    t.regex(overview.stdout, new RegExp(`^  ${command} `, 'm'));
    const help = await runMain([command, '--help']);
    t.is(help.code, 0);
    t.is(help.stderr, '');
    t.regex(help.stdout, new RegExp(`^wirq \\[?${command}\\]? `));
    t.regex(help.stdout, /--help /);
    t.regex(help.stdout, /^Examples:$/m);
    t.notRegex(help.stdout, /.{101}/, 'no line is too long');
    for (const args of [
      ['help', command],
      [command, '-h'],
    ])
      t.deepEqual(await runMain(args), help, args.join(' '));
  }
  for (const args of [['help'], ['-h']]) t.deepEqual(await runMain(args), overview, args.join(' '));
});

test('every option of the design is in the help of run', async (t) => {
  const { stdout } = await runMain(['run', '--help']);
  for (const option of ['scenario', 'irq', 'signal', 'clock', 'hz', 'preempt', 'deliver', 'stacks', 'granularity']) {
    t.regex(stdout, new RegExp(`--${option} `));
  }
  for (const option of ['timeout', 'wall-timeout', 'max-instructions', 'invoke', 'dir', 'env', 'argv0', 'seed']) {
    t.regex(stdout, new RegExp(`--${option} `));
  }
  for (const option of ['trace', 'digest', 'json', '-q, --quiet', '-v, --verbose', 'color'])
    t.true(stdout.includes(option));
});

test('help is the same in any language of the system', async (t) => {
  const english = await runMain(['run', '--help']);
  t.deepEqual(await runMain(['run', '--help'], { env: { LC_ALL: 'de_DE.UTF-8', LANG: 'de_DE.UTF-8' } }), english);
});

/** `wirq …` at the beginning of a line, up to what it is for. */
function examplesIn(help: string): string[][] {
  const from = help.slice(help.search(/^Examples/m));
  const lines = [...from.matchAll(/^ {2}wirq ((?:\S+ )*\S+) {2,}\S/gm)];
  return lines.map((line) => line[1]!.split(' '));
}

test('every example of the help works', async (t) => {
  const sources = [['--help'], ['run', '--help'], ['inspect', '--help'], ['doctor', '--help']];
  const examples: string[][] = [];
  for (const args of sources) examples.push(...examplesIn((await runMain(args)).stdout));
  t.true(examples.length >= 10, examples.join('\n'));
  for (const args of examples) {
    const { code, stderr } = await runMain(args, { cwd });
    t.true(code === 0, `wirq ${args.join(' ')}: ${code} ${stderr}`);
    t.notRegex(stderr, /warning/, args.join(' '));
  }
});

test('doctor names the engine and what it offers, or what the lack of it costs', async (t) => {
  const { code, stdout, stderr } = await wirq(['doctor']);
  t.is(code, 0);
  t.is(stderr, '');
  t.true(stdout.startsWith(`Node ${process.versions.node}, V8 ${process.versions.v8}, `));
  for (const feature of ['branch hints', 'JSPI', 'WasmFX', 'inspector', 'SIMD', 'exception handling']) {
    t.regex(stdout, new RegExp(`^  (yes|no ) {2}${feature}.* {2}\\S`, 'm'));
  }
});

test('doctor --json says the same for programs', async (t) => {
  const { code, stdout } = await runMain(['doctor', '--json']);
  t.is(code, 0);
  const { engine, features } = JSON.parse(stdout) as { engine: string; features: Record<string, unknown>[] };
  t.true(engine.includes(process.versions.v8));
  t.true(features.length >= 8);
  for (const feature of features) {
    t.deepEqual(Object.keys(feature), ['name', 'available', 'use', 'cost']);
    t.is(typeof feature.available, 'boolean');
  }
});

test('doctor says which stacks there are and why, and which a guest gets', async (t) => {
  const { stdout } = await runMain(['doctor', '--json']);
  const { stacks } = JSON.parse(stdout) as {
    stacks: { auto: string; backends: { name: string; available: boolean; why: string }[] };
  };
  const available = stacks.backends.filter((each) => each.available).map((each) => each.name);
  const expected = [...(hasStackSwitching ? ['wasmfx'] : []), ...('Suspending' in WebAssembly ? ['jspi'] : [])];
  t.deepEqual(available, [...expected, 'asyncify', 'nested']);
  t.is(stacks.auto, available[0]!);
  const text = (await runMain(['doctor'], { env: { WIRQ_CACHE: '/some/where' } })).stdout;
  for (const { name, available, why } of stacks.backends) {
    t.true(text.includes(`  ${available ? 'yes' : 'no '}  ${name.padEnd(8)}  ${why}\n`), text);
  }
  t.regex(text, new RegExp(`run on ${stacks.auto}; all others nested`));
  t.regex(text, /kept in \/some\/where/);
});

test('inspect says which stacks a module needs, what for, and what it gets', async (t) => {
  const folder = folderWith({
    'task.wasm': wat('(module (import "wirq/task" "yield" (func)))'),
    'plain.wasm': wat('(module)'),
    'promise.wasm': wat('(module (import "env" "get" (func)))'),
    'unwinds.wasm': wat(
      '(module (import "wirq/task" "yield" (func)) (func (export "asyncify_get_state") (result i32) i32.const 0))',
    ),
    'functions.js': 'export default { env: { async get() {} } };',
  });
  const line = async (...args: string[]) =>
    /^stacks +(.*)$/m.exec((await runMain(['inspect', ...args], { cwd: folder })).stdout)?.[1] ?? '';
  const best = hasStackSwitching ? 'wasmfx' : 'Suspending' in WebAssembly ? 'jspi' : 'asyncify';
  t.true((await line('task.wasm')).startsWith(`${best}, for wirq/task.yield`));
  t.is(await line('plain.wasm'), 'nested: nothing in it needs to park');
  t.is(await line('promise.wasm'), 'nested: nothing in it needs to park');
  t.regex(await line('promise.wasm', '--host', 'functions.js'), /, for env.get, which answers with a promise/);
  const json = JSON.parse((await runMain(['inspect', '--json', 'unwinds.wasm'], { cwd: folder })).stdout);
  const asyncify = json.stacks.backends.find((each: { name: string }) => each.name === 'asyncify');
  t.regex(asyncify.whyNot, /went through Asyncify already/);
  if (best === 'asyncify') t.regex(await line('unwinds.wasm'), /^NONE HERE.*for wirq\/task.yield \(wasmfx: /);
});

const SAMPLES = [
  {
    file: 'blinky',
    expected: [/^wirq\/irq$|^ {2}wirq\/irq$/m, /systick .* by wirq/, /SysTick \(line -1\)/, /^entry +main$/m],
    inspection: { entry: ['main'], mailbox: undefined },
    handlers: ['SysTick_Handler'],
  },
  {
    file: 'uart-echo',
    expected: [/uart_read .* by wirq/, /IRQ5 \(line 5\) {2}IRQ5_Handler\(\)/, /^handler stack +declared$/m],
    inspection: { entry: ['_start'], handlerStack: 'declared', stackPointer: 'name' },
    handlers: ['IRQ5_Handler'],
  },
  {
    file: 'mailbox',
    expected: [/^imports: none$/m, /^handlers: none$/m, /^mailbox +exported global$/m],
    inspection: { imports: [], handlers: [], mailbox: 'exported global', entry: ['_start'] },
    handlers: [],
  },
  {
    file: 'primes',
    expected: [/^ {2}wasi_snapshot_preview1$/m, /fd_write .* by /, /IRQ7 \(line 7\) {2}IRQ7_Handler\(\)/],
    inspection: { entry: ['_start'], stackPointer: 'name' },
    handlers: ['IRQ7_Handler'],
  },
] as const;

for (const { file, expected, inspection, handlers } of SAMPLES) {
  const path = `firmware-samples/${file}/${file}.wasm`;
  test(`inspect ${file}`, async (t) => {
    const { code, stdout, stderr } = await (file === 'blinky' ? wirq : runMain)(['inspect', path]);
    t.is(code, 0, stderr);
    t.is(stderr, '');
    for (const line of [...expected, /^safepoints +[1-9]\d*, at most [1-9]\d* counted/m, /^memories +\d/m]) {
      t.regex(stdout, line);
    }
    t.notRegex(stdout, /NOBODY|undefined|NaN/);
  });

  test(`inspect --json ${file}`, async (t) => {
    for (const args of [
      ['inspect', '--json', path],
      ['inspect', path, '--json'],
    ]) {
      const { code, stdout } = await runMain(args);
      t.is(code, 0);
      const said = JSON.parse(stdout) as Inspection;
      t.like(said, inspection);
      t.deepEqual(
        said.handlers.map((handler) => handler.export),
        [...handlers],
      );
      t.is(said.bytes, fixture(path).length);
      t.true(said.safepoints > 0 && said.longestStretch > 0 && said.rewrittenBytes > said.bytes);
      t.true(said.imports.every((each) => each.provider !== undefined));
    }
  });
}

test('inspect shows what nobody provides, which is no failure of inspect', async (t) => {
  const { code, stdout } = await runMain(['inspect', 'missing.wasm'], { cwd });
  t.is(code, 0);
  t.regex(stdout, /^ {4}measure {2}\(i32\) -> f64 {2}NOBODY PROVIDES THIS$/m);
  t.regex(stdout, /^ {4}enabel {2}.*NOBODY PROVIDES THIS$/m);
  const json = JSON.parse((await runMain(['inspect', '--json', 'missing.wasm'], { cwd })).stdout) as Inspection;
  t.deepEqual(
    json.imports.map((each) => [each.module, each.name, each.provider]),
    [
      ['env', 'measure', undefined],
      ['wirq/irq', 'enabel', undefined],
    ],
  );
});
