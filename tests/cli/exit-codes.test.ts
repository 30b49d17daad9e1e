/** Each class of exit code, and what is said with it. */
import test from 'ava';
import { cleanUp, folderWith, runMain, wirq } from '../support/cli.ts';
import { allFirmware } from './firmware.ts';

test.after.always(cleanUp);

const modules = allFirmware();
const cwd = folderWith({
  ...modules,
  'dark.yaml': `version: 1
name: the light stays dark
machine: {irqs: {BUTTON: {line: 3}}, pins: {LED: 13}}
steps:
  - irq: BUTTON
  - delay: 1ms
  - expect-pin: {pin: LED, value: 0}
  - expect-irq: {line: BUTTON, count: 2}
`,
  'lit.yaml': `version: 1
machine: {irqs: {BUTTON: {line: 3}}, pins: {LED: 13}}
steps:
  - irq: BUTTON
  - wait-pin: {pin: LED, value: 1, timeout: 1ms}
`,
  'waits.yaml': `version: 1
steps:
  - delay: 1ms
  - wait-serial: {text: hello, timeout: 2ms}
  - delay: 1ms
`,
  'ends.yaml': `version: 1
steps:
  - expect-exit: 7
`,
  'ends-in-a-delay.yaml': `version: 1
machine: {pins: {LED: 13}}
steps:
  - delay: 10ms
  - expect-pin: {pin: LED, value: 0}
  - delay: 1ms
  - expect-exit: 7
`,
  'lives-on.yaml': `version: 1
steps:
  - delay: 10ms
  - irq: 3
  - expect-exit: 7
`,
});

test("the guest's own code", async (t) => {
  const { code, stdout, stderr } = await wirq(['seven.wasm'], { cwd });
  t.is(code, 7);
  t.is(stdout, '');
  t.regex(stderr, /^failed seven\.wasm \(exit 7 at \d+ns, \d+ instructions\)\n$/);
});

test('nothing is said of a run that went well', async (t) => {
  t.deepEqual(await runMain(['empty.wasm'], { cwd }), { code: 0, stdout: '', stderr: '' });
});

for (const [signal, code] of [
  ['SIGTERM', 143],
  ['SIGUSR1', 138],
  ['9', 137],
] as const) {
  test(`128+n when ${signal} ended it`, async (t) => {
    const ran = await runMain(['--signal', `${signal}@1ms`, 'spin.wasm'], { cwd });
    t.is(ran.code, code);
    t.regex(ran.stderr, /^signal: SIG[A-Z0-9]+ ended the guest, which does not handle it\nfailed spin\.wasm/);
  });
}

test("134 for a trap, with a backtrace in the user's names and offsets of the user's file", async (t) => {
  const { code, stderr } = await wirq(['trap.wasm'], { cwd });
  t.is(code, 134);
  t.regex(stderr, /^trap: unreachable\n/);
  t.notRegex(stderr, /wasm:\/\/|node:|file:/);
  const frames = [...stderr.matchAll(/^ {4}at (\w+) \(offset 0x([0-9a-f]+)\)$/gm)];
  t.deepEqual(
    frames.map((frame) => frame[1]),
    ['inner', 'outer', 'main'],
  );
  const UNREACHABLE = 0x00;
  const CALL = 0x10;
  const opcodes = frames.map((frame) => modules['trap.wasm']![Number.parseInt(frame[2]!, 16)]);
  t.deepEqual(opcodes, [UNREACHABLE, CALL, CALL]);
});

const ENDLESS = ['spin', 'start-spins', 'until-interrupted'] as const;
const LIMITS = [
  ['--timeout', '1ms', /^timeout: the machine time given by the timeout is over\n/],
  ['--wall-timeout', '20ms', /^timeout: still running after 20ms of wall time\n/],
  ['--max-instructions', '1000', /^timeout: the guest has executed \d+ instructions\n/],
] as const;

for (const name of ENDLESS) {
  for (const [option, limit, expected] of LIMITS) {
    test(`124 when ${option} stops ${name}`, async (t) => {
      const { code, stderr } = await runMain([option, limit, `${name}.wasm`], { cwd });
      t.is(code, 124);
      t.regex(stderr, expected);
    });
  }
}

for (const option of ['--timeout', '--wall-timeout']) {
  test(`124 when ${option} leaves no time at all`, async (t) => {
    const { code, stderr } = await runMain([option, '0s', 'seven.wasm'], { cwd });
    t.is(code, 124);
    t.regex(stderr, /\(timeout at 0ns, 0 instructions\)/);
  });
}

test('124 when a firmware that lives on its interrupts has lived long enough', async (t) => {
  const { code, stderr } = await runMain(['--irq', '3@every:1ms', '--timeout', '10ms', 'reactor.wasm'], { cwd });
  t.is(code, 124);
  t.regex(stderr, /\(timeout at 10ms, /);
});

test('a guest may end in a delay when that is all that is still expected, and not before', async (t) => {
  const ended = await runMain(['--scenario', 'ends-in-a-delay.yaml', 'seven.wasm'], { cwd });
  t.is(ended.code, 7);
  t.regex(ended.stderr, /^passed ends-in-a-delay\.yaml \(exit 7 at /);
  const early = await runMain(['--scenario', 'lives-on.yaml', 'seven.wasm'], { cwd });
  t.is(early.code, 1);
  t.regex(early.stderr, /a delay until 10ms did not come: the guest ended \(exit 7\)/);
});

test('0 when a firmware that lives on its interrupts has none to come', async (t) => {
  t.is((await runMain(['--irq', '3@1ms', 'reactor.wasm'], { cwd })).code, 0);
});

test('1 for a failed expectation, shown as expected, actual, when', async (t) => {
  const { code, stdout, stderr } = await wirq(['light.wasm', '--scenario', 'dark.yaml'], { cwd });
  t.is(code, 1);
  t.is(stdout, '');
  t.regex(
    stderr,
    /^dark\.yaml:7:5: pin LED\n {2}expected {2}0\n {2}actual {4}1\n {2}when {6}1ms, \d+ instructions\ndark\.yaml:8:5: deliveries of BUTTON\n {2}expected {2}2\n {2}actual {4}1\n/,
  );
  t.regex(stderr, /^failed the light stays dark \(.*\)$/m);
});

test('1 for a wait that failed, and the steps not taken', async (t) => {
  const { code, stderr } = await runMain(['reactor.wasm', '--scenario', 'waits.yaml', '--irq', '3@every:1ms'], { cwd });
  t.is(code, 1);
  t.regex(stderr, /^waits\.yaml:4:5: serial output "hello"\n/);
  t.regex(stderr, /^failed waits\.yaml, 2 of 3 steps taken/m);
});

test('0 for a scenario that went as expected, which says so', async (t) => {
  const { code, stderr } = await runMain(['--scenario', 'lit.yaml', 'light.wasm'], { cwd });
  t.is(code, 0);
  t.regex(stderr, /^passed lit\.yaml \(/m);
});

test("the guest's own code also where a scenario expects it", async (t) => {
  const { code, stderr } = await runMain(['--scenario', 'ends.yaml', 'seven.wasm'], { cwd });
  t.is(code, 7);
  t.regex(stderr, /^passed ends\.yaml \(exit 7 at /m);
});
