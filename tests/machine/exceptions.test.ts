/** The exception model beyond priorities and masks: levels, sleep-on-exit, events, supervisor calls, faults, SysTick's registers. */
import test from 'ava';
import { run, trapOf } from './firmware.ts';
import { handler, irq, module, said, say, start } from './irq-firmware.ts';

/** A run on a clock of one cycle a microsecond: a program's own instructions hardly take time beside its waits. */
const SLOW = { hz: '1MHz' } as const;

test('a line that is still asserted when its handler returns is pended again', (t) => {
  const source = module(handler('IRQ3_Handler', say(3)) + start('(call $wfi)', say(1), '(call $wfi)', say(2)));
  const ran = run(source, {}, (m) => {
    m.at('1ms', () => m.setLine(3, 1));
    m.onEvent((event) => {
      if (event.kind === 'enter' && m.delivered(3) === 3) m.setLine(3, 0);
    });
    m.raise(3, '2ms');
  });
  t.deepEqual(said(ran), [3, 3, 3, 1, 3, 2]);
  t.deepEqual(ran.show('pend').slice(0, 2), ['pend IRQ3 input', 'pend IRQ3 level']);
});

test('clearing the pending state of an asserted line does nothing; of a quiet one it does', (t) => {
  const source = module(
    handler('SysTick_Handler') + start('(call $wfi)', irq('clear_pending', 3), say('(call $is_pending (i32.const 3))')),
  );
  const asserted = (level: 0 | 1) =>
    said(
      run(source, {}, (m) => {
        m.at('1ms', () => m.setLine(3, 1));
        m.at('1ms', () => m.setLine(3, level));
        m.raise('SysTick', '2ms');
      }),
    );
  t.deepEqual(asserted(1), [1]);
  t.deepEqual(asserted(0), [0]);
});

test('a line that is never quiet does not keep a run from its limits, whatever its handler does', (t) => {
  for (const limit of [{ timeout: '1ms' }, { wall: { nowMs: ticking(), limitMs: 50 } }]) {
    const ran = run(module(handler('IRQ3_Handler') + start('(call $wfi)')), limit, (m) => m.setLine(3, 1));
    t.is(ran.result.exitCode, 124);
  }
});

function ticking(): () => number {
  let now = 0;
  return () => now++;
}

test('with SLEEPONEXIT thread mode is not returned to, until a handler clears it', (t) => {
  const source = module(
    handler('IRQ3_Handler', say(3)) +
      handler('IRQ4_Handler', say(4), '(drop (call $set_scr (i32.const 0)))') +
      start('(drop (call $set_scr (i32.const 0xff)))', say('(call $get_scr)'), irq('set_pending', 3), say(1)),
  );
  const ran = run(source, {}, (m) => {
    m.raise(3, '1ms');
    m.raise(4, '2ms');
  });
  t.deepEqual(said(ran), [0x16, 3, 3, 4, 1]);
  t.deepEqual(ran.show('sleep', 'wake', 'enter'), [
    'enter IRQ3 0 1',
    'sleep',
    'wake',
    'enter IRQ3 0 1',
    'sleep',
    'wake',
    'enter IRQ4 0 1',
  ]);
});

test('a sleep on exit ends for what PRIMASK alone holds back, and one that nothing can end is a deadlock', (t) => {
  const source = module(
    handler('IRQ3_Handler', say(3), '(drop (call $set_primask (i32.const 1)))') +
      start('(drop (call $set_scr (i32.const 2)))', irq('set_pending', 3), say(1)),
  );
  t.deepEqual(said(run(source, {}, (m) => m.raise(3, '1ms'))), [3, 1]);
  t.is(run(source).result.outcome.kind, 'deadlock');
});

test('firmware without a thread sleeps on exit as it does anyway', (t) => {
  const source = module(handler('IRQ3_Handler', say(3), '(drop (call $set_scr (i32.const 2)))'));
  const ran = run(source, {}, (m) => m.raise(3, '1ms'));
  t.deepEqual(said(ran), [3]);
  t.is(ran.result.outcome.kind, 'idle');
});

test('wfe is not ended by what PRIMASK holds back, but with SEVONPEND by any pend, of a disabled line too', (t) => {
  const source = (scr: number) =>
    module(
      start(
        `(drop (call $set_scr (i32.const ${scr})))`,
        '(drop (call $set_primask (i32.const 1)))',
        '(call $wfe)',
        say('(call $is_pending (i32.const 4))'),
      ),
    );
  const raised = (scr: number) =>
    run(source(scr), {}, (m) => {
      m.raise(4, '1ms');
    });
  t.is(raised(0).result.outcome.kind, 'deadlock');
  t.deepEqual(said(raised(0x10)), [1]);
});

test('a supervisor call runs its handler before it returns, and is a HardFault where it cannot', (t) => {
  const svc = handler('SVC_Handler', say('(call $svc_number)'));
  t.deepEqual(said(run(module(svc + start(irq('svc', 42), say(1), irq('svc', 7))))), [42, 1, 7]);
  const masked = start('(drop (call $set_primask (i32.const 1)))', irq('svc', 42), say(1));
  const fault = handler('HardFault_Handler', say('(call $fault_cause)'));
  t.deepEqual(said(run(module(svc + fault + masked))), [9, 1]);
  const locked = run(module(svc + masked)).result;
  t.regex(trapOf(locked) ?? '', /^lock-up: a supervisor call/);
  t.is(locked.exitCode, 134);
});

const TRAPS: readonly (readonly [body: string, cause: number, message: RegExp])[] = [
  ['unreachable', 1, /unreachable/],
  ['(drop (i32.load (i32.const 65536)))', 2, /out of bounds/],
  ['(drop (i32.div_s (i32.const 1) (call $is_pending (i32.const 0))))', 3, /divide by zero/],
  ['(drop (i32.rem_u (i32.const 1) (call $is_pending (i32.const 0))))', 3, /remainder by zero/],
  ['(drop (i32.div_s (i32.const 0x80000000) (i32.sub (call $is_pending (i32.const 0)) (i32.const 1))))', 4, /unrep/],
  ['(drop (i32.trunc_f32_s (f32.const nan)))', 4, /unrepresentable/],
  ['(call_indirect (i32.const 9))', 5, /table index/],
  ['(call_indirect (i32.const 0))', 5, /./],
  ['(call $recurse)', 6, /call stack exhausted/],
];

const RECURSION = '(table 1 funcref) (func $recurse (call $recurse) (drop (i32.load (i32.const 0))))';

test('a trap is a HardFault with its cause, in whose handler interrupts still nest; then the run ends as it would have', (t) => {
  for (const [body, cause, message] of TRAPS) {
    const fault = handler('HardFault_Handler', say('(call $fault_cause)'), say('(call $current)'));
    const ran = run(module(RECURSION + fault + start(say(1), body, say(2))));
    t.deepEqual(said(ran), [1, cause, 3], body);
    t.regex(trapOf(ran.result) ?? '', message);
    t.is(ran.result.exitCode, 134);
    const { outcome } = ran.result;
    t.true(outcome.kind === 'trap' && outcome.backtrace.length > 0 && outcome.handled === undefined);
    t.regex(ran.show('hardfault').join(), new RegExp(`^hardfault ${cause} `));
  }
});

test('a fault in a handler is taken inside it, and the handler of HardFault can end the run in good order', (t) => {
  const source = (end: string) =>
    `${module(
      handler('IRQ3_Handler', say(3), 'unreachable') +
        handler('HardFault_Handler', say('(call $is_active (i32.const 3))'), end) +
        handler('NMI_Handler', say(-14)) +
        start(irq('set_pending', 3), say(1)),
    ).replace('(module', '(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))')}`;
  const ran = run(source(`${irq('set_pending', -14)} (call $exit (i32.const 7))`));
  t.deepEqual(said(ran), [3, 1, -14]);
  t.is(ran.result.exitCode, 7);
  const returned = run(source(''));
  t.is(returned.result.exitCode, 134);
  t.is(returned.result.lines.find(({ name }) => name === 'HardFault')?.delivered, 1);
});

test('a fault behind FAULTMASK, in NMI or in the handler of HardFault is a lock-up, told with both backtraces', (t) => {
  const fault = handler('HardFault_Handler', say(1));
  const masked = run(module(fault + start('(drop (call $set_faultmask (i32.const 1)))', 'unreachable')));
  t.is(trapOf(masked.result), 'lock-up: unreachable, where HardFault is held back');
  t.deepEqual(said(masked), []);
  const nmi = run(module(fault + handler('NMI_Handler', 'unreachable') + start(irq('set_pending', -14))));
  t.is(trapOf(nmi.result), 'lock-up: unreachable, where HardFault is held back');
  const twice = run(
    module(
      '(func $bad unreachable)' +
        handler('HardFault_Handler', '(call $bad)') +
        start('(drop (i32.load (i32.const -4)))'),
    ),
  );
  t.is(trapOf(twice.result), 'lock-up: unreachable, while HardFault was handled');
  t.is(twice.result.exitCode, 134);
  const { outcome } = twice.result;
  if (outcome.kind !== 'trap') return t.fail();
  t.deepEqual(
    outcome.backtrace.map((frame) => frame.function),
    ['bad', 'HardFault_Handler'],
  );
  t.regex(outcome.handled?.message ?? '', /out of bounds/);
  t.deepEqual(
    outcome.handled?.backtrace.map((frame) => frame.function),
    ['_start'],
  );
});

test('a handler of HardFault that never returns is stopped by each limit', (t) => {
  const source = module(handler('HardFault_Handler', '(loop $l (br $l))') + start('unreachable'));
  t.is(run(source, { timeout: '1ms' }).result.exitCode, 124);
  t.is(run(source, { maxInstructions: 5000 }).result.exitCode, 124);
});

test('the registers of SysTick: it counts down, says that it came to 0, stops and goes on', (t) => {
  const source = module(
    start(
      irq('set_systick_load', 0x1_00_00_00 + 99_999), // 24 bits of it
      say('(call $get_systick_load)'),
      irq('set_systick_val', 5),
      irq('set_systick_ctrl', 5),
      '(call $wfi)', // until 10 ms
      say('(i32.div_u (call $get_systick_val) (i32.const 10000))'),
      say('(call $get_systick_ctrl)'),
      '(call $wfi)', // until 110 ms: it has come to 0, without TICKINT
      say('(i32.div_u (call $get_systick_val) (i32.const 10000))'),
      say('(call $get_systick_ctrl)'),
      say('(call $get_systick_ctrl)'),
      irq('set_systick_ctrl', 0),
      '(call $wfi)', // until 160 ms: it stood still
      say('(i32.div_u (call $get_systick_val) (i32.const 10000))'),
      irq('set_systick_ctrl', 3),
      say('(call $is_pending (i32.const -1))'),
      '(call $wfi)', // 90 ms later
      say(0),
    ) +
      handler('SysTick_Handler', say(-1), irq('set_systick_ctrl', 0)) +
      handler('IRQ3_Handler'),
  );
  const ran = run(source, SLOW, (m) => {
    for (const when of ['10ms', '110ms', '160ms']) m.raise(3, when);
  });
  t.deepEqual(said(ran), [99_999, 9, 5, 9, 0x1_0005, 5, 9, 0, -1, 0]);
  const tick = ran.events.find(({ kind, details }) => kind === 'enter' && details.line === 'SysTick');
  t.true(tick !== undefined && tick.time > 249e6 && tick.time < 251e6, String(tick?.time));
});

test('SysTick says how many cycles are 10 ms', (t) => {
  const calibration = (hz: string) => said(run(module(start(say('(call $get_systick_calib)'))), { hz }))[0]! >>> 0;
  t.is(calibration('16MHz'), 0x8000_0000 + 159_999);
  t.is(calibration('32768Hz'), 0xc000_0000 + 327);
  t.is(calibration('10GHz'), 0x8000_0000);
});

test('priorities have as many bits as the machine is given, from the top; grouping decides what interrupts', (t) => {
  const source = module(
    start(
      irq('set_priority', 3, 0xff),
      say('(call $get_priority (i32.const 3))'),
      '(drop (call $set_basepri (i32.const 0xb7)))',
      say('(call $get_basepri)'),
    ),
  );
  t.deepEqual(said(run(source, { priorityBits: 3 })), [0xe0, 0xa0]);
  t.deepEqual(said(run(source)), [0xff, 0xb7]);
  for (const priorityBits of [1, 9, 2.5]) t.throws(() => run(source, { priorityBits }), { code: 'bad-argument' });
  const nested = (grouping: number) =>
    said(
      run(
        module(
          handler('IRQ3_Handler', irq('set_pending', 4), irq('set_pending', 5), say(3)) +
            handler('IRQ4_Handler', say(4)) +
            handler('IRQ5_Handler', say(5)) +
            start(irq('set_priority_grouping', grouping), say('(call $get_priority_grouping)'), irq('set_pending', 3)),
        ),
        { irqs: { A: { line: 3, priority: 0x80 }, B: { line: 4, priority: 0x30 }, C: { line: 5, priority: 0x20 } } },
      ),
    );
  t.deepEqual(nested(3), [3, 4, 5, 3]);
  t.deepEqual(nested(7), [7, 3, 5, 4]);
});

test('BASEPRI_MAX only masks more', (t) => {
  const set = (value: number) => `(drop (call $set_basepri_max (i32.const ${value})))`;
  const read = say('(call $get_basepri)');
  t.deepEqual(
    said(run(module(start(set(0), read, set(0x40), read, set(0x80), read, set(0), read, set(0x20), read)))),
    [0, 0x40, 0x40, 0x40, 0x20],
  );
});
