/** What passes between the command line and the guest: arguments, environment, directories, input, output, results. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { cleanUp, folderWith, runMain, wirq } from '../support/cli.ts';
import { root } from '../support/root.ts';
import { allFirmware } from './firmware.ts';

test.after.always(cleanUp);

const cwd = folderWith({
  ...allFirmware(),
  'shared/in': 'in the shared folder\n',
  'input.txt': 'from a file\n',
  'button.yaml': 'version: 1\nmachine: {irqs: {BUTTON: {line: 3}}}\nsteps:\n  - irq: BUTTON\n',
});

const echoed = (...args: string[]) => args.map((arg) => `${arg}\0`).join('');

// Arguments

test('options stop at the file: what follows is the arguments of a guest that takes some', async (t) => {
  const args = ['--help', '-v', '--json', '--', 'a b', '', '--irq=3@1ms', 'ü'];
  const { code, stdout, stderr } = await wirq(['arguments.wasm', ...args], { cwd });
  t.is(code, 0, stderr);
  t.is(stdout, echoed('arguments.wasm', ...args));
  t.is(stderr, '');
});

test('options before the file are still read', async (t) => {
  const { stdout, stderr } = await runMain(['-v', 'arguments.wasm', '-v'], { cwd });
  t.is(stdout, echoed('arguments.wasm', '-v'));
  t.regex(stderr, /call {5}_start/);
});

test('run by its name does the same', async (t) => {
  const { stdout } = await runMain(['run', 'arguments.wasm', 'run', '--version'], { cwd });
  t.is(stdout, echoed('arguments.wasm', 'run', '--version'));
});

test('-- ends the options before the file', async (t) => {
  const { stdout } = await runMain(['--seed', '1', '--', 'arguments.wasm', '--seed'], { cwd });
  t.is(stdout, echoed('arguments.wasm', '--seed'));
});

test("--argv0 is the program's own name; without it the file's, without its folders", async (t) => {
  t.is((await runMain(['--argv0', 'tool', 'arguments.wasm', 'x'], { cwd })).stdout, echoed('tool', 'x'));
  t.is((await runMain([join(cwd, 'arguments.wasm')])).stdout, echoed('arguments.wasm'));
});

test('a guest that takes no arguments leaves options behind the file to wirq', async (t) => {
  const { code, stderr } = await runMain(['light.wasm', '--scenario', 'button.yaml', '-v'], { cwd });
  t.is(code, 0);
  t.regex(stderr, /pend {5}BUTTON from injection/);
  t.regex((await runMain(['seven.wasm', '--help'], { cwd })).stdout, /^wirq \[run\] \[options\]/);
  t.regex((await runMain(['seven.wasm', '--version'], { cwd })).stdout, /^\d+\.\d+\.\d+\n$/);
  t.is((await runMain(['seven.wasm', '--'], { cwd })).code, 7);
});

// Environment and directories

test('--env sets variables, or passes them on; nothing else is passed on', async (t) => {
  const env = { WIRQ_TEST_A: 'from here' };
  const args = ['--env', 'B=x=y', '--env=WIRQ_TEST_A', '--env', 'EMPTY=', 'environment.wasm'];
  const { stdout } = await runMain(args, { cwd, env });
  t.is(stdout, echoed('B=x=y', 'WIRQ_TEST_A=from here', 'EMPTY='));
  t.is((await runMain(['environment.wasm'], { cwd, env })).stdout, '');
});

test('--dir gives the guest a directory under the name it is given', async (t) => {
  const { code, stdout } = await runMain(['--dir', 'shared::/data', 'print-file.wasm'], { cwd });
  t.is(stdout, '/datain the shared folder\n');
  t.is(code, 0);
});

test('without --dir there is none', async (t) => {
  const BADF = 8;
  t.is((await runMain(['print-file.wasm'], { cwd })).code, BADF);
});

// Standard input

test('standard input reaches a WASI guest: a pipe, a file, nothing', async (t) => {
  const long = 'a line of a pipe\n'.repeat(10_000);
  t.is((await wirq(['cat.wasm'], { cwd, input: long })).stdout, long);
  const descriptor = openSync(join(cwd, 'input.txt'), 'r');
  t.is((await wirq(['cat.wasm'], { cwd, input: { descriptor } })).stdout, 'from a file\n');
  closeSync(descriptor);
  t.deepEqual(await wirq(['cat.wasm'], { cwd }), { code: 0, stdout: '', stderr: '' });
  t.is((await wirq(['--wall-timeout', '1m', 'cat.wasm'], { cwd, input: long })).stdout, long);
});

test('standard input reaches the serial port: a pipe, a file, nothing', async (t) => {
  t.is((await wirq(['serial.wasm'], { cwd, input: 'by wire' })).stdout, 'by wire');
  const descriptor = openSync(join(cwd, 'input.txt'), 'r');
  t.is((await wirq(['serial.wasm'], { cwd, input: { descriptor } })).stdout, 'from a file\n');
  closeSync(descriptor);
  t.is((await wirq(['serial.wasm'], { cwd })).stdout, '');
});

test('uart-echo talks through standard input', async (t) => {
  const { code, stdout } = await wirq(['firmware-samples/uart-echo/uart-echo.wasm'], { input: 'hello\n\x04' });
  t.is(code, 0);
  t.regex(stdout, /^ready\nhello\n6 bytes; /);
});

(process.platform === 'win32' ? test.skip : test)('input without end is refused once there is too much of it', (t) => {
  const command = `yes | '${process.execPath}' '${join(root, 'bin/wirq.js')}' serial.wasm`;
  const { status, stderr } = spawnSync('sh', ['-c', command], { cwd, encoding: 'utf8', timeout: 60_000 });
  t.is(status, 134);
  t.regex(stderr, /serial port 0 has more than 1048576 unread bytes/);
});

test('a serial port that waits for the end of its input is stopped by --wall-timeout', async (t) => {
  // Far more than it takes where the input does end, and than Node's timers reach.
  const { code, stdout, stderr } = await wirq(['--wall-timeout', '1000h', 'serial.wasm'], { cwd, input: 'open' });
  t.is(code, 0, stderr);
  t.is(stdout, 'open');
  const waiting = await wirq(['--wall-timeout', '200ms', 'serial.wasm'], { cwd, keepOpen: true });
  t.is(waiting.code, 124);
  t.regex(waiting.stderr, /^timeout: standard input did not end within 200ms of wall time\n$/);
});

(process.platform === 'win32' ? test.skip : test)('so is a WASI guest that waits for its input', async (t) => {
  const waiting = await wirq(['--wall-timeout', '200ms', 'cat.wasm'], { cwd, keepOpen: true });
  t.is(waiting.code, 124);
  t.regex(waiting.stderr, /^timeout: still running after 200ms of wall time\n/);
});

// Invoking

test('--invoke calls an export with arguments and prints what it returns', async (t) => {
  const { code, stdout, stderr } = await wirq(['--invoke', 'fib', 'functions.wasm', '20'], { cwd });
  t.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '6765\n', stderr: '' });
});

test('--invoke takes numbers of all kinds, and prints several results', async (t) => {
  const outputs: Record<string, string> = {};
  for (const [whole, real] of [
    ['-5', '-1.5'],
    ['9223372036854775807', '1e300'],
    ['0x10', 'Infinity'],
  ] as const) {
    outputs[`${whole} ${real}`] = (await runMain(['--invoke', 'echo', 'functions.wasm', whole, real], { cwd })).stdout;
  }
  t.deepEqual(outputs, {
    '-5 -1.5': '-5\n-1.5\n',
    '9223372036854775807 1e300': '9223372036854775807\n1e+300\n',
    '0x10 Infinity': '16\nInfinity\n',
  });
});

test('--invoke may stand behind the file, and -- before the arguments', async (t) => {
  t.is((await runMain(['functions.wasm', '--invoke', 'fib', '10'], { cwd })).stdout, '55\n');
  t.is((await runMain(['--invoke', 'echo', 'functions.wasm', '--', '-1', '2'], { cwd })).stdout, '-1\n2\n');
});

// Output

const NUMBERS = Array.from({ length: 0x10000 }, (_, at) => `           ${at.toString(16).padStart(4, '0')}\n`);

test('a megabyte of output arrives complete and in order, by a pipe and in a file', async (t) => {
  const expected = NUMBERS.join('');
  t.is(expected.length, 1 << 20);
  const piped = await wirq(['flood.wasm'], { cwd });
  t.is(piped.code, 0);
  t.true(piped.stdout === expected);
  t.is(piped.stderr, NUMBERS.filter((_, at) => at % 4096 === 0).join(''));
  t.true((await runMain(['flood.wasm'], { cwd })).stdout === expected);
});

test('when nobody reads any more a guest that prints for ever ends, quietly', async (t) => {
  const { code, stdout, stderr } = await wirq(['chatter.wasm'], { cwd, closeAfter: 10 });
  t.is(code, 141);
  t.true(stdout.startsWith('and so on\n'));
  t.is(stderr, '');
});

for (const args of [['--help'], ['run', '--help'], ['doctor'], ['inspect', 'flood.wasm'], ['--json', 'seven.wasm']]) {
  test(`wirq ${args.join(' ')} does not mind that nobody reads`, async (t) => {
    const { stderr, code } = await wirq(args, { cwd, closeAfter: 0 });
    t.notRegex(stderr, /^\s+at |EPIPE/m);
    t.is(code, args.includes('seven.wasm') ? 7 : 0);
  });
}

test('the sample of the documentation runs as it is written there', async (t) => {
  const { code, stdout, stderr } = await wirq(
    ['firmware-samples/blinky/blinky.wasm', '--scenario', 'firmware-samples/blinky/button.yaml'],
    { cwd: root },
  );
  t.is(code, 0, stderr);
  t.is(stdout, 'blinking every 100 ms\npress 1: every 50 ms\npress 2: every 25 ms\nbye, after 4 toggles\n');
  t.regex(stderr, /^passed each press halves the period \(exit 0 at /m);
});
