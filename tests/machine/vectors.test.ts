/** Which handler is called, what is refused, and what happens to an interrupt that nothing handles. */
import test from 'ava';
import { duration } from '../../src/clock/instant.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import { firmware, NS_PER_CYCLE, run, trapOf } from './firmware.ts';
import { handler, irq, module, said, say, start } from './irq-firmware.ts';

const TABLE = `(table 4 funcref) (elem (i32.const 0) $plain $line $wrong $third)
  (func $plain (call $say (i32.const 1))) (func $line (param i32) (call $say (local.get 0)))
  (func $wrong (param i64)) (func $third (call $say (i32.const 3)))`;

test('set_vector replaces a handler, with or without the line number', (t) => {
  const ran = run(
    module(
      TABLE +
        handler('IRQ9_Handler', say(9)) +
        start(
          irq('set_pending', 9),
          irq('set_vector', 9, 1),
          irq('set_pending', 9),
          irq('set_vector', 9, 0),
          irq('set_pending', 9),
          irq('set_vector', -2, 1),
          irq('set_pending', -2),
          irq('set_vector', 200, 3),
          irq('set_pending', 200),
        ),
    ),
  );
  t.deepEqual(said(ran), [9, 9, 1, -2, 3]);
});

test('a vector that is no function, or none that can handle, stops the machine by name', (t) => {
  for (const [index, message] of [
    [2, /set_vector\(3, 2\), wrong, has the type .*i64.*, which no handler can have/],
    [4, /set_vector\(3, 4\): there is no function at this table index/],
    [-1, /set_vector\(3, 4294967295\): there is no function/],
  ] as const) {
    const { result } = run(module(TABLE + start(irq('set_vector', 3, index))));
    t.regex(trapOf(result) ?? '', message);
    t.is(result.exitCode, 134);
  }
  t.regex(trapOf(run(module(start(irq('set_vector', 3, 0)))).result) ?? '', /there is no function/);
  t.regex(
    trapOf(run(module(`(table 1 funcref) ${start(irq('set_vector', 3, 0))}`)).result) ?? '',
    /there is no function/,
  );
});

test('a line that the guest disabled stays disabled when a vector is set', (t) => {
  const ran = run(
    module(
      TABLE +
        handler('IRQ9_Handler') +
        start(
          irq('disable', 9),
          irq('set_vector', 9, 0),
          say(irq('is_enabled', 9)),
          irq('set_vector', 8, 0),
          say(irq('is_enabled', 8)),
        ),
    ),
  );
  t.deepEqual(said(ran), [0, 1]);
});

test('a handler of a shape that no handler can have is refused at load, by name', (t) => {
  for (const [name, shape] of [
    ['IRQ3_Handler', '(param i64)'],
    ['IRQ3_Handler', '(param i32 i32)'],
    ['SysTick_Handler', '(result i32) (i32.const 1)'],
    ['PUMP_IRQHandler', '(param f32)'],
    ['pump', '(param f32)'],
  ] as const) {
    const options: MachineOptions = { irqs: { PUMP: name === 'pump' ? { line: 7, handler: 'pump' } : 7 } };
    t.throws(() => firmware(`(module (func (export "${name}") ${shape}))`, options), {
      code: 'bad-handler',
      message: new RegExp(`^${name} has the type .* which no handler can have`),
    });
  }
  t.throws(() => firmware('(module (func (export "IRQ240_Handler")))'), {
    code: 'bad-handler',
    message: /there is no line 240/,
  });
  t.throws(() => firmware('(module)', { irqs: { A: { line: 1, handler: 'gone' } } }), {
    code: 'bad-handler',
    message: /exports no function gone/,
  });
});

test('the first handler that applies is the one configured, then by name, then by number', (t) => {
  const all = ['mine', 'PUMP_IRQHandler', 'IRQ7_Handler'];
  const source = (names: string[]) =>
    module(names.map((name) => handler(name, say(all.indexOf(name)))).join('') + start(irq('set_pending', 7)));
  t.deepEqual(said(run(source(all), { irqs: { PUMP: { line: 7, handler: 'mine' } } })), [0]);
  t.deepEqual(said(run(source(all), { irqs: { PUMP: 7 } })), [1]);
  t.deepEqual(said(run(source(all))), [2]);
});

test('what is enabled and pending without a handler is a HardFault, once for each', (t) => {
  const source =
    handler('HardFault_Handler', say('(call $current)')) +
    start(irq('enable', 3), irq('set_pending', 3), irq('set_pending', -2), say(1));
  const ran = run(module(source, []));
  t.deepEqual(said(ran), [3, 3, 1]);
  t.deepEqual(ran.show('pend').slice(0, 2), ['pend IRQ3 guest', 'pend HardFault IRQ3 has no handler']);
  t.like(
    ran.result.lines.find(({ line }) => line === 3),
    { raised: 1, delivered: 0, dropped: 1, pending: false },
  );
});

test('without a handler for HardFault, or inside it, a fault locks up and ends the run', (t) => {
  const none = run(module(start(irq('enable', 3), irq('set_pending', 3)), []));
  t.is(trapOf(none.result), 'IRQ3 is enabled and pending, but nothing handles it');
  t.is(none.result.exitCode, 134);
  const inside = run(module(handler('HardFault_Handler', irq('set_pending', -14)) + start(irq('set_pending', -13))));
  t.is(trapOf(inside.result), 'NMI is enabled and pending, but nothing handles it');
  t.is(
    trapOf(run(module(start(irq('set_pending', -13)))).result),
    'HardFault is enabled and pending, but nothing handles it',
  );
});

test('a handler that raises itself for ever is stopped by each limit', (t) => {
  const source = module(handler('IRQ3_Handler', irq('set_pending', 3)) + start(irq('set_pending', 3)));
  for (const options of [
    { timeout: '1ms' },
    { maxInstructions: 5000 },
    { wall: { nowMs: ticking(), limitMs: 500 } },
  ] as MachineOptions[]) {
    t.is(run(source, options).result.exitCode, 124);
  }
});

/** A wall clock that a test can rely on: every look at it is a millisecond. */
function ticking(): () => number {
  let now = 0;
  return () => now++;
}

test('an interrupt of a handler comes between two of its instructions', (t) => {
  const ran = run(
    module(
      handler(
        'IRQ3_Handler',
        '(local $i i32)',
        say(3),
        '(loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))',
        say(-3),
      ) +
        handler('IRQ4_Handler', say(4)) +
        start(irq('set_pending', 3), say(1)),
    ),
    { ...NS_PER_CYCLE, irqs: { A: { line: 3, priority: 5 }, B: { line: 4, priority: 2 } } },
    (m) => m.raise(4, duration(200)),
  );
  t.deepEqual(said(ran), [3, 4, -3, 1]);
});
