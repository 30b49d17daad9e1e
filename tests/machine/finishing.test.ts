/** How a run comes to its end when nobody ends it: the last step of a script, the end of machine time, raises for nothing. */
import test from 'ava';
import { Machine } from '../../src/machine/machine.ts';
import { wat } from '../support/wat.ts';

const COUNTING = wat(`(module
  (memory (export "memory") 1)
  (func (export "IRQ3_Handler") (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))))
  (func (export "main") (loop $again (br $again))))`);

test('what the last step of a script raises is still handled', (t) => {
  const machine = Machine.load(COUNTING);
  const { outcome } = machine.run(function* () {
    yield machine.delay('1us');
    machine.raise(3);
  });
  t.is(outcome.kind, 'finished');
  t.is(machine.delivered(3), 1);
  t.is(machine.readMemory(0, 1)[0], 1);
});

test('a handler that never returns does not keep a finished script waiting for ever', (t) => {
  const machine = Machine.load(
    wat('(module (func (export "IRQ3_Handler") (loop (br 0))) (func (export "main") (loop (br 0))))'),
    { hz: '10kHz' },
  );
  const { outcome, time } = machine.run(function* () {
    yield machine.delay('1ms');
    machine.raise(3);
  });
  t.is(outcome.kind, 'finished');
  t.true(time >= 1e9 && time < 1.1e9, `${time} ns`);
});

test('the end of machine time is a timeout, not a deadlock', (t) => {
  const machine = Machine.load(
    wat('(module (import "wirq/irq" "wfi" (func $wfi)) (func (export "main") (call $wfi)))'),
  );
  machine.raise(9, { kind: 'every', period: (2 ** 51) as never });
  const { outcome, exitCode } = machine.run();
  t.is(outcome.kind, 'timeout');
  t.is(exitCode, 124);
});

test('only what was raised from outside is missed when nothing handles it', (t) => {
  const reader = wat(`(module
    (import "wirq/board" "uart_read" (func $read (param i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "main") (drop (call $read (i32.const 0) (i32.const 0) (i32.const 8)))))`);
  const polled = Machine.load(reader);
  polled.writeSerial('go');
  t.deepEqual(polled.run().warnings, []);
  const raised = Machine.load(reader);
  raised.raise(5);
  t.regex(raised.run().warnings.join(), /IRQ5 was raised 1 time and never delivered/);
});
