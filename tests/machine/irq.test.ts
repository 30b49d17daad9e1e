/** `wirq/irq` as firmware calls it: lines, priorities, nesting, masks. */
import test from 'ava';
import { run, trapOf } from './firmware.ts';
import { handler, irq, module, said, say, start } from './irq-firmware.ts';

test('lines are enabled, pended, cleared and given priorities, and all of it can be asked', (t) => {
  const ran = run(
    module(
      start(
        say(irq('is_enabled', 3)),
        irq('enable', 3),
        say(irq('is_enabled', 3)),
        say(irq('get_priority', 3)),
        irq('set_priority', 3, 0x1_85),
        say(irq('get_priority', 3)),
        irq('disable', 3),
        irq('set_pending', 3),
        say(irq('is_pending', 3)),
        irq('clear_pending', 3),
        say(irq('is_pending', 3)),
        irq('enable', 3),
        irq('set_pending', 3),
        say(irq('is_active', 3)),
        say('(call $current)'),
      ) + handler('IRQ3_Handler', say(irq('is_active', 3)), say('(call $current)'), say(irq('is_pending', 3))),
      [],
    ),
  );
  t.deepEqual(said(ran), [0, 1, 0, 0x85, 1, 0, 1, 19, 0, 0, 0]);
  t.like(ran.result.lines[0], { name: 'IRQ3', raised: 2, delivered: 1, cleared: 1, coalesced: 0, pending: false });
});

test('a module that cannot enable lines has those with handlers enabled, one that can has none', (t) => {
  const source = start(say(irq('is_enabled', 3)), say(irq('is_enabled', 4))) + handler('IRQ3_Handler');
  t.deepEqual(said(run(module(source))), [1, 0]);
  t.deepEqual(said(run(module(source, []))), [0, 0]);
});

test('system exceptions are always enabled, those that fault have fixed priorities', (t) => {
  const exceptions = [-14, -13, -5, -2, -1];
  const ran = run(
    module(
      start(
        ...exceptions.flatMap((n) => [
          irq('disable', n),
          irq('set_priority', n, 7),
          say(irq('is_enabled', n)),
          say(irq('get_priority', n)),
        ]),
      ),
    ),
  );
  t.deepEqual(said(ran), [1, -2, 1, -1, 1, 7, 1, 7, 1, 7]);
});

test('questions about lines that do not exist answer 0, commands stop the machine', (t) => {
  for (const line of [240, 255, -3, -15, -16, 0x7fff_ffff, -0x8000_0000]) {
    const asked = run(module(start(...['is_enabled', 'is_pending', 'is_active'].map((name) => say(irq(name, line))))));
    t.deepEqual(said(asked), [0, 0, 0]);
    for (const name of [
      'enable',
      'disable',
      'set_pending',
      'clear_pending',
      'set_priority',
      'set_vector',
      'get_priority',
    ]) {
      const args = name === 'set_priority' || name === 'set_vector' ? [line, 0] : [line];
      const call = name === 'get_priority' ? `(drop ${irq(name, ...args)})` : irq(name, ...args);
      const { result } = run(module(start(call), []));
      t.is(trapOf(result)?.startsWith(`${name}(${line}): there is no such interrupt line`), true, `${name}(${line})`);
      t.is(result.exitCode, 134);
    }
  }
});

test('the more urgent interrupts the less, equals take turns, then comes the lowest number', (t) => {
  const ran = run(
    module(
      start(irq('set_pending', 3), say(99)) +
        handler(
          'IRQ3_Handler',
          say(3),
          irq('set_pending', 4),
          irq('set_pending', 6),
          irq('set_pending', 5),
          irq('set_pending', 7),
          say(-3),
        ) +
        handler('IRQ4_Handler', say(4), irq('set_pending', 8), say(-4)) +
        [5, 6, 7, 8].map((n) => handler(`IRQ${n}_Handler`, say(n), say(-n))).join('\n'),
    ),
    {
      irqs: {
        A: { line: 3, priority: 5 },
        B: { line: 4, priority: 2 },
        C: { line: 5, priority: 5 },
        D: { line: 6, priority: 5 },
        E: { line: 7, priority: 6 },
        F: { line: 8, priority: 1 },
      },
    },
  );
  t.deepEqual(said(ran), [3, 4, 8, -8, -4, -3, 5, -5, 6, -6, 7, -7, 99]);
  t.is(ran.result.deepestNesting, 3);
  t.deepEqual(ran.show('enter').slice(0, 3), ['enter A 5 1', 'enter B 2 2', 'enter F 1 3']);
});

test('what is raised while it is pending becomes one, what is raised while it is active comes again', (t) => {
  const ran = run(
    module(
      start(
        `(drop ${irq('set_primask', 1)})`,
        irq('set_pending', 3),
        irq('set_pending', 3),
        irq('set_pending', 3),
        `(drop ${irq('set_primask', 0)})`,
      ) +
        handler(
          'IRQ3_Handler',
          say(3),
          `(if (i32.eq (i32.load (i32.const 0)) (i32.const 4)) (then ${irq('set_pending', 3)}))`,
          say(-3),
        ),
    ),
  );
  t.deepEqual(said(ran), [3, -3, 3, -3]);
  t.like(ran.result.lines[0], { raised: 4, delivered: 2, coalesced: 2, pending: false });
  t.deepEqual(ran.show('pend').slice(0, 2), ['pend IRQ3 guest', 'pend IRQ3 guest true']);
});

test('PRIMASK, BASEPRI and FAULTMASK hold back what they mask, and give it free when they are cleared', (t) => {
  const held = (mask: string, on: number, line: number) => [
    say(irq(`set_${mask}`, on)),
    irq('set_pending', line),
    say(irq('is_pending', line)),
    say(irq(`set_${mask}`, 0)),
    say(irq('is_pending', line)),
  ];
  const ran = run(
    module(
      start(
        ...held('primask', 3, 3),
        ...held('basepri', 5, 3),
        ...held('basepri', 6, 3),
        ...held('faultmask', 1, 3),
        say(irq('set_primask', 2)),
        say('(call $get_primask)'),
        say(irq('set_basepri', 0x107)),
        say('(call $get_basepri)'),
      ) + handler('IRQ3_Handler', say(33)),
    ),
    { irqs: { A: { line: 3, priority: 5 } } },
  );
  const [first, ...rest] = [
    [0, 1, 33, 1, 0],
    [0, 1, 33, 5, 0],
    [0, 33, 0, 6, 0],
    [0, 1, 33, 1, 0],
  ];
  t.deepEqual(said(ran), [...first!, ...rest.flat(), 0, 0, 0, 7]);
  t.deepEqual(ran.show('mask').slice(0, 2), ['mask PRIMASK 3', 'mask PRIMASK 0']);
});

test('FAULTMASK is cleared when its handler returns', (t) => {
  const ran = run(
    module(
      start(irq('set_pending', 3), say(1)) +
        handler('IRQ3_Handler', `(drop ${irq('set_faultmask', 1)})`, irq('set_pending', 4), say(3)) +
        handler('IRQ4_Handler', say(4)),
    ),
    { irqs: { A: { line: 3, priority: 5 }, B: { line: 4, priority: 1 } } },
  );
  t.deepEqual(said(ran), [3, 4, 1]);
});
