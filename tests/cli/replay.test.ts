/**
 * Recording and replay as a user meets them: real signals and input, files, kills and full disks. What is recorded in real time
 * is different every time; what is replayed of it is not.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { bytesOf, contentOf, findChunks, RecordingEncoder } from '../../src/trace/recording-file.ts';
import { ByteReader } from '../../src/trace/values.ts';
import { cleanUp, folderWith, type Ran, runMain, wirq } from '../support/cli.ts';
import { root } from '../support/root.ts';
import { wat } from '../support/wat.ts';

test.after.always(cleanUp);

const SAMPLES = join(root, 'firmware-samples');
const sample = (name: string) => join(SAMPLES, name, `${name}.wasm`);

const cwd = folderWith({
  'for-ever.wasm': wat(`(module (func (export "main") (loop $l (br $l))))`),
  'trap.wasm': wat(`(module (memory 1) (func (export "IRQ3_Handler") unreachable)
    (func (export "main") (loop $l (br $l))))`),
  // Says dots for ever.
  'dots.wasm': wat(`(module
    (import "wirq/board" "uart_write" (func $write (param i32 i32 i32) (result i32)))
    (memory (export "memory") 1) (data (i32.const 64) "........................................................\\n")
    (func (export "main") (local $i i32)
      (loop $l
        (local.set $i (i32.const 200000))
        (loop $w (br_if $w (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
        (drop (call $write (i32.const 0) (i32.const 64) (i32.const 57)))
        (br $l))))`),
  'rolls.wasm': wat(`(module
    (import "env" "roll" (func $roll (param i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "main") (result i32) (i32.add (call $roll (i32.const 1)) (call $roll (i32.const 2)))))`),
  'host.mjs': `export default { env: { roll: {
    signature: 'i>i', async: {},
    call: async (n) => { await new Promise((done) => setTimeout(done, 3 - n)); return n * Math.floor(Math.random() * 20); },
  } } };`,
  'data/collatz.txt': '5 1 1\n',
});

const DIGEST = /^digest: sha256:([0-9a-f]{64})$/m;
const digestOf = ({ stdout, stderr }: Ran) => DIGEST.exec(stdout)?.[1] ?? `none: ${stderr}`;

/** What was recorded replays, here and again, to the same output and digest. */
async function replays(t: ExecutionContext, recorded: Ran, file: string): Promise<Ran> {
  const replayed = await runMain(['replay', '--digest', file], { cwd });
  t.is(replayed.code, recorded.code, replayed.stderr);
  t.is(replayed.stdout, recorded.stdout);
  t.regex(digestOf(replayed), /^[0-9a-f]{64}$/);
  t.is((await runMain(['replay', '--digest', file], { cwd })).stdout, replayed.stdout);
  return replayed;
}

/** Starts a run, and acts when it has said so much. */
function start(args: readonly string[], when: RegExp, act: (child: ChildProcess, times: number) => void): Promise<Ran> {
  const child = spawn(process.execPath, [join(root, 'bin/wirq.js'), ...args], {
    cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: 100_000,
    killSignal: 'SIGKILL',
  });
  let [stdout, stderr] = ['', ''];
  let times = 0;
  const look = () => when.test(stdout + stderr) && act(child, times++);
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    look();
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
    look();
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code: code ?? undefined, stdout, stderr })));
}

test('a sample under its scenario, in virtual time and in real time', async (t) => {
  const run = ['--digest', '--scenario', join(SAMPLES, 'blinky/button.yaml'), sample('blinky')];
  await replays(t, await runMain(['--record', 'virtual.wirq', ...run], { cwd }), 'virtual.wirq');
  // Whether it is in time for what is expected of it depends on this machine; its replay does not.
  const real = await wirq(['--clock', 'real', '--record', 'real.wirq', ...run], { cwd });
  const replayed = await replays(t, real, 'real.wirq');
  t.is(replayed.stderr, real.stderr);
  t.is((await runMain(['replay', '--json', 'real.wirq'], { cwd })).code, real.code);
});

for (const [name, scenario] of [
  ['uart-echo', 'echo.yaml'],
  ['mailbox', 'poll.yaml'],
  ['rt-queue', 'orders.yaml'],
  ['nested-priorities', 'forgotten-mask.yaml'],
  ['watchdog', 'forgotten-mask.yaml'],
  ['adc-sampler', 'right.yaml'],
  ['itimer-profiler', 'profile.yaml'],
] as const) {
  test(`recorded while nobody looked, the replay of ${name} is the run`, async (t) => {
    const run = ['--scenario', join(SAMPLES, name, scenario), sample(name)];
    const plain = await runMain(['--digest', ...run], { cwd });
    const recorded = await runMain(['--record', `${name}.wirq`, ...run], { cwd });
    t.is(recorded.stderr, plain.stderr);
    const replayed = await runMain(['replay', '--digest', '--trace', `${name}.jsonl`, `${name}.wirq`], { cwd });
    t.is(replayed.stdout, plain.stdout);
    t.is(replayed.stderr, plain.stderr, 'the verdict of the scenario, too');
    t.is(replayed.code, plain.code);
  });
}

test('what is typed, in real time', async (t) => {
  const args = ['--clock', 'real', '--wall-timeout', '60s', '--digest', '--record', 'typed.wirq', sample('uart-echo')];
  const typed = ['he', 'llo\n', '\x04'];
  const recorded = await start(args, /ready/, (child, times) => {
    if (times === 0) for (const [at, text] of typed.entries()) setTimeout(() => child.stdin!.write(text), 30 * at);
  });
  t.is(recorded.code, 0, recorded.stderr);
  await replays(t, recorded, 'typed.wirq');
});

test('a Ctrl-C, and the file that is saved then', async (t) => {
  const run = ['--dir', 'data::.', sample('sigint-cleanup')];
  const args = ['--clock', 'real', '--wall-timeout', '60s', '--digest', '--record', 'signal.wirq', ...run];
  const recorded = await start(args, /going on from 5/, (child, times) => {
    if (times === 0) setTimeout(() => child.kill('SIGINT'), 100);
  });
  t.is(recorded.code, 130, recorded.stderr);
  rmSync(join(cwd, 'data'), { recursive: true });
  const replayed = await replays(t, recorded, 'signal.wirq');
  t.regex(replayed.stdout, /interrupted before/);
  t.false(existsSync(join(cwd, 'data')), 'a replay writes nothing');
});

test('host functions, which a replay does not call', async (t) => {
  const recorded = await wirq(['--host', 'host.mjs', '--digest', '--record', 'host.wirq', 'rolls.wasm'], { cwd });
  await replays(t, recorded, 'host.wirq');
});

test('a guest that crashes leaves a whole recording of it', async (t) => {
  const run = ['--irq', '3@5ms', 'trap.wasm'];
  const recorded = await wirq(['--clock', 'real', '--record', 'trap.wirq', '--digest', ...run], { cwd });
  t.is(recorded.code, 134);
  const { stderr } = await replays(t, recorded, 'trap.wirq');
  t.regex(stderr, /unreachable/);
  t.regex(stderr, /IRQ3_Handler/);
});

for (const clock of ['virtual', 'real']) {
  test(`a recorder that is killed leaves what was recorded until then: ${clock} time`, async (t) => {
    const file = `killed-${clock}.wirq`;
    const args = ['--clock', clock, '--record', file, 'dots.wasm'];
    const killed = await start(args, /\.{50}/, (child, times) => {
      if (times === 0) setTimeout(() => child.kill('SIGKILL'), 600);
    });
    t.is(killed.code, undefined);
    const replayed = await runMain(['replay', file], { cwd });
    t.is(replayed.code, 0, replayed.stderr);
    t.regex(replayed.stderr, /stopped: the recording ends here, though the run went on/);
    t.true(replayed.stdout.length > 57, 'some of it was recorded');
    const common = Math.min(killed.stdout.length, replayed.stdout.length);
    t.is(replayed.stdout.slice(0, common), killed.stdout.slice(0, common));
    t.is((await runMain(['replay', file], { cwd })).stdout, replayed.stdout);
  });
}

if (process.platform === 'linux') {
  test('a full disk: the run goes on, and says so', async (t) => {
    const { code, stderr } = await wirq(['--record', '/dev/full', '--max-instructions', '100000', 'for-ever.wasm'], {
      cwd,
    });
    t.is(code, 124);
    t.regex(stderr, /cannot write \/dev\/full: the disk is full\n.*the run goes on/);
  });

  test('a disk that becomes full leaves what was recorded until then', async (t) => {
    // As for a full disk, the system takes some of a write and refuses the rest: here because of a limit on files.
    const command = `trap '' XFSZ; ulimit -f 8; exec "$0" "$@" >/dev/null`;
    const args = ['--clock', 'real', '--timeout', '4s', '--record', 'full.wirq', '--irq', '3@every:20us', 'storm.wasm'];
    writeFileSync(join(cwd, 'storm.wasm'), wat(STORM));
    const ran = await new Promise<string>((resolve) => {
      const child = spawn('sh', ['-c', command, process.execPath, join(root, 'bin/wirq.js'), ...args], { cwd });
      let stderr = '';
      child.stderr.on('data', (chunk) => {
        stderr += chunk;
      });
      child.on('close', () => resolve(stderr));
    });
    t.regex(ran, /cannot write full.wirq: .*\n.*the run goes on; full.wirq can be replayed as far as it was recorded/);
    t.true(statSync(join(cwd, 'full.wirq')).size <= 8 * 1024);
    const { code, stderr, stdout } = await runMain(['replay', '--json', 'full.wirq'], { cwd });
    t.is(code, 0, stderr);
    const { outcome, lines } = JSON.parse(stdout);
    t.is(outcome.kind, 'stopped');
    t.true(lines[0].delivered > 10);
  });
}

/** Counts interrupts for ever. */
const STORM = `(module (memory (export "memory") 1)
  (func (export "IRQ3_Handler") (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))))
  (func (export "main") (loop $l (br $l))))`;

test('a view of a part of it', async (t) => {
  await runMain(['--record', 'part.wirq', '--scenario', join(SAMPLES, 'blinky/button.yaml'), sample('blinky')], {
    cwd,
  });
  const { stderr, code } = await runMain(['replay', '-v', '--until', '70ms', 'part.wirq'], { cwd });
  t.is(code, 0);
  t.regex(stderr, /uart-tx {2}port 0 "blinking every 100 ms/);
  t.notRegex(stderr, /press 1/);
  t.regex(stderr, /stopped: the replay was to go until 70ms/);
  const count = await runMain(['replay', '--until', 'insn:14000', '--json', 'part.wirq'], { cwd });
  t.is(JSON.parse(count.stdout).outcome.kind, 'stopped');
  await runMain(['replay', '--trace', 'part.jsonl', '--stats', 'part.wirq'], { cwd });
  const lines = readFileSync(join(cwd, 'part.jsonl'), 'utf8').trim().split('\n');
  t.is(JSON.parse(lines.at(-1)!).kind, 'end');
});

test('what another program does to the machine', async (t) => {
  const args = ['--clock', 'real', '--control', 'stdio', '--wall-timeout', '60s', '--record', 'control.wirq'];
  const requests = [
    { command: 'status' },
    { command: 'read-memory', address: 0, length: 4 },
    { command: 'write-memory', address: 8, hex: '01020304' },
    { command: 'set-pin', pin: 3, value: 1 },
    { command: 'write-uart', text: 'hello\n' },
    { command: 'pend', line: 5 },
    { command: 'write-uart', hex: '04' },
  ];
  const input = requests.map((request) => `${JSON.stringify(request)}\n`).join('');
  const { code, stderr } = await wirq([...args, sample('uart-echo')], { cwd, input });
  t.is(code, 0, stderr);
  const replayed = await runMain(['replay', '-v', 'control.wirq'], { cwd });
  t.is(replayed.code, 0, replayed.stderr);
  t.regex(replayed.stdout, /^ready\nhello\n\d bytes/);
  t.regex(replayed.stderr, /pin 3 = 1 by the board/);
});

test("a device of one's own has to be there again", async (t) => {
  writeFileSync(join(cwd, 'beeper.mjs'), BEEPER);
  writeFileSync(join(cwd, 'beeps.wasm'), wat(BEEPS));
  const device = ['--device', 'beeper=beeper.mjs,line=7'];
  const recorded = await runMain([...device, '--digest', '--record', 'device.wirq', 'beeps.wasm'], { cwd });
  t.is(recorded.code, 5, recorded.stderr);
  const without = await runMain(['replay', 'device.wirq'], { cwd });
  t.is(without.code, 2);
  t.regex(without.stderr, /made with a device beeper, which is not part of it\n.*--device beeper=FILE/);
  const { stdout, code } = await runMain(['replay', '--digest', '--device', 'beeper=beeper.mjs', 'device.wirq'], {
    cwd,
  });
  t.is(code, 5);
  t.is(stdout, recorded.stdout);
});

/** Beeps at times of its own. */
const BEEPER = `export default class {
  constructor(board, { line }) {
    const random = board.random('beeps');
    const alarm = board.alarm(() => { board.pend(board.line(line), 'beeper'); alarm.after(1000 + random() % 5000); });
    alarm.after(1000);
  }
}`;

/** Ends at the fifth beep. */
const BEEPS = `(module (import "wirq/irq" "wfi" (func $wfi))
  (memory (export "memory") 1)
  (func (export "IRQ7_Handler") (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))))
  (func (export "main") (result i32)
    (loop $l (call $wfi) (br_if $l (i32.lt_u (i32.load (i32.const 0)) (i32.const 5))))
    (i32.load (i32.const 0))))`;

test('words of a recording do not command the terminal', async (t) => {
  await runMain(['--max-instructions', '1000', '--record', 'words.wirq', 'for-ever.wasm'], { cwd });
  const { chunks } = findChunks(readFileSync(join(cwd, 'words.wirq')));
  const header = new ByteReader(contentOf(chunks[0]!)).value() as Record<string, unknown>;
  const encoder = new RecordingEncoder();
  const written = chunks.map((chunk) => {
    const content = chunk.kind === 'header' ? bytesOf({ ...header, devices: ['\x1b[2J'] }) : contentOf(chunk);
    return encoder.chunk(chunk.kind, content);
  });
  writeFileSync(join(cwd, 'words.wirq'), Buffer.concat(written));
  const { code, stderr } = await runMain(['replay', 'words.wirq'], { cwd });
  t.is(code, 2);
  t.regex(stderr, /a device \\u001b\[2J/);
  t.false(stderr.includes('\x1b'));
});

test('what cannot be recorded, and what cannot be replayed, is refused with what works', async (t) => {
  for (const preempt of ['native', 'calls']) {
    const args = ['--clock', 'real', '--preempt', preempt, '--record', 'no.wirq', 'for-ever.wasm'];
    const { code, stderr } = await runMain(args, { cwd });
    t.is(code, 2);
    t.regex(stderr, /code that is not rewritten counts no work.*\n {2}use --preempt safepoints/);
    t.false(existsSync(join(cwd, 'no.wirq')));
  }
  await runMain(['--max-instructions', '1000', '--record', 'whole.wirq', 'for-ever.wasm'], { cwd });
  const refusal = async (...args: string[]) => {
    const { code, stderr } = await runMain(['replay', ...args], { cwd });
    t.is(code, 2, stderr);
    return stderr;
  };
  t.regex(await refusal('whole.wirq', 'trap.wasm'), /whole.wirq: it is of another module\n.*SHA-256/);
  t.regex(await refusal('trap.wasm'), /trap.wasm: this is no recording of wirq/);
  t.regex(await refusal('none.wirq'), /cannot read none.wirq: there is no such file/);
  t.regex(await refusal('--until', '12', 'whole.wirq'), /--until 12: this is no moment/);
  t.regex(await refusal(), /no recording is given/);
  t.regex(await refusal('--device', 'x=host.mjs', 'whole.wirq'), /device|class/);
  t.is((await runMain(['replay', 'whole.wirq', 'for-ever.wasm'], { cwd })).code, 124);
  truncateSync(join(cwd, 'whole.wirq'), statSync(join(cwd, 'whole.wirq')).size - 3);
  t.regex(await refusal('whole.wirq'), /whole.wirq: offset 0x[0-9a-f]+: it is cut off in the middle of chunk \d/);
  t.is((await runMain(['replay', '--partial', 'whole.wirq'], { cwd })).code, 124);
});
