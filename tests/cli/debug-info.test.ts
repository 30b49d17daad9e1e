/** Goal: source lines and masked functions, as a user of the command line meets them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { assemblyScriptWithMap } from '../support/assemblyscript.ts';
import { cleanUp, folderWith, runMain, wirq } from '../support/cli.ts';
import { fixture } from '../support/root.ts';

test.after.always(cleanUp);

const { wasm, map } = await assemblyScriptWithMap(
  `let divisor: i32 = 0;
export function check(n: i32): i32 {
  return n / divisor;
}
`,
  ['--sourceMap'],
);

const cwd = folderWith({
  'sensor.wasm': fixture('tests/wasm/programs/sensor-dwarf5.wasm'),
  'firmware.wasm': wasm,
  'firmware.wasm.map': map!,
  'lost/firmware.wasm': wasm,
});

test('a trap shows function and line, from DWARF', async (t) => {
  const { code, stderr } = await wirq(['--invoke', 'check', 'sensor.wasm', '3'], { cwd });
  t.is(code, 134);
  t.regex(
    stderr,
    /^trap: .*\n {4}at average \(tests\/wasm\/programs\/sensor\.h:17:15\)\n {4}at check \(tests\/wasm\/programs\/sensor-dwarf5\.c:7:16\)\nfailed /,
  );
});

test('a trap shows function and line, from a source map beside the module', async (t) => {
  const { code, stderr } = await runMain(['--invoke', 'check', 'firmware.wasm', '3'], { cwd });
  t.is(code, 134);
  t.regex(stderr, /^ {4}at .*check \(firmware\.ts:3:10\)$/m);
  const lost = await runMain(['--invoke', 'check', 'lost/firmware.wasm', '3'], { cwd });
  t.regex(lost.stderr, /^ {4}at .*check \(offset 0x[0-9a-f]+\)$/m);
});

test('--json has the place in fields', async (t) => {
  const { stdout } = await runMain(['--json', '--invoke', 'check', 'sensor.wasm', '3'], { cwd });
  const [frame] = JSON.parse(stdout).outcome.backtrace;
  t.like(frame, { function: 'average', source: { file: 'tests/wasm/programs/sensor.h', line: 17, column: 15 } });
  t.is(typeof frame.offset, 'number');
});

test('inspect says which debug information there is, and what is wrong with it', async (t) => {
  const textOf = async (...args: string[]) => (await runMain(['inspect', ...args], { cwd })).stdout;
  t.regex(await textOf('sensor.wasm'), /^debug info {6}DWARF 5 lines of 4 functions$/m);
  t.regex(await textOf('firmware.wasm'), /^debug info {6}source map \.\/firmware\.wasm\.map of \d+ files$/m);
  const lost = await textOf('lost/firmware.wasm');
  t.regex(lost, /^debug info {6}none: backtraces show functions and offsets, not lines$/m);
  t.regex(lost, /^warning {9}source map \.\/firmware\.wasm\.map: cannot read .*: there is no such file$/m);
  writeFileSync(join(cwd, 'lost/firmware.wasm.map'), 'not a map');
  t.regex(await textOf('lost/firmware.wasm'), /^warning {9}source map \.\/firmware\.wasm\.map: it is not JSON$/m);
  const json = JSON.parse(await textOf('--json', 'sensor.wasm'));
  t.deepEqual(json.debugInformation, { dwarf: { versions: [5], functions: 4 } });
  t.deepEqual(json.warnings, []);
});

test('--mask-functions of run and inspect', async (t) => {
  const ran = await runMain(
    ['--mask-functions', 'sample', '--mask-functions', 'heap_*', '--invoke', 'set', 'sensor.wasm', '3'],
    { cwd },
  );
  t.is(ran.code, 0);
  t.is(ran.stderr, 'warning: no function of the module is called heap_*: nothing is masked by it\n');
  const { stdout } = await runMain(['inspect', '--mask-functions', 's*', '--mask-functions=x', 'sensor.wasm'], { cwd });
  t.regex(stdout, /^masked {10}2 functions, in which no handler runs$/m);
  t.regex(stdout, /^warning {9}no function of the module is called x: nothing is masked by it$/m);
  const empty = await runMain(['--mask-functions', '', 'sensor.wasm'], { cwd });
  t.is(empty.code, 2);
  t.regex(empty.stderr, /^wirq: .*the pattern of functions to mask is empty/);
});
