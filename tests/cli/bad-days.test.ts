/**
 * Bad days in real time, each with the outcome that docs/real-time.md states. Nothing here depends on how long anything
 * takes: whether it happens at all is what counts.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { cleanUp, folderWith, wirq } from '../support/cli.ts';
import { root } from '../support/root.ts';
import { wat } from '../support/wat.ts';
import { controlled } from './controlled.ts';

test.after.always(cleanUp);

const STACK = '(global $__stack_pointer (mut i32) (i32.const 4096))';

/** Spins, or with a call each time, until line 4 has come; line 3 is counted. */
const ticks = (call = '') => `(module ${call === '' ? '' : '(import "wirq/board" "now" (func $now (result i64)))'}
  (memory (export "memory") 1) ${STACK} (global (export "ticks") i32 (i32.const 0))
  (func (export "IRQ3_Handler") (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))))
  (func (export "IRQ4_Handler") (i32.store (i32.const 4) (i32.const 1)))
  (func (export "main") (loop $l ${call} (br_if $l (i32.eqz (i32.load (i32.const 4)))))))`;

const cwd = folderWith({
  'ticks.wasm': wat(ticks()),
  'calls.wasm': wat(ticks('(drop (call $now))')),
  'trap.wasm': wat(ticks().replace('(i32.store (i32.const 4) (i32.const 1))', 'unreachable')),
  // A device that ends its thread when the guest is 10 ms old.
  'killer.mjs': `export default class Killer {
    constructor(board) { board.alarm(() => process.exit(7)).after(10_000_000); }
  }`,
  'no-inspector.mjs': `Object.defineProperty(process.features, 'inspector', { value: false });`,
  'no-shared-memory.mjs': `delete globalThis.SharedArrayBuffer;`,
});

const real = (...args: string[]) => wirq(['--clock', 'real', '--wall-timeout', '80s', ...args], { cwd });

for (const preempt of ['native', 'safepoints'] as const) {
  test.serial(`the machine's thread dies, at ${preempt}: said, and exit code 3`, async (t) => {
    const { code, stderr } = await real('--preempt', preempt, '--device', './killer.mjs', 'ticks.wasm');
    t.is(code, 3, stderr);
    t.regex(stderr, /the machine's thread ended by itself, with code 7/);
  });
}

for (const [preempt, file] of [
  ['native', 'trap.wasm'],
  ['safepoints', 'trap.wasm'],
] as const) {
  test.serial(`a handler traps, at ${preempt}: exit code 134, with the place, and a summary`, async (t) => {
    const { code, stdout, stderr } = await real('--preempt', preempt, '--json', '--irq', '4@5ms', file);
    t.is(code, 134, stderr);
    const { outcome } = JSON.parse(stdout) as { outcome: { kind: string; backtrace: { function: string }[] } };
    t.is(outcome.kind, 'trap');
    t.regex(outcome.backtrace[0]!.function, /IRQ4_Handler/);
  });
}

/** Runs with something taken away from Node beforehand. */
function without(what: string, ...args: string[]) {
  const env = { NODE_OPTIONS: `--import=${join(cwd, what)}` };
  return wirq(['--clock', 'real', ...args, '--irq', '4@1ms', 'ticks.wasm'], { cwd, env });
}

test.serial('there is no inspector: native interrupts are refused, with what works', async (t) => {
  const { code, stderr } = await without('no-inspector.mjs', '--preempt', 'native');
  t.is(code, 2);
  t.regex(stderr, /native interrupts need Node's inspector/);
  t.regex(stderr, /--preempt safepoints/);
  t.is((await without('no-inspector.mjs', '--preempt', 'safepoints')).code, 0);
});

test.serial('shared memory is refused: so is real time, with what works', async (t) => {
  const { code, stderr } = await without('no-shared-memory.mjs');
  t.is(code, 2, stderr);
  t.regex(stderr, /SharedArrayBuffer/);
  t.regex(stderr, /virtual time/);
});

const linux = process.platform === 'linux' ? test.serial : test.serial.skip;

for (const [preempt, file] of [
  ['native', 'ticks.wasm'],
  ['safepoints', 'ticks.wasm'],
  ['calls', 'calls.wasm'],
] as const) {
  linux(`the host is suspended and goes on, at ${preempt}: nothing is lost, no handler is blamed`, async (t) => {
    const args = ['--preempt', preempt, '--irq', '3@every:1ms', '--handler-timeout', '300ms', file];
    const { child, talk, end } = controlled(args, cwd);
    const count = async () => (await talk.ask('read-memory', { address: 'ticks', type: 'u32' })).value as number;
    while ((await count()) < 5);
    const before = (await talk.ask('status')).time as number;
    child.kill('SIGSTOP');
    while (!readFileSync(`/proc/${child.pid}/stat`, 'utf8').includes(') T ')) await pause(5);
    await pause(1000);
    child.kill('SIGCONT');
    for (;;) {
      const { time, lines } = await talk.ask('status');
      const { raised, delivered, coalesced, pending } = (lines as Record<string, number>[])[0]!;
      t.is(raised, delivered! + coalesced! + (pending ? 1 : 0));
      // What was overdue happens at once when it goes on, each counted, and becomes one interrupt.
      if ((time as number) >= before + 1e9 && raised! >= 1000) break;
    }
    await talk.ask('pend', { line: 4 });
    t.is((await end).code, 0);
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

test.serial('the program that drives the machine dies: the machine goes on', async (t) => {
  const child = spawn(
    process.execPath,
    [join(root, 'bin/wirq.js'), '--clock', 'real', '--control', 'stdio', '--irq', '4@300ms', 'ticks.wasm'],
    {
      cwd,
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: 90_000,
    },
  );
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.stdin.destroy();
  child.stdout.destroy();
  t.is(await new Promise((resolve) => child.on('exit', resolve)), 0);
});
