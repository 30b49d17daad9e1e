/** Goal: another host runs what `wirq instrument` writes, by the documentation alone, and counts what wirq counts. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { type Granularity, instrument } from '../../src/rewrite/instrument.ts';
import { parseModule } from '../../src/wasm/module.ts';
import { cleanUp, folderWith, runMain, wirq } from '../support/cli.ts';
import { fixture, root } from '../support/root.ts';
import { wat } from '../support/wat.ts';

test.after.always(cleanUp);

/** The scripts of the documentation, in order. */
const [HOST, OFFSETS] = [...readFileSync(join(root, 'docs/instrument.md'), 'utf8').matchAll(/```js\n(.*?)```/gs)].map(
  (match) => match[1]!,
);

const SUM = wat(`(module
  (memory 1)
  (global $calls (mut i32) (i32.const 0))
  (func $init (global.set $calls (i32.const 100)))
  (start $init)
  (func $quiet (param $n i32) (result i32) (local $sum i32)
    (loop $more
      (local.set $sum (i32.add (local.get $sum) (local.get $n)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func (export "run") (param $n i32) (result i32)
    (i32.add (global.get $calls) (call $quiet (local.get $n)))))`);

const cwd = folderWith({
  'sum.wasm': SUM,
  'crc.wasm': fixture('bench/kernels/crc32.wasm'),
  'host.mjs': HOST!,
  'offsets.mjs': OFFSETS!,
});

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const read = (name: string) => readFileSync(join(cwd, name));
const readMap = (name: string) => JSON.parse(read(name).toString());

test('the host of the documentation is short, and runs a module as wirq does, count included', async (t) => {
  t.true(HOST!.trimEnd().split('\n').length <= 40);
  for (const granularity of ['loop', 'block', 'access', 'instruction'] satisfies Granularity[]) {
    const output = `sum.${granularity}.wasm`;
    const ran = await runMain(
      ['instrument', 'sum.wasm', '-o', output, '--map', 'sum.json', '--granularity', granularity],
      { cwd },
    );
    t.is(ran.code, 0, ran.stderr);
    t.is(ran.stdout, '');
    t.regex(ran.stderr, new RegExp(`^${output}: \\d+ bytes \\([\\d.]+ times\\), \\d+ safepoints, at most \\d+ .*\n$`));
    const said = execFileSync(process.execPath, ['host.mjs', output, 'sum.json', 'run', '50000'], { cwd }).toString();
    const [, result, counted, calls] = /^run\(50000\) = (-?\d+), (\d+) instructions, (\d+) calls of the hook\n$/.exec(
      said,
    )!;
    t.is(Number(result), ((50000 * 50001) / 2 + 100) | 0);
    t.true(Math.abs(Number(counted) / 10_000 - Number(calls)) <= 2, said);
    if (granularity === 'loop') {
      const own = await runMain(['--json', '--invoke', 'run', 'sum.wasm', '50000'], { cwd });
      t.is(JSON.parse(own.stdout).instructions, Number(counted));
    } else {
      // init: 2; run: global.get, local.get, call, i32.add; quiet: 9 a round (4 to add up, 5 to count down), local.get
      t.is(Number(counted), 2 + 4 + 50_000 * 9 + 1);
    }
  }
});

test('the map is that of the module, and its runs lead where wirq leads', async (t) => {
  const { code } = await runMain(['instrument', 'crc.wasm', '--output=crc.irq.wasm', '--map', 'crc.json'], { cwd });
  t.is(code, 0);
  const map = readMap('crc.json');
  const original = read('crc.wasm');
  const rewritten = read('crc.irq.wasm');
  const expected = instrument(new Uint8Array(original));
  t.deepEqual(new Uint8Array(rewritten), expected.bytes, 'what wirq itself would run');
  t.deepEqual(map.original, { bytes: original.length, sha256: digest(original) });
  t.deepEqual(map.rewritten, { bytes: rewritten.length, sha256: digest(rewritten) });
  t.is(map.safepoints, expected.report.safepoints);
  const { toOriginal } = (await import(pathToFileURL(join(cwd, 'offsets.mjs')).href)) as {
    toOriginal: (map: unknown, offset: number) => number;
  };
  for (let offset = 0; offset < rewritten.length; offset++) {
    if (toOriginal(map, offset) !== expected.offsets.toOriginal(offset)) t.fail(`at ${offset}`);
  }
  t.is(map.runs.length % 3, 0);
  let [oldEnd, newEnd] = [0, 0];
  for (let i = 0; i < map.runs.length; i += 3) {
    const [oldStart, newStart, length] = [oldEnd + map.runs[i], newEnd + map.runs[i + 1], map.runs[i + 2]];
    t.deepEqual(rewritten.subarray(newStart, newStart + length), original.subarray(oldStart, oldStart + length));
    [oldEnd, newEnd] = [oldStart + length, newStart + length];
  }
});

test('the map names what the module exports, with the types it has', async (t) => {
  await runMain(['instrument', 'sum.wasm', '-o', 'named.wasm', '--map', 'named.json', '--mask-functions', 'q*t'], {
    cwd,
  });
  const map = readMap('named.json');
  const module = parseModule(read('named.wasm'));
  const exported = (name: string) => module.exports.find((each) => each.name === name)?.kind;
  t.is(exported(map.hooks.table), 'table');
  for (const one of ['getBudget', 'setBudget', 'start']) t.is(exported(map.exports[one].name), 'func');
  t.is(exported(map.exports.memory), 'memory');
  for (const none of ['getStackPointer', 'setStackPointer', 'table']) t.is(map.exports[none], null);
  t.is(map.exports.start.type, '() -> ()');
  t.deepEqual(map.maskedFunctions, ['quiet']);
  await runMain(['instrument', 'crc.wasm', '-o', 'crc2.wasm', '--map', 'crc2.json'], { cwd });
  t.deepEqual(readMap('crc2.json').exports.getStackPointer, { name: 'wirq:get_stack_pointer', type: '() -> i32' });
  const documented = readFileSync(join(root, 'docs/instrument.md'), 'utf8');
  for (const key of [...Object.keys(map), ...Object.keys(map.exports)]) t.true(documented.includes(`\`${key}\``), key);
});

test('--no-unroll is smaller; a pattern that matches nothing is told', async (t) => {
  await runMain(['instrument', 'crc.wasm', '-o', 'large.wasm'], { cwd });
  const ran = await runMain(
    ['instrument', 'crc.wasm', '--no-unroll', '-o', 'small.wasm', '--mask-functions', 'nobody*'],
    { cwd },
  );
  t.is(ran.code, 0);
  t.regex(ran.stderr, /^warning: no function of the module is called nobody\*/);
  t.true(read('small.wasm').length <= read('large.wasm').length);
});

test('a module that this engine refuses is written for one that takes it, and that is told with its place', async (t) => {
  // (func (export "bad") i32.add): what was added could make such a module valid
  const bytes = [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 7, 1, 3, 0x62, 0x61, 0x64, 0, 0, 10, 5, 1, 3, 0, 0x6a, 0x0b];
  writeFileSync(join(cwd, 'refused.wasm'), Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...bytes));
  const ran = await runMain(['instrument', 'refused.wasm', '-o', 'refused.irq.wasm'], { cwd });
  t.is(ran.code, 0);
  t.regex(ran.stderr, /^warning: this engine refuses it: function bad, offset 0x20: not enough arguments/);
  const run = await runMain(['refused.wasm'], { cwd });
  t.is(run.code, 2);
  t.regex(run.stderr, /^wirq: refused\.wasm: function bad, offset 0x20: not enough arguments/);
});

test('nothing is written over what is read, and bad usage is told', async (t) => {
  linkSync(join(cwd, 'sum.wasm'), join(cwd, 'linked.wasm'));
  writeFileSync(join(cwd, 'broken.wasm'), 'no module');
  const refused = [
    [['sum.wasm'], /^wirq: where to write is not said/],
    [['-o', 'x.wasm'], /^wirq: instrument takes a \.wasm file/],
    [['sum.wasm', 'crc.wasm', '-o', 'x.wasm'], /^wirq: instrument takes one file/],
    [['sum.wasm', '-o', './sum.wasm'], /^wirq: -o \.\/sum\.wasm would overwrite the module itself/],
    [['sum.wasm', '-o', 'linked.wasm'], /would overwrite the module itself/],
    [['sum.wasm', '-o', 'x.wasm', '--map', 'sum.wasm'], /^wirq: --map sum\.wasm would overwrite the module itself/],
    [['sum.wasm', '-o', 'x.wasm', '--map', 'x.wasm'], /^wirq: --map x\.wasm would overwrite the rewritten module/],
    [['sum.wasm', '-o', 'x.wasm', '--granularity', 'fine'], /^wirq: "fine" is not a granularity/],
    [['sum.wasm', '-o', 'x.wasm', '--mask-functions', ''], /^wirq: the pattern of functions to mask is empty/],
    [
      ['sum.wasm', '-o', 'no/such/folder/x.wasm'],
      /^wirq: cannot write no\/such\/folder\/x\.wasm: there is no such file/,
    ],
    [['absent.wasm', '-o', 'x.wasm'], /^wirq: cannot read absent\.wasm: there is no such file/],
    [['broken.wasm', '-o', 'x.wasm'], /^wirq: broken\.wasm: offset 0x0: not a WebAssembly module/],
  ] as const;
  for (const [args, message] of refused) {
    const { code, stderr } = await runMain(['instrument', ...args], { cwd });
    t.is(code, 2, args.join(' '));
    t.regex(stderr, message);
  }
  t.false(existsSync(join(cwd, 'x.wasm')));
  t.deepEqual(new Uint8Array(read('sum.wasm')), SUM);
});

test('--help', async (t) => {
  const { code, stdout } = await wirq(['instrument', '--help']);
  t.is(code, 0);
  for (const option of ['output', 'map', 'granularity', 'mask-functions'])
    t.true(stdout.includes(`--${option} `), option);
  t.notRegex(stdout, /.{111}/);
});
