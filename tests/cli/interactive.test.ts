/** `--interactive`: a raw terminal, and the same terminal as before on every way out. Needs Python for a terminal to test in. */
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { cleanUp, folderWith, runMain } from '../support/cli.ts';
import { root } from '../support/root.ts';
import { wat } from '../support/wat.ts';

test.after.always(cleanUp);

/** Says that it is ready, and spins; its handler takes bytes. Ends with the first byte when so many have come. */
const listens = (bytes: number) => `(module
  (import "wirq/board" "uart_read" (func $read (param i32 i32 i32) (result i32)))
  (import "wirq/board" "uart_write" (func $write (param i32 i32 i32) (result i32)))
  (import "wirq/signal" "sigaction" (func $sigaction (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1) (table (export "__indirect_function_table") 2 funcref) (elem (i32.const 1) $interrupted)
  (global $__stack_pointer (mut i32) (i32.const 4096))
  (data (i32.const 256) "ready\\n")
  (func $interrupted (param i32) (i32.store (i32.const 8) (i32.const 1)))
  (func (export "IRQ5_Handler")
    (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0))
      (call $read (i32.const 0) (i32.add (i32.const 16) (i32.load (i32.const 0))) (i32.const 8)))))
  (func (export "main") (result i32)
    (i32.store (i32.const 64) (i32.const 1))
    (drop (call $sigaction (i32.const 2) (i32.const 64) (i32.const 0)))
    (drop (call $write (i32.const 0) (i32.const 256) (i32.const 6)))
    (loop $l
      (if (i32.load (i32.const 8)) (then (return (i32.const 99))))
      (br_if $l (i32.lt_u (i32.load (i32.const 0)) (i32.const ${bytes}))))
    (i32.load8_u (i32.const 16))))`;

const cwd = folderWith({
  'one.wasm': wat(listens(1)),
  'many.wasm': wat(listens(100)),
  'traps.wasm': wat(listens(1).replace('(i32.load8_u (i32.const 16))))', '(unreachable)))')),
});

interface Seen {
  readonly code: number | null;
  readonly said: string;
  readonly before: object;
  readonly meanwhile: object | null;
  readonly after: object;
}

const hasTerminals = spawnSync('python3', ['-c', 'import pty, termios']).status === 0;
const terminal = hasTerminals ? test.serial : test.serial.skip;

async function atTerminal(typed: string, ...args: string[]): Promise<Seen> {
  const command = [process.execPath, join(root, 'bin/wirq.js'), '--clock', 'real', '--interactive', ...args];
  const { stdout } = await promisify(execFile)('python3', [join(root, 'tests/cli/terminal.py'), typed, ...command], {
    cwd,
  });
  return JSON.parse(stdout) as Seen;
}

for (const [what, typed, args, code] of [
  ['a key is a byte at once', 'g', ['one.wasm'], 'g'.charCodeAt(0)],
  ['Ctrl-C is a byte as any', '\\x03', ['one.wasm'], 3],
  ['Ctrl-C is a signal where that is asked for', '\\x03', ['--ctrl-c', 'signal', 'many.wasm'], 99],
  ['a second Ctrl-C within a second ends everything', '\\x03\\x03', ['many.wasm'], 130],
  ['the guest traps', 'g', ['traps.wasm'], 128 + 4],
  ['a signal that the guest does not handle ends it', '!SIGTERM', ['many.wasm'], 143],
  ['a signal that does not go to the guest ends wirq', '!SIGHUP', ['--no-forward-signals', 'many.wasm'], -1],
  ['one for which Node itself restores the terminal', '!SIGTERM', ['--no-forward-signals', 'many.wasm'], -15],
] as const) {
  terminal(`${what}; the terminal is raw meanwhile, and then as it was`, async (t) => {
    const seen = await atTerminal(typed, ...args);
    t.is(seen.code, code, seen.said);
    t.deepEqual(seen.meanwhile, { ICANON: false, ECHO: false, ISIG: false });
    t.deepEqual(seen.after, seen.before);
  });
}

test('what makes no sense is refused', async (t) => {
  const refused = async (...args: string[]) => (await runMain(args, { cwd })).stderr;
  t.regex(await refused('--interactive', 'one.wasm'), /--interactive is for real time/);
  t.regex(await refused('--clock', 'real', '--ctrl-c', 'byte', 'one.wasm'), /--ctrl-c is for --interactive/);
  t.regex(await refused('--clock', 'real', '--interactive', 'one.wasm'), /needs a terminal/);
  const both = ['--clock', 'real', '--interactive', '--control', 'stdio', 'one.wasm'];
  t.regex(await refused(...both), /both want standard input/);
});
