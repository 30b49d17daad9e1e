/** Waiting for interrupts, events and ticks, and waits that nothing can end. */
import test from 'ava';
import { NS_PER_CYCLE, run } from './firmware.ts';
import { handler, irq, module, said, say, start } from './irq-firmware.ts';

test('wfi sleeps until an interrupt was handled, and only then goes on', (t) => {
  const ran = run(module(start(say(1), '(call $wfi)', say(2)) + handler('IRQ3_Handler', say(3))), NS_PER_CYCLE, (m) =>
    m.raise(3, '5ms'),
  );
  t.deepEqual(said(ran), [1, 3, 2]);
  t.deepEqual(ran.show('sleep', 'pend', 'enter', 'leave', 'wake'), [
    'sleep',
    'pend IRQ3 injection',
    'enter IRQ3 0 1',
    'leave IRQ3 1',
    'wake',
  ]);
  t.is(Math.floor(ran.result.time / 1e6), 5);
  t.true(ran.result.instructions < 100);
});

test('PRIMASK holds the handler back, yet wfi wakes: no wake-up is lost between a check and the wait', (t) => {
  const ran = run(
    module(
      start(
        `(drop ${irq('set_primask', 1)})`,
        irq('set_pending', 3),
        '(call $wfi)',
        say(1),
        '(call $wfi)',
        say(2),
        `(drop ${irq('set_primask', 0)})`,
        say(4),
      ) + handler('IRQ3_Handler', say(3)),
    ),
  );
  t.deepEqual(said(ran), [1, 2, 3, 4]);
  t.deepEqual(ran.show('sleep'), []);
});

test('wfi sleeps through what it would not take: masked by BASEPRI, disabled, or less urgent than the handler', (t) => {
  const ran = run(
    module(
      start(`(drop ${irq('set_basepri', 6)})`, irq('set_pending', 5), irq('set_pending', 6), '(call $wfi)', say(2)) +
        handler('IRQ4_Handler', say(4), irq('set_pending', 7), '(call $wfi)', say(-4)) +
        [5, 7, 8].map((n) => handler(`IRQ${n}_Handler`, say(n))).join('\n'),
    ),
    {
      irqs: {
        A: { line: 4, priority: 4 },
        B: { line: 5, priority: 6 },
        C: { line: 7, priority: 4 },
        D: { line: 8, priority: 2 },
      },
    },
    (m) => {
      m.raise(4, '1ms');
      m.raise(8, '2ms');
    },
  );
  t.deepEqual(said(ran), [4, 8, -4, 7, 2]);
  t.like(
    ran.result.lines.find(({ line }) => line === 5),
    { pending: true, delivered: 0 },
  );
  t.regex(ran.result.warnings.join(), /IRQ6 was raised 1 time and never delivered: the line is not enabled/);
});

test('a wait that nothing can end is a deadlock, reported as such', (t) => {
  const { result } = run(module(start('(call $wfi)') + handler('IRQ3_Handler')));
  t.is(result.exitCode, 134);
  t.regex(
    result.outcome.kind === 'deadlock' ? result.outcome.message : '',
    /^the guest waits since \d+ns, and nothing is left/,
  );
  const stranded = run(module(start('(call $wfi)') + handler('IRQ3_Handler')), {}, (m) =>
    m.raise(3, { kind: 'instruction', count: 5000 }),
  );
  t.regex(
    stranded.result.outcome.kind === 'deadlock' ? stranded.result.outcome.message : '',
    /instruction 5000 cannot come/,
  );
});

test('sev ends the next wfe, once', (t) => {
  const ran = run(
    module(
      start('(call $sev)', '(call $sev)', '(call $wfe)', say(1), '(call $wfe)', say(2)) +
        handler('IRQ3_Handler', say(3)),
    ),
    {},
    (m) => m.raise(3, '1ms'),
  );
  t.deepEqual(said(ran), [1, 3, 2]);
});

test('a handler that ran before wfe ends it: the flag it set is not slept over', (t) => {
  const flag = '(i32.load (i32.const 2000))';
  const ran = run(
    module(
      start(`(block $set (loop $wait (br_if $set ${flag}) ${irq('set_pending', 3)} (call $wfe) (br $wait)))`, say(1)) +
        handler('IRQ3_Handler', '(i32.store (i32.const 2000) (i32.const 1))'),
    ),
  );
  t.is(ran.result.exitCode, 0);
  t.deepEqual(said(ran), [1]);
});

test('SysTick pends every reload + 1 cycles, without drift at any rate', (t) => {
  for (const [hz, reload] of [
    [32_768, 31],
    [16_000_000, 15_999],
    [33_333_333, 1_000_003],
    [1_000_003, 76],
    [7, 2],
    [16_000_000, 0xff_ffff],
  ] as const) {
    const { events, result } = run(
      module(start(`(drop ${irq('systick', reload)})`, '(loop (call $wfi) (br 0))') + handler('SysTick_Handler')),
      { hz, maxInstructions: 400 },
    );
    t.is(result.exitCode, 124);
    const times = events.filter(({ kind }) => kind === 'pend').map(({ time }) => Number(time));
    t.true(times.length > 50);
    const exact = (n: number) => Number((BigInt(n) * BigInt(reload + 1) * 1_000_000_000n) / BigInt(hz));
    const cycle = Math.ceil(1e9 / hz);
    const begun = times[0]! - exact(1);
    times.forEach((time, at) => {
      const late = time - exact(at + 1) - begun;
      if (Math.abs(late) > 2 * cycle) t.fail(`tick ${at} of ${reload} at ${hz} Hz is ${late} ns late`);
    });
  }
  t.pass();
});

test('systick refuses what its 24 bits cannot hold, and 0 stops it', (t) => {
  const ran = run(
    module(
      start(
        say(irq('systick', 0x100_0000)),
        say(irq('systick', -1)),
        say(irq('systick', 999)),
        '(call $wfi)',
        say(irq('systick', 0)),
        '(call $wfi)',
      ) + handler('SysTick_Handler', say(15)),
    ),
  );
  t.deepEqual(said(ran), [1, 1, 0, 15, 0]);
  t.is(ran.result.outcome.kind, 'deadlock');
});
