// `npm run soak`: a machine in real time under mixed interrupts, signals and input at 1 kHz, for ten minutes unless told
// otherwise. Everything that was sent must be accounted for at the end, and the process must not have grown. Exits 1 if not.
// Not a test: it takes as long as it says. On Linux, for it reads the process's memory from /proc.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { wat } from '../../tests/support/wat.ts';

const help = `Usage: npm run soak -- [options]

  --seconds N    how long (default 600)
  --rate N       events a second (default 1000)
  --preempt P    native, safepoints (default native)
  --help         this text
`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    rate: { type: 'string', default: '1000' },
    preempt: { type: 'string', default: 'native' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}

/** A real-time signal: those queue up, so that each is seen. */
const SIGNAL = 35;
const LINES = 4;
/** What a process may grow by from its second quarter to its last: what the collector leaves lying about. */
const GROWTH_BYTES = 8 << 20;

/** Computes for ever; its handlers count interrupts (0), signals (4), bytes (8). */
const firmware = wat(`(module
  (import "wirq/signal" "sigaction" (func $sigaction (param i32 i32 i32) (result i32)))
  (import "wirq/board" "uart_read" (func $read (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1) (table (export "__indirect_function_table") 2 funcref) (elem (i32.const 1) $signal)
  (global $__stack_pointer (mut i32) (i32.const 32768))
  (global (export "interrupts") i32 (i32.const 0)) (global (export "signals") i32 (i32.const 4))
  (global (export "bytes") i32 (i32.const 8)) (global (export "ready") i32 (i32.const 12))
  (func $add (param $at i32) (param $n i32)
    (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (local.get $n))))
  (func $signal (param i32) (call $add (i32.const 4) (i32.const 1)))
  (func $irq (call $add (i32.const 0) (i32.const 1)))
  ${Array.from({ length: LINES }, (_, n) => `(export "IRQ${n}_Handler" (func $irq))`).join(' ')}
  (func (export "IRQ5_Handler") (call $add (i32.const 8) (call $read (i32.const 0) (i32.const 1024) (i32.const 256))))
  (func (export "main") (local $x i32)
    (i32.store (i32.const 64) (i32.const 1))
    (drop (call $sigaction (i32.const ${SIGNAL}) (i32.const 64) (i32.const 0)))
    (i32.store (i32.const 12) (i32.const 1))
    (loop $l (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223)))
      (i32.store (i32.const 512) (local.get $x)) (br $l))))`);

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const folder = mkdtempSync(join(tmpdir(), 'wirq-soak-'));
const path = join(folder, 'control.sock');
writeFileSync(join(folder, 'soak.wasm'), firmware);

const wirq = ['--clock', 'real', '--preempt', values.preempt, '--control', `unix:${path}`, '--json', 'soak.wasm'];
const child = spawn(process.execPath, [join(root, 'bin/wirq.js'), ...wirq], {
  cwd: folder,
  stdio: ['pipe', 'pipe', 'inherit'],
});
let summary = '';
child.stdout.on('data', (chunk) => {
  summary += chunk;
});
const ended = new Promise((resolve) => child.on('close', resolve));

const socket = await listening();
const answers = new Map();
let refused = 0;
createInterface({ input: socket }).on('line', (line) => {
  const { id, ok, ...answer } = JSON.parse(line);
  if (ok === false) refused++;
  answers.get(id)?.(answer);
  answers.delete(id);
});

while ((await ask('read-memory', { address: 'ready', type: 'u32' })).value !== 1);
refused = 0; // before the guest has begun, it has no memory
const sent = { interrupts: 0, signals: 0, bytes: 0 };
const memory = [];
await traffic(Number(values.seconds), Number(values.rate));
const seen = await settled();
socket.write('{"command":"stop"}\n');
const code = await ended;
rmSync(folder, { recursive: true });
process.exitCode = judge(JSON.parse(summary)) && code === 0 ? 0 : 1;

/** Waits until somebody listens at the socket. */
async function listening() {
  for (;;) {
    const attempt = connect(path);
    const connected = await new Promise((resolve) => {
      attempt.on('connect', () => resolve(true)).on('error', () => resolve(false));
    });
    if (connected) return attempt.on('error', () => {});
    await pause(20);
  }
}

/** Every other event is an interrupt; the rest signals, input by the serial port, and input by standard input. */
async function traffic(seconds, rate) {
  const begun = performance.now();
  let count = 0;
  let sampled = 0;
  while (performance.now() - begun < seconds * 1000) {
    const due = Math.floor(((performance.now() - begun) / 1000) * rate);
    for (; count < due; count++) event(count);
    if (performance.now() - sampled > 1000) {
      sampled = performance.now();
      memory.push(residentBytes());
      if (process.stderr.isTTY) process.stderr.write(`\r${count} events, ${(memory.at(-1) / 2 ** 20).toFixed(0)} MiB `);
    }
    await pause(1);
  }
  if (process.stderr.isTTY) process.stderr.write('\n');
}

function event(count) {
  const kind = count % 8;
  if (kind % 2 === 0) {
    sent.interrupts++;
    socket.write(`{"command":"pend","line":${(count / 2) % LINES}}\n`);
  } else if (kind === 1 || kind === 5) {
    sent.signals++;
    socket.write(`{"command":"signal","signal":${SIGNAL}}\n`);
  } else {
    sent.bytes++;
    if (kind === 3) socket.write('{"command":"write-uart","text":"s"}\n');
    else child.stdin.write('i');
  }
}

function residentBytes() {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) * 1024;
}

/** What the guest has counted, once that does not change any more. */
async function settled() {
  let last = '';
  for (;;) {
    const counts = {};
    for (const name of Object.keys(sent))
      counts[name] = (await ask('read-memory', { address: name, type: 'u32' })).value;
    if (JSON.stringify(counts) === last) return counts;
    last = JSON.stringify(counts);
    await pause(500);
  }
}

function ask(command, fields) {
  const id = `ask-${answers.size}-${performance.now()}`;
  socket.write(`${JSON.stringify({ id, command, ...fields })}\n`);
  return new Promise((resolve) => answers.set(id, resolve));
}

function judge({ lines, devices }) {
  const pended = lines.filter(({ line }) => line < LINES);
  const sum = (of) => pended.reduce((total, line) => total + line[of], 0);
  const uart = devices['uart 0'] ?? {};
  const quarter = Math.floor(memory.length / 4);
  const [early, late] = [median(memory.slice(quarter, 2 * quarter + 1)), median(memory.slice(-quarter - 1))];
  const checks = [
    ['requests refused', refused, 0],
    ['interrupts raised', sum('raised'), sent.interrupts],
    ['delivered and coalesced', sum('delivered') + sum('coalesced'), sent.interrupts],
    ['handlers that ran', seen.interrupts, sum('delivered')],
    ['signals handled', seen.signals, sent.signals],
    ['bytes that arrived', uart.arrived, sent.bytes],
    ['bytes read and overrun', seen.bytes + (uart.overruns ?? 0), sent.bytes],
  ];
  for (const [what, found, wanted] of checks)
    say(`${found === wanted ? 'ok  ' : 'FAIL'} ${what}: ${found} of ${wanted}`);
  const flat = late - early <= GROWTH_BYTES;
  const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  say(`${flat ? 'ok  ' : 'FAIL'} resident memory: ${mib(early)} in the second quarter, ${mib(late)} in the last`);
  say(`     coalesced: ${sum('coalesced')}; serial overruns: ${uart.overruns ?? 0}`);
  return flat && checks.every(([, found, wanted]) => found === wanted);
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
}

function say(line) {
  process.stdout.write(`${line}\n`);
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
