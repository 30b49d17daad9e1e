/**
 * Recordings of runs in real time, made on the development Node, replay on every other as they were: this file runs on the oldest
 * Node and on the newest. A change of what the rewriter makes of a module needs them made anew:
 * `WIRQ_BLESS=1 npx ava tests/cli/recordings.test.ts` on the development Node.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { readRecording } from '../../src/trace/recording.ts';
import { cleanUp, folderWith, runMain } from '../support/cli.ts';
import { root } from '../support/root.ts';
import { wat } from '../support/wat.ts';

test.after.always(cleanUp);

const FOLDER = join(root, 'tests/cli/recordings');
const BLESS = process.env.WIRQ_BLESS === '1';

/** Two tasks that wait for promises, and a handler that counts ticks meanwhile. */
const TASKS = `(module
  (import "env" "roll" (func $roll (param i32) (result i32)))
  (import "wirq/task" "spawn" (func $spawn (param i32 i32 i32) (result i32)))
  (import "wirq/task" "join" (func $join (param i32) (result i32)))
  (import "wirq/board" "uart_write" (func $write (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1) (table (export "__indirect_function_table") 2 funcref) (elem (i32.const 1) $task)
  (global $__stack_pointer (mut i32) (i32.const 60000))
  (func (export "IRQ3_Handler") (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1))))
  (func $task (param i32)
    (i32.store8 (local.get 0) (i32.add (i32.const 97) (call $roll (i32.const 20))))
    (drop (call $write (i32.const 0) (local.get 0) (i32.const 1))))
  (func (export "_start") (local $a i32) (local $b i32)
    (local.set $a (call $spawn (i32.const 1) (i32.const 64) (i32.const 1)))
    (local.set $b (call $spawn (i32.const 1) (i32.const 65) (i32.const 1)))
    (drop (call $join (local.get $a)))
    (drop (call $join (local.get $b)))))`;

const HOST = `export default { env: { roll: { signature: 'i>i', async: {}, call: async (n) => {
  await new Promise((done) => setTimeout(done, 3));
  return Math.floor(Math.random() * n);
} } } };`;

interface Made {
  readonly args: readonly string[];
  readonly code: number;
  readonly says: RegExp;
  /** When it has said this, and what is done then, after some time. */
  readonly when: RegExp;
  readonly act: (child: ReturnType<typeof spawn>) => void;
}

const sample = (name: string) => join(root, 'firmware-samples', name, `${name}.wasm`);

const RECORDINGS: Readonly<Record<string, Made>> = {
  typed: {
    args: [sample('uart-echo')],
    code: 0,
    says: /^ready\nhello\nx7 bytes; interrupts: \d, lost: 0\n/,
    when: /ready/,
    act: (child) => {
      child.stdin!.write('hello\n');
      setTimeout(() => child.stdin!.write('x\x04'), 200);
    },
  },
  'interrupted-and-saved': {
    args: ['--dir', 'data::.', sample('sigint-cleanup')],
    code: 130,
    says: /^going on from 5\ninterrupted before \d+;.*\nsaved\n/,
    when: /going on/,
    act: (child) => child.kill('SIGINT'),
  },
  tasks: {
    args: ['--host', 'host.mjs', '--irq', '3@every:1ms', 'tasks.wasm'],
    code: 0,
    says: /^[a-t]{2}\n/,
    when: /^$/,
    act: () => {},
  },
};

async function make(name: string, { args, when, act }: Made): Promise<void> {
  const cwd = folderWith({ 'tasks.wasm': wat(TASKS), 'host.mjs': HOST, 'data/collatz.txt': '5 1 1\n' });
  mkdirSync(FOLDER, { recursive: true });
  const command = ['--clock', 'real', '--digest', '--record', join(FOLDER, `${name}.wirq`), ...args];
  await new Promise<void>((resolve) => {
    const child = spawn(process.execPath, [join(root, 'bin/wirq.js'), ...command], { cwd });
    let said = '';
    let acted = false;
    child.stdout.on('data', (chunk) => {
      said += chunk;
      if (acted || !when.test(said)) return;
      acted = true;
      setTimeout(() => act(child), 300);
    });
    child.on('close', () => {
      writeFileSync(join(FOLDER, `${name}.txt`), said);
      resolve();
    });
  });
}

for (const [name, made] of Object.entries(RECORDINGS)) {
  test.serial(`${name}, as it was recorded`, async (t) => {
    if (BLESS) await make(name, made);
    const file = join(FOLDER, `${name}.wirq`);
    const { header, isComplete } = readRecording(readFileSync(file));
    t.true(isComplete);
    t.regex(header.engine, /^Node 26/);
    const { code, stdout, stderr } = await runMain(['replay', '--digest', file], { cwd: root });
    if (/prepares the module otherwise/.test(stderr)) t.log('make the recordings anew: see the head of this file');
    t.is(code, made.code, stderr);
    t.is(stdout, readFileSync(join(FOLDER, `${name}.txt`), 'utf8'), 'output and digest');
    t.regex(stdout, made.says);
  });
}
