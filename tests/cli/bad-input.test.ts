/** What users get wrong: one clear message each, exit code 2, nothing on standard output, and never a stack trace. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { cleanUp, folderWith, type Ran, runMain, wirq } from '../support/cli.ts';
import { wat } from '../support/wat.ts';
import { firmware } from './firmware.ts';

test.after.always(cleanUp);

const modules = firmware('seven', 'functions', 'missing', 'arguments');

const cwd = folderWith({
  ...modules,
  'truncated.wasm': modules['functions.wasm']!.slice(0, 20),
  'text.wasm': '(module)',
  'none.wasm': '',
  'version.wasm': Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0),
  'section.wasm': Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 14, 1, 0),
  'unit.yaml': 'version: 1\nsteps:\n  - delay: 5\n',
  'key.yaml': 'version: 1\nsteps:\n  - wait-serail: ready\n',
  'deep-key.yaml': 'version: 1\nmachine: {irqs: {BUTTON: {line: 3, priorty: 1}}}\nsteps: []\n',
  'line.yaml': 'version: 1\nsteps:\n  - irq: 240\n',
  'name.yaml': 'version: 1\nmachine: {irqs: {BUTTON: {line: 3}}}\nsteps:\n  - irq: BUTON\n',
  'binary.yaml': Uint8Array.of(0xff, 0xfe, 0x00),
  'function.yaml': "version: 1\nsteps:\n  - irq: {line: 3, at: 'func:nowhere'}\n",
});
mkdirSync(join(cwd, 'folder'));

function complains(t: ExecutionContext, { code, stdout, stderr }: Ran, expected: RegExp): void {
  t.is(code, 2, stderr);
  t.is(stdout, '');
  t.regex(stderr, expected);
  t.regex(stderr, /^wirq: .+\n( {2}.+\n)?$/, 'one message, and one line of advice at the most');
  t.notRegex(stderr, /^\s+at /m, 'no stack trace');
  t.notRegex(stderr, /undefined|\[object|NaN/);
}

type Case = readonly [what: string, args: readonly string[], expected: RegExp];

const MODULES: readonly Case[] = [
  ['a truncated module', ['truncated.wasm'], /^wirq: truncated\.wasm: offset 0xa: section 1 .* only 10 are left/],
  ['no module at all', ['text.wasm'], /^wirq: text\.wasm: offset 0x0: not a WebAssembly module.*\n {2}.*assembled/],
  ['an empty file', ['none.wasm'], /^wirq: none\.wasm: offset 0x0: not a WebAssembly module/],
  ['a version of the future', ['version.wasm'], /^wirq: version\.wasm: offset 0x4: unknown version 2/],
  ['an unknown section', ['section.wasm'], /^wirq: section\.wasm: offset 0x8: unknown section 14/],
  ['a missing file', ['nothing.wasm'], /^wirq: cannot read nothing\.wasm: there is no such file/],
  ['a folder', ['folder'], /^wirq: cannot read folder: it is a directory/],
  ['a file below a file', ['seven.wasm/x'], /^wirq: cannot read seven\.wasm\/x: a part of its path is not a directory/],
];

for (const [what, args, expected] of MODULES) {
  test(`${what} is refused by run`, async (t) => complains(t, await runMain(args, { cwd }), expected));
  test(`${what} is refused by inspect`, async (t) =>
    complains(t, await runMain(['inspect', ...args], { cwd }), expected));
}

const RUNS: readonly Case[] = [
  [
    'imports that nobody provides',
    ['missing.wasm'],
    /missing\.wasm: nobody provides .*env\.measure .*wirq\/irq\.enabel/,
  ],
  ['a function that is not exported', ['--invoke', 'fbi', 'functions.wasm'], /no function fbi\n.*fib, echo/],
  ['too few arguments for a function', ['--invoke', 'fib', 'functions.wasm'], /fib takes 1 arguments, not 0/],
  [
    'an argument of another type',
    ['--invoke', 'fib', 'functions.wasm', 'x'],
    /fib: "x" is not an argument of type i32/,
  ],
  ['arguments for a guest that takes none', ['seven.wasm', 'x'], /the guest takes no arguments, but is given x/],
  ['the same behind --', ['--', 'seven.wasm', 'x'], /the guest takes no arguments, but is given x/],
];

const SCENARIOS: readonly Case[] = [
  ['a time without a unit', ['unit.yaml'], /^wirq: unit\.yaml:3:12: .*no unit.*\n {2}write 5ms/],
  ['a misspelt key', ['key.yaml'], /^wirq: key\.yaml:3:5: .*'wait-serail'.*\n {2}did you mean 'wait-serial'\?/],
  ['a misspelt key inside', ['deep-key.yaml'], /^wirq: deep-key\.yaml:2:\d+: .*\n {2}did you mean 'priority'\?/],
  ['a line out of range', ['line.yaml'], /^wirq: line\.yaml:3:10: .*240 is out of range\n {2}lines are 0 to 239/],
  ['a misspelt line', ['name.yaml'], /^wirq: name\.yaml:4:10: .*'BUTON'\n {2}did you mean 'BUTTON'\?/],
  ['a function that is not there', ['function.yaml'], /no function nowhere of its own\n {2}it has main/],
  ['a missing file', ['nothing.yaml'], /^wirq: cannot read nothing\.yaml: there is no such file/],
  ['a folder', ['folder'], /^wirq: cannot read folder: it is a directory/],
  ['bytes that are no text', ['binary.yaml'], /^wirq: cannot read binary\.yaml: it is not UTF-8 text/],
];

const OPTIONS: readonly Case[] = [
  ['an unknown option', ['--timout', '5s'], /there is no option '--timout'\n {2}did you mean '--timeout'\?/],
  ['an unknown option with a value', ['--timout=5s'], /there is no option '--timout'\n {2}did you mean '--timeout'\?/],
  ['an option like no other', ['--frobnicate'], /there is no option '--frobnicate'\n {2}wirq run --help/],
  ['an unknown letter', ['-x'], /there is no option '-x'\n {2}wirq run --help/],
  ['a long option behind one dash', ['-verbose'], /there is no option '-e'\n {2}did you mean '--verbose'\?/],
  ['an option of all objects', ['--constructor'], /there is no option '--constructor'/],
  ['the opposite of a text', ['--no-timeout'], /there is no option '--no-timeout'/],
  ['the opposite, misspelt', ['--no-colour'], /there is no option '--no-colour'\n {2}did you mean '--no-color'\?/],
  ['an option given twice', ['--timeout', '1s', '--timeout', '2s'], /--timeout is given 2 times\n {2}give it once/],
  ['a forgotten value', ['--timeout', '--json'], /--timeout needs a value/],
  ['a forgotten value before --', ['--timeout', '--'], /--timeout needs a value/],
  ['a value where there is none', ['--json=yes'], /--json takes no value, but is given 'yes'/],
  ['a time without a unit', ['--timeout', '5'], /--timeout: "5" is not a time\n {2}.*10ms/],
  ['a negative time', ['--wall-timeout', '-5s'], /--wall-timeout: "-5s" is not a time/],
  ['no time', ['--timeout='], /--timeout: "" is not a time/],
  ['a rate without a unit', ['--hz', '16'], /"16" is not a clock rate\n {2}.*16MHz/],
  ['too few bits of priority', ['--priority-bits', '1'], /1 is not a number of priority bits/],
  ['a seed that is no number', ['--seed', 'abc'], /--seed abc: this is not a whole number/],
  ['a seed too large', ['--seed', '4294967296'], /4294967296 is not a seed/],
  ['no instructions', ['--max-instructions', '0'], /0 is not a number of instructions/],
  ['half an instruction', ['--max-instructions', '0.5'], /--max-instructions 0\.5: this is not a whole number/],
  ['a line out of range', ['--irq', '240@1ms'], /'240@1ms': line 240 is out of range\n {2}lines are 0 to 239/],
  ['a line without a moment', ['--irq', '3'], /'3' does not say when\n {2}.*3@10ms/],
  ['a line that nobody named', ['--irq', 'BUTTON@1ms'], /no interrupt line is called BUTTON/],
  ['a function that is not there', ['--irq', '3@func:nowhere'], /no function nowhere of its own\n {2}it has main/],
  ['a period of nothing', ['--irq', '3@every:0s'], /a period of 0/],
  ['a misspelt moment', ['--irq', '3@isnn:5'], /'3@isnn:5': .*\n {2}did you mean 'insn:'\?/],
  ['a misspelt signal', ['--signal', 'SIGURS1@1ms'], /there is no signal 'SIGURS1'\n {2}did you mean 'SIGUSR1'\?/],
  ['no way of delivery', ['--deliver', 'pigeon'], /--deliver pigeon: .*\n {2}write handler, mailbox/],
  ['delivery of no line', ['--deliver', '240=handler'], /there is no interrupt line 240/],
  ['delivery of a line that nobody named', ['--deliver', 'X=handler'], /no line is called X/],
  ['a mailbox that is not there', ['--deliver', 'mailbox'], /the module has no mailbox\n {2}.*by handler instead/],
  [
    'a clock that never will be',
    ['--clock', 'sand'],
    /--clock sand: there is no such choice\n {2}choose virtual, real/,
  ],
  [
    'stacks that are not there',
    ['--stacks', 'fiber'],
    /--stacks fiber: there is no such choice\n {2}choose auto, nested/,
  ],
  [
    'a granularity that is none',
    ['--granularity', 'fine'],
    /"fine" is not a granularity\n {2}choose loop, block, access, instruction/,
  ],
  [
    'native interrupts in virtual time',
    ['--preempt', 'native'],
    /not repeatable\n {2}use safepoints, or the real clock/,
  ],
  [
    'calls alone in virtual time',
    ['--preempt', 'calls'],
    /only safepoints count work\n {2}use safepoints, or the real/,
  ],
  ['a ratio without real time', ['--rt-ratio', '2'], /--rt-ratio is for real time\n {2}add --clock real/],
  ['a ratio that is none', ['--clock', 'real', '--rt-ratio', 'x'], /--rt-ratio x: this is not a number/],
  ['a ratio out of range', ['--clock', 'real', '--rt-ratio', '101'], /101 is not a ratio.*\n {2}.*from 0\.1 to 100/],
  ['a ratio of 0', ['--clock', 'real', '--rt-ratio', '0'], /^wirq: 0 is not a ratio.*\n {2}.*from 0\.1 to 100/],
  ['a digest of real time', ['--clock', 'real', '--digest'], /--digest in real time would differ/],
  [
    'exact counts without safepoints',
    ['--clock', 'real', '--preempt', 'native', '--granularity', 'block'],
    /a granularity with preemption by native: its code is not rewritten\n {2}use safepoints/,
  ],
  [
    'an instruction without safepoints',
    ['--clock', 'real', '--preempt', 'native', '--irq', '3@insn:5'],
    /instruction counts with preemption by native.*\n {2}use safepoints, or a time/,
  ],
  ['a variable without a name', ['--env', '=x'], /--env =x: the variable has no name/],
  ['a variable that is not set', ['--env', 'WIRQ_NOT_SET'], /--env WIRQ_NOT_SET: it is not set here/],
  ['a directory that is not there', ['--dir', 'nowhere'], /the directory 'nowhere' does not exist/],
  ['a directory that is a file', ['--dir', 'seven.wasm'], /the directory 'seven\.wasm' is a file/],
  ['a trace of no known format', ['--trace', 'run.txt'], /--trace run\.txt: .*\.jsonl/],
  ['a trace in no folder', ['--trace', 'nowhere/run.jsonl'], /cannot write nowhere\/run\.jsonl: there is no such/],
];

for (const [what, args, expected] of RUNS) {
  test(`run refuses ${what}`, async (t) => complains(t, await runMain(args, { cwd }), expected));
}
for (const [what, [file], expected] of SCENARIOS) {
  test(`a scenario with ${what} is refused`, async (t) =>
    complains(t, await runMain(['--scenario', file!, 'seven.wasm'], { cwd }), expected));
}
for (const [what, args, expected] of OPTIONS) {
  test(`run refuses ${what}: ${args.join(' ')}`, async (t) =>
    complains(t, await runMain([...args, 'seven.wasm'], { cwd }), expected));
  test(`run refuses ${what} behind the file of a guest that takes no arguments`, async (t) => {
    const behind = await runMain(['seven.wasm', ...args], { cwd });
    if (what === 'a forgotten value before --') complains(t, behind, /--timeout needs a value/);
    else complains(t, behind, expected);
  });
}

const COMMANDS: readonly Case[] = [
  [
    'a misspelt command',
    ['isnpect', 'seven.wasm'],
    /cannot read isnpect: there is no such file\n {2}.*'wirq inspect'\?/,
  ],
  ['another', ['docter'], /cannot read docter: there is no such file\n {2}did you mean 'wirq doctor'\?/],
  ['a command to come', ['test', 'seven.wasm'], /this version has no command test yet\n {2}wirq --help shows/],
  ['no file for run', ['run'], /no \.wasm file is given/],
  ['options alone', ['--json'], /no \.wasm file is given/],
  ['no file for inspect', ['inspect'], /inspect takes a \.wasm file\n {2}for example/],
  ['two files for inspect', ['inspect', 'a.wasm', 'b.wasm'], /inspect takes one file, but is given a\.wasm b\.wasm/],
  ['an unknown option of inspect', ['inspect', '--jsno', 'a.wasm'], /no option '--jsno'\n {2}did you mean '--json'\?/],
  ['an argument for doctor', ['doctor', 'who'], /doctor takes no arguments, not who/],
  ['an unknown option of doctor', ['doctor', '--jsn'], /no option '--jsn'\n {2}did you mean '--json'\?/],
];

for (const [what, args, expected] of COMMANDS) {
  test(`${what} is refused: wirq ${args.join(' ')}`, async (t) => complains(t, await runMain(args, { cwd }), expected));
}

test('without any argument wirq says how it is used', async (t) => {
  const { code, stdout, stderr } = await runMain([], { cwd });
  t.is(code, 2);
  t.is(stdout, '');
  t.regex(stderr, /^wirq — .*\n\nUsage\n/);
});

test('a file whose name is nearly a command is run all the same', async (t) => {
  const folder = folderWith({ isnpect: modules['seven.wasm']! });
  t.is((await runMain(['isnpect'], { cwd: folder })).code, 7);
});

test('the built command line refuses as well, run and inspect', async (t) => {
  complains(t, await wirq(['truncated.wasm'], { cwd }), MODULES[0]![2]);
  complains(t, await wirq(['inspect', 'truncated.wasm'], { cwd }), MODULES[0]![2]);
  complains(t, await wirq(['doctor', 'who'], { cwd }), /doctor takes no arguments/);
});

test('names from a module do not command the terminal: run, inspect, instrument', async (t) => {
  const source = '(module (import "\\1b[2Jmod" "name" (func)) (func (export "\\1b]0;title\\07")))';
  const folder = folderWith({ 'escapes.wasm': wat(source) });
  for (const args of [
    ['escapes.wasm'],
    ['inspect', 'escapes.wasm'],
    ['instrument', '--mask-functions', '\x1b[31mx', 'escapes.wasm', '-o', 'out.wasm'],
  ]) {
    const { stdout, stderr } = await runMain(args, { cwd: folder });
    t.regex(stdout + stderr, /\\u001b/, args.join(' '));
    t.notRegex(stdout + stderr, /\p{Cc}(?<!\n)/u, args.join(' '));
  }
});
