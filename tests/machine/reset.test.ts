/** Resets: the firmware begins anew with the cause to read; memory is as at the start, but for what is retained. */
import test from 'ava';
import fc from 'fast-check';
import type { MachineOptions } from '../../src/machine/options.ts';
import { brief, firmware, run, trapOf } from './firmware.ts';

const IMPORTS = `
  (import "wirq/irq" "system_reset" (func $system_reset))
  (import "wirq/irq" "wfi" (func $wfi))
  (import "wirq/irq" "set_primask" (func $primask (param i32) (result i32)))
  (import "wirq/irq" "get_primask" (func $get_primask (result i32)))
  (import "wirq/irq" "is_enabled" (func $is_enabled (param i32) (result i32)))
  (import "wirq/irq" "enable" (func $enable (param i32)))
  (import "wirq/board" "reset_cause" (func $cause (result i32)))
  (import "wirq/board" "watchdog_start" (func $watchdog_start (param i64)))
  (import "wirq/board" "watchdog_feed" (func $watchdog_feed))
  (import "wirq/board" "timer_start" (func $timer_start (param i32 i64 i32)))
  (import "wirq/board" "timer_elapsed" (func $timer_elapsed (param i32) (result i64)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))`;

/** The retained block lies at 64: its size, then counters. The variable at 128 is not retained. */
function module(body: string, more = ''): string {
  return `(module ${IMPORTS} (memory (export "memory") 1) (data (i32.const 64) "\\10\\00\\00\\00")
    (data (i32.const 128) "\\07")
    (global (export "wirq_retained") i32 (i32.const 64)) (global $g (mut i32) (i32.const 0))
    ${more} (func (export "_start") ${body}))`;
}

/** Adds the value to the retained word at `address`. */
const add = (address: number, value: string) =>
  `(i32.store (i32.const ${address}) (i32.add (i32.load (i32.const ${address})) ${value}))`;

test('system_reset starts anew: memory and globals as at the start, retained memory as it was, the cause to read', (t) => {
  const { result, u32, show, machine } = run(
    module(`
      ${add(68, '(i32.const 1)')}
      ${add(72, '(global.get $g)')} ${add(72, '(i32.sub (i32.load (i32.const 128)) (i32.const 7))')}
      (global.set $g (i32.const 1)) (i32.store (i32.const 128) (i32.const 99)) (i32.store (i32.const 200) (i32.const 5))
      (if (i32.lt_u (i32.load (i32.const 68)) (i32.const 3)) (then (call $system_reset) (unreachable)))
      (call $exit (call $cause))`),
  );
  t.is(result.exitCode, 1, 'the cause is software');
  t.is(u32(68), 3, 'three boots');
  t.is(u32(72), 0, 'globals and data began as they were');
  t.is(u32(200), 5, 'of the last run');
  t.is(machine.resets, 2);
  t.deepEqual(result.resets, { count: 2, cause: 'software' });
  t.deepEqual(
    show('reset').map((each) => each.split(' ').slice(2).join(' ')),
    ['16000000 0', '16000000 0 software', '16000000 0 software'],
  );
});

test('the controller, timers and masks are as after power-on', (t) => {
  const { result, u32 } = run(
    module(
      `(if (i32.eqz (call $cause)) (then
         (call $enable (i32.const 3)) (drop (call $primask (i32.const 1)))
         (call $timer_start (i32.const 0) (i64.const 1000) (i32.const 1))
         (call $system_reset)))
       (i32.store (i32.const 200) (call $is_enabled (i32.const 3)))
       (i32.store (i32.const 204) (call $get_primask))
       (i64.store (i32.const 208) (call $timer_elapsed (i32.const 0)))
       (call $exit (i32.const 0))`,
      '(func (export "IRQ3_Handler"))',
    ),
  );
  t.is(result.exitCode, 0);
  t.deepEqual([u32(200), u32(204), u32(208)], [0, 0, 0xffff_ffff]);
});

test('a watchdog that nobody feeds resets, however the firmware hangs', (t) => {
  const hangs = ['(loop (br 0))', '(loop (call $wfi) (br 0))', '(drop (call $primask (i32.const 1))) (loop (br 0))'];
  for (const hang of hangs) {
    const { result, u32, events } = run(
      module(`
        ${add(68, '(i32.const 1)')}
        (if (i32.eq (call $cause) (i32.const 2)) (then (call $exit (i32.const 42))))
        (call $watchdog_start (i64.const 5000000)) ${hang}`),
    );
    t.is(result.exitCode, 42, hang);
    t.is(u32(68), 2);
    const bitten = events.find((each) => each.kind === 'device')!.time;
    t.true(bitten >= 5_000_000 && bitten < 5_010_000, `${bitten}`);
    t.deepEqual(result.resets, { count: 1, cause: 'watchdog' });
  }
});

test('a watchdog resets a handler, too, and nested ones', (t) => {
  const { result, machine } = run(
    module(
      `(if (i32.eq (call $cause) (i32.const 2)) (then (call $exit (i32.const 42))))
       (call $enable (i32.const 3)) (call $watchdog_start (i64.const 5000000)) (loop (call $wfi) (br 0))`,
      '(func (export "IRQ3_Handler") (loop (br 0)))',
    ),
    {},
    (m) => m.raise(3, '1ms'),
  );
  t.is(result.exitCode, 42);
  t.is(machine.delivered(3), 1);
  t.is(result.lines.find((each) => each.line === 3)?.pending, false);
});

test('watchdog with NMI: a warning first, then the reset', (t) => {
  const { result, show } = run(
    module(
      `(if (i32.eq (call $cause) (i32.const 2)) (then (call $exit (i32.const 42))))
       (call $watchdog_start (i64.const 1000000)) (loop (br 0))`,
      `(func (export "NMI_Handler") ${add(72, '(i32.const 1)')})`,
    ),
    { board: { watchdog: { action: 'nmi' } } },
  );
  t.is(result.exitCode, 42);
  t.deepEqual(show('device', 'enter'), [
    'device watchdog expired nmi',
    'enter NMI -2 1',
    'device watchdog expired reset',
  ]);
  t.deepEqual(result.devices.watchdog, { feeds: 0, expiries: 2, early: 0 });
});

test('a reset from outside: by pin memory is retained, by power it is not', (t) => {
  for (const [cause, code, boots] of [
    ['pin', 3, 2],
    ['power-on', 0, 1],
  ] as const) {
    const machine = firmware(
      module(`${add(68, '(i32.const 1)')} (i32.store (i32.const 204) (call $cause)) (loop (call $wfi) (br 0))`),
    );
    const seen: number[] = [];
    machine.run(function* () {
      yield machine.delay('1ms');
      machine.reset(cause);
      yield machine.untilReset(1, { timeout: '1ms' });
      yield machine.delay('1ms');
      seen.push(...machine.readMemory(68, 1), ...machine.readMemory(204, 1));
    });
    t.deepEqual(seen, [boots, code]);
  }
});

test('firmware that only resets itself is stopped by a timeout', (t) => {
  const { result } = run(module('(call $system_reset)'), { timeout: '10ms' });
  t.is(result.outcome.kind, 'timeout');
  t.true(result.resets.count > 500, `${result.resets.count}`);
});

test('blocks may be retained by configuration; what does not lie in memory is refused', (t) => {
  const source = module(`
    ${add(128, '(i32.const 1)')}
    (if (i32.lt_u (i32.load (i32.const 128)) (i32.const 10)) (then (call $system_reset)))
    (call $exit (i32.load (i32.const 128)))`);
  t.is(run(source, { retain: [{ address: 128, bytes: 4 }], timeout: '1s' }).result.exitCode, 10);
  for (const [retain, message] of [
    [{ address: 65536, bytes: 4 }, /retain 65536: 4 bytes at 65536 do not lie/],
    [{ address: 65533, bytes: 4 }, /do not lie in the guest's memory/],
    [{ address: 0, bytes: -1 }, /do not lie in the guest's memory/],
    [{ address: 'nowhere', bytes: 4 }, /exports no i32 global nowhere to retain/],
  ] as const) {
    const options: MachineOptions = { retain: [retain] };
    t.throws(() => firmware(source, options).run(), { code: 'bad-argument', message });
  }
  const broken = module('').replace('\\10\\00\\00\\00', '\\00\\00\\10\\00');
  t.throws(() => firmware(broken).run(), { message: /the block that wirq_retained names: 1048576 bytes at 64/ });
});

test('what was pending at a reset is not lost unaccounted', (t) => {
  const { result } = run(
    module(
      `(if (i32.eqz (call $cause)) (then (drop (call $primask (i32.const 1))) (call $enable (i32.const 3))
         (loop (br_if 0 (i32.lt_u (call $pending) (i32.const 1)))) (call $system_reset)))
       (call $exit (i32.const 0))`,
      '(func $pending (result i32) (call $is_pending (i32.const 3))) (func (export "IRQ3_Handler"))',
    ).replace(
      '(import "wirq/irq" "wfi"',
      '(import "wirq/irq" "is_pending" (func $is_pending (param i32) (result i32))) (import "wirq/irq" "wfi"',
    ),
    {},
    (m) => m.raise(3, '10us'),
  );
  t.is(trapOf(result), undefined);
  t.like(result.lines[0], { raised: 1, delivered: 0, dropped: 1, pending: false });
});

test('events after a reset go on in order of time', (t) => {
  const { events } = run(module('(call $system_reset)'), { timeout: '1ms' });
  const times = events.map((each) => each.time);
  t.deepEqual(
    times,
    [...times].sort((one, other) => one - other),
  );
  t.is(events.filter((each) => each.kind === 'reset').length, events.filter((each) => each.kind === 'call').length);
  t.true(brief(events.at(-1)!).startsWith('end timeout'));
});

test('a timer started by a guest that then only computes expires in time', (t) => {
  const { events } = run(
    module(
      '(call $enable (i32.const 16)) (call $timer_start (i32.const 0) (i64.const 1000000) (i32.const 0)) (loop (br 0))',
      '(func (export "IRQ16_Handler") (call $exit (i32.const 0)))',
    ),
  );
  const entered = events.find((each) => each.kind === 'enter')!;
  t.true(entered.time >= 1_000_000 && entered.time < 1_010_000, `${entered.time}`);
});

test('signals of the firmware that was left are gone with it: handlers, what is pending, timers', (t) => {
  const source = `(module
    (import "wirq/irq" "system_reset" (func $system_reset)) (import "wirq/irq" "wfi" (func $wfi))
    (import "wirq/board" "reset_cause" (func $cause (result i32)))
    (import "wirq/board" "timer_start" (func $timer_start (param i32 i64 i32)))
    (import "wirq/signal" "alarm" (func $alarm (param i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func (export "IRQ16_Handler") (call $exit (i32.const 5)))
    (func (export "_start")
      (if (i32.eqz (call $cause)) (then (drop (call $alarm (i32.const 1))) (call $system_reset)))
      (call $timer_start (i32.const 0) (i64.const 3000000000) (i32.const 0)) (loop (call $wfi) (br 0))))`;
  const { result } = run(source);
  t.deepEqual(result.outcome, { kind: 'exit', code: 5 }, 'SIGALRM, which terminates, did not come');
});

test('whenever it is reset: boots are counted, no interrupt is lost unaccounted, and the same happens again', (t) => {
  const source = module(
    `${add(68, '(i32.const 1)')} (call $enable (i32.const 3)) (call $enable (i32.const 4))
     (call $timer_start (i32.const 0) (i64.const 70000) (i32.const 1)) (loop (br 0))`,
    `(func (export "IRQ3_Handler") (local $i i32)
       (loop (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if 0 (i32.lt_u (local.get $i) (i32.const 100)))))
     (func (export "IRQ4_Handler"))`,
  );
  // Apart, because a reset that comes before the first instruction after another one counts no boot.
  const moment = fc.integer({ min: 1, max: 40 }).map((at) => at * 50_000 + 17);
  const cause = fc.constantFrom('pin' as const, 'power-on' as const);
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.record({ moment, cause }), { maxLength: 8, selector: (each) => each.moment }),
      (resets) => {
        const once = () =>
          run(source, { timeout: '3ms' }, (machine) => {
            machine.raise(3, { kind: 'every', period: 11_000 as never });
            machine.raise(4, { kind: 'every', period: 13_000 as never });
            for (const each of resets) machine.reset(each.cause, each.moment);
          });
        const { result, events, u32 } = once();
        for (const line of result.lines) {
          const accounted = line.delivered + line.coalesced + line.cleared + line.dropped + (line.pending ? 1 : 0);
          if (line.raised !== accounted)
            throw new Error(`${line.name}: ${line.raised} raised, ${accounted} accounted for`);
        }
        const begun = events.filter((each) => each.kind === 'reset');
        if (begun.length !== result.resets.count + 1) throw new Error('a reset without its event');
        const lastCold = begun.findLastIndex(
          (each) => each.details.cause === undefined || each.details.cause === 'power-on',
        );
        if (u32(68) !== begun.length - lastCold) throw new Error(`${u32(68)} boots since the power came on`);
        if (JSON.stringify(once().events) !== JSON.stringify(events)) throw new Error('not repeatable');
      },
    ),
    { numRuns: 40 },
  );
  t.pass();
});

test('a loop of resets ends by real time, too', (t) => {
  let now = 0;
  const { result } = run(module('(call $system_reset)'), { wall: { nowMs: () => now++, limitMs: 200 } });
  t.like(result.outcome, { kind: 'timeout', limit: 'wall' });
  t.true(result.resets.count > 10);
});
