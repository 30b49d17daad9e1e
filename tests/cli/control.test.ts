/** A running machine driven by another program (docs/control.md). Nothing here depends on how long anything takes. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { cleanUp, folderWith, runMain, wirq } from '../support/cli.ts';
import { fixture, root } from '../support/root.ts';
import { wat } from '../support/wat.ts';
import { controlled, endOf, type Line, spawnReal, talkTo } from './controlled.ts';

test.after.always(cleanUp);

/** Counts interrupts on line 3 until it finds 77 where `flag` is, and ends with the count. */
const COUNTS = (body: string, imports = '') => `(module ${imports}
  (memory (export "memory") 1) (global $__stack_pointer (mut i32) (i32.const 4096))
  (global (export "count") i32 (i32.const 16)) (global (export "flag") i32 (i32.const 20))
  (func (export "IRQ3_Handler") (i32.store (i32.const 16) (i32.add (i32.load (i32.const 16)) (i32.const 1))))
  (func (export "main") (result i32)
    (loop $l ${body} (br_if $l (i32.ne (i32.load (i32.const 20)) (i32.const 77))))
    (i32.load (i32.const 16))))`;

const cwd = folderWith({
  'counts.wasm': wat(COUNTS('')),
  'calls.wasm': wat(COUNTS('(drop (call $now))', '(import "wirq/board" "now" (func $now (result i64)))')),
  // Sends back what comes by its serial port, until an "x" has come; its pin 4 goes up first.
  'echo.wasm': wat(`(module
    (import "wirq/board" "uart_read" (func $read (param i32 i32 i32) (result i32)))
    (import "wirq/board" "uart_write" (func $write (param i32 i32 i32) (result i32)))
    (import "wirq/board" "gpio_mode" (func $mode (param i32 i32)))
    (import "wirq/board" "gpio_write" (func $pin (param i32 i32)))
    (import "wirq/irq" "wfi" (func $wfi))
    (memory (export "memory") 1) (global $__stack_pointer (mut i32) (i32.const 4096))
    (func (export "IRQ5_Handler"))
    (func (export "main") (local $n i32)
      (call $mode (i32.const 4) (i32.const 1)) (call $pin (i32.const 4) (i32.const 1))
      (loop $l
        (local.set $n (call $read (i32.const 0) (i32.const 16) (i32.const 64)))
        (if (i32.le_s (local.get $n) (i32.const 0)) (then (call $wfi) (br $l)))
        (drop (call $write (i32.const 0) (i32.const 16) (local.get $n)))
        (br_if $l (i32.ne (i32.load8_u (i32.const 16)) (i32.const 120))))))`),
  'uart-echo.wasm': fixture('firmware-samples/uart-echo/uart-echo.wasm'),
});

for (const [preempt, file] of [
  ['native', 'counts.wasm'],
  ['safepoints', 'counts.wasm'],
  ['calls', 'calls.wasm'],
] as const) {
  test.serial(`a program interrupts, reads and writes a guest that never waits, at ${preempt}`, async (t) => {
    const { talk, end } = controlled(['--preempt', preempt, file], cwd);
    t.is((await talk.until(() => true)).protocol, 1, 'the first line is the greeting');
    for (let n = 1; n <= 5; n++) {
      t.true((await talk.ask('pend', { line: 3 })).ok);
      // It has been taken once somebody can see that it was.
      for (;;) {
        const { value } = await talk.ask('read-memory', { address: 'count', type: 'u32' });
        if (value === n) break;
        t.true((value as number) < n);
      }
    }
    const status = await talk.ask('status');
    t.is(status.state, 'running');
    t.is(status.preempt, preempt);
    t.like((status.lines as Line[])[0], { line: 3, raised: 5, delivered: 5, pending: false });
    t.true((await talk.ask('write-memory', { address: 'flag', type: 'u32', value: 77 })).ok);
    t.deepEqual(await talk.until((line) => 'exit' in line), { exit: 5 });
    t.is((await end).code, 5);
  });

  test.serial(`a program hears what happens, and ends the run, at ${preempt}`, async (t) => {
    const { talk, end } = controlled(['--preempt', preempt, file], cwd);
    t.true((await talk.ask('subscribe', { events: ['enter', 'leave', 'signal', 'end'] })).ok);
    await talk.ask('pend', { line: 3 });
    t.like(await talk.event('enter'), { line: 'IRQ3', depth: 1 });
    t.like(await talk.event('leave'), { line: 'IRQ3' });
    await talk.ask('stop');
    t.like(await talk.event('end'), { outcome: 'finished', code: 0 });
    t.is((await end).code, 0);
    t.false(
      talk.lines.some((line) => (line.event as Line | undefined)?.kind === 'pend'),
      'not asked for',
    );
  });
}

test.serial('signals, pins and serial ports; what the guest writes goes to standard error', async (t) => {
  const { talk, end } = controlled(['echo.wasm'], cwd);
  await talk.ask('subscribe', { events: ['uart-tx', 'pin'] });
  while ((await talk.ask('read-pin', { pin: 4 })).value !== 1);
  await talk.ask('set-pin', { pin: 7, value: 1 });
  t.is((await talk.ask('read-pin', { pin: 7 })).value, 1);
  await talk.ask('write-uart', { hex: '6869' });
  t.like(await talk.event('uart-tx'), { port: 0, text: 'hi' });
  t.true((await talk.ask('signal', { signal: 'SIGWINCH' })).ok);
  await talk.ask('write-uart', { text: 'x' });
  const { code, stderr } = await end;
  t.is(code, 0);
  t.regex(stderr, /hi/);
});

test.serial('a machine that sleeps says so, answers, and can be reset', async (t) => {
  const { talk, end } = controlled(['echo.wasm'], cwd);
  while ((await talk.ask('status')).state !== 'asleep');
  t.true((await talk.ask('reset')).ok);
  for (;;) {
    const { resets } = await talk.ask('status');
    if ((resets as Line).count === 1) break;
  }
  t.true((await talk.ask('kill')).ok);
  t.is((await end).code, 130);
});

test.serial('what is no request is refused with the reason, and nothing else happens', async (t) => {
  const { talk, end } = controlled(['--preempt', 'safepoints', 'counts.wasm'], cwd);
  for (const [line, message] of [
    ['pend 3', /not JSON/],
    ['[]', /a request is an object/],
    ['7', /a request is an object/],
    ['{"line":3}', /there is no command/],
    ['{"command":"pned"}', /no command pned/],
    ['{"command":"constructor"}', /no command constructor/],
    ['{"command":"pend"}', /there is no line/],
    ['{"command":"pend","line":240}', /no interrupt line 240/],
    ['{"command":"pend","line":"LED"}', /no interrupt line is called LED/],
    ['{"command":"pend","line":3,"at":"1ms"}', /has no field at/],
    ['{"command":"signal","signal":"SIGNO"}', /no signal SIGNO/],
    ['{"command":"set-pin","pin":4,"value":2}', /value is 2/],
    ['{"command":"write-uart"}', /either 'text' or 'hex'/],
    ['{"command":"write-uart","hex":"0"}', /pairs of hexadecimal/],
    ['{"command":"write-uart","port":99,"text":"a"}', /no serial port 99/],
    ['{"command":"write-stdin","text":"a"}', /does not read standard input/],
    ['{"command":"read-memory","address":"nobody","type":"u8"}', /no i32 global nobody/],
    ['{"command":"read-memory","address":65535,"type":"u32"}', /do not lie in the guest's memory/],
    ['{"command":"read-memory","address":0,"length":1e9}', /length is 1000000000/],
    ['{"command":"write-memory","address":65536,"hex":"00"}', /do not lie in the guest's memory/],
    ['{"command":"write-memory","address":0,"type":"u8","value":256}', /256 is no u8/],
    ['{"command":"subscribe","events":["entr"]}', /no events of kind entr/],
    ['{"id":{},"command":"status"}', /an id is a number, or text/],
  ] as const) {
    const before = talk.lines.length;
    talk.send(line);
    const answer = await talk.until((each) => talk.lines.indexOf(each) >= before && 'ok' in each);
    t.false(answer.ok, line);
    t.regex((answer.error as Line).message as string, message, line);
    t.is(typeof (answer.error as Line).advice, 'string', line);
  }
  talk.send('x'.repeat(1_100_000));
  t.like(await talk.until((line) => (line.error as Line | undefined)?.code === 'limit'), { ok: false });
  t.true((await talk.ask('ping')).ok, 'the line behind it is read again');
  const { commands } = (await talk.ask('help')) as { commands: Line };
  t.is(commands.pend, 'line');
  await talk.ask('stop');
  t.is((await end).code, 0);
});

test.serial('one who does not read is spared events, which are counted, and is answered all the same', async (t) => {
  const { child, talk, end } = controlled(['--irq', '3@every:10us', '--preempt', 'safepoints', 'counts.wasm'], cwd);
  await talk.ask('subscribe');
  child.stdout.pause();
  for (let n = 0; n < 1000; n++) talk.send('{"command":"status"}');
  await new Promise((resolve) => setTimeout(resolve, 500));
  child.stdout.resume();
  t.true(((await talk.until((line) => 'lost' in line)).lost as number) > 0);
  await talk.ask('stop');
  t.is((await end).code, 0);
  t.is(talk.lines.filter((line) => 'ok' in line).length, 1002, 'every request has an answer');
});

test.serial('the end of standard input ends no run', async (t) => {
  const { talk, end } = controlled(['--timeout', '300ms', 'counts.wasm'], cwd);
  await talk.ask('ping');
  talk.hangUp();
  t.is((await end).code, 124);
});

test.serial('a socket serves several programs, each by itself, and nobody but its owner', async (t) => {
  const path = join(cwd, 'own.sock');
  const child = spawnReal(['--control', `unix:${path}`, '--preempt', 'native', 'counts.wasm'], cwd);
  const end = endOf(child);
  const [one, other] = [await talkTo(path), await talkTo(path)];
  t.is(statSync(path).mode & 0o777, 0o600);
  await one.ask('subscribe', { events: ['enter'] });
  await other.ask('pend', { line: 3 });
  await one.event('enter');
  t.false(other.lines.some((line) => 'event' in line));
  const talks = [];
  for (let n = 0; n < 6; n++) talks.push(await talkTo(path));
  t.like((await talkTo(path)).lines[0], { ok: false }, 'there is no ninth');
  talks[0]!.hangUp();
  await talks[0]!.ended;
  await (await talkTo(path)).ask('stop');
  t.is((await end).code, 0);
  t.deepEqual(one.lines.at(-1), { exit: 0 });
  t.false(existsSync(path), 'it is gone with the run');
});

test.serial('a socket of a run that was killed is taken over; anything else is left alone', async (t) => {
  const path = join(cwd, 'stale.sock');
  const child = spawnReal(['--control', `unix:${path}`, 'counts.wasm'], cwd);
  await talkTo(path);
  const second = await wirq(['--clock', 'real', '--control', `unix:${path}`, 'counts.wasm'], { cwd });
  t.is(second.code, 2);
  t.regex(second.stderr, /somebody listens there already/);
  child.kill('SIGKILL');
  await endOf(child);
  t.true(lstatSync(path).isSocket(), 'it is still there');
  const third = await wirq(['--clock', 'real', '--control', `unix:${path}`, '--timeout', '1ms', 'counts.wasm'], {
    cwd,
  });
  t.is(third.code, 124, third.stderr);
});

for (const [what, prepare, message] of [
  ['a file', (path: string) => writeFileSync(path, 'mine'), /something else by that name/],
  ['no folder', () => {}, /there is no such folder/],
  ['a folder that others may write to', () => {}, /others may write to/],
  ['too long a path', () => {}, /has at most \d+ bytes/],
] as const) {
  test.serial(`${what} is refused as a place for a socket`, async (t) => {
    const open = join(cwd, 'open');
    mkdirSync(open, { recursive: true });
    chmodSync(open, 0o777);
    const path = {
      'a file': 'file.sock',
      'no folder': 'nowhere/a.sock',
      'a folder that others may write to': 'open/a.sock',
      'too long a path': 'x'.repeat(200),
    }[what];
    prepare(join(cwd, path));
    const { code, stderr } = await runMain(['--clock', 'real', '--control', `unix:${join(cwd, path)}`, 'counts.wasm'], {
      cwd,
    });
    t.is(code, 2);
    t.regex(stderr, message);
  });
}

test.serial('control is for real time, and has standard output to itself', async (t) => {
  t.regex((await runMain(['--control', 'stdio', 'counts.wasm'], { cwd })).stderr, /--control is for real time/);
  const both = await runMain(['--clock', 'real', '--control', 'stdio', '--json', 'counts.wasm'], { cwd });
  t.regex(both.stderr, /both want standard output/);
  const nowhere = await runMain(['--clock', 'real', '--control', 'tcp:80', 'counts.wasm'], { cwd });
  t.regex(nowhere.stderr, /there is no such place/);
});

test.serial('the example in docs/control.md does what it says', async (t) => {
  const text = readFileSync(join(root, 'docs/control.md'), 'utf8');
  const [, program] = /```js\n([\s\S]+?)```/.exec(text)!;
  writeFileSync(join(cwd, 'talk.mjs'), program!);
  const path = join(cwd, 'wirq.sock');
  const child = spawnReal(['--control', `unix:${path}`, 'uart-echo.wasm'], cwd);
  const end = endOf(child);
  await talkTo(path);
  const { stdout, stderr } = spawnSync(process.execPath, ['talk.mjs', path], { cwd, encoding: 'utf8' });
  t.regex(stdout, /^interrupted by IRQ5\n(.*\n)*exit 0\n$/, stderr);
  t.is((await end).code, 0);
});
