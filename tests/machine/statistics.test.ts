/** What a run tells of the times of its interrupts, and that finding it out costs no memory. */
import v8 from 'node:v8';
import test from 'ava';
import { firmware, run } from './firmware.ts';
import { handler, irq, module, start } from './irq-firmware.ts';

const SPIN = (n: number) =>
  `(loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${n}))))`;

/** A cycle a microsecond. */
const SLOW = { hz: '1MHz' } as const;

test('latency is the time from pend to entry, duration that from entry to return, each in the order of its making', (t) => {
  const source = module(
    handler('IRQ3_Handler', '(local $i i32)', SPIN(1000)) +
      handler('IRQ4_Handler') +
      start('(call $wfi)', '(call $wfi)'),
  );
  const ran = run(source, { ...SLOW, irqs: { A: 3, B: 4 } }, (m) => {
    m.raise(3, '1ms');
    m.raise(4, '2ms');
    m.raise(3, '100ms');
  });
  const [a, b] = ran.result.statistics.lines;
  t.like(a, { name: 'A', line: 3, latency: { min: 0, max: 0 } });
  const entered = ran.events.filter(({ kind, details }) => kind === 'enter' && details.line === 'A');
  const left = ran.events.filter(({ kind, details }) => kind === 'leave' && details.line === 'A');
  const durations = entered.map(({ time }, at) => left[at]!.time - time);
  t.is(durations.length, 2);
  t.deepEqual([a!.duration!.min, a!.duration!.max], [Math.min(...durations), Math.max(...durations)]);
  const raised = ran.events.find(({ kind, details }) => kind === 'pend' && details.line === 'B')!;
  const handled = ran.events.find(({ kind, details }) => kind === 'enter' && details.line === 'B')!;
  t.true(handled.time > raised.time + 1e6, 'B waited for the end of A');
  t.is(b!.latency.max, handled.time - raised.time);
  t.is(b!.latencyInstructions.max, handled.instructions - raised.instructions);
});

test('the longest masked stretch is told, with the function that ended it; masks that end with a handler count', (t) => {
  const source = module(
    `(func $critical (local $i i32) (drop (call $set_primask (i32.const 1))) ${SPIN(5000)} (drop (call $set_primask (i32.const 0))))
     ${handler('IRQ3_Handler', '(drop (call $set_faultmask (i32.const 1)))')}
     ${start('(drop (call $set_basepri (i32.const 16)))', '(drop (call $set_basepri (i32.const 0)))', irq('set_pending', 3), '(call $critical)')}`,
  );
  const { result, events } = run(source, SLOW);
  const masks = events.filter(({ kind }) => kind === 'mask');
  const [set, cleared] = masks.slice(-2);
  t.like(result.statistics.masked, {
    from: set!.time,
    time: cleared!.time - set!.time,
    instructions: cleared!.instructions - set!.instructions,
  });
  t.is(result.statistics.masked?.place?.function, 'critical');
  t.is(run(module(start())).result.statistics.masked, null);
});

test('what goes by mailbox has a latency and no duration, and what was never delivered no times', (t) => {
  const source =
    '(module (memory 1) (global (export "wirq_mailbox") i32 (i32.const 64)) (func (export "main") (local $i i32) (loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 9999))))) (data (i32.const 64) "\\57\\49\\52\\51\\01\\00\\40\\00\\00\\00\\00\\00\\08\\00\\00\\00"))';
  const { result } = run(source, SLOW, (m) => {
    m.raise(3, '1ms');
    m.raise('PendSV', '30ms');
    m.raise(3, '2ms');
  });
  t.like(result.statistics.lines, { 0: { line: 3, duration: null }, length: 1 });
  t.like(
    result.lines.find(({ line }) => line === 3),
    { delivered: 2, overrun: 1 },
  );
});

test('an interrupt allocates nothing', (t) => {
  const laps: number[] = [];
  const INTERRUPTS = 20_000;
  const source = `(module (import "test" "lap" (func $lap)) (import "wirq/irq" "set_pending" (func $pend (param i32)))
    (memory 1) (global $__stack_pointer (mut i32) (i32.const 4096)) (func (export "IRQ3_Handler"))
    (func (export "main") (local $i i32) (local $j i32)
      (loop $o (call $lap) (local.set $i (i32.const ${INTERRUPTS}))
        (loop $l (call $pend (i32.const 3)) (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
        (br_if $o (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 25))))))`;
  const lap = () => laps.push(v8.getHeapStatistics().used_heap_size);
  const machine = firmware(source, { imports: { test: { lap: { signature: '>', call: lap } } } });
  machine.run();
  t.is(machine.delivered(3), 25 * INTERRUPTS);
  const growth = laps
    .slice(1)
    .map((used, at) => used - laps[at]!)
    .filter((bytes) => bytes >= 0);
  // What compiles in the background allocates too: the calmest stretch counts.
  t.true(Math.min(...growth) / INTERRUPTS < 0.5, `${Math.min(...growth)} bytes for ${INTERRUPTS} interrupts`);
});
