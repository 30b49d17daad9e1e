/** Scripts act while the guest is paused and wait in machine time; waits that do not come true are thrown into them. */
import test from 'ava';
import type { Machine } from '../../src/machine/machine.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import { type Script, WaitError } from '../../src/machine/script.ts';
import { SerialMonitor } from '../../src/machine/serial-monitor.ts';
import { brief, eventsOf, firmware } from './firmware.ts';

/** Says "ready" and then "tick" on each interrupt of line 3; line 4 copies pin 1 to pin 2; line 9 exits with 5. */
const ECHO = `(module (memory 1) (data (i32.const 0) "readytick")
  (import "wirq/board" "uart_write" (func $write (param i32 i32 i32) (result i32)))
  (import "wirq/board" "gpio_read" (func $read (param i32) (result i32)))
  (import "wirq/board" "gpio_write" (func $set (param i32 i32)))
  (import "wirq/irq" "wfi" (func $wfi)) (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (func (export "IRQ3_Handler") (drop (call $write (i32.const 0) (i32.const 5) (i32.const 4))))
  (func (export "IRQ4_Handler") (call $set (i32.const 2) (call $read (i32.const 1))))
  (func (export "IRQ9_Handler") (call $exit (i32.const 5)))
  (func (export "_start") (drop (call $write (i32.const 0) (i32.const 0) (i32.const 5))) (loop (call $wfi) (br 0))))`
  .replace('(memory 1) (data (i32.const 0) "readytick")', '')
  .replace('(func (export "IRQ3', '(memory (export "memory") 1) (data (i32.const 0) "readytick") (func (export "IRQ3');

function play(script: (machine: Machine) => Script, options: MachineOptions = {}, source = ECHO) {
  const machine = firmware(source, { pins: { LED: 2 }, irqs: { TICK: 3 }, ...options });
  const events = eventsOf(machine);
  const result = machine.run(() => script(machine));
  return { machine, events, result };
}

function failed(script: (machine: Machine) => Script, options?: MachineOptions): WaitError {
  try {
    play(script, options);
  } catch (error) {
    if (error instanceof WaitError) return error;
    throw error;
  }
  throw new Error('no wait failed');
}

test('a script waits, acts, and ends the run when it is done', (t) => {
  const log: string[] = [];
  const { result, machine } = play(function* (m) {
    log.push(`${m.now}`);
    yield m.untilSerial('ready', { timeout: '1ms' });
    yield m.delay('3ms');
    log.push(`${Math.floor(m.now / 1e6)}ms`);
    m.raise('TICK');
    yield m.untilSerial('tick', { timeout: '1ms' });
    m.setPin(1, 1);
    m.raise(4);
    yield m.untilPin('LED', 1, { timeout: '1ms' });
    yield m.untilDelivered('TICK', 1, { timeout: 0 });
    log.push('done');
  });
  t.deepEqual(log, ['0', '3ms', 'done']);
  t.deepEqual(result.outcome, { kind: 'finished' });
  t.is(result.exitCode, 0);
  t.is(Math.floor(result.time / 1e6), 3);
  t.deepEqual(machine.outcome, result.outcome);
});

test('what a script does at one moment, the guest sees at once and together', (t) => {
  const { events } = play(function* (m) {
    yield m.delay('1ms');
    m.raise(4);
    m.setPin(1, 1);
    m.raise(4);
    yield m.untilPin(2, 1, { timeout: '1us' });
  });
  const at = events.filter(({ time, kind }) => time >= 1e6 && (kind === 'pend' || kind === 'pin' || kind === 'enter'));
  t.deepEqual(at.map(brief), [
    'pend IRQ4 injection',
    'pin 1 1 outside',
    'pend IRQ4 injection true',
    'enter IRQ4 0 1',
    'pin 2 1 guest',
  ]);
});

test('serial text is consumed: the same word is waited for again', (t) => {
  const { machine } = play(function* (m) {
    m.raise(3, '1ms');
    m.raise(3, '2ms');
    yield m.untilSerial('ick', { timeout: '5ms' });
    t.is(Math.floor(m.now / 1e6), 1);
    yield m.untilSerial('t', { timeout: '5ms' });
    t.is(Math.floor(m.now / 1e6), 2);
    yield m.untilSerial('ick', { timeout: 0 });
  });
  t.is(machine.delivered(3), 2);
});

test('a wait whose time runs out throws a WaitError that says what was seen', (t) => {
  const serial = failed(function* (m) {
    yield m.untilSerial('steady', { timeout: '2ms' });
  });
  t.is(serial.what, 'serial output "steady"');
  t.is(Math.floor(serial.at / 1e6), 2);
  t.regex(
    serial.message,
    /^serial output "steady" did not come: its time ran out at 2(\.\d+)?ms \(last seen: "ready"\)$/,
  );
  const pin = failed(function* (m) {
    yield m.untilPin('LED', 1, { timeout: 500 });
  });
  t.regex(pin.message, /^pin LED at 1 did not come: its time ran out at \d+ns \(it is 0\)$/);
  const delivery = failed(function* (m) {
    m.raise(3);
    yield m.untilDelivered(3, 2, { timeout: '1ms' });
  });
  t.is(delivery.seen, 'delivered 1 times');
});

test('a script can catch the failure of a wait and go on', (t) => {
  const { result } = play(function* (m) {
    try {
      yield m.untilSerial('nothing', { timeout: '1ms' });
      t.fail();
    } catch (error) {
      t.true(error instanceof WaitError);
    }
    m.raise(3);
    yield m.untilSerial('tick', { timeout: '1ms' });
  });
  t.is(result.outcome.kind, 'finished');
});

test('a guest that ends first fails the wait, with how it ended', (t) => {
  const exited = failed(function* (m) {
    m.raise(9, '1ms');
    yield m.untilSerial('tick', { timeout: '1s' });
  });
  t.regex(exited.message, /did not come: the guest ended \(exit 5\) at 1(\.\d+)?ms/);
  const killed = failed(function* (m) {
    m.signal('SIGTERM', { when: '1ms' });
    yield m.untilPin(2, 1);
  });
  t.regex(killed.message, /the guest ended \(killed by SIGTERM\)/);
  const timeout = failed(
    function* (m) {
      yield m.untilPin(2, 1);
    },
    { timeout: '3ms' },
  );
  t.regex(timeout.message, /the guest ended \(timeout: .*\) at 3ms/);
  const deadlock = failed(function* (m) {
    yield m.untilPin(2, 1);
  });
  t.regex(deadlock.message, /the guest ended \(deadlock: the guest waits since/);
});

test('a script may go on after the guest has ended, and what it read still stands', (t) => {
  const { result, machine } = play(function* (m) {
    m.raise(9, '1ms');
    yield m.untilEnd({ timeout: '2ms' });
    t.deepEqual(m.outcome, { kind: 'exit', code: 5 });
    t.is(m.pin('LED'), 0);
    m.raise(3);
    m.setPin(1, 1);
    yield m.untilPin(1, 1, { timeout: '1ms' });
  });
  t.is(result.exitCode, 5);
  t.is(machine.delivered(3), 0);
});

test('the end may fail to come, too', (t) => {
  const error = failed(function* (m) {
    yield m.untilEnd({ timeout: '1ms' });
  });
  t.regex(error.message, /^the end of the guest did not come: its time ran out at 1ms/);
});

test('what a script throws comes out of run; a script that does nothing ends the run at reset', (t) => {
  t.throws(
    () =>
      // biome-ignore lint/correctness/useYield: it throws before it could
      play(function* () {
        throw new Error('mine');
      }),
    { message: 'mine' },
  );
  const { result } = play(function* () {});
  t.like(result, { outcome: { kind: 'finished' }, time: 0, instructions: 0 });
});

test('a wait that is true already takes no time', (t) => {
  const { result } = play(function* (m) {
    for (let round = 0; round < 1000; round++) yield m.untilPin('LED', 0, { timeout: 0 });
  });
  t.is(Number(result.time), 0);
});

test('steps and expectations are part of the log', (t) => {
  const { events } = play(function* (m) {
    m.logStep('press', 'a.yaml:3:1');
    yield m.delay(100);
    m.logStep('wait');
    m.logExpectation('pin', true, '1', '1');
  });
  t.deepEqual(events.filter(({ kind }) => kind === 'step' || kind === 'expect').map(brief), [
    'step press a.yaml:3:1',
    'step wait',
    'expect pin true 1 1',
  ]);
});

test('memory and addresses are read as they are, and refused where there are none', (t) => {
  const source = `(module (memory (export "memory") 1) (data (i32.const 65532) "wirq") (global (export "counter") i32 (i32.const 65532))
    (global (export "wide") i64 (i64.const 5)) (global (export "real") f64 (f64.const 5.5)) (global (export "high") i32 (i32.const -4)) (func (export "_start")))`;
  const machine = firmware(source);
  t.throws(() => machine.readMemory(0, 1), { code: 'bad-argument', message: /do not lie in the guest's memory/ });
  machine.run();
  t.is(Buffer.from(machine.readMemory(machine.addressOf('counter'), 4)).toString(), 'wirq');
  t.is(machine.addressOf('high'), 0xffff_fffc);
  for (const [address, length] of [
    [65533, 4],
    [-1, 1],
    [0, -1],
    [0.5, 1],
    [0, 0.5],
    [Number.NaN, 1],
    [0, 65537],
  ] as const) {
    t.throws(() => machine.readMemory(address, length), { code: 'bad-argument' }, `${length} at ${address}`);
  }
  for (const name of ['wide', 'real', 'gone', 'memory']) {
    t.throws(() => machine.addressOf(name), { code: 'bad-argument', message: new RegExp(`no i32 global ${name}`) });
  }
});

// It searched and copied all that was kept at every piece.
test('the serial monitor looks at a byte a few times at most, however small the pieces', (t) => {
  const monitor = new SerialMonitor();
  const piece = new TextEncoder().encode('tick 0.. ');
  const began = performance.now();
  for (let count = 0; count < 200_000; count++) {
    monitor.receive(piece);
    if (monitor.take('tock')) t.fail();
  }
  t.true(performance.now() - began < 20_000, 'it takes minutes where it is quadratic, else a moment');
  monitor.receive(new TextEncoder().encode('tock'));
  t.true(monitor.take('tock'));
});

test('the serial monitor finds text across pieces, consumes it, and forgets what nobody wanted', (t) => {
  const monitor = new SerialMonitor();
  const feed = (text: string) => monitor.receive(new TextEncoder().encode(text));
  feed('hel');
  t.false(monitor.take('hello'));
  feed('lo wörld');
  t.true(monitor.take('hello'));
  t.true(monitor.take('ö'));
  t.is(monitor.tail(9), 'rld');
  t.false(monitor.take('hello'));
  feed(' abc');
  t.true(monitor.take(''));
  t.is(monitor.tail(9), 'rld abc', 'nothing is consumed by waiting for nothing');
  feed('x'.repeat(3 << 20));
  t.false(monitor.take('abc'));
  monitor.rewind();
  t.true(monitor.take('x'));
});
