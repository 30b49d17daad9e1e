/** Nothing runs past its limits, and a guest can neither catch a stop nor hang the machine. */
import test from 'ava';
import { duration, MAX_NS } from '../../src/clock/instant.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import { firmware, NS_PER_CYCLE, run, trapOf } from './firmware.ts';

/** A wall clock that a test can rely on: every look at it is a millisecond. */
function ticking(): () => number {
  let now = 0;
  return () => now++;
}

const LIMITS: readonly (readonly [name: string, options: MachineOptions, limit: string])[] = [
  ['the timeout', { timeout: '1ms' }, 'machine'],
  ['the number of instructions', { maxInstructions: 10_000 }, 'instructions'],
  ['the wall clock', { wall: { nowMs: ticking(), limitMs: 20 } }, 'wall'],
];

const ENDLESS: Readonly<Record<string, string>> = {
  'a loop of nothing': '(module (func (export "_start") (loop (br 0))))',
  'a start function that never ends': '(module (func $init (loop (br 0))) (start $init))',
  'an initialiser that never ends': '(module (func (export "_initialize") (loop (br 0))) (func (export "main")))',
  'a handler that never ends':
    '(module (func (export "IRQ3_Handler") (loop (br 0))) (func (export "_start") (loop (br 0))))',
  'endless tail calls': '(module (func $f (export "_start") (return_call $f)))',
  'endless indirect tail calls': `(module (type $t (func)) (table 1 funcref) (elem (i32.const 0) $f)
    (func $f (export "_start") (return_call_indirect (type $t) (i32.const 0))))`,
  'a loop that catches everything': `(module (tag $t) (func (export "_start")
    (loop $again (try (do (loop $inner (br $inner))) (catch_all)) (br $again))))`,
  'a handler that catches everything': `(module
    (func (export "IRQ3_Handler") (loop $again (try (do (loop $inner (br $inner))) (catch_all)) (br $again)))
    (func (export "_start") (loop $again (try (do (loop $inner (br $inner))) (catch_all)) (br $again))))`,
  'waits that are caught': `(module (import "wirq/irq" "wfi" (func $wfi)) (import "wirq/irq" "systick" (func $systick (param i32) (result i32)))
    (func (export "SysTick_Handler")) (func (export "_start") (drop (call $systick (i32.const 99)))
    (loop $again (try (do (call $wfi)) (catch_all)) (br $again))))`,
  'a masked function': '(module (func $masked (export "_start") (loop (br 0))) (func (export "IRQ3_Handler")))',
};

for (const [guest, source] of Object.entries(ENDLESS)) {
  for (const [name, options, limit] of LIMITS) {
    test(`${guest} is stopped by ${name}`, (t) => {
      const masked = { maskFunction: (name: string) => name === 'masked' };
      const { result } = run(source, { ...NS_PER_CYCLE, ...options, ...masked }, (machine) => machine.raise(3, '1us'));
      t.like(result.outcome, { kind: 'timeout', limit });
      t.is(result.exitCode, 124);
      if (limit === 'machine') t.true(result.time >= 1_000_000 && result.time < 1_001_000, `${result.time}`);
      if (limit === 'instructions') t.true(result.instructions >= 10_000 && result.instructions < 10_100);
    });
  }
}

test('a reactor that idles is stopped by the timeout and by the wall clock', (t) => {
  const source = '(module (func (export "IRQ3_Handler")))';
  const every = (machine: ReturnType<typeof firmware>) => machine.raise(3, { kind: 'every', period: duration(1000) });
  t.like(run(source, { timeout: '1ms' }, every).result, { exitCode: 124, time: 1_000_000 });
  t.like(run(source, { wall: { nowMs: ticking(), limitMs: 20 } }, every).result.outcome, { limit: 'wall' });
});

test('a reactor with nothing to wait for is idle, and that is a good end', (t) => {
  const { result } = run('(module (func (export "IRQ3_Handler")))', {}, (machine) => machine.raise(3, '7ms'));
  t.like(result, { outcome: { kind: 'idle' }, exitCode: 0, time: 7_000_000 });
  t.is(result.lines[0]!.delivered, 1);
});

test('limits that are none are refused', (t) => {
  for (const maxInstructions of [0, -1, 1.5, Number.NaN]) {
    t.throws(() => firmware('(module)', { maxInstructions }), {
      code: 'bad-argument',
      message: /not a number of instructions/,
    });
  }
  for (const timeout of ['soon', '10', -1, 0.5])
    t.throws(() => firmware('(module)', { timeout }), { code: 'bad-argument' });
  for (const hz of [0, -5, 1.5, 11e9, '16', '1.5Hz'])
    t.throws(() => firmware('(module)', { hz }), { code: 'bad-argument', message: /not a clock rate/ });
  for (const seed of [-1, 0.5, 2 ** 32])
    t.throws(() => firmware('(module)', { seed }), { code: 'bad-argument', message: /not a seed/ });
});

/** Calls that take their time while hardly any instruction is executed, each in an endless loop. */
const SLOW_CALLS: Readonly<Record<string, string>> = {
  random_get: `(import "wasi_snapshot_preview1" "random_get" (func $get (param i32 i32) (result i32)))
    (memory (export "memory") 1024)
    (func (export "_start") (loop (drop (call $get (i32.const 0) (i32.const 0x4000000))) (br 0)))`,
  entropy_fill: `(import "wirq/board" "entropy_fill" (func $fill (param i32 i32))) (memory (export "memory") 1024)
    (func (export "_start") (loop (call $fill (i32.const 0) (i32.const 0x4000000)) (br 0)))`,
  fd_prestat_get: `(import "wasi_snapshot_preview1" "fd_prestat_get" (func $get (param i32 i32) (result i32)))
    (memory (export "memory") 1) (func (export "_start") (loop (drop (call $get (i32.const 3) (i32.const 0))) (br 0)))`,
};

for (const [name, source] of Object.entries(SLOW_CALLS)) {
  test(`host calls look at the wall clock while the guest hardly executes anything: ${name}`, (t) => {
    const { result } = run(`(module ${source})`, { wall: { nowMs: ticking(), limitMs: 20 } });
    t.like(result.outcome, { kind: 'timeout', limit: 'wall' });
    t.true(result.instructions < 10_000, `${result.instructions} instructions`);
  });
}

test('one write takes as much as a host can bear, and says so', (t) => {
  const { u32, result } = run(`(module
    (import "wirq/board" "uart_write" (func $uart (param i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 512) ;; two vectors: 8 MiB at 256, 9 MiB at 256
    (data (i32.const 0) "\\00\\01\\00\\00\\00\\00\\80\\00\\00\\01\\00\\00\\00\\00\\90\\00")
    (func (export "_start")
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 2) (i32.const 32)))
      (i32.store (i32.const 36) (call $uart (i32.const 0) (i32.const 0) (i32.const 0x1100000)))))`);
  t.is(result.exitCode, 0);
  t.deepEqual([u32(32), u32(36)], [1 << 24, 1 << 24]);
});

test('options that there are not, and words that are no choice, are refused at load', (t) => {
  for (const [options, message] of [
    [{ timeuot: '1s' }, /^a machine has no option timeuot$/],
    [{ irqs: { BUTTON: { line: 3, prio: 2 } } }, /^the line BUTTON has no option prio$/],
    [{ deliver: 'both' }, /^deliver: there is no such choice as "both"$/],
    [{ irqs: { BUTTON: { line: 3, deliver: 'post' } } }, /^deliver of BUTTON: there is no such choice as "post"$/],
    [{ stacks: 'fibers' }, /^stacks: there is no such choice as "fibers"$/],
    [{ preempt: 'always' }, /^preempt: there is no such choice as "always"$/],
    [{ faults: 'ignore' }, /^faults: there is no such choice as "ignore"$/],
    [{ slice: '0ms' }, /^a slice of 0 never lets a task run$/],
    [{ preopens: [{ guestPath: '/a' }, { guestPath: '/a' }] }, /^two directories are called \/a by the guest$/],
    [{ mailboxPoll: 'often' }, /^mailboxPoll: "often" is not a time$/],
    [{ mailboxPoll: '0ms' }, /every 0 ns never lets the machine run/],
  ] as const) {
    t.throws(() => firmware('(module)', options as MachineOptions), { code: 'bad-argument', message });
  }
});

test('timers and periods that reach beyond the end of time do not hang the machine', (t) => {
  const source = `(module (import "wirq/board" "timer_start" (func $timer (param i32 i64 i32)))
    (func (export "IRQ16_Handler")) (func (export "IRQ3_Handler"))
    (func (export "main") (loop $warm (br_if $warm (i32.lt_u (global.get $i) (i32.const 50)))  ) (call $timer (i32.const 0) (i64.const ${MAX_NS}) (i32.const 1)))
    (global $i (mut i32) (i32.const 99)))`;
  t.is(run(source).result.exitCode, 0);
  const reactor = source.replace('"main"', '"_initialize"');
  const { result } = run(reactor, {}, (machine) => machine.raise(3, { kind: 'every', period: duration(5e15) }));
  t.is(result.outcome.kind, 'timeout');
  t.is(result.lines.find(({ line }) => line === 3)!.delivered, 1);
});

test('an exit that is asked for cannot be caught, neither in the entry nor in a handler', (t) => {
  const exit = `(try (do (call $exit (i32.const 42))) (catch_all)) (call $exit (i32.const 1))`;
  const imports = '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory (export "memory") 1)';
  t.is(run(`(module ${imports} (func (export "_start") ${exit}))`).result.exitCode, 42);
  const inHandler = run(
    `(module ${imports} (func (export "IRQ3_Handler") ${exit}) (func (export "_start") (loop (br 0))))`,
    {},
    (machine) => machine.raise(3, '1ms'),
  );
  t.is(inHandler.result.exitCode, 42);
  t.deepEqual(inHandler.show('end'), ['end exit 42']);
});

test('an exception that nobody catches is a trap, in the entry and in a handler', (t) => {
  const tag = '(tag $t (param i32))';
  const entry = run(`(module ${tag} (func (export "_start") (throw $t (i32.const 1))))`);
  t.regex(trapOf(entry.result) ?? '', /an exception of the guest was not caught/);
  const handler = run(
    `(module ${tag} (func (export "IRQ3_Handler") (throw $t (i32.const 1)))
      (func (export "_start") (try (do (loop (br 0))) (catch_all))))`,
    { timeout: '10ms' },
    (machine) => machine.raise(3, '1ms'),
  );
  t.regex(trapOf(handler.result) ?? '', /an exception of the guest was not caught/);
  t.is(handler.result.exitCode, 134);
});

test('a trap in a handler ends the run, with both stacks in the backtrace', (t) => {
  const { result } = run(
    `(module (func $inner unreachable) (func $handle (export "IRQ3_Handler") (call $inner) (nop))
      (func $main_loop (loop (br 0))) (func $entry (export "_start") (call $main_loop)))`,
    {},
    (machine) => machine.raise(3, '1ms'),
  );
  t.is(trapOf(result), 'unreachable');
  t.deepEqual(result.outcome.kind === 'trap' && result.outcome.backtrace.map((frame) => frame.function), [
    'inner',
    'handle',
    'main_loop',
    'entry',
  ]);
});

test('runaway recursion is a trap, with or without interrupts', (t) => {
  const source = `(module (func $f (export "_start") (call $f) (nop)) (func (export "IRQ3_Handler")))`;
  for (const period of [1000, 1e9]) {
    const { result } = run(source, {}, (machine) => machine.raise(3, { kind: 'every', period: duration(period) }));
    t.is(trapOf(result), 'call stack exhausted');
  }
});

test('runaway recursion that the guest catches does not outlive the limits', (t) => {
  const { result } = run(
    `(module (func $f (call $f) (nop)) (func (export "IRQ3_Handler"))
      (func (export "_start") (loop $again (try (do (call $f)) (catch_all)) (br $again))))`,
    { maxInstructions: 2_000_000 },
    (machine) => machine.raise(3, { kind: 'every', period: duration(100_000) }),
  );
  t.true(result.exitCode === 124 || trapOf(result) === 'call stack exhausted', `${JSON.stringify(result.outcome)}`);
});

test('a slow clock with a fast timer makes much due at once, and the limits still hold', (t) => {
  const source = `(module (import "wirq/board" "timer_start" (func $timer (param i32 i64 i32))) (import "wirq/irq" "wfi" (func $wfi))
    (func (export "IRQ16_Handler"))
    (func (export "_start") (call $timer (i32.const 0) (i64.const 1) (i32.const 1)) (loop (call $wfi) (br 0))))`;
  t.like(run(source, { hz: 1, timeout: '10us' }).result.outcome, { limit: 'machine' });
  t.like(run(source, { hz: 1, wall: { nowMs: ticking(), limitMs: 20 } }).result.outcome, { limit: 'wall' });
});
