/** Interrupts come when they were asked for: at a time, an instruction, an entry of a function, again and again. */
import test from 'ava';
import fc from 'fast-check';
import { duration, instant } from '../../src/clock/instant.ts';
import type { When } from '../../src/machine/when.ts';
import { eventsOf, firmware, NS_PER_CYCLE, run } from './firmware.ts';

const LOOP = `(module
  (func $helper (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func $twice (param i32) (result i32) (call $helper (call $helper (local.get 0))))
  (func (export "IRQ3_Handler"))
  (func (export "_start") (local $i i32)
    (loop $next (br_if $next (i32.lt_u (local.tee $i (call $twice (local.get $i))) (i32.const 2000))))))`;

/** Instruction counts at which the handler of line 3 was entered. */
function entries(when: When | string | number, source = LOOP): number[] {
  const { events } = run(source, NS_PER_CYCLE, (machine) => machine.raise(3, when));
  return events.filter(({ kind }) => kind === 'enter').map(({ instructions }) => instructions);
}

test('at an instruction: at the first safepoint with that many or more', (t) => {
  const safepoints = entries({ kind: 'every', period: duration(1) });
  t.true(safepoints.length > 200);
  fc.assert(
    fc.property(fc.nat(safepoints.at(-1)! - 1), (count) => {
      const expected = safepoints.find((each) => each >= Math.max(1, count)) ?? Number.NaN;
      const [entered, ...more] = entries({ kind: 'instruction', count });
      return more.length === 0 && (entered === expected || (count === 0 && entered === 0));
    }),
    { numRuns: 40 },
  );
});

test('at a time: at the first safepoint that is not too early', (t) => {
  const safepoints = entries({ kind: 'every', period: duration(1) });
  for (const at of [1, 2, 500, 1999, 4321]) {
    const expected = [safepoints.find((each) => each >= at)!];
    t.deepEqual(entries({ kind: 'time', at: instant(at) }), expected, `at ${at}`);
    t.deepEqual(entries(at), expected);
    t.deepEqual(entries(`${at}ns`), expected);
  }
  t.deepEqual(entries(0), [0], 'before the first instruction');
});

test('at an entry of a function: before its first instruction, however often it was entered before', (t) => {
  for (const [name, entry, total] of [
    ['helper', 1, 2000],
    ['helper', 777, 2000],
    ['twice', 1000, 1000],
    ['_start', 1, 1],
  ] as const) {
    t.is(entries({ kind: 'function', name, entry }).length, 1, `${name} #${entry}`);
    t.deepEqual(entries({ kind: 'function', name, entry: total + 1 }), []);
  }
  const [first] = entries({ kind: 'function', name: 'helper', entry: 1 });
  const [second] = entries({ kind: 'function', name: 'helper', entry: 2 });
  t.true(first! < second!);
  const { result } = run(LOOP, {}, (machine) => machine.raise(3, { kind: 'function', name: 'helper', entry: 9999 }));
  t.deepEqual(result.warnings, ['entry 9999 of helper never came: it was entered 2000 times']);
});

test('several moments of one function, and recursion', (t) => {
  const source = `(module (func (export "IRQ3_Handler")) (func (export "IRQ4_Handler"))
    (func $down (param i32) (if (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1))))))
    (func (export "_start") (call $down (i32.const 9))))`;
  const { show } = run(source, {}, (machine) => {
    machine.raise(4, { kind: 'function', name: 'down', entry: 7 });
    machine.raise(3, { kind: 'function', name: 'down', entry: 3 });
    machine.raise(3, { kind: 'function', name: 'down', entry: 7 });
  });
  t.deepEqual(show('enter'), ['enter IRQ3 0 1', 'enter IRQ3 0 1', 'enter IRQ4 0 1']);
});

test('again and again: each time as late as the first, whatever the period', (t) => {
  const total = run(LOOP, NS_PER_CYCLE).result.instructions;
  for (const period of [7, 100, 1000]) {
    const { events } = run(LOOP, NS_PER_CYCLE, (machine) =>
      machine.raise(3, { kind: 'every', period: duration(period) }),
    );
    const pends = events.filter(({ kind }) => kind === 'pend');
    // Those that fall due behind the last safepoint find nobody.
    t.true(pends.length <= total / period && pends.length >= (total - 100) / period - 1, `${pends.length}`);
    pends.forEach(({ instructions }, at) => {
      const due = (at + 1) * period;
      if (instructions < due || instructions > due + 100) t.fail(`pend ${at} came at ${instructions}, due at ${due}`);
    });
  }
});

test('now, before the run, is at reset; several at one moment come in the order they were asked for', (t) => {
  const source = '(module (func (export "IRQ3_Handler")) (func (export "IRQ4_Handler")) (func (export "_start")))';
  const { show, events } = run(source, {}, (machine) => {
    machine.raise('IRQ4');
    machine.raise(3);
    machine.raise(3);
  });
  t.deepEqual(show('pend', 'enter'), [
    'pend IRQ4 injection',
    'pend IRQ3 injection',
    'pend IRQ3 injection true',
    'enter IRQ3 0 1',
    'enter IRQ4 0 1',
  ]);
  t.is(events[0]!.kind, 'reset');
});

test('lines go by number, configured name, IRQn and the names of exceptions', (t) => {
  const { show } = run(
    '(module (func (export "IRQ3_Handler")) (func (export "SysTick_Handler")) (func (export "_start")))',
    { irqs: { BUTTON: 3 } },
    (machine) => {
      for (const line of [3, 'BUTTON', 'IRQ3', 'SysTick', -1]) machine.raise(line);
    },
  );
  t.deepEqual(
    show('pend').map((each) => each.split(' ')[1]),
    ['BUTTON', 'BUTTON', 'BUTTON', 'SysTick', 'SysTick'],
  );
});

test('what is no line, no moment, no function, no signal, no pin, no port is refused at once', (t) => {
  const machine = firmware(LOOP, { pins: { LED: 1 } });
  const refused = (act: () => void, message: RegExp) => t.throws(act, { code: 'bad-argument', message });
  for (const line of [240, -3, 1.5, Number.NaN]) refused(() => machine.raise(line), /there is no interrupt line/);
  for (const line of ['PUMP', 'IRQ240', '3', '']) refused(() => machine.raise(line), /no interrupt line is called/);
  for (const time of ['soon', '10', '']) refused(() => machine.raise(3, time), /is not a time/);
  for (const time of [-1, 0.5, Number.NaN]) refused(() => machine.raise(3, time), /is not a machine time/);
  refused(() => machine.raise(3, { kind: 'time', at: -1 as never }), /is not a machine time/);
  refused(() => machine.raise(3, { kind: 'every', period: duration(0) }), /a period of 0/);
  for (const count of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    refused(() => machine.raise(3, { kind: 'instruction', count }), /is not a number of instructions/);
  }
  for (const entry of [0, -1, 1.5, Number.NaN]) {
    refused(() => machine.raise(3, { kind: 'function', name: 'helper', entry }), /entries are whole numbers from 1/);
  }
  refused(() => machine.raise(3, { kind: 'function', name: 'gone', entry: 1 }), /no function gone of its own/);
  for (const count of [0, -1, 1.5, Number.NaN]) {
    refused(() => machine.at('1ms', () => {}, { every: '1ms', count }), /is not a number of times/);
  }
  refused(() => machine.at('1ms', () => {}, { every: 0 }), /a period of 0/);
  for (const signal of ['SIGNOPE', 0, 65, '']) refused(() => machine.signal(signal), /there is no signal/);
  refused(() => machine.signal('SIGUSR1', { value: 0.5 }), /is not a value/);
  for (const pin of [256, -1, 0.5]) refused(() => machine.setPin(pin, 1), /there is no pin/);
  refused(() => machine.pin('BUTTON'), /no pin is called BUTTON/);
  for (const port of [4, -1, 0.5]) refused(() => machine.writeSerial('x', { port }), /there is no serial port/);
  t.is(machine.run().exitCode, 0);
});

test('during the run, entries of functions that are not watched cannot be asked for', (t) => {
  const machine = firmware(LOOP);
  const run = () =>
    machine.run(function* () {
      yield machine.delay(10);
      machine.raise(3, { kind: 'function', name: 'helper', entry: 1 });
    });
  t.throws(run, { code: 'bad-argument', message: /entries of helper are not watched/ });
});

test('signals end the run as signal(7) says, or leave it alone', (t) => {
  for (const [signal, code, action] of [
    ['SIGTERM', 143, 'terminate 7'],
    ['SIGKILL', 137, 'terminate 7'],
    ['SIGABRT', 134, 'core 7'],
    ['SIGRTMIN+1', 163, 'terminate 7'],
    ['SIGCHLD', 0, 'discard 7 it is ignored'],
    ['SIGWINCH', 0, 'discard 7 it is ignored'],
    ['SIGSTOP', 134, 'stop 7'],
    ['SIGCONT', 0, 'discard 7 it is ignored'],
  ] as const) {
    const { result, show } = run(LOOP, {}, (machine) => machine.signal(signal, { when: '1us', value: 7 }));
    t.is(result.exitCode, code, signal);
    t.deepEqual(show('signal'), [`signal ${signal} generate 7 injection`, `signal ${signal} ${action}`]);
  }
});

test('pins and serial input reach the guest at their moments', (t) => {
  const source = `(module (memory 1) (import "wirq/board" "uart_read" (func $read (param i32 i32 i32) (result i32)))
    (import "wirq/board" "uart_write" (func $write (param i32 i32 i32) (result i32)))
    (import "wirq/board" "gpio_read" (func $pin (param i32) (result i32))) (import "wirq/board" "gpio_write" (func $set (param i32 i32)))
    (import "wirq/irq" "wfi" (func $wfi))
    (func (export "IRQ6_Handler") (drop (call $write (i32.const 2) (i32.const 0) (call $read (i32.const 1) (i32.const 0) (i32.const 9)))))
    (func (export "IRQ9_Handler") (call $set (i32.const 5) (call $pin (i32.const 4))))
    (func (export "_start") (call $wfi) (call $wfi) (call $wfi)))`;
  const machine = firmware(
    source.replace('(memory 1)', '').replace('(func (export "IRQ6', '(memory 1) (func (export "IRQ6'),
    { pins: { BUTTON: 4, LED: 5 }, wires: [{ pin: 'BUTTON', line: 9, edge: 'rising' }] },
  );
  const events = eventsOf(machine);
  machine.writeSerial('grüße', { port: 1, when: '1ms' });
  machine.setPin('BUTTON', 1, '2ms');
  machine.setPin('BUTTON', 0, '3ms');
  machine.setPin('BUTTON', 1, '4ms');
  t.is(machine.run().exitCode, 0);
  t.is(machine.pin('LED'), 1);
  const shown = events.filter(({ kind }) => ['uart-tx', 'uart-rx', 'pin'].includes(kind));
  t.deepEqual(
    shown.map(({ time, kind, details }) => [Math.floor(time / 1e6), kind, ...Object.values(details)]),
    [
      [1, 'uart-rx', 1, 'grÃ¼Ã\u009fe'],
      [1, 'uart-tx', 2, 'grÃ¼Ã\u009fe'],
      [2, 'pin', 4, 1, 'outside'],
      [2, 'pin', 5, 1, 'guest'],
      [3, 'pin', 4, 0, 'outside'],
      [4, 'pin', 4, 1, 'outside'],
    ],
  );
});

test('what is asked for so many times happens so many times, a period apart', (t) => {
  const machine = firmware(LOOP, NS_PER_CYCLE);
  const moments: number[] = [];
  machine.at(1000, () => moments.push(machine.instructions), { every: 500, count: 4 });
  machine.at({ kind: 'instruction', count: 9000 }, () => moments.push(-machine.instructions));
  t.is(machine.run().exitCode, 0);
  const slack = moments.map((each, at) => Math.abs(each) - [1000, 1500, 2000, 2500, 9000][at]!);
  t.is(moments.length, 5);
  t.true(
    slack.every((each) => each >= 0 && each <= 100),
    `${slack}`,
  );
});
