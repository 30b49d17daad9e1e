/** Functions that are not re-entrant run uninterrupted, and what waited for them comes soon after. */
import test from 'ava';
import { duration } from '../../src/clock/instant.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import { NS_PER_CYCLE, run } from './firmware.ts';

/** `busy` counts how deep the masked function is; a handler that sees it above 0 says so at address 4. */
const SOURCE = `(module (import "host" "call" (func $call)) (memory (export "memory") 1)
  (func $masked (param $n i32) (local $i i32)
    (i32.store (i32.const 0) (i32.const 1))
    (loop $work
      (call $inner) (call $call)
      (br_if $work (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (i32.store (i32.const 0) (i32.const 0)))
  (func $inner (local $i i32)
    (loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20)))))
  (func (export "IRQ3_Handler")
    (i32.store (i32.const 4) (i32.or (i32.load (i32.const 4)) (i32.load (i32.const 0))))
    (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1))))
  (func (export "_start") (local $i i32)
    (loop $again (call $masked (i32.const 10)) (call $inner)
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 30))))))`;

const OPTIONS: MachineOptions = {
  ...NS_PER_CYCLE,
  imports: { host: { call: { signature: '>', call: () => {} } } },
  maskFunction: (name) => name === 'masked',
};

const often = (machine: Machine) => machine.raise(3, { kind: 'every', period: duration(333) });

test('the loops of a masked function are not interrupted, and the interrupts come afterwards', (t) => {
  const flat = SOURCE.replace('(call $inner) (call $call)', '');
  const { result, u32 } = run(
    flat.replace('(i32.const 10)) (call $inner)', '(i32.const 200)) (call $inner)'),
    OPTIONS,
    often,
  );
  t.is(result.exitCode, 0);
  t.is(u32(4), 0);
  t.true(u32(8) > 20);
});

test('a handler that has to wait comes within a few hundred instructions of the end of the masked function', (t) => {
  const flat = SOURCE.replace('(call $inner) (call $call)', '').replace(
    '(i32.const 10)) (call $inner)',
    '(i32.const 2000)) (call $spin)',
  );
  const source = flat.replace(
    '(func $inner',
    '(func $spin (local $i i32) (loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2000))))) (func $inner',
  );
  const { events } = run(source, OPTIONS, (machine) => machine.raise(3, { kind: 'function', name: 'spin', entry: 1 }));
  t.true(events.some(({ kind }) => kind === 'enter'));
  const late = run(source, OPTIONS, (machine) => machine.raise(3, 100)).events;
  const enter = late.find(({ kind }) => kind === 'enter')!;
  const probe = events.find(({ kind }) => kind === 'enter')!;
  t.true(
    enter.instructions >= probe.instructions - 20 && enter.instructions <= probe.instructions + 400,
    `${enter.instructions} after ${probe.instructions}`,
  );
});

test('an interrupt asked for at the entry of a masked function waits until no such function runs', (t) => {
  const { u32, show } = run(
    SOURCE.replace('(call $inner) (call $call)', '(call $masked_inner)').replace(
      '(func $inner',
      '(func $masked_inner) (func $inner',
    ),
    { ...OPTIONS, maskFunction: (name) => name.startsWith('masked') },
    (machine) => machine.raise(3, { kind: 'function', name: 'masked_inner', entry: 5 }),
  );
  t.is(u32(4), 0);
  t.deepEqual(show('pend', 'enter'), ['pend IRQ3 injection', 'enter IRQ3 0 1']);
});
