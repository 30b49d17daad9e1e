/** Real time, as a user meets it. Nothing here depends on how long anything takes, only on what happens at all. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { newWat } from '../support/binaryen.ts';
import { cleanUp, folderWith, wirq } from '../support/cli.ts';
import { root } from '../support/root.ts';
import { wat } from '../support/wat.ts';

test.after.always(cleanUp);

const STACK = '(global $__stack_pointer (mut i32) (i32.const 4096))';

/** Spins until its handler has run five times. */
const SPINS = `(module (memory (export "memory") 1) ${STACK}
  (func (export "IRQ3_Handler") (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))))
  (func (export "main") (result i32)
    (loop $l (br_if $l (i32.lt_u (i32.load (i32.const 0)) (i32.const 5))))
    (i32.load (i32.const 0))))`;

/** Says "r" when it is ready for SIGINT, then spins until its handler has run; 40 says that it did. */
const signalled = (signal: number) => `(module
  (import "wirq/signal" "sigaction" (func $sigaction (param i32 i32 i32) (result i32)))
  (import "wirq/board" "uart_write" (func $write (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1) (table (export "__indirect_function_table") 2 funcref) ${STACK}
  (elem (i32.const 1) $handler)
  (data (i32.const 16) "r\\n")
  (func $handler (param i32) (i32.store (i32.const 0) (i32.const 40)))
  (func (export "main") (result i32)
    (i32.store (i32.const 64) (i32.const 1))
    (drop (call $sigaction (i32.const ${signal}) (i32.const 64) (i32.const 0)))
    (drop (call $write (i32.const 0) (i32.const 16) (i32.const 2)))
    (loop $l (br_if $l (i32.eqz (i32.load (i32.const 0)))))
    (i32.load (i32.const 0))))`;

/**
 * Fills its red zone with a pattern and reads it back, and sums up what it reads, while a handler writes all over a stack
 * of its own; ends when the handler has run 50 times. 0 says that no byte was touched.
 */
const RED_ZONE = `(module (memory (export "memory") 1) ${STACK}
  (func (export "IRQ3_Handler") (local $p i32) (local $end i32)
    (local.set $end (global.get $__stack_pointer))
    (local.set $p (i32.sub (local.get $end) (i32.const 512)))
    (global.set $__stack_pointer (local.get $p))
    (loop $l
      (i32.store (local.get $p) (i32.const -1))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (br_if $l (i32.lt_u (local.get $p) (local.get $end))))
    (global.set $__stack_pointer (local.get $end))
    (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))))
  (func (export "main") (result i32) (local $i i32) (local $p i32)
    (loop $again
      (local.set $i (i32.const 0))
      (loop $fill
        (local.set $i (i32.add (local.get $i) (i32.const 4)))
        (i32.store (i32.sub (global.get $__stack_pointer) (local.get $i)) (local.get $i))
        (br_if $fill (i32.lt_u (local.get $i) (i32.const 128))))
      (loop $check
        (if (i32.ne (i32.load (i32.sub (global.get $__stack_pointer) (local.get $i))) (local.get $i))
          (then (return (i32.const 1))))
        (local.set $i (i32.sub (local.get $i) (i32.const 4)))
        (br_if $check (local.get $i)))
      (br_if $again (i32.lt_u (i32.load (i32.const 0)) (i32.const 50))))
    (i32.const 0)))`;

const stuck = (handler: string) => `(module (import "wirq/irq" "wfi" (func $wfi))
  (import "wirq/irq" "enable" (func $enable (param i32)))
  (memory (export "memory") 1) ${STACK} (func (export "IRQ3_Handler") ${handler}) (func (export "IRQ4_Handler"))
  (func (export "main") (call $enable (i32.const 3)) (loop $l (call $enable (i32.const 4)) (br $l))))`;

const cwd = folderWith({
  'spins.wasm': wat(SPINS),
  'for-ever.wasm': wat(`(module (func (export "main") (loop $l (br $l))))`),
  'sigint.wasm': wat(signalled(2)),
  'sigusr1.wasm': wat(signalled(10)),
  'sigalrm.wasm': wat(signalled(14)),
  'red-zone.wasm': wat(RED_ZONE),
  'trap.wasm': wat(`(module (memory 1) (func (export "IRQ3_Handler") unreachable)
    (func (export "main") (loop $l (br $l))))`),
  // Its handler never returns; with "wfi" it waits again and again, until something else ends it.
  'stuck.wasm': wat(stuck('(loop $l (br $l))')),
  'waits.wasm': wat(stuck('(loop $l (call $wfi) (br $l))')),
  'stuck-signal.wasm': wat(signalled(10).replace('(i32.store (i32.const 0) (i32.const 40))', '(loop $l (br $l))')),
  // Spins until it has heard "go": its handler takes the bytes.
  'listens.wasm': wat(`(module
    (import "wirq/board" "uart_read" (func $read (param i32 i32 i32) (result i32)))
    (memory (export "memory") 1) ${STACK}
    (func (export "IRQ5_Handler")
      (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0))
        (call $read (i32.const 0) (i32.add (i32.const 16) (i32.load (i32.const 0))) (i32.const 8)))))
    (func (export "main") (result i32)
      (loop $l (br_if $l (i32.lt_u (i32.load (i32.const 0)) (i32.const 2))))
      (i32.load8_u (i32.const 16))))`),
  'waits-in-memory.wasm': newWat(`(module (memory 1 1 shared)
    (func (export "main") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))`),
});

test('the board ends a guest that waits in shared memory for a thread that never comes', async (t) => {
  const args = ['--clock', 'real', '--wall-timeout', '3s', 'waits-in-memory.wasm'];
  const { code, stderr } = await wirq(args, { cwd });
  t.is(code, 124, stderr);
  t.regex(stderr, /with --preempt safepoints\n {2}ended without a summary; it may wait in shared memory/);
});

const real = (...args: string[]) => wirq(['--clock', 'real', '--wall-timeout', '60s', ...args], { cwd });
const native = (...args: string[]) => real('--preempt', 'native', ...args);

for (const preempt of ['native', 'safepoints']) {
  test(`a loop without calls is interrupted at ${preempt}`, async (t) => {
    const { code, stderr } = await real('--preempt', preempt, '--irq', '3@every:1ms', 'spins.wasm');
    // Its result is the number of interrupts it saw: five, or more that came before it looked.
    t.true((code ?? 0) >= 5 && (code ?? 0) < 100, `${code} ${stderr}`);
  });

  test(`handlers leave the red zone alone at ${preempt}`, async (t) => {
    const { code, stderr } = await real('--preempt', preempt, '--irq', '3@every:1ms', 'red-zone.wasm');
    t.is(code, 0, stderr);
  });

  test(`an endless loop ends at the limits at ${preempt}`, async (t) => {
    const machine = await real('--preempt', preempt, '--timeout', '20ms', 'for-ever.wasm');
    t.is(machine.code, 124);
    t.regex(machine.stderr, /the machine time given by the timeout is over/);
    const wall = await wirq(['--clock', 'real', '--preempt', preempt, '--wall-timeout', '50ms', 'for-ever.wasm'], {
      cwd,
    });
    t.is(wall.code, 124);
    t.regex(wall.stderr, /still running after 50ms of wall time/);
  });
}

for (const preempt of ['native', 'safepoints', 'calls']) {
  test(`a handler that never returns is ended at ${preempt}`, async (t) => {
    const args = ['--preempt', preempt, '--irq', '3@1ms', '--handler-timeout', '200ms', 'stuck.wasm'];
    const { code, stderr } = await real(...args);
    t.is(code, 124, stderr);
    t.regex(stderr, /the handler of IRQ3 (has neither returned nor waited for 200ms|goes on beyond --handler-timeout)/);
  });
}

test("a limit that Node's timers do not reach is not over at once", async (t) => {
  const args = ['--clock', 'real', '--wall-timeout', '1000h', '--irq', '3@every:20ms', 'spins.wasm'];
  const { code, stderr } = await wirq(args, { cwd });
  t.true(code !== undefined && code >= 5 && code < 100, `${code} ${stderr}`);
  t.notRegex(stderr, /TimeoutOverflowWarning/);
});

test('a signal handler that never returns is ended, and named', async (t) => {
  const args = ['--handler-timeout', '200ms', '--signal', 'SIGUSR1@50ms', 'stuck-signal.wasm'];
  const { code, stderr } = await real(...args);
  t.is(code, 124, stderr);
  t.regex(stderr, /the handler of SIGUSR1 has neither returned nor waited for 200ms/);
});

test('a handler that waits may take as long as it likes', async (t) => {
  const args = [
    '--irq',
    '3@1ms',
    '--irq',
    '4@every:20ms',
    '--handler-timeout',
    '100ms',
    '--timeout',
    '1s',
    'waits.wasm',
  ];
  const { code, stderr } = await real(...args);
  t.is(code, 124, stderr);
  t.regex(stderr, /the machine time given by the timeout is over/);
});

test('a trap in a handler ends a native run, and says where', async (t) => {
  const { code, stderr } = await native('--irq', '3@5ms', 'trap.wasm');
  t.is(code, 134);
  t.regex(stderr, /unreachable/);
  t.regex(stderr, /IRQ3_Handler/);
});

test('the summary comes from a run that ended inside an interrupt, too', async (t) => {
  const { code, stdout } = await native('--json', '--timeout', '1s', '--irq', '3@1ms', 'spins.wasm');
  t.is(code, 124);
  const { outcome, lines } = JSON.parse(stdout);
  t.is(outcome.kind, 'timeout');
  t.is(lines[0].delivered, 1);
});

/** Starts wirq, and does something when it has said so much. */
function start(args: readonly string[], when: RegExp, act: (child: ChildProcess, times: number) => void) {
  const child = spawn(process.execPath, [join(root, 'bin/wirq.js'), '--clock', 'real', ...args], {
    cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: 100_000,
    killSignal: 'SIGKILL',
  });
  let said = '';
  let times = 0;
  const hear = (chunk: Buffer) => {
    said += chunk;
    if (when.test(said)) act(child, times++);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return new Promise<{ code: number | null; signal: string | null; said: string }>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, said }));
  });
}

for (const [signal, file] of [
  ['SIGINT', 'sigint.wasm'],
  ['SIGUSR1', 'sigusr1.wasm'],
  ['SIGALRM', 'sigalrm.wasm'],
] as const) {
  for (const preempt of ['native', 'safepoints']) {
    test(`${signal} reaches the guest's handler in a loop without calls, at ${preempt}`, async (t) => {
      const interrupt = (child: ChildProcess, times: number) => times === 0 && child.kill(signal);
      const { code, said } = await start(['--preempt', preempt, file], /r\n/, interrupt);
      t.is(code, 40, said);
    });
  }
}

test('a signal that the guest does not handle does what it does by default', async (t) => {
  const args = ['--preempt', 'native', '-v', 'for-ever.wasm'];
  const terminate = (child: ChildProcess, times: number) => times === 0 && child.kill('SIGTERM');
  const { code, said } = await start(args, /call {5}main/, terminate);
  t.is(code, 143, said);
});

const linux = process.platform === 'linux' ? test : test.skip;
linux('a guest that Ctrl-Z stops stops the process with it, and both go on', async (t) => {
  const state = (child: ChildProcess) => /\) (\S)/.exec(readFileSync(`/proc/${child.pid}/stat`, 'utf8'))?.[1];
  let seen: string | undefined;
  const suspend = async (child: ChildProcess, times: number) => {
    if (times > 0) return;
    child.kill('SIGTSTP');
    while (state(child) !== 'T') await new Promise((resolve) => setTimeout(resolve, 10));
    seen = state(child);
    child.kill('SIGCONT');
    child.kill('SIGUSR1');
  };
  const { code, said } = await start(['--preempt', 'native', 'sigusr1.wasm'], /r\n/, suspend);
  t.is(seen, 'T');
  t.is(code, 40, said);
});

test('a second Ctrl-C within a second ends everything', async (t) => {
  const args = ['--preempt', 'calls', '-v', 'for-ever.wasm'];
  // Twice and no more: a third could meet the process on its way out.
  const insist = (child: ChildProcess, times: number) => {
    if (times > 0) return;
    child.kill('SIGINT');
    setTimeout(() => child.kill('SIGINT'), 200);
  };
  const { code, said } = await start(args, /call {5}main/, insist);
  t.is(code, 130, said);
});

test('--no-forward-signals leaves them to the process', async (t) => {
  const args = ['--preempt', 'native', '--no-forward-signals', '-v', 'sigint.wasm'];
  const interrupt = (child: ChildProcess, times: number) => times === 0 && child.kill('SIGINT');
  const { signal, said } = await start(args, /r\n/, interrupt);
  t.is(signal, 'SIGINT', said);
});

for (const preempt of ['native', 'safepoints']) {
  test(`what is typed interrupts the guest, at ${preempt}`, async (t) => {
    const type = (child: ChildProcess, times: number) => times === 0 && child.stdin!.write('go');
    const { code, said } = await start(['--preempt', preempt, '-v', 'listens.wasm'], /call {5}main/, type);
    t.is(code, 'g'.charCodeAt(0), said);
  });
}
