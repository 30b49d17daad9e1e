/** A machine in real time, by a clock that the test turns: no second of ours passes, and none is measured. */
import test from 'ava';
import { duration, instant } from '../../src/clock/instant.ts';
import type { RealTime } from '../../src/clock/real-time.ts';
import { firmware, run } from './firmware.ts';

/** Time passes a little whenever somebody looks at it, and as long as is slept. */
function turnedClock(step_ns = 1000): RealTime & { readonly slept: (number | undefined)[] } {
  let now = 0;
  const slept: (number | undefined)[] = [];
  return {
    slept,
    nowNs: () => {
      now += step_ns;
      return now;
    },
    rest: (ns) => {
      slept.push(ns);
      now += ns ?? 0;
    },
  };
}

/** Spins until its handler has run five times. */
const SPINS = `(module (memory (export "memory") 1)
  (func (export "IRQ3_Handler") (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))))
  (func (export "main") (result i32)
    (loop $l (br_if $l (i32.lt_u (i32.load (i32.const 0)) (i32.const 5))))
    (i32.load (i32.const 0))))`;

/** The same, asking for the time in each round. */
const CALLS = SPINS.replace('(module', '(module (import "wirq/board" "now" (func $now (result i64)))').replace(
  '(loop $l ',
  '(loop $l (drop (call $now)) ',
);

test('a loop without calls is interrupted at its safepoints', (t) => {
  const { result } = run(SPINS, { realTime: turnedClock() }, (machine) => {
    machine.at({ kind: 'every', period: duration(20_000) }, () => machine.raise(3));
  });
  t.is(result.exitCode, 5);
  t.true(result.instructions > 0);
});

test('a guest that calls out is interrupted there, in code that nobody rewrote', (t) => {
  const { result } = run(CALLS, { realTime: turnedClock(), preempt: 'calls' }, (machine) => {
    for (let i = 1; i <= 5; i++) machine.raise(3, i * 10_000);
  });
  t.is(result.exitCode, 5);
  t.is(result.instructions, 0, 'nothing counts them');
  t.is(result.lines[0]!.delivered, 5);
});

test('a wait sleeps until the next event, and no longer', (t) => {
  const realTime = turnedClock(0);
  const { result, events } = run(
    `(module (import "wirq/irq" "wfi" (func $wfi))
      (func (export "IRQ3_Handler")) (func (export "main") (call $wfi)))`,
    { realTime },
    (machine) => machine.raise(3, '5ms'),
  );
  t.is(result.exitCode, 0);
  t.deepEqual(realTime.slept, [5_000_000]);
  t.is(events.find(({ kind }) => kind === 'enter')!.time, instant(5_000_000));
});

test('waiting for nothing is a deadlock, unless something may come from outside', (t) => {
  const WAITS = `(module (import "wirq/irq" "wfi" (func $wfi))
    (func (export "IRQ3_Handler")) (func (export "main") (call $wfi)))`;
  t.is(run(WAITS, { realTime: turnedClock() }).result.outcome.kind, 'deadlock');
  const machine = firmware(WAITS, {
    realTime: {
      ...turnedClock(),
      outside: {
        open: true,
        get rung() {
          return raise;
        },
        take: () => {
          raise = false;
          machine.raise(3);
        },
      },
      rest: () => {
        raise = true;
      },
    },
  });
  let raise = false;
  t.is(machine.run().outcome.kind, 'exit');
});

test('a clock that jumps ahead: what was missed happens at once, each counted; one that jumps back stands still', (t) => {
  let now = 0;
  let looks = 0;
  const realTime: RealTime = {
    nowNs: () => {
      looks++;
      now += 1000;
      if (looks === 40) now += 60e9; // a minute is gone
      if (looks === 80) now -= 500_000;
      return now;
    },
    rest: () => {},
  };
  const { result, events } = run(SPINS.replace('(i32.const 5)', '(i32.const 20)'), { realTime }, (machine) => {
    machine.at({ kind: 'every', period: duration(10_000_000) }, () => machine.raise(3));
    machine.at({ kind: 'every', period: duration(5_000) }, () => machine.raise(3), { count: 15 });
  });
  const [line] = result.lines;
  t.is(line!.raised, line!.delivered + line!.coalesced + (line!.pending ? 1 : 0));
  t.true(line!.raised >= 6000, 'one each 10 ms of that minute');
  t.true(line!.coalesced >= 5900, 'and most of them became one');
  t.true(result.time >= 60e9);
  const times = events.map(({ time }) => time as number);
  t.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
    'machine time never goes back',
  );
});

for (const [what, options, message] of [
  ['native interrupts on the thread of the caller', { preempt: 'native' }, /on a thread of its own/],
  ['a limit of instructions', { preempt: 'calls', maxInstructions: 5 }, /a limit of instructions with preemption by/],
  ['stacks that park', { preempt: 'calls', stacks: 'jspi' }, /stacks by jspi with preemption by calls/],
] as const) {
  test(`${what} is refused, with what works`, (t) => {
    const error = t.throws(() => firmware(SPINS, { realTime: turnedClock(), ...options }), { message });
    t.regex((error as { advice?: string }).advice ?? '', /safepoints/);
  });
}

test('moments that only rewritten code can tell are refused', (t) => {
  const machine = firmware(CALLS, { realTime: turnedClock(), preempt: 'calls' });
  t.throws(() => machine.raise(3, { kind: 'instruction', count: 5 }), { message: /instruction counts with/ });
  t.throws(() => machine.raise(3, { kind: 'function', name: 'main', entry: 1 }), { message: /entries of main with/ });
});
