/**
 * Where nobody listens, a handler on whose return nothing hangs returns without the host being told (scheduler/quiet-return.ts).
 * What does hang on one happens at once all the same, and what is left of a run is what is left of one that is listened to.
 */
import test from 'ava';
import fc from 'fast-check';
import type { Machine } from '../../src/machine/machine.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import type { Script } from '../../src/machine/script.ts';
import { eventsOf, firmware, NS_PER_CYCLE, run } from './firmware.ts';
import { handler, irq, module, start } from './irq-firmware.ts';

/** Bytes 8… are what the guest writes down, one after the other. */
const noteOf = (value: string) =>
  `(i32.store8 (i32.add (i32.const 8) (i32.load (i32.const 4))) ${value})
   (i32.store (i32.const 4) (i32.add (i32.load (i32.const 4)) (i32.const 1)))`;
const note = (value: number) => noteOf(`(i32.const ${value})`);
const work = (rounds: number) => `(call $work (i32.const ${rounds}))`;
const WORK = `(func $work (param $left i32)
  (loop $l (br_if $l (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))`;

/** A module that catches signal 10 once `CATCH` was done, and can block it. */
const withSignals = (source: string, caught = note(9)) =>
  module(`(table (export "__indirect_function_table") 2 funcref) (elem (i32.const 1) $caught)
    (func $caught (param $signal i32) ${caught}) ${source}`).replace(
    '(module',
    `(module (import "test" "both" (func $both))
      (import "wirq/signal" "sigprocmask" (func $sigprocmask (param i32 i32 i32) (result i32)))
      (import "wirq/signal" "sigaction" (func $sigaction (param i32 i32 i32) (result i32)))
      (import "wirq/signal" "sigpending" (func $sigpending (param i32) (result i32)))
      (import "wirq/signal" "setitimer" (func $setitimer (param i32 i32 i32) (result i32)))
      (import "wirq/signal" "raise" (func $raise (param i32) (result i32)))`,
  );
const CATCH = `(i32.store (i32.const 256) (i32.const 512)) (i32.store (i32.const 300) (i32.const 1))
  (drop (call $sigaction (i32.const 10) (i32.const 300) (i32.const 0)))`;
/** The same for another signal than 10. */
const catchToo = (signal: number) => `(drop (call $sigaction (i32.const ${signal}) (i32.const 300) (i32.const 0)))`;
const raise = (signal = 10) => `(drop (call $raise (i32.const ${signal})))`;
/** Notes the second byte of the mask: 2 where 10 is blocked. */
const noteMask = `(drop (call $sigprocmask (i32.const 0) (i32.const 0) (i32.const 400)))
  ${noteOf('(i32.load8_u (i32.const 401))')}`;
/** The same of what is pending. */
const notePending = `(drop (call $sigpending (i32.const 408))) ${noteOf('(i32.load8_u (i32.const 409))')}`;
/** From here on `mask` is of that too. */
const BLOCK_34 = '(i32.store (i32.const 260) (i32.const 2))';
const mask = (how: 0 | 1) => `(drop (call $sigprocmask (i32.const ${how}) (i32.const 256) (i32.const 0)))`;
const BOTH = { imports: { test: { both: { signature: '>', call: () => both() } } } };
let both = () => {};

interface Case {
  readonly source: string;
  readonly notes: readonly number[];
  readonly options?: MachineOptions;
  readonly prepare?: (machine: Machine) => void;
  readonly script?: (machine: Machine) => Script;
}

const PRIORITIES = { irqs: { LOW: { line: 3, priority: 9 }, HIGH: { line: 4, priority: 1 } } };

const cases: Record<string, Case> = {
  'the guest goes on': {
    source: module(`${WORK} ${handler('IRQ3_Handler', note(1))}
      ${start(irq('set_pending', 3), note(2), work(50), irq('set_pending', 3), note(3), work(20))}`),
    notes: [1, 2, 1, 3],
  },
  'a handler pends one that has to wait for its end': {
    source: module(`${handler('IRQ4_Handler', irq('set_pending', 3), note(1))} ${handler('IRQ3_Handler', note(2))}
      ${start(irq('set_pending', 4), note(3))}`),
    notes: [1, 2, 3],
    options: PRIORITIES,
  },
  'one waits already when a more urgent one begins': {
    source: module(`${handler('IRQ4_Handler', note(1))} ${handler('IRQ3_Handler', note(2))}
      ${start('(drop (call $set_primask (i32.const 1)))', irq('set_pending', 3), irq('set_pending', 4), '(drop (call $set_primask (i32.const 0)))', note(3))}`),
    notes: [1, 2, 3],
    options: PRIORITIES,
  },
  'one interrupts another, which goes on': {
    source: module(`${WORK} ${handler('IRQ4_Handler', note(1), work(30))}
      ${handler('IRQ3_Handler', irq('set_pending', 4), note(2), work(70))}
      ${start(irq('set_pending', 3), note(3), irq('set_pending', 3), note(4))}`),
    notes: [1, 2, 3, 1, 2, 4],
    options: PRIORITIES,
  },
  'an event comes by while a handler works': {
    source: module(`${WORK} ${handler('IRQ3_Handler', work(400), note(1))} ${handler('IRQ4_Handler', note(2))}
      ${start(irq('set_pending', 3), note(3), work(3000), note(4))}`),
    notes: [2, 2, 1, 3, ...new Array(15).fill(2), 4],
    options: PRIORITIES,
    prepare: (machine) => machine.raise(4, { kind: 'every', period: 1000 as never }),
  },
  'events come by while a handler works that passes no safepoint': {
    source: module(`${handler('IRQ3_Handler', note(1).repeat(9))}
      ${handler('IRQ4_Handler', note(2))} ${handler('IRQ5_Handler', note(3))} ${handler('IRQ6_Handler', note(4))}
      ${start(irq('set_pending', 3), note(5))}`),
    notes: [...new Array(9).fill(1), 2, 3, 4, 5],
    prepare: (machine) => {
      for (const line of [4, 5, 6]) machine.raise(line, { kind: 'time', at: 90 as never });
    },
  },
  'the thread is to sleep when a handler returns': {
    source:
      module(`${WORK} ${handler('IRQ4_Handler', note(1), '(drop (call $set_scr (i32.const 0)))')} ${handler('IRQ3_Handler', note(2))}
      ${start('(drop (call $set_scr (i32.const 2)))', irq('set_pending', 3), note(3))}`),
    notes: [2, 1, 3],
    prepare: (machine) => machine.raise(4, { kind: 'time', at: 5000 as never }),
  },
  'a handler unblocks a signal': {
    source: withSignals(`${handler('IRQ3_Handler', mask(1), note(1))}
      ${start(CATCH, mask(0), '(drop (call $raise (i32.const 10)))', note(2), irq('set_pending', 3), note(3))}`),
    notes: [2, 1, 9, 3],
  },
  'a signal came together with the interrupt': {
    source: withSignals(`${WORK} ${handler('IRQ3_Handler', note(1))}
      ${start(CATCH, '(call $both)', note(2), work(50), note(3))}`),
    notes: [1, 9, 2, 3],
    prepare: (machine) => {
      both = () => {
        machine.raise(3);
        machine.signal(10);
      };
    },
  },
  'a signal was raised, and the guest goes on': {
    source: withSignals(`${WORK} ${start(CATCH, raise(), note(1), work(50), raise(), noteMask, work(9), noteMask)}`),
    notes: [9, 1, 9, 0, 0],
  },
  'what its handler blocked besides is open again': {
    source: withSignals(
      `${start(CATCH, catchToo(14), noteMask, raise(14), noteMask, raise(), noteMask)}`,
      `${mask(0)} ${noteMask}`,
    ),
    notes: [0, 34, 0, 2, 0], // 32 is signal 14
  },
  'what its handler blocked, it also raises': {
    source: withSignals(
      `${start(CATCH, catchToo(14), raise(14), note(1), noteMask)}`,
      `${note(2)} (if (i32.eq (local.get $signal) (i32.const 14)) (then ${mask(0)} ${raise()} ${note(3)}))`,
    ),
    notes: [2, 3, 2, 1, 0],
  },
  'a signal waits for the end of one before it in the queue': {
    source: withSignals(
      start(CATCH, catchToo(34), BLOCK_34, mask(0), raise(34), raise(34), note(1), mask(1), note(2), noteMask),
      noteOf('(local.get $signal)'),
    ),
    notes: [1, 34, 34, 2, 0],
  },
  'a signal waits for the end of one that began above it': {
    source: withSignals(
      start(CATCH, catchToo(34), BLOCK_34, mask(0), raise(34), raise(), note(1), mask(1), note(2), noteMask),
      noteOf('(local.get $signal)'),
    ),
    notes: [1, 34, 10, 2, 0],
  },
  'a timer sends signals, and an interrupt comes into their handlers': {
    source: withSignals(
      `${WORK} ${handler('IRQ3_Handler', note(3))}
      ${start(CATCH, catchToo(14), '(i64.store (i32.const 520) (i64.const 1))', '(i64.store (i32.const 536) (i64.const 1))', '(drop (call $setitimer (i32.const 0) (i32.const 512) (i32.const 0)))', work(1000), note(1), noteMask)}`,
      `${note(2)} ${irq('set_pending', 3)} ${work(30)} ${note(4)}`,
    ),
    notes: [2, 3, 4, 2, 3, 4, 2, 3, 4, 2, 3, 4, 2, 3, 4, 1, 0],
  },
  'a signal comes into the handler of another, and both return': {
    source: withSignals(
      `${WORK} ${start(CATCH, catchToo(14), raise(14), note(1), noteMask, work(20), noteMask)}`,
      `${note(2)} (if (i32.eq (local.get $signal) (i32.const 14)) (then ${raise()} ${noteMask})) ${note(3)}`,
    ),
    notes: [2, 2, 3, 32, 3, 1, 0, 0],
  },
  'a trap comes after a signal': {
    source: withSignals(`${WORK} ${start(CATCH, raise(), work(60), note(2), 'unreachable')}`),
    notes: [9, 2],
  },
  'somebody waits for the interrupt': {
    source: module(`${WORK} ${handler('IRQ3_Handler', note(1))} ${handler('IRQ4_Handler', note(2))}
      ${start(irq('set_pending', 3), note(3), work(50), note(4))}`),
    notes: [1, 2],
    script: function* (machine) {
      yield machine.untilDelivered(3, 1, { timeout: '1ms' });
      machine.raise(4);
      yield machine.untilDelivered(4, 1, { timeout: '1ms' });
    },
  },
  'a trap comes after it': {
    source: module(
      `${WORK} ${handler('IRQ3_Handler', note(1))} ${start(irq('set_pending', 3), work(60), note(2), 'unreachable')}`,
    ),
    notes: [1, 2],
  },
  'a trap comes in it': {
    source: module(`${WORK} ${handler('IRQ3_Handler', note(1), work(40), 'unreachable')}
      ${handler('HardFault_Handler', note(2), work(9), irq('set_pending', 4))} ${handler('IRQ4_Handler', note(3))}
      ${start(irq('set_pending', 3), note(4))}`),
    notes: [1, 2],
  },
};

for (const [what, { source, notes, options = {}, prepare = () => {}, script }] of Object.entries(cases)) {
  test(`with and without listeners: ${what}`, (t) => {
    const all = { ...NS_PER_CYCLE, maxInstructions: 100_000, ...BOTH, ...options };
    const [heard, unheard] = [true, false].map((listen) => {
      const machine = firmware(source, all);
      if (listen) eventsOf(machine);
      prepare(machine);
      return { machine, result: machine.run(script && (() => script(machine))) };
    });
    t.deepEqual(unheard!.result, heard!.result);
    for (const { machine: each } of [heard!, unheard!]) {
      const [count] = each.readMemory(4, 1);
      t.deepEqual([...each.readMemory(8, count!)], notes);
    }
  });
}

const bodies = (maxLength: number) =>
  fc
    .array(
      fc.oneof(
        fc.constantFrom(10, 14, 34).map(raise),
        fc.constantFrom(mask(0), mask(1), noteMask, notePending, irq('set_pending', 3), irq('set_pending', 4)),
        fc.integer({ min: 1, max: 400 }).map(work),
      ),
      { maxLength },
    )
    .map((body) => body.join('\n'));

const programs = fc.record({
  main: bodies(12),
  on10: bodies(4),
  on14: bodies(4),
  on34: bodies(4),
  low: bodies(4),
  high: bodies(4),
  ticks: fc.boolean(),
});

test('with and without listeners: whatever is raised, masked and pended, in handlers and elsewhere', (t) => {
  /** Handlers do something only so many times, or they would for ever. */
  const sometimes = (body: string) => `(global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (if (i32.lt_u (global.get $calls) (i32.const 12)) (then ${body}))`;
  const of = (signal: number, body: string) =>
    `(if (i32.eq (local.get $signal) (i32.const ${signal})) (then ${body} ${note(signal)}))`;
  const tick = `(i64.store (i32.const 520) (i64.const 1)) (i64.store (i32.const 536) (i64.const 1))
    (drop (call $setitimer (i32.const 0) (i32.const 512) (i32.const 0)))`;
  const options = { ...NS_PER_CYCLE, maxInstructions: 100_000, ...BOTH, ...PRIORITIES };
  fc.assert(
    fc.property(programs, ({ main, on10, on14, on34, low, high, ticks }) => {
      const source = withSignals(
        `(global $calls (mut i32) (i32.const 0)) ${WORK}
        ${handler('IRQ3_Handler', sometimes(`${note(3)} ${low}`))} ${handler('IRQ4_Handler', sometimes(`${note(4)} ${high}`))}
        ${start(CATCH, catchToo(14), catchToo(34), BLOCK_34, ticks ? tick : '', main, work(900), noteMask)}`,
        sometimes(of(10, on10) + of(14, on14) + of(34, on34)),
      );
      const [heard, unheard] = [true, false].map((listen) => {
        const machine = firmware(source, options);
        if (listen) eventsOf(machine);
        const result = machine.run();
        return { result, notes: [...machine.readMemory(4, 252)] };
      });
      t.deepEqual(unheard, heard);
    }),
    { numRuns: 150 },
  );
});

/** Its handler writes over the bottom of its stack. */
const OVERRUN = `(module
  (import "wirq/irq" "set_pending" (func $set_pending (param i32)))
  (memory (export "memory") 1) (global $__stack_pointer (mut i32) (i32.const 4096))
  (global (export "wirq_handler_stack") i32 (i32.const 8192)) (data (i32.const 8192) "\\00\\04\\00\\00")
  ${WORK}
  (func (export "IRQ3_Handler") (memory.fill (i32.const 8192) (i32.const 1) (i32.const 64)))
  (func (export "run") (call $set_pending (i32.const 3)) ${work(500)}))`;

test('a handler stack that was overrun ends the run where the handler returned, though that is noticed later', (t) => {
  const options = { ...NS_PER_CYCLE, invoke: 'run', args: [] };
  const heard = run(OVERRUN, options).result;
  const unheard = firmware(OVERRUN, options).run();
  t.is(unheard.outcome.kind === 'trap' ? unheard.outcome.message : '', 'a handler overran its stack of 1024 bytes');
  t.deepEqual([unheard.instructions, unheard.time, unheard.lines], [heard.instructions, heard.time, heard.lines]);
});
